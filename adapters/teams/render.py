"""Turns neutral messages and forms into Adaptive Cards. Pure.

Words from feeds, people and settings go into ``RichTextBlock``, which Teams does not parse but for dates in double
braces, and those are taken apart. Headings, labels and choices can only be texts that it does parse: there, signs that
could be markup are shown by others that look like them. So nothing becomes a mention, a link or a style.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from adapters.teams.escaping import as_typed, unmarked, unread, without_slash
from adapters.teams.limits import PRIMARY_ACTIONS, VERSION, check_card, too_large, utf16
from bot import messages as neutral
from bot.legible import cut, tidy
from bot.messages import Button, ButtonStyle, Field, FieldKind, Form, Message, Span, Style, Text
from digests.errors import ConvenorError
from digests.model import Address

Json = dict[str, Any]
OpensForm = Callable[[str, str], bool]
ChannelName = Callable[[Address], str]

PLATFORM: Final = "teams"
# What a question's id begins with: the names of fields never meet those that the buttons of a form carry.
FIELD: Final = "f:"
SUBMIT_FORM: Final = "form"
CANCEL_FORM: Final = "form-cancel"

# Characters, beyond which words of a kind that nobody reads at such length are cut.
HEADING: Final = 300
_SUMMARY: Final = 500
_LABEL: Final = 80
_HINT: Final = 300
_CONFIRM: Final = 1_000
_MANY_CHOICES: Final = 8


class Unsendable(ConvenorError):
    """A message or form breaks a limit of Teams's, so that it would be refused or shown in part."""

    sentence = "Teams would refuse this message."


class TooLong(Unsendable):
    """A message is more than one card can hold. Nothing is left out silently: page it."""

    sentence = "This is too long for one Teams message."


@dataclass(frozen=True, slots=True)
class RenderedMessage:
    """A message as Teams takes it: one plain line for notifications, and the card."""

    summary: str
    card: Json


def never(_action: str, _value: str) -> bool:
    """Of buttons none of which opens a form."""
    return False


def no_name(_channel: Address) -> str:
    """Where no channel's name is known."""
    return ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a card depends on beside the message.

    ``opens_form``: whether a button, by its action and value, opens a form (as a dialog). ``channel_name``: what a
    channel of Teams is called; empty where that is not known.
    """

    opens_form: OpensForm = never
    channel_name: ChannelName = no_name


def render_message(
    message: Message, opens_form: OpensForm = never, *, channel_name: ChannelName = no_name
) -> RenderedMessage:
    """The message as Teams takes it. Raises :class:`TooLong`, or :class:`Unsendable` for any other limit.

    ``opens_form`` and ``channel_name`` are as in :class:`Known`.
    """
    summary = summary_of(message)
    card = card_of(summary, _flow(message.blocks, Known(opens_form, channel_name)))
    return RenderedMessage(summary, _checked(card))


def render_form(
    form: Form, *, errors: Mapping[str, str] | None = None, where: Literal["card", "dialog"] = "card"
) -> Json:
    """The form as a card in the conversation or within a dialog. Raises :class:`Unsendable`.

    ``errors`` (field name -> sentence) are shown at the top and above their questions. What was typed has to stand in
    the form already: see :func:`filled`. A dialog shows the form's title itself.
    """
    errors = errors or {}
    elements: list[Json] = []
    if where == "card":
        elements += [{**title, **_TITLE} for title in _heading(form.title)]
    elements += _wrong(form, errors)
    if form.intro:
        elements += _paragraph(form.intro, Known())
    for field in form.fields:
        elements += _question(field, errors.get(field.name, ""))
    card = card_of(tidy(form.title), elements)
    about = {"form": form.name, "value": form.value}
    title = _label(form.submit)
    if where == "dialog":
        card["actions"] = [{"type": "Action.Submit", "title": title, "style": "positive", "data": about}]
    else:
        # What is given up needs no answers; with them, an empty question would stand in the way.
        card["actions"] = [
            {"type": "Action.Execute", "title": title, "style": "positive", "verb": SUBMIT_FORM, "data": about},
            {
                "type": "Action.Execute",
                "title": "Cancel",
                "verb": CANCEL_FORM,
                "data": about,
                "associatedInputs": "none",
            },
        ]
    return _checked(card)


def render_page(messages: Iterable[Message], *, channel_name: ChannelName = no_name) -> Json:
    """Messages as a card that can only be read, for a dialog. Raises :class:`Unsendable`.

    Buttons that a message has are shown, but Teams takes no press on them within a dialog: see ``has_buttons``.
    """
    messages = tuple(messages)
    known = Known(channel_name=channel_name)
    elements: list[Json] = []
    for message in messages:
        shown = _flow(message.blocks, known)
        if elements and shown:
            shown[0] = {**shown[0], "separator": True, "spacing": "Large"}
        elements += shown
    return _checked(card_of(cut(" ".join(summary_of(message) for message in messages), _SUMMARY), elements))


def filled(form: Form, typed: Mapping[str, str]) -> Form:
    """The form with what was typed into it."""
    return replace(
        form, fields=tuple(replace(field, value=typed.get(field.name, field.value)) for field in form.fields)
    )


def field_of(name: str) -> str:
    """A field's name, from the id that :func:`render_form` gave its question; empty for what is no question."""
    return name.removeprefix(FIELD) if name.startswith(FIELD) else ""


def summary_of(message: Message) -> str:
    """The message on one line, for notifications."""
    words = tidy(message.summary) or tidy(" ".join(_said(message.blocks))) or "Convenor"
    return cut(without_slash(words), _SUMMARY)


def card_of(summary: str, elements: Sequence[Json]) -> Json:
    """A card of these elements. ``summary`` is what is spoken, and shown where no card can be."""
    words = unmarked(summary)
    return {
        "type": "AdaptiveCard",
        "version": VERSION,
        "msteams": {"width": "Full"},
        "speak": words,
        "fallbackText": words,
        "body": list(elements),
    }


def elements_of(block: neutral.Block, known: Known) -> list[Json]:
    """One block as elements of a card; none for what has no words."""
    match block:
        case neutral.Heading(words):
            return _heading(words)
        case neutral.Paragraph(words):
            return _paragraph(words, known)
        case neutral.Note(words):
            return _small(words, known)
        case neutral.Bullets(items):
            lists = [_paragraph(item, known, before=_BULLET) for item in items]
            return [{**line, "spacing": "Small"} for lines in lists for line in lines]
        case neutral.EntryLine(words, detail, buttons, faded, menu):
            line = _paragraph(words, known, before=_LEFT_OUT if faded else None, struck=faded)
            beneath = [{**small, "spacing": "None" if line else "Small"} for small in _small(detail, known)]
            acts = [{**row, "spacing": "Small"} for row in _rows(buttons, known, menu)]
            return [*line, *beneath, *acts]
        case neutral.Buttons(buttons):
            return list(_rows(buttons, known))
        case neutral.File(name, words):
            return _file(name, words)
        case neutral.ChatLink():
            # Whom it is to name is looked up before, in adapters/teams/chats.
            return []
        case neutral.Divider():
            return [dict(_DIVIDER)]


_BULLET: Final[Json] = {"type": "TextRun", "text": "•\u00a0"}
# A line through words is seen, but not heard.
_LEFT_OUT: Final[Json] = {"type": "TextRun", "text": "Left out: ", "isSubtle": True}
# An element of its own, so that it also closes a message.
_DIVIDER: Final[Json] = {"type": "Container", "items": [], "separator": True, "spacing": "Medium"}
# What the whole card is about stands out from the headings of its parts.
_TITLE: Final[Json] = {"size": "Large"}
_STYLES: Final[Mapping[Style, Json]] = {
    Style.PLAIN: {},
    Style.BOLD: {"weight": "Bolder"},
    Style.ITALIC: {"italic": True},
    # In most fonts of Teams's, what is monospaced hardly differs from the words around it.
    Style.CODE: {"fontType": "Monospace", "weight": "Bolder"},
}


def _flow(blocks: Iterable[neutral.Block], known: Known) -> list[Json]:
    elements = [element for block in blocks for element in elements_of(block, known)]
    if elements and elements[0].get("style") == "heading":
        elements[0] |= _TITLE
    return elements


def _checked(card: Json) -> Json:
    if reasons := too_large(card):
        raise TooLong("", " ".join(reasons))
    if reasons := check_card(card):
        raise Unsendable("", " ".join(reasons))
    return card


def _said(blocks: Iterable[neutral.Block]) -> Iterator[str]:
    for block in blocks:
        match block:
            case neutral.Heading(words):
                yield words
            case neutral.Paragraph(words) | neutral.Note(words) | neutral.EntryLine(words):
                yield neutral.plain(words)


def _heading(words: str) -> list[Json]:
    shown = unmarked(cut(tidy(words), HEADING))
    if not shown:
        return []
    return [
        {
            "type": "TextBlock",
            "text": shown,
            "style": "heading",
            "size": "Medium",
            "weight": "Bolder",
            "wrap": True,
            "spacing": "Medium",
        }
    ]


def _paragraph(words: Text, known: Known, *, before: Json | None = None, struck: bool = False) -> list[Json]:
    runs = [run for span in words if (run := _run(span, known, struck))]
    return [{"type": "RichTextBlock", "inlines": [*([before] if before else []), *runs]}] if runs else []


def _small(words: Text, known: Known) -> list[Json]:
    return [
        {**block, "inlines": [{**run, "size": "Small", "isSubtle": True} for run in block["inlines"]]}
        for block in _paragraph(words, known)
    ]


def _run(span: Span, known: Known, struck: bool) -> Json | None:
    words = span.text
    if span.channel and span.channel.platform == PLATFORM:
        name = known.channel_name(span.channel)
        words = f"#{name.removeprefix('#')}" if name else "a channel in Teams"
    elif span.style is Style.CODE:
        words = as_typed(words)
    shown = unread(words)
    if not shown:
        return None
    run: Json = {"type": "TextRun", "text": shown, **_STYLES[span.style]}
    if struck:
        run["strikethrough"] = True
    if span.url:
        run["selectAction"] = {"type": "Action.OpenUrl", "url": span.url.encode("utf-8", "replace").decode()}
    return run


def _rows(buttons: Sequence[Button], known: Known, menu: neutral.Menu | None = None) -> Iterator[Json]:
    shown = [_button(button, known) for button in buttons]
    rows = [shown[start : start + PRIMARY_ACTIONS] for start in range(0, len(shown), PRIMARY_ACTIONS)]
    if menu:
        rows = rows or [[]]
        rows[-1] += [{**_button(choice, known), "mode": "secondary"} for choice in menu.choices]
    for row in rows:
        yield {"type": "ActionSet", "actions": row}


def _button(button: Button, known: Known) -> Json:
    act: Json = {"title": _label(button.label)}
    if button.style is not ButtonStyle.NORMAL:
        act["style"] = "positive" if button.style is ButtonStyle.PRIMARY else "destructive"
    if hint := cut(unread(tidy(button.hint)), _HINT):
        act["tooltip"] = hint
    if not button.confirm:
        return {**act, **_press(button, known)}
    question = _paragraph(neutral.text(cut(button.confirm, _CONFIRM)), known)
    inner = {"type": "AdaptiveCard", "body": question, "actions": [{**act, **_press(button, known)}]}
    return {**act, "type": "Action.ShowCard", "card": inner}


def _press(button: Button, known: Known) -> Json:
    if known.opens_form(button.action, button.value):
        about = {"msteams": {"type": "task/fetch"}, "action": button.action, "value": button.value}
        return {"type": "Action.Submit", "data": about}
    return {"type": "Action.Execute", "verb": button.action, "data": {"value": button.value}}


def _label(words: str) -> str:
    return cut(unread(tidy(words)), _LABEL)


def _file(name: str, words: str) -> list[Json]:
    # In a question nobody asks, because only there Teams keeps every blank and line as it is, to be copied.
    shown = {"type": "Input.Text", "id": "file", "label": unmarked(name), "isMultiline": True, "height": "stretch"}
    hint = _small(neutral.text("To copy it, click into it and select all of it."), Known())
    return [{**shown, "value": words.encode("utf-8", "replace").decode()}, *hint]


def _wrong(form: Form, errors: Mapping[str, str]) -> list[Json]:
    if not errors:
        return []
    labels = {field.name: field.label for field in form.fields}
    told = _paragraph(neutral.text(neutral.bold("Not sent yet.")), Known())
    for name, sentence in errors.items():
        line = neutral.text(f"{labels[name]}: " if name in labels else "", sentence)
        told += [{**part, "spacing": "Small"} for part in _paragraph(line, Known(), before=_BULLET)]
    return [{"type": "Container", "style": "attention", "items": told}]


def _question(field: Field, error: str) -> Iterator[Json]:
    if error:
        for line in _paragraph(neutral.text(error), Known()):
            yield {**line, "spacing": "Medium", "inlines": [{**run, "color": "Attention"} for run in line["inlines"]]}
    optional = "" if field.required else " (optional)"
    spacing = "Small" if error else "Medium"
    asked: Json = {"spacing": spacing, "id": FIELD + field.name, "label": unmarked(field.label) + optional}
    if field.required:
        asked |= {"isRequired": True, "errorMessage": unmarked(f"Please answer “{field.label}”.")}
    match field.kind:
        case FieldKind.LINE | FieldKind.PARAGRAPH:
            yield {**asked, **_typed(field)}
        case FieldKind.CHOICE | FieldKind.SEVERAL:
            yield {**asked, **_chosen(field)}
    if field.hint:
        yield from ({**line, "spacing": "None"} for line in _small(neutral.text(field.hint), Known()))


def _typed(field: Field) -> Json:
    several = field.kind is FieldKind.PARAGRAPH
    value = field.value.encode("utf-8", "replace").decode()
    value = value if several else " ".join(value.split("\n"))
    # What stands in a field is never cut: it may be longer than a new text may become, and is measured when it is sent.
    made: Json = {"type": "Input.Text", "maxLength": max(field.max_length, utf16(value))}
    if several:
        made["isMultiline"] = True
    if value:
        made["value"] = value
    return made


def _chosen(field: Field) -> Json:
    several = field.kind is FieldKind.SEVERAL
    options = {option.value: option.label for option in field.options}
    if not several and not field.required:
        # Teams does not let go of a choice once it is made, so that none has to be one.
        options = {"": "None", **options}
    chosen = [value for value in (field.value.split(",") if several else [field.value]) if value in options]
    made: Json = {
        "type": "Input.ChoiceSet",
        "choices": [{"title": unmarked(cut(label, _HINT)), "value": value} for value, label in options.items()],
        "style": "expanded" if several and len(options) <= _MANY_CHOICES else "compact",
        "wrap": True,
    }
    if several:
        made["isMultiSelect"] = True
    if value := ",".join(chosen):
        made["value"] = value
    return made
