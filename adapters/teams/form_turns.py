"""Forms in Teams: as a dialog, or as a card in the person's own chat; sent, and shown again with what is wrong."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from adapters.teams import texts
from adapters.teams.answering import Answering, Given
from adapters.teams.asks import PLATFORM, Incoming, Origin, Place
from adapters.teams.connector import ConnectorTrouble
from adapters.teams.invokes import card_in_place, dialog, dialog_says, form_dialog, note
from adapters.teams.names import ChannelNames
from adapters.teams.pieces import in_pieces
from adapters.teams.render import (
    ChannelName,
    OpensForm,
    RenderedMessage,
    Unsendable,
    filled,
    no_name,
    render_form,
    render_message,
    render_page,
)
from adapters.teams.send import activity_of
from adapters.teams.sent_forms import given_back, put_in_order, wrong_in
from bot.messages import Ask, AskKind, File, Form, Identity, Message, Reply, has_buttons, say
from bot.ports import Desk, TransportError
from digests.ports import Clock

log = logging.getLogger("convenor.teams")

Json = dict[str, Any]

_TITLE: Final = "Convenor"


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was sent, as it was shown where that is still known, and what became of it."""

    form: Form | None
    typed: Mapping[str, str]
    reply: Reply

    @property
    def returned(self) -> Form | None:
        """The form with what was typed into it, where something in it is wrong and it can be shown again."""
        return filled(self.form, self.typed) if self.form and self.reply.errors else None

    @property
    def said(self) -> tuple[Message, ...]:
        """All that is to be said beside a form."""
        if self.reply.errors and self.form is None:
            return (*self.reply.messages, given_back(texts.FORM_GONE, self.reply.errors, self.typed))
        return self.reply.messages


def opens_form_at(desk: Desk, clock: Clock) -> OpensForm:
    """Tells of a button whether it opens a form, so that Teams should open a dialog for it."""

    def opens(action: str, value: str) -> bool:
        return desk.opens_form(Ask(AskKind.PRESS, Identity(PLATFORM, "", ""), action, clock.now(), value=value))

    return opens


class FormTurns:
    """Carries out what has to do with forms."""

    def __init__(self, answering: Answering, opens_form: OpensForm, names: ChannelNames | None = None) -> None:
        self._answering = answering
        self._opens_form = opens_form
        self._names = names

    # A dialog is opened

    async def open(self, incoming: Incoming, *, key: str) -> Json:
        """A press that opens a dialog: the form, or what there is to say instead."""
        until = self._answering.until()
        task = await self._answering.in_time(self._open(incoming, key), until)
        if not task.done():
            self._answering.start(self._open_late(task, incoming.origin))
            return dialog_says(texts.FORM_COMES)
        reply = self._answering.came_of(task)
        if reply is None:
            return dialog_says(texts.DONE_BEFORE)
        if reply.form is None:
            return await self._page(incoming.origin, _TITLE, reply.said, until)
        if reply.messages:
            self._answering.start(self._answering.give(incoming.origin, Reply(reply.messages)))
        return await self._dialog(incoming.origin, reply.form)

    async def _open(self, incoming: Incoming, key: str) -> Reply | None:
        return await self._answering.ask(incoming) if await self._answering.is_new(key) else None

    async def _open_late(self, task: Any, origin: Origin) -> None:
        if reply := await task:
            await self._answering.give(origin, reply)

    async def _dialog(self, origin: Origin, form: Form) -> Json:
        try:
            card = render_form(form, where="dialog")
        except Unsendable as unsendable:
            log.error("The form %s does not fit into Teams: %s", form.name, unsendable.sentence)
            return dialog_says(texts.FORM_NOT_SHOWN)
        await self._answering.note_form(origin, form)
        return form_dialog(form, card)

    async def _page(self, origin: Origin, title: str, messages: tuple[Message, ...], until: float) -> Json:
        """Messages in a dialog; in the person's own chat where they can be pressed or copied, or are too long."""
        if not messages:
            return dialog_says(texts.DONE)
        if not any(has_buttons(message) or _has_file(message) for message in messages):
            try:
                page = render_page(messages, channel_name=await self._named(*messages))
                return dialog(title, page, tall=len(messages) > 1)
            except Unsendable:
                pass
        return dialog_says(_told(await self._answering.give_in_time(origin, Reply(messages), until)))

    # A form is sent

    async def send(self, incoming: Incoming, *, key: str) -> Json | None:
        """A dialog was sent: nothing closes it."""
        until = self._answering.until()
        task = await self._answering.in_time(self.sent(incoming, key), until)
        if not task.done():
            self._answering.start(self._send_late(task, incoming.origin))
            return dialog_says(texts.WORKING)
        sent = self._answering.came_of(task)
        if sent is None:
            return dialog_says(texts.DONE_BEFORE)
        origin = incoming.origin
        if sent.returned:
            return await self._returned(origin, sent, until)
        title = sent.form.title if sent.form else _TITLE
        if sent.reply.form:
            if sent.said:
                self._answering.start(self._answering.give(origin, Reply(sent.said)))
            return await self._dialog(origin, sent.reply.form)
        if origin.place is not Place.PERSONAL or not sent.said:
            return await self._page(origin, title, sent.said, until)
        given = await self._answering.give_in_time(origin, Reply(sent.said), until)
        return None if given in (Given.YES, Given.ON_THE_WAY) else dialog_says(_told(given))

    async def _returned(self, origin: Origin, sent: Sent, until: float) -> Json:
        form = sent.returned
        assert form
        try:
            card = render_form(form, errors=sent.reply.errors, where="dialog")
        except Unsendable:
            return await self._page(origin, form.title, (_too_long(sent),), until)
        await self._answering.note_form(origin, form)
        return form_dialog(form, card)

    async def sent(self, incoming: Incoming, key: str) -> Sent | None:
        """Carry out a form. None where it came before."""
        if not await self._answering.is_new(key):
            return None
        ask = incoming.ask
        form = await self._answering.form_of(incoming.origin, ask.name, ask.value)
        typed = ask.fields
        if form is not None:
            typed = put_in_order(form, typed)
            if errors := wrong_in(form, typed):
                return Sent(form, typed, Reply(errors=errors))
        reply = await self._answering.ask(replace(incoming, ask=replace(ask, fields=typed)))
        if not reply.errors:
            await self._answering.forget_form(incoming.origin, ask.name, ask.value)
        return Sent(form, typed, reply)

    async def _send_late(self, task: Any, origin: Origin) -> None:
        if sent := await task:
            await self.give(origin, sent)

    async def give(self, origin: Origin, sent: Sent) -> Given:
        """Give what became of a form in the person's own chat."""
        given = await self._answering.give(origin, Reply(sent.said, sent.reply.form))
        if sent.returned and not _fits(sent):
            return await self._answering.give(origin, Reply((_too_long(sent),)))
        if sent.returned:
            try:
                await self._answering.show_form(origin, sent.returned, sent.reply.errors)
            except TransportError as error:
                log.warning("A form could not be shown again. %s", error.sentence)
                return Given.UNREACHABLE if error.unreachable else Given.NO
        return given

    # A form that is a card in the conversation

    async def send_card(self, incoming: Incoming, *, key: str) -> Json:
        """A form in a card was sent: the card becomes the answer."""
        until = self._answering.until()
        task = await self._answering.in_time(self.sent(incoming, key), until)
        if not task.done():
            self._answering.start(self._send_card_late(task, incoming.origin))
            return note(texts.ONE_MOMENT)
        sent = self._answering.came_of(task)
        if sent is None:
            return note(texts.DONE_BEFORE)
        return card_in_place(await self._replace(incoming.origin, sent))

    async def put_away(self, incoming: Incoming) -> Json:
        """A form in a card was given up."""
        await self._answering.forget_form(incoming.origin, incoming.ask.name, incoming.ask.value)
        shown = render_message(texts.PUT_AWAY)
        self._answering.start(self._keep_in_place(incoming.origin, shown))
        return card_in_place(shown.card)

    async def _send_card_late(self, task: Any, origin: Origin) -> None:
        if sent := await task:
            await self._replace(origin, sent)

    async def _replace(self, origin: Origin, sent: Sent) -> Json:
        """What stands in the place of a form's card, once it was sent; what does not fit there is said below."""
        form, said = sent.returned or sent.reply.form, sent.said
        shown = await self._form_card(origin, form, sent.reply.errors if sent.returned else {}) if form else None
        if form and shown is None:
            said = (*said, _too_long(sent) if sent.returned else say(texts.FORM_NOT_SHOWN))
        if shown is None:
            shown, said = await self._first(said)
        # Whoever pressed sees the card at once, but only until they load the chat again.
        self._answering.start(self._keep_in_place(origin, shown))
        if said:
            self._answering.start(self._answering.give(origin, Reply(said)))
        return shown.card

    async def _form_card(self, origin: Origin, form: Form, errors: Mapping[str, str]) -> RenderedMessage | None:
        try:
            shown = RenderedMessage(form.title, render_form(form, errors=errors))
        except Unsendable as unsendable:
            log.warning("The form %s does not fit into Teams: %s", form.name, unsendable.sentence)
            return None
        await self._answering.note_form(origin, form)
        return shown

    async def _first(self, messages: tuple[Message, ...]) -> tuple[RenderedMessage, tuple[Message, ...]]:
        """The first message as a card, and the others; the same sentence as a card where the first needs several."""
        if not messages:
            return render_message(say(texts.DONE)), ()
        try:
            if not _has_file(messages[0]) and len(in_pieces(messages[0])) == 1:
                named = await self._named(messages[0])
                return render_message(messages[0], self._opens_form, channel_name=named), messages[1:]
        except Unsendable:
            pass
        return render_message(texts.SENT), messages

    async def _named(self, *messages: Message) -> ChannelName:
        """What tells the names of the channels that messages speak of."""
        for message in messages if self._names else ():
            assert self._names
            await self._names.learn(message)
        return self._names or no_name

    async def _keep_in_place(self, origin: Origin, shown: RenderedMessage) -> None:
        if origin.place is not Place.PERSONAL or not origin.shown:
            return
        try:
            activity = {**activity_of(shown), "id": origin.shown}
            await self._answering.connector.update(origin.service_url, origin.conversation, origin.shown, activity)
        except ConnectorTrouble as trouble:
            log.info("A card could not be replaced for good (%s).", trouble)


def _fits(sent: Sent) -> bool:
    """Whether the form can be shown again with all that was typed and what is wrong."""
    try:
        return bool(sent.returned and render_form(sent.returned, errors=sent.reply.errors))
    except Unsendable:
        return False


def _too_long(sent: Sent) -> Message:
    return given_back(texts.FORM_TOO_LONG, sent.reply.errors, sent.typed)


def _has_file(message: Message) -> bool:
    return any(isinstance(block, File) for block in message.blocks)


def _told(given: Given) -> str:
    match given:
        case Given.YES:
            return texts.SEE_CHAT
        case Given.ON_THE_WAY:
            return texts.ONE_MOMENT
        case Given.UNREACHABLE:
            return texts.UNREACHABLE
        case Given.NO:
            return texts.NOT_REACHED
