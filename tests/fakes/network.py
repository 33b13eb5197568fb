"""A small network in memory: four people, three channels, the real handlers and outbox, no platform and no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time
from functools import partial
from typing import Any

from bot import editions, posts, reaching
from bot.commands import Front
from bot.messages import (
    Ask,
    AskKind,
    Block,
    Button,
    Buttons,
    EntryLine,
    File,
    Form,
    Heading,
    Identity,
    Message,
    Reply,
    plain,
)
from bot.outbox import Outbox
from bot.ports import Binding, Courier, Found, Grant, Purpose, Role
from bot.services import Services
from bot.table import build_table
from digests import calendar
from digests.calendar import LONDON
from digests.model import (
    Address,
    FeedEntry,
    FetchResult,
    Format,
    Group,
    Installation,
    Item,
    Kind,
    LinkAnswer,
    Outcome,
    Page,
    Source,
    SourceState,
    TaggedItem,
    Topic,
)
from digests.plan import ApprovalPolicy, DigestPlan, Schedule, SectionPlan, Weights
from digests.ports import FeedReader
from tests.builders import NOW, a_profile, a_source, a_tagged_item, a_tagging
from tests.fakes.clock import FakeClock
from tests.fakes.courier import FakeCourier, fake_message_at
from tests.fakes.store import FakeStore

PLATFORM, WORKSPACE = "fake", "W"
ALICE, BOB, CAROL, DAN = (
    Identity(PLATFORM, WORKSPACE, name.lower(), name) for name in ("Alice", "Bob", "Carol", "Dan")
)


def channel(name: str) -> Address:
    return Address(PLATFORM, WORKSPACE, channel=name)


def a_plan(**changes: Any) -> DigestPlan:
    """Fridays at 09:00 in London; one section for news, one for dates."""
    settings: dict[str, Any] = {
        "title": "Data Policy Digest",
        "first_number": 1,
        "schedule": Schedule(4, time(9), LONDON),
        "sections": (
            SectionPlan("news", "News", frozenset(Kind), frozenset(Group), 40),
            SectionPlan("dates", "Coming up", frozenset(), frozenset(), 40, dated=True),
        ),
        "weights": Weights(),
        "shortlist": 40,
        "maybe": 40,
        "approval": ApprovalPolicy(),
    }
    return DigestPlan(**{**settings, **changes})


class NoReader:
    """A reader for tests in which nothing is read."""

    async def read(self, source: Source, state: SourceState) -> FetchResult:
        raise AssertionError("nothing should be read here")


class FakeFinder:
    """Fulfils ``bot.ports.FeedFinder``: finds what a test put there; anywhere else there is no feed."""

    def __init__(self) -> None:
        self.found: dict[str, Found] = {}
        self.looked_at: list[str] = []

    def has(self, address: str, url: str, *entries: FeedEntry, title: str = "The example blog", **more: Any) -> None:
        """From now on, this feed is found at an address."""
        result = FetchResult("found", Outcome.READ, "", NOW, NOW, 200, title, entries)
        self.found[address] = Found(url, Format.RSS, result, **more)

    def fails(self, address: str, outcome: Outcome, reason: str) -> None:
        """From now on, looking at an address ends so."""
        self.found[address] = Found(address, Format.RSS, FetchResult("found", outcome, reason, NOW, NOW))

    async def find(self, address: str) -> Found:
        self.looked_at.append(address)
        nothing = FetchResult("found", Outcome.NOT_A_FEED, "It is a web page.", NOW, NOW, 200)
        return self.found.get(address, Found(address, Format.RSS, nothing))


class FakePages:
    """Fulfils ``bot.ports.PageReader``: reads what a test put there; anywhere else there is nothing."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.answers: dict[str, LinkAnswer] = {}
        self.read_at: list[str] = []
        self.looked_at: list[str] = []

    def has(self, url: str, **words: Any) -> None:
        """From now on, this page is found at an address."""
        self.pages[url] = Page(**{"url": url, "outcome": Outcome.READ, **words})

    async def read(self, url: str) -> Page:
        self.read_at.append(url)
        nothing = Page(url, Outcome.NOT_FOUND, "There is no page at this address (404).")
        return self.pages.get(url, nothing)

    async def look(self, url: str) -> LinkAnswer:
        self.looked_at.append(url)
        return self.answers.get(url, LinkAnswer(Outcome.READ))


class Network:
    """Bob is editor and administrator, Carol editor, Dan coordinator, Alice a member. ``await Network.make()``."""

    def __init__(
        self,
        store: Any,
        plan: DigestPlan,
        sources: Sequence[Source],
        reader: FeedReader | None = None,
        *,
        can_mail: bool = False,
    ) -> None:
        self.clock = FakeClock(NOW)
        self.courier = FakeCourier()
        self.mail = FakeCourier()
        self._more_couriers: dict[str, Courier] = {}
        self.finder = FakeFinder()
        self.pages = FakePages()
        self.store = store
        self.services = Services(
            store=store,
            clock=self.clock,
            plan=plan,
            catalogue=sources,
            topics={"ai": Topic("ai", "Artificial intelligence", "About AI")},
            tag=lambda item: a_tagging("ai"),
            signs=lambda item: (),
            reader=reader or NoReader(),
            finder=self.finder,
            pages=self.pages,
            names_admin=lambda who: who.key == BOB.key,
            message_at=fake_message_at,
            wake=lambda: None,
            can_mail=can_mail,
        )
        self.desk = Front(build_table(), self.services)

    @classmethod
    async def make(
        cls,
        *,
        plan: DigestPlan | None = None,
        store: Any = None,
        sources: Sequence[Source] = (),
        reader: FeedReader | None = None,
        bound: bool = True,
        can_mail: bool = False,
    ) -> Network:
        network = cls(store or FakeStore(), plan or a_plan(), sources or (a_source(),), reader, can_mail=can_mail)
        async with network.store.begin() as uow:
            people = {who: await uow.members.resolve(who, NOW) for who in (ALICE, BOB, CAROL, DAN)}
            for who, role in ((BOB, Role.EDITOR), (CAROL, Role.EDITOR), (DAN, Role.COORDINATOR)):
                await uow.roles.grant(Grant(people[who], role, "settings", NOW))
            for purpose in Purpose if bound else ():
                await uow.channels.bind(Binding(channel(purpose.value), purpose, people[BOB].id, NOW))
            await uow.commit()
        return network

    def courier_for(self, platform: str, courier: Courier | None = None) -> None:
        """From now on, this courier (or else the network's own) also carries what goes to another platform."""
        self._more_couriers[platform] = courier or self.courier

    async def joins(self, who: Identity, **profile: Any) -> str:
        """Somebody is in the directory; returns their member id."""
        async with self.store.begin() as uow:
            member = await uow.members.resolve(who, self.clock.now())
            await uow.profiles.put(a_profile(member.id, **{"name": who.name, **profile}))
            await uow.commit()
        return str(member.id)

    async def asks_for(self, who: Identity, need: str, **fields: str) -> Reply:
        """Somebody asks for an introduction, in the form that opens."""
        form = (await self.say(who, f"/intro {need}")).form
        return await self.send(who, form, **{"blurb": "I run a small charity.", **fields})

    async def receives(self, *items: TaggedItem | Item) -> None:
        """Items arrive; the first time, that is the installation's first pass."""
        due = calendar.due_before(self.services.plan.schedule, self.clock.now())
        async with self.store.begin() as uow:
            tagged = [item if isinstance(item, TaggedItem) else TaggedItem(item, a_tagging("ai")) for item in items]
            await uow.items.add(tagged)
            await uow.archive.index()
            await uow.record_installation(Installation(self.clock.now(), due))
            await uow.commit()

    async def has_a_draft(self, count: int = 3) -> str:
        """``count`` items arrive and the coming edition is drafted; returns its id."""
        now = self.clock.now()
        await self.receives(*(a_tagged_item(n, received_at=now, published_at=now) for n in range(1, count + 1)))
        self.clock.advance(minutes=1)
        edition = await editions.make_edition_now(self.services)
        assert edition is not None
        await self.sends()
        return edition.id

    async def sends(self) -> None:
        """The outbox sends what is due."""
        outbox = Outbox(
            self.store,
            {PLATFORM: self.courier, "mail": self.mail, **self._more_couriers},
            self.clock,
            settled=partial(posts.settled, self.services),
            elsewhere=partial(reaching.elsewhere, self.services),
        )
        await outbox.drain()

    async def say(
        self, who: Identity, words: str, where: str = "", mentions: Mapping[str, Identity] | None = None
    ) -> Reply:
        """Somebody types a slash command, in a channel or (by default) in private."""
        name, _, rest = words.removeprefix("/").partition(" ")
        address = channel(where) if where else who.address
        ask = Ask(AskKind.COMMAND, who, name, self.clock.now(), address, words=rest, mentions=mentions or {})
        reply = await self.desk.answer(ask)
        await self.sends()
        return reply

    async def press(self, who: Identity, button: Button, ref: str = "") -> Reply:
        """Somebody presses a button."""
        ask = Ask(AskKind.PRESS, who, button.action, self.clock.now(), value=button.value, message_ref=ref)
        reply = await self.desk.answer(ask)
        await self.sends()
        return reply

    async def send(self, who: Identity, form: Form | None, **changed: str) -> Reply:
        """Somebody changes some fields of a form that they have open and sends it."""
        assert form is not None
        typed = {field.name: field.value for field in form.fields}
        assert changed.keys() <= typed.keys(), f"the form has {sorted(typed)}"
        return await self.submit(who, form.name, form.value, **{**typed, **changed})

    async def submit(self, who: Identity, form: str, value: str = "", **fields: str) -> Reply:
        """Somebody sends a form; ``value`` is what it is about."""
        reply = await self.desk.answer(Ask(AskKind.SUBMIT, who, form, self.clock.now(), value=value, fields=fields))
        await self.sends()
        return reply

    def button(self, label: str, where: str, about: str = "") -> Button:
        """The button with this label (and, for an entry, beside a line with these words) in a channel."""
        for message in self.courier.in_channel(where):
            for button in buttons_of(message, about):
                if button.label == label:
                    return button
        raise AssertionError(f"no button “{label}” about “{about}” in {where}")


def buttons_of(message: Message, about: str = "") -> list[Button]:
    """The buttons of a message; with ``about``, only those beside lines with these words."""
    found: list[Button] = []
    for block in message.blocks:
        if (isinstance(block, EntryLine) and about in plain(block.text)) or (isinstance(block, Buttons) and not about):
            found.extend(block.acts if isinstance(block, EntryLine) else block.buttons)
    return found


def words_of(message: Message) -> str:
    """Everything a message says, a line for each block."""
    return "\n".join(_words(block) for block in message.blocks)


def _words(block: Block) -> str:
    if isinstance(block, Heading):
        return block.text
    if isinstance(block, File):
        return block.text
    if isinstance(block, EntryLine):
        return plain(block.text) + (f" [{plain(block.detail)}]" if block.detail else "")
    if isinstance(block, Buttons):
        return " ".join(f"<{button.label}>" for button in block.buttons)
    texts = getattr(block, "items", None) or (getattr(block, "text", ()),)
    return "\n".join(plain(words) for words in texts)


def said(reply: Reply) -> str:
    """Everything a reply says."""
    return "\n".join(words_of(message) for message in reply.messages)
