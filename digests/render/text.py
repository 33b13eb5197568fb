"""An edition as plain text for e-mail: no line is longer than 76 characters, except addresses."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from digests.model import Entry
from digests.render.linked import pieces
from digests.render.view import UPDATES, EditionView, LeftOutView, lines, one_line, paragraphs, web_address

WIDTH = 76


def render(view: EditionView) -> str:
    """The edition as plain text with ``\\n`` line ends."""
    blocks = [[*_underlined(one_line(view.title), "="), view.byline]]
    blocks += [_wrapped(words) for words in (*paragraphs(view.content.intro), *map(one_line, view.notes))]
    if not view.sections:
        blocks.append(["There are no entries in this edition."])
    for section in view.sections:
        blocks.append(_underlined(section.title, "-"))
        blocks += [list(_entry(view, entry)) for entry in section.entries]
    if told := lines(view.content.updates):
        blocks.append(_underlined(UPDATES, "-"))
        blocks += [_wrapped(line, first="* ") for line in told]
    blocks += [_wrapped(words) for words in paragraphs(view.content.outro)]
    if view.left_out:
        blocks.append(_underlined("Left out", "-"))
        blocks += [list(_left_out(each)) for each in view.left_out]
    return "\n\n".join("\n".join(lines) for lines in blocks) + "\n"


def _entry(view: EditionView, entry: Entry) -> Iterator[str]:
    day = view.day_of(entry)
    publisher = f" ({one_line(entry.publisher)})" if entry.publisher else ""
    yield from _wrapped(f"{day}: " * bool(day) + one_line(entry.title) + publisher, first="* ")
    yield from _wrapped(one_line(entry.blurb), first="  ")
    yield from _address(entry.url)
    for also in entry.also_from:
        yield from _wrapped(f"Also from {one_line(also.publisher)}:", first="  ")
        yield from _address(also.url)
    for also in entry.see_also:
        yield from _wrapped(f"See also {one_line(also.title)}:", first="  ")
        yield from _address(also.url)
    yield from _wrapped(view.why(entry), first="  ")


def _left_out(left: LeftOutView) -> Iterator[str]:
    yield from _wrapped(f"{left.number:,} {one_line(left.reason)}", first="* ")
    for item in left.entries:
        yield from _wrapped(f"{one_line(item.title)} ({one_line(item.publisher)})", first="  ")
        yield from _address(item.url)


def _address(url: str) -> Iterator[str]:
    if web_address(url):
        yield f"  {url}"


def _wrapped(words: str, first: str = "") -> list[str]:
    rest = " " * len(first)
    # An address is never broken: mail readers link it only whole.
    whole = any(address for _, address in pieces(words))
    return wrap(
        words,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=not whole,
    )


def _underlined(words: str, mark: str) -> list[str]:
    lines = _wrapped(words)
    return [*lines, mark * max(map(len, lines), default=0)]
