"""Our numbers are Slack's, and each limit is found when it is broken."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from adapters.slack.limits import ALL_BLOCKS, FALLBACK_TEXT, LIMITS, OPTION_VALUE, check_message, check_view
from tests.shared import shared_dir

Json = dict[str, Any]


def test_our_numbers_are_those_of_slacks_specification() -> None:
    known = yaml.safe_load((shared_dir("slack") / "limits.yaml").read_text(encoding="utf-8"))
    registry = known["block_kit_registry"]["limits"]
    assert {name: registry[name] for name in LIMITS} == dict(LIMITS)
    assert registry["option.value.max_length"] >= OPTION_VALUE
    assert known["message_budget"]["text_recommended"]["value"] == FALLBACK_TEXT
    assert known["message_budget"]["sum_of_blocks_practical"]["value"] > ALL_BLOCKS


def plain(words: str) -> Json:
    return {"type": "plain_text", "text": words}


def button(**changes: Any) -> Json:
    return {"type": "button", "text": plain("Go"), "action_id": "x:1", "value": "v", **changes}


def overflow(*values: str) -> Json:
    options = [{"text": plain("Go"), "value": value} for value in values]
    return {"type": "overflow", "action_id": "menu:1", "options": options}


def actions(*buttons: Json) -> Json:
    return {"type": "actions", "elements": list(buttons)}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def confirm(**changes: str) -> Json:
    words = {"title": "Sure?", "text": "It goes out.", "confirm": "Yes", "deny": "No", **changes}
    return {name: plain(value) for name, value in words.items()}


DIVIDER: Json = {"type": "divider"}
GOOD: Json = rich({"type": "text", "text": "a"}, {"type": "text", "text": " "})

BROKEN_BLOCKS: dict[str, list[Json]] = {
    "51 blocks": [DIVIDER] * 51,
    "no blocks": [],
    "a header of 151": [{"type": "header", "text": plain("h" * 151)}],
    "a header in mrkdwn": [{"type": "header", "text": {"type": "mrkdwn", "text": "h"}}],
    "an empty header": [{"type": "header", "text": plain(" ")}],
    "a header without text": [{"type": "header"}],
    "a text of 3001": [rich({"type": "text", "text": "t" * 3001})],
    "an empty text": [rich({"type": "text", "text": ""})],
    "an empty section": [rich()],
    "an empty rich text": [{"type": "rich_text", "elements": []}],
    "an empty list": [{"type": "rich_text", "elements": [{"type": "rich_text_list", "elements": []}]}],
    "a link to a script": [rich({"type": "link", "text": "x", "url": "javascript:alert(1)"})],
    "an empty context": [{"type": "context", "elements": []}],
    "eleven texts in a context": [{"type": "context", "elements": [plain("x")] * 11}],
    "an empty row of buttons": [actions()],
    "26 buttons": [actions(*(button(action_id=f"x:{n}") for n in range(26)))],
    "two buttons of one id": [actions(button(), button())],
    "a menu of six": [actions(overflow(*"abcdef"))],
    "a menu of nothing": [actions(overflow())],
    "a choice that says too much": [actions(overflow("a" * 76))],
    "a button without id": [actions(button(action_id=""))],
    "an action id of 256": [actions(button(action_id="a" * 256))],
    "a button of 76": [actions(button(text=plain("b" * 76)))],
    "a button without words": [actions(button(text=plain("")))],
    "a button value of 2001": [actions(button(value="v" * 2001))],
    "a hint of 76": [actions(button(accessibility_label="h" * 76))],
    "a confirmation title of 101": [actions(button(confirm=confirm(title="t" * 101)))],
    "a confirmation of 301": [actions(button(confirm=confirm(text="t" * 301)))],
    "a confirmation button of 31": [actions(button(confirm=confirm(confirm="t" * 31)))],
    "a cancel button of 31": [actions(button(confirm=confirm(deny="t" * 31)))],
    "two blocks of one id": [{**DIVIDER, "block_id": "b"}, {**DIVIDER, "block_id": "b"}],
    "a block id of 256": [{**DIVIDER, "block_id": "b" * 256}],
    "an unknown block": [{"type": "carousel"}],
    "a question in a message": [{"type": "input", "label": plain("l"), "element": {"type": "plain_text_input"}}],
    "10,001 characters": [rich({"type": "text", "text": "t" * 2900})] * 4,
}


@pytest.mark.parametrize("blocks", BROKEN_BLOCKS.values(), ids=BROKEN_BLOCKS.keys())
def test_a_message_that_slack_would_refuse_is_found(blocks: list[Json]) -> None:
    problems = check_message(blocks, "text")
    assert problems
    assert all(problem.endswith(".") for problem in problems)


def test_a_message_within_the_limits_has_no_problem() -> None:
    blocks = [
        {"type": "header", "text": plain("h" * 150)},
        GOOD,
        {"type": "context", "elements": [plain("c" * 3000)]},
        actions(*(button(action_id=f"x:{n}", value="v" * 20) for n in range(25))),
        DIVIDER,
    ]
    assert check_message(blocks, "t" * 4000) == []
    assert check_message([DIVIDER] * 50, "t") == []


@pytest.mark.parametrize("words", ["", "  \n", "t" * 4001])
def test_a_fallback_text_that_slack_would_refuse_or_split_is_found(words: str) -> None:
    assert check_message([DIVIDER], words)


def question(**changes: Any) -> Json:
    element = {"type": "plain_text_input", "action_id": "answer", **changes.pop("element", {})}
    return {"type": "input", "block_id": "q", "label": plain("Label"), "element": element, **changes}


def choice(*options: Json, **changes: Any) -> Json:
    return question(element={"type": "static_select", "options": list(options), **changes})


def option(value: str = "v", label: str = "L") -> Json:
    return {"text": plain(label), "value": value}


def view(*blocks: Json, **changes: Any) -> Json:
    return {"type": "modal", "title": plain("Title"), "submit": plain("Send"), "blocks": list(blocks), **changes}


BROKEN_VIEWS: dict[str, Json] = {
    "no blocks": view(),
    "101 blocks": view(*[DIVIDER] * 101),
    "a title of 25": view(DIVIDER, title=plain("t" * 25)),
    "a submit button of 25": view(DIVIDER, submit=plain("t" * 25)),
    "a close button of 25": view(DIVIDER, close=plain("t" * 25)),
    "metadata of 3001": view(DIVIDER, private_metadata="m" * 3001),
    "a callback id of 256": view(DIVIDER, callback_id="c" * 256),
    "questions without a button": view(question(), submit=None),
    "two questions of one name": view(question(), question()),
    "a label of 2001": view(question(label=plain("l" * 2001))),
    "a hint of 2001": view(question(hint=plain("l" * 2001))),
    "a max_length of 3001": view(question(element={"max_length": 3001})),
    "a text beyond its own length": view(question(element={"max_length": 3, "initial_value": "four"})),
    "no options": view(choice()),
    "101 options": view(choice(*(option(str(n)) for n in range(101)))),
    "an option of 76": view(choice(option(label="l" * 76))),
    "an option value of 76": view(choice(option("v" * 76))),
    "an option value of nothing": view(choice(option(""))),
    "a chosen option that is none": view(choice(option(), initial_option=option("w"))),
    "an unknown element": view(question(element={"type": "datepicker"})),
}


@pytest.mark.parametrize("broken", BROKEN_VIEWS.values(), ids=BROKEN_VIEWS.keys())
def test_a_view_that_slack_would_refuse_is_found(broken: Json) -> None:
    problems = check_view(broken)
    assert problems
    assert all(problem.endswith(".") for problem in problems)


def test_a_view_within_the_limits_has_no_problem() -> None:
    good = view(
        question(element={"max_length": 3000, "initial_value": "x"}),
        {**choice(option("v" * 75, "l" * 75), initial_option=option("v" * 75, "l" * 75)), "block_id": "c"},
        private_metadata="m" * 3000,
    )
    assert check_view(good) == []
