"""Gives messages to Teams: posts and updates for the outbox, and answers in the chat of one person with Convenor."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Protocol

from adapters.teams.asks import Origin, Place
from adapters.teams.book import Book, Conversation, Foreign, Kind
from adapters.teams.chats import with_chat_links
from adapters.teams.connector import ConnectorTrouble, Person
from adapters.teams.names import ChannelNames
from adapters.teams.pieces import in_pieces
from adapters.teams.render import (
    Json,
    OpensForm,
    RenderedMessage,
    Unsendable,
    never,
    no_name,
    render_form,
    render_message,
)
from adapters.teams.troubles import gone, must_be_named, not_met, transport_error, unsure
from bot.messages import Form, Message, say
from bot.ports import TransportError
from digests.model import Address
from digests.ports import Clock

log = logging.getLogger("convenor.teams")

CARD: Final = "application/vnd.microsoft.card.adaptive"

# Seconds between the attempts to give an answer, where Teams has no wish of its own, and the longest wish that is kept.
PAUSES: Final = (1.0, 3.0)
LONGEST_PAUSE: Final = 15.0

NOT_SHOWN: Final = say(
    "My answer does not fit into a Teams message, so it is not shown. This changes nothing else. "
    "Please tell whoever runs Convenor."
)


class Calls(Protocol):
    """What of :class:`adapters.teams.connector.Connector` is used here. Each raises ``ConnectorTrouble``."""

    async def post(self, service_url: str, conversation_id: str, activity: Mapping[str, Any]) -> str: ...

    async def create(self, service_url: str, parameters: Mapping[str, Any]) -> tuple[str, str]: ...

    async def update(
        self, service_url: str, conversation_id: str, activity_id: str, activity: Mapping[str, Any]
    ) -> None: ...

    async def member(self, service_url: str, conversation_id: str, user: str) -> Person: ...


@dataclass(frozen=True, slots=True)
class Target:
    """Where something is written to, and what it is in sentences: a channel, or somebody's chat with Convenor."""

    tenant: str
    service_url: str
    conversation_id: str
    bot_id: str
    is_channel: bool

    def addressed(self, activity: Json) -> Json:
        """The activity with its tenant, by which Microsoft finds the way of what nobody asked for."""
        return {**activity, "channelData": {**activity.get("channelData", {}), "tenant": {"id": self.tenant}}}


class TeamsCourier:
    """Fulfils :class:`bot.ports.Courier` for every tenant. Message references are ``conversation id|activity id``."""

    def __init__(
        self,
        connector: Calls,
        book: Book,
        clock: Clock,
        *,
        opens_form: OpensForm = never,
        names: ChannelNames | None = None,
    ) -> None:
        self._connector = connector
        self._book = book
        self._clock = clock
        self._opens_form = opens_form
        self.names = names
        """What channels are called, where that is told."""

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        """Post a message; see :meth:`bot.ports.Courier.post`."""
        activity = await self._activity(address, message, key)
        if address.channel:
            return await self._post_in_channel(address, activity, thread_ref)
        return await self.post_to(await self.chat_of(address.workspace, address.user), activity)

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        """Replace a message's text; see :meth:`bot.ports.Courier.update`."""
        activity = await self._activity(address, message)
        conversation_id, _, activity_id = message_ref.partition("|")
        if address.channel:
            target = await self._channel(address)
        else:
            target = await self.chat_of(address.workspace, address.user)
        try:
            await self._connector.update(
                target.service_url,
                conversation_id or target.conversation_id,
                activity_id,
                {**activity, "id": activity_id},
            )
        except ConnectorTrouble as trouble:
            raise transport_error(trouble, is_channel=target.is_channel, is_update=True) from trouble

    async def chat_of(self, tenant: str, user: str, near: Conversation | None = None) -> Target:
        """Somebody's chat with Convenor, made where it is not known. ``near`` tells the tenant's address then.

        Raises :class:`TransportError`, never ambiguous: there is but one such chat, however often it is asked for.
        """
        if "," in user:
            raise must_be_named()
        known = await self._book.personal(tenant, user)
        if known is not None:
            if not known.is_here:
                raise gone(is_channel=False)
            return Target(tenant, known.service_url, known.conversation_id, known.bot_id, is_channel=False)
        near = near or await self._book.any_of(tenant)
        if near is None:
            raise not_met()
        try:
            conversation_id, _ = await self._connector.create(near.service_url, _chat_with(user, tenant, near.bot_id))
        except ConnectorTrouble as trouble:
            raise transport_error(trouble, is_channel=False, once=False) from trouble
        made = Conversation(
            tenant, Kind.PERSONAL, user, conversation_id, near.service_url, near.bot_id, self._clock.now()
        )
        await self._note(made)
        return Target(tenant, near.service_url, conversation_id, near.bot_id, is_channel=False)

    async def post_to(self, target: Target, activity: Json) -> str:
        """Post an activity in a conversation, and return its reference."""
        try:
            activity_id = await self._connector.post(
                target.service_url, target.conversation_id, target.addressed(activity)
            )
        except ConnectorTrouble as trouble:
            raise transport_error(trouble, is_channel=target.is_channel) from trouble
        return f"{target.conversation_id.partition(';')[0]}|{activity_id}"

    async def rendered(self, message: Message) -> RenderedMessage:
        """A message as a card. Raises :class:`adapters.teams.render.Unsendable`."""
        if self.names is not None:
            await self.names.learn(message)
        return render_message(message, self._opens_form, channel_name=self.names or no_name)

    async def sign_in(self, who: Address) -> str:
        """The name by which somebody signs in to Teams; empty where it cannot be found.

        Raises :class:`TransportError`, never permanent, where Teams cannot be asked at present.
        """
        known = await self._book.personal(who.workspace, who.user)
        if known is None or not known.is_here:
            return ""
        try:
            person = await self._connector.member(known.service_url, known.conversation_id, who.user)
        except ConnectorTrouble as trouble:
            found = transport_error(trouble, is_channel=False, once=False)
            if found.permanent:
                log.info("Somebody's name in Teams cannot be looked up (%s).", trouble.code)
                return ""
            raise found from trouble
        return person.upn or person.email

    async def _activity(self, address: Address, message: Message, key: str = "") -> Json:
        linked = await with_chat_links(message, address.user, self.sign_in)
        try:
            return activity_of(await self.rendered(linked), key)
        except Unsendable as unsendable:
            raise TransportError("teams", unsendable.sentence, permanent=True) from unsendable

    async def _post_in_channel(self, address: Address, activity: Json, thread_ref: str) -> str:
        target = await self._channel(address)
        root = thread_ref.partition("|")[2]
        if root:
            thread = f"{address.channel};messageid={root}"
            return await self.post_to(replace(target, conversation_id=thread), activity)
        parameters = {
            "isGroup": True,
            "bot": {"id": target.bot_id},
            "tenantId": address.workspace,
            "channelData": {"tenant": {"id": address.workspace}, "channel": {"id": address.channel}},
            "activity": target.addressed(activity),
        }
        try:
            made, activity_id = await self._connector.create(target.service_url, parameters)
        except ConnectorTrouble as trouble:
            raise transport_error(trouble, is_channel=True) from trouble
        activity_id = activity_id or made.partition(";messageid=")[2]
        if not activity_id:
            raise unsure("Teams did not say which message it made.", once=True)
        return f"{address.channel}|{activity_id}"

    async def _channel(self, address: Address) -> Target:
        """A channel that is not known is one in which nothing was said yet: its tenant has one address for all."""
        known = await self._book.channel(address.workspace, address.channel)
        if known is not None and not known.is_here:
            raise gone(is_channel=True)
        known = known or await self._book.any_of(address.workspace)
        if known is None:
            raise not_met()
        return Target(address.workspace, known.service_url, address.channel, known.bot_id, is_channel=True)

    async def _note(self, made: Conversation) -> None:
        try:
            await self._book.note(made)
        except Foreign:
            log.error("The address of a conversation in Teams is not trusted any more; it is not kept.")


class Whisperer:
    """Says something to one person alone: in their own chat with Convenor, as nothing in a channel is for one alone."""

    def __init__(self, courier: TeamsCourier, clock: Clock) -> None:
        self._courier = courier
        self._clock = clock

    async def whisper(self, origin: Origin, messages: Sequence[Message]) -> None:
        """Say the messages in order. Raises :class:`TransportError`, permanent where they cannot be written to."""
        target = await self._chat(origin)
        for message in (piece for whole in messages for piece in in_pieces(whole)):
            await self._post(target, activity_of(await self._rendered_or_sorry(message)))

    async def show_form(self, origin: Origin, form: Form, errors: Mapping[str, str] | None = None) -> None:
        """Show a form as a card. Raises :class:`TransportError`, permanent where they cannot be written to."""
        target = await self._chat(origin)
        try:
            rendered = RenderedMessage(form.title, render_form(form, errors=errors))
        except Unsendable as unsendable:
            log.error("A form does not fit into Teams: %s", unsendable.sentence)
            rendered = render_message(NOT_SHOWN)
        await self._post(target, activity_of(rendered))

    async def _post(self, target: Target, activity: Json) -> None:
        """Post, and try again where Teams asks for a pause: an answer is in no outbox that would do so.

        Teams takes seven messages a second in one chat, and an answer may need more.
        """
        for pause in (*PAUSES, None):
            try:
                await self._courier.post_to(target, activity)
                return
            except TransportError as error:
                if pause is None or error.permanent or error.ambiguous:
                    raise
                wish = pause if error.retry_after_seconds is None else error.retry_after_seconds
                if wish > LONGEST_PAUSE:
                    raise
                await asyncio.sleep(wish)

    async def _chat(self, origin: Origin) -> Target:
        if origin.place is Place.PERSONAL:
            return Target(origin.tenant, origin.service_url, origin.conversation, origin.bot, is_channel=False)
        here = Conversation(
            origin.tenant,
            Kind.CHANNEL,
            origin.conversation,
            origin.conversation,
            origin.service_url,
            origin.bot,
            self._clock.now(),
        )
        return await self._courier.chat_of(origin.tenant, origin.user, here)

    async def _rendered_or_sorry(self, message: Message) -> RenderedMessage:
        try:
            return await self._courier.rendered(message)
        except Unsendable as unsendable:
            log.error("An answer does not fit into Teams: %s", unsendable.sentence)
            return render_message(NOT_SHOWN)


def activity_of(rendered: RenderedMessage, key: str = "") -> Json:
    """A message as the Bot Framework takes it.

    The delivery's ``key`` travels as channel data. Microsoft documents no place in a message that it keeps for a bot:
    it can be found at Microsoft's side, if at all, by an administrator of the tenant.
    """
    activity: Json = {
        "type": "message",
        "summary": rendered.summary,
        "attachments": [{"contentType": CARD, "content": rendered.card}],
    }
    if key:
        activity["channelData"] = {"delivery": key}
    return activity


def _chat_with(user: str, tenant: str, bot_id: str) -> Json:
    return {
        "isGroup": False,
        "bot": {"id": bot_id},
        "members": [{"id": user}],
        "tenantId": tenant,
        "channelData": {"tenant": {"id": tenant}},
    }
