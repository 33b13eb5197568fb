"""A chat platform in memory: remembers what was posted, and fails when it is told to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Message
from bot.ports import TransportError
from digests.model import Address


@dataclass
class Posted:
    """One message as the platform shows it now."""

    ref: str
    address: Address
    message: Message
    key: str
    thread_ref: str
    updates: int = 0


class FakeCourier:
    """Fulfils ``bot.ports.Courier``. ``fails`` queues errors, one for each coming call."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        self._failures: list[tuple[Exception, bool]] = []

    def fails(self, error: Exception, *, after_posting: bool = False) -> None:
        """The next call raises; with ``after_posting`` the message arrives all the same (a lost reply)."""
        self._failures.append((error, after_posting))

    def in_channel(self, channel: str) -> list[Message]:
        """What a channel shows, oldest first."""
        return [line.message for line in self.posted if line.address.channel == channel]

    def to(self, user: str) -> list[Message]:
        """What a person's direct messages show."""
        return [line.message for line in self.posted if line.address.user == user]

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        failure = self._failures.pop(0) if self._failures else None
        if failure is None or failure[1]:
            self.posted.append(Posted(str(len(self.posted) + 1), address, message, key, thread_ref))
        if failure is not None:
            raise failure[0]
        return self.posted[-1].ref

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        if self._failures:
            raise self._failures.pop(0)[0]
        line = next((line for line in self.posted if line.ref == message_ref), None)
        if line is None:
            raise TransportError(message_ref, "That message is not there any more.", permanent=True, missing=True)
        line.message = message
        line.updates += 1
