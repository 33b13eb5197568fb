"""What a Teams card may be, checked before it is sent: too large a card is refused, and parts of a wrong one vanish."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Json = Mapping[str, Any]

CARD_BYTES: Final = 25_000
"""Of one card as JSON in UTF-8. Microsoft's pages have given 25 KB, 28 KB, 40 KB and 100 KB for a message over the
years, the larger ones counted in UTF-16, which makes up to twice as much of the same card: this is below all but the
40 KB, and that is no longer what they say."""
PRIMARY_ACTIONS: Final = 6
"""Buttons of one row. Teams hides the rest, or moves them into a menu."""
VERSION: Final = "1.5"
"""Of the schema: the last that Teams shows on every device."""

_ELEMENTS = frozenset({"TextBlock", "RichTextBlock", "Container", "ActionSet", "Input.Text", "Input.ChoiceSet"})
_ACTIONS = frozenset({"Action.Execute", "Action.Submit", "Action.ShowCard", "Action.OpenUrl"})


def written(thing: Any) -> str:
    """Something as JSON, as it goes out: letters of every script as they are, which takes least room."""
    return json.dumps(thing, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace").decode()


def size(thing: Any) -> int:
    """How many bytes something takes as it goes out."""
    return len(written(thing).encode())


def too_large(card: Json) -> list[str]:
    """A sentence if the card has more bytes than a Teams message surely takes."""
    if (taken := size(card)) > CARD_BYTES:
        return [f"The card has {taken:,} bytes; {CARD_BYTES:,} is what Teams surely takes."]
    return []


def check_card(card: Json) -> list[str]:
    """One sentence for each way in which Teams would refuse the card or leave something of it out."""
    return [*too_large(card), *_check_card(card, set())]


def _check_card(card: Json, seen: set[str], *, inner: bool = False) -> Iterator[str]:
    if card.get("type") != "AdaptiveCard":
        yield "This is no card."
    if not inner and card.get("version") != VERSION:
        yield f"The card's version is not {VERSION}."
    if not card.get("body"):
        yield "There is nothing in the card."
    yield from _check_elements(card.get("body") or (), seen, inner)
    if "actions" in card:
        yield from _check_actions("the card", card["actions"], seen, inner)


def _check_elements(elements: Sequence[Json], seen: set[str], inner: bool) -> Iterator[str]:
    for number, element in enumerate(elements, start=1):
        kind = element.get("type")
        where = f"element {number} ({kind})"
        if kind not in _ELEMENTS:
            yield f"Nothing is known of {where}."
        elif kind == "TextBlock":
            yield from _no_blank(where, element.get("text"))
        elif kind == "RichTextBlock":
            yield from _inlines(where, element)
        elif kind == "Container":
            yield from _check_elements(element.get("items") or (), seen, inner)
        elif kind == "ActionSet":
            yield from _check_actions(where, element.get("actions") or (), seen, inner)
        else:
            yield from _input(where, element, seen)


def _inlines(where: str, element: Json) -> Iterator[str]:
    inlines: Sequence[Json] = element.get("inlines") or ()
    if not inlines:
        yield f"There is nothing in {where}."
    for run in inlines:
        if not run.get("text"):
            yield f"There is an empty text in {where}."
        if (action := run.get("selectAction")) is not None:
            yield from _link(where, action)


def _check_actions(where: str, actions: Sequence[Json], seen: set[str], inner: bool) -> Iterator[str]:
    if not actions:
        yield f"There is nothing in {where}."
    primary = sum(action.get("mode") != "secondary" for action in actions)
    if primary > PRIMARY_ACTIONS:
        yield f"There are {primary} buttons in {where}; Teams shows {PRIMARY_ACTIONS}."
    for action in actions:
        kind = action.get("type")
        if kind not in _ACTIONS:
            yield f"Nothing is known of {kind} in {where}."
        yield from _no_blank(f"a button of {where}", action.get("title"))
        if kind == "Action.Execute" and not action.get("verb"):
            yield f"A button of {where} does not say what it does."
        if kind == "Action.OpenUrl":
            yield from _link(where, action)
        if kind == "Action.ShowCard":
            if inner:
                yield f"A card within a card within a card in {where} is more than Teams shows."
            yield from _check_card(action.get("card") or {}, seen, inner=True)


def _link(where: str, action: Json) -> Iterator[str]:
    if action.get("type") != "Action.OpenUrl":
        yield f"A word of {where} does more than open a page."
    elif not str(action.get("url")).lower().startswith(("http://", "https://")):
        yield f"A link of {where} is not an http(s) address."


def _input(where: str, element: Json, seen: set[str]) -> Iterator[str]:
    name = str(element.get("id") or "")
    yield from _no_blank(f"the id of {where}", name)
    if name in seen:
        yield f"The id {name!r} of {where} stands twice in one card."
    seen.add(name)
    # People who cannot see the card hear the label, and nothing else says what a question is.
    yield from _no_blank(f"the label of {where}", element.get("label"))
    value = str(element.get("value") or "")
    if element.get("type") == "Input.Text":
        most = element.get("maxLength")
        if most is not None and utf16(value) > most:
            yield f"The text that stands in {where} is longer than it may become."
        return
    choices: Sequence[Json] = element.get("choices") or ()
    if not choices:
        yield f"There is nothing to choose from in {where}."
    known = [choice.get("value") for choice in choices]
    if len(set(known)) < len(known):
        yield f"Two choices of {where} mean the same."
    for choice in choices:
        yield from _no_blank(f"a choice of {where}", choice.get("title"))
    chosen = value.split(",") if element.get("isMultiSelect") else [value]
    if value and not set(chosen) <= set(known):
        yield f"What is chosen in {where} is not one of its choices."


def utf16(words: str) -> int:
    """How long a text is for JavaScript, which is what counts the characters of a question."""
    return len(words.encode("utf-16-le", "replace")) // 2


def _no_blank(what: str, value: Any) -> Iterator[str]:
    if not str(value or "").strip():
        yield f"There is nothing but blank in {what}."
