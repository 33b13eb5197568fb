"""The conversations of Microsoft Teams that are known, kept across restarts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, select

from adapters.store.database import Database
from adapters.store.tables import conversations
from adapters.store.transaction import Transaction
from adapters.teams.book import Conversation, Foreign, Kind, Presence, Trusts

_PLATFORM = "teams"
_PLACE = ("workspace", "kind", "user_id", "channel")


class Conversations:
    """Fulfils ``adapters.teams.book.Book``."""

    def __init__(self, database: Database, trusts: Trusts) -> None:
        """``trusts`` says whether a service URL may be kept and used."""
        self._database = database
        self._trusts = trusts

    async def note(self, conversation: Conversation) -> bool:
        """See :meth:`adapters.teams.book.Book.note`."""
        if not self._trusts(conversation.service_url):
            raise Foreign(conversation.tenant)
        # Nearly every event tells what is known already: that must not wait for whoever is writing.
        async with self._database.reading() as transaction:
            known = await _known(transaction, conversation.tenant, conversation.kind, conversation.key)
        if known is not None and not _is_news(known, conversation):
            return False
        async with self._database.writing() as transaction:
            values = _values(conversation)
            insert = transaction.insert(conversations).values(values)
            changes = {name: value for name, value in values.items() if name not in (*_PLACE, "platform")}
            newer = conversations.c.at <= conversation.at
            noted = await transaction.changed(
                insert.on_conflict_do_update(index_elements=_PLACE, set_=changes, where=newer).returning(
                    conversations.c.id
                )
            )
            await transaction.commit()
        return bool(noted)

    async def gone(self, tenant: str, kind: Kind, key: str, at: datetime) -> bool:
        """See :meth:`adapters.teams.book.Book.gone`."""
        here = and_(conversations.c.presence == Presence.HERE, conversations.c.at <= at)
        update = conversations.update().where(_is_at(tenant, kind, key), here)
        async with self._database.writing() as transaction:
            left = await transaction.change(update.values(presence=Presence.GONE, at=at))
            await transaction.commit()
        return left == 1

    async def personal(self, tenant: str, user: str) -> Conversation | None:
        """See :meth:`adapters.teams.book.Book.personal`."""
        async with self._database.reading() as transaction:
            return self._trusted(await _known(transaction, tenant, Kind.PERSONAL, user))

    async def channel(self, tenant: str, channel: str) -> Conversation | None:
        """See :meth:`adapters.teams.book.Book.channel`."""
        async with self._database.reading() as transaction:
            known = self._trusted(await _known(transaction, tenant, Kind.CHANNEL, channel))
            team = await _known(transaction, tenant, Kind.TEAM, known.team) if known and known.team else None
        if known is not None and team is not None and not team.is_here:
            return replace(known, presence=Presence.GONE)
        return known

    async def any_of(self, tenant: str) -> Conversation | None:
        """See :meth:`adapters.teams.book.Book.any_of`."""
        here = _every().where(conversations.c.workspace == tenant, conversations.c.presence == Presence.HERE)
        latest = here.order_by(conversations.c.at.desc(), conversations.c.id.desc())
        # Should addresses have been taken off the list, the latest few will hardly all be of those.
        async with self._database.reading() as transaction:
            rows = await transaction.rows(latest.limit(100))
        return next((known for row in rows if (known := self._trusted(_conversation(row)))), None)

    def _trusted(self, known: Conversation | None) -> Conversation | None:
        return known if known is not None and self._trusts(known.service_url) else None


def _is_news(known: Conversation, heard: Conversation) -> bool:
    return replace(known, at=heard.at) != heard and known.at <= heard.at


def _every() -> Select[Any]:
    return select(conversations)


def _is_at(tenant: str, kind: Kind, key: str) -> ColumnElement[bool]:
    user, channel = (key, "") if kind is Kind.PERSONAL else ("", key)
    table = conversations.c
    return and_(table.workspace == tenant, table.kind == kind, table.user_id == user, table.channel == channel)


async def _known(transaction: Transaction, tenant: str, kind: Kind, key: str) -> Conversation | None:
    row = await transaction.first(_every().where(_is_at(tenant, kind, key)))
    return _conversation(row) if row is not None else None


def _values(conversation: Conversation) -> dict[str, Any]:
    personal = conversation.kind is Kind.PERSONAL
    return {
        "platform": _PLATFORM,
        "workspace": conversation.tenant,
        "user_id": conversation.key if personal else "",
        "channel": "" if personal else conversation.key,
        "kind": conversation.kind,
        "conversation_id": conversation.conversation_id,
        "service_url": conversation.service_url,
        "bot_id": conversation.bot_id,
        "team": conversation.team,
        "presence": conversation.presence,
        "at": conversation.at,
    }


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(
        tenant=row.workspace,
        kind=row.kind,
        key=row.user_id or row.channel,
        conversation_id=row.conversation_id,
        service_url=row.service_url,
        bot_id=row.bot_id,
        at=row.at,
        team=row.team,
        presence=row.presence,
    )
