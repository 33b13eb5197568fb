"""Slack in the contract of chat folders: blocks and views out, the payloads of its client in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from adapters.slack.asks import read_press, read_submission
from adapters.slack.limits import check_message, check_view
from adapters.slack.pieces import in_pieces
from adapters.slack.render import escape, field_of, render_form, render_message, render_returned_form
from bot.messages import Ask, Form, Message
from tests.builders import NOW
from tests.contract.chat.platform import Filled, Question, Seen, answers, every

Json = dict[str, Any]

TEAM, CHANNEL, SHOWN = "T01", "C01", "1.2"
_PERSON: Json = {
    "type": "block_actions",
    "team": {"id": TEAM},
    "user": {"id": "U01", "name": "alice"},
    "trigger_id": "1.2.x",
}


class Slack:
    """Fulfils ``Platform``."""

    name = "slack"

    def pieces(self, message: Message) -> Sequence[Message]:
        return in_pieces(message)

    def see(self, message: Message) -> Seen:
        made = render_message(message)
        broken = check_message(made.blocks, made.text)
        if escape(made.text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) != made.text:
            broken.append("The fallback text is not escaped.")
        return _seen(made.blocks, broken)

    def fill(
        self, form: Form, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
    ) -> Sequence[Filled]:
        view = render_form(form, channel=CHANNEL, thread_ts=SHOWN)
        first, sent = _sent(view, typed or {})
        if not errors:
            return [first]
        again, _ = _sent(render_returned_form(sent, errors), {})
        return [first, replace(again, again=True)]


def _seen(blocks: Sequence[Json], broken: Sequence[str]) -> Seen:
    # What Slack is given is JSON, whatever it was before.
    blocks = json.loads(json.dumps(list(blocks)))
    return Seen(
        words="".join(_words(blocks)),
        links=[str(one["url"]) for one in every(blocks) if one.get("type") == "link"],
        broken=[*broken, *_unsafe(blocks)],
        asks=[_press(element) for element in _pressed(blocks)],
    )


def _sent(view: Json, typed: Mapping[str, str]) -> tuple[Filled, Json]:
    values = {}
    blocks = {block["block_id"]: block for block in view["blocks"] if block["type"] == "input"}
    questions = [_question(block) for block in blocks.values()]
    given = answers(questions, typed)
    for block_id, block in blocks.items():
        element = block["element"]
        values[block_id] = {element["action_id"]: _answer(element, given[field_of(block_id)])}
    sent = {**view, "id": "V1", "state": {"values": values}}
    payload = {**_PERSON, "type": "view_submission", "view": sent}
    seen = _seen(view["blocks"], check_view(view))
    ask = read_submission(json.loads(json.dumps(payload)), TEAM, NOW).ask
    title = view["title"]["text"] + " " + view["submit"]["text"]
    return Filled(Seen(f"{title} {seen.words}", seen.links, seen.broken, seen.asks), ask), sent


def _question(block: Json) -> Question:
    element = block["element"]
    name = field_of(block["block_id"])
    if element["type"] == "plain_text_input":
        return Question(name, element.get("initial_value", ""), most=element.get("max_length"))
    choices = [option["value"] for option in element["options"]]
    if element["type"] == "multi_static_select":
        chosen = [option["value"] for option in element.get("initial_options", ())]
        return Question(name, ",".join(chosen), choices, several=True)
    return Question(name, (element.get("initial_option") or {}).get("value", ""), choices)


def _answer(element: Json, value: str) -> Json:
    if element["type"] == "plain_text_input":
        return {"type": element["type"], "value": value or None}
    if element["type"] == "multi_static_select":
        options = [option for option in element["options"] if option["value"] in value.split(",")]
        return {"type": element["type"], "selected_options": options}
    option = next((option for option in element["options"] if option["value"] == value), None)
    return {"type": element["type"], "selected_option": option}


def _pressed(blocks: Sequence[Json]) -> Iterator[Json]:
    """What Slack's client sends for each button and each choice of a menu."""
    for element in (one for block in blocks if block["type"] == "actions" for one in block["elements"]):
        if element["type"] == "overflow":
            for option in element["options"]:
                yield {"type": "overflow", "action_id": element["action_id"], "selected_option": option}
        else:
            yield {name: element[name] for name in ("type", "action_id", "value") if element.get(name) is not None}


def _press(element: Json) -> Ask:
    where = {"container": {"message_ts": SHOWN, "is_ephemeral": False}, "channel": {"id": CHANNEL}}
    return read_press({**_PERSON, **where, "actions": [element]}, TEAM, NOW).ask


def _words(value: object) -> Iterator[str]:
    for one in every(value):
        if isinstance(one.get("text"), str):
            yield f"{one['text']}" if one.get("type") in ("text", "link") else f"\n{one['text']}\n"
        elif one.get("type") in ("rich_text_section", "plain_text_input"):
            yield "\n" + str(one.get("initial_value", ""))


def _unsafe(value: object) -> Iterator[str]:
    for one in every(value):
        if one.get("type") == "mrkdwn":
            yield f"Slack would parse {one.get('text')!r}."
        if one.get("type") == "plain_text" and one.get("emoji") is not False:
            yield f"Slack would make pictures of words between colons in {one.get('text')!r}."
