"""Neutral shapes: what is said (Message, Form), what came in (Ask) and what goes out (Reply).

Handlers know these alone. A chat folder turns them into its platform's own shapes. Text is made of spans, so that
words from a feed or a person can never become markup, a mention or a command.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from digests.model import Address


class Style(StrEnum):
    """How a span looks."""

    PLAIN = "plain"
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text in one style. With ``url`` (http or https only) it is a link.

    With ``channel`` it names that channel: its own platform shows the channel's name, others show ``text``.
    """

    text: str
    style: Style = Style.PLAIN
    url: str = ""
    channel: Address | None = None

    def __post_init__(self) -> None:
        if self.url and not self.url.lower().startswith(("http://", "https://")):
            raise ValueError(f"a link must be http or https, not {self.url[:40]!r}")


Text = tuple[Span, ...]


def text(*parts: str | Span | Text) -> Text:
    """Text from strings, spans and texts, in order."""
    spans: list[Span] = []
    for part in parts:
        if isinstance(part, str):
            spans.append(Span(part))
        elif isinstance(part, Span):
            spans.append(part)
        else:
            spans.extend(part)
    return tuple(span for span in spans if span.text)


def bold(words: str) -> Span:
    """A span in bold."""
    return Span(words, Style.BOLD)


def italic(words: str) -> Span:
    """A span in italics."""
    return Span(words, Style.ITALIC)


def code(words: str) -> Span:
    """A span that shows what to type."""
    return Span(words, Style.CODE)


def link(label: str, url: str) -> Span:
    """A link. An address that is not http(s) gives plain text instead."""
    if not url.lower().startswith(("http://", "https://")):
        return Span(label)
    return Span(label, Style.PLAIN, url)


def channel_name(address: Address) -> Span:
    """A channel, by its name where the platform that shows this knows it."""
    return Span(f"#{address.channel}", channel=address)


def plain(words: Text) -> str:
    """The text without styles or links."""
    return "".join(span.text for span in words)


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: ``1 entry``, ``1,200 entries``. ``many`` is needed where it is not ``one`` and an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


class ButtonStyle(StrEnum):
    """How a button looks. Danger is for what cannot be undone by pressing again."""

    NORMAL = "normal"
    PRIMARY = "primary"
    DANGER = "danger"


@dataclass(frozen=True, slots=True)
class Button:
    """A button. ``action`` names a handler in the table; ``value`` is what it is about. ``confirm`` asks first.

    ``label`` may repeat on a page; ``hint`` is the full sentence for people who cannot see what stands beside it.
    """

    label: str
    action: str
    value: str = ""
    style: ButtonStyle = ButtonStyle.NORMAL
    confirm: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Menu:
    """Further acts behind one small control, at most :data:`MENU_CHOICES`; choosing one is a press of its button.

    Platforms cannot ask first there, so a choice has no ``confirm``. ``hint`` says what the menu is about.
    """

    choices: tuple[Button, ...]
    hint: str = ""

    def __post_init__(self) -> None:
        if not 0 < len(self.choices) <= MENU_CHOICES or any(choice.confirm for choice in self.choices):
            raise ValueError(f"a menu has one to {MENU_CHOICES} choices, and none that asks first")


MENU_CHOICES = 5
"""What the tightest platform takes: Slack's overflow menu."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A short line that begins a part."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: Text


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of short lines."""

    items: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry of an edition: its line, a smaller line beneath, its buttons and its menu.

    ``faded`` shows it as left out.
    """

    text: Text
    detail: Text = ()
    buttons: tuple[Button, ...] = ()
    faded: bool = False
    menu: Menu | None = None

    @property
    def acts(self) -> tuple[Button, ...]:
        """Everything that can be pressed, in the menu or beside it."""
        return (*self.buttons, *(self.menu.choices if self.menu else ()))


@dataclass(frozen=True, slots=True)
class Note:
    """A small line: context, reasons, dates."""

    text: Text


@dataclass(frozen=True, slots=True)
class Buttons:
    """A row of buttons."""

    buttons: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class File:
    """A text to be kept as a file, or copied as it is. Only in replies: it may be more than a platform's message holds.

    A platform that offers no download shows it in as many messages as it takes. ``name`` is the file's.
    """

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ChatLink:
    """A link that opens a chat of these people, on a platform whose links can; elsewhere it is not shown at all.

    So the message has to say by itself how they reach each other. ``people`` are accounts of one workspace, and those
    who read it learn the names by which they sign in. ``label`` is what is pressed; ``topic`` names the chat of more
    than two, and ``words`` stand ready to be sent.
    """

    label: str
    people: tuple[Address, ...]
    topic: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Divider:
    """A line across."""


Block = Heading | Paragraph | Bullets | EntryLine | Note | Buttons | File | ChatLink | Divider


@dataclass(frozen=True, slots=True)
class Letter:
    """What a message is as a mail, where that is more than its blocks: the same in plain text and as an HTML page.

    ``for_list``: the name of the list that it is for, which its headers then say; empty for a mail to a person.
    """

    text: str
    html: str = ""
    for_list: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """Something Convenor says. ``summary`` is the plain one-line form: notifications, screen readers, fallback.

    ``letter`` is for mail alone: chats show the blocks.
    """

    summary: str
    blocks: tuple[Block, ...]
    letter: Letter | None = None


def say(*words: str | Span | Text) -> Message:
    """A message of one paragraph."""
    paragraph = text(*words)
    return Message(plain(paragraph), (Paragraph(paragraph),))


def has_buttons(message: Message) -> bool:
    """Whether anything in the message can be pressed."""
    return any(
        isinstance(block, Buttons) or (isinstance(block, EntryLine) and bool(block.acts)) for block in message.blocks
    )


class FieldKind(StrEnum):
    """What a form field takes."""

    LINE = "line"
    PARAGRAPH = "paragraph"
    CHOICE = "choice"
    SEVERAL = "several"
    """Any number of the options: their values with commas between, in the order of the options."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a field."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One question of a form."""

    name: str
    label: str
    kind: FieldKind = FieldKind.LINE
    value: str = ""
    hint: str = ""
    required: bool = True
    max_length: int = 3000
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A form. ``name`` names its handler in the table; ``value`` is what it is about and comes back with it.

    ``key`` is the part of that which stays the same when the thing changes: a platform that can keeps what was typed
    into a form that was closed unsent under its name and key, together with its ``value``. Without one nothing is kept.
    """

    name: str
    title: str
    submit: str
    fields: tuple[Field, ...]
    intro: Text = ()
    value: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """One of a person's accounts. ``name`` is how the platform shows them, and may change."""

    platform: str
    workspace: str
    user: str
    name: str = ""

    @property
    def key(self) -> str:
        """The account as one string, without the name: ``slack:T01:U01``."""
        return f"{self.platform}:{self.workspace}:{self.user}"

    @property
    def address(self) -> Address:
        """This person's direct messages."""
        return Address(self.platform, self.workspace, user=self.user)


class AskKind(StrEnum):
    """How somebody addressed us."""

    COMMAND = "command"
    PRESS = "press"
    SUBMIT = "submit"


@dataclass(frozen=True, slots=True)
class Ask:
    """What came in, whatever the platform.

    ``name`` is the command's first word without its slash ("digest"), the button's action, or the form's name.
    ``words`` is what stood after the command; people named in it appear as the keys of ``mentions``.
    ``value`` and ``fields`` belong to presses and forms. ``address`` is where it was said. ``received_at`` is UTC.
    """

    kind: AskKind
    identity: Identity
    name: str
    received_at: datetime
    address: Address | None = None
    words: str = ""
    value: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    mentions: Mapping[str, Identity] = field(default_factory=dict)
    message_ref: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back to the one who asked. ``messages`` are seen by them alone.

    ``form`` opens a form. ``errors`` (field name -> sentence) keeps the form open with what was typed.
    Whatever others should see goes through the outbox, never through a reply.
    """

    messages: tuple[Message, ...] = ()
    form: Form | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def said(self) -> tuple[Message, ...]:
        """All that it says, its errors too, for where no form can show them."""
        return (*self.messages, *(say(sentence) for sentence in self.errors.values()))


_BLOCKS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Heading, Paragraph, Bullets, EntryLine, Note, Buttons, File, ChatLink, Divider)
}


def _text_out(words: Text) -> list[list[str]]:
    return [[span.text, span.style.value, span.url, *_channel_out(span.channel)] for span in words]


def _channel_out(channel: Address | None) -> list[str]:
    return [channel.platform, channel.workspace, channel.channel] if channel else []


def _text_in(data: list[list[str]]) -> Text:
    return tuple(
        Span(words, Style(style), url, Address(*channel) if channel else None) for words, style, url, *channel in data
    )


def _buttons_out(buttons: tuple[Button, ...]) -> list[list[str]]:
    return [[b.label, b.action, b.value, b.style.value, b.confirm, b.hint] for b in buttons]


def _buttons_in(data: list[list[str]]) -> tuple[Button, ...]:
    return tuple(
        Button(label, action, value, ButtonStyle(style), confirm, hint)
        for label, action, value, style, confirm, hint in data
    )


def to_json(message: Message) -> str:
    """The message as JSON, for the outbox. The same message always gives the same characters."""
    blocks: list[list[Any]] = []
    for block in message.blocks:
        kind = type(block).__name__
        match block:
            case Heading(words):
                blocks.append([kind, words])
            case Paragraph(words) | Note(words):
                blocks.append([kind, _text_out(words)])
            case Bullets(items):
                blocks.append([kind, [_text_out(words) for words in items]])
            case EntryLine(words, detail, buttons, faded, menu):
                line = [kind, _text_out(words), _text_out(detail), _buttons_out(buttons), faded]
                blocks.append([*line, [_buttons_out(menu.choices), menu.hint]] if menu else line)
            case Buttons(buttons):
                blocks.append([kind, _buttons_out(buttons)])
            case File(name, words):
                blocks.append([kind, name, words])
            case ChatLink(label, people, topic, words):
                blocks.append([kind, label, [[who.platform, who.workspace, who.user] for who in people], topic, words])
            case Divider():
                blocks.append([kind])
    whole: dict[str, Any] = {"summary": message.summary, "blocks": blocks}
    if message.letter is not None:
        whole["letter"] = asdict(message.letter)
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"))


def from_json(body: str) -> Message:
    """The message that :func:`to_json` wrote. Raises ``ValueError`` or ``KeyError`` on anything else."""
    data = json.loads(body)
    blocks: list[Block] = []
    for kind, *rest in data["blocks"]:
        shape = _BLOCKS[kind]
        if shape is Heading:
            blocks.append(Heading(rest[0]))
        elif shape in (Paragraph, Note):
            blocks.append(shape(_text_in(rest[0])))
        elif shape is Bullets:
            blocks.append(Bullets(tuple(_text_in(words) for words in rest[0])))
        elif shape is EntryLine:
            menu = Menu(_buttons_in(rest[4][0]), rest[4][1]) if len(rest) > 4 else None
            blocks.append(EntryLine(_text_in(rest[0]), _text_in(rest[1]), _buttons_in(rest[2]), rest[3], menu))
        elif shape is Buttons:
            blocks.append(Buttons(_buttons_in(rest[0])))
        elif shape is File:
            blocks.append(File(*rest))
        elif shape is ChatLink:
            label, people, topic, words = rest
            accounts = tuple(Address(platform, workspace, user=user) for platform, workspace, user in people)
            blocks.append(ChatLink(label, accounts, topic, words))
        else:
            blocks.append(Divider())
    letter = Letter(**data["letter"]) if "letter" in data else None
    return Message(data["summary"], tuple(blocks), letter)
