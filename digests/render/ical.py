"""Days that published entries name, as a calendar to subscribe to (iCalendar, RFC 5545 with RFC 7986)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from digests.archive import Ahead
from digests.model import Topic
from digests.render.view import one_line, web_address

TYPE = "text/calendar"
# RFC 5545, 3.1: no line of content is longer than 75 octets, without the line's end.
_MOST_OCTETS = 75
_SPECIAL = re.compile(r"[\\;,]")


def calendar(title: str, days: Iterable[Ahead], *, base: str, topics: Mapping[str, Topic], sequence: int = 0) -> str:
    """The days as a calendar with ``\\r\\n`` line ends.

    A day with no time of day is an event of the whole day; one with a time is an event of that moment, in UTC. An
    event keeps its UID when its day moves. ``sequence`` is the SEQUENCE of every event: larger than any that was
    sent before something changed. ``base`` is the archive's address without a slash at the end.
    """
    host = urlsplit(base).hostname or "localhost"
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Convenor//Data Policy Digest//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_escaped(title)}",
        f"X-WR-CALNAME:{_escaped(title)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT12H",
        "X-PUBLISHED-TTL:PT12H",
    ]
    for ahead in days:
        lines += _event(ahead, host, base, topics, sequence)
    lines.append("END:VCALENDAR")
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _event(ahead: Ahead, host: str, base: str, topics: Mapping[str, Topic], sequence: int) -> Iterator[str]:
    entry, where = ahead.mention.entry, ahead.mention.where
    stamp = _utc(where.updated_at)
    names = [topics[topic].name for topic in entry.topics if topic in topics]
    told = one_line(entry.title)
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(ahead.key)}@{host}"
    yield f"DTSTAMP:{stamp}"
    yield f"LAST-MODIFIED:{stamp}"
    # One for all: counting what happened to this day alone would forget it where an edition is withdrawn, and programs
    # take no notice of an event whose SEQUENCE is smaller than, or the same as, that of the one they have.
    yield f"SEQUENCE:{sequence}"
    if ahead.at is None:
        yield f"DTSTART;VALUE=DATE:{ahead.day:%Y%m%d}"
        yield f"DTEND;VALUE=DATE:{ahead.day + timedelta(days=1):%Y%m%d}"
    else:
        yield f"DTSTART:{_utc(ahead.at)}"
    yield f"SUMMARY:{_escaped(f'Closes: {told}' if ahead.closes else told)}"
    yield f"DESCRIPTION:{_escaped(_description(ahead, base))}"
    if address := web_address(entry.url):
        yield f"URL:{address}"
    if names:
        yield f"CATEGORIES:{','.join(map(_escaped, names))}"
    # It is a day to know of, not one on which the reader is busy.
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _description(ahead: Ahead, base: str) -> str:
    entry, edition = ahead.mention.entry, ahead.mention.where.edition
    named = f"{edition.content.title} {edition.number}"
    parts = (entry.publisher, entry.blurb, entry.url, f"{named}: {base}/editions/{edition.number}")
    return "\n".join(line for line in map(one_line, parts) if line)


def _uid(key: str) -> str:
    # RFC 7986 wants UIDs short and plain; an entry without an item is known by its address, which may be neither.
    return re.sub(r"[^A-Za-z0-9.-]+", "-", key)[-120:]


def _escaped(words: str) -> str:
    """Text as a value: every line on its own is made plain first, so that only our line ends are any."""
    plain = "\n".join(one_line(line) for line in words.split("\n"))
    return _SPECIAL.sub(lambda mark: f"\\{mark[0]}", plain).replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """The line in pieces of at most 75 octets, all but the first with a space before; no letter is cut through."""
    room, piece = _MOST_OCTETS, ""
    for letter in line:
        size = len(letter.encode("utf-8", "replace"))
        if size > room:
            yield piece
            piece, room = " ", _MOST_OCTETS - 1
        piece += letter
        room -= size
    yield piece


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
