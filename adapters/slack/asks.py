"""Reads what Slack sends into Asks. Pure, and the only module that knows the shape of Slack's payloads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.shapes import Json, inner, word
from adapters.slack.render import MENU, FormOrigin, action_of, field_of
from bot.messages import Ask, AskKind, Identity
from digests.model import Address

PLATFORM = "slack"

# Slack wraps what it recognised in a command: <@U1|bob>, <#C1|general>, <!here>, <https://x|y>.
_WRAPPED = re.compile(r"<([^<>]*)>")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


class Unreadable(ValueError):
    """A payload lacks what every payload of its kind has."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an ask was made, and the ways back to the one who made it. Empty where Slack gave none."""

    user: str
    channel: str = ""
    thread_ts: str = ""
    trigger_id: str = ""
    response_url: str = ""
    at_home: bool = False
    """On the Home tab, which is no conversation."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One ask with the ways back."""

    ask: Ask
    origin: Origin


def read_command(body: Json, workspace: str, now: datetime) -> Incoming:
    """A slash command. Raises :class:`Unreadable`."""
    user = _needed(body, "user_id")
    channel = _needed(body, "channel_id")
    words, mentions = read_words(word(body, "text"), workspace)
    ask = Ask(
        kind=AskKind.COMMAND,
        identity=Identity(PLATFORM, workspace, user, word(body, "user_name")),
        name=_needed(body, "command").removeprefix("/"),
        received_at=now,
        address=address_of(workspace, channel, user),
        words=words,
        mentions=mentions,
    )
    return Incoming(ask, Origin(user, channel, "", word(body, "trigger_id"), word(body, "response_url")))


def read_press(body: Json, workspace: str, now: datetime) -> Incoming:
    """The press of a button. Raises :class:`Unreadable`."""
    identity = _person(body, workspace)
    actions = body.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        raise Unreadable("there is no action in this payload")
    name, value = _pressed(actions[0])
    channel = word(body, "channel", "id")
    shown_ts = word(body, "container", "message_ts")
    passing = inner(body, "container").get("is_ephemeral") is True
    ask = Ask(
        kind=AskKind.PRESS,
        identity=identity,
        name=name,
        received_at=now,
        address=address_of(workspace, channel, identity.user),
        value=value,
        # What only one person sees cannot be updated, so it is no message to refer to.
        message_ref=f"{channel}|{shown_ts}" if channel and shown_ts and not passing else "",
    )
    thread_ts = word(body, "container", "thread_ts") or word(body, "message", "thread_ts")
    if thread_ts == shown_ts:
        # The message that a thread hangs on stands in the channel itself.
        thread_ts = ""
    at_home = word(body, "view", "type") == "home"
    origin = Origin(
        identity.user, channel, thread_ts, word(body, "trigger_id"), word(body, "response_url"), at_home=at_home
    )
    return Incoming(ask, origin)


def read_home(body: Json, workspace: str, now: datetime) -> Incoming:
    """Somebody opened the Home tab: the ask for what it shows, without their name. Raises :class:`Unreadable`."""
    user = _needed(inner(body, "event"), "user")
    return Incoming(home_ask(Identity(PLATFORM, workspace, user), now), Origin(user, at_home=True))


def home_ask(identity: Identity, now: datetime) -> Ask:
    """The command whose answer the Home tab shows."""
    return Ask(AskKind.COMMAND, identity, "convenor", now, identity.address, words="home")


def read_shortcut(body: Json, workspace: str, now: datetime) -> Incoming:
    """A shortcut that somebody chose on a message: a press, about the first web address that the message names.

    Nothing else of the message is taken: it is somebody's words. Raises :class:`Unreadable`.
    """
    identity = _person(body, workspace)
    channel = word(body, "channel", "id")
    message = inner(body, "message")
    ask = Ask(
        kind=AskKind.PRESS,
        identity=identity,
        name=_needed(body, "callback_id"),
        received_at=now,
        address=address_of(workspace, channel, identity.user),
        value=_first_link(message),
    )
    thread_ts = word(message, "thread_ts")
    if thread_ts == word(message, "ts"):
        thread_ts = ""
    return Incoming(
        ask, Origin(identity.user, channel, thread_ts, word(body, "trigger_id"), word(body, "response_url"))
    )


def read_submission(body: Json, workspace: str, now: datetime) -> Incoming:
    """A form that was sent in. Raises :class:`Unreadable`."""
    identity = _person(body, workspace)
    view = inner(body, "view")
    try:
        form = FormOrigin.from_metadata(word(view, "private_metadata"))
    except ValueError:
        raise Unreadable("this form is not one of ours") from None
    ask = Ask(
        kind=AskKind.SUBMIT,
        identity=identity,
        name=_needed(view, "callback_id"),
        received_at=now,
        address=address_of(workspace, form.channel, identity.user),
        value=form.value,
        fields={field_of(name): _answer(block) for name, block in inner(view, "state", "values").items()},
    )
    return Incoming(ask, Origin(identity.user, form.channel, form.thread_ts, word(body, "trigger_id")))


def address_of(workspace: str, channel: str, user: str) -> Address:
    """The channel, or the person's direct messages where there is none but the one with us."""
    if not channel or channel.startswith("D"):
        return Address(PLATFORM, workspace, user=user)
    return Address(PLATFORM, workspace, channel=channel)


def read_words(text: str, workspace: str) -> tuple[str, Mapping[str, Identity]]:
    """A command's text as it was typed, and the people named in it by the word that stands for each."""
    mentions: dict[str, Identity] = {}
    parts: list[str] = []
    end = 0
    for found in _WRAPPED.finditer(text):
        parts += [_unescape(text[end : found.start()]), _unwrap(found, workspace, mentions)]
        end = found.end()
    parts.append(_unescape(text[end:]))
    return "".join(parts).strip(), mentions


def _unwrap(found: re.Match[str], workspace: str, mentions: dict[str, Identity]) -> str:
    target, _, label = found[1].partition("|")
    label = _unescape(label)
    if target.startswith("@"):
        return _mention(target[1:], label, workspace, mentions)
    if target.startswith("#"):
        return f"#{label or target[1:]}"
    if target.startswith("!"):
        return label or f"@{target[1:]}"
    if target.startswith(("mailto:", "tel:")):
        return label or _unescape(target.partition(":")[2])
    if _SCHEME.match(target):
        return _unescape(target)
    return _unescape(found[0])


def _first_link(message: Json) -> str:
    """The first web address in a message's text, or else that of the page that Slack shows below it."""
    for found in _WRAPPED.finditer(word(message, "text")):
        if found[1].lower().startswith(("http://", "https://")):
            return _unescape(found[1].partition("|")[0])
    attachments = message.get("attachments")
    for attachment in attachments if isinstance(attachments, list) else ():
        if isinstance(attachment, Mapping):
            for name in ("from_url", "original_url", "title_link"):
                if (url := word(attachment, name)).lower().startswith(("http://", "https://")):
                    return _unescape(url)
    return ""


def _mention(user: str, label: str, workspace: str, mentions: dict[str, Identity]) -> str:
    # A label with a blank would not stand as one word, and two people may carry the same label.
    word = f"@{label}" if label and not re.search(r"\s", label) else f"@{user}"
    if mentions.get(word, Identity(PLATFORM, workspace, user)).user != user:
        word = f"@{user}"
    mentions[word] = Identity(PLATFORM, workspace, user, label)
    return word


def _unescape(words: str) -> str:
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _person(body: Json, workspace: str) -> Identity:
    user = inner(body, "user")
    return Identity(PLATFORM, workspace, _needed(user, "id"), word(user, "name") or word(user, "username"))


def _pressed(element: Json) -> tuple[str, str]:
    """The action and its value: a button's own, or those of the choice in a menu."""
    name = action_of(_needed(element, "action_id"))
    if name != MENU:
        return name, word(element, "value")
    action, _, value = _needed(inner(element, "selected_option"), "value").partition(" ")
    return action, value


def _answer(block: object) -> str:
    element = next(iter(block.values()), None) if isinstance(block, Mapping) else None
    if not isinstance(element, Mapping):
        return ""
    several = element.get("selected_options")
    if isinstance(several, list):
        return ",".join(word(option, "value") for option in several if isinstance(option, Mapping))
    return word(element, "value") or word(element, "selected_option", "value")


def _needed(body: Json, name: str) -> str:
    if value := word(body, name):
        return value
    raise Unreadable(f"there is no {name} in this payload")
