"""What editors should look at before they approve. A warning never blocks anything."""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from digests.adding import address_key
from digests.calendar import say_day, say_when
from digests.correcting import corrected_id
from digests.links import cleaned, followers, leads_home, written_in
from digests.model import Content, Edition, Entry, LinkCheck, LinkState
from digests.stories import story_key
from digests.told import Earlier

ENTRY_AT_MOST = 2_900
"""So many characters of one entry, or of an intro, every channel shows: Slack cuts a paragraph at 3,000."""
_ADDRESS_SHOWN = 80
# A word of fewer letters may be an acronym.
_SHOUTED_LETTERS = 5
_SHOUTED_WORDS = 3
_WORDS = re.compile(r"[^\W\d_]+")
_CUT_SHORT = ("…", "...", "[…]", "[...]")


class WarningKind(StrEnum):
    """What may be wrong."""

    SEEN_BEFORE = "seen before"  # it stood in an earlier edition
    DEAD_LINK = "dead link"
    REDIRECTED_LINK = "redirected link"
    TRACKING = "tracking"  # the address carries parameters that follow readers about
    TRUNCATED_TITLE = "truncated title"
    SHOUTING_TITLE = "shouting title"
    DUPLICATE = "duplicate"
    NO_PUBLISHER = "no publisher"
    TOO_LONG = "too long"  # for a channel
    EMPTY_SECTION = "empty section"


@dataclass(frozen=True, slots=True)
class Warning:
    """One thing that may be wrong, in a sentence. ``entry_id`` is empty where it is about the edition as a whole.

    ``remedy`` is the address that would put it right; empty where that takes more than another address.
    """

    entry_id: str
    kind: WarningKind
    sentence: str
    remedy: str = ""


def warnings_of(
    edition: Edition,
    *,
    earlier: Earlier,
    checks: Mapping[str, LinkCheck],
    planned: Collection[str],
) -> tuple[Warning, ...]:
    """Everything to look at in an edition: that of the whole first, then that of each included entry, in order.

    ``earlier`` is what was published before, ``checks`` the last looks at its links by their addresses, ``planned``
    the ids of the sections that every edition has.
    """
    content = edition.content
    twice = _told_twice(content)
    found = [*_of_the_whole(content, planned), *_about_written_links(content, checks)]
    for entry in content.included:
        found += _said_before(entry, edition, earlier)
        found += _about_links(entry, checks)
        found += _about_title(entry)
        if entry.id in twice:
            found.append(Warning(entry.id, WarningKind.DUPLICATE, twice[entry.id]))
        found += _about_text(entry)
    return tuple(found)


def _texts(content: Content) -> tuple[tuple[str, str], ...]:
    return (
        ("introduction", content.intro),
        ("text on what the network has been up to", content.updates),
        ("closing text", content.outro),
    )


def _about_written_links(content: Content, checks: Mapping[str, LinkCheck]) -> Iterator[Warning]:
    for name, words in _texts(content):
        for url in dict.fromkeys(written_in(words)):
            check = checks.get(url)
            which = (
                f"The link to {url if len(url) <= _ADDRESS_SHOWN else url[: _ADDRESS_SHOWN - 1] + '…'} in the {name}"
            )
            if check is not None and check.state is LinkState.DEAD:
                sentence = f"{which} leads nowhere. {check.reason} (Tried {say_when(check.checked_at)}.)"
                yield Warning("", WarningKind.DEAD_LINK, sentence)
            elif check is not None and check.state is LinkState.MOVED:
                yield Warning("", WarningKind.REDIRECTED_LINK, f"{which} leads on to {check.moved_to} now.")


def _of_the_whole(content: Content, planned: Collection[str]) -> Iterator[Warning]:
    for name, words in _texts(content):
        if len(words) > ENTRY_AT_MOST:
            yield Warning(
                "",
                WarningKind.TOO_LONG,
                f"The {name} is {len(words):,} characters long, and channels show the first {ENTRY_AT_MOST:,} of it: "
                "please shorten it.",
            )
    for section in content.sections:
        entries = [entry for entry in content.entries if entry.section == section.id]
        if any(entry.included for entry in entries):
            continue
        if entries:
            yield Warning(
                "",
                WarningKind.EMPTY_SECTION,
                f"Everything under “{section.title}” is left out, so readers will not see this heading.",
            )
        elif section.id not in planned:
            yield Warning(
                "",
                WarningKind.EMPTY_SECTION,
                f"“{section.title}” has no entry yet, so readers will not see this heading.",
            )


def _said_before(entry: Entry, edition: Edition, earlier: Earlier) -> Iterator[Warning]:
    told = earlier.of(entry, edition.due_on)
    if told is None or told.edition_id == corrected_id(edition.id):
        return
    sentence = f"It stood in edition {told.number} ({say_day(told.due_on)}) already"
    words = f"{sentence}." if told.title == entry.title else f"{sentence}, as “{told.title}”."
    yield Warning(entry.id, WarningKind.SEEN_BEFORE, words)


def _about_links(entry: Entry, checks: Mapping[str, LinkCheck]) -> Iterator[Warning]:
    for url, which in ((entry.url, "The link"), *((also.url, f"The link to {also.publisher}") for also in entry.also)):
        check = checks.get(url)
        if check is None:
            continue
        if check.state is LinkState.DEAD:
            sentence = f"{which} leads nowhere. {check.reason} (Tried {say_when(check.checked_at)}.)"
            yield Warning(entry.id, WarningKind.DEAD_LINK, sentence)
        elif check.state is LinkState.MOVED and leads_home(check.moved_to) and not leads_home(url):
            sentence = f"{which} leads to the front page of {check.moved_to} now, so the page may be gone."
            yield Warning(entry.id, WarningKind.REDIRECTED_LINK, sentence)
        elif check.state is LinkState.MOVED:
            remedy = check.moved_to if url == entry.url else ""
            sentence = f"{which} leads on to {check.moved_to} now."
            yield Warning(entry.id, WarningKind.REDIRECTED_LINK, sentence, remedy)
    if names := followers(entry.url):
        parts = "a part" if len(names) == 1 else "parts"
        named = ", ".join(f"“{name[:30]}”" for name in names)
        sentence = f"The address has {parts} that may follow readers about: {named}."
        yield Warning(entry.id, WarningKind.TRACKING, sentence, cleaned(entry.url))


def _about_title(entry: Entry) -> Iterator[Warning]:
    if entry.title.rstrip().endswith(_CUT_SHORT):
        yield Warning(entry.id, WarningKind.TRUNCATED_TITLE, "The title is cut short.")
    words = [word for word in _WORDS.findall(entry.title) if len(word) >= _SHOUTED_LETTERS]
    if sum(word.isupper() for word in words) >= max(_SHOUTED_WORDS, len(words) / 2):
        yield Warning(entry.id, WarningKind.SHOUTING_TITLE, "The title is in capitals.")


def _about_text(entry: Entry) -> Iterator[Warning]:
    if not entry.publisher.strip():
        yield Warning(entry.id, WarningKind.NO_PUBLISHER, "It does not say who published it.")
    length = len(f"{entry.title} ({entry.publisher}) {entry.blurb}")
    length += sum(len(also.publisher) + 2 for also in entry.also_from)
    length += sum(len(also.title) + 2 for also in entry.see_also)
    if length > ENTRY_AT_MOST:
        sentence = (
            f"It is {length:,} characters long, and channels show the first {ENTRY_AT_MOST:,} of an entry: please "
            "shorten its text."
        )
        yield Warning(entry.id, WarningKind.TOO_LONG, sentence)


def _told_twice(content: Content) -> dict[str, str]:
    """The entries that tell what an entry before them tells, by id, with the sentence that says so.

    A dated entry is meant to be its item's second showing.
    """
    titles = {section.id: section.title for section in content.sections}
    first: dict[Hashable, Entry] = {}
    twice: dict[str, str] = {}
    for entry in content.included:
        if entry.date is not None:
            continue
        keys: list[Hashable] = [address_key(entry.url)]
        story = story_key(entry.title, entry.publisher, entry.kind)
        if story is not None:
            keys.append(story)
        other = next((first[key] for key in keys if key in first), None)
        if other is not None:
            twice[entry.id] = f"It is told twice: also as “{other.title}” under “{titles.get(other.section, '')}”."
        for key in (*keys, *(address_key(also.url) for also in entry.also)):
            first.setdefault(key, entry)
    return twice
