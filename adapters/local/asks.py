"""Reads what a browser sends into Asks. Pure: who speaks in which room is known already."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.local.cast import Person, address_of, person_of
from adapters.local.send import MAX_DIGITS
from bot.messages import Ask, AskKind, Identity

Json = Mapping[str, object]

_NO_TEXT = re.compile("[\x00\ud800-\udfff]")
_MENTION = re.compile(r"(?<!\w)@(\w+)")


class Refused(Exception):
    """A request that is answered with a sentence instead of what it asked for."""

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        self.sentence = sentence
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Place:
    """Who is speaking, and in which room."""

    person: Person
    room: str


def read_command(words: str, place: Place, now: datetime) -> Ask:
    """A line that begins with a slash."""
    name, *more = words[1:].split(maxsplit=1)
    rest = "".join(more)
    return _ask(place, AskKind.COMMAND, name.lower(), now, words=rest, mentions=mentions_in(rest))


def home_ask(place: Place, now: datetime) -> Ask:
    """The command whose answer stands above the lines of a direct room."""
    return _ask(place, AskKind.COMMAND, "convenor", now, words="home")


def read_press(data: Json, place: Place, now: datetime) -> Ask:
    """The press of a button. Raises :class:`Refused`."""
    line = string(data, "line")
    if not (line.isascii() and line.isdigit() and len(line) <= MAX_DIGITS):
        raise Refused(400, "This button belongs to no message. Load the page again.")
    action, value = string(data, "action"), string(data, "value")
    return _ask(place, AskKind.PRESS, action, now, value=value, message_ref=line)


def read_submission(data: Json, place: Place, now: datetime) -> Ask:
    """A form that was filled in. Raises :class:`Refused`."""
    typed = data.get("fields")
    if not isinstance(typed, dict):
        raise Refused(400, "The form could not be read. What you typed is still on your page.")
    fields = {name: string(typed, name) for name in typed}
    return _ask(place, AskKind.SUBMIT, string(data, "form"), now, value=string(data, "value"), fields=fields)


def string(data: Json, name: str) -> str:
    """A text of what was sent. Raises :class:`Refused`."""
    value = data.get(name)
    # Half a character (a lone surrogate) is valid JSON, but no text that could be kept or shown.
    if not isinstance(value, str) or _NO_TEXT.search(value):
        raise Refused(400, "What was sent is not complete. Nothing was done: load the page again.")
    return value


def mentions_in(words: str) -> Mapping[str, Identity]:
    """The people of the cast who are named with an at sign, each under the words that name them."""
    named = ((match[0], person_of(match[1].lower())) for match in _MENTION.finditer(words))
    return {name: person.identity for name, person in named if person}


def _ask(place: Place, kind: AskKind, name: str, now: datetime, **more: Any) -> Ask:
    return Ask(kind, place.person.identity, name, now, address_of(place.room), **more)
