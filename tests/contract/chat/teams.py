"""Teams in the contract of chat folders: cards and dialogs out, held to Microsoft's schema; its invokes in."""

from __future__ import annotations

import importlib.resources
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from jsonschema import Draft6Validator

from adapters.teams.asks import read_dialog, read_execute, read_origin
from adapters.teams.escaping import SIGNS
from adapters.teams.limits import check_card
from adapters.teams.pieces import in_pieces
from adapters.teams.render import field_of, filled, render_form, render_message
from bot.messages import Ask, Form, Message
from tests.builders import NOW
from tests.contract.chat.platform import Filled, Question, Seen, answers, every
from tests.fakes.teams_record import actions_on, inputs_on

Json = dict[str, Any]

_ACTIVITY: Json = {
    "type": "invoke",
    "id": "f:1",
    "channelId": "msteams",
    "serviceUrl": "https://smba.trafficmanager.net/emea/",
    "from": {"id": "29:alice", "aadObjectId": "a1", "name": "Alice"},
    "recipient": {"id": "28:app", "name": "Convenor"},
    "conversation": {"id": "19:c@thread.tacv2;messageid=171", "conversationType": "channel", "isGroup": True},
    "channelData": {"tenant": {"id": "t1"}, "team": {"id": "19:t@thread.tacv2"}},
    "replyToId": "172",
}
# What a Markdown reader or a template engine would take for more than words.
_MARKUP = re.compile(r"[\\`*_\[\]<>~|@]|&[#\w]|://|\w\.[^\W\d]|^(?:[-+=#]|\d+[.)])")
_MACRO = re.compile(r"\{\{|\$\{")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_SHOWN = ("text", "title", "tooltip", "label", "errorMessage", "speak", "fallbackText", "placeholder")

_FREE = frozenset({*_SHOWN, "id", "value", "verb", "action", "url", "form"})


class Teams:
    """Fulfils ``Platform``."""

    name = "teams"

    def pieces(self, message: Message) -> Sequence[Message]:
        return in_pieces(message)

    def see(self, message: Message) -> Seen:
        # Each button both as one that does something and as one that opens a form.
        opening = _seen(render_message(message, lambda action, value: True).card)
        plain = _seen(render_message(message).card)
        same = [(ask.name, ask.value) for ask in opening.asks] == [(ask.name, ask.value) for ask in plain.asks]
        odd = [] if same else ["A button means something else where it opens a form."]
        return Seen(plain.words, plain.links, [*plain.broken, *opening.broken, *odd], plain.asks)

    def fill(
        self, form: Form, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
    ) -> Sequence[Filled]:
        card, dialog = render_form(form), render_form(form, where="dialog")
        shown = [_sent(card, typed or {}, form.title), _sent(dialog, typed or {}, form.title)]
        if errors:
            wrong = filled(form, shown[0].ask.fields)
            for card in (render_form(wrong, errors=errors), render_form(wrong, errors=errors, where="dialog")):
                shown.append(replace(_sent(card, {}, form.title), again=True))
        return shown


def _seen(card: Json) -> Seen:
    card = json.loads(json.dumps(card))
    actions = [action for action, _ in actions_on(card)]
    return Seen(
        words="\n".join(_words(card)),
        links=[action["url"] for action in actions if action["type"] == "Action.OpenUrl"],
        broken=[*check_card(card), *_against_schema(card), *_unsafe(card)],
        asks=[_press(action) for action in actions if action["type"] in ("Action.Execute", "Action.Submit")],
    )


def _sent(card: Json, typed: Mapping[str, str], title: str) -> Filled:
    questions = [_question(one) for one in inputs_on(card["body"])]
    given = {f"f:{name}": value for name, value in answers(questions, typed).items()}
    send, *others = [action for action, _ in actions_on(card) if action["type"] != "Action.OpenUrl"]
    data = {**send["data"], **given}
    if send["type"] == "Action.Execute":
        value = {"action": {"type": send["type"], "verb": send["verb"], "data": data}}
        read = read_execute
    else:
        value = {"data": data}
        read = read_dialog
    activity = {**_ACTIVITY, "value": json.loads(json.dumps(value))}
    # A dialog says itself what it is called.
    seen = Seen(
        f"{title}\n" + "\n".join(_words(card)), broken=[*check_card(card), *_against_schema(card), *_unsafe(card)]
    )
    assert all(action["verb"] == "form-cancel" for action in others)
    return Filled(seen, read(activity, read_origin(activity), NOW).ask)


def _question(question: Json) -> Question:
    name, value = field_of(question["id"]), question.get("value", "")
    if question["type"] == "Input.Text":
        return Question(name, value, most=question["maxLength"])
    choices = [choice["value"] for choice in question["choices"]]
    return Question(name, value, choices, several=question.get("isMultiSelect", False))


def _press(action: Json) -> Ask:
    """What Teams sends for a button: an action of its own, or the request for the dialog that it opens."""
    if action["type"] == "Action.Execute":
        value = {"action": {"type": action["type"], "verb": action["verb"], "data": action["data"]}}
        activity = {**_ACTIVITY, "name": "adaptiveCard/action", "value": value}
        return read_execute(activity, read_origin(activity), NOW).ask
    assert action["data"]["msteams"] == {"type": "task/fetch"}
    activity = {**_ACTIVITY, "name": "task/fetch", "value": {"data": action["data"], "context": {"theme": "default"}}}
    return read_dialog(activity, read_origin(activity), NOW).ask


@cache
def _validator() -> Draft6Validator:
    schema = importlib.resources.files("adaptive_cards") / "schemas" / "schema-1.5.json"
    return Draft6Validator(json.loads(schema.read_text(encoding="utf-8")))


def _against_schema(card: Json) -> Iterator[str]:
    # Teams's own addition to the schema.
    assert card["msteams"] == {"width": "Full"}
    outer = {name: value for name, value in card.items() if name != "msteams"}
    for part in ("body", "actions"):
        for element in outer.get(part) or ():
            shape = json.dumps(_shape(element), sort_keys=True)
            yield from _shape_against_schema(json.dumps(_shape({**outer, "body": [], "actions": []})), part, shape)


@cache
def _shape_against_schema(outer: str, part: str, element: str) -> tuple[str, ...]:
    card = {**json.loads(outer), part: [json.loads(element)]}
    return tuple(f"Against the schema of cards: {error.message[:400]}" for error in _validator().iter_errors(card))


def _shape(value: object, name: str = "") -> object:
    """What the schema looks at: it takes any words for others, and each element of a list for itself."""
    if isinstance(value, dict):
        return {key: _shape(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [json.loads(one) for one in dict.fromkeys(json.dumps(_shape(inner), sort_keys=True) for inner in value)]
    return "x" if isinstance(value, str) and name in _FREE else value


def _unsafe(card: Json) -> Iterator[str]:
    for one in every(card):
        kind = one.get("type")
        if {"entities", "mentioned", "iconUrl", "regex", "inlineAction"} & set(one):
            yield f"There is more than words in {kind}."
        for name in _SHOWN:
            words = one.get(name)
            if not isinstance(words, str):
                continue
            if _MACRO.search(words) or _UNSEEN.search(words):
                yield f"Teams would read more than words in {name} {words[:80]!r}."
            # What is behind rich text and titles of buttons is never read as Markdown.
            plain = kind == "TextRun" or str(kind).startswith("Action.")
            if not plain and _MARKUP.search(words.removesuffix(" (optional)")):
                yield f"Teams would read Markdown in {name} {words[:80]!r}."


_SIGNS_BACK = {ord(shown): chr(sign) for sign, shown in SIGNS.items() if isinstance(shown, str)}


def _words(node: object) -> Iterator[str]:
    """Everything that a card says, top to bottom, with signs that stand for others turned back."""
    if isinstance(node, list):
        for part in node:
            yield from _words(part)
    elif isinstance(node, dict):
        if node.get("type") == "RichTextBlock":
            yield "".join(run["text"] for run in node["inlines"])
            return
        for name in ("text", "title", "label", "value"):
            if isinstance(words := node.get(name), str):
                yield words.translate(_SIGNS_BACK)
        for name in ("body", "items", "choices", "actions", "card"):
            yield from _words(node.get(name))
