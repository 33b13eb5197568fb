"""An edition as Markdown, in the shape of the digests before Convenor: for the website, or to paste anywhere."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

from digests.model import Entry
from digests.render.linked import pieces
from digests.render.view import (
    UPDATES,
    UPDATES_ANCHOR,
    EditionView,
    LeftOutView,
    lines,
    one_line,
    paragraphs,
    web_address,
)

# Everything that CommonMark, kramdown, their common extensions or Liquid could take for markup within a line. Bare
# addresses count: some sites turn them into links.
_MARKUP = re.compile(
    r"[\\`*_{}\[\]|<>~@]|&(?=#?\w)|\$(?=\$)|(?<=\$)\$|(?<=\{)%|%(?=\})|(?<=www)\.|:(?=//)", re.IGNORECASE
)
# What kramdown does not know with a backslash is written as an entity; the rest takes a backslash.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "~": "&#126;", "@": "&#64;", "%": "&#37;"}
# What begins a list, a heading, a rule or a definition at the start of a line.
_BLOCK_START = re.compile(r"^(\d{0,9})([-+=#:.)])")
_SAFE_IN_ADDRESS = "!#$%&*+,-./:;=?@_~"
_ENTITY = re.compile(r"&(?=#?\w+;)")


def render(view: EditionView) -> str:
    """The edition as Markdown with a front matter, for CommonMark and kramdown."""
    parts = [_front_matter(view)]
    parts += [_paragraph(words) for words in paragraphs(view.content.intro)]
    parts += [f"*{escape(note)}*" for note in view.notes]
    sections, told = view.sections, lines(view.content.updates)
    if sections:
        headings = [(section.title, section.anchor) for section in sections]
        headings += [(UPDATES, UPDATES_ANCHOR)] if told else []
        contents = "\n".join(f"* [{escape(title)}](#{anchor})" for title, anchor in headings)
        parts.append(f"## **Contents**\n\n{contents}")
    else:
        parts.append("There are no entries in this edition.")
    for section in sections:
        entries = "\n".join(_entry(view, entry) for entry in section.entries)
        parts.append(f"## **{escape(section.title)}** {{#{section.anchor}}}\n\n{entries}")
    if told:
        points = "\n".join(f"* {_paragraph(line)}" for line in told)
        parts.append(f"## **{UPDATES}** {{#{UPDATES_ANCHOR}}}\n\n{points}")
    parts += [_paragraph(words) for words in paragraphs(view.content.outro)]
    if view.left_out:
        parts.append("## **Left out**\n\n" + "\n".join(_left_out(each) for each in view.left_out))
    return "\n\n".join(parts) + "\n"


def escape(words: str) -> str:
    """The words as one line in which nothing is markup, whoever wrote it."""
    return _escaped(one_line(words))


def _escaped(line: str) -> str:
    return _MARKUP.sub(lambda mark: _ENTITIES.get(mark[0]) or f"\\{mark[0]}", line)


def _front_matter(view: EditionView) -> str:
    # A JSON string is a YAML string.
    title = json.dumps(one_line(view.title), ensure_ascii=False)
    return f"---\ntitle: {title}\nnumber: {view.number}\ndate: {view.due_on.isoformat()}\n---"


def _paragraph(words: str) -> str:
    """A paragraph of an editor, or a point of a list: one line, with its addresses as links."""
    told = ""
    for part, address in pieces(one_line(words)):
        # A mark of exclamation before a link would make it a picture.
        told = told.removesuffix("!") + "\\!" if address and told.endswith("!") else told
        told += _link(part, address) if address else _escaped(part)
    return _BLOCK_START.sub(r"\1\\\2", told)


def _entry(view: EditionView, entry: Entry) -> str:
    day = view.day_of(entry)
    line = f"{day}: " if day else ""
    line += _link(entry.title, entry.url)
    if entry.publisher:
        line += f" ({escape(entry.publisher)})"
    if entry.blurb:
        line += f": {escape(entry.blurb)}"
    if entry.also_from:
        line += f" (also from {', '.join(_link(also.publisher, also.url) for also in entry.also_from)})"
    if entry.see_also:
        line += f" (see also {', '.join(_link(also.title, also.url) for also in entry.see_also)})"
    why = view.why(entry)
    # Two spaces before the end of a line keep the reasons on a line of their own.
    return f"* {line}" + (f"  \n  *{escape(why)}*" if why else "")


def _left_out(left: LeftOutView) -> str:
    items = (f"\n  * {_link(item.title, item.url)} ({escape(item.publisher)})" for item in left.entries)
    return f"* {left.number:,} {escape(left.reason)}" + "".join(items)


def _link(label: str, url: str) -> str:
    address = web_address(url)
    if not address:
        return escape(label)
    return f"[{escape(label)}]({_ENTITY.sub('&amp;', quote(address, safe=_SAFE_IN_ADDRESS))})"
