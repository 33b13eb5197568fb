"""Requests for introductions, and whom they were asked about."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Table

from adapters.store.tables.columns import Words, account, metadata, moment, number, one_of, sealed, words
from bot.introductions.model import AskState, RequestState

requests = Table(
    "requests",
    metadata,
    words("id", primary_key=True),
    # None where a coordinator recorded it for somebody who is no member.
    Column("member_id", Words, ForeignKey("members.id", ondelete="CASCADE"), nullable=True, index=True),
    *account(),
    sealed("name"),
    sealed("need"),
    moment("created_at"),
    Column("state", one_of(RequestState), nullable=False, index=True),
    number("revision"),
    moment("answer_at"),
    moment("closed_at", nullable=True),
    words("topics"),
    Column("blank", Boolean, nullable=False),
    # What else whoever asked wrote, as JSON.
    sealed("details"),
    # What coordinators do about it, and what became of it: nothing that whoever asked may see.
    sealed("course"),
)

asks = Table(
    "asks",
    metadata,
    words("id", primary_key=True),
    Column("request_id", Words, ForeignKey("requests.id", ondelete="CASCADE"), nullable=False, index=True),
    number("place"),
    Column("candidate_id", Words, ForeignKey("members.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("state", one_of(AskState), nullable=False),
    Column("asked_at", moment("asked_at").type, nullable=True, index=True),
    sealed("details"),
)
