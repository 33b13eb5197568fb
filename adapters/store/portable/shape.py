"""What a file of an export is: which table it holds, which fields each line has, and how a value is written."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, Table, Time
from sqlalchemy import Enum as EnumType

from adapters.store.tables import Moment, Sealed, storable
from digests.errors import ConvenorError

FORMAT = "convenor-export"
VERSION = 1
MOST_LINE_BYTES = 32_000_000
"""No line that Convenor writes comes near it; a file that is none of ours must not fill the memory."""
_LARGEST = 2**31 - 1  # of a whole number in either database

Json = dict[str, Any]


class WrongExport(ConvenorError):
    """A folder that cannot be brought in. Carries every mistake found, one sentence each."""

    sentence = "This export cannot be brought in. Nothing was changed."

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("", "\n".join([*problems, "Nothing was changed."]))


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a line: a column of the same name. ``words`` say what it means.

    ``person`` names a person; without members it is written as :data:`stand_in`, where it names anybody. ``packed`` is
    JSON that the database keeps as text. ``private`` is written with members alone, and ``without`` stands in its
    place else.
    """

    name: str
    words: str
    person: bool = False
    packed: bool = False
    private: bool = False
    without: Any = None
    stand_in: str = "former"


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of another table that a line has as a list. ``on`` is the column that refers to the line's own key."""

    name: str
    table: Table
    on: str
    fields: tuple[Field, ...]
    words: str


@dataclass(frozen=True, slots=True)
class File:
    """A file of JSON Lines: a line for each row of ``table``, by its primary key.

    ``members``: it is written with members alone. ``left`` are the columns that are not written, with what a row that
    is brought in gets there (``None`` is NULL); the order of rows, a column named ``id``, is told by the order of
    lines. ``change`` turns a row into what is written of it, given whether members are written; ``None`` for nothing.
    ``check`` raises ValueError, KeyError or TypeError for a line that nobody could use, and names its field first.
    """

    name: str
    table: Table
    words: str
    fields: tuple[Field, ...]
    members: bool = False
    left: Mapping[str, Any] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    change: Callable[[Json, bool], Json | None] | None = None
    check: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)


def fields(words: str, **how: Mapping[str, Any]) -> tuple[Field, ...]:
    """Fields from lines such as ``title: what it is``; ``how`` has more about some of them."""
    made = []
    for line in filter(str.strip, words.splitlines()):
        name, _, meaning = line.strip().partition(": ")
        made.append(Field(name, meaning, **how.get(name, {})))
    return tuple(made)


def column_of(table: Table, each: Field) -> Column[Any]:
    """The column that a field is kept in."""
    return table.columns[each.name]


def is_sealed(table: Table, each: Field) -> bool:
    """Whether the database keeps it encrypted."""
    return isinstance(column_of(table, each).type, Sealed)


def to_text(data: Json) -> str:
    """A line as it is written: always the same for the same data."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def written(each: Field, value: Any, *, members: bool) -> Any:
    """A value of a row as JSON has it."""
    if each.private and not members:
        return each.without
    if each.person and not members:
        # What is encrypted was not even read.
        return value if value in _NOBODY else each.stand_in
    if value is None:
        return None
    if each.packed:
        return json.loads(value)
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
    return value


# Who no person is: Convenor itself, the settings, the command line.
_NOBODY = frozenset({"", "convenor", "settings", "command line"})


def read(each: Field, column: Column[Any], value: Any) -> Any:
    """The value of a column that :func:`written` wrote. Raises ValueError, which says what is wrong with it."""
    if value is None:
        if not column.nullable:
            raise ValueError("must not be null")
        return None
    if each.packed:
        if not isinstance(value, dict):
            raise ValueError(f"must be an object, not {said(value)}")
        return storable(json.dumps(value, ensure_ascii=False))
    return _typed(column.type, value)


_A_MOMENT = "a moment such as 2025-01-24T09:00:00Z"


def _typed(kind: Any, value: Any) -> Any:
    if isinstance(kind, JSON):
        if not isinstance(value, dict | list):
            raise ValueError(f"must be an object or a list, not {said(value)}")
        return value
    if isinstance(kind, Boolean):
        return _need(value, bool, "true or false")
    if isinstance(kind, Integer):
        if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
            raise ValueError(f"must be a whole number, not {said(value)}")
        return value
    if isinstance(kind, Float):
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise ValueError(f"must be a number, not {said(value)}")
        return float(value)
    words = _need(value, str, "text")
    if isinstance(kind, EnumType):
        values = {member.value: member for member in kind.enum_class or ()}
        if words not in values:
            raise ValueError(f"must be one of {', '.join(map(repr, values))}, not {said(words)}")
        return values[words]
    if isinstance(kind, Moment):
        moment = _parsed(datetime.fromisoformat, words, _A_MOMENT)
        if moment.utcoffset() is None:
            raise ValueError(f"must have a time zone, such as Z at its end, not {said(words)}")
        # In UTC it may lie before the year 1 or after the year 9999.
        return _parsed(lambda _: moment.astimezone(UTC), words, _A_MOMENT)
    if isinstance(kind, Date):
        return _parsed(date.fromisoformat, words, "a day such as 2025-01-24")
    if isinstance(kind, Time):
        return _parsed(time.fromisoformat, words, "a time of day such as 23:59:00")
    return words


def _need(value: Any, kind: type, name: str) -> Any:
    if not isinstance(value, kind):
        raise ValueError(f"must be {name}, not {said(value)}")
    return value


def _parsed(parse: Callable[[str], Any], words: str, name: str) -> Any:
    try:
        return parse(words)
    except (ValueError, OverflowError):
        raise ValueError(f"must be {name}, not {said(words)}") from None


def said(value: Any) -> str:
    """A value as a problem names it. A long one is cut: it may be somebody's words."""
    words = json.dumps(value, ensure_ascii=False)
    return words if len(words) <= 60 else words[:59] + "…"
