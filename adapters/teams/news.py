"""What an activity tells of where Convenor is: which conversations to know, and which are over. Pure, but for `keep`.

Teams says more than once that it was added or removed, in more than one way, and not always all of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from adapters.shapes import Json, word
from adapters.teams.asks import Place, place_of
from adapters.teams.book import Book, Conversation, Kind

_ADDED: Final = frozenset({"channelCreated", "channelRestored", "teamRestored", "teamUnarchived"})
_CHANNEL_OVER: Final = frozenset({"channelDeleted"})
_TEAM_OVER: Final = frozenset({"teamDeleted", "teamHardDeleted"})


@dataclass(frozen=True, slots=True)
class Over:
    """A conversation in which Convenor is no more."""

    tenant: str
    kind: Kind
    key: str
    at: datetime


News = Conversation | Over


def news_in(activity: Json, now: datetime) -> tuple[News, ...]:
    """What there is to note. Nothing, where an activity lacks what it takes, or is of a chat of several people.

    ``now`` is when it came. Whatever happens in a conversation tells that Convenor is there, and at which address.
    """
    place = _Place.of(activity, now)
    if place is None:
        return ()
    event = word(activity, "channelData", "eventType")
    kind = word(activity, "type")
    if kind == "installationUpdate":
        # An update removes and adds; what it removes comes back in a moment.
        action = word(activity, "action")
        if action == "remove":
            return place.over()
        return place.here() if action.startswith("add") else ()
    if kind != "conversationUpdate":
        return place.here()
    if _names_us(activity, "membersRemoved"):
        return place.over()
    if event in _TEAM_OVER:
        return place.over(whole_team=True)
    if event in _CHANNEL_OVER:
        return place.over()
    if event in _ADDED or _names_us(activity, "membersAdded"):
        return place.here()
    return ()


async def keep(book: Book, news: Iterable[News]) -> None:
    """Note it. Raises :class:`adapters.teams.book.Foreign`."""
    for each in news:
        if isinstance(each, Over):
            await book.gone(each.tenant, each.kind, each.key, each.at)
        else:
            await book.note(each)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where something happened. A person's own chat has no ``team``."""

    tenant: str
    service_url: str
    bot: str
    conversation: str
    user: str
    team: str
    channel: str
    now: datetime

    @classmethod
    def of(cls, activity: Json, now: datetime) -> _Place | None:
        conversation = word(activity, "conversation", "id").partition(";")[0]
        kind = place_of(activity)
        team = word(activity, "channelData", "team", "id")
        place = cls(
            tenant=word(activity, "channelData", "tenant", "id"),
            service_url=word(activity, "serviceUrl"),
            bot=word(activity, "recipient", "id"),
            conversation=conversation,
            user=word(activity, "from", "aadObjectId") if kind is Place.PERSONAL else "",
            team=team,
            channel=(word(activity, "channelData", "channel", "id") or conversation) if kind is Place.CHANNEL else "",
            now=now,
        )
        known = place.tenant and place.service_url and place.bot and place.conversation
        return place if known and (place.user or place.channel) else None

    def here(self) -> tuple[News, ...]:
        if self.user:
            return (self._conversation(Kind.PERSONAL, self.user, self.conversation),)
        channel = self._conversation(Kind.CHANNEL, self.channel, self.channel, self.team)
        return (channel, self._conversation(Kind.TEAM, self.team, self.team)) if self.team else (channel,)

    def over(self, *, whole_team: bool = False) -> tuple[News, ...]:
        if self.user:
            return (Over(self.tenant, Kind.PERSONAL, self.user, self.now),)
        # A private channel is left by itself; a team's first channel has the team's own name, and is never left alone.
        if self.team and (whole_team or self.channel == self.team):
            return (Over(self.tenant, Kind.TEAM, self.team, self.now),)
        return (Over(self.tenant, Kind.CHANNEL, self.channel, self.now),)

    def _conversation(self, kind: Kind, key: str, conversation: str, team: str = "") -> Conversation:
        return Conversation(self.tenant, kind, key, conversation, self.service_url, self.bot, self.now, team)


def _names_us(activity: Json, among: str) -> bool:
    us = word(activity, "recipient", "id")
    named = activity.get(among)
    members = [each for each in named if isinstance(each, Mapping)] if isinstance(named, list) else []
    return bool(us) and us in [each.get("id") for each in members]
