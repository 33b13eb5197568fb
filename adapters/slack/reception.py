"""Hands whatever Bolt takes in to the listeners of the workspace that it comes from."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext

from adapters.slack.listeners import Listeners

_ANY: Final = re.compile("")

ListenersOf = Callable[[str], Awaitable[Listeners | None]]
Removed = Callable[[str, datetime], Awaitable[None]]


class Reception:
    """The one place that Bolt calls.

    ``removed`` is called with a workspace that took Convenor out, and when it did so (UTC).
    """

    def __init__(self, listeners_of: ListenersOf, removed: Removed | None = None) -> None:
        self._listeners_of = listeners_of
        self._removed = removed

    def register(self, bolt: AsyncApp) -> None:
        """Let Bolt call here for everything of every kind."""
        bolt.command(_ANY)(self.on_command)
        bolt.block_action(_ANY)(self.on_press)
        bolt.message_shortcut(_ANY)(self.on_shortcut)
        bolt.view_submission(_ANY)(self.on_submission)
        bolt.event("app_home_opened")(self.on_home)
        if self._removed:
            bolt.event("app_uninstalled")(self.on_uninstalled)
            bolt.event("tokens_revoked")(self.on_revoked)
        bolt.event(_ANY)(self.on_event)

    async def on_command(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        if listeners := await self._of(context):
            await listeners.on_command(ack, body)
        else:
            await ack()

    async def on_press(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        if listeners := await self._of(context):
            await listeners.on_press(ack, body)
        else:
            await ack()

    async def on_shortcut(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        if listeners := await self._of(context):
            await listeners.on_shortcut(ack, body)
        else:
            await ack()

    async def on_submission(self, ack: AsyncAck, body: dict[str, Any], context: AsyncBoltContext) -> None:
        if listeners := await self._of(context):
            await listeners.on_submission(ack, body)
        else:
            await ack()

    async def on_home(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        if listeners := await self._of(context):
            await listeners.on_home(body)

    async def on_uninstalled(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """A workspace took the app out."""
        if self._removed and context.team_id:
            await self._removed(context.team_id, _when(body))

    async def on_revoked(self, body: dict[str, Any], context: AsyncBoltContext) -> None:
        """Tokens are no good any more: ours, or those of people, which we never have."""
        tokens = body["event"].get("tokens")
        if self._removed and context.team_id and isinstance(tokens, dict) and tokens.get("bot"):
            await self._removed(context.team_id, _when(body))

    async def on_event(self) -> None:
        """Events are acknowledged by Bolt; there is no other that Convenor acts on."""

    async def _of(self, context: AsyncBoltContext) -> Listeners | None:
        return await self._listeners_of(context.team_id or "")


def _when(body: dict[str, Any]) -> datetime:
    """When an event happened: one that comes late must not undo an installation made since."""
    return datetime.fromtimestamp(int(body["event_time"]), UTC)
