"""What members suggest on its way through the editions: brought before the editors, and told what became of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot.messages import to_json
from bot.ports import UnitOfWork
from bot.services import Services
from bot.suggestion_texts import became
from digests import suggestions
from digests.model import Delivery, Edition, Suggestion, SuggestionState
from digests.suggestions import Fate, Suggested
from digests.told import Earlier

PURPOSE = "suggestion"
_LIVE = (SuggestionState.OPEN, SuggestionState.USED)


async def suggested_for(uow: UnitOfWork, services: Services, edition: Edition) -> tuple[Suggested, ...]:
    """What members suggest for an edition and has not been declined, by page."""
    live = [each for each in await uow.suggestions.of_edition(edition.id) if each.state in _LIVE]
    names: dict[str, str] = {}
    for member_id in dict.fromkeys(each.member_id for each in live):
        member = await uow.members.get(member_id)
        if member is not None:
            names[member_id] = member.name
    if not live:
        return ()
    earlier = await services.told.index(uow)
    return tuple(_with_telling(each, earlier, edition) for each in suggestions.grouped(live, names))


def _with_telling(suggested: Suggested, earlier: Earlier, edition: Edition) -> Suggested:
    lead = suggested.lead
    told = earlier.of_link(lead.url, lead.title, lead.publisher, edition.due_on)
    return replace(suggested, told=told) if told is not None and told.edition_id != edition.id else suggested


async def bring_to_draft(uow: UnitOfWork, edition: Edition, earlier: Iterable[Edition], now: datetime) -> None:
    """Bring what is still open before the editors of a draft that has just been made. The caller commits.

    ``earlier`` are the editions before it, in their present states.
    """
    live = await uow.suggestions.in_state(*_LIVE)
    before = {each.id: each for each in live}
    closed = {each.id: each.state for each in earlier}
    for after, fate in suggestions.for_new_draft(edition.id, live, closed, now):
        await settle(uow, before[after.id], after, fate, edition, now)


async def note_published(uow: UnitOfWork, edition: Edition, now: datetime) -> None:
    """Tell members that what they suggested is out, or was taken out in the end. The caller commits."""
    of_edition = await uow.suggestions.of_edition(edition.id)
    before = {each.id: each for each in of_edition}
    for after, fate in suggestions.once_published(edition, of_edition, now):
        await settle(uow, before[after.id], after, fate, edition, now)


async def settle(
    uow: UnitOfWork, before: Suggestion, after: Suggestion, fate: Fate | None, edition: Edition | None, now: datetime
) -> None:
    """Store a suggestion as it now is and, with a fate, tell its member; nothing where somebody else came first."""
    changed = await uow.suggestions.change(after, before.state)
    if changed and fate is not None:
        key = f"{PURPOSE}:{after.id}:{fate.value}"
        await uow.deliveries.add([Delivery(key, PURPOSE, after.account, to_json(became(after, fate, edition)), now)])
