"""How an export is written, for others: a JSON schema for each file, and the tables of docs/export-format.md."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, Table, Time
from sqlalchemy import Enum as EnumType

from adapters.store.portable.files import FILES, NOT_WRITTEN
from adapters.store.portable.shape import Field, File, Json, column_of, is_sealed
from adapters.store.tables import Moment

BEGIN, END = "<!-- files: begin -->", "<!-- files: end -->"


def schema_of(file: File) -> Json:
    """The JSON schema (draft 2020-12) of one line of a file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A line of {file.name}",
        "description": file.words,
        **_object(file.table, file.fields, {part.name: _list(part) for part in file.parts}),
    }


def _list(part: Any) -> Json:
    return {"type": "array", "description": part.words, "items": _object(part.table, part.fields, {})}


def _object(table: Table, fields: Iterable[Field], more: Json) -> Json:
    properties = {each.name: _property(each, column_of(table, each)) for each in fields} | more
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }


def _property(each: Field, column: Column[Any]) -> Json:
    kind = _kind(each, column)
    if column.nullable:
        kind = {**kind, "type": [kind["type"], "null"]} if isinstance(kind["type"], str) else kind
        if "enum" in kind:
            kind["enum"] = [*kind["enum"], None]
    return {"description": each.words, **kind}


def _kind(each: Field, column: Column[Any]) -> Json:
    kind = column.type
    if each.packed:
        return {"type": "object"}
    if isinstance(kind, JSON):
        return {"type": ["object", "array"]}
    if isinstance(kind, EnumType):
        return {"type": "string", "enum": [member.value for member in kind.enum_class or ()]}
    found: Json = {"type": "string"}
    for sort, value in (
        (Moment, {"type": "string", "format": "date-time"}),
        (Boolean, {"type": "boolean"}),
        (Integer, {"type": "integer"}),
        (Float, {"type": "number"}),
        (Date, {"type": "string", "format": "date"}),
        (Time, {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?$"}),
    ):
        if isinstance(kind, sort):
            found = value
    return found


def as_markdown() -> str:
    """Every file with its fields, and what no export has, between the marks that stand around it in the document."""
    return "\n".join([BEGIN, "", *_files(), *_not_written(), "", END]) + "\n"


def _files() -> Iterable[str]:
    for file in FILES:
        yield f"### {file.name}"
        yield ""
        yield file.words + (" With `--with-members` alone." if file.members else "")
        yield ""
        yield "| field | what | form |"
        yield "|---|---|---|"
        yield from (_row(file.table, each) for each in file.fields)
        for part in file.parts:
            yield f"| `{part.name}` | {part.words} | a list of objects |"
            yield from (_row(part.table, each, f"{part.name}[].") for each in part.fields)
        yield ""


def _row(table: Table, each: Field, before: str = "") -> str:
    column = column_of(table, each)
    form = _form(each, column) + (" or null" if column.nullable else "")
    notes = []
    if is_sealed(table, each):
        notes.append("encrypted in the database")
    if each.person:
        notes.append(f"without members: “{each.stand_in}”")
    return f"| `{before}{each.name}` | {each.words} | {'; '.join([form, *notes])} |"


def _form(each: Field, column: Column[Any]) -> str:
    if isinstance(column.type, EnumType):
        return "one of " + ", ".join(f"`{member.value}`" for member in column.type.enum_class or ())
    names = {
        "date-time": "a moment",
        "date": "a day",
        "boolean": "true or false",
        "integer": "a whole number",
        "number": "a number",
        "object": "an object",
        "string": "text",
    }
    kind = _kind(each, column)
    if "pattern" in kind:
        return "a time of day"
    if isinstance(kind["type"], list):
        return "an object or a list"
    return names[str(kind.get("format", kind["type"]))]


def _not_written() -> Iterable[str]:
    yield "### What no export has"
    yield ""
    yield from (f"- `{table}`: {why}." for table, why in sorted(NOT_WRITTEN.items()))
