"""Brings an export into an empty database: looks at every line first, then writes all of it or nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Table, exists, literal, select

from adapters.store.database import Database
from adapters.store.portable.files import FILES
from adapters.store.portable.shape import (
    FORMAT,
    MOST_LINE_BYTES,
    VERSION,
    Field,
    File,
    Json,
    WrongExport,
    read,
    said,
)
from adapters.store.portable.writing import AT_ONCE, MANIFEST
from adapters.store.tables import counters, metadata
from adapters.store.transaction import Transaction
from digests.errors import ConvenorError

MOST_PROBLEMS = 20
_MAY_HAVE_ROWS = frozenset({"seals", "counters", "departures"})

NOT_EMPTY = (
    "The database is not empty: there is something in {}. An export is brought into an empty database alone, so that "
    "nothing is mixed up: set CONVENOR_DATABASE_URL to a new one."
)
NO_EXPORT = "{} is no export of Convenor: it has no {} that says so."
TOO_NEW = (
    "{} was written by a newer Convenor: its format is version {}, and this one knows {}. "
    "Update Convenor and try again."
)
UNFIT = "{}:{}: the line is there twice, or refers to something that is not in the export"


async def bring_in(database: Database, folder: Path) -> Mapping[str, int]:
    """Bring in everything, encrypted with the database's own keys; returns the lines of each file.

    Raises WrongExport, with the line and the field of every mistake (at most 20), and ConvenorError where the database
    holds something already. Then nothing was changed.
    """
    manifest = _manifest(folder)
    present = [file for file in FILES if manifest["members"] or not file.members]
    _look(folder, present, manifest["lines"])
    async with database.writing() as transaction:
        await _need_empty(transaction)
        for file in present:
            await _load(transaction, folder, file)
        if manifest["members"]:
            # Whatever is matched from now on looks for profiles that are newer than this.
            insert = transaction.insert(counters).values(name="profiles", value=1)
            await transaction.change(insert.on_conflict_do_update(index_elements=["name"], set_={"value": 1}))
        await transaction.commit()
    return {file.name: int(manifest["lines"][file.name]) for file in present}


def _manifest(folder: Path) -> Json:
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_bytes())
    except OSError:
        raise WrongExport([NO_EXPORT.format(folder, MANIFEST)]) from None
    except ValueError:
        raise WrongExport([f"{path} is not JSON."]) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise WrongExport([NO_EXPORT.format(folder, MANIFEST)])
    version = data.get("version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise WrongExport([f"{path}: field “version” must be a whole number from 1."])
    if version > VERSION:
        raise WrongExport([TOO_NEW.format(folder, version, VERSION)])
    if not isinstance(data.get("members"), bool):
        raise WrongExport([f"{path}: field “members” must be true or false."])
    lines = data.get("lines")
    wanted = {file.name for file in FILES if data["members"] or not file.members}
    if not isinstance(lines, dict) or set(lines) != wanted:
        raise WrongExport([f"{path}: field “lines” must have a number for each of {', '.join(sorted(wanted))}."])
    return data


def _look(folder: Path, present: list[File], expected: Mapping[str, Any]) -> None:
    """Raises WrongExport where a line cannot be used."""
    problems: list[str] = []
    for file in present:
        count = 0
        try:
            for number, line in _lines(folder / file.name, problems):
                count += 1
                problems += [f"{file.name}:{number}: {wrong}" for wrong in _wrong_with(file, line)]
                if len(problems) >= MOST_PROBLEMS:
                    raise WrongExport([*problems[:MOST_PROBLEMS], "There may be more: these are the first."])
        except OSError as trouble:
            problems.append(f"{file.name} cannot be read ({trouble.strerror}).")
            continue
        if count != expected[file.name] and not problems:
            problems.append(f"{file.name} has {count} lines, and {MANIFEST} says {expected[file.name]}.")
    if problems:
        raise WrongExport(problems)


def _lines(path: Path, problems: list[str]) -> Iterator[tuple[int, Any]]:
    """Each line as JSON, with its number from 1. A line that is none is a problem, and the rest goes on."""
    with path.open("rb") as lines:
        number = 0
        while line := lines.readline(MOST_LINE_BYTES + 1):
            number += 1
            if len(line) > MOST_LINE_BYTES:
                problems.append(f"{path.name}:{number}: the line is longer than {MOST_LINE_BYTES:,} bytes")
                return
            try:
                yield number, json.loads(line, object_pairs_hook=_once)
            except _Twice as twice:
                problems.append(f"{path.name}:{number}: field “{said(str(twice))[1:-1]}” is there twice")
                if len(problems) >= MOST_PROBLEMS:
                    return
            except (ValueError, RecursionError):
                problems.append(f"{path.name}:{number}: the line is not JSON")
                if len(problems) >= MOST_PROBLEMS:
                    return


class _Twice(ValueError):
    """A field that an object has twice: which of the two is meant, nobody knows."""


def _once(pairs: list[tuple[str, Any]]) -> Json:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _Twice(next(name for name in names if names.count(name) > 1))
    return found


def _wrong_with(file: File, line: Any) -> Iterator[str]:
    if not isinstance(line, dict):
        yield "the line must be an object"
        return
    parts = {part.name: part for part in file.parts}
    yield from _wrong_fields(file.table, file.fields, {key: line[key] for key in line if key not in parts}, "")
    for name, part in parts.items():
        rows = line.get(name)
        if not isinstance(rows, list):
            yield f"field “{name}” must be a list"
            continue
        for index, row in enumerate(rows):
            if isinstance(row, dict):
                yield from _wrong_fields(part.table, part.fields, row, f"{name}[{index}].")
            else:
                yield f"field “{name}[{index}]” must be an object"
    for name, check in file.check.items():
        yield from _wrong_by(check, file, name, line)


def _wrong_by(check: Any, file: File, name: str, line: Json) -> Iterator[str]:
    each = next(each for each in file.fields if each.name == name)
    try:
        value = read(each, file.table.columns[name], line.get(name))
    except ValueError:
        return  # has been said
    try:
        check(value)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as wrong:
        missing = f": it lacks {wrong}" if isinstance(wrong, KeyError) else ""
        yield f"field “{name}” is not as Convenor writes it{missing}"


def _wrong_fields(table: Table, fields: tuple[Field, ...], line: Json, before: str) -> Iterator[str]:
    known = {each.name: each for each in fields}
    for name in line.keys() - known.keys():
        # As JSON has it, for somebody else chose it, and a terminal acts on some characters.
        yield f"field “{before}{said(name)[1:-1]}” is not known"
    for name, each in known.items():
        if name not in line:
            yield f"field “{before}{name}” is missing"
            continue
        try:
            read(each, table.columns[name], line[name])
        except ValueError as wrong:
            yield f"field “{before}{name}” {wrong}"


async def _need_empty(transaction: Transaction) -> None:
    for table in metadata.sorted_tables:
        if table.name in _MAY_HAVE_ROWS:
            continue
        if await transaction.value(select(exists(select(literal(1)).select_from(table)))):
            raise ConvenorError("", NOT_EMPTY.format(table.name))


async def _load(transaction: Transaction, folder: Path, file: File) -> None:
    wrong: list[str] = []
    lines = _lines(folder / file.name, wrong)
    while some := list(islice(lines, AT_ONCE)):
        async with transaction.attempt() as attempt:
            await _insert(transaction, file, [line for _, line in some])
        if attempt.failed is not None:
            raise WrongExport([UNFIT.format(file.name, await _culprit(transaction, file, some))]) from attempt.failed
    if wrong:
        raise WrongExport(wrong)


async def _culprit(transaction: Transaction, file: File, some: list[tuple[int, Json]]) -> int:
    """The number of the line that the database does not take after those before it."""
    for number, line in some:
        async with transaction.attempt() as attempt:
            await _insert(transaction, file, [line])
        if attempt.failed is not None:
            return number
    return some[0][0]


async def _insert(transaction: Transaction, file: File, lines: list[Json]) -> None:
    more = {name: value for name, value in file.left.items() if name != "id" or value is not None}
    await transaction.add_all(
        transaction.insert(file.table), [_row(file.table, file.fields, line) | more for line in lines]
    )
    own = next(iter(file.table.primary_key)).name
    for part in file.parts:
        rows = [
            _row(part.table, part.fields, each) | {part.on: line[own]} for line in lines for each in line[part.name]
        ]
        await transaction.add_all(transaction.insert(part.table), rows)


def _row(table: Table, fields: tuple[Field, ...], line: Json) -> Json:
    return {each.name: read(each, table.columns[each.name], line[each.name]) for each in fields}
