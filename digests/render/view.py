"""What every output shows of an edition: its included entries by section, as plain lines and safe addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from digests.calendar import say_date, say_day, say_when, with_time
from digests.correcting import lines_of
from digests.model import Content, Edition, Entry, LeftOut, Window

UPDATES = "What we’ve been up to"
"""The heading over what the network tells of itself."""
UPDATES_ANCHOR = "what-weve-been-up-to"

_NOT_IN_ANCHORS = re.compile(r"[^a-z0-9]+")
# Formatting characters that script needs (joiners of letters and emoji) stay; the others can turn a line around.
_JOINERS = frozenset("\u200c\u200d")


class Output(StrEnum):
    """What an edition can be rendered as."""

    MARKDOWN = "md"
    HTML = "html"
    TEXT = "text"
    JSON = "json"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section that has entries. ``title`` is one line; ``anchor`` is safe in an address and occurs once."""

    title: str
    anchor: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class LeftOutView:
    """How many items a draft left out for one reason, and those of them that are relevant."""

    reason: str
    number: int
    entries: tuple[LeftOut, ...]


@dataclass(frozen=True, slots=True)
class EditionView:
    """An edition to be shown. ``due_on`` is its London date.

    With ``reasons`` it is shown as editors see it: each entry with why it is there, the notes, and what was
    left out. ``url`` is where readers find it on the web, if they do.
    """

    title: str
    number: int
    due_on: date
    window: Window
    content: Content
    reasons: bool = False
    url: str = ""

    @classmethod
    def of(cls, edition: Edition, *, reasons: bool = False, url: str = "") -> EditionView:
        """The view of an edition at its present revision."""
        content = edition.content
        return cls(content.title, edition.number, edition.due_on, edition.window, content, reasons, url)

    @property
    def name(self) -> str:
        """The edition as people call it, in one line: ``Data Policy Digest 12``."""
        return one_line(f"{self.title} {self.number}")

    @property
    def summary(self) -> str:
        """How many entries there are, and of what: ``31 entries: Bills, Government``."""
        sections = self.sections
        number = sum(len(section.entries) for section in sections)
        told = f"{number} {'entry' if number == 1 else 'entries'}"
        return f"{told}: {', '.join(section.title for section in sections)}" if sections else told

    @property
    def sections(self) -> tuple[SectionView, ...]:
        """The sections that have included entries, in order."""
        return tuple(self._sections())

    @property
    def byline(self) -> str:
        """The number and the day, under the title."""
        return f"Number {self.number}, {say_day(self.due_on)}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What readers are told of corrections, and what only editors are told."""
        corrected = lines_of(self.content)
        if not self.reasons:
            return corrected
        covered = f"Covers what arrived from {say_when(self.window.start)} to {say_when(self.window.end)}."
        return (*corrected, covered, *self.content.notes)

    @property
    def left_out(self) -> tuple[LeftOutView, ...]:
        """What the draft left out, for editors only, the reason of most items first."""
        if not self.reasons:
            return ()
        listed = self.content.left_out_entries
        return tuple(
            LeftOutView(reason, number, tuple(each for each in listed if each.reason == reason))
            for reason, number in self.content.left_out
        )

    def day_of(self, entry: Entry) -> str:
        """The day of a dated entry, with its year where that is not the edition's, and its time: ``28 January, 5pm``.

        Empty where the entry is not dated.
        """
        if entry.date is None:
            return ""
        return with_time(say_date(entry.date, year=entry.date.year != self.due_on.year), entry.time)

    def why(self, entry: Entry) -> str:
        """The reasons for an entry in one line; empty where they are not to be shown."""
        reasons = "; ".join(one_line(reason) for reason in entry.reasons)
        return f"Why: {reasons}." if self.reasons and reasons else ""

    def _sections(self) -> Iterator[SectionView]:
        taken = {UPDATES_ANCHOR}
        for place, section in enumerate(self.content.sections, start=1):
            entries = self.content.of_section(section.id)
            anchor = _NOT_IN_ANCHORS.sub("-", section.id.lower()).strip("-")
            if not anchor or anchor in taken:
                anchor = f"{anchor or 'section'}-{place}"
            taken.add(anchor)
            if entries:
                yield SectionView(one_line(section.title), anchor, entries)


def machine_time(entry: Entry) -> str:
    """The day of a dated entry, with its time where that is known, as programs read it: ``2025-01-28T17:00``."""
    day = entry.date.isoformat() if entry.date else ""
    return f"{day}T{entry.time.isoformat('minutes')}" if day and entry.time else day


def one_line(words: str) -> str:
    """The words as one line, without control characters and without those that reorder text."""
    spaced = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in words)
    kept = (c for c in spaced if unicodedata.category(c) not in ("Cf", "Cs", "Co") or c in _JOINERS)
    return " ".join("".join(kept).split())


def paragraphs(words: str) -> tuple[str, ...]:
    """The paragraphs of an intro or outro, each as one line."""
    lines = (one_line(part) for part in re.split(r"\n[ \t\r]*\n", words))
    return tuple(line for line in lines if line)


def lines(words: str) -> tuple[str, ...]:
    """The lines of what the network tells of itself, each a point of its own; list marks before them are taken off."""
    told = (one_line(part).lstrip("-*•–").strip() for part in words.splitlines())
    return tuple(line for line in told if line)


def web_address(url: str) -> str:
    """The address if it is http or https and holds no space or control character; else empty: not to be linked."""
    if not url.lower().startswith(("http://", "https://")) or one_line(url) != url or " " in url:
        return ""
    return url
