"""A row about each of two people in every table that the register names, made from the tables alone."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import JSON, Boolean, Date, DateTime, Float, Integer, Table, Time
from sqlalchemy import Enum as EnumType

from adapters.store.database import Database
from adapters.store.tables import Moment, metadata
from bot.privacy.register import PERSONAL, Kept, Link, Whose

# Of a profile; requests and asks, which have others, do without them.
_DETAILS: dict[str, Any] = dict.fromkeys(("name", "organisation", "role", "email", "pronouns"), "")
_DETAILS |= {name: [] for name in ("topics", "languages", "regions", "contacts", "avoid")}
LONG_AGO = datetime(2020, 1, 1, 12, tzinfo=UTC)


def member_id(who: str) -> str:
    return f"id-of-{who}"


def account(who: str) -> dict[str, str]:
    return {"platform": "local", "workspace": "browser", "user_id": f"user-{who}"}


def name(who: str) -> str:
    return f"name-of-{who}"


async def fill(database: Database, *people: str, at: datetime = LONG_AGO) -> None:
    """For each person a row for each way in which a table can be about somebody, and what those rows refer to."""
    async with database.writing() as transaction:
        for who in people:
            rows = {
                "members": {"id": member_id(who), "name": name(who)},
                "editions": {"id": f"edition-of-{who}"},
                "items": {"id": f"item-of-{who}"},
                "requests": {"id": f"request-of-{who}", "name": name(who), **account(who)},
            }
            friend = {"id": member_id(f"friend-of-{who}"), "name": name(f"friend-of-{who}"), "created_at": at}
            await transaction.change(metadata.tables["members"].insert().values(friend))
            for parent, own in rows.items():
                values = _values(metadata.tables[parent], who, at, 0) | own
                await transaction.change(metadata.tables[parent].insert().values(values))
            serial = 0
            for kept in (each for each in PERSONAL if each.table != "members"):
                for link in kept.links:
                    serial += 1
                    table = metadata.tables[kept.table]
                    values = _values(table, who, at, serial) | _about(kept, link, who)
                    await transaction.change(table.insert().values(values))
        await transaction.commit()


async def everything(database: Database) -> dict[str, list[str]]:
    """Every row of every table, as text."""
    async with database.reading() as transaction:
        return {
            table.name: [str(tuple(row)) for row in await transaction.rows(table.select())]
            for table in metadata.sorted_tables
            if table.name not in ("search_entries",)
        }


def _about(kept: Kept, link: Link, who: str) -> dict[str, Any]:
    columns = metadata.tables[kept.table].c.keys()
    friend = {name: member_id(f"friend-of-{who}") for name in kept.others.split() if name != "subject"}
    found: dict[str, Any] = {"member_id": member_id(who)} if "member_id" in columns else {}
    if link.whose is Whose.MEMBER:
        # A role, say, that somebody else has, and that this person gave.
        found = {**_parents(kept, who), **friend, link.column: member_id(who)}
    elif link.whose is Whose.SUBJECT:
        found = {**friend, link.column: f"member:{member_id(who)}"}
    elif link.whose is Whose.SPEAKER:
        found = {"author": f"user-{who}", "room": "everybody", "only_for": "", "thread": None}
    else:
        found |= account(who)
        found |= {"channel": ""} if link.whose is Whose.ADDRESSEE else {}
    if kept.table in ("identities", "requests", "listeners", "suggestions", "complaints"):
        found |= account(who)
    if "name" in columns and kept.table != "added_sources":
        found["name"] = name(who)
    if "member_name" in columns:
        found["member_name"] = name(who)
    return found


def _own(who: str) -> dict[str, str]:
    parts = {"editions": "edition", "items": "item", "requests": "request"}
    return {"members": member_id(who), **{table: f"{part}-of-{who}" for table, part in parts.items()}}


def _parents(kept: Kept, who: str) -> dict[str, str]:
    columns = metadata.tables[kept.table].c
    refer = {
        column.name: next(iter(column.foreign_keys)).column.table.name for column in columns if column.foreign_keys
    }
    own = _own(who)
    return {column: own[table] for column, table in refer.items() if table in own}


def _values(table: Table, who: str, at: datetime, serial: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column in table.c:
        kind = column.type
        if column.name == "id" and isinstance(kind, Integer):
            continue
        if column.foreign_keys:
            parent = next(iter(column.foreign_keys)).column.table.name
            own = _own(who)
            found[column.name] = own.get(parent)
        else:
            words = f"{column.name}-{serial}-{who}"
            # What is kept as JSON in a sealed text.
            words = json.dumps(_DETAILS | {"can_help": words}) if column.name in ("details", "course") else words
            found[column.name] = _value(kind, words, at, serial)
    return found


def _value(kind: Any, words: str, at: datetime, serial: int) -> Any:
    if isinstance(kind, EnumType):
        values = kind.enum_class
        assert values is not None
        return list(values)[-1]
    if isinstance(kind, Moment | DateTime):
        return at
    plain: tuple[tuple[type, Any], ...] = (
        (JSON, {"words": words}),
        (Boolean, False),
        (Float, 0.5),
        (Integer, serial),
        (Date, date(2020, 1, 1)),
        (Time, time(9)),
    )
    return next((value for sort, value in plain if isinstance(kind, sort)), words)
