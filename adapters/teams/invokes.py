"""The answers that Teams takes to an invoke: a short note, a card in place, a dialog, results of a search. Pure.

Whether Teams reads Markdown in these sentences is not documented, so they are given as though it does.
"""

from __future__ import annotations

from typing import Any, Final

from adapters.teams.escaping import unmarked
from adapters.teams.send import CARD
from bot.legible import cut
from bot.messages import FieldKind, Form

Json = dict[str, Any]

_NOTE: Final = "application/vnd.microsoft.activity.message"
_DIALOG_TITLE: Final = 64
_TALL: Final = 3


def note(words: str) -> Json:
    """A short sentence that only whoever pressed sees, for a while."""
    return {"statusCode": 200, "type": _NOTE, "value": unmarked(words)}


def card_in_place(card: Json) -> Json:
    """A card that whoever pressed sees in the place of the one that they pressed."""
    return {"statusCode": 200, "type": CARD, "value": card}


def dialog(title: str, card: Json, *, tall: bool = False) -> Json:
    """A dialog that is opened, or goes on."""
    shown = {
        "title": cut(title, _DIALOG_TITLE),
        "height": "large" if tall else "medium",
        "width": "medium",
        "card": {"contentType": CARD, "content": card},
    }
    return {"task": {"type": "continue", "value": shown}}


def form_dialog(form: Form, card: Json) -> Json:
    """A form as a dialog, as tall as its questions need."""
    long = sum(2 if field.kind is FieldKind.PARAGRAPH else 1 for field in form.fields)
    return dialog(form.title, card, tall=long > _TALL)


def dialog_says(words: str) -> Json:
    """A dialog that shows a sentence and a button to close it."""
    return {"task": {"type": "message", "value": unmarked(words)}}


def extension_says(words: str) -> Json:
    """A search that shows a sentence instead of results."""
    return {"composeExtension": {"type": "message", "text": unmarked(words)}}


def results(found: list[Json]) -> Json:
    """The results of a search, as :func:`result` makes each."""
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": found}}


def result(card: Json, title: str, about: str) -> Json:
    """One result: the card that is put into the message that is being written, and its line in the list."""
    return {
        "contentType": CARD,
        "content": card,
        "preview": {
            "contentType": "application/vnd.microsoft.card.thumbnail",
            "content": {"title": title, "text": about},
        },
    }
