"""The connections to the workspaces that added Convenor, and a courier that serves all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from slack_bolt.authorization import AuthorizeResult

from adapters.slack.book import Installations, Workspace
from adapters.slack.listeners import Listeners
from adapters.slack.send import SlackCourier, place
from bot.messages import Message
from bot.ports import TransportError
from digests.model import Address
from digests.ports import Clock

# Another process may have taken an installation in or away; it is looked up again after this long.
KEPT: Final = timedelta(seconds=30)

GONE: Final = (
    "Convenor is not (any more) in the Slack workspace of {where}. Ask somebody there to add it again, "
    "or take that channel’s purpose away."
)
UNSERVED: Final = (
    "The Slack workspace of {where} is not (any more) among those that Convenor serves. Ask whoever runs Convenor to "
    "name {workspace} in CONVENOR_SLACK_WORKSPACES, or take that channel’s purpose away."
)


@dataclass(frozen=True, slots=True)
class Connection:
    """What it takes to speak in one workspace and to listen to it."""

    who: AuthorizeResult
    courier: SlackCourier
    listeners: Listeners


class Connections:
    """The connections to workspaces, each made when first it is needed.

    ``serves`` says of a workspace's id whether it is to be served: one that was taken out of the settings since it
    added Convenor is not, and its token is left as it is, in case that was a mistake.
    """

    def __init__(
        self,
        installations: Installations,
        connect: Callable[[Workspace], Connection],
        clock: Clock,
        serves: Callable[[str], bool],
    ) -> None:
        self._installations = installations
        self._serves = serves
        self._connect = connect
        self._clock = clock
        self._made: dict[str, tuple[Workspace, Connection]] = {}
        self._looked_up: dict[str, datetime] = {}

    async def of(self, workspace: str) -> Connection | None:
        """The connection to a workspace; None where Convenor is not installed there, or does not serve it."""
        if not self._serves(workspace):
            return None
        now = self._clock.now()
        if workspace in self._made and now - self._looked_up[workspace] < KEPT:
            return self._made[workspace][1]
        found = await self._installations.find(workspace)
        self._looked_up[workspace] = now
        if found is None:
            self._made.pop(workspace, None)
            return None
        known = self._made.get(workspace)
        if known is None or known[0] != found:
            self._made[workspace] = found, self._connect(found)
        return self._made[workspace][1]

    def forget(self, workspace: str) -> None:
        """Look the workspace up anew when next it is needed."""
        self._made.pop(workspace, None)

    async def left_out(self) -> Sequence[str]:
        """The ids of the workspaces that added Convenor and are not served."""
        return [each.id for each in await self._installations.all() if not self._serves(each.id)]

    @property
    def made(self) -> Sequence[Connection]:
        """Every connection there is just now."""
        return [connection for _, connection in self._made.values()]


class ManyCouriers:
    """Fulfils :class:`bot.ports.Courier` for every workspace, each with its own token."""

    def __init__(
        self, courier_of: Callable[[str], Awaitable[SlackCourier | None]], serves: Callable[[str], bool]
    ) -> None:
        self._courier_of = courier_of
        self._serves = serves

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        """Post a message; see :meth:`bot.ports.Courier.post`."""
        return await (await self._of(address)).post(address, message, key=key, thread_ref=thread_ref)

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        """Replace a message's text; see :meth:`bot.ports.Courier.update`."""
        await (await self._of(address)).update(address, message_ref, message)

    async def _of(self, address: Address) -> SlackCourier:
        courier = await self._courier_of(address.workspace)
        if courier is None:
            where = place(address)
            sentence = GONE if self._serves(address.workspace) else UNSERVED
            raise TransportError(where, sentence.format(where=where, workspace=address.workspace), permanent=True)
        return courier
