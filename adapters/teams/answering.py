"""What every answer in Teams takes: the desk's word, the person's own chat, and Teams' patience."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from typing import Any, Final, Protocol, TypeVar

from adapters.background import Background, log_fault
from adapters.teams import texts
from adapters.teams.asks import PLATFORM, Incoming, Origin, Place
from adapters.teams.connector import Connector, ConnectorTrouble
from adapters.teams.people import NotTold, Roster
from bot.commands import OURSELVES
from bot.messages import Ask, Form, Identity, Message, Reply, say
from bot.ports import Desk, ShownForms, TransportError
from digests.ports import Clock

log = logging.getLogger("convenor.teams")

Result = TypeVar("Result")
FirstTime = Callable[[str], Awaitable[bool]]

# Teams gives 10 s for the answer to a press or a dialog; this leaves time for the way, there and back.
PATIENCE_SECONDS: Final = 6.0
# At least so long is waited for what was given to Teams, to say whether it took it.
GIVING_SECONDS: Final = 1.5
TYPING_AFTER_SECONDS: Final = 1.0
# Teams shows that somebody types for about as long.
TYPING_EVERY_SECONDS: Final = 3.0
TYPING_AT_MOST: Final = 20
# More people than that are not named in any command.
NAMED_AT_MOST: Final = 5


class PrivateChat(Protocol):
    """Writes to one person in their own chat with us, wherever they asked; :class:`adapters.teams.send.Whisperer`.

    Both raise :class:`bot.ports.TransportError`, ``unreachable`` where we cannot write to them.
    """

    async def whisper(self, origin: Origin, messages: Sequence[Message]) -> None:
        """Say the messages, in order."""
        ...

    async def show_form(self, origin: Origin, form: Form, errors: Mapping[str, str]) -> None:
        """Show a form as a card, with what is wrong in it."""
        ...


class Given(Enum):
    """What became of an answer that was given to the person's own chat."""

    YES = auto()
    ON_THE_WAY = auto()
    UNREACHABLE = auto()
    NO = auto()


class _NotKnown(Exception):
    """It cannot be told who is named; the sentence says why."""

    def __init__(self, sentence: str) -> None:
        self.sentence = sentence
        super().__init__(sentence)


class Answering:
    """Asks the desk, and gives the answers. Keeps hold of all work that has begun."""

    def __init__(
        self,
        *,
        desk: Desk,
        connector: Connector,
        chat: PrivateChat,
        forms: ShownForms,
        clock: Clock,
        first_time: FirstTime,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._forms = forms
        self.connector = connector
        self.clock = clock
        self.patience = patience
        self._desk = desk
        self._chat = chat
        self._first_time = first_time
        self._roster = Roster(connector, clock)
        self._background = Background(log, "Something from Teams could not be carried out")
        self.start = self._background.start
        self.drain = self._background.drain

    async def ask(self, incoming: Incoming) -> Reply:
        """The desk's answer. Never raises."""
        try:
            ask = await self._with_people(incoming) if incoming.named else incoming.ask
            if not ask.identity.name:
                ask = replace(ask, identity=await self._with_name(incoming.origin))
            return await self._desk.answer(ask)
        except _NotKnown as unknown:
            return Reply((say(unknown.sentence),))
        except Exception as error:  # The person who asked must hear of it, whatever it was.
            log_fault(log, f"The desk failed at {incoming.ask.kind} {incoming.ask.name}", error)
            return Reply((say(texts.FAULT),))

    async def _with_people(self, incoming: Incoming) -> Ask:
        """The ask with the accounts of those who are named in it. Raises :class:`_NotKnown`."""
        ask, origin = incoming.ask, incoming.origin
        found: dict[str, Identity] = {}
        said = ask.words
        # The longest first, for one may begin like another.
        for word, named in sorted(incoming.named.items(), key=lambda each: -len(each[0]))[:NAMED_AT_MOST]:
            try:
                who = await self._roster.find(origin.tenant, origin.service_url, origin.conversation, named.account)
            except NotTold:
                raise _NotKnown(texts.NOT_LOOKED_UP) from None
            if who is not None:
                found[word] = Identity(PLATFORM, origin.tenant, who.user, who.name or named.name)
            elif ask.name == OURSELVES:
                raise _NotKnown(texts.NOT_HERE)
            else:
                # In other commands a name may be but words.
                said = said.replace(word, named.name)
        in_order = {word: found[word] for word in incoming.named if word in found}
        return replace(ask, words=said, mentions=in_order)

    async def _with_name(self, origin: Origin) -> Identity:
        """Whoever asked, under the name that the roster has, where Teams does not say it with what they did."""
        identity = identity_of(origin)
        with contextlib.suppress(NotTold):
            who = await self._roster.find(origin.tenant, origin.service_url, origin.conversation, origin.account)
            return replace(identity, name=who.name) if who else identity
        return identity

    async def user_of(self, tenant: str, service_url: str, conversation: str, account: str) -> str:
        """The Entra object id of an account; empty where Teams does not say."""
        try:
            who = await self._roster.find(tenant, service_url, conversation, account)
        except NotTold:
            return ""
        return who.user if who else ""

    async def is_new(self, key: str) -> bool:
        """Whether this is seen for the first time; an empty key always is."""
        if not key:
            return True
        try:
            # Hashed, for a conversation tells who somebody is.
            return await self._first_time(f"teams:{hashlib.sha256(key.encode()).hexdigest()[:40]}")
        except Exception as error:  # People's work does not stop because a repeat cannot be told.
            log_fault(log, "It cannot be told whether Teams repeats itself", error)
            return True

    async def give(self, origin: Origin, reply: Reply) -> Given:
        """Give a reply in the person's own chat: what is said, and the form."""
        try:
            if messages := reply.said:
                await self._chat.whisper(origin, messages)
            if reply.form:
                await self.show_form(origin, reply.form)
        except TransportError as error:
            log.warning("An answer could not be given. %s", error.sentence)
            return Given.UNREACHABLE if error.unreachable else Given.NO
        return Given.YES

    async def show_form(self, origin: Origin, form: Form, errors: Mapping[str, str] | None = None) -> None:
        """Show a form in the person's own chat. Raises :class:`TransportError`."""
        await self.note_form(origin, form)
        await self._chat.show_form(origin, form, errors or {})

    async def note_form(self, origin: Origin, form: Form) -> None:
        """Note that somebody is shown a form. Where it cannot be noted, it can still be sent."""
        try:
            await self._forms.show(identity_of(origin), form)
        except Exception as error:
            log_fault(log, "It cannot be noted who was shown a form", error)

    async def form_of(self, origin: Origin, name: str, value: str) -> Form | None:
        """The form as somebody was shown it, where that is known."""
        try:
            return await self._forms.find(identity_of(origin), name, value)
        except Exception as error:
            log_fault(log, "A form that was shown cannot be found", error)
            return None

    async def forget_form(self, origin: Origin, name: str, value: str) -> None:
        """It was taken over or put away."""
        try:
            await self._forms.done(identity_of(origin), name, value)
        except Exception as error:
            log_fault(log, "It cannot be noted that a form is done", error)

    async def give_in_time(self, origin: Origin, reply: Reply, until: float) -> Given:
        """The same, but no longer than Teams waits. ``until`` is a time of the loop."""
        task = self.start(self.give(origin, reply))
        left = until - asyncio.get_running_loop().time()
        await asyncio.wait({task}, timeout=max(left, GIVING_SECONDS))
        if not task.done():
            return Given.ON_THE_WAY
        return Given.NO if task.cancelled() or task.exception() else task.result()

    def until(self) -> float:
        """The time of the loop at which Teams has to have an answer to what comes now."""
        return asyncio.get_running_loop().time() + self.patience

    async def in_time(self, work: Coroutine[Any, Any, Result], until: float) -> asyncio.Task[Result]:
        """Begin, and wait for the end as long as Teams does."""
        task = self.start(work)
        await asyncio.wait({task}, timeout=max(until - asyncio.get_running_loop().time(), 0))
        return task

    @staticmethod
    def came_of(task: asyncio.Task[Result]) -> Result:
        """What came of work that is done. Raises what it raised."""
        if task.cancelled():
            raise RuntimeError("the work was stopped")
        return task.result()

    @contextlib.asynccontextmanager
    async def typing(self, origin: Origin) -> AsyncIterator[None]:
        """Show that we are at work, where that takes longer. Channels show no such thing."""
        if origin.place is not Place.PERSONAL:
            yield
            return
        task = asyncio.create_task(self._type(origin))
        try:
            yield
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _type(self, origin: Origin) -> None:
        await asyncio.sleep(TYPING_AFTER_SECONDS)
        for _ in range(TYPING_AT_MOST):
            with contextlib.suppress(ConnectorTrouble):
                await self.connector.post(origin.service_url, origin.conversation, {"type": "typing"})
            await asyncio.sleep(TYPING_EVERY_SECONDS)


def identity_of(origin: Origin) -> Identity:
    """The account of whoever asked, without their name."""
    return Identity(PLATFORM, origin.tenant, origin.user)
