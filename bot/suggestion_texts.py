"""Every sentence that a member reads about the links that they suggest."""

from __future__ import annotations

from bot.messages import Field, FieldKind, Form, Message, bold, code, say, text
from digests.calendar import say_day, say_when
from digests.model import Edition, Entry, Suggestion
from digests.suggestions import WHY_AT_MOST, Fate
from digests.told import Told

FORM = "suggestion"
FROM_MESSAGE = "suggest.message"
"""The action of what suggests the link in somebody's message; chat folders offer it in their own way."""

WHO_SEES = "The editors see your name and what you write; readers do not."
NO_ADDRESS = "Please give the address of a page, such as https://www.example.org/a-page."
TOO_LONG = f"Please keep it to {WHY_AT_MOST} characters."


def form(url: str = "", why: str = "") -> Form:
    """The form in which a member suggests a link."""
    return Form(
        FORM,
        "Suggest a link",
        "Suggest",
        (
            Field("url", "Address", value=url, hint="For example https://www.example.org/a-page.", max_length=2000),
            Field(
                "why",
                "Why should the network read it?",
                FieldKind.PARAGRAPH,
                why,
                "A sentence is enough.",
                required=False,
                max_length=WHY_AT_MOST,
            ),
        ),
        text(WHO_SEES),
    )


def received(suggestion: Suggestion, edition: Edition | None, entry: Entry | None, told: Told | None) -> Message:
    """A suggestion was recorded."""
    parts: list[str] = []
    if entry is not None and edition is not None and entry in edition.content.included:
        parts.append(
            f" is in the draft of {_name(edition)} already. The editors see that you suggested it as well, and you "
            "hear here when it is published. "
        )
    elif entry is not None:
        parts.append(
            " is before the editors already, who had not made up their minds. They see that you suggest it, and you "
            "hear here what becomes of it. "
        )
    else:
        when = f"for the edition of {say_day(edition.due_on)}" if edition else "for the next edition"
        parts.append(f" is with the editors {when}, and you hear here what becomes of it. ")
    if told is not None:
        parts.append(f"It stood in edition {told.number} ({say_day(told.due_on)}) before, and they see that too. ")
    return say("Thank you: ", bold(_title(suggestion)), *parts, WHO_SEES)


def again(suggestion: Suggestion) -> Message:
    """The same member suggested the same link before."""
    return say(
        "You suggested ", bold(_title(suggestion)), f" on {say_when(suggestion.suggested_at)}, and the editors have it "
        "before them. Nothing was recorded a second time; you hear here what becomes of it."
    )  # fmt: skip


def became(suggestion: Suggestion, fate: Fate, edition: Edition | None) -> Message:
    """What became of a suggestion, told once."""
    title = bold(_title(suggestion))
    match fate:
        case Fate.ADDED:
            where = f" was added to the draft of {_name(edition)}." if edition else " was added to the draft."
            return say(title, ", which you suggested,", where, " You hear here when it is published.")
        case Fate.PUBLISHED:
            where = f" is in {_name(edition)}, which is out now." if edition else " is published now."
            return say(title, ", which you suggested,", where, " Thank you. ", code("/digest"), " shows it.")
        case Fate.CARRIED:
            where = f"{_name(edition)}, due on {say_day(edition.due_on)}" if edition else "the next one"
            return say(
                "The last edition went out without ", title, ", which you suggested. The editors have it before them "
                f"again for {where}. You need not do anything."
            )  # fmt: skip
        case Fate.DECLINED:
            reason = f" An editor writes: “{suggestion.reason}”" if suggestion.reason else ""
            return say(
                title,
                ", which you suggested, will not be in the digest this time.",
                reason,
                " Thank you all the same: please go on suggesting.",
            )


def _title(suggestion: Suggestion) -> str:
    return suggestion.title or suggestion.url


def _name(edition: Edition) -> str:
    return f"{edition.content.title} {edition.number}"
