"""What handlers and ticks may use: the ports and the network's own plan, in one frozen bundle made by the app."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.introductions.directory import Directory
from bot.messages import Identity
from bot.ports import FeedFinder, PageReader, Pointed, Role, Store, UnitOfWork
from bot.told import ToldBefore
from digests.adding import with_added
from digests.kinds import NO_RULES, KindRules
from digests.model import Address, Item, Sign, Source, Tagging, Topic
from digests.plan import DigestPlan
from digests.ports import Clock, FeedReader


@dataclass(frozen=True, slots=True)
class Services:
    """The house as handlers see it.

    ``names_admin`` tells whether the settings name an account as administrator; ``admins`` are those names, as
    ``platform:user`` or ``platform:workspace:user``. ``message_at`` reads the link to a message that somebody copied,
    which must be at this address; it raises BadLink. ``wake`` tells the outbox that there may be something to send; it
    returns at once. ``kind_rules`` sort what is read. ``signs`` says why an item that is not relevant is near the
    field. ``catalogue`` holds the sources of the file alone: what is read is told by :meth:`all_sources`. ``told``
    remembers what earlier editions told. ``public_url`` is where the archive is public, without a slash at the end;
    empty where it is not. ``owner`` and ``contact`` say who runs this and how to reach them; empty where it is not set.
    ``directory`` ranks who could help, and ``can_mail`` says whether mail is set up.
    """

    store: Store
    clock: Clock
    plan: DigestPlan
    catalogue: Sequence[Source]
    topics: Mapping[str, Topic]
    tag: Callable[[Item], Tagging]
    signs: Callable[[Item], tuple[Sign, ...]]
    reader: FeedReader
    finder: FeedFinder
    pages: PageReader
    names_admin: Callable[[Identity], bool]
    message_at: Callable[[Address, str], Pointed]
    wake: Callable[[], None]
    fetch_concurrency: int = 8
    admins: tuple[str, ...] = ()
    told: ToldBefore = field(default_factory=ToldBefore)
    kind_rules: KindRules = NO_RULES
    public_url: str = ""
    owner: str = ""
    contact: str = ""
    directory: Directory = field(default_factory=Directory)
    can_mail: bool = False

    async def all_sources(self, uow: UnitOfWork) -> tuple[Source, ...]:
        """Everything that is read or could be: the catalogue, and the sources that people added beside it."""
        return with_added(self.catalogue, await uow.sources.added())

    async def present_sources(self) -> tuple[Source, ...]:
        """The same outside a unit of work, as they are now."""
        async with self.store.read() as uow:
            return await self.all_sources(uow)

    async def roles_of(self, uow: UnitOfWork, identity: Identity) -> frozenset[Role]:
        """What this account may do: its member's roles, and administrator where the settings say so."""
        roles: set[Role] = {Role.ADMINISTRATOR} if self.names_admin(identity) else set()
        member = await uow.members.find(identity)
        if member is not None:
            roles.update(await uow.roles.of(member.id))
        return frozenset(roles)
