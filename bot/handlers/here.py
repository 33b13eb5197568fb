"""/convenor here: says what this channel is for."""

from __future__ import annotations

from bot import channels
from bot.handlers import published
from bot.messages import Ask, Message, Reply, bold, code, say
from bot.ports import Binding, Purpose
from bot.privacy import audit
from bot.services import Services

MEANINGS = {
    Purpose.DIGEST: "the digest is posted here",
    Purpose.EDITORS: "drafts come here for editing and approval",
    Purpose.COORDINATORS: "requests for introductions come here",
}

HOW = say(
    "Write ", code("/convenor here digest"), ", ", code("/convenor here editors"), " or ",
    code("/convenor here coordinators"), " in the channel that it is about; ", code("/convenor here nothing"),
    " takes it back.",
)  # fmt: skip

NOT_IN_A_CHANNEL = say(
    "This is a private conversation, not a channel, so nothing was changed. Please say it in the channel that it is "
    "about. I need to be a member of that channel to post there."
)

UNBOUND = say("This channel is no longer used for anything of mine.")
WAS_UNBOUND = say("This channel was not used for anything of mine. Nothing was changed.")


def bound(purpose: Purpose) -> Message:
    """A channel has a purpose now."""
    return say("This channel is set: ", bold(MEANINGS[purpose]), ".")


def bound_already(purpose: Purpose) -> Message:
    """It had it."""
    return say("It was set like this already: ", bold(MEANINGS[purpose]), ". Nothing was changed.")


def present(bindings: list[Binding]) -> Message:
    """What this channel is for."""
    if not bindings:
        return say("This channel is not used for anything yet. ", *HOW.blocks[0].text)  # type: ignore[union-attr]
    meanings = "; ".join(MEANINGS[binding.purpose] for binding in bindings)
    return say("In this channel, ", bold(meanings), ". ", code("/convenor here nothing"), " takes that back.")


async def here(ask: Ask, services: Services) -> Reply:
    """/convenor here [digest|editors|coordinators|nothing]."""
    if ask.address is None or not ask.address.channel:
        return Reply((NOT_IN_A_CHANNEL,))
    wish = ask.words.strip().lower()
    if not wish:
        async with services.store.read() as uow:
            return Reply((present(list(await uow.channels.of(ask.address))),))
    if wish == "nothing":
        async with services.store.begin() as uow:
            gone = await channels.unbind(uow, services, ask.address, services.clock.now())
            if gone:
                await audit.note(
                    uow, ask.identity, "unbound a channel", audit.channel_subject(ask.address), services.clock.now()
                )
            await uow.commit()
        services.wake()
        return Reply((UNBOUND if gone else WAS_UNBOUND,))
    if wish not in {purpose.value for purpose in Purpose}:
        return Reply((HOW,))
    purpose = Purpose(wish)
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(ask.identity, now)
        new = await channels.bind(uow, services, Binding(ask.address, purpose, member.id, now))
        if new:
            await uow.audit.note(
                member.id, f"bound a channel for {purpose.value}", audit.channel_subject(ask.address), now
            )
        await uow.commit()
    services.wake()
    offered = await published.offers(services, ask.address) if purpose is Purpose.DIGEST else ()
    return Reply((bound(purpose) if new else bound_already(purpose), *offered))
