"""What holds for every message and form on every platform, as sentences about what does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters.teams.escaping import SIGNS
from bot.legible import clean
from bot.messages import (
    AskKind,
    Block,
    Bullets,
    Buttons,
    EntryLine,
    Field,
    FieldKind,
    Form,
    Heading,
    Message,
    Note,
    Paragraph,
    Style,
    Text,
)
from tests.contract.chat.platform import Platform
from tests.contract.chat.tour import buttons_on

# What every platform shows of words that nobody reads at length.
_HEADING, _LABEL, _TITLE = 140, 70, 22
# Signs that stand for others, and joints that are not seen.
_SAME = {ord(shown): chr(sign) for sign, shown in SIGNS.items() if isinstance(shown, str)} | {0x2060: None, 0xA0: " "}


def message_problems(platform: Platform, message: Message) -> list[str]:
    """What does not hold for a message: limits, schema, safety, words, links, and what its buttons do."""
    seen = [platform.see(piece) for piece in platform.pieces(message)]
    found = [sentence for each in seen for sentence in each.broken]
    found += _missing("\n".join(each.words for each in seen), said(message))
    links = [link for each in seen for link in each.links]
    if links != (wanted := list(linked(message))):
        found.append(f"The links are {links}, not {wanted}.")
    pressed = [(ask.kind, ask.name, ask.value) for each in seen for ask in each.asks]
    expected = [(AskKind.PRESS, button.action, button.value) for button in buttons_on(message)]
    if pressed != expected:
        found.append(f"The buttons do {pressed}, not {expected}.")
    if any(ask.identity.platform != platform.name for each in seen for ask in each.asks):
        found.append("A press comes from elsewhere.")
    return [f"{platform.name}, “{message.summary[:60]}”: {sentence}" for sentence in found]


def form_problems(
    platform: Platform, form: Form, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
) -> list[str]:
    """What does not hold for a form: limits, schema, safety, words, and that what stands in it comes back."""
    fields = {field.name: (typed or {}).get(field.name, field.value) for field in form.fields}
    wanted = {field.name: _standing(field, fields[field.name]) for field in form.fields}
    found: list[str] = []
    for each in platform.fill(form, typed, errors):
        found += [*each.seen.broken, *_missing(each.seen.words, asked(form))]
        ask = each.ask
        if (ask.kind, ask.name, ask.value) != (AskKind.SUBMIT, form.name, form.value):
            found.append(f"It is sent as {ask.kind} {ask.name} {ask.value!r}.")
        if (got := _sets(form, ask.fields)) != _sets(form, wanted):
            found.append(f"It is sent with {got}, not {wanted}.")
        if each.again:
            found += [
                f"The error {sentence!r} is not shown."
                for sentence in (errors or {}).values()
                if legible(sentence) not in legible(each.seen.words)
            ]
    return [f"{platform.name}, “{form.title}”: {sentence}" for sentence in found]


def said(message: Message) -> Iterator[str]:
    """Everything that a message says, in order, but for its files."""
    for block in message.blocks:
        yield from _said(block)


def _said(block: Block) -> Iterator[str]:
    match block:
        case Heading(words):
            yield words[:_HEADING]
        case Paragraph(words) | Note(words):
            yield from _spans(words)
        case Bullets(items):
            for item in items:
                yield from _spans(item)
        case EntryLine(words, detail):
            yield from _spans(words)
            yield from _spans(detail)
            yield from (button.label[:_LABEL] for button in block.acts)
        case Buttons(buttons):
            yield from (button.label[:_LABEL] for button in buttons)


def _spans(words: Text) -> Iterator[str]:
    # What a channel is called depends on where it is shown.
    for span in words:
        if span.channel is None:
            # Where commands are words, a command has no slash.
            yield span.text.removeprefix("/") if span.style is Style.CODE else span.text


def linked(message: Message) -> Iterator[str]:
    """Every address that a message leads to, in order."""
    texts: list[Text] = []
    for block in message.blocks:
        match block:
            case Paragraph(words) | Note(words):
                texts.append(words)
            case Bullets(items):
                texts += items
            case EntryLine(words, detail):
                texts += [words, detail]
    yield from (span.url for words in texts for span in words if span.url and clean(span.text))


def asked(form: Form) -> Iterator[str]:
    """Everything that a form says, in order."""
    yield form.title[:_TITLE]
    yield from _spans(form.intro)
    yield from (field.label for field in form.fields)


def legible(words: str) -> str:
    """Words as a reader has them, whatever a platform needs to show them."""
    return " ".join(clean(words).translate(_SAME).split())


def _missing(words: str, wanted: Iterator[str] | list[str]) -> list[str]:
    shown, at, found = legible(words), 0, []
    for each in wanted:
        place = shown.find(legible(each), at)
        if place < 0:
            found.append(f"{legible(each)[:80]!r} is not shown where it should be.")
        else:
            at = place + len(legible(each))
    return found


def _standing(field: Field, value: str) -> str:
    known = {option.value for option in field.options}
    if field.kind is FieldKind.CHOICE:
        return value if value in known else ""
    if field.kind is FieldKind.SEVERAL:
        return ",".join(part for part in value.split(",") if part in known)
    return value if field.kind is FieldKind.PARAGRAPH else " ".join(value.split("\n"))


def _sets(form: Form, fields: Mapping[str, str]) -> dict[str, object]:
    several = {field.name for field in form.fields if field.kind is FieldKind.SEVERAL}
    return {name: frozenset(value.split(",")) if name in several else value for name, value in fields.items()}
