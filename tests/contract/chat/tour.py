"""A tour of the house in memory: what people are really told and asked, with everything pressed, also too late."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from bot import link_checks, suggestion_texts
from bot.messages import Button, Buttons, EntryLine, FieldKind, Form, Identity, Message, Reply, to_json
from bot.ports import TransportError
from bot.schedule import introduction_tick
from digests.model import LinkAnswer, Outcome
from digests.plan import ApprovalPolicy
from tests.builders import a_source
from tests.fakes.network import ALICE, BOB, CAROL, DAN, PLATFORM, WORKSPACE, Network, a_plan, words_of

ERIN = Identity(PLATFORM, WORKSPACE, "erin", "Erin")
PEOPLE = (ALICE, BOB, CAROL, DAN, ERIN)
NEED = "somebody who knows about NHS data opt-outs"

_WORDS = "Words enough for most of the questions that there are."
_SOMETHING = {
    "url": "https://b.example.org/page",
    "email": "erin@example.org",
    "snoozed_until": "",
    "published_on": "",
    "by": "",
}
# Presses that end what the others are about: they come last.
_LAST = ("withdraw", "stop", "erase", "leave", "skip", "merge", "close", "remove", "discard", "give_up", "decline")


@dataclass
class Tour:
    """Everything that was said and asked so far. ``silent`` names the presses that were answered with nothing."""

    messages: dict[str, Message] = field(default_factory=dict)
    forms: dict[Form, None] = field(default_factory=dict)
    errors: list[tuple[Form, Mapping[str, str], Reply]] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    @property
    def actions(self) -> set[str]:
        """Every action that anybody was shown a button for."""
        return {button.action for message in self.messages.values() for button in buttons_on(message)}


class Chapter:
    """One network, and what each of its people was shown."""

    def __init__(self, tour: Tour, network: Network) -> None:
        self.tour = tour
        self.network = network
        self._shown: list[tuple[Identity, Button]] = []
        self._opened: list[tuple[Identity, Form]] = []

    async def says(self, who: Identity, *lines: str, where: str = "") -> None:
        for line in lines:
            self.take(who, await self.network.say(who, line, where, {f"@{one.name}": one for one in PEOPLE}))
            self.look()

    async def presses(self, *only: str) -> None:
        """Everybody presses what they were shown, each action once with its newest button, the ends of things last."""
        known = {(who.user, button.action): who for who, button in self._shown}
        for user, action in sorted(known, key=lambda one: one[1].endswith(_LAST)):
            if only and not action.startswith(only):
                continue
            button = next(one for who, one in reversed(self._shown) if (who.user, one.action) == (user, action))
            await self.press(known[user, action], button)

    def word_of(self, before: str) -> str:
        """The word that follows these in what was said last with them in it."""
        said = next(words for words in map(words_of, reversed(self.tour.messages.values())) if before in words)
        return said.rpartition(before)[2].split()[0].rstrip(".,")

    async def press(self, who: Identity, button: Button) -> None:
        reply = await self.network.press(who, button)
        if not reply.messages and reply.form is None and not reply.errors:
            self.tour.silent.append(button.action)
        self.take(who, reply)
        self.look()

    def take(self, who: Identity, reply: Reply) -> None:
        for message in reply.messages:
            self._keep(who, message)
        if reply.form is not None:
            self.tour.forms[reply.form] = None
            self._opened.append((who, reply.form))

    async def sends(self) -> None:
        """Whoever opened a form sends it: empty, then as it stands, then answered with something."""
        for who, form in self._opened[-40:]:
            empty = {each.name: "" for each in form.fields}
            for typed in (empty, _standing(form), _answered(form)):
                reply = await self.network.submit(who, form.name, form.value, **typed)
                if reply.errors:
                    self.tour.errors.append((form, typed, reply))
                self.take(who, reply)
                self.look()
        self._opened.clear()

    def look(self) -> None:
        """Everybody reads what was posted, as it stands now."""
        for line in self.network.courier.posted:
            readers = [who for who in PEOPLE if who.user in line.address.users]
            for who in readers or [DAN if line.address.channel == "coordinators" else BOB]:
                self._keep(who, line.message)

    def _keep(self, who: Identity, message: Message) -> None:
        self.tour.messages.setdefault(to_json(message), message)
        for button in buttons_on(message):
            if (who, button) not in self._shown[-400:]:
                self._shown.append((who, button))


def _standing(form: Form) -> dict[str, str]:
    """What stands in the form; what is no option (any more) is chosen in no client."""
    given = {}
    for each in form.fields:
        known = {option.value for option in each.options}
        chosen = each.value.split(",") if each.kind is FieldKind.SEVERAL else [each.value]
        given[each.name] = ",".join(value for value in chosen if value in known) if known else each.value
    return given


def _answered(form: Form) -> dict[str, str]:
    """Something in every question."""
    given = _standing(form)
    for each in form.fields:
        words = each.options[0].value if each.options else _SOMETHING.get(each.name, _WORDS)[: each.max_length]
        given[each.name] = given[each.name] or words
    return given


def buttons_on(message: Message) -> list[Button]:
    """Every button and every choice of a menu, in order."""
    found: list[Button] = []
    for block in message.blocks:
        if isinstance(block, EntryLine):
            found += block.acts
        elif isinstance(block, Buttons):
            found += block.buttons
    return found


async def _drafting(tour: Tour) -> None:
    network = await Network.make(plan=a_plan(shortlist=4, maybe=2))
    network.pages.has("https://new.example.org/", title="A new page <b>", description="About *data*")
    chapter = Chapter(tour, network)
    await network.has_a_draft(14)
    network.pages.answers = {
        "https://www.example.org/news/3": LinkAnswer(Outcome.NOT_FOUND, "There is no page at this address (404)."),
        "https://www.example.org/news/2": LinkAnswer(Outcome.READ, moved_to="https://www.example.org/moved"),
        "https://www.example.org/news/14": LinkAnswer(Outcome.READ, moved_to="https://www.example.org/moved/14"),
    }
    await link_checks.check_links(network.services)
    await network.sends()
    await chapter.says(
        ALICE, "digest", "digest draft", "digest suggest", "digest suggest https://a.example.org/x because",
        "digest search guidance", "digest search nothing", "digest nonsense", "nonsense",
    )  # fmt: skip
    await chapter.press(ALICE, Button("", suggestion_texts.FROM_MESSAGE, "https://c.example.org/"))
    await chapter.says(
        BOB, "digest draft", "digest schedule", "digest skip", "digest add https://new.example.org/", "digest add",
        "digest add nonsense", "digest warnings", "digest preview", "digest preview teams", "digest history",
        "digest history 1", "digest left-out", "digest export", "digest correct", "digest search guidance",
        "convenor home", "digest withdraw",
    )  # fmt: skip
    await chapter.presses("suggestion.decline", "section.", "edition.sections")
    await chapter.presses("section.", "entry.change")
    await chapter.sends()
    for _ in range(3):
        await chapter.presses()
        await chapter.sends()
        await chapter.says(BOB, "digest draft", "digest undo", "digest history")


async def _published(tour: Tour) -> None:
    for cooling_off in (timedelta(0), timedelta(hours=1)):
        network = await Network.make(plan=a_plan(approval=ApprovalPolicy(cooling_off=cooling_off)))
        chapter = Chapter(tour, network)
        await network.has_a_draft(6)
        chapter.look()
        await network.press(BOB, network.button("Approve", "editors"))
        await network.press(CAROL, network.button("Approve", "editors"))
        chapter.look()
        await chapter.presses("draft.")
        network.clock.advance(days=2)
        await network.sends()
        await chapter.says(ALICE, "digest", "digest search guidance", "convenor home")
        await chapter.says(
            BOB, "digest", "digest export", "digest export md", "digest export html", "digest export 1 json",
            "digest correct", "digest correct 1", "digest withdraw", "convenor home",
        )  # fmt: skip
        await chapter.says(BOB, "convenor here digest", where="elsewhere")
        for _ in range(3):
            await chapter.presses()
            await chapter.sends()


async def _stuck(tour: Tour) -> None:
    lost = TransportError("digest", "The connection was lost.", ambiguous=True)
    archived = TransportError("digest", "Channel digest is archived.", permanent=True)
    for trouble in (lost, archived):
        network = await Network.make()
        chapter = Chapter(tour, network)
        await network.has_a_draft(3)
        network.courier.fails(trouble, channel="digest")
        await network.press(BOB, network.button("Approve", "editors"))
        await network.press(CAROL, network.button("Approve", "editors"))
        await chapter.says(BOB, "convenor stuck", "convenor home")
        await chapter.presses()
        await chapter.sends()
        await chapter.presses()


async def _following(tour: Tour) -> None:
    network = await Network.make()
    chapter = Chapter(tour, network)
    await chapter.says(
        ALICE, "topics", "topics list", "topics follow ai", "topics follow health data", "topics follow", "topics",
        "topics quiet", "convenor home", "convenor", "convenor help", "convenor sources",
    )  # fmt: skip
    await network.has_a_draft(3)
    await chapter.presses()
    await chapter.sends()
    await chapter.presses()
    await chapter.says(ALICE, "topics stop", "topics")


async def _sources(tour: Tour) -> None:
    network = await Network.make(sources=(a_source(), a_source("other", enabled=False)))
    chapter = Chapter(tour, network)
    network.finder.has("https://blog.example.org/", "https://blog.example.org/feed", title="A blog")
    await chapter.says(
        BOB, "convenor sources", "convenor sources failing", "convenor sources all", "convenor sources show example",
        "convenor sources add https://blog.example.org/", "convenor sources add https://none.example.org/",
        "convenor sources pause example because", "convenor sources resume example", "convenor sources read example",
        "convenor sources show nobody",
    )  # fmt: skip
    await chapter.presses("sources.add")
    await chapter.says(BOB, "convenor sources show blog-example-org", "convenor sources all", "convenor home")
    await chapter.presses("sources.edit", "home.sources")
    await chapter.sends()
    await chapter.presses()
    await chapter.presses()
    await chapter.says(
        BOB, "convenor roles list", "convenor roles add @Alice editor", "convenor roles remove @Alice editor",
        "convenor roles remove @Erin editor", "convenor here nonsense",
    )  # fmt: skip
    await chapter.says(DAN, "convenor roles add @Alice editor")


async def _members(tour: Tour) -> None:
    network = await Network.make(can_mail=True)
    chapter = Chapter(tour, network)
    await chapter.says(
        ALICE, "profile", "profile pause", "profile resume", "profile leave", "profile join", "profile join x",
        "profile link", "profile accounts", "convenor privacy", "convenor home",
    )  # fmt: skip
    await network.joins(ERIN, email="erin@example.org")
    await chapter.says(ERIN, "profile", "profile link", "convenor privacy", "convenor home")
    await chapter.says(BOB, "profile")
    await chapter.presses("profile.edit")
    await chapter.sends()
    await chapter.presses("profile.agree")
    code = chapter.word_of("profile link ")
    await chapter.says(ALICE, f"profile link {code}")
    await chapter.presses("accounts.link")
    await chapter.says(ALICE, "profile accounts")
    await chapter.says(
        DAN, "convenor invite @Carol", "convenor invite alice@example.org", "convenor invite @Erin",
        "convenor members import", "convenor members export", "convenor audit", "intro stats",
    )  # fmt: skip
    await chapter.presses("profile.", "privacy.", "accounts.")
    await chapter.sends()
    for _ in range(3):
        await chapter.presses()
        await chapter.sends()
    await chapter.says(DAN, *["convenor members export"] * 16, "convenor audit")
    await chapter.presses("audit.")
    await chapter.says(CAROL, "profile pause", "profile", "profile resume", "profile leave", "profile")


async def _introductions(tour: Tour) -> None:
    for answer in ("ask.yes", "ask.no"):
        network = await Network.make()
        chapter = Chapter(tour, network)
        await network.joins(CAROL)
        await network.joins(ERIN)
        await chapter.says(ALICE, "intro", f"intro {NEED}", "intro stats")
        chapter.take(ALICE, await network.asks_for(ALICE, NEED))
        await chapter.says(DAN, "intro queue", "intro outsider", "convenor home")
        await chapter.presses("broker.show", "broker.ask")
        await chapter.sends()
        network.clock.advance(days=4)
        await introduction_tick(network.services)
        await network.sends()
        await chapter.says(ERIN, "convenor home")
        await chapter.presses(answer, "ask.not_now", "ask.show")
        await chapter.says(ERIN, "convenor home")
        await chapter.presses("ask.show")
        await chapter.sends()
        for days in (15, 30):
            network.clock.advance(days=days)
            await introduction_tick(network.services)
            await network.sends()
            await chapter.says(ALICE, "convenor home")
            await chapter.presses()
            await chapter.sends()


CHAPTERS: tuple[Callable[[Tour], Awaitable[None]], ...] = (
    _drafting, _published, _stuck, _following, _sources, _members, _introductions,
)  # fmt: skip


async def tour() -> Tour:
    """The whole of it."""
    whole = Tour()
    for chapter in CHAPTERS:
        own = Tour()
        await chapter(own)
        whole.messages |= own.messages
        whole.forms |= own.forms
        whole.errors += own.errors
        whole.silent += own.silent
    return whole
