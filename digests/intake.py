"""Decides what one fetch brought: which items are new, which changed, and what is remembered of the source."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from digests import dates, kinds, polling
from digests.identity import canonical_url, is_govuk, split_prefix
from digests.kinds import NO_RULES, KindRules, Sorted, prefix_of
from digests.model import (
    ASKING,
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
from digests.polling import Notice

OLD_NEWS = timedelta(days=30)
"""A feed's entry dated longer ago than this is no news when it turns up: the feed shows its archive."""
WHOLE_FEED = 5
"""Where at least so many entries are all unknown at once, the feed may have given every one of them a new address."""
EARLIEST_DATE = datetime(1990, 1, 1, tzinfo=UTC)
"""Dates before this, or more than a day ahead, are mistakes of the feed and count as missing."""

_LONDON = ZoneInfo("Europe/London")
_TITLE_FROM_SUMMARY = 100
_ELLIPSES = ("…", "...")


@dataclass(frozen=True, slots=True)
class Intake:
    """What one fetch brought, and what to remember of it.

    ``same`` counts entries that told us nothing new. ``refused`` names entries that cannot become items: title, why.
    ``notice`` is what editors should hear of the source, if anything.
    """

    new: tuple[Item, ...]
    changed: tuple[ItemRevision, ...]
    same: int
    refused: tuple[tuple[str, str], ...]
    state: SourceState
    fetch: Fetch
    notice: Notice | None = None


@dataclass(slots=True)
class _Reading:
    """A feed entry as we understand it.

    ``named_kind`` is the kind that its title ``prefix`` named, if any. ``stated_kind``, ``publisher`` and ``stated``
    (the days it is about) are what the source said outright.
    """

    url: str
    title: str
    summary: str
    named_kind: Kind | None
    prefix: str
    stage: str
    published_at: datetime | None
    updated_at: datetime | None
    stated_kind: Kind | None
    publisher: str
    stated: dates.Found

    @property
    def dated(self) -> datetime | None:
        return self.published_at or self.updated_at


def settled(source: Source, state: SourceState, result: FetchResult) -> FetchResult:
    """The result as it counts: a body that we have read already is unchanged, whatever the server calls it.

    It goes before :func:`addresses` and :func:`decide`.
    """
    if polling.is_same_body(source, state, result):
        return replace(result, outcome=Outcome.UNCHANGED, entries=())
    return result


def addresses(result: FetchResult) -> tuple[str, ...]:
    """The canonical URLs of the entries, each once: what to look up before :func:`decide`."""
    return tuple(dict.fromkeys(url for entry in result.entries if (url := _address(entry))))


def looks_renamed(state: SourceState, result: FetchResult, known: Mapping[str, Item]) -> bool:
    """Whether a feed may have given all its entries new addresses: what it has brought is then known by its titles.

    Not so where most titles are the same (“Written evidence”), for they tell nothing.
    """
    if state.first_read_at is None or known or len(addresses(result)) < WHOLE_FEED:
        return False
    return len({entry.title for entry in result.entries}) * 2 > len(result.entries)


def decide(
    source: Source,
    state: SourceState,
    result: FetchResult,
    known: Mapping[str, Item],
    *,
    now: datetime,
    first_pass: bool,
    window_start: datetime | None,
    titles: Collection[str] = (),
    kind_rules: KindRules = NO_RULES,
) -> Intake:
    """What this fetch brought, given what we knew.

    ``known`` holds the items under :func:`addresses`, by canonical URL. A source's first good read is background,
    for all of it was there before us; but on the installation's first pass, entries dated from ``window_start``
    until ``now`` are not, so that the first edition has something to say. Later a feed's archive is background too,
    and so are entries with a title among ``titles``: those of the source's items, where it :func:`looks_renamed`.
    ``kind_rules`` are what editors settled of kinds.
    """
    readings, refused = _readings(result, now)
    unknown = [reading for reading in readings if reading.url not in known]
    if _is_first_read(source, state):
        news = [reading for reading in unknown if first_pass and _is_between(reading.dated, window_start, now)]
    else:
        since = _news_since(source, state, now, all_unknown=len(unknown) == len(readings) >= WHOLE_FEED)
        news = [
            reading
            for reading in unknown
            if reading.title not in titles and (reading.dated is None or reading.dated >= since)
        ]
    fresh = {reading.url for reading in news}
    new = [_new_item(source, reading, now, kind_rules, background=reading.url not in fresh) for reading in unknown]
    changed = [
        revision
        for reading in readings
        if (item := known.get(reading.url)) and (revision := _revision(item, source, reading, now, kind_rules))
    ]
    after, notice = polling.follow(
        source,
        state,
        result,
        now=now,
        dates=[reading.dated for reading in readings if reading.dated],
        is_alive=bool(news or changed) or any(reading.dated is None for reading in unknown),
    )
    return Intake(
        new=tuple(new),
        changed=tuple(changed),
        same=len(readings) - len(new) - len(changed),
        refused=refused,
        state=after,
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
        notice=notice,
    )


def _is_first_read(source: Source, state: SourceState) -> bool:
    """Whether everything a source has was there before us: it is new to us, or an API is asked another question."""
    asked_anew = not source.format.is_feed and bool(state.url) and state.url != polling.address_of(source, state)
    return state.first_read_at is None or asked_anew


def _news_since(source: Source, state: SourceState, now: datetime, *, all_unknown: bool) -> datetime:
    """From when on an unknown entry of a source that was read before is news.

    An API answers a question, and what is new among its answers is news however old it is (a petition that has come to
    its ten thousandth signature). A feed may show its archive, or its old entries under new addresses.
    """
    if not source.format.is_feed:
        return EARLIEST_DATE
    since = now - OLD_NEWS
    if all_unknown and state.last_good_at is not None:
        # A day's grace, for feeds that give the day without the hour.
        since = max(since, state.last_good_at - timedelta(days=1))
    return since


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
        named_kind, rest = split_prefix(title) if is_govuk(url) else (None, title)
        reading = _Reading(
            url=url,
            title=rest,
            summary=entry.summary,
            named_kind=named_kind,
            prefix=prefix_of(title, rest),
            stage=entry.stage,
            published_at=believable(entry.published, now) if entry.published else None,
            updated_at=believable(entry.updated, now) if entry.updated else None,
            stated_kind=entry.kind,
            publisher=entry.publisher,
            stated=_stated(entry),
        )
        held = by_url.get(url)
        if held is None or _is_later(reading, held):
            by_url[url] = reading
    return list(by_url.values()), tuple(refused)


def _stated(entry: FeedEntry) -> dates.Found:
    """The days that a source states outright; few do."""
    if not (entry.deadline or entry.happens_on or entry.date_words):
        return dates.NOTHING
    return dates.Found(entry.deadline, entry.deadline_time, entry.happens_on, entry.happens_at, entry.date_words)


def _address(entry: FeedEntry) -> str:
    """The canonical URL of an entry: its link, or else an id that is an address itself."""
    return _canonical(entry.link) or _canonical(entry.id)


# Each fetch asks for every address twice: to look the item up, and to decide.
_canonical = lru_cache(maxsize=4096)(canonical_url)


def believable(moment: datetime | None, now: datetime) -> datetime | None:
    """The moment that a feed gives, or None where it must be a mistake."""
    if moment is None or not EARLIEST_DATE <= moment <= now + timedelta(days=1):
        return None
    return moment


def _is_later(reading: _Reading, held: _Reading) -> bool:
    one = reading.updated_at or reading.published_at
    other = held.updated_at or held.published_at
    return one is not None and (other is None or one > other)


def _is_between(moment: datetime | None, start: datetime | None, end: datetime) -> bool:
    return moment is not None and start is not None and start <= moment <= end


def _new_item(source: Source, reading: _Reading, now: datetime, rules: KindRules, *, background: bool) -> Item:
    told = _told_of(source, reading)
    kind = _sorted(rules, source, reading.title, reading.url, told)
    found = reading.stated
    if not _names_a_day(found):
        found = dates.find(reading.title, reading.summary, published=_london_day(reading.dated))
    return Item(
        id=item_id(reading.url),
        url=reading.url,
        title=reading.title,
        summary=reading.summary,
        publisher=reading.publisher or source.publisher,
        source_id=source.id,
        group=source.group,
        kind=kind.kind,
        kind_because=kind.because,
        received_at=now,
        published_at=reading.published_at,
        updated_at=reading.updated_at,
        stage=reading.stage,
        deadline=found.deadline,
        deadline_time=found.deadline_time,
        happens_on=found.happens_on,
        happens_at=found.happens_at,
        date_words=found.words,
        background=background,
        told_kind=told.kind if told else None,
        told_because=told.because if told else "",
    )


def _told_of(source: Source, reading: _Reading) -> Sorted | None:
    return kinds.told(source.name, reading.stated_kind, reading.named_kind, reading.prefix)


def _sorted(rules: KindRules, source: Source, title: str, url: str, told: Sorted | None) -> Sorted:
    return rules.sort(title, url, group=source.group, source=source.name, usual=source.document_kind, told=told)


def _london_day(moment: datetime | None) -> date | None:
    return moment.astimezone(_LONDON).date() if moment else None


def _names_a_day(found: dates.Found) -> bool:
    return found.deadline is not None or found.happens_on is not None


def _revision(item: Item, source: Source, reading: _Reading, now: datetime, rules: KindRules) -> ItemRevision | None:
    """The update of a known item that an entry tells, if it does.

    Several feeds carry one document, each in its own wording. If every difference counted, the item would change
    back and forth at every fetch. So the item's own source is heard in full; another one of the same group is heard
    on title, stage and outcome, and only when its copy is newer; and an older copy is never heard. Days that one of
    the group states outright are always heard where the item has none, and otherwise unless the copy is older.
    """
    own = source.id == item.source_id
    if reading.updated_at and item.updated_at:
        older, newer = reading.updated_at < item.updated_at, reading.updated_at > item.updated_at
    else:
        older, newer = False, False
    revised = item
    if not older and (own or (newer and source.group is item.group)):
        revised = _reworded(item, source, reading, now, rules, own=own)
    if own or source.group is item.group:
        revised = _with_stated_days(revised, reading.stated, older=older)
    changes = _changes(item, revised) if revised is not item else ()
    if not changes:
        return None
    revised = replace(
        revised,
        published_at=item.published_at or reading.published_at,
        updated_at=item.updated_at if older else reading.updated_at or item.updated_at,
        revision=item.revision + 1,
    )
    return ItemRevision(revised, changes, seen_at=now)


def _reworded(item: Item, source: Source, reading: _Reading, now: datetime, rules: KindRules, *, own: bool) -> Item:
    """The item with an entry's words in place of its own."""
    title = item.title if _tells_less(reading.title, item.title) else reading.title
    summary = reading.summary if own and not _tells_less(reading.summary, item.summary) else item.summary
    publisher = (own and reading.publisher) or item.publisher
    stage = reading.stage or item.stage
    told = _told_anew(item, source, reading, own=own)
    kind = _sorted(rules, source, title, item.url, told) if told else Sorted(item.kind, item.kind_because)
    if (title, summary, publisher, stage, kind.kind) == (
        item.title,
        item.summary,
        item.publisher,
        item.stage,
        item.kind,
    ):
        return item
    revised = replace(item, title=title, summary=summary, publisher=publisher, stage=stage)
    if told:
        revised = replace(
            revised, kind=kind.kind, kind_because=kind.because, told_kind=told.kind, told_because=told.because
        )
    if (title, summary) != (item.title, item.summary):
        published = _london_day(reading.dated or item.published_at)
        found = dates.find(title, summary, published=published)
        # Words that say what they said before must not undo a day that was stated outright.
        if _names_a_day(found) and found != dates.find(item.title, item.summary, published=published):
            revised = replace(
                revised,
                deadline=found.deadline,
                deadline_time=found.deadline_time,
                happens_on=found.happens_on,
                happens_at=found.happens_at,
                date_words=found.words,
            )
    if (item.stage and revised.stage != item.stage) or _came_to_its_outcome(item, revised):
        # A bill is one item through all its stages, and a consultation up to its outcome; each new stage, and the
        # outcome, is news, so it counts as received again.
        revised = replace(revised, received_at=now, background=False)
    return revised


def _came_to_its_outcome(old: Item, new: Item) -> bool:
    return new.kind is Kind.CONSULTATION_OUTCOME and old.kind in ASKING


def _with_stated_days(item: Item, stated: dates.Found, *, older: bool) -> Item:
    if not _names_a_day(stated) or (older and _names_a_day(dates.Found(item.deadline, happens_on=item.happens_on))):
        return item
    return replace(
        item,
        deadline=stated.deadline or item.deadline,
        deadline_time=stated.deadline_time if stated.deadline else item.deadline_time,
        happens_on=stated.happens_on or item.happens_on,
        happens_at=stated.happens_at if stated.happens_on else item.happens_at,
        date_words=stated.words or item.date_words,
    )


def _tells_less(new: str, old: str) -> bool:
    """Whether a text is missing, or is the one we have cut short with an ellipsis."""
    if not new:
        return True
    cut = next((new.removesuffix(mark).rstrip() for mark in _ELLIPSES if new.endswith(mark)), None)
    return cut is not None and old.startswith(cut)


def _told_anew(item: Item, source: Source, reading: _Reading, *, own: bool) -> Sorted | None:
    """What an entry tells of the item's kind that it did not tell before, or None.

    A prefix never re-sorts an item, except that a consultation may come to its outcome; and there it stays.
    """
    told = _told_of(source, reading)
    if told is None or told.kind in (item.kind, item.told_kind):
        return None
    if told.kind is Kind.CONSULTATION_OUTCOME and item.kind in ASKING:
        return told
    return told if own and reading.stated_kind and item.kind is not Kind.CONSULTATION_OUTCOME else None


def _changes(old: Item, new: Item) -> tuple[Change, ...]:
    before, after = _told(old), _told(new)
    return tuple(Change(name, before[name], after[name]) for name in before if before[name] != after[name])


def _told(item: Item) -> dict[str, str]:
    """What of an item people are told when it changes."""
    return {
        "title": item.title,
        "summary": item.summary,
        "publisher": item.publisher,
        "stage": item.stage,
        "kind": item.kind.value,
        "deadline": _day_words(item.deadline, item.deadline_time),
        "happens_on": _day_words(item.happens_on, item.happens_at),
    }


def _day_words(day: date | None, at: time | None) -> str:
    return " ".join(filter(None, [day.isoformat() if day else "", at.isoformat("minutes") if day and at else ""]))


def _cut(text: str, length: int) -> str:
    """The text, or its first words with an ellipsis where it is longer than ``length`` characters."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
