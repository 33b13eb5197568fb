"""Our numbers are those of Teams, and each limit of a card is found when it is broken."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.teams.limits import CARD_BYTES, PRIMARY_ACTIONS, check_card, size, too_large

Json = dict[str, Any]

PRESS: Json = {"type": "Action.Execute", "title": "Press", "verb": "press"}
ASKED: Json = {"type": "Input.Text", "id": "f:need", "label": "Your need", "maxLength": 5, "value": "12345"}
CHOICE: Json = {
    "type": "Input.ChoiceSet",
    "id": "f:kind",
    "label": "Which",
    "choices": [{"title": "One", "value": "1"}, {"title": "Two", "value": "2"}],
    "value": "2",
}


def a_card(*elements: Json, **changes: Any) -> Json:
    said: Json = {"type": "TextBlock", "text": "Hello"}
    return {"type": "AdaptiveCard", "version": "1.5", "body": [said, *elements], **changes}


def runs(*inlines: Json) -> Json:
    return {"type": "RichTextBlock", "inlines": list(inlines)}


def link(url: str, kind: str = "Action.OpenUrl") -> Json:
    return {"type": "TextRun", "text": "Here", "selectAction": {"type": kind, "url": url}}


def asks(title: str, card: Json) -> Json:
    return {"type": "Action.ShowCard", "title": title, "card": card}


INNER = {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "Sure?"}], "actions": [PRESS]}


def test_a_card_within_the_limits_has_no_problem() -> None:
    several = {**CHOICE, "id": "f:more", "isMultiSelect": True, "value": "1,2"}
    row = {"type": "ActionSet", "actions": [PRESS] * PRIMARY_ACTIONS + [{**PRESS, "mode": "secondary"}] * 3}
    held = {"type": "Container", "items": [runs(link("https://example.org/"))]}
    assert check_card(a_card(ASKED, CHOICE, several, row, held, actions=[PRESS, asks("Close", INNER)])) == []


BROKEN: dict[str, tuple[Json, str]] = {
    "no card": (a_card(type="Message"), "This is no card."),
    "a newer version": (a_card(version="1.6"), "The card's version is not 1.5."),
    "nothing in it": (a_card(body=[]), "There is nothing in the card."),
    "a picture": (a_card({"type": "Image", "url": "https://example.org/a"}), "Nothing is known of element 2 (Image)."),
    "blank words": (a_card({"type": "TextBlock", "text": " "}), "nothing but blank in element 2"),
    "no words": (a_card(runs()), "There is nothing in element 2"),
    "an empty run": (a_card(runs({"type": "TextRun", "text": ""})), "an empty text in element 2"),
    "a script": (a_card(runs(link("javascript:alert(1)"))), "is not an http(s) address"),
    "a local file": (a_card(actions=[{**PRESS, "type": "Action.OpenUrl", "url": "file:///etc"}]), "is not an http(s)"),
    "a word that acts": (a_card(runs(link("https://example.org", "Action.Execute"))), "does more than open a page"),
    "a hidden link": (a_card({"type": "Container", "items": [runs(link("data:x"))]}), "is not an http(s) address"),
    "an empty row": (a_card({"type": "ActionSet", "actions": []}), "There is nothing in element 2"),
    "too many buttons": (a_card(actions=[PRESS] * 7), "There are 7 buttons in the card; Teams shows 6."),
    "an unknown button": (a_card(actions=[{**PRESS, "type": "Action.Http"}]), "Nothing is known of Action.Http"),
    "a button without words": (a_card(actions=[{**PRESS, "title": " "}]), "nothing but blank in a button"),
    "a button for nothing": (a_card(actions=[{**PRESS, "verb": ""}]), "does not say what it does"),
    "a card in a card in a card": (
        a_card(actions=[asks("Close", {**INNER, "actions": [asks("Sure", INNER)]})]),
        "card within a card within a card",
    ),
    "a broken inner card": (a_card(actions=[asks("Close", {**INNER, "body": []})]), "There is nothing in the card."),
    "one id twice": (a_card(ASKED, ASKED), "stands twice in one card"),
    "no id": (a_card({**ASKED, "id": ""}), "nothing but blank in the id"),
    "a question without words": (a_card({**ASKED, "label": ""}), "nothing but blank in the label"),
    "too long a text": (a_card({**ASKED, "value": "1234😀"}), "longer than it may become"),
    "no choices": (a_card({**CHOICE, "choices": [], "value": ""}), "nothing to choose from"),
    "one choice twice": (a_card({**CHOICE, "choices": [CHOICE["choices"][1]] * 2}), "mean the same"),
    "a choice without words": (
        a_card({**CHOICE, "choices": [{"title": "", "value": "2"}]}),
        "nothing but blank in a choice",
    ),
    "an unknown choice": (a_card({**CHOICE, "value": "3"}), "is not one of its choices"),
    "several where one is chosen": (a_card({**CHOICE, "value": "1,2"}), "is not one of its choices"),
}


@pytest.mark.parametrize(("card", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_a_card_that_teams_would_refuse_or_show_in_part_is_found(card: Json, sentence: str) -> None:
    problems = check_card(card)
    assert len(problems) == 1, problems
    assert sentence in problems[0]


def test_a_card_has_at_most_25_000_bytes_as_it_goes_out() -> None:
    card = a_card({"type": "TextBlock", "text": ""})
    room = CARD_BYTES - size(card)
    card["body"][1]["text"] = "x" * room
    assert too_large(card) == []
    card["body"][1]["text"] = "x" * (room - 1) + "é"
    assert too_large(card) == ["The card has 25,001 bytes; 25,000 is what Teams surely takes."]
