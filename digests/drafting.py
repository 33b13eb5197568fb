"""Makes the draft of an edition from what arrived in its window: stories, ranked, as entries with their reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from textwrap import shorten
from types import MappingProxyType

from digests.calendar import london_day, say_date, say_day, with_time
from digests.corrections import NOT_BY_AN_EDITOR
from digests.model import (
    ADDED_BY_AN_EDITOR,
    Also,
    Content,
    Entry,
    Item,
    Kind,
    LeftOut,
    Section,
    Sign,
    Source,
    Story,
    TaggedItem,
    Topic,
    Window,
    dated_id,
)
from digests.plan import DigestPlan, SectionPlan
from digests.ranking import Ahead, Ranked, rank, rank_ahead, stage_of
from digests.stories import group

BLURB_LENGTH = 200

_NOT_RELEVANT = "not about data or AI policy"

# How many further items of the same publisher an entry links: with the one it is about, three questions.
_FURTHER_QUESTIONS = 2
_FURTHER_PAPERS = 4
_FURTHER_TITLE = 120

_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)\]]?\s+(?=[\"“‘(\[]?[A-Z0-9])")
# After these a full stop ends no sentence.
_ABBREVIATION = re.compile(
    r"(?:\b(?:mr|mrs|ms|dr|prof|st|no|nos|art|cl|para|vs|rt|hon|gen|sir|inc|ltd|cf|approx|e\.g|i\.e)|\b[A-Za-z])\.$",
    re.IGNORECASE,
)
_QUESTION = re.compile(
    r"(?:\[?Question\]?:? )?To ask .{3,120}?,? "
    r"(?=(?:(?:on|to|in|by|from|for|under|with) )?(?:what|whether|how|if|when|why|which|who)\b)"
)
_AFTER_TITLE = re.compile(r"\s?[.:–—|-]\s|\.?$")
_ELLIPSIS = re.compile(r"\s*(?:\.{3,}|…|\[…\]|\[\.{3}\])$")
_ORDINALS = {1: "st", 2: "nd", 3: "rd"}


def no_signs(item: Item) -> tuple[Sign, ...]:
    """That nothing is near the field."""
    return ()


def draft(
    items: Sequence[TaggedItem],
    *,
    plan: DigestPlan,
    sources: Mapping[str, Source],
    topics: Mapping[str, Topic],
    window: Window,
    number: int,
    now: datetime,
    notes: Sequence[str] = (),
    ahead: Sequence[TaggedItem] = (),
    signs: Callable[[Item], tuple[Sign, ...]] = no_signs,
    interest: Mapping[str, int] = MappingProxyType({}),
) -> Content:
    """The first content of an edition, by the rules alone. The same input always gives the same content.

    ``ahead`` are items received before the window that name a day to come: those whose day is near stand in the
    dated section, however old they are. ``signs`` says of an item that is not relevant why it is near the field: such
    items are maybes, where there is room. ``interest`` says how many members follow a topic.

    Every item of ``items`` is an entry, a maybe, linked from one, or counted in ``left_out``, and listed there if it is
    relevant or near. An entry's id is its item's; a dated entry's is its item's with ``@date``.
    """
    counted: Counter[str] = Counter()
    candidates: list[TaggedItem] = []
    near: list[TaggedItem] = []
    near_by: dict[str, tuple[Sign, ...]] = {}
    for tagged in items:
        why_not = _why_not(tagged, window)
        if why_not == _NOT_RELEVANT and tagged.tagging.gate != NOT_BY_AN_EDITOR and (found := signs(tagged.item)):
            near.append(tagged)
            near_by[tagged.item.id] = found
        elif why_not:
            counted[why_not] += 1
        else:
            candidates.append(tagged)
    arrived = {tagged.item.id for tagged in candidates}
    stories = group([*candidates, *(tagged for tagged in ahead if _may_lie_ahead(tagged, window))])
    fresh = [story for story in stories if _holds_any(story, arrived)]
    old = [story for story in stories if not _holds_any(story, arrived)]
    ranking = rank(
        fresh, plan=plan, sources=sources, topics=topics, now=now, near=group(near), signs=near_by, interest=interest
    )
    waiting = rank_ahead(old, plan=plan, sources=sources, topics=topics, now=now, interest=interest)
    shortlist = ranking.shortlist
    arrived |= near_by.keys()
    left_out = [left for each in (*shortlist, *ranking.maybe) for left in _not_linked(each, arrived)]
    left_out += [_left_out(tagged, each.held_back) for each in ranking.left_out for tagged in _members(each, arrived)]
    chosen = [_entry(ranked, topics) for ranked in shortlist if not ranked.section.dated]
    for dated in (section for section in plan.sections if section.dated):
        own = sum(each.section == dated for each in shortlist)
        here = [each for each in waiting if _dated(each, plan) == dated]
        room = max(dated.cap - own, 0)
        chosen += _days([each for each in shortlist if _dated(each, plan) == dated], here[:room], dated, topics)
        left_out += [_left_out(each.story.lead, f"more days ahead than “{dated.title}” holds") for each in here[room:]]
    counted.update(left.reason for left in left_out)
    order = {section.id: place for place, section in enumerate(plan.sections)}
    chosen.sort(key=lambda entry: order[entry.section])
    return Content(
        title=plan.title,
        sections=tuple(Section(section.id, section.title) for section in plan.sections),
        entries=tuple(chosen),
        maybe=tuple(_maybe(ranked, topics) for ranked in ranking.maybe),
        intro=_filled_in(plan.intro, plan.title, number),
        outro=_filled_in(plan.outro, plan.title, number),
        notes=tuple(notes),
        left_out=tuple(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))),
        left_out_entries=tuple(left_out),
    )


def _why_not(tagged: TaggedItem, window: Window) -> str:
    """Why an item is no candidate, to be read after a number; empty where it is one."""
    if tagged.item.background:
        return "older than our first reading of their source"
    if tagged.item.received_at not in window:
        return "received outside this edition's dates"
    return "" if tagged.tagging.relevant else _NOT_RELEVANT


def _may_lie_ahead(tagged: TaggedItem, window: Window) -> bool:
    item = tagged.item
    return tagged.tagging.relevant and not item.background and item.received_at < window.start


def _holds_any(story: Story, item_ids: set[str]) -> bool:
    return any(tagged.item.id in item_ids for tagged in (story.lead, *story.others))


def _members(ranked: Ranked, item_ids: set[str]) -> list[TaggedItem]:
    return [tagged for tagged in (ranked.story.lead, *ranked.story.others) if tagged.item.id in item_ids]


def _not_linked(ranked: Ranked, item_ids: set[str]) -> Iterator[LeftOut]:
    """What a story on the draft has more of than its entry links."""
    linked = {ranked.story.lead.item.url, *(also.url for also in _also(ranked))}
    why = "more written questions of a group" if ranked.questions else "more about a story that is told"
    for tagged in _members(ranked, item_ids):
        if tagged.item.url not in linked:
            yield _left_out(tagged, why)


def _left_out(tagged: TaggedItem, why: str) -> LeftOut:
    item = tagged.item
    return LeftOut(_title(item), item.url, " ".join(item.publisher.split()), why)


def _title(item: Item) -> str:
    return " ".join(item.title.split()) or item.url


def _entry(ranked: Ranked, topics: Mapping[str, Topic]) -> Entry:
    item = ranked.story.lead.item
    title = _title(item)
    if ranked.questions > 1:
        further = f"{ranked.questions - 1} more written question{'' if ranked.questions == 2 else 's'}"
        topic = topics[ranked.main_topic].name if ranked.main_topic in topics else ranked.main_topic
        title = f"{title}, and {further} on {topic}"
    return Entry(
        id=item.id,
        section=ranked.section.id,
        title=title,
        url=item.url,
        publisher=" ".join(item.publisher.split()),
        blurb=_blurb(item, ranked.ahead),
        kind=item.kind,
        published_on=london_day(item.published_at) if item.published_at else None,
        item_id=item.id,
        topics=ranked.story.lead.tagging.topic_ids,
        reasons=(*ranked.reasons, *_when(item)),
        also=tuple(_also(ranked)),
    )


def added_entry(tagged: TaggedItem, plan: DigestPlan) -> Entry:
    """The entry of an item that editors add although the draft left it out."""
    item = tagged.item
    return Entry(
        id=item.id,
        section=plan.home_of(item.kind, item.group).id,
        title=_title(item),
        url=item.url,
        publisher=" ".join(item.publisher.split()),
        blurb=_blurb(item),
        kind=item.kind,
        published_on=london_day(item.published_at) if item.published_at else None,
        item_id=item.id,
        topics=tagged.tagging.topic_ids,
        reasons=(ADDED_BY_AN_EDITOR, *_when(item)),
    )


def _when(item: Item) -> Iterator[str]:
    """When a document without a day of publication came: many lists, GOV.UK’s searches among them, name none."""
    if item.published_at is None:
        word, moment = ("updated", item.updated_at) if item.updated_at else ("arrived", item.received_at)
        yield f"{word} {say_day(london_day(moment))}"


def _dated_entry(ranked: Ranked, ahead: Ahead, dated: SectionPlan, topics: Mapping[str, Topic]) -> Entry:
    """The entry as it stands in the section of days ahead, which says the day and what happens on it."""
    entry = _entry(ranked, topics)
    elsewhere = ranked.section.id != dated.id
    return replace(
        entry,
        id=dated_id(entry.id),
        section=dated.id,
        date=ahead.day,
        time=ahead.at,
        blurb="Closing date." if ahead.closes else _blurb(ranked.story.lead.item),
        reasons=(ahead.in_words, f"also under “{ranked.section.title}”") if elsewhere else entry.reasons,
    )


def _dated(ranked: Ranked, plan: DigestPlan) -> SectionPlan | None:
    return plan.dated_section(closes=ranked.ahead.closes) if ranked.ahead else None


def _days(
    shortlist: Sequence[Ranked], waiting: Sequence[Ranked], dated: SectionPlan, topics: Mapping[str, Topic]
) -> list[Entry]:
    """The entries of the dated section, the nearest day first."""
    days = [(each.ahead.order, _dated_entry(each, each.ahead, dated, topics)) for each in shortlist if each.ahead]
    days += [(each.ahead.order, _waiting_entry(each, each.ahead, dated, topics)) for each in waiting if each.ahead]
    days.sort(key=lambda pair: (pair[0], pair[1].title, pair[1].id))
    return [entry for _, entry in days]


def _waiting_entry(ranked: Ranked, ahead: Ahead, dated: SectionPlan, topics: Mapping[str, Topic]) -> Entry:
    """The entry of something that arrived for an earlier edition, and whose day is still to come."""
    entry = _dated_entry(ranked, ahead, dated, topics)
    return replace(entry, reasons=(*ranked.reasons, "arrived before this edition’s dates"))


def _maybe(ranked: Ranked, topics: Mapping[str, Topic]) -> Entry:
    dated = ranked.ahead if ranked.section.dated else None
    entry = _dated_entry(ranked, dated, ranked.section, topics) if dated else _entry(ranked, topics)
    return replace(entry, reasons=(*entry.reasons, ranked.held_back))


def _also(ranked: Ranked) -> Iterator[Also]:
    """The other publishers' items, one a publisher, and the first few further ones of the same publisher."""
    lead = ranked.story.lead.item
    seen = {lead.publisher}
    addresses = {lead.url}
    room = _FURTHER_QUESTIONS if ranked.questions else _FURTHER_PAPERS
    for other in ranked.story.others:
        item = other.item
        own = item.publisher == lead.publisher and item.url not in addresses and room > 0
        if item.publisher in seen and not own:
            continue
        room -= own
        seen.add(item.publisher)
        addresses.add(item.url)
        # Several titles stand in one line of a chat message, whose length is limited.
        title = shorten(_title(item), _FURTHER_TITLE, placeholder="…") if own else _title(item)
        yield Also(" ".join(item.publisher.split()), title, item.url)


def _blurb(item: Item, ahead: Ahead | None = None) -> str:
    """What the item is about in one sentence of at most :data:`BLURB_LENGTH` characters.

    A bill's says its stage first, and the day of its next step where that is known.
    """
    stage = _stage_sentence(item)
    if stage and ahead and not ahead.closes:
        stage += f" Next: {with_time(say_date(ahead.day), ahead.at)}."
    told = _one_sentence(item.summary, item.title, BLURB_LENGTH - len(stage) - 1)
    return f"{stage} {told}".strip()


def blurb_of(summary: str, title: str) -> str:
    """What a document with this summary is about, in one sentence of at most :data:`BLURB_LENGTH` characters."""
    return _one_sentence(summary, title, BLURB_LENGTH)


def _stage_sentence(item: Item) -> str:
    if item.kind is not Kind.BILL or not item.stage:
        return ""
    stage = stage_of(item)
    return "Has received Royal Assent." if "royal assent" in stage.lower() else f"At {stage}."


def _one_sentence(summary: str, title: str, length: int) -> str:
    words = _without_title(" ".join(summary[: 20 * BLURB_LENGTH].split()), " ".join(title.split()))
    question = _QUESTION.match(words)
    if question:
        words = f"Asks {words[question.end() :]}"
    sentence = _first_sentence(words)
    cut = _ELLIPSIS.sub("", sentence)
    if cut == sentence:
        sentence = sentence if not sentence or sentence[-1] in '.!?:"”’' else f"{sentence}."
        if len(sentence) <= length:
            return sentence
    if len(cut) >= length:
        cut = cut[:length].rsplit(" ", 1)[0][: length - 1]
    return f"{cut.rstrip(' ,;:.–-')}…"


def _without_title(words: str, title: str) -> str:
    """The summary without the title that some feeds begin it with; a sentence whose subject it is stays whole."""
    if not title or not words.casefold().startswith(title.casefold()):
        return words
    rest = _AFTER_TITLE.match(words, len(title))
    return words[rest.end() :][:1].upper() + words[rest.end() + 1 :] if rest else words


def _first_sentence(words: str) -> str:
    for end in _SENTENCE.finditer(words):
        before = words[: end.start()]
        if not _ABBREVIATION.search(before[-12:]):
            return words[: end.end()].rstrip()
    return words


def _filled_in(words: str, title: str, number: int) -> str:
    return words.replace("{number}", ordinal(number)).replace("{title}", title)


def ordinal(number: int) -> str:
    """The number as it counts editions: ``21st``."""
    suffix = "th" if number % 100 in (11, 12, 13) else _ORDINALS.get(number % 10, "th")
    return f"{number}{suffix}"
