"""Which stories a draft proposes, which it offers as maybes, and why; what is left out is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from math import exp2
from types import MappingProxyType

from digests.calendar import london_day, say_day, with_time
from digests.model import FieldName, Item, Kind, Sign, Source, Story, Tag, TaggedItem, Topic
from digests.plan import DigestPlan, SectionPlan, Weights

# Beyond these, more of the same adds neither points nor reasons.
_FURTHER_TOPICS = 3
_FOLLOWERS = 10
FEWEST_TOLD = 5
"""The smallest number of members that is said: a smaller one could give somebody away."""
_OTHER_PUBLISHERS = 3
_TOPIC_REASONS = 3
_DATE_WORDS = 100
_SIGNS = 3
# What a source weighs whose catalogue entry is gone since its item arrived.
_UNKNOWN_SOURCE = 0.5

_NO_TOPIC = "No topic matched"
_BELOW = "Ranked below the shortlist"
_NEAR = "Not about data or AI policy by its own words"


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day ahead that a story names, as a London date: its closing date, or a sitting or event.

    ``at`` is the time of that day, where it is known; ``found`` are the words that the day came from.
    """

    day: date
    closes: bool
    at: time | None = None
    found: str = ""

    @property
    def in_words(self) -> str:
        """The day as a reason: ``closes Tuesday 25 February 2025, 11:59pm (“until 11:59pm on 25 February”)``."""
        when = with_time(say_day(self.day), self.at)
        found = f" (“{self.found}”)" if self.found else ""
        return f"{'closes' if self.closes else 'happens'} {when}{found}"

    @property
    def order(self) -> tuple[date, time]:
        """What comes first in time comes first; a day without a time is over only when the day is."""
        return self.day, self.at or time.max


@dataclass(frozen=True, slots=True)
class Ranked:
    """A story with its section, its score before diversity, and the reasons for it in words.

    ``held_back`` says why it is not on the shortlist; empty where it is. ``ahead`` is the first day ahead it names.
    ``questions`` is how many written questions it stands for, 0 where it is none. ``signs`` are why a story that is
    not relevant is near the field; a relevant one has none.
    """

    story: Story
    section: SectionPlan
    score: float
    reasons: tuple[str, ...]
    main_topic: str = ""
    ahead: Ahead | None = None
    held_back: str = ""
    questions: int = 0
    signs: tuple[Sign, ...] = ()

    @property
    def subject(self) -> str:
        """What it is about, to tell much of the same."""
        return self.main_topic or (self.signs[0].because if self.signs else "")


@dataclass(frozen=True, slots=True)
class Ranking:
    """The shortlist and the maybes, best first, and what is on neither, with why in words to be read after a number."""

    shortlist: tuple[Ranked, ...]
    maybe: tuple[Ranked, ...]
    left_out: tuple[Ranked, ...]


def rank(
    stories: Sequence[Story],
    *,
    plan: DigestPlan,
    sources: Mapping[str, Source],
    topics: Mapping[str, Topic],
    now: datetime,
    near: Sequence[Story] = (),
    signs: Mapping[str, tuple[Sign, ...]] = MappingProxyType({}),
    interest: Mapping[str, int] = MappingProxyType({}),
) -> Ranking:
    """Choose among stories that are all relevant. The same stories in any order give the same ranking.

    One after another the story with the highest score is taken, after what it loses for each entry from its source
    and with its topic that was taken before, until its section or the shortlist is full. A story without a topic
    is one we are unsure of: it can only be a maybe. Of some kinds the plan lets a draft have only so many. Written
    questions to one body on one topic are one story.

    ``interest`` says how many members follow a topic.

    The stories ``near`` the field are not relevant, and can only be maybes too; ``signs`` tells by the id of an item
    why it is near. They stand after the relevant ones, in the places that the plan keeps for them and those that no
    relevant story needs.
    """
    today = london_day(now)
    ranked = [_ranked(story, plan, sources, topics, today, interest=interest) for story in stories]
    ranked.sort(key=_best_first)
    ranked = _questions_together(ranked, topics)
    variety = _Variety(plan.weights)
    filled: Counter[str] = Counter()
    of_kind: Counter[Kind] = Counter()
    shortlist: list[Ranked] = []
    crowded = frozenset(kind for kind, most in plan.most_of_kind.items() if most == 0)
    open_to = [each for each in ranked if each.story.lead.tagging.tags and _kind(each) not in crowded]
    while open_to and len(shortlist) < plan.shortlist:
        best = variety.take_best(open_to)
        shortlist.append(best)
        filled[best.section.id] += 1
        if filled[best.section.id] >= best.section.cap:
            open_to = [each for each in open_to if each.section.id != best.section.id]
        of_kind[_kind(best)] += 1
        if of_kind[_kind(best)] == plan.most_of_kind.get(_kind(best)):
            crowded |= {_kind(best)}
            open_to = [each for each in open_to if _kind(each) not in crowded]
        open_to = [each for each in open_to if each is not best]
    full = {section.id for section in plan.sections if filled[section.id] >= section.cap}
    taken = {each.story.lead.item.id for each in shortlist}
    rest = [each for each in ranked if each.story.lead.item.id not in taken]
    rest = variety.in_order(rest, plan.maybe)
    beside = _near_by_rank(near, plan, sources, topics, today, signs)
    relevant = min(len(rest), max(plan.maybe - min(plan.near, len(beside)), 0))
    room = plan.maybe - relevant
    maybe = [_held_back(each, full, crowded) for each in (*rest[:relevant], *beside[:room])]
    unplaced = (*rest[relevant:], *beside[room:])
    left_out = [replace(each, held_back=_counted(each, full, crowded)) for each in unplaced]
    return Ranking(tuple(shortlist), tuple(maybe), tuple(left_out))


def _near_by_rank(
    stories: Sequence[Story],
    plan: DigestPlan,
    sources: Mapping[str, Source],
    topics: Mapping[str, Topic],
    today: date,
    signs: Mapping[str, tuple[Sign, ...]],
) -> list[Ranked]:
    """The stories near the field, best first; among them much of the same loses as it does on the shortlist."""
    open_to = [_ranked(story, plan, sources, topics, today, signs[story.lead.item.id]) for story in stories]
    return _Variety(plan.weights).in_order(sorted(open_to, key=_best_first), plan.maybe)


def rank_ahead(
    stories: Sequence[Story],
    *,
    plan: DigestPlan,
    sources: Mapping[str, Source],
    topics: Mapping[str, Topic],
    now: datetime,
    interest: Mapping[str, int] = MappingProxyType({}),
) -> tuple[Ranked, ...]:
    """The stories with a topic and a day ahead within ``deadline_days``, best first.

    How old they are never counts; of two with the same score the nearer day comes first.
    """
    today = london_day(now)
    ageless = replace(plan, weights=replace(plan.weights, freshness=0.0))
    ranked = [_ranked(story, ageless, sources, topics, today, interest=interest) for story in stories]
    near = [
        (-each.score, each.ahead.day, each.story.lead.item.id, each)
        for each in ranked
        if each.main_topic and each.ahead and (each.ahead.day - today).days <= plan.weights.deadline_days
    ]
    return tuple(each for *_, each in sorted(near, key=lambda row: row[:3]))


def _best_first(ranked: Ranked) -> tuple[float, str]:
    return -ranked.score, ranked.story.lead.item.id


def _questions_together(ranked: Sequence[Ranked], topics: Mapping[str, Topic]) -> list[Ranked]:
    """The ranked, best first, with the written questions to one body on one topic behind the best of them."""
    groups: dict[tuple[str, str], list[Ranked]] = {}
    for each in ranked:
        item = each.story.lead.item
        asked = item.kind is Kind.WRITTEN_QUESTION and each.main_topic
        key = (each.main_topic, item.publisher.casefold()) if asked else ("", item.id)
        groups.setdefault(key, []).append(each)
    return [_with_further_questions(best, further, topics) if further else best for best, *further in groups.values()]


def _with_further_questions(best: Ranked, further: Sequence[Ranked], topics: Mapping[str, Topic]) -> Ranked:
    others = [*best.story.others, *(tagged for each in further for tagged in (each.story.lead, *each.story.others))]
    number = 1 + len(further)
    topic = topics[best.main_topic].name if best.main_topic in topics else best.main_topic
    asked = f"{number} written questions to {' '.join(best.story.lead.item.publisher.split())} on {topic}"
    return replace(best, story=Story(best.story.lead, tuple(others)), reasons=(*best.reasons, asked), questions=number)


class _Variety:
    """What was taken so far, and what a story therefore scores now."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._sources: Counter[str] = Counter()
        self._subjects: Counter[str] = Counter()

    def take_best(self, open_to: Sequence[Ranked]) -> Ranked:
        """The one with the highest score now, which is taken; of several the first."""
        best = max(open_to, key=self.score)
        self._sources[best.story.lead.item.source_id] += 1
        self._subjects[best.subject] += 1
        return best

    def in_order(self, ranked: Sequence[Ranked], most: int) -> list[Ranked]:
        """The best ``most``, taken one after another, and after them the others as they came."""
        open_to = list(ranked)
        chosen: list[Ranked] = []
        while open_to and len(chosen) < most:
            chosen.append(self.take_best(open_to))
            open_to = [each for each in open_to if each is not chosen[-1]]
        return [*chosen, *open_to]

    def score(self, ranked: Ranked) -> float:
        return (
            ranked.score
            - self._weights.same_source * self._sources[ranked.story.lead.item.source_id]
            - self._weights.same_topic * self._subjects[ranked.subject]
        )


def _ranked(
    story: Story,
    plan: DigestPlan,
    sources: Mapping[str, Source],
    topics: Mapping[str, Topic],
    today: date,
    signs: Sequence[Sign] = (),
    interest: Mapping[str, int] = MappingProxyType({}),
) -> Ranked:
    ahead = _ahead(story, today)
    source = sources.get(story.lead.item.source_id)
    matches = _best_tags(story.lead)
    main_topic = matches[0].topic_id if matches else ""
    followers = interest.get(main_topic, 0)
    score = _score(story, plan.weights, source.weight if source else _UNKNOWN_SOURCE, ahead, today, signs)
    return Ranked(
        story,
        _section(story.lead.item, plan, ahead),
        score + plan.weights.follower * min(followers, _FOLLOWERS),
        (*_reasons(story, matches, topics, ahead, signs), *_followed(followers)),
        main_topic,
        ahead,
        questions=1 if story.lead.item.kind is Kind.WRITTEN_QUESTION else 0,
        signs=tuple(signs),
    )


def _section(item: Item, plan: DigestPlan, ahead: Ahead | None) -> SectionPlan:
    dated = plan.dated_section(closes=ahead.closes) if ahead else None
    # An event or a debate to come is nothing but its day.
    if dated and item.kind in dated.kinds:
        return dated
    return plan.home_of(item.kind, item.group)


def _ahead(story: Story, today: date) -> Ahead | None:
    """The first day ahead that the lead names, else the first that another member of the story names.

    Of a bill it is the first that any of them names: its next step is in its page, or in the calendar.
    """
    days = [_days_of(tagged.item, today) for tagged in (story.lead, *story.others)]
    if story.lead.item.kind is Kind.BILL:
        days = [[day for each in days for day in each]]
    return next((min(each, key=lambda ahead: ahead.order) for each in days if each), None)


def _days_of(item: Item, today: date) -> list[Ahead]:
    named = ((item.deadline, True, item.deadline_time), (item.happens_on, False, item.happens_at))
    found = " ".join(item.date_words.split())[:_DATE_WORDS]
    return [Ahead(day, closes, at, found) for day, closes, at in named if day and day >= today]


def _score(
    story: Story, weights: Weights, authority: float, ahead: Ahead | None, today: date, signs: Sequence[Sign]
) -> float:
    lead = story.lead
    tags = lead.tagging.tags
    score = weights.kinds.get(lead.item.kind, 0.0) + weights.source * authority
    if any(tag.field is FieldName.TITLE for tag in tags):
        score += weights.title_match
    elif tags:
        score += weights.summary_match
    score += weights.near * sum(sign.points for sign in signs[:_SIGNS])
    score += weights.further_topic * min(max(len(lead.tagging.topic_ids) - 1, 0), _FURTHER_TOPICS)
    if ahead and (ahead.day - today).days <= weights.deadline_days:
        score += weights.deadline
    score += weights.other_publisher * min(len(_other_publishers(story)), _OTHER_PUBLISHERS)
    age = (today - london_day(lead.item.published_at or lead.item.received_at)).days
    return score + weights.freshness * exp2(-max(age, 0) / weights.half_life_days)


def _reasons(
    story: Story,
    matches: Sequence[Tag],
    topics: Mapping[str, Topic],
    ahead: Ahead | None,
    signs: Sequence[Sign],
) -> Iterator[str]:
    """Why the story is proposed, in words for editors, the strongest first."""
    lead = story.lead
    for tag in matches[:_TOPIC_REASONS]:
        name = topics[tag.topic_id].name if tag.topic_id in topics else tag.topic_id
        by_rule = tag.field is not FieldName.EDITOR
        found = f"“{' '.join(tag.phrase.split())}” in the {tag.field.value}" if by_rule else tag.because
        yield f"Matches {name}: {found}"
    for sign in signs[:_SIGNS]:
        yield f"Near the field: {sign.in_words}"
    if not matches and not signs:
        # The rule itself is for those who change the rules; editors need the words that it found.
        yield f"Relevant: {lead.tagging.gate.partition(' (rule:')[0]}"
    if lead.item.kind is Kind.BILL and lead.item.stage:
        yield f"Bill at {stage_of(lead.item)}"
    elif lead.item.kind is not Kind.OTHER:
        yield lead.item.kind.value.capitalize()
    if ahead:
        yield ahead.in_words
    if lead.item.kind is Kind.BILL and story.others:
        yield f"told with {len(story.others)} further item{'' if len(story.others) == 1 else 's'} about this bill"
    publishers = _other_publishers(story)
    if publishers:
        yield f"also from {len(publishers)} other publisher{'' if len(publishers) == 1 else 's'}"


def _followed(followers: int) -> Iterator[str]:
    # A small number could give away who it is.
    if followers >= FEWEST_TOLD:
        yield f"{followers} members follow its topic"
    elif followers:
        yield "followed by members"


def stage_of(item: Item) -> str:
    """The stage of a bill as its feed says it, as one short line."""
    return " ".join(item.stage.split())[:60]


def _best_tags(tagged: TaggedItem) -> list[Tag]:
    """One tag for each topic: the one in the title if there is one. Topics named in the title come first."""
    best: dict[str, Tag] = {}
    for tag in tagged.tagging.tags:
        known = best.get(tag.topic_id)
        if known is None or (tag.field is FieldName.TITLE and known.field is not FieldName.TITLE):
            best[tag.topic_id] = tag
    return sorted(best.values(), key=lambda tag: tag.field is not FieldName.TITLE)


def _other_publishers(story: Story) -> set[str]:
    return {tagged.item.publisher for tagged in story.others} - {story.lead.item.publisher}


def _kind(ranked: Ranked) -> Kind:
    return ranked.story.lead.item.kind


def _held_back(ranked: Ranked, full: set[str], crowded: frozenset[Kind]) -> Ranked:
    if ranked.signs:
        why = _NEAR
    elif not ranked.story.lead.tagging.tags:
        why = _NO_TOPIC
    elif _kind(ranked) in crowded:
        why = f"The draft has as many of the kind “{_kind(ranked).value}” as it may"
    elif ranked.section.id in full:
        why = f"“{ranked.section.title}” has its {ranked.section.cap} entries"
    else:
        why = _BELOW
    return replace(ranked, held_back=why)


def _counted(ranked: Ranked, full: set[str], crowded: frozenset[Kind]) -> str:
    """What a story that is neither on the shortlist nor a maybe is counted as, to be read after a number."""
    if ranked.signs:
        return "near the field only, and ranked below the maybes"
    if not ranked.story.lead.tagging.tags:
        return "relevant, but without a topic"
    if _kind(ranked) in crowded:
        return f"more of the kind “{_kind(ranked).value}” than a draft proposes"
    if ranked.section.id in full:
        return f"more in “{ranked.section.title}”, which is full"
    return "ranked below the maybes"
