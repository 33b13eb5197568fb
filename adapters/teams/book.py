"""Which conversations of Teams are known: with whom, in which channels, and at which address each is written to.

Teams lets a bot write only where it was met before, and tells it the address of each conversation with what happens
there. They are kept as plain values, so that whatever takes the place of botbuilder can read them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from digests.errors import ConvenorError


class Kind(StrEnum):
    """What sort of conversation it is."""

    PERSONAL = "personal"
    CHANNEL = "channel"
    TEAM = "team"


class Presence(StrEnum):
    """Whether Convenor can write there, by the last that was heard."""

    HERE = "here"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Conversation:
    """One conversation of a tenant.

    ``key`` is the person's Entra object id, the channel's conversation id without ``;messageid=``, or the team's
    thread id. ``conversation_id`` is where messages go, at ``service_url``; ``bot_id`` is what Convenor is called there
    (``28:…``). ``team`` is the team of a channel, empty where it is not known. ``at`` is when that was heard, in UTC.
    """

    tenant: str
    kind: Kind
    key: str
    conversation_id: str
    service_url: str
    bot_id: str
    at: datetime
    team: str = ""
    presence: Presence = Presence.HERE

    @property
    def is_here(self) -> bool:
        """Whether Convenor can write there."""
        return self.presence is Presence.HERE


class Foreign(ConvenorError):
    """A conversation is said to be at an address that is none of Microsoft's; nothing is sent or kept there."""

    sentence = "The conversation is at an address that is not one of Microsoft Teams’."


Trusts = Callable[[str], bool]
"""Whether a service URL is one to which messages, and the token that goes with them, may be given."""


class Book(Protocol):
    """The conversations that are known. Each call is a transaction of its own.

    An address is checked when it is noted, and again whenever it is asked for: a conversation whose address is not
    trusted (any more) is as though it were not known.
    """

    async def note(self, conversation: Conversation) -> bool:
        """Keep a conversation as it is now; False where nothing is new, or later news are kept. Raises Foreign."""
        ...

    async def gone(self, tenant: str, kind: Kind, key: str, at: datetime) -> bool:
        """Convenor was removed from there, or it was deleted. With a team go all its channels, until it is noted again.

        False where it is not known, is gone already, or later news are kept.
        """
        ...

    async def personal(self, tenant: str, user: str) -> Conversation | None:
        """The conversation with one person, here or gone, if it is known."""
        ...

    async def channel(self, tenant: str, channel: str) -> Conversation | None:
        """A channel, if it is known. It is gone where its team is."""
        ...

    async def any_of(self, tenant: str) -> Conversation | None:
        """The conversation of a tenant that was heard of last and is not gone: what it tells of the address.

        A new conversation of the tenant is made at the same address.
        """
        ...
