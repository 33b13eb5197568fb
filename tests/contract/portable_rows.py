"""A database with something in every table that an export has, awkward values among it."""

from __future__ import annotations

from typing import Any

from adapters.store.codec import content_to_json, item_to_json
from adapters.store.database import Database
from adapters.store.portable import FILES
from adapters.store.tables import deliveries, edition_revisions, editions, item_revisions, item_tags, items
from bot.messages import say, to_json
from digests.model import DeliveryState, EditionState
from tests.builders import NOW, a_tagged_item, an_edition
from tests.contract.personal_rows import _values, fill

HOSTILE = "“Ä” <b>\N{LINE SEPARATOR}\u0085\t, \\n {braces} ’; DROP TABLE items; --"
PEOPLE = ("alice", "Zoe", "ärger")
"""In an order that the languages of machines sort in different ways."""


async def fill_everything(database: Database) -> None:
    """Rows about three people, and what is about nobody."""
    await fill(database, *PEOPLE)
    content = content_to_json(an_edition().content)
    async with database.writing() as transaction:
        for table in (file.table for file in FILES):
            if not await transaction.first(table.select()):
                await transaction.change(table.insert().values(_extra(table) | _ids(table)))
        await transaction.change(edition_revisions.update().values(content=content, what=HOSTILE))
        item = item_to_json(a_tagged_item().item)
        await transaction.change(item_revisions.update().values(item=item, changes=[]))
        await transaction.change(items.update().values(title=HOSTILE))
        for place, who in enumerate(PEOPLE):
            tag = _values(item_tags, who, NOW, place) | {"item_id": f"item-of-{who}", "position": 0}
            await transaction.change(item_tags.insert().values(tag))
            await transaction.change(item_tags.insert().values(tag | {"position": 1}))
        await transaction.change(editions.update().values(state=EditionState.PUBLISHED))
        for state in DeliveryState:
            await transaction.change(deliveries.insert().values(_post(state)))
        await transaction.commit()


def _ids(table: Any) -> dict[str, Any]:
    return {"id": 1} if table.name == "installation" else {}


def _extra(table: Any) -> dict[str, Any]:
    return _values(table, PEOPLE[0], NOW, 1)


def _post(state: DeliveryState) -> dict[str, Any]:
    sent = state is DeliveryState.SENT
    return _values(deliveries, state.value, NOW, 1) | {
        "key": f"edition:{state.value}",
        "purpose": "edition",
        "edition_id": f"edition-of-{PEOPLE[0]}",
        "body": to_json(say(f"A part of an edition that is {state.value}")),
        "state": state,
        "version": 1,
        "sent_version": 1 if sent else 0,
        "attempts": 0,
        "fence": 0,
        "available_at": None,
        "lease_until": None,
        "user_id": "",
    }
