"""/profile: a member's own profile in a form, their yes to what it shows to whom, pausing, and leaving."""

from __future__ import annotations

from collections.abc import Mapping

from bot.handlers import forms
from bot.members import rules, service, texts
from bot.messages import Ask, Reply
from bot.services import Services
from digests.calendar import london_day

_SEVERAL_LINES = ("can_help", "avoid")


async def show(ask: Ask, services: Services) -> Reply:
    """/profile: how the member stands, with what they can do about it."""
    async with services.store.read() as uow:
        stands = await service.standing(uow, ask.identity)
    message = texts.page(
        stands.profile,
        services.topics,
        london_day(services.clock.now()),
        kept=bool(stands.typed),
        asked=stands.application is not None,
        invited=stands.invited,
    )
    return Reply((message,))


async def edit(ask: Ask, services: Services) -> Reply:
    """Change it…: the form, with what was typed last or the profile as it stands."""
    async with services.store.read() as uow:
        stands = await service.standing(uow, ask.identity)
        member = await uow.members.find(ask.identity)
    name = ask.identity.name or (member.name if member else "")
    note = forms.KEPT_TYPING.strip() if stands.typed else ""
    typed = service.to_fill_in(stands, name, london_day(services.clock.now()))
    return Reply(form=texts.form(typed, services.topics, note=note, value=str(stands.revision)))


async def submit(ask: Ask, services: Services) -> Reply:
    """The form was sent: what was typed is kept, and shown as others would see it."""
    typed = read(ask.fields)
    kept = await service.keep(services, ask.identity, typed, ask.value)
    if isinstance(kept, service.Draft):
        return Reply((texts.preview(kept.profile, services.topics, kept.mark, may_join=kept.may_join),))
    return Reply(errors=kept)


def read(fields: Mapping[str, str]) -> dict[str, str]:
    """What was typed, tidied."""
    return {
        name: (forms.tidy_text if name in _SEVERAL_LINES else forms.tidy_line)(fields.get(name, ""))
        for name in rules.NAMES
    }


async def agree(ask: Ask, services: Services) -> Reply:
    """Yes, I agree: to exactly what was shown with this button."""
    try:
        outcome, profile = await service.agree(services, ask.identity, ask.value)
    except service.ShownAnew as anew:
        draft = anew.draft
        again = texts.preview(
            draft.profile, services.topics, draft.mark, may_join=draft.may_join, note=texts.CHANGED_SINCE
        )
        return Reply((again,))
    if outcome is service.Outcome.ASKED:
        return Reply((texts.ASKED,))
    return Reply((texts.agreed(profile, first=outcome is service.Outcome.JOINED),))


async def discard(ask: Ask, services: Services) -> Reply:
    """Throw it away."""
    return Reply((texts.DISCARDED if await service.discard(services, ask.identity) else texts.NOTHING_TYPED,))


async def pause(ask: Ask, services: Services) -> Reply:
    """Pause, by button or /profile pause."""
    profile = await service.rest(services, ask.identity, pause=True)
    if profile is None or profile.snoozed_until is None:
        return Reply((texts.NOT_IN_NOW,))
    return Reply((texts.paused(profile.snoozed_until),))


async def resume(ask: Ask, services: Services) -> Reply:
    """I can be asked again."""
    profile = await service.rest(services, ask.identity, pause=False)
    return Reply((texts.RESUMED if profile else texts.NOT_IN_NOW,))


async def leave(ask: Ask, services: Services) -> Reply:
    """Leave the directory, by button or /profile leave."""
    left = await service.leave(services, ask.identity)
    said = {
        service.Leaving.DIRECTORY: texts.LEFT,
        service.Leaving.APPLICATION: texts.REQUEST_TAKEN_BACK,
        service.Leaving.NOTHING: texts.NOT_IN_NOW,
    }
    return Reply((said[left],))
