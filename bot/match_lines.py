"""Ranks lines of JSON, for ``convenor introductions match``: profiles are read first, then each request is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.introductions.matching import Candidate, Matcher, Profile
from bot.tag_lines import id_of, row_of, text_of

NO_GOOD_MATCH = "No good match: nobody here says that they could help with this."

Id = str | int | float


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one line: candidates, the best first; or, in ``error``, why the line could not be used."""

    id: Id | None
    line: int
    """Counted from 1."""
    text: str = ""
    candidates: tuple[tuple[Id, Candidate], ...] = ()
    error: str = ""

    @property
    def good(self) -> bool:
        """Whether there is somebody to ask."""
        return any(candidate.good for _, candidate in self.candidates)


def read_profiles(lines: Iterable[str], matcher: Matcher) -> tuple[dict[str, Id], list[tuple[int, str]]]:
    """Put the profiles ``{"id", "text", "organisation", "topics"}`` of these lines into the matcher.

    Returns their ids as they were given, and the number of each line that could not be used with why. Blank lines are
    passed over.
    """
    ids: dict[str, Id] = {}
    wrong: list[tuple[int, str]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = row_of(line, "text")
            given = _needed_id(row)
            # A number is another id than the same figures as text.
            key = f"{type(given).__name__}:{given}"
            if key in ids:
                raise ValueError(f"An earlier line has the “id” {given} already.")
            matcher.put(Profile(key, _needed_text(row), text_of(row, "organisation"), _topics(row)))
            ids[key] = given
        except ValueError as error:
            wrong.append((number, str(error)))
    return ids, wrong


def answer_requests(lines: Iterable[str], matcher: Matcher, ids: dict[str, Id], limit: int) -> Iterator[Answer]:
    """An answer to each request ``{"id", "text"}`` of these lines, in order; blank lines are passed over."""
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        given: Id | None = None
        try:
            row = row_of(line, "text")
            given = _needed_id(row)
            text = _needed_text(row)
        except ValueError as error:
            yield Answer(given, number, error=str(error))
            continue
        found = matcher.rank(text, limit=limit)
        yield Answer(given, number, text, tuple((ids[candidate.id], candidate) for candidate in found))


def as_data(answer: Answer) -> dict[str, Any]:
    """``{"id", "candidates": [{"id", "score", "because", "good"}]}``, or ``{"id", "line", "error"}``.

    Where none is good, ``no_good_match`` says so in a sentence; the candidates then are those who came nearest.
    """
    if answer.error:
        return {"id": answer.id, "line": answer.line, "error": answer.error}
    found = [
        {"id": given, "score": candidate.score, "because": candidate.because, "good": candidate.good}
        for given, candidate in answer.candidates
    ]
    note = {} if answer.good else {"no_good_match": NO_GOOD_MATCH}
    return {"id": answer.id, "candidates": found, **note}


def as_text(answer: Answer) -> str:
    """The same for people, over several lines."""
    if answer.error:
        return f"Line {answer.line}: {_shown(answer.error)}\n"
    lines = [f"{_shown(str(answer.id))}: {_shown(answer.text)}"]
    if not answer.good:
        lines.append(f"  {NO_GOOD_MATCH}" + (" The nearest:" if answer.candidates else ""))
    width = max((len(_shown(str(given))) for given, _ in answer.candidates), default=0)
    for place, (given, candidate) in enumerate(answer.candidates, start=1):
        weak = "" if candidate.good else " (a weak match)"
        who = _shown(str(given)).ljust(width)
        lines.append(f"  {place:2}. {who}  {candidate.score:.2f}  {_shown(candidate.because)}{weak}")
    return "\n".join(lines) + "\n"


def _needed_id(row: dict[str, Any]) -> Id:
    given = id_of(row)
    if given is None or given == "":
        raise ValueError("There is no “id” in this line.")
    return given


def _needed_text(row: dict[str, Any]) -> str:
    text = text_of(row, "text")
    if not text.strip():
        raise ValueError("There is no “text” in this line.")
    return text


def _topics(row: dict[str, Any]) -> tuple[str, ...]:
    topics = row.get("topics")
    if topics is None:
        return ()
    if not isinstance(topics, list) or not all(isinstance(topic, str) for topic in topics):
        raise ValueError("The “topics” in this line are not a list of texts.")
    return tuple(topics)


def _shown(text: str) -> str:
    """One line of text that cannot command a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
