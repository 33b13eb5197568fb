"""Reads what Teams sends into Asks. Pure, and the only module that knows the shape of Teams' activities.

Nothing that a card or a client says is trusted further than its shape: what it may do is for the desk to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from adapters.shapes import Json, inner, word
from adapters.teams.words import Named, clean, first_link, read_said
from bot.messages import Ask, AskKind, Identity
from bot.suggestion_texts import FROM_MESSAGE
from digests.model import Address

PLATFORM = "teams"

# Verbs and data of our own cards, as adapters/teams/render writes them.
FORM_VERB: Final = "form"
CANCEL_VERB: Final = "form-cancel"
FIELD: Final = "f:"

# Addresses join several people with commas, accounts are written with colons, and references have a bar.
_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,100}")
_CONVERSATION: Final = re.compile(r"[^\s|\x00-\x1f\ud800-\udfff]{1,400}")
_NO_TEXT: Final = re.compile("[\x00\ud800-\udfff]")
# In the ids of channels and of all chats of people, but not in that of somebody's own chat with an app.
_SEVERAL: Final = "@"
_MOST_NAME: Final = 200
_GREETING: Final = re.compile(r"(hi|hello|hey|good (morning|afternoon|evening))\b[\w ,!.]{0,20}", re.IGNORECASE)
_THANKS: Final = re.compile(
    r"((many |great, )?thanks|thank you|thx|cheers|ta)\b( (a lot|so much|very much|convenor))*[ !.]*", re.IGNORECASE
)


class Unreadable(ValueError):
    """An activity lacks what every activity of its kind has."""


class Place(StrEnum):
    """What sort of conversation something was said in."""

    PERSONAL = "personal"
    CHANNEL = "channel"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an ask was made, and the ways back to the one who made it. Empty where Teams gave none.

    ``user`` is their Entra object id; ``account`` is what the connector calls them there (``29:…``), and ``bot`` what
    it calls us. ``conversation`` is without ``;messageid=``. ``activity`` tells a repeat; ``shown`` is the message with
    the card that was pressed.
    """

    tenant: str
    user: str
    account: str
    bot: str
    service_url: str
    conversation: str
    place: Place
    activity: str = ""
    shown: str = ""

    @property
    def address(self) -> Address:
        """The channel; elsewhere the person's own chat with us, for nothing can be posted in a chat of several."""
        if self.place is Place.CHANNEL:
            return Address(PLATFORM, self.tenant, channel=self.conversation)
        return Address(PLATFORM, self.tenant, user=self.user)


@dataclass(frozen=True, slots=True)
class Incoming:
    """One ask with the ways back. ``named`` are people who are still to be looked up, by the word for each."""

    ask: Ask
    origin: Origin
    named: Mapping[str, Named] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Search:
    """A search from the message extension: the words, and which part of what is found is wanted."""

    words: str
    skipped: int
    most: int


def read_origin(activity: Json, user: str = "") -> Origin:
    """Where something happened, and who did it. ``user`` is their Entra object id, where Teams does not say it.

    Raises :class:`Unreadable`.
    """
    conversation = word(activity, "conversation", "id").partition(";messageid=")[0]
    if not _CONVERSATION.fullmatch(conversation):
        raise Unreadable("there is no conversation in this activity")
    return Origin(
        tenant=_id(word(activity, "channelData", "tenant", "id"), "tenant"),
        user=_id(word(activity, "from", "aadObjectId") or user, "person"),
        account=word(activity, "from", "id"),
        bot=word(activity, "recipient", "id"),
        service_url=word(activity, "serviceUrl"),
        conversation=conversation,
        place=place_of(activity),
        activity=word(activity, "id"),
        shown=_reply_to(activity),
    )


def read_message(activity: Json, origin: Origin, spoken: Mapping[str, str], now: datetime) -> Incoming:
    """A message to us: a command in words, or the press or form of a card of the older sort.

    ``spoken`` gives the command that a first word belongs to. Raises :class:`Unreadable`.
    """
    value = activity.get("value")
    if isinstance(value, Mapping) and not word(activity, "text").strip():
        return read_data(value, activity, origin, now)
    said = read_said(activity, origin.bot)
    name, words = _command(said.words, spoken)
    ask = Ask(AskKind.COMMAND, _who(activity, origin), name, now, origin.address, words=words)
    return Incoming(ask, origin, {each: who for each, who in said.named.items() if each in words.split()})


def read_execute(activity: Json, origin: Origin, now: datetime) -> Incoming:
    """The press of a button, or a form in a card, that was sent or put away. Raises :class:`Unreadable`."""
    action = inner(activity, "value", "action")
    verb = word(action, "verb")
    if not verb:
        raise Unreadable("there is no verb in this action")
    data = inner(action, "data")
    if verb in (FORM_VERB, CANCEL_VERB):
        return _form(data, activity, origin, now)
    return _press(verb, _text(data, "value"), activity, origin, now)


def is_thanks(incoming: Incoming) -> bool:
    """Whether somebody only thanks us."""
    ask = incoming.ask
    return ask.kind is AskKind.COMMAND and bool(_THANKS.fullmatch(f"{ask.name} {ask.words}".strip()))


def is_cancel(activity: Json) -> bool:
    """Whether somebody put a form away unsent."""
    return word(inner(activity, "value", "action"), "verb") == CANCEL_VERB


def read_dialog(activity: Json, origin: Origin, now: datetime) -> Incoming:
    """What opens a dialog, or was sent from one. Raises :class:`Unreadable`."""
    return read_data(inner(activity, "value", "data"), activity, origin, now)


def read_data(data: Json, activity: Json, origin: Origin, now: datetime) -> Incoming:
    """The data of a button or a form. Raises :class:`Unreadable`."""
    if word(data, "form"):
        return _form(data, activity, origin, now)
    if action := word(data, "action"):
        return _press(action, _text(data, "value"), activity, origin, now)
    raise Unreadable("this card is not one of ours")


def read_suggestion(activity: Json, origin: Origin, now: datetime) -> Incoming:
    """Somebody chose to suggest a link, on a message or on none: a press about the first web address that it names.

    Nothing else of the message is taken: it is somebody's words. Raises :class:`Unreadable`.
    """
    content = word(inner(activity, "value", "messagePayload", "body"), "content")
    return _press(FROM_MESSAGE, first_link(content) if content else "", activity, origin, now)


def read_search(activity: Json, words_name: str, most: int) -> Search:
    """What is searched for; no words where somebody has only opened the search. Raises :class:`Unreadable`."""
    value = inner(activity, "value")
    if not value:
        raise Unreadable("there is nothing in this search")
    words = ""
    parameters = value.get("parameters")
    for each in parameters if isinstance(parameters, list) else ():
        if isinstance(each, Mapping) and each.get("name") == words_name:
            words = " ".join(clean(word(each, "value")).split())[:300]
    options = inner(value, "queryOptions")
    return Search(words, _number(options, "skip", 0, 100_000), _number(options, "count", most, most) or most)


def _command(words: str, spoken: Mapping[str, str]) -> tuple[str, str]:
    """The command and the words after it. Nothing, or no more than a greeting, asks for help."""
    first, rest = _cut(words)
    if first == "convenor" and (second := _cut(rest)) and second[0] in spoken and second[0] != "convenor":
        first, rest, words = *second, rest
    if not first or _GREETING.fullmatch(words.strip()):
        return "convenor", "help"
    name = spoken.get(first, first)
    return (name, rest) if name == first else (name, f"{first} {rest}".strip())


def _cut(words: str) -> tuple[str, str]:
    """The first word as commands are written, and what follows it as it was typed."""
    # Somebody may type the sign of a mention without choosing us from the list that Teams then offers.
    parts = words.strip().removeprefix("/").removeprefix("@").split(maxsplit=1)
    if not parts:
        return "", ""
    rest = parts[1] if len(parts) > 1 else ""
    first = parts[0].lower()
    return (first if rest else first.rstrip("?!.,")), rest


def _press(name: str, value: str, activity: Json, origin: Origin, now: datetime) -> Incoming:
    ref = f"{origin.conversation}|{origin.shown}" if origin.shown else ""
    who = _who(activity, origin)
    return Incoming(Ask(AskKind.PRESS, who, name, now, origin.address, value=value, message_ref=ref), origin)


def _form(data: Json, activity: Json, origin: Origin, now: datetime) -> Incoming:
    name = word(data, "form")
    if not name:
        raise Unreadable("this form is not one of ours")
    typed = {key.removeprefix(FIELD): _answer(each) for key, each in data.items() if key.startswith(FIELD)}
    ask = Ask(
        kind=AskKind.SUBMIT,
        identity=_who(activity, origin),
        name=name,
        received_at=now,
        address=origin.address,
        value=_text(data, "value"),
        fields=typed,
    )
    return Incoming(ask, origin)


def _answer(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Unreadable("an answer in this form is no text")
    # What cannot be kept as text is not worth refusing the rest for.
    return _NO_TEXT.sub("", str(value)).replace("\r\n", "\n").replace("\r", "\n")


def _who(activity: Json, origin: Origin) -> Identity:
    name = " ".join(clean(word(activity, "from", "name")).split())[:_MOST_NAME]
    return Identity(PLATFORM, origin.tenant, origin.user, name)


def place_of(activity: Json) -> Place:
    """The sort of conversation. Nothing counts as personal that others might read: private answers are posted there."""
    kind = word(activity, "conversation", "conversationType")
    several = inner(activity, "conversation").get("isGroup") is True or _SEVERAL in word(activity, "conversation", "id")
    match kind:
        case "channel":
            return Place.CHANNEL
        case "" if inner(activity, "channelData", "channel") or inner(activity, "channelData", "team"):
            return Place.CHANNEL
        case "personal" | "" if not several:
            return Place.PERSONAL
        case _:
            return Place.GROUP


def _reply_to(activity: Json) -> str:
    reply_to = word(activity, "replyToId")
    return reply_to if _CONVERSATION.fullmatch(reply_to) else ""


def _id(found: str, what: str) -> str:
    if not _ID.fullmatch(found):
        raise Unreadable(f"there is no {what} in this activity")
    return found


def _number(body: Json, name: str, otherwise: int, most: int) -> int:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        return otherwise
    return min(max(value, 0), most)


def _text(body: Json, name: str) -> str:
    value = body.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or _NO_TEXT.search(value):
        raise Unreadable(f"the {name} in this activity is no text")
    return value
