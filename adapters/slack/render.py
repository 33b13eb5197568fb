"""Turns neutral messages and forms into Slack's blocks and views. Pure.

Words from feeds, people and settings go into ``rich_text`` and ``plain_text``, which Slack does not parse; the one
place that it does parse, the fallback text, is escaped. So nothing in them becomes a mention, a link or a style.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    InputInteractiveElement,
    Option,
    OverflowMenuElement,
    PlainTextInputElement,
    PlainTextObject,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextListElement,
    RichTextPreformattedElement,
    RichTextSectionElement,
    StaticMultiSelectElement,
    StaticSelectElement,
)
from slack_sdk.models.views import View

from adapters.slack.limits import FALLBACK_TEXT, LIMITS, check_message, check_view, too_long
from bot import messages as neutral
from bot.legible import clean, cut, tidy
from bot.messages import Button, ButtonStyle, Field, FieldKind, Form, Message, Span, Style, Text
from digests.errors import ConvenorError

Json = dict[str, Any]
_Parts = RichTextElementParts

_PLATFORM = "slack"
# The one element of each question; a form's field is named by its block.
ANSWER = "answer"
# The action_id of every menu begins with this.
MENU = "menu"
_NOTICE = "notice:"
# Between a field's name and how many times its form has been answered with another form.
_ROUND = "~"

_TEXT = LIMITS["text.max_length"]


class Unsendable(ConvenorError):
    """A message or form breaks a limit of Slack's, so that Slack would refuse it whole."""

    sentence = "Slack would refuse this message."


class TooLong(Unsendable):
    """A message is more than one Slack message can hold. Nothing is left out silently: page it."""

    sentence = "This is too long for one Slack message."


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as Slack takes it: the fallback text (escaped) and the blocks."""

    text: str
    blocks: tuple[Json, ...]


@dataclass(frozen=True, slots=True)
class FormOrigin:
    """What a form carries along unseen, so that its answer finds the way back: what it is about and where it began."""

    value: str
    channel: str = ""
    thread_ts: str = ""

    def to_metadata(self) -> str:
        """As ``private_metadata``."""
        return json.dumps([self.value, self.channel, self.thread_ts], ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_metadata(cls, metadata: str) -> FormOrigin:
        """What :meth:`to_metadata` wrote. Raises ``ValueError`` on anything else."""
        parts = json.loads(metadata)
        if not isinstance(parts, list) or len(parts) != 3 or not all(isinstance(part, str) for part in parts):
            raise ValueError("this is not a form of ours")
        return cls(*parts)


def escape(words: str) -> str:
    """Words as they must stand wherever Slack parses text."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def render_message(message: Message) -> RenderedMessage:
    """The message as Slack takes it. Raises :class:`TooLong`, or :class:`Unsendable` for any other limit."""
    blocks = _blocks(message.blocks)
    text = _fallback(message)
    if reasons := too_long(blocks):
        raise TooLong("", " ".join(reasons))
    if reasons := check_message(blocks, text):
        raise Unsendable("", " ".join(reasons))
    return RenderedMessage(text, tuple(blocks))


def render_form(form: Form, *, channel: str = "", thread_ts: str = "", after: Mapping[str, Any] | None = None) -> Json:
    """The form as a modal view. Raises :class:`Unsendable`.

    ``channel`` and ``thread_ts`` say where it was asked for: that is where its answer goes. ``after`` is the view
    that this one takes the place of. Slack would show what was typed there in every question of the same id, whatever
    stands in the new form, so its questions get new ids.
    """
    number = 0 if after is None else 1 + max((_round(block) for block in after["blocks"]), default=0)
    blocks: list[Block] = []
    if form.intro:
        blocks += _paragraph(form.intro)
    blocks += [_question(field, number) for field in form.fields]
    view = View(
        type="modal",
        title=_plain(form.title, LIMITS["view.title.max_length"]),
        submit=_plain(form.submit, LIMITS["view.submit.max_length"]),
        close=_plain("Cancel", LIMITS["view.close.max_length"]),
        callback_id=form.name,
        private_metadata=FormOrigin(form.value, channel, thread_ts).to_metadata(),
        blocks=blocks,
    )
    return _checked_view(_as_json(view))


def render_page(messages: Iterable[Message], title: str = "Convenor") -> Json:
    """Messages as a modal view that can only be read and closed. Raises :class:`Unsendable`."""
    view = View(
        type="modal",
        title=_plain(title, LIMITS["view.title.max_length"]),
        close=_plain("Close", LIMITS["view.close.max_length"]),
        blocks=_blocks(block for message in messages for block in message.blocks),
    )
    return _checked_view(_as_json(view))


def render_home(message: Message) -> Json:
    """A message as the Home tab of the one who opens it. Raises :class:`Unsendable`."""
    return _checked_view(_as_json(View(type="home", blocks=_blocks(message.blocks))))


def render_returned_form(view: Mapping[str, Any], errors: Mapping[str, str]) -> Json:
    """A form that was sent in, to be shown again: with what was typed, and above it what is wrong.

    For answers that come too late for Slack's own way of marking fields. Raises :class:`Unsendable`.
    """
    labels: dict[str, str] = {}
    blocks: list[Json] = []
    values = view["state"]["values"]
    for block in view["blocks"]:
        if block["type"] != "input":
            if not str(block.get("block_id")).startswith(_NOTICE):
                blocks.append(block)
            continue
        labels[field_of(block["block_id"])] = block["label"]["text"]
        element = dict(block["element"])
        typed = values.get(block["block_id"], {}).get(element["action_id"], {})
        if element["type"] == "plain_text_input":
            _put(element, "initial_value", typed.get("value"))
        elif element["type"] == "multi_static_select":
            _put(element, "initial_options", typed.get("selected_options") or None)
        else:
            _put(element, "initial_option", typed.get("selected_option"))
        blocks.append({**block, "element": element})
    wrong = tuple(
        neutral.text(f"{labels[name]}: " if name in labels else "", sentence) for name, sentence in errors.items()
    )
    notice = (neutral.Paragraph((neutral.bold("Not sent yet."),)), neutral.Bullets(wrong))
    notices = [{**block, "block_id": f"{_NOTICE}{number}"} for number, block in enumerate(_blocks(notice))]
    kept = ("type", "title", "submit", "close", "callback_id", "private_metadata")
    return _checked_view({**{name: view[name] for name in kept}, "blocks": [*notices, *blocks]})


def field_of(block_id: str) -> str:
    """A field's name, from the block_id that :func:`render_form` gave it."""
    return block_id.partition(_ROUND)[0]


def action_of(action_id: str) -> str:
    """A button's action, from the action_id that :func:`render_message` gave it."""
    return re.sub(r":\d+$", "", action_id)


def _round(block: Json) -> int:
    number = str(block.get("block_id")).partition(_ROUND)[2]
    return int(number) if number.isdigit() else 0


def _put(element: Json, name: str, value: Any) -> None:
    element.pop(name, None)
    if value:
        element[name] = value


def _checked_view(view: Json) -> Json:
    if reasons := check_view(view):
        raise Unsendable("", " ".join(reasons))
    return view


def _fallback(message: Message) -> str:
    words = tidy(message.summary) or tidy(" ".join(_said(message.blocks)))
    most = FALLBACK_TEXT
    # Escaping makes at most five characters of one, so this never takes away more than it must.
    while (excess := len(escape(cut(words, most))) - FALLBACK_TEXT) > 0:
        most -= max(excess // 5, 1)
    return escape(cut(words, most))


def _said(blocks: Iterable[neutral.Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case neutral.Heading(words):
                yield words
            case neutral.Paragraph(words) | neutral.Note(words) | neutral.EntryLine(words):
                yield neutral.plain(words)


def _blocks(blocks: Iterable[neutral.Block]) -> list[Json]:
    numbers = count(1)
    return [_as_json(made) for block in blocks for made in _block(block, numbers)]


def _block(block: neutral.Block, numbers: Iterator[int]) -> Iterator[Block]:
    match block:
        case neutral.Heading(words):
            if shown := tidy(words):
                yield HeaderBlock(text=_plain(shown, LIMITS["header.text.max_length"]))
        case neutral.Paragraph(words):
            yield from _paragraph(words)
        case neutral.Note(words):
            yield from _small(words)
        case neutral.Bullets(items):
            sections = [section for item in items if (section := _section(item))]
            if sections:
                yield RichTextBlock(elements=[RichTextListElement(style="bullet", elements=sections)])
        case neutral.EntryLine(words, detail, buttons, faded, menu):
            yield from _paragraph(words, struck=faded)
            yield from _small(detail)
            yield from _buttons(buttons, numbers, menu)
        case neutral.Buttons(buttons):
            yield from _buttons(buttons, numbers)
        case neutral.File(_, words):
            if parts := [_Parts.Text(text=piece) for piece in _in_texts(clean(words))]:
                yield RichTextBlock(elements=[RichTextPreformattedElement(elements=parts)])
        case neutral.Divider():
            yield DividerBlock()


def _in_texts(words: str) -> Iterator[str]:
    for start in range(0, len(words), _TEXT):
        yield words[start : start + _TEXT]


def _paragraph(words: Text, *, struck: bool = False) -> Iterator[Block]:
    for part in _in_parts(words):
        if section := _section(part, struck=struck):
            yield RichTextBlock(elements=[section])


def _in_parts(words: Text) -> Iterator[Text]:
    """The text, or as many of it as it takes for each to be what a section holds: no word of it is lost."""
    part: list[Span] = []
    room = _TEXT
    for span in words:
        left = clean(span.text)
        while left:
            if not room:
                yield tuple(part)
                part, room = [], _TEXT
            # Between two words, if there is a blank near the end.
            end = room if len(left) <= room else left.rfind(" ", max(room - 200, 0), room) + 1 or room
            part.append(Span(left[:end], span.style, span.url, span.channel))
            room = room - len(left) if len(left) < room else 0
            left = left[end:]
    if part:
        yield tuple(part)


def _small(words: Text) -> Iterator[Block]:
    """Small print. Slack's small block can carry neither links nor styles unparsed, so those make it a paragraph."""
    if any(span.url or span.channel or span.style is not Style.PLAIN for span in words):
        yield from _paragraph(words)
    elif neutral.plain(words).strip():
        yield ContextBlock(elements=[_plain(neutral.plain(words), _TEXT)])


def _section(words: Text, *, struck: bool = False) -> RichTextSectionElement | None:
    parts = [_part(span, struck) for span in _cut_spans(words, _TEXT)]
    return RichTextSectionElement(elements=parts) if parts else None


def _part(span: Span, struck: bool) -> RichTextElement:
    bold, italic, code = (span.style is style or None for style in (Style.BOLD, Style.ITALIC, Style.CODE))
    style = _Parts.TextStyle(bold=bold, italic=italic, code=code, strike=struck or None)
    styled = style if style.to_dict() else None
    if span.channel and span.channel.platform == _PLATFORM:
        return _Parts.Channel(channel_id=span.channel.channel, style=styled)
    if span.url:
        return _Parts.Link(url=span.url, text=span.text, style=styled)
    return _Parts.Text(text=span.text, style=styled)


def _cut_spans(words: Text, most: int) -> Iterator[Span]:
    room = most
    for span in words:
        shown = clean(span.text)
        if not shown or not room:
            continue
        shown = cut(shown, room)
        room -= len(shown)
        yield Span(shown, span.style, span.url, span.channel)


def _buttons(buttons: Sequence[Button], numbers: Iterator[int], menu: neutral.Menu | None = None) -> Iterator[Block]:
    most = LIMITS["actions.elements.max_items"]
    elements: list[ButtonElement | OverflowMenuElement] = [_button(button, next(numbers)) for button in buttons]
    if menu:
        elements.append(_menu(menu, next(numbers)))
    for start in range(0, len(elements), most):
        yield ActionsBlock(elements=elements[start : start + most])


def _menu(menu: neutral.Menu, number: int) -> OverflowMenuElement:
    # Slack names the choice by its value alone, so that holds the action as well; asks.py takes them apart.
    most = LIMITS["option.text.max_length"]
    options = [
        Option(value=f"{choice.action} {choice.value}", text=_plain(choice.label, most)) for choice in menu.choices
    ]
    return OverflowMenuElement(action_id=f"{MENU}:{number}", options=options)


def _button(button: Button, number: int) -> ButtonElement:
    return ButtonElement(
        text=_plain(button.label, LIMITS["button.text.max_length"]),
        action_id=f"{button.action}:{number}",
        value=button.value or None,
        style=None if button.style is ButtonStyle.NORMAL else button.style.value,
        confirm=_confirm(button) if button.confirm else None,
        accessibility_label=cut(tidy(button.hint), LIMITS["button.accessibility_label.max_length"]) or None,
    )


def _confirm(button: Button) -> ConfirmObject:
    return ConfirmObject(
        title=_plain("Are you sure?", LIMITS["confirmation.title.max_length"]),
        text=_plain(button.confirm, LIMITS["confirmation.text.max_length"]),
        confirm=_plain(button.label, LIMITS["confirmation.confirm.max_length"]),
        deny=_plain("Cancel", LIMITS["confirmation.deny.max_length"]),
        style="danger" if button.style is ButtonStyle.DANGER else "primary",
    )


def _question(field: Field, number: int) -> InputBlock:
    return InputBlock(
        block_id=f"{field.name}{_ROUND}{number}" if number else field.name,
        label=_plain(field.label, LIMITS["input.label.max_length"]),
        hint=_plain(field.hint, LIMITS["input.hint.max_length"]) if tidy(field.hint) else None,
        optional=not field.required,
        element=_ELEMENTS.get(field.kind, _line)(field),
    )


def _line(field: Field) -> InputInteractiveElement:
    several = field.kind is FieldKind.PARAGRAPH
    # What stands in a field is never cut: sending the form would then lose the rest. It may be longer than a new
    # text may become, and is measured when it is sent in.
    value = field.value if several else " ".join(field.value.split("\n"))
    most = min(max(field.max_length, len(value)), LIMITS["plain_text_input.max_length.max"])
    return PlainTextInputElement(action_id=ANSWER, multiline=several, max_length=most, initial_value=value or None)


def _choice(field: Field) -> InputInteractiveElement:
    options = _options(field)
    return StaticSelectElement(
        action_id=ANSWER, options=list(options.values()), initial_option=options.get(field.value)
    )


def _several(field: Field) -> InputInteractiveElement:
    options = _options(field)
    chosen = [options[value] for value in field.value.split(",") if value in options]
    return StaticMultiSelectElement(action_id=ANSWER, options=list(options.values()), initial_options=chosen or None)


def _options(field: Field) -> dict[str, Option]:
    most = LIMITS["option.text.max_length"]
    return {option.value: Option(value=option.value, text=_plain(option.label, most)) for option in field.options}


_ELEMENTS = {FieldKind.CHOICE: _choice, FieldKind.SEVERAL: _several}


def _plain(words: str, most: int) -> PlainTextObject:
    # Without emoji: a title that says :warning: says just that.
    return PlainTextObject(text=cut(clean(words), most), emoji=False)


def _as_json(thing: Block | View) -> Json:
    try:
        made: Json = thing.to_dict()
    except SlackObjectFormationError as error:
        raise Unsendable("", f"Slack would refuse this: {error}.") from error
    return made
