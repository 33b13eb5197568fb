"""Answers everything that happens in Teams: words, presses, forms, the message extension, being added and removed.

Nothing in Teams is seen by one person alone but their own chat with us. So that is where answers go; a channel is told
no more than that there is one. Teams waits ten seconds for the answer to a press: what takes longer is finished later.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from botbuilder.core import InvokeResponse, TurnContext
from botbuilder.schema import Activity

from adapters.background import log_fault
from adapters.shapes import Json, word
from adapters.teams import texts
from adapters.teams.answering import (
    PATIENCE_SECONDS,
    Answering,
    FirstTime,
    Given,
    PrivateChat,
)
from adapters.teams.asks import (
    PLATFORM,
    Incoming,
    Origin,
    Place,
    Unreadable,
    is_cancel,
    is_thanks,
    read_dialog,
    read_execute,
    read_message,
    read_origin,
    read_suggestion,
)
from adapters.teams.book import Book
from adapters.teams.connector import Connector, ConnectorTrouble
from adapters.teams.escaping import as_typed
from adapters.teams.extension import SearchResults
from adapters.teams.form_turns import FormTurns, opens_form_at
from adapters.teams.invokes import dialog_says, extension_says, note
from adapters.teams.names import ChannelNames, texts_in
from adapters.teams.news import keep, news_in
from adapters.teams.render import render_message
from adapters.teams.send import activity_of
from adapters.teams.wire import as_json
from bot.commands import OURSELVES
from bot.legible import cut, tidy
from bot.messages import AskKind, Message, Note, Paragraph, Reply, Style, text
from bot.ports import Desk, Lookup, ShownForms
from digests.model import Address
from digests.ports import Clock

log = logging.getLogger("convenor.teams")

Body = dict[str, Any] | None

_SHORT: Final = 200
_QUOTED: Final = 120
_EXTENSION: Final = "composeExtension/"
_INVOKE: Final = "invoke"


class Listeners:
    """Everything that one Teams app is told.

    ``spoken`` gives the command that a first word belongs to. ``first_time`` tells whether a key is seen for the first
    time. ``patience`` is how many seconds of Teams' own an answer may take before it is given later.
    """

    def __init__(
        self,
        *,
        desk: Desk,
        connector: Connector,
        book: Book,
        whisperer: PrivateChat,
        lookup: Lookup,
        forms: ShownForms,
        spoken: Mapping[str, str],
        clock: Clock,
        first_time: FirstTime,
        names: ChannelNames | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._answering = Answering(
            desk=desk,
            connector=connector,
            chat=whisperer,
            forms=forms,
            clock=clock,
            first_time=first_time,
            patience=patience,
        )
        self._book = book
        self._names = names
        self._spoken = spoken
        self._clock = clock
        self._forms = FormTurns(self._answering, opens_form_at(desk, clock), names)
        self._search = SearchResults(lookup, patience)
        self._invokes: Mapping[str, Callable[[Json], Awaitable[Body]]] = {
            "adaptiveCard/action": self._execute,
            "task/fetch": self._fetch,
            "task/submit": self._submit,
            "composeExtension/query": self._search.answer,
            "composeExtension/fetchTask": self._suggest,
            "composeExtension/submitAction": self._submit,
        }

    async def drain(self, seconds: float) -> None:
        """Let work that has begun come to its end, for so long; then cancel it."""
        await self._answering.drain(seconds)

    async def on_turn(self, context: TurnContext) -> None:
        """Carry out one activity. Never raises, and every invoke is answered."""
        kind, name = str(context.activity.type or ""), str(context.activity.name or "")
        body: Body = None
        try:
            activity = as_json(context.activity)
            if kind == _INVOKE:
                body = await self._invoke(name, activity)
            elif kind == "message":
                self._answering.start(self._message(activity))
            elif kind in ("installationUpdate", "conversationUpdate"):
                self._answering.start(self._moved(activity))
        except Exception as error:  # Whatever it was, somebody waits for an answer.
            log_fault(log, f"{kind} {name[:60]} of Teams failed", error)
            body = _sorry(name, texts.FAULT)
        if kind == _INVOKE:
            answer = InvokeResponse(status=200, body=body)
            await context.send_activity(Activity(type="invokeResponse", value=answer))

    async def _invoke(self, name: str, activity: Json) -> Body:
        answer = self._invokes.get(name)
        try:
            if answer is None:
                raise Unreadable("this is asked in a way that we do not offer")
            return await answer(activity)
        except Unreadable as unreadable:
            log.warning("Something came from Teams that cannot be read: %s.", unreadable)
            return _sorry(name, texts.UNREADABLE)

    # Words

    async def _message(self, activity: Json) -> None:
        if _is_ours(activity):
            return
        try:
            origin = await self._origin(activity)
            if not await self._answering.is_new(_key(origin)):
                return
            incoming = read_message(activity, origin, self._spoken, self._clock.now())
        except Unreadable as unreadable:
            log.warning("A message came from Teams that cannot be read: %s.", unreadable)
            await self._write(activity, texts.NO_WORDS)
            return
        await self._note(activity)
        if is_thanks(incoming):
            await self._answering.give(origin, Reply((texts.WELCOME,)))
            return
        async with self._answering.typing(origin):
            if incoming.ask.kind is AskKind.SUBMIT:
                # A card of the older sort, whose form cannot be put in its place.
                sent = await self._forms.sent(incoming, "")
                given = await self._forms.give(origin, sent) if sent else Given.YES
            else:
                reply = _hinted(origin, _placed(incoming, await self._answering.ask(incoming)))
                given = await self._answering.give(origin, reply)
        await self._tell(activity, origin, given)

    async def _tell(self, activity: Json, origin: Origin, given: Given) -> None:
        """Tell where somebody asked what became of the answer, without a word of it."""
        if given in (Given.YES, Given.ON_THE_WAY):
            if origin.place is not Place.PERSONAL:
                await self._write(activity, texts.SEE_CHAT)
        else:
            await self._write(activity, texts.UNREACHABLE if given is Given.UNREACHABLE else texts.NOT_REACHED)

    async def _write(self, activity: Json, sentence: str) -> None:
        """Write a sentence where an activity happened, seen by everybody there."""
        where = word(activity, "conversation", "id")
        message = {"type": "message", "text": sentence, "textFormat": "plain"}
        try:
            await self._answering.connector.post(word(activity, "serviceUrl"), where, message)
        except ConnectorTrouble as trouble:
            log.warning("A sentence could not be written in a conversation (%s).", trouble)

    # Presses

    async def _execute(self, activity: Json) -> Body:
        origin = await self._origin(activity)
        incoming = read_execute(activity, origin, self._clock.now())
        self._answering.start(self._note(activity))
        if is_cancel(activity):
            return await self._forms.put_away(incoming)
        if incoming.ask.kind is AskKind.SUBMIT:
            return await self._forms.send_card(incoming, key=_key(origin))
        until = self._answering.until()
        task = await self._answering.in_time(self._press(incoming), until)
        if not task.done():
            self._answering.start(self._press_late(task, origin))
            return note(texts.ONE_MOMENT)
        reply = self._answering.came_of(task)
        return note(await self._settle(origin, reply, until))

    async def _press(self, incoming: Incoming) -> Reply | None:
        if not await self._answering.is_new(_key(incoming.origin)):
            return None
        return await self._answering.ask(incoming)

    async def _press_late(self, task: Any, origin: Origin) -> None:
        if reply := await task:
            await self._answering.give(origin, reply)

    async def _settle(self, origin: Origin, reply: Reply | None, until: float) -> str:
        """Give the answer to a press; the sentence that only whoever pressed sees."""
        if reply is None:
            return texts.DONE_BEFORE
        said = reply.said
        if not said and not reply.form:
            return texts.DONE
        alone = origin.place is Place.PERSONAL
        if not alone and not reply.form and (sentence := _short(said)):
            return sentence
        match await self._answering.give_in_time(origin, reply, until):
            case Given.YES if reply.form:
                return texts.FORM_BELOW if alone else texts.FORM_IN_CHAT
            case Given.YES:
                return texts.SEE_BELOW if alone else texts.SEE_CHAT
            case Given.ON_THE_WAY:
                return texts.ONE_MOMENT
            case Given.UNREACHABLE:
                return texts.UNREACHABLE
            case _:
                return texts.NOT_REACHED

    # Dialogs and the message extension

    async def _fetch(self, activity: Json) -> Body:
        origin = await self._origin(activity)
        self._answering.start(self._note(activity))
        return await self._forms.open(read_dialog(activity, origin, self._clock.now()), key=_key(origin))

    async def _suggest(self, activity: Json) -> Body:
        origin = await self._origin(activity)
        return await self._forms.open(read_suggestion(activity, origin, self._clock.now()), key=_key(origin))

    async def _submit(self, activity: Json) -> Body:
        origin = await self._origin(activity)
        return await self._forms.send(read_dialog(activity, origin, self._clock.now()), key=_key(origin))

    # Where we are

    async def _moved(self, activity: Json) -> None:
        await self._note(activity)
        channel, name = (word(activity, "channelData", "channel", each) for each in ("id", "name"))
        if self._names and channel and name:
            self._names.note(Address(PLATFORM, word(activity, "channelData", "tenant", "id"), channel=channel), name)
        if not _is_added(activity):
            return
        try:
            # Who added us to a team need not be known.
            origin = read_origin(activity, _SOMEBODY)
        except Unreadable:
            return
        if origin.place is Place.PERSONAL:
            if origin.user != _SOMEBODY and await self._answering.is_new(f"hello:{origin.tenant}:{origin.user}"):
                name = word(activity, "from", "name")
                await self._answering.give(origin, Reply((texts.hello(name),)))
        elif await self._answering.is_new(f"hello:{origin.tenant}:{origin.conversation}"):
            shown = render_message(texts.HELLO_TEAM)
            try:
                await self._answering.connector.post(origin.service_url, origin.conversation, activity_of(shown))
            except ConnectorTrouble as trouble:
                log.warning("A team could not be greeted (%s).", trouble)

    async def _note(self, activity: Json) -> None:
        """Note where we are, for what is to be written there later. Nobody's work stops because it cannot be."""
        try:
            await keep(self._book, news_in(activity, self._clock.now()))
        except Exception as error:
            log_fault(log, "It cannot be noted where Convenor is", error)

    async def _origin(self, activity: Json) -> Origin:
        """Where it happened and who did it. Raises :class:`Unreadable`."""
        user = ""
        if not word(activity, "from", "aadObjectId") and (account := word(activity, "from", "id")):
            tenant = word(activity, "channelData", "tenant", "id")
            where = word(activity, "conversation", "id").partition(";")[0]
            user = await self._answering.user_of(tenant, word(activity, "serviceUrl"), where, account)
        origin = read_origin(activity, user)
        if word(activity, "name").startswith(_EXTENSION) and origin.place is Place.PERSONAL:
            # A chat of two people is called personal too, and we need not be in it.
            return replace(origin, place=Place.GROUP)
        return origin


_SOMEBODY: Final = "somebody"


def _is_ours(activity: Json) -> bool:
    account = word(activity, "from", "id")
    return account == word(activity, "recipient", "id") or word(activity, "from", "role") == "bot"


def _is_added(activity: Json) -> bool:
    """Whether it says that we were added here; others being added is no concern of ours."""
    if word(activity, "type") == "installationUpdate":
        return word(activity, "action") == "add"
    members, us = activity.get("membersAdded"), word(activity, "recipient", "id")
    named = [each.get("id") for each in members if isinstance(each, Mapping)] if isinstance(members, list) else []
    return bool(us) and us in named


def _key(origin: Origin) -> str:
    """What is the same where Teams sends an activity twice; empty where it gave it no id."""
    return f"{origin.tenant}:{origin.conversation}:{origin.activity}" if origin.activity else ""


def _placed(incoming: Incoming, reply: Reply) -> Reply:
    """The answer to words in a channel, which says of which channel it speaks: it stands in the person's own chat."""
    if incoming.origin.place is not Place.CHANNEL or not reply.messages:
        return reply
    ask, first = incoming.ask, reply.messages[0]
    words = ask.words if ask.name == OURSELVES and ask.words else f"{ask.name} {ask.words}".strip()
    place = Note(texts.asked_in(incoming.origin.address, cut(tidy(words), _QUOTED)))
    return replace(reply, messages=(replace(first, blocks=(place, *first.blocks)), *reply.messages[1:]))


def _hinted(origin: Origin, reply: Reply) -> Reply:
    """The answer, which says where people can be named if it asks for a name: nobody can be in this chat."""
    if origin.place is not Place.PERSONAL or not any(_asks_for_name(message) for message in reply.messages):
        return reply
    *before, last = reply.messages
    return replace(reply, messages=(*before, replace(last, blocks=(*last.blocks, Note(text(texts.NAMED_WHERE))))))


def _asks_for_name(message: Message) -> bool:
    """Whether it shows a command in which somebody is named, as the help writes it."""
    spans = [span for words in texts_in(message) for span in words]
    return any(span.style is Style.CODE and "@name" in span.text for span in spans)


def _short(said: tuple[Message, ...]) -> str:
    """The sentence, where one is all that is said, so that it can be shown for a moment."""
    if len(said) != 1 or len(said[0].blocks) != 1 or not isinstance(block := said[0].blocks[0], Paragraph):
        return ""
    if any(span.url or span.channel for span in block.text):
        return ""
    sentence = "".join(as_typed(span.text) if span.style is Style.CODE else span.text for span in block.text)
    return sentence if len(sentence) <= _SHORT else ""


def _sorry(name: str, sentence: str) -> dict[str, Any]:
    """A sentence in the shape that Teams takes as the answer to an invoke of this name."""
    if name == "composeExtension/query":
        return extension_says(sentence)
    if name.startswith((_EXTENSION, "task/")):
        return dialog_says(sentence)
    return note(sentence)
