"""A chat platform in memory: remembers what was posted, and fails when it is told to."""

from __future__ import annotations

from dataclasses import dataclass

from bot.messages import Message
from bot.ports import BadLink, Pointed, TransportError
from digests.model import Address

LINK = "https://chat.example.org/"


def fake_message_at(address: Address, link: str) -> Pointed:
    """Reads the links of this platform: ``https://chat.example.org/digest/3``, in a thread ``…/digest/3/1``."""
    where, *refs = link.removeprefix(LINK).split("/")
    if not link.startswith(LINK) or where != (address.channel or address.user) or not refs:
        raise BadLink(link, "That is not the link of a message in that channel.")
    return Pointed(refs[0], *refs[1:2])


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
        self._failures: list[tuple[Exception, bool, str]] = []

    def fails(self, error: Exception, *, after_posting: bool = False, channel: str = "", user: str = "") -> None:
        """The next call (to this channel or user) raises; with ``after_posting`` the message arrives all the same."""
        self._failures.append((error, after_posting, channel or user))

    def _failure(self, address: Address) -> tuple[Exception, bool] | None:
        for place, (error, after_posting, channel) in enumerate(self._failures):
            if channel in ("", address.channel, address.user):
                del self._failures[place]
                return error, after_posting
        return None

    def in_channel(self, channel: str) -> list[Message]:
        """What a channel shows, oldest first."""
        return [line.message for line in self.posted if line.address.channel == channel]

    def to(self, user: str) -> list[Message]:
        """What a person's direct messages show."""
        return [line.message for line in self.posted if line.address.user == user]

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        failure = self._failure(address)
        if failure is None or failure[1]:
            self.posted.append(Posted(str(len(self.posted) + 1), address, message, key, thread_ref))
        if failure is not None:
            raise failure[0]
        return self.posted[-1].ref

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        if failure := self._failure(address):
            raise failure[0]
        line = next((line for line in self.posted if line.ref == message_ref), None)
        if line is None:
            raise TransportError(message_ref, "That message is not there any more.", permanent=True, missing=True)
        line.message = message
        line.updates += 1
