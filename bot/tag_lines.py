"""Tags lines of JSON, for ``convenor tag --jsonl -``: one answer for each line, so that a long file can be streamed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from digests.identity import canonical_url
from digests.kinds import NO_RULES, KindRules, Sorted
from digests.model import Tagging
from digests.tagging import Tagger

LONGEST_LINE = 5_000_000
_TEXTS = ("title", "summary", "publisher", "url")


def tag_lines(lines: Iterable[str], tagger: Tagger, kinds: KindRules = NO_RULES) -> Iterator[str]:
    """One line of JSON for each line of JSON, in order; blank lines are passed over.

    Reads ``{"id", "title", "summary", "publisher", "url"}``, of which only the title is needed. Answers
    ``{"id", "relevant", "topics": [{"id", "because"}], "gate", "kind": {"id", "because"}}``; a line that cannot be used
    is answered with ``{"id", "line", "error"}``, lines being counted from 1, and the others go on.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield as_line(_answer(line, number, tagger, kinds))


def _answer(line: str, number: int, tagger: Tagger, kinds: KindRules) -> dict[str, Any]:
    item_id: str | int | float | None = None
    try:
        row = row_of(line, "title")
        item_id = id_of(row)
        title, summary, publisher, url = (text_of(row, name) for name in _TEXTS)
        if not title.strip():
            raise ValueError("There is no “title” in this line.")
    except ValueError as wrong:
        return {"id": item_id, "line": number, "error": str(wrong)}
    kind = kinds.of_text(title, canonical_url(url))
    tagging = tagger.tag(title, summary, publisher, url, kind.kind)
    return {
        "id": item_id,
        "relevant": tagging.relevant,
        "topics": _topics(tagging),
        "gate": tagging.gate,
        "kind": _kind(kind),
    }


def row_of(line: str, needs: str) -> dict[str, Any]:
    """The object of a line, which ought to have ``needs``. Raises ValueError with a sentence for people."""
    if len(line) > LONGEST_LINE:
        raise ValueError(f"This line is longer than {LONGEST_LINE:,} characters.")
    try:
        row = json.loads(line, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise ValueError("This line is not JSON.") from None
    if not isinstance(row, dict):
        raise ValueError(f"This line is JSON, but not an object with a “{needs}”.")
    return row


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def id_of(row: dict[str, Any]) -> str | int | float | None:
    """The id of a line, if it has one. Raises as :func:`row_of` does."""
    value = row.get("id")
    if value is None or isinstance(value, str | int | float):
        return value
    raise ValueError("The “id” in this line is neither text nor a number.")


def text_of(row: dict[str, Any], name: str) -> str:
    """The text of this name, or nothing. Raises as :func:`row_of` does."""
    value = row.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"The “{name}” in this line is not text.")
    return value


def _kind(kind: Sorted) -> dict[str, str]:
    return {"id": kind.kind.value, "because": kind.because}


def _topics(tagging: Tagging) -> list[dict[str, str]]:
    return [{"id": tag.topic_id, "because": tag.because} for tag in tagging.tags]


def as_line(answer: dict[str, Any]) -> str:
    """An answer as one line of JSON, without the line end."""
    text = json.dumps(answer, ensure_ascii=False)
    # Half a surrogate pair may stand in JSON, but cannot be written to a file: then every such character is escaped.
    return text if _writable(text) else json.dumps(answer)


def _writable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
