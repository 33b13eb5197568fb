"""The rows that are about somebody, table by table as the register of what is kept says; and what goes after a time."""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from typing import Any

from sqlalchemy import ColumnElement, Row, Table, and_, delete, false, func, literal, not_, or_, select, true

from adapters.store.repositories.members import SqlProfiles
from adapters.store.repositories.privacy import SqlAudit
from adapters.store.repositories.requests import SqlRequests
from adapters.store.tables import (
    asks,
    chat_lines,
    codes,
    complaints,
    consents,
    conversations,
    deliveries,
    identities,
    inbox,
    kept_forms,
    metadata,
    presences,
    profiles,
    requests,
    suggestions,
    tallies,
)
from adapters.store.transaction import Transaction
from adapters.teams.book import Presence
from bot.introductions.ways import MAIL, introduction_key
from bot.members.codes import invitation_key
from bot.members.consent import PROFILE
from bot.messages import Message, from_json, to_json
from bot.privacy.model import Held, Rows
from bot.privacy.plain_words import words_of
from bot.privacy.ports import COMMAND_LINE, CONVENOR
from bot.privacy.register import PERSONAL, Fate, Kept, Link, Whose
from bot.privacy.retention import RULES, Swept
from digests.model import Address, DeliveryState
from digests.publishing import TO_READERS

# What is left of a message whose text was deleted: it is still one, should anything look at it.
EMPTY = to_json(Message("", ()))
TEXT_DELETED = "Its text was deleted after its time."
_LOCAL = "local"
_JSON = frozenset({"details", "fields"})
_DONE = (DeliveryState.SENT, DeliveryState.DROPPED)
# On its way; what is stuck and was decided about by nobody is not.
_MOVING = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.RETRY)
# Somebody may have seen it: as Delivery.may_have_left has it.
_GONE = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
_KNOWN_ACTORS = frozenset({COMMAND_LINE, CONVENOR, "settings", ""})


@dataclass(frozen=True, slots=True)
class Accounts:
    """Where messages for a member go: their accounts, and the ids of the deliveries that are mails to them."""

    addresses: Sequence[Address]
    mails: Collection[int]

    @property
    def in_browser(self) -> Sequence[str]:
        """Their ids in the browser chat."""
        return [account.user for account in self.addresses if account.platform == _LOCAL]


class SqlPersonal:
    """Fulfils ``bot.privacy.ports.Personal``."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def held(self, member_id: str) -> Mapping[str, Held]:
        accounts = await self._accounts(member_id)
        found: dict[str, Held] = {}
        for kept in PERSONAL:
            table = metadata.tables[kept.table]
            when = table.c[kept.when] if kept.when else None
            spread = (func.min(when), func.max(when)) if when is not None else ()
            theirs = or_(*(_is_about(table, link, member_id, accounts) for link in kept.links))
            theirs = and_(theirs, _may_be_read(table, accounts))
            row = await self._transaction.only(select(func.count(), *spread).where(theirs))
            if row[0]:
                found[kept.table] = Held(*row)
        return found

    async def export(self, member_id: str) -> Rows:
        accounts = await self._accounts(member_id)
        found: dict[str, list[dict[str, object]]] = {}
        for kept in PERSONAL:
            table = metadata.tables[kept.table]
            rows: list[dict[str, object]] = []
            mainly = [_is_about(table, link, member_id, accounts) for link in kept.links if link.mainly]
            order = [*([table.c[kept.when]] if kept.when else []), *table.primary_key.columns]
            if mainly:
                every = select(table).where(or_(*mainly), _may_be_read(table, accounts)).order_by(*order)
                rows += [_exported(kept, row, member_id) for row in await self._transaction.rows(every)]
            for link in (link for link in kept.links if not link.mainly):
                also = select(table).where(_is_about(table, link, member_id, accounts), ~or_(false(), *mainly))
                rows += [
                    {link.column: "you", kept.when: _plain(getattr(row, kept.when))}
                    for row in await self._transaction.rows(also.order_by(*order))
                ]
            if rows:
                found[kept.table] = rows
        return found

    async def erase(self, member_id: str, mark: str) -> Mapping[str, int]:
        accounts = await self._accounts(member_id)
        touched: Counter[str] = Counter()
        await SqlProfiles(self._transaction).remove(member_id)
        await SqlRequests(self._transaction).forget(member_id, mark)
        # From the last table to the first, as later ones refer to earlier ones.
        for kept in reversed(PERSONAL):
            table = metadata.tables[kept.table]
            for link in kept.links:
                theirs = _is_about(table, link, member_id, accounts)
                if link.fate is Fate.DELETE:
                    if table is chat_lines:
                        await self._detach(theirs)
                    touched[kept.table] += await self._transaction.change(delete(table).where(theirs))
                elif link.fate is Fate.MARK:
                    value = f"member:{mark}" if link.whose is Whose.SUBJECT else mark
                    update = table.update().where(theirs).values({link.column: value, **link.also})
                    touched[kept.table] += await self._transaction.change(update)
        return {table: number for table, number in touched.items() if number}

    async def sweep(self, due: Mapping[Swept, datetime]) -> Mapping[Swept, int]:
        gone: dict[Swept, int] = {}
        for swept, before in due.items():
            by_month = await self._sweep(swept, before)
            gone[swept] = sum(by_month.values())
            if RULES[swept].counted:
                await self._tally(by_month)
        return gone

    async def tallies(self) -> Mapping[tuple[str, str], int]:
        rows = await self._transaction.rows(select(tallies).order_by(tallies.c.what, tallies.c.month))
        return {(row.what, row.month): row.number for row in rows}

    async def _accounts(self, member_id: str) -> Accounts:
        """Where messages for a member go: their accounts, and the mails to them."""
        rows = await self._transaction.rows(select(identities).where(identities.c.member_id == member_id))
        known = [Address(row.platform, row.workspace, user=row.user_id) for row in rows]
        return Accounts(known, await self._mails_to(member_id))

    async def _mails_to(self, member_id: str) -> Collection[int]:
        """The ids of the deliveries that are mails to a member, by what they were made for.

        Not by their addresses: anybody can write anybody's into a form, and nobody proves that theirs is theirs.
        """
        theirs = select(asks.c.id).join(requests, requests.c.id == asks.c.request_id)
        asked_for = await self._transaction.rows(theirs.where(requests.c.member_id == member_id))
        was_asked = await self._transaction.rows(select(asks.c.id).where(asks.c.candidate_id == member_id))
        invited = await self._transaction.rows(select(codes.c.digest).where(codes.c.used_by == member_id))
        keys = [
            *(introduction_key(row.id, 0) for row in asked_for),
            *(introduction_key(row.id, number) for row in was_asked for number in range(2)),
            *(invitation_key(row.digest) for row in invited),
        ]
        query = select(deliveries.c.id, deliveries.c.key, deliveries.c.platform).where(deliveries.c.key.in_(keys))
        found = {row.key: row for row in await self._transaction.rows(query)} if keys else {}
        # Where each of the two got a message of their own, the first is that of whoever asked.
        others = {introduction_key(row.id, 0) for row in was_asked if introduction_key(row.id, 1) in found}
        return [row.id for key, row in found.items() if row.platform == MAIL and key not in others]

    async def _sweep(self, swept: Swept, before: datetime) -> Mapping[tuple[str, str], int]:
        if swept is Swept.AUDIT:
            old = await SqlAudit(self._transaction).forget(before)
            return {(f"audit: {action}", month): number for (action, month), number in old.items()}
        if swept is Swept.REQUESTS:
            closed = await SqlRequests(self._transaction).blank(before)
            return Counter((swept.value, f"{at:%Y-%m}") for at in closed)
        if swept is Swept.MESSAGE_TEXTS:
            sent_at = func.coalesce(deliveries.c.sent_at, deliveries.c.created_at)
            # Whom a mail was for goes with what it said.
            without_text = {"body": EMPTY, "reason": TEXT_DELETED, "recipient": None}
            old_texts = deliveries.update().where(
                sent_at < before,
                deliveries.c.state.in_(_DONE),
                deliveries.c.purpose.not_in(TO_READERS),
                deliveries.c.reason != TEXT_DELETED,
            )
            return {(swept.value, ""): await self._transaction.change(old_texts.values(**without_text))}
        if swept is Swept.PRIVATE_LINES:
            private = or_(chat_lines.c.only_for != "", chat_lines.c.room.startswith("@", autoescape=True))
            await self._detach(and_(private, chat_lines.c.at < before))
        if swept not in _OLD:
            return {}
        table, when, condition = _OLD[swept]
        moment = table.c[when]
        gone = delete(table).where(moment < before, condition).returning(moment)
        if swept is Swept.CONSENTS:
            gone = gone.where(func.coalesce(consents.c.withdrawn_at, consents.c.at) < before)
        return Counter((swept.value, f"{row[0]:%Y-%m}") for row in await self._transaction.changed(gone))

    async def _detach(self, which: ColumnElement[bool]) -> None:
        """Let the answers to some lines of the browser's chat stand by themselves, so that those can go."""
        ids = select(chat_lines.c.id).where(which).scalar_subquery()
        await self._transaction.change(chat_lines.update().where(chat_lines.c.thread.in_(ids)).values(thread=None))

    async def _tally(self, numbers: Mapping[tuple[str, str], int]) -> None:
        for (what, month), number in sorted(numbers.items()):
            insert = self._transaction.insert(tallies).values(what=what, month=month, number=number)
            more = tallies.c.number + insert.excluded.number
            await self._transaction.change(
                insert.on_conflict_do_update(index_elements=["what", "month"], set_={"number": more})
            )


# A consent that is in force goes with what rests on it, not by its age.
_IN_FORCE = and_(
    consents.c.withdrawn_at.is_(None),
    consents.c.subject == PROFILE,
    consents.c.member_id.in_(select(profiles.c.member_id)),
)
_SPENT = not_(_IN_FORCE)

_OLD: Mapping[Swept, tuple[Table, str, ColumnElement[bool]]] = {
    Swept.FORMS: (kept_forms, "kept_at", kept_forms.c.kept_at.is_not(None)),
    Swept.EVENTS: (inbox, "seen_at", inbox.c.seen_at.is_not(None)),
    # Of people alone: that a team is gone says so of its channels.
    Swept.CONVERSATIONS: (
        conversations,
        "at",
        and_(conversations.c.user_id != "", conversations.c.presence == Presence.GONE),
    ),
    Swept.PRESENCES: (presences, "at", presences.c.at.is_not(None)),
    Swept.PRIVATE_LINES: (
        chat_lines,
        "at",
        or_(chat_lines.c.only_for != "", chat_lines.c.room.startswith("@", autoescape=True)),
    ),
    Swept.MESSAGES: (
        deliveries,
        "created_at",
        and_(
            deliveries.c.channel == "",
            deliveries.c.state.not_in(_MOVING),
            deliveries.c.purpose.not_in(TO_READERS),
        ),
    ),
    Swept.SUGGESTIONS: (suggestions, "settled_at", suggestions.c.settled_at.is_not(None)),
    Swept.CONSENTS: (consents, "at", _SPENT),
    Swept.REQUEST_ROWS: (requests, "closed_at", requests.c.closed_at.is_not(None)),
    Swept.COMPLAINTS: (complaints, "answered_at", complaints.c.answered_at.is_not(None)),
}


def _is_about(table: Table, link: Link, member_id: str, accounts: Accounts) -> ColumnElement[bool]:
    if link.whose is Whose.MEMBER:
        return table.c[link.column] == member_id
    if link.whose is Whose.SUBJECT:
        return table.c[link.column] == f"member:{member_id}"
    if link.whose is Whose.SPEAKER:
        users = accounts.in_browser
        # A conversation of several with Convenor is a room called “@alice,bob”.
        several = func.replace(table.c.room, "@", ",").concat(",")
        rooms = [several.contains(f",{user},", autoescape=True) for user in users]
        return or_(false(), *rooms, table.c.author.in_(users), table.c.only_for.in_(users))
    addresses = accounts.addresses
    theirs = or_(false(), *(_is_at(table, account, link.whose is Whose.ADDRESSEE) for account in addresses))
    if table is deliveries:
        theirs = or_(theirs, deliveries.c.id.in_(accounts.mails))
    return and_(theirs, table.c.channel == "") if link.whose is Whose.ADDRESSEE else theirs


def _may_be_read(table: Table, accounts: Accounts) -> ColumnElement[bool]:
    """What only another one may see in a conversation of several is not for them, although the conversation is.

    A message that has not gone out is not yet theirs to read, and may be called back.
    """
    if table is deliveries:
        return or_(
            deliveries.c.state.in_(_GONE),
            deliveries.c.sent_at.is_not(None),
            deliveries.c.sent_version > 0,
            deliveries.c.message_ref != "",
        )
    if table is not chat_lines:
        return true()
    users = accounts.in_browser
    return or_(table.c.only_for == "", table.c.only_for.in_(users), table.c.author.in_(users))


def _is_at(table: Table, account: Address, among_others: bool) -> ColumnElement[bool]:
    """A row is for this account; a message may be for several, whose ids then stand with commas between them."""
    user: ColumnElement[bool] = table.c.user_id == account.user
    if among_others:
        several = literal(",").concat(table.c.user_id).concat(",")
        user = or_(user, several.contains(f",{account.user},", autoescape=True))
    return and_(table.c.platform == account.platform, table.c.workspace == account.workspace, user)


def _exported(kept: Kept, row: Row[Any], member_id: str) -> dict[str, object]:
    hidden, others = kept.hidden.split(), kept.others.split()
    values = {name: value for name, value in row._mapping.items() if name not in hidden}
    return {
        name: _of_whom(value, member_id) if name in others else _plain(_unpacked(name, value))
        for name, value in values.items()
    }


def _unpacked(name: str, value: object) -> object:
    """What is kept as JSON, as what it says."""
    if name == "body" and isinstance(value, str):
        with contextlib.suppress(ValueError, KeyError, TypeError):
            return words_of(from_json(value))
    if name in _JSON and isinstance(value, str):
        with contextlib.suppress(ValueError):
            return json.loads(value)
    return value


def _of_whom(value: str, member_id: str) -> str:
    """A column that says who or what: other people's ids are theirs."""
    if value in (member_id, f"member:{member_id}"):
        return "you"
    if value in _KNOWN_ACTORS or (":" in value and not value.startswith("member:")):
        return value
    return "another person"


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    return value
