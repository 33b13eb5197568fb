"""Takes what people do in Slack to the desk and carries out its replies. Slack is acknowledged first, always."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from slack_bolt.async_app import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from adapters.background import Background, log_fault
from adapters.shapes import Json
from adapters.slack.asks import (
    Incoming,
    Origin,
    Unreadable,
    home_ask,
    read_command,
    read_home,
    read_press,
    read_shortcut,
    read_submission,
)
from adapters.slack.render import (
    Unsendable,
    field_of,
    render_form,
    render_home,
    render_page,
    render_returned_form,
)
from adapters.slack.send import NOT_SHOWN, TROUBLES, Whisperer, error_code
from bot.messages import Ask, Form, Identity, Message, Reply, has_buttons, say
from bot.ports import Desk, TransportError
from digests.ports import Clock

log = logging.getLogger("convenor.slack")

Result = TypeVar("Result")
FirstTime = Callable[[str], Awaitable[bool]]

# Slack gives 3 s for the answer to a form; this leaves time for the way.
SUBMIT_SECONDS: Final = 2.5
NAME_SECONDS: Final = 1.0
NAME_KEPT: Final = timedelta(hours=1)
NO_NAME_KEPT: Final = timedelta(minutes=5)

_WAITING: Final = (say("One moment…"),)
_ELSEWHERE: Final = (say("Done. The answer stands in the conversation."),)
_DONE: Final = (say("Done."),)
_SENT_BEFORE: Final = (say("This form was sent before. Nothing was done a second time."),)
_FORM_LOST: Final = (say("Slack did not wait until the form could open. Nothing was done. Please try once more."),)
_FAULT: Final = (say("Something went wrong on my side, so this may not have been done. Please look, then try again."),)


class Names:
    """People's full names. Slack is asked at most once an hour for each, and is never waited for long."""

    def __init__(self, client: AsyncWebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._kept: dict[str, tuple[str, datetime]] = {}

    def known(self, identity: Identity) -> Identity:
        """The identity under its full name, if that is known already."""
        name, until = self._kept.get(identity.user, ("", self._clock.now()))
        return replace(identity, name=name) if name and until > self._clock.now() else identity

    async def look_up(self, identity: Identity) -> Identity:
        """The identity under its full name; as it came where Slack does not tell in time."""
        now = self._clock.now()
        _, until = self._kept.get(identity.user, ("", now))
        if until <= now:
            name = await self._ask(identity.user)
            self._kept[identity.user] = (name, now + (NAME_KEPT if name else NO_NAME_KEPT))
        return self.known(identity)

    async def _ask(self, user: str) -> str:
        try:
            async with asyncio.timeout(NAME_SECONDS):
                answer = await self._client.users_info(user=user)
        except TROUBLES as error:
            log.info("Slack did not tell a name (%s).", error_code(error))
            return ""
        person = answer.get("user")
        profile = person.get("profile") if isinstance(person, Mapping) else None
        names = (part.get("real_name") for part in (profile, person) if isinstance(part, Mapping))
        return next((name for name in names if isinstance(name, str) and name), "")


class Listeners:
    """Every command, press, shortcut and form of one workspace.

    ``first_time`` tells whether a key is seen for the first time.
    """

    def __init__(
        self,
        *,
        workspace: str,
        desk: Desk,
        client: AsyncWebClient,
        whisperer: Whisperer,
        commands: Collection[str],
        clock: Clock,
        first_time: FirstTime,
    ) -> None:
        self._workspace = workspace
        self._desk = desk
        self._client = client
        self._whisperer = whisperer
        self._commands = frozenset(commands)
        self._clock = clock
        self._first_time = first_time
        self._names = Names(client, clock)
        # Bolt holds what it called but weakly too.
        self._background = Background(log, "An ask from Slack could not be carried out")
        self._start = self._background.start
        self.drain = self._background.drain

    async def on_command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        incoming = self._read(read_command, body)
        if incoming and incoming.ask.name not in self._commands:
            known = ", ".join(f"/{name}" for name in sorted(self._commands))
            await ack(text=f"I have no such command. These are mine: {known}.")
            return
        await ack()
        if incoming:
            self._start(self._answer(incoming))

    async def on_press(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        if incoming := self._read(read_press, body):
            self._start(self._answer(incoming))

    async def on_shortcut(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        if incoming := self._read(read_shortcut, body):
            self._start(self._answer(incoming))

    async def on_submission(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        incoming = self._read(read_submission, body)
        if not incoming:
            await ack()
            return
        work = self._start(self._submit(incoming))
        await asyncio.wait({work}, timeout=SUBMIT_SECONDS)
        if not work.done():
            await ack(response_action="update", view=render_page(_WAITING))
            self._start(self._settle_late(work, body["view"], incoming.origin))
            return
        reply = None if work.cancelled() else work.result()
        await self._settle(ack, reply, body["view"], incoming.origin)

    async def on_home(self, body: dict[str, Any]) -> None:
        """Somebody opened a tab of ours. Bolt acknowledges events by itself; showing twice is harmless."""
        if body["event"].get("tab") == "home" and (incoming := self._read(read_home, body)):
            self._start(self._show_home(incoming.ask.identity))

    def _read(self, read: Callable[[Json, str, datetime], Incoming], body: Json) -> Incoming | None:
        try:
            return read(body, self._workspace, self._clock.now())
        except Unreadable as unreadable:
            log.warning("Something came from Slack that cannot be read: %s.", unreadable)
            return None

    async def _answer(self, incoming: Incoming) -> None:
        ask, origin = incoming.ask, incoming.origin
        expected = self._desk.opens_form(ask)
        # Before all else: what allows a form to be opened lives three seconds.
        view_id = await self._open(origin, render_page(_WAITING)) if expected else ""
        if not await self._is_new(origin):
            return
        if expected and not view_id:
            await self._say(origin, _FORM_LOST)
            return
        reply = await self._ask(replace(ask, identity=await self._names.look_up(ask.identity)))
        if reply.form:
            await self._show_form(origin, view_id, reply)
        elif view_id:
            await self._show(origin, view_id, reply.said)
        else:
            await self._say(origin, reply.said)
        if origin.at_home:
            await self._show_home(incoming.ask.identity)

    async def _show_home(self, identity: Identity) -> None:
        """Show somebody's home as it now is. Nothing is lost where it cannot be: it is shown when next it is opened."""
        identity = await self._names.look_up(identity)
        reply = await self._ask(home_ask(identity, self._clock.now()))
        try:
            for message in reply.messages[:1]:
                await self._client.views_publish(user_id=identity.user, view=render_home(message))
        except Unsendable as unsendable:
            log.error("A home does not fit into Slack: %s", unsendable.sentence)
        except TROUBLES as error:
            log.info("Slack did not show a home (%s).", error_code(error))

    async def _show_form(self, origin: Origin, view_id: str, reply: Reply, after: Json | None = None) -> None:
        assert reply.form
        view = _form_view(reply.form, origin, after)
        if view_id:
            # Whoever closed the waiting view no longer wants the form.
            await self._update(view_id, view)
        elif not await self._open(origin, view):
            await self._say(origin, _FORM_LOST)
        await self._say(origin, reply.messages)

    async def _submit(self, incoming: Incoming) -> Reply | None:
        if not await self._is_new(incoming.origin):
            return None
        return await self._ask(replace(incoming.ask, identity=self._names.known(incoming.ask.identity)))

    async def _settle(self, ack: AsyncAck, reply: Reply | None, view: Json, origin: Origin) -> None:
        errors = _by_block(view, reply.errors) if reply else {}
        if reply is None:
            await ack()
        elif errors:
            await ack(response_action="errors", errors=errors)
        elif reply.form:
            await ack(response_action="update", view=_form_view(reply.form, origin, view))
        else:
            await ack()
        if reply:
            self._start(self._say(origin, reply.messages if errors else reply.said))

    async def _settle_late(self, work: asyncio.Task[Reply | None], view: Json, origin: Origin) -> None:
        reply = await work
        view_id = str(view.get("id"))
        if reply is None:
            await self._update(view_id, render_page(_SENT_BEFORE))
        elif reply.errors:
            if not await self._update(view_id, render_returned_form(view, reply.errors)):
                await self._say(origin, reply.said)
        elif reply.form:
            await self._show_form(origin, view_id, reply, view)
        else:
            await self._show(origin, view_id, reply.messages)

    async def _show(self, origin: Origin, view_id: str, messages: tuple[Message, ...]) -> None:
        """Show messages in the view that is open; in the conversation where they do not fit or the view is gone."""
        try:
            pressable = any(has_buttons(message) for message in messages)
            page = None if pressable else render_page(messages or _DONE)
        except Unsendable:
            page = None
        if not await self._update(view_id, page or render_page(_ELSEWHERE)) or page is None:
            await self._say(origin, messages)

    async def _say(self, origin: Origin, messages: tuple[Message, ...]) -> None:
        try:
            await self._whisperer.whisper(origin, self._workspace, messages)
        except TransportError as error:
            log.error("An answer could not be given. %s", error.sentence)

    async def _ask(self, ask: Ask) -> Reply:
        try:
            return await self._desk.answer(ask)
        except Exception as error:  # The person who asked must hear of it, whatever it was.
            log_fault(log, f"The desk failed at {ask.kind} {ask.name}", error)
            return Reply(messages=_FAULT)

    async def _is_new(self, origin: Origin) -> bool:
        """Whether this is no repeat: Slack gives every command, press and form a trigger of its own."""
        if not origin.trigger_id:
            return True
        try:
            return await self._first_time(f"slack:{self._workspace}:{origin.trigger_id}")
        except Exception as error:  # People's work does not stop because a repeat cannot be told.
            log_fault(log, "It cannot be told whether Slack repeats itself", error)
            return True

    async def _open(self, origin: Origin, view: Json) -> str:
        try:
            answer = await self._client.views_open(trigger_id=origin.trigger_id, view=dict(view))
        except TROUBLES as error:
            log.warning("Slack did not open a view (%s).", error_code(error))
            return ""
        return str((answer.get("view") or {}).get("id", ""))

    async def _update(self, view_id: str, view: Json) -> bool:
        try:
            await self._client.views_update(view_id=view_id, view=dict(view))
        except TROUBLES as error:
            log.info("Slack did not change a view (%s); it was closed, most likely.", error_code(error))
            return False
        return True


def _form_view(form: Form, origin: Origin, after: Json | None = None) -> dict[str, Any]:
    try:
        return render_form(form, channel=origin.channel, thread_ts=origin.thread_ts, after=after)
    except Unsendable as unsendable:
        log.error("The form %s does not fit into Slack: %s", form.name, unsendable.sentence)
        return render_page((NOT_SHOWN,))


def _by_block(view: Json, errors: Mapping[str, str]) -> dict[str, str]:
    """Errors by question. Slack refuses one that names no question, so that stands with the first, if there is one."""
    questions = [block["block_id"] for block in view.get("blocks", ()) if block.get("type") == "input"]
    named = {field_of(block_id): block_id for block_id in questions}
    found: dict[str, str] = {}
    for name, sentence in errors.items():
        if not questions:
            break
        block = named.get(name, questions[0])
        found[block] = f"{found[block]} {sentence}" if block in found else sentence
    return found
