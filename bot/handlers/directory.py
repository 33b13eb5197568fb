"""What coordinators do with the directory: invite, let in whoever asks, and hand it over."""

from __future__ import annotations

from bot.handlers.forms import too_long
from bot.members import cards, codes, handover, joining
from bot.members import joining_texts as texts
from bot.messages import Ask, File, Message, Reply
from bot.services import Services
from config.mail import is_mail_address
from digests.calendar import london_day
from digests.model import Address


async def invite(ask: Ask, services: Services) -> Reply:
    """/convenor invite @name, or an address, or nothing for a code to pass on."""
    named = [ask.mentions[word] for word in ask.words.split() if word in ask.mentions]
    words = ask.words.strip()
    if named and len(ask.words.split()) == 1:
        to: Address | None = named[0].address
    elif is_mail_address(words):
        if not services.can_mail:
            return Reply((texts.NO_MAIL,))
        to = Address(joining.MAIL, "", user=words)
    elif words:
        return Reply((texts.HOW_TO_INVITE,))
    else:
        to = None
    now = services.clock.now()
    async with services.store.begin() as uow:
        made = await joining.invite(uow, services, ask.identity, to)
        await uow.commit()
    services.wake()
    until = london_day(now + codes.INVITATION_LASTS)
    if to is None:
        return Reply((texts.code_to_pass_on(made.words, until),))
    return Reply((texts.invited(named[0].name or words if named else words, until),))


async def let_in(ask: Ask, services: Services) -> Reply:
    """Let them in."""
    member_id, _, revision = ask.value.partition(":")
    return Reply((await cards.decide(services, ask.identity, member_id, revision, let_in=True),))


async def not_let_in(ask: Ask, services: Services) -> Reply:
    """Not this time."""
    member_id, _, revision = ask.value.partition(":")
    return Reply((await cards.decide(services, ask.identity, member_id, revision, let_in=False),))


async def export(ask: Ask, services: Services) -> Reply:
    """/convenor members export: what coordinators see of everybody, as a file, and a line in the audit log."""
    now = services.clock.now()
    people = await handover.export(services, ask.identity)
    file = File(f"directory-{london_day(now).isoformat()}.csv", handover.as_csv(people))
    message = Message(texts.EXPORTED, (*texts.exported(len(people)).blocks, file))
    return Reply((message,))


async def import_form(ask: Ask, services: Services) -> Reply:
    """/convenor members import: the form in which a list is pasted."""
    return Reply(form=texts.list_form())


async def import_list(ask: Ask, services: Services) -> Reply:
    """A list was pasted: an invitation for each line that can be taken, and a word on each that cannot."""
    lines = ask.fields.get("people", "").strip().splitlines(keepends=True)
    if sum(map(len, lines)) > texts.LIST_AT_MOST:
        return Reply(errors={"people": too_long(texts.LIST_AT_MOST)})
    rows = await handover.invite_all(services, lines, ask.identity) if lines else []
    wrong = [(row.number, row.wrong) for row in rows if row.wrong]
    if len(wrong) == len(rows):
        return Reply(errors={"people": texts.not_taken(wrong)})
    by_hand = [(handover.as_written(row.to), row.words) for row in rows if row.words and row.to]
    return Reply(texts.list_done(len(rows) - len(wrong), wrong, by_hand))
