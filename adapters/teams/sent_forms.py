"""What was sent in a form, against the form as it was shown: put in order, and checked. Pure.

The client asks for what is needed and counts characters, but nothing says that it was our client.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.teams import texts
from bot.messages import Field, FieldKind, Form, Message, Text, bold, say, text


def put_in_order(form: Form, typed: Mapping[str, str]) -> dict[str, str]:
    """An answer for every question and no other. What was left open may not have been sent at all."""
    return {field.name: _answer(field, typed.get(field.name, "")) for field in form.fields}


def _answer(field: Field, answer: str) -> str:
    if field.kind is not FieldKind.SEVERAL:
        return answer
    # Teams gives them in the order in which they were chosen.
    chosen = {each.strip() for each in answer.split(",")}
    return ",".join(option.value for option in field.options if option.value in chosen)


def wrong_in(form: Form, answers: Mapping[str, str]) -> dict[str, str]:
    """A sentence for each answer that the form does not take."""
    found = {field.name: _wrong(field, answers[field.name]) for field in form.fields}
    return {name: sentence for name, sentence in found.items() if sentence}


def _wrong(field: Field, answer: str) -> str:
    if field.kind is FieldKind.CHOICE and any(option.value == answer for option in field.options):
        return ""
    if not answer.strip():
        return texts.NEEDED if field.required else ""
    if field.kind is FieldKind.CHOICE:
        return texts.NOT_A_CHOICE
    if field.kind is FieldKind.SEVERAL:
        return ""
    # Teams counts a line break as two characters, and so may a browser.
    return texts.too_long(field.max_length) if len(answer) > field.max_length else ""


def given_back(why: str, errors: Mapping[str, str], typed: Mapping[str, str]) -> Message:
    """What is wrong with a form that cannot be shown again, and what was typed, so that it can be used elsewhere."""
    parts: list[Text] = [text("\n", words) for words in typed.values() if words.strip()]
    sentences = " ".join(errors.values())
    return say(bold(why), f" {sentences}", *([f" {texts.GIVEN_BACK}"] if parts else []), *parts)
