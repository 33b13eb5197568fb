"""Decides what one fetch brought: which items are new, which changed, and when to look again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from digests import dates
from digests.identity import canonical_url, is_govuk, kind_of_url, split_prefix
from digests.model import (
    Change,
    FeedEntry,
    Fetch,
    FetchResult,
    Item,
    ItemRevision,
    Kind,
    Outcome,
    Source,
    SourceState,
    item_id,
)

INTERVAL = timedelta(hours=1)
"""How long after a good fetch a source is due again."""
FIRST_BACK_OFF = timedelta(minutes=15)
LONGEST_BACK_OFF = timedelta(hours=24)
EARLIEST_DATE = datetime(1990, 1, 1, tzinfo=UTC)
"""Dates before this, or more than a day ahead, are mistakes of the feed and count as missing."""

_LONDON = ZoneInfo("Europe/London")
_TITLE_FROM_SUMMARY = 100
_ELLIPSES = ("…", "...")
_CONSULTATIONS = (Kind.CONSULTATION, Kind.CALL_FOR_EVIDENCE)


@dataclass(frozen=True, slots=True)
class Intake:
    """What one fetch brought, and what to remember of it.

    ``same`` counts entries that told us nothing new. ``refused`` names entries that cannot become items: title, why.
    """

    new: tuple[Item, ...]
    changed: tuple[ItemRevision, ...]
    same: int
    refused: tuple[tuple[str, str], ...]
    state: SourceState
    fetch: Fetch


@dataclass(frozen=True, slots=True)
class _Reading:
    """A feed entry as we understand it. ``named_kind`` is the kind that its title prefix named, if any."""

    url: str
    title: str
    summary: str
    named_kind: Kind | None
    stage: str
    published_at: datetime | None
    updated_at: datetime | None

    @property
    def dated(self) -> datetime | None:
        return self.published_at or self.updated_at


def addresses(result: FetchResult) -> tuple[str, ...]:
    """The canonical URLs of the entries, each once: what to look up before :func:`decide`."""
    return tuple(dict.fromkeys(url for entry in result.entries if (url := _address(entry))))


def decide(
    source: Source,
    state: SourceState,
    result: FetchResult,
    known: Mapping[str, Item],
    *,
    now: datetime,
    first_pass: bool,
    window_start: datetime | None,
) -> Intake:
    """What this fetch brought, given what we knew.

    ``known`` holds the items under :func:`addresses`, by canonical URL. A source's first good read is background,
    for all of it was there before us; but on the installation's first pass, entries dated from ``window_start``
    until ``now`` are not, so that the first edition has something to say.
    """
    readings, refused = _readings(result, now)
    foreground_from = window_start if first_pass else None
    first_read = state.first_read_at is None
    new: list[Item] = []
    changed: list[ItemRevision] = []
    for reading in readings:
        item = known.get(reading.url)
        if item is None:
            background = first_read and not _is_between(reading.dated, foreground_from, now)
            new.append(_new_item(source, reading, now, background=background))
        elif revision := _revision(item, source, reading, now):
            changed.append(revision)
    return Intake(
        new=tuple(new),
        changed=tuple(changed),
        same=len(readings) - len(new) - len(changed),
        refused=refused,
        state=_next_state(state, result, now),
        fetch=Fetch(
            source_id=source.id,
            started_at=result.started_at,
            finished_at=result.finished_at,
            outcome=result.outcome,
            reason=result.reason,
            status=result.status,
            entries=len(result.entries),
            new=len(new),
            changed=len(changed),
        ),
    )


def next_due(
    outcome: Outcome, *, failures: int, now: datetime, retry_after_seconds: float | None = None
) -> datetime | None:
    """When to look at a source again; None for one that will not come back by itself.

    An hour after a good fetch. After the first failure in a row (``failures=1``) a quarter of an hour, then twice as
    long each time, up to a day. A publisher's Retry-After may lengthen the wait, up to a day.
    """
    if outcome in (Outcome.ENDED, Outcome.GONE):
        return None
    if outcome.is_good or outcome is Outcome.OFFLINE:
        return now + INTERVAL
    doublings = min(max(failures, 1) - 1, 10)
    wait = min(FIRST_BACK_OFF * (1 << doublings), LONGEST_BACK_OFF)
    if retry_after_seconds is not None:
        wished = timedelta(seconds=min(retry_after_seconds, LONGEST_BACK_OFF.total_seconds()))
        wait = max(wait, wished)
    return now + wait


def _next_state(state: SourceState, result: FetchResult, now: datetime) -> SourceState:
    outcome = result.outcome
    fails = not outcome.is_good and outcome is not Outcome.OFFLINE
    failures = state.failures + 1 if fails else 0
    state = replace(
        state,
        last_fetch_at=now,
        next_due_at=next_due(outcome, failures=failures, now=now, retry_after_seconds=result.retry_after_seconds),
        failures=failures,
        outcome=outcome,
        reason=result.reason,
        muted=state.muted or outcome in (Outcome.ENDED, Outcome.GONE),
    )
    if outcome.is_good:
        state = replace(state, last_good_at=now)
    if outcome is Outcome.READ:
        return replace(
            state,
            first_read_at=state.first_read_at or now,
            etag=result.etag,
            last_modified=result.last_modified,
        )
    return state


def _readings(result: FetchResult, now: datetime) -> tuple[list[_Reading], tuple[tuple[str, str], ...]]:
    """The entries of a feed that was read, one for each address: of several, the one that was updated last."""
    if result.outcome is not Outcome.READ:
        return [], ()
    by_url: dict[str, _Reading] = {}
    refused: list[tuple[str, str]] = []
    for entry in result.entries:
        url = _address(entry)
        title = entry.title or _cut(entry.summary, _TITLE_FROM_SUMMARY)
        if not url:
            refused.append((title, "It has no address that can be opened, so it cannot be known again or linked to."))
            continue
        if not title:
            refused.append((url, "It has neither a title nor a text."))
            continue
        named_kind, title = split_prefix(title) if is_govuk(url) else (None, title)
        reading = _Reading(
            url=url,
            title=title,
            summary=entry.summary,
            named_kind=named_kind,
            stage=entry.stage,
            published_at=_believable(entry.published, now),
            updated_at=_believable(entry.updated, now),
        )
        held = by_url.get(url)
        if held is None or _is_later(reading, held):
            by_url[url] = reading
    return list(by_url.values()), tuple(refused)


def _address(entry: FeedEntry) -> str:
    """The canonical URL of an entry: its link, or else an id that is an address itself."""
    return canonical_url(entry.link) or canonical_url(entry.id)


def _believable(moment: datetime | None, now: datetime) -> datetime | None:
    if moment is None or not EARLIEST_DATE <= moment <= now + timedelta(days=1):
        return None
    return moment


def _is_later(reading: _Reading, held: _Reading) -> bool:
    one = reading.updated_at or reading.published_at
    other = held.updated_at or held.published_at
    return one is not None and (other is None or one > other)


def _is_between(moment: datetime | None, start: datetime | None, end: datetime) -> bool:
    return moment is not None and start is not None and start <= moment <= end


def _new_item(source: Source, reading: _Reading, now: datetime, *, background: bool) -> Item:
    found = dates.find(reading.title, reading.summary, published=_london_day(reading.dated))
    return Item(
        id=item_id(reading.url),
        url=reading.url,
        title=reading.title,
        summary=reading.summary,
        publisher=source.publisher,
        source_id=source.id,
        group=source.group,
        kind=reading.named_kind or kind_of_url(reading.url) or source.document_kind,
        received_at=now,
        published_at=reading.published_at,
        updated_at=reading.updated_at,
        stage=reading.stage,
        deadline=found.deadline,
        happens_on=found.happens_on,
        date_words=found.words,
        background=background,
    )


def _london_day(moment: datetime | None) -> date | None:
    return moment.astimezone(_LONDON).date() if moment else None


def _revision(item: Item, source: Source, reading: _Reading, now: datetime) -> ItemRevision | None:
    """The update of a known item that an entry tells, if it does.

    Several feeds carry one document, each in its own wording. If every difference counted, the item would change
    back and forth at every fetch. So the item's own source is heard in full; another one of the same group is heard
    on title, stage and outcome, and only when its copy is newer; and an older copy is never heard.
    """
    own = source.id == item.source_id
    if reading.updated_at and item.updated_at:
        older, newer = reading.updated_at < item.updated_at, reading.updated_at > item.updated_at
    else:
        older, newer = False, False
    if older or not (own or (newer and source.group is item.group)):
        return None
    title = item.title if _tells_less(reading.title, item.title) else reading.title
    summary = reading.summary if own and not _tells_less(reading.summary, item.summary) else item.summary
    stage = reading.stage or item.stage
    kind = _settled_kind(item.kind, reading.named_kind)
    if (title, summary, stage, kind) == (item.title, item.summary, item.stage, item.kind):
        return None
    revised = replace(
        item,
        title=title,
        summary=summary,
        stage=stage,
        kind=kind,
        published_at=item.published_at or reading.published_at,
        updated_at=reading.updated_at or item.updated_at,
        revision=item.revision + 1,
    )
    if (title, summary) != (item.title, item.summary):
        found = dates.find(title, summary, published=_london_day(reading.dated or item.published_at))
        revised = replace(revised, deadline=found.deadline, happens_on=found.happens_on, date_words=found.words)
    if item.stage and stage != item.stage:
        # A bill is one item through all its stages; each new stage is news, so it counts as received again.
        revised = replace(revised, received_at=now, background=False)
    return ItemRevision(revised, _changes(item, revised), seen_at=now)


def _tells_less(new: str, old: str) -> bool:
    """Whether a text is missing, or is the one we have cut short with an ellipsis."""
    if not new:
        return True
    cut = next((new.removesuffix(mark).rstrip() for mark in _ELLIPSES if new.endswith(mark)), None)
    return cut is not None and old.startswith(cut)


def _settled_kind(known: Kind, named: Kind | None) -> Kind:
    """A prefix never re-sorts an item, except that a consultation may come to its outcome."""
    if named is Kind.CONSULTATION_OUTCOME and known in _CONSULTATIONS:
        return named
    return known


def _changes(old: Item, new: Item) -> tuple[Change, ...]:
    before = {"title": old.title, "summary": old.summary, "stage": old.stage, "kind": old.kind.value}
    after = {"title": new.title, "summary": new.summary, "stage": new.stage, "kind": new.kind.value}
    before |= {"deadline": _day_words(old.deadline), "happens_on": _day_words(old.happens_on)}
    after |= {"deadline": _day_words(new.deadline), "happens_on": _day_words(new.happens_on)}
    return tuple(Change(name, before[name], after[name]) for name in before if before[name] != after[name])


def _day_words(day: date | None) -> str:
    return day.isoformat() if day else ""


def _cut(text: str, length: int) -> str:
    """The text, or its first words with an ellipsis where it is longer than ``length`` characters."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
