"""Makes the draft of an edition from what arrived in its window: stories, ranked, as entries with their reasons."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digests.calendar import london_day
from digests.model import (
    Also,
    Content,
    Entry,
    Item,
    Kind,
    Section,
    Source,
    TaggedItem,
    Topic,
    Window,
    dated_id,
)
from digests.plan import DigestPlan, SectionPlan
from digests.ranking import Ahead, Ranked, rank, stage_of
from digests.stories import group

BLURB_LENGTH = 200

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
) -> Content:
    """The first content of an edition, by the rules alone. The same input always gives the same content.

    Every item given is an entry, a maybe, told with another publisher's entry, or counted in ``left_out``.
    An entry's id is its item's; a dated entry's is its item's with ``@date``.
    """
    left_out: Counter[str] = Counter()
    candidates: list[TaggedItem] = []
    for tagged in items:
        why_not = _why_not(tagged, window)
        if why_not:
            left_out[why_not] += 1
        else:
            candidates.append(tagged)
    ranking = rank(group(candidates), plan=plan, sources=sources, topics=topics, now=now)
    left_out.update(dict(ranking.left_out))
    shortlist = ranking.shortlist
    chosen = [_entry(ranked) for ranked in shortlist]
    dated = plan.dated_section
    if dated:
        days = [(ranked.ahead.day, _dated_entry(ranked, ranked.ahead, dated)) for ranked in shortlist if ranked.ahead]
        days.sort(key=lambda pair: (pair[0], pair[1].title, pair[1].id))
        chosen = [entry for entry in chosen if entry.section != dated.id] + [entry for _, entry in days]
    order = {section.id: place for place, section in enumerate(plan.sections)}
    chosen.sort(key=lambda entry: order[entry.section])
    return Content(
        title=plan.title,
        sections=tuple(Section(section.id, section.title) for section in plan.sections),
        entries=tuple(chosen),
        maybe=tuple(_maybe(ranked) for ranked in ranking.maybe),
        intro=_filled_in(plan.intro, plan.title, number),
        outro=_filled_in(plan.outro, plan.title, number),
        notes=tuple(notes),
        left_out=tuple(sorted(left_out.items(), key=lambda pair: (-pair[1], pair[0]))),
    )


def _why_not(tagged: TaggedItem, window: Window) -> str:
    """Why an item is no candidate, to be read after a number; empty where it is one."""
    if tagged.item.background:
        return "older than our first reading of their source"
    if tagged.item.received_at not in window:
        return "received outside this edition's dates"
    return "" if tagged.tagging.relevant else "not about data or AI policy"


def _entry(ranked: Ranked) -> Entry:
    item = ranked.story.lead.item
    return Entry(
        id=item.id,
        section=ranked.section.id,
        title=" ".join(item.title.split()) or item.url,
        url=item.url,
        publisher=" ".join(item.publisher.split()),
        blurb=_blurb(item),
        kind=item.kind,
        published_on=london_day(item.published_at) if item.published_at else None,
        item_id=item.id,
        topics=ranked.story.lead.tagging.topic_ids,
        reasons=ranked.reasons,
        also=tuple(_also(ranked)),
    )


def _dated_entry(ranked: Ranked, ahead: Ahead, dated: SectionPlan) -> Entry:
    """The entry as it stands in the section of days ahead, which says the day and what happens on it."""
    entry = _entry(ranked)
    elsewhere = ranked.section.id != dated.id
    return replace(
        entry,
        id=dated_id(entry.id),
        section=dated.id,
        date=ahead.day,
        blurb="Closing date." if ahead.closes else entry.blurb,
        reasons=(ahead.in_words, f"also under “{ranked.section.title}”") if elsewhere else entry.reasons,
    )


def _maybe(ranked: Ranked) -> Entry:
    dated = ranked.ahead if ranked.section.dated else None
    entry = _dated_entry(ranked, dated, ranked.section) if dated else _entry(ranked)
    return replace(entry, reasons=(*entry.reasons, ranked.held_back))


def _also(ranked: Ranked) -> Iterator[Also]:
    """The other publishers' items, one a publisher: of the same publisher's, the address already stands there."""
    seen = {ranked.story.lead.item.publisher}
    for other in ranked.story.others:
        if other.item.publisher not in seen:
            seen.add(other.item.publisher)
            yield Also(other.item.publisher, " ".join(other.item.title.split()), other.item.url)


def _blurb(item: Item) -> str:
    """What the item is about in one sentence of at most :data:`BLURB_LENGTH` characters; a bill's says its stage."""
    stage = _stage_sentence(item)
    told = _one_sentence(item.summary, item.title, BLURB_LENGTH - len(stage) - 1)
    return f"{stage} {told}".strip()


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
