"""What the channels of Teams are called: asked of Teams where a message names one, and kept for an hour."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final, Protocol

from adapters.teams.book import Book, Conversation
from adapters.teams.connector import ConnectorTrouble
from bot.messages import Bullets, EntryLine, Message, Note, Paragraph, Text
from digests.model import Address
from digests.ports import Clock

log = logging.getLogger("convenor.teams")

ASK_SECONDS: Final = 2.0
KEPT: Final = timedelta(hours=1)
NOT_TOLD_KEPT: Final = timedelta(minutes=5)
# Teams gives the first channel of a team no name, and shows it under this one in English.
FIRST: Final = "General"
_PLATFORM: Final = "teams"
_MOST_KEPT: Final = 5_000


class TellsChannels(Protocol):
    """What of :class:`adapters.teams.connector.Connector` is used here."""

    async def channels(self, service_url: str, team_id: str) -> Mapping[str, str]: ...


class ChannelNames:
    """Names by address. Teams is asked at most once an hour for a team's, and is never waited for long."""

    def __init__(self, connector: TellsChannels, book: Book, clock: Clock) -> None:
        self._connector = connector
        self._book = book
        self._clock = clock
        self._kept: dict[tuple[str, str], tuple[str, datetime]] = {}

    def __call__(self, channel: Address) -> str:
        """The name, as far as it was learnt; empty where it is not known."""
        return self._kept.get((channel.workspace, channel.channel), ("", self._clock.now()))[0]

    def note(self, channel: Address, name: str) -> None:
        """A channel was made, renamed or restored under this name."""
        self._kept[channel.workspace, channel.channel] = (name, self._clock.now() + KEPT)

    async def learn(self, message: Message) -> None:
        """Ask for the names of the channels that a message speaks of, where they are not known or not fresh."""
        for channel in set(_channels_in(message)):
            _, until = self._kept.get((channel.workspace, channel.channel), ("", self._clock.now()))
            if until <= self._clock.now():
                await self._ask(channel)

    async def _ask(self, channel: Address) -> None:
        now = self._clock.now()
        known = await self._book.channel(channel.workspace, channel.channel)
        found = await self._names_beside(known) if known and known.team else {}
        if len(self._kept) >= _MOST_KEPT:
            self._kept.clear()
        for key, name in found.items():
            self._kept[channel.workspace, key] = (name or FIRST, now + KEPT)
        if channel.channel not in found:
            # An older name is better than none.
            self._kept[channel.workspace, channel.channel] = (self(channel), now + NOT_TOLD_KEPT)

    async def _names_beside(self, known: Conversation) -> Mapping[str, str]:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                return await self._connector.channels(known.service_url, known.team)
        except TimeoutError:
            log.info("Teams did not tell the names of a team’s channels in time.")
        except ConnectorTrouble as trouble:
            log.info("Teams did not tell the names of a team’s channels (%s).", trouble)
        return {}


def _channels_in(message: Message) -> Iterator[Address]:
    for words in texts_in(message):
        for span in words:
            if span.channel is not None and span.channel.platform == _PLATFORM:
                yield span.channel


def texts_in(message: Message) -> Iterator[Text]:
    """Every text of a message but its headings."""
    for block in message.blocks:
        match block:
            case Paragraph(words) | Note(words):
                yield words
            case Bullets(items):
                yield from items
            case EntryLine(words, detail):
                yield words
                yield detail
