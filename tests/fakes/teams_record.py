"""Who and what there is in the Teams that tests play: people, places, and messages as people see them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote

Json = dict[str, Any]

APP_ID = "11111111-2222-4333-8444-555555555555"
PASSWORD = "a password of the app"
TENANT = "aaaaaaaa-0000-4000-8000-000000000001"
CARD = "application/vnd.microsoft.card.adaptive"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account. ``aad`` is their id in the directory, ``id`` the one that Teams gives our app."""

    name: str
    aad: str
    tenant: str = TENANT
    email: str = ""

    @property
    def id(self) -> str:
        return f"29:{self.aad[-4:]}-as-our-app-knows-them"

    @property
    def upn(self) -> str:
        return self.email or f"{self.name.split()[0].lower()}@example.org"

    def as_account(self) -> Json:
        """As activities name whoever acted."""
        return {"id": self.id, "name": self.name, "aadObjectId": self.aad}

    def as_member(self) -> Json:
        """As the roster names them."""
        given, _, surname = self.name.partition(" ")
        return {
            "id": self.id,
            "name": self.name,
            "objectId": self.aad,
            "givenName": given,
            "surname": surname,
            "email": self.email or self.upn,
            "userPrincipalName": self.upn,
            "tenantId": self.tenant,
            "userRole": "user",
        }


ALICE = Person("Alice Example", "a11ce000-0000-4000-8000-00000000a11c")
BOB = Person("Bob Example", "b0b00000-0000-4000-8000-000000000b0b")
CAROL = Person("Carol Example", "ca401000-0000-4000-8000-00000000ca40")
DAN = Person("Dan Example", "da400000-0000-4000-8000-00000000da40")


class PlaceKind(StrEnum):
    """What sort of conversation it is."""

    PERSONAL = "personal"
    CHANNEL = "channel"
    GROUP = "groupChat"


@dataclass(slots=True)
class Place:
    """A conversation: somebody's chat with the app, or a channel of a team."""

    id: str
    kind: PlaceKind
    tenant: str
    name: str = ""
    team: Team | None = None
    person: Person | None = None

    def in_activity(self) -> Json:
        """As activities name it."""
        return {
            "id": self.id,
            "conversationType": self.kind.value,
            "isGroup": self.kind is not PlaceKind.PERSONAL,
            "tenantId": self.tenant,
        }


@dataclass(slots=True)
class Team:
    """A team. ``has_app``: the app is installed in it. Its first channel has the team's own id, as in Teams."""

    id: str
    name: str
    tenant: str = TENANT
    members: list[Person] = field(default_factory=list)
    channels: list[Place] = field(default_factory=list)
    has_app: bool = True

    @property
    def group_id(self) -> str:
        return f"97071109-0000-4000-8000-{zlib.crc32(self.id.encode()):012}"

    def in_channel_data(self) -> Json:
        return {"id": self.id, "name": self.name, "aadGroupId": self.group_id}


@dataclass(slots=True)
class Shown:
    """A message as Teams shows it. ``root`` is the message whose thread it is in; empty for one that begins a thread.

    ``for_one`` holds what single people see in its place, after their press was answered with a card of their own.
    """

    id: str
    place: Place
    root: str
    activity: Json
    by: Person | None = None
    updates: int = 0
    for_one: dict[str, Json] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """As the courier names it."""
        return f"{self.place.id}|{self.id}"

    @property
    def key(self) -> str:
        """The key of the delivery, where the app sent it along."""
        data = self.activity.get("channelData")
        return str(data.get("delivery", "")) if isinstance(data, Mapping) else ""

    @property
    def permalink(self) -> str:
        """As “Copy link” gives it."""
        head = f"https://teams.microsoft.com/l/message/{quote(self.place.id)}/{self.id}"
        if self.place.team is None:
            return f"{head}?context=%7B%22contextType%22%3A%22chat%22%7D"
        return (
            f"{head}?tenantId={self.place.tenant}&groupId={self.place.team.group_id}"
            f"&parentMessageId={self.root or self.id}&teamName={quote(self.place.team.name)}"
            f"&channelName={quote(self.place.name)}&createdTime={self.id}"
        )

    def card(self, person: Person | None = None) -> Json:
        """The card as everybody sees it, or as this person does; empty where there is none."""
        if person and person.aad in self.for_one:
            return self.for_one[person.aad]
        return next(iter(cards_of(self.activity)), {})

    def words(self, person: Person | None = None) -> str:
        """All that can be read, a line for each piece of text."""
        lines = [str(self.activity.get("text") or "")]
        if person and person.aad in self.for_one:
            lines = [words_on(self.for_one[person.aad])]
        else:
            lines += [words_on(card) for card in cards_of(self.activity)]
        return "\n".join(line for line in lines if line)

    def titles(self, person: Person | None = None) -> list[str]:
        """The titles of all that can be pressed, in order, those behind another button included."""
        return [str(action.get("title", "")) for action, _ in actions_on(self.card(person))]


def cards_of(activity: Mapping[str, Any]) -> list[Json]:
    """The cards that an activity carries."""
    attachments = activity.get("attachments") or []
    return [one["content"] for one in attachments if one.get("contentType") == CARD]


def words_on(card: object) -> str:
    """The text on a card, from top to bottom, a line for each piece, and no titles of buttons."""
    return "\n".join(_words(card))


def _words(node: object) -> Iterator[str]:
    if isinstance(node, list):
        for part in node:
            yield from _words(part)
        return
    if not isinstance(node, Mapping):
        return
    match node.get("type"):
        case "TextBlock":
            yield str(node.get("text", ""))
        case "RichTextBlock":
            yield "".join(run if isinstance(run, str) else str(run.get("text", "")) for run in node.get("inlines", ()))
        case "FactSet":
            for fact in node.get("facts", ()):
                yield f"{fact['title']} {fact['value']}"
        case "Input.Text" | "Input.ChoiceSet" | "Input.Toggle" | "Input.Date" | "Input.Number":
            yield from (str(node[name]) for name in ("label", "title", "errorMessage") if node.get(name))
        case "Action.ShowCard":
            yield from _words(node.get("card"))
            return
    for name in ("body", "items", "columns", "rows", "cells", "actions"):
        yield from _words(node.get(name))


def actions_on(card: object, above: tuple[Json, ...] = ()) -> list[tuple[Json, tuple[Json, ...]]]:
    """Every action of a card with the cards that it stands on, outermost first: what is behind a button comes after."""
    found: list[tuple[Json, tuple[Json, ...]]] = []
    if not isinstance(card, dict):
        return found
    on = (*above, card) if card.get("type") == "AdaptiveCard" else above
    for name in ("body", "items", "columns", "rows", "cells", "inlines"):
        for part in card.get(name) or ():
            found += actions_on(part, on)
    for action in (*(card.get("actions") or ()), *filter(None, [card.get("selectAction")])):
        found.append((action, on))
        if action.get("type") == "Action.ShowCard":
            found += actions_on(action.get("card"), on)
    return found


def inputs_on(node: object) -> Iterator[Json]:
    """Every input of a card, without those behind a button."""
    if isinstance(node, list):
        for part in node:
            yield from inputs_on(part)
    elif isinstance(node, dict):
        if str(node.get("type", "")).startswith("Input."):
            yield node
        for name in ("body", "items", "columns", "rows", "cells"):
            yield from inputs_on(node.get(name))
