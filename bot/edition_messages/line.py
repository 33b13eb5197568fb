"""What every view of an edition shares: its name, the line of an entry, and what a button is about."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Span, Text, bold, italic, link, text
from digests.calendar import say_day, with_time
from digests.model import Edition, Entry
from digests.render.linked import pieces

DROP, CHANGE = "entry.drop", "entry.change"
# A platform's own form of a link takes so many characters beside its words and its address. With a text as long as
# forms take, so many for all links together still make a block that one message of the tightest platform holds.
_LINK_COST, _LINKS_ROOM = 90, 4_000


def edition_name(edition: Edition) -> str:
    """The edition as people call it: ``Data Policy Digest 12, Friday 24 January 2025``."""
    return f"{edition.content.title} {edition.number}, {say_day(edition.due_on)}"


def entry_value(edition: Edition, entry: Entry) -> str:
    """What an entry's button is about."""
    return f"{edition.id} {entry.id}"


def parse_value(value: str) -> tuple[str, str]:
    """The edition id and the rest of a button's value."""
    edition_id, _, rest = value.partition(" ")
    return edition_id, rest


def entry_line(entry: Entry) -> Text:
    when = [bold(f"{with_time(say_day(entry.date), entry.time)}: ")] if entry.date else []
    blurb = f" {entry.blurb}" if entry.blurb else ""
    also = links_to(" Also from ", [(also.publisher, also.url) for also in entry.also_from])
    also += links_to(" See also ", [(also.title, also.url) for also in entry.see_also])
    return text(*when, link(entry.title, entry.url), f" ({entry.publisher})", blurb, *also)


def links_to(before: str, links: Sequence[tuple[str, str]]) -> list[Text]:
    if not links:
        return []
    parts: list[Text] = [text(italic(before))]
    for number, (label, url) in enumerate(links):
        parts.append(text(", " if number else "", link(label, url)))
    return [*parts, text(".")]


def linked(words: str) -> Text:
    """What an editor wrote, with the web addresses in it as links: as many of them as one message can hold."""
    parts: list[str | Span] = []
    room = _LINKS_ROOM
    for part, address in pieces(words):
        cost = _LINK_COST + len(address)
        if address and cost <= room:
            room -= cost
            parts.append(link(part, address))
        elif parts and isinstance(last := parts[-1], str):
            parts[-1] = last + part
        else:
            parts.append(part)
    return text(*parts)


def joined(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def short(title: str) -> str:
    return title if len(title) <= 60 else title[:59].rstrip() + "…"
