"""Gathers what is about one bill (its page, stages, publications, sittings) into one story, led by the bill itself."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from digests.model import Item, Kind, Story, TaggedItem

# Parliament's number of a bill, in the address of its page and of every page below it.
_NUMBER = re.compile(r"https://bills\.parliament\.uk/bills/(\d{1,9})(/.*)?")
# A title that begins with the name of a bill, and says no more or sets the rest apart: “Data Bill [HL]: Report stage”.
_NAMED = re.compile(r"(?:the )?(.{3,200}? bill)(?: ?[\[(](?:hl|lords)[\])])?(?: ?[:|,–—].*| - .*)?", re.DOTALL)
# What such a title begins with where it names no bill.
_NO_NAMES = frozenset({"public bill", "private bill", "hybrid bill", "draft bill", "new bill", "this bill"})
_TITLE_LIMIT = 400

# Others (briefings, news) are about a bill too, but are documents in their own right.
_STEPS = (Kind.BILL, Kind.STAGE, Kind.DEBATE, Kind.EVENT, Kind.EVIDENCE_SESSION)


def by_bill(stories: Sequence[Story]) -> tuple[Story, ...]:
    """The stories, with those about one bill as one, where the first of them stood. No item is lost.

    Two are about one bill if their addresses carry the same number of it, or, where an address carries none, if
    their titles begin with its whole name, with or without “[HL]”. A name that several numbers carry joins nothing.
    """
    numbers: dict[str, set[str]] = {}
    for story in stories:
        item = story.lead.item
        if _number(item) and _name(item):
            numbers.setdefault(_name(item), set()).add(_number(item))
    gathered: dict[str, list[Story]] = {}
    for story in stories:
        gathered.setdefault(_bill(story.lead.item, numbers) or f"item {story.lead.item.id}", []).append(story)
    return tuple(_one(each) for each in gathered.values())


def _bill(item: Item, numbers: dict[str, set[str]]) -> str:
    """What two items about one bill share; empty where the item is about none, or it is in doubt which."""
    number, name = _number(item), _name(item)
    known = numbers.get(name, set())
    if number or len(known) == 1:
        return f"number {number or min(known)}"
    return f"name {name}" if name and not known else ""


def _number(item: Item) -> str:
    match = _NUMBER.fullmatch(item.url)
    return match[1] if match else ""


def _name(item: Item) -> str:
    if item.kind not in _STEPS:
        return ""
    title = " ".join(unicodedata.normalize("NFKC", item.title[:_TITLE_LIMIT]).casefold().split())
    page = _NUMBER.fullmatch(item.url)
    if page and not page[2] and " bill" not in title:
        # Some feeds of bills leave the word out.
        title = f"{title} bill"
    match = _NAMED.fullmatch(title)
    return match[1] if match and match[1] not in _NO_NAMES else ""


def _one(stories: Sequence[Story]) -> Story:
    if len(stories) == 1:
        return stories[0]
    members = [tagged for story in stories for tagged in (story.lead, *story.others)]
    lead, *others = sorted(members, key=_precedence)
    return Story(lead, tuple(others))


def _precedence(tagged: TaggedItem) -> tuple[bool, bool, bool, float, str]:
    """The bill's own page first, then what knows its stage; the newest first among equals."""
    item = tagged.item
    match = _NUMBER.fullmatch(item.url)
    received = (item.published_at or item.received_at).timestamp()
    return not (match and not match[2]), item.kind is not Kind.BILL, not item.stage, -received, item.id
