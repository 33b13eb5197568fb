"""What handlers and ticks may use: the ports and the network's own plan, in one frozen bundle made by the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.messages import Identity
from bot.ports import Role, Store, UnitOfWork
from digests.model import Item, Source, Tagging, Topic
from digests.plan import DigestPlan
from digests.ports import Clock, FeedReader


@dataclass(frozen=True, slots=True)
class Services:
    """The house as handlers see it.

    ``names_admin`` tells whether the settings name an account as administrator. ``wake`` tells the outbox that
    there may be something to send; it returns at once. ``platforms`` are the chat platforms we can post to.
    """

    store: Store
    clock: Clock
    plan: DigestPlan
    sources: Sequence[Source]
    topics: Mapping[str, Topic]
    tag: Callable[[Item], Tagging]
    reader: FeedReader
    names_admin: Callable[[Identity], bool]
    wake: Callable[[], None]
    fetch_concurrency: int = 8

    async def roles_of(self, uow: UnitOfWork, identity: Identity) -> frozenset[Role]:
        """What this account may do: its member's roles, and administrator where the settings say so."""
        roles: set[Role] = {Role.ADMINISTRATOR} if self.names_admin(identity) else set()
        member = await uow.members.find(identity)
        if member is not None:
            roles.update(await uow.roles.of(member.id))
        return frozenset(roles)
