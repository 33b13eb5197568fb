"""What is decided about the links that members suggest: how many, which belong together, and what becomes of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from digests.adding import address_key
from digests.links import links_of
from digests.model import Content, Edition, EditionState, Suggestion, SuggestionState
from digests.told import Told

MOST_A_DAY = 10
"""So many links one member may suggest within 24 hours."""
WHY_AT_MOST = 500
REASON_AT_MOST = 500
# An edition went out without it, and the next one too: then it has had its chance.
CARRIED_AT_MOST = 1

WITHIN = timedelta(days=1)


class Fate(StrEnum):
    """What a member is told of a suggestion, each at most once."""

    ADDED = "added"  # to a draft
    PUBLISHED = "published"
    CARRIED = "carried"  # to the next edition
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Suggested:
    """What several members suggest at one address, as one. ``by`` is who and why, in the order in which they came.

    ``told`` is the earlier edition in which it stood, if any.
    """

    lead: Suggestion
    by: tuple[tuple[str, str], ...]
    told: Told | None = None

    @property
    def key(self) -> str:
        """What the addresses of one page have in common."""
        return address_key(self.lead.url)

    @property
    def credit(self) -> str:
        """Who suggested it and why, for the editors."""
        said = "; ".join(f"{name}: “{why}”" if why else name for name, why in self.by)
        return f"suggested by {said}"


def may_suggest_again(recent: Sequence[Suggestion], now: datetime) -> datetime | None:
    """When a member may suggest the next link, where they have reached :data:`MOST_A_DAY`; None where they may now.

    ``recent`` is what they have suggested, oldest first.
    """
    today = [each for each in recent if each.suggested_at > now - WITHIN]
    return today[-MOST_A_DAY].suggested_at + WITHIN if len(today) >= MOST_A_DAY else None


def grouped(suggestions: Iterable[Suggestion], names: Mapping[str, str]) -> tuple[Suggested, ...]:
    """The suggestions by page, oldest first. ``names`` are the members', by their ids.

    The first one that knows the page's title speaks for all.
    """
    together: dict[str, list[Suggestion]] = {}
    for each in suggestions:
        together.setdefault(address_key(each.url), []).append(each)
    return tuple(
        Suggested(
            next((each for each in same if each.title), same[0]),
            tuple((names.get(each.member_id, "a former member"), each.why) for each in same),
        )
        for same in together.values()
    )


def is_in(content: Content, suggestion: Suggestion) -> bool:
    """Whether an edition links what was suggested."""
    return address_key(suggestion.url) in {address_key(url) for url in links_of(content)}


def once_published(
    edition: Edition, suggestions: Iterable[Suggestion], now: datetime
) -> Iterator[tuple[Suggestion, Fate]]:
    """What becomes of suggestions when the edition that they were made for is out: as they are then, and the fate.

    What was in the draft and was taken out again is declined. What nobody has decided on stays as it is.
    """
    for each in suggestions:
        if each.state not in (SuggestionState.OPEN, SuggestionState.USED):
            continue
        if is_in(edition.content, each):
            yield replace(each, state=SuggestionState.USED, settled_at=now), Fate.PUBLISHED
        elif each.state is SuggestionState.USED:
            yield replace(each, state=SuggestionState.DECLINED, settled_at=now), Fate.DECLINED


def for_new_draft(
    edition_id: str, suggestions: Iterable[Suggestion], closed: Mapping[str, EditionState], now: datetime
) -> Iterator[tuple[Suggestion, Fate | None]]:
    """What becomes of open and used suggestions when a new draft is made; the fate where its member is to hear of it.

    ``closed`` are the states of the editions before it. An open one whose edition went out is carried over, once;
    after that it expires. One whose edition lapsed, was skipped or merged, or never came to be, comes along without a
    word, for nothing was published that it is missing from: a used one is open again then.
    """
    for each in suggestions:
        if each.edition_id == edition_id:
            continue
        before = closed.get(each.edition_id)
        went_out = before in (EditionState.APPROVED, EditionState.PUBLISHED, EditionState.WITHDRAWN)
        if each.state is SuggestionState.USED:
            if before in (EditionState.LAPSED, EditionState.SKIPPED, EditionState.MERGED):
                yield replace(each, state=SuggestionState.OPEN, edition_id=edition_id, settled_at=None), None
        elif each.state is not SuggestionState.OPEN:
            continue
        elif not went_out:
            yield replace(each, edition_id=edition_id), None
        elif each.carried < CARRIED_AT_MOST:
            yield replace(each, edition_id=edition_id, carried=each.carried + 1), Fate.CARRIED
        else:
            yield replace(each, state=SuggestionState.EXPIRED, settled_at=now), Fate.DECLINED


def waiting(content: Content, suggested: Sequence[Suggested]) -> tuple[Suggested, ...]:
    """The suggestions that the editors have still to decide on: those that the edition does not link."""
    linked = {address_key(url) for url in links_of(content)}
    return tuple(each for each in suggested if each.key not in linked)


def credits_of(suggested: Iterable[Suggested], urls: Collection[str]) -> str:
    """Who suggested what stands at these addresses; empty where nobody did."""
    keys = {address_key(url) for url in urls}
    return " · ".join(each.credit for each in suggested if each.key in keys)
