"""Slack's limits for the blocks we use, checked before sending: its own library lets several of them pass."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

Json = Mapping[str, Any]

# Named as in Slack's own specification of blocks, so that the two can be held together by a test.
LIMITS: Final[Mapping[str, int]] = {
    "text.max_length": 3000,
    "action_id.max_length": 255,
    "block_id.max_length": 255,
    "header.text.max_length": 150,
    "actions.elements.max_items": 25,
    "context.elements.max_items": 10,
    "button.text.max_length": 75,
    "button.value.max_length": 2000,
    "button.accessibility_label.max_length": 75,
    "confirmation.title.max_length": 100,
    "confirmation.text.max_length": 300,
    "confirmation.confirm.max_length": 30,
    "confirmation.deny.max_length": 30,
    "option.text.max_length": 75,
    "select.options.max_items": 100,
    "overflow.options.max_items": 5,
    "plain_text_input.max_length.max": 3000,
    "input.label.max_length": 2000,
    "input.hint.max_length": 2000,
    "message.blocks.max_items": 50,
    "view.blocks.max_items": 100,
    "view.private_metadata.max_length": 3000,
    "view.callback_id.max_length": 255,
    "view.title.max_length": 24,
    "view.close.max_length": 24,
    "view.submit.max_length": 24,
}

# Slack's pages disagree (75 or 150); the smaller number holds in either case.
OPTION_VALUE: Final = 75
# Above this, Slack may split the fallback text into several messages.
FALLBACK_TEXT: Final = 4000
# Slack counts characters over all blocks in a way it does not publish and refuses at about 13,200. We count the
# JSON, which is never less than what Slack counts.
ALL_BLOCKS: Final = 10_000

_MESSAGE_BLOCKS = frozenset({"header", "rich_text", "context", "actions", "divider"})
_VIEW_BLOCKS = _MESSAGE_BLOCKS | {"input"}


def characters(blocks: Sequence[Json]) -> int:
    """How many characters the blocks take as JSON."""
    return len(json.dumps(list(blocks), ensure_ascii=False, separators=(",", ":")))


def too_long(blocks: Sequence[Json]) -> list[str]:
    """One sentence for each way in which a message is too much for one Slack message."""
    found: list[str] = []
    most = LIMITS["message.blocks.max_items"]
    if len(blocks) > most:
        found.append(f"The message has {len(blocks)} blocks; Slack takes {most}.")
    if (size := characters(blocks)) > ALL_BLOCKS:
        found.append(f"The message has {size:,} characters over all blocks; {ALL_BLOCKS:,} is what Slack surely takes.")
    return found


def check_message(blocks: Sequence[Json], text: str) -> list[str]:
    """One sentence for each limit that a message would break. An empty list means that Slack will take it."""
    found = too_long(blocks)
    if not blocks:
        found.append("The message has no blocks.")
    found += _length("the fallback text", text, FALLBACK_TEXT)
    return found + list(_check_blocks(blocks, _MESSAGE_BLOCKS))


def check_view(view: Json) -> list[str]:
    """One sentence for each limit that a view would break."""
    blocks: Sequence[Json] = view.get("blocks") or []
    most = LIMITS["view.blocks.max_items"]
    found: list[str] = []
    if not blocks:
        found.append("The view has no blocks.")
    if len(blocks) > most:
        found.append(f"The view has {len(blocks)} blocks; Slack takes {most}.")
    if view.get("type") != "home":
        found += _text("the view's title", view.get("title"), "view.title.max_length", plain=True)
    for name in ("close", "submit"):
        if view.get(name) is not None:
            found += _text(f"the view's {name} button", view[name], f"view.{name}.max_length", plain=True)
    has_input = any(block.get("type") == "input" for block in blocks)
    if has_input and view.get("submit") is None:
        found.append("The view has questions but no submit button.")
    for name in ("private_metadata", "callback_id"):
        found += _at_most(f"the view's {name}", view.get(name) or "", f"view.{name}.max_length")
    return found + list(_check_blocks(blocks, _VIEW_BLOCKS))


def _check_blocks(blocks: Sequence[Json], known: frozenset[str]) -> Iterator[str]:
    seen: set[str] = set()
    for number, block in enumerate(blocks, start=1):
        kind = str(block.get("type"))
        where = f"block {number} ({kind})"
        block_id = block.get("block_id")
        if block_id is not None:
            yield from _length(f"the block_id of {where}", block_id, LIMITS["block_id.max_length"])
            if block_id in seen:
                yield f"The block_id {block_id!r} of {where} stands twice in one message."
            seen.add(block_id)
        if kind not in known:
            yield f"Nothing is known of the limits of {where}, or it does not belong here."
            continue
        match kind:
            case "header":
                yield from _text(f"the text of {where}", block.get("text"), "header.text.max_length", plain=True)
            case "rich_text":
                yield from _rich_text(where, block)
            case "context":
                yield from _context(where, block)
            case "actions":
                yield from _actions(where, block)
            case "input":
                yield from _input(where, block)


def _context(where: str, block: Json) -> Iterator[str]:
    elements: Sequence[Json] = block.get("elements") or []
    yield from _count(where, elements, "context.elements.max_items")
    for element in elements:
        yield from _text(f"a text of {where}", element, "text.max_length")


def _rich_text(where: str, block: Json) -> Iterator[str]:
    parts: Sequence[Json] = block.get("elements") or []
    if not parts:
        yield f"There is nothing in {where}."
    for part in parts:
        inner: Sequence[Json] = part.get("elements") or []
        if not inner:
            yield f"There is an empty {part.get('type')} in {where}."
        if part.get("type") == "rich_text_list":
            yield from _rich_text(where, part)
            continue
        for element in inner:
            # A blank between two links is right here, unlike everywhere else.
            if not element.get("text") and element.get("type") != "channel":
                yield f"There is an empty text in {where}."
            yield from _at_most(f"a text of {where}", element.get("text") or "", "text.max_length")
            url = str(element.get("url"))
            if element.get("type") == "link" and not url.lower().startswith(("http://", "https://")):
                yield f"A link of {where} is not an http(s) address."


def _actions(where: str, block: Json) -> Iterator[str]:
    elements: Sequence[Json] = block.get("elements") or []
    yield from _count(where, elements, "actions.elements.max_items")
    ids = [element.get("action_id") for element in elements]
    if len(set(ids)) < len(ids):
        yield f"An action_id stands twice in {where}."
    for button in elements:
        if button.get("type") == "overflow":
            yield from _options(where, button, "overflow.options.max_items")
            yield from _length(f"an action_id of {where}", button["action_id"], LIMITS["action_id.max_length"])
            continue
        yield from _text(f"a button of {where}", button.get("text"), "button.text.max_length", plain=True)
        yield from _length(f"an action_id of {where}", button.get("action_id") or "", LIMITS["action_id.max_length"])
        for name in ("value", "accessibility_label"):
            yield from _at_most(f"a button's {name} in {where}", button.get(name) or "", f"button.{name}.max_length")
        if confirm := button.get("confirm"):
            for name in ("title", "text", "confirm", "deny"):
                key = f"confirmation.{name}.max_length"
                yield from _text(f"the confirmation's {name} in {where}", confirm.get(name), key, plain=True)


def _input(where: str, block: Json) -> Iterator[str]:
    yield from _text(f"the label of {where}", block.get("label"), "input.label.max_length", plain=True)
    if (hint := block.get("hint")) is not None:
        yield from _text(f"the hint of {where}", hint, "input.hint.max_length", plain=True)
    element: Json = block.get("element") or {}
    yield from _length(f"the action_id of {where}", element.get("action_id") or "", LIMITS["action_id.max_length"])
    if element.get("type") == "plain_text_input":
        most = LIMITS["plain_text_input.max_length.max"]
        allowed = element.get("max_length") or most
        if not 1 <= allowed <= most:
            yield f"The max_length of {where} is {allowed}; Slack takes 1 to {most}."
        if len(element.get("initial_value") or "") > allowed:
            yield f"The text that stands in {where} is longer than it may become."
    elif element.get("type") in ("static_select", "multi_static_select"):
        yield from _options(where, element, "select.options.max_items")
        initial = element.get("initial_option")
        chosen = [*(element.get("initial_options") or ()), *([initial] if initial is not None else ())]
        if any(option not in (element.get("options") or []) for option in chosen):
            yield f"The option that is chosen in {where} is not one of its options."
    else:
        yield f"Nothing is known of the limits of the {element.get('type')} in {where}."


def _options(where: str, element: Json, limit: str) -> Iterator[str]:
    options: Sequence[Json] = element.get("options") or []
    yield from _count(where, options, limit)
    for option in options:
        yield from _text(f"an option of {where}", option.get("text"), "option.text.max_length", plain=True)
        yield from _length(f"an option's value in {where}", option.get("value") or "", OPTION_VALUE)


def _count(where: str, elements: Sequence[Json], limit: str) -> Iterator[str]:
    if not elements:
        yield f"There is nothing in {where}."
    if len(elements) > LIMITS[limit]:
        yield f"There are {len(elements)} elements in {where}; Slack takes {LIMITS[limit]}."


def _text(what: str, value: Json | None, limit: str, *, plain: bool = False) -> Iterator[str]:
    if value is None:
        yield f"There is no text for {what}."
        return
    if value.get("type") not in (("plain_text",) if plain else ("plain_text", "mrkdwn")):
        yield f"Slack does not take {value.get('type')!r} for {what}."
    yield from _length(what, value.get("text") or "", LIMITS[limit])


def _length(what: str, value: str, most: int) -> Iterator[str]:
    if not value.strip():
        yield f"There is nothing but blank in {what}."
    if len(value) > most:
        yield f"There are {len(value):,} characters in {what}; Slack takes {most:,}."


def _at_most(what: str, value: str, limit: str) -> Iterator[str]:
    if len(value) > LIMITS[limit]:
        yield f"There are {len(value):,} characters in {what}; Slack takes {LIMITS[limit]:,}."
