"""Groups items that are about one thing, so that a draft tells it once. When in doubt, two items stay two."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from digests.bills import by_bill
from digests.calendar import london_day
from digests.model import Group, Kind, Story, TaggedItem

# Who speaks for a story: the one whose own act it is, before those who report it.
_AUTHORITY = (
    Group.LEGISLATION,
    Group.PARLIAMENT,
    Group.GOVERNMENT,
    Group.REGULATORS,
    Group.DEVOLVED,
    Group.INTERNATIONAL,
    Group.RESEARCH,
    Group.CIVIL_SOCIETY,
    Group.PRESS,
)

# Kinds whose titles may name one thing whoever publishes it. Titles of the others (written questions, debates,
# statistics, transparency data, bills, ...) are headings under which many different documents appear.
_REPORTS = frozenset({Kind.NEWS, Kind.BLOG, Kind.OTHER, Kind.GUIDANCE, Kind.POLICY_PAPER, Kind.RESEARCH})
_ALIKE_ONLY = frozenset({Kind.CONSULTATION, Kind.CALL_FOR_EVIDENCE, Kind.CONSULTATION_OUTCOME, Kind.SPEECH})

# Titles repeat from year to year; two items further apart than this are not one story.
_DAYS_APART = timedelta(days=10)
# A title must say this many words of its own to identify a story. A headline of news says what happened, and needs one
# less, where it has so many words in all: two bodies may publish a “modern slavery statement”, but not as news.
_OWN_WORDS = 5
_OWN_WORDS_OF_NEWS = 4
_WORDS_OF_NEWS = 6
# How many words each of two names may have that stand around an "and" at the beginning of a title.
_NAME_WORDS = 2
# A headline is much shorter; what follows in a hostile one is not compared.
_TITLE_LIMIT = 400

_LABEL = re.compile(
    r"^\s*(?:press release|news story|news|exclusive|revealed|breaking|watch|live)\s*[:|–-]\s+", re.IGNORECASE
)
_AMOUNT = re.compile(r"(?<=\d)\s?(bn|m)\b")
_AMOUNTS = {"bn": " billion", "m": " million"}
_WORD = re.compile(r"[£$€%]|\d+(?:[.,:/]\d+)*|[^\W\d_]+(?:['’][^\W\d_]+)*")
_BRACKETED = re.compile(r"[(\[]([^()\[\]]*)[)\]]")

_CURRENCIES = frozenset("£$€")
_FILLERS = {"a", "an", "the", "new", "and", "that"}
_MODALS = frozenset({"to", "will", "must", "may", "could", "should", "can", "would"})
_PASSIVE = frozenset({"is", "are", "was", "were", "been", "being", "has", "have", "not", "never"})
_SAYS = re.compile(r"(?P<what>.{10,}), (?P<who>[^,:;]{3,40}) (?:say|says|said)\Z", re.DOTALL)


def _stem(word: str) -> str:
    """The word without the differences of spelling and inflection between two headlines about one thing."""
    word = word.replace("’", "'").removesuffix("'s")
    if not word[0].isalpha() or len(word) < 5:
        return word
    word = re.sub(r"is(e|es|ed|ing|ation|ations)$", r"iz\1", word)
    for suffix, least in (("ing", 5), ("ed", 5), ("es", 5), ("s", 4), ("e", 4)):
        if word.endswith(suffix) and len(word) - len(suffix) >= least and not word.endswith("ss"):
            return word.removesuffix(suffix)
    return word


# Words that many different titles share; they do not help a title to identify a story.
_COMMON_WORDS = """
account adviser agenda annual board business code committee consultation corporate data digital for framework freedom
from guidance in information job letter meeting minutes monthly newsletter notice of on plan policy privacy publication
quarterly register release report request response review scheme senior statement strategy summary to update vacancy
weekly with year
"""
_COMMON = frozenset(_stem(word) for word in _COMMON_WORDS.split())


@dataclass(frozen=True, slots=True)
class _Fingerprint:
    """What two titles must share to be one story.

    Every word counts, in its order, so that another number, month, stage or "not" is always another story. Names in
    brackets count once more: "(Extension) Bill" and "Extension Bill" may be two. ``paired`` is how many words stand
    before an "and" with which the title may begin with two names in either order, 0 where there is none.
    """

    words: tuple[str, ...]
    bracketed: tuple[str, ...]
    kind: Kind  # the kind itself, or ``OTHER`` for every kind of report
    paired: int = field(default=0, compare=False)

    def says_enough(self, kind: Kind) -> bool:
        """Whether the title has enough words of its own to be about one thing only; an amount of money is one more."""
        own = [word for word in self.words if word in _CURRENCIES or (word not in _COMMON and word[0].isalpha())]
        is_headline = kind is Kind.NEWS and len(self.words) >= _WORDS_OF_NEWS
        return len(own) >= (_OWN_WORDS_OF_NEWS if is_headline else _OWN_WORDS)

    def turned(self) -> Iterator[_Fingerprint]:
        """The same with the two names at its beginning in the other order: "A and B agree", "B and A agree"."""
        for second in range(1, _NAME_WORDS + 1) if self.paired else ():
            end = self.paired + second
            yield replace(self, words=self.words[self.paired : end] + self.words[: self.paired] + self.words[end:])


def group(items: Sequence[TaggedItem]) -> tuple[Story, ...]:
    """The items as stories, in the order in which each story's first item stands; every item is in exactly one.

    Items are one story if they have the same address; or if they come from different publishers within ten days,
    are of kinds that report, and have the same title once spelling, inflection and filler words are set aside, and
    whatever is said in the passive ("a plan published by A") or of two names in either order; or if they are about
    one bill.
    Which items are grouped never depends on their order.
    """
    by_address: dict[str, list[TaggedItem]] = {}
    for tagged in items:
        by_address.setdefault(_address(tagged.item.url), []).append(tagged)
    leads = {address: _in_authority(same)[0] for address, same in by_address.items()}

    by_title: dict[_Fingerprint, list[str]] = {}
    # In one order, so that it never depends on the items' which of two ways of saying it stands for both.
    for address, lead in sorted(leads.items(), key=lambda pair: _authority(pair[1])):
        fingerprint = _fingerprint(lead)
        if fingerprint:
            known = next((each for each in (fingerprint, *fingerprint.turned()) if each in by_title), fingerprint)
            by_title.setdefault(known, []).append(address)

    joined: dict[str, str] = {}
    for addresses in by_title.values():
        founders: list[list[str]] = []
        for address in sorted(addresses, key=lambda each: _authority(leads[each])):
            story = next((s for s in founders if all(_may_join(leads[address], leads[o]) for o in s)), None)
            if story is None:
                founders.append([address])
            else:
                story.append(address)
                joined[address] = story[0]

    members: dict[str, list[TaggedItem]] = {}
    for address, same in by_address.items():
        members.setdefault(joined.get(address, address), []).extend(same)
    stories = [_in_authority(each) for each in members.values()]
    return by_bill([Story(lead, tuple(others)) for lead, *others in stories])


def _authority(tagged: TaggedItem) -> tuple[int, float, str]:
    item = tagged.item
    return _AUTHORITY.index(item.group), (item.published_at or item.received_at).timestamp(), item.id


def _in_authority(items: Sequence[TaggedItem]) -> list[TaggedItem]:
    return sorted(items, key=_authority)


def _may_join(one: TaggedItem, other: TaggedItem) -> bool:
    if one.item.publisher.casefold() == other.item.publisher.casefold():
        return False
    return abs(_day(one) - _day(other)) <= _DAYS_APART


def _day(tagged: TaggedItem) -> date:
    return london_day(tagged.item.published_at or tagged.item.received_at)


def _address(url: str) -> str:
    """A canonical address without the differences that never tell two documents apart."""
    return re.sub(r"^https?://(?:www\.)?", "", url, count=1).rstrip("/")


def _fingerprint(tagged: TaggedItem) -> _Fingerprint | None:
    """What identifies the item's story by its title; None where the title could stand over anything."""
    return story_key(tagged.item.title, tagged.item.publisher, tagged.item.kind)


def story_key(title: str, publisher: str, kind: Kind) -> _Fingerprint | None:
    """What two titles about one thing have in common; None where the title could stand over anything.

    Another number, month, stage, bracketed name or "not" always makes another key.
    """
    if kind not in _REPORTS and kind not in _ALIKE_ONLY:
        return None
    title = unicodedata.normalize("NFKC", title[:_TITLE_LIMIT])
    title = _without_publisher(_LABEL.sub("", title), publisher).casefold()
    said = _words_of(_AMOUNT.sub(lambda match: _AMOUNTS[match.group(1)], title))
    words = [word for word in said if word not in _FILLERS]
    before = [word for word in said[: said.index("and")] if word not in _FILLERS] if "and" in said else []
    fingerprint = _Fingerprint(
        words=tuple(map(_stem, words)),
        bracketed=tuple(" ".join(name.split()) for name in _BRACKETED.findall(title)),
        kind=Kind.OTHER if kind in _REPORTS else kind,
        paired=len(before) if len(before) <= _NAME_WORDS else 0,
    )
    return fingerprint if fingerprint.says_enough(kind) else None


def _words_of(title: str) -> list[str]:
    """The words of a title in one order for several ways of saying one thing.

    "A plan, experts say" is "experts: a plan", and "a plan announced by A" is "A announced a plan".
    """
    said = _SAYS.match(title)
    if said:
        return _WORD.findall(said["who"]) + _active(_WORD.findall(said["what"]))
    who, colon, what = title.partition(": ")
    return _WORD.findall(who) + _active(_WORD.findall(what)) if colon else _active(_WORD.findall(title))


def _active(words: list[str]) -> list[str]:
    """What is done by somebody, as somebody doing it: "X to be replaced by Y" is "Y to replaced X". Else unchanged."""
    at = words.index("by") if words.count("by") == 1 else 0
    if at < 2 or at + 1 == len(words) or not words[at - 1].endswith("ed"):
        return words
    done, verb, doer = words[: at - 1], words[at - 1], words[at + 1 :]
    if done[-1] == "be" and len(done) > 2 and done[-2] in _MODALS:
        return [*doer, done[-2], verb, *done[:-2]]
    return words if done[-1] in _PASSIVE or done[-1] == "be" else [*doer, verb, *done]


def _without_publisher(title: str, publisher: str) -> str:
    head, mark, tail = title.rpartition(" | ") if " | " in title else title.rpartition(" - ")
    return head if mark and tail.strip().casefold() == publisher.casefold() else title
