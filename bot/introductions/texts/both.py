"""What the two read who are brought together."""

from __future__ import annotations

from dataclasses import dataclass

from bot.introductions.model import Met, Request, Way
from bot.introductions.texts.candidate import named
from bot.messages import (
    Block,
    Button,
    Buttons,
    ButtonStyle,
    ChatLink,
    Heading,
    Message,
    Note,
    Paragraph,
    bold,
    say,
    text,
)
from digests.model import Address

MET = {Met.YES: "met.yes", Met.NOT_YET: "met.not_yet", Met.NO: "met.no"}
_LABELS = {Met.YES: "Yes, we met", Met.NOT_YET: "Not yet", Met.NO: "No"}
_FIRST = "Please write first: say when you could talk, and what would help you most."
SAID_MET = say("Thank you, that is noted. It is only counted, and never shown with a name.")


@dataclass(frozen=True, slots=True)
class Introduced:
    """Whoever said yes, as both are told."""

    name: str
    organisation: str = ""

    @property
    def named(self) -> str:
        """“Carol (Patients Trust)”."""
        return f"{self.name} ({self.organisation})" if self.organisation else self.name


def together(request: Request, who: Introduced, way: Way, joins: str = "") -> Message:
    """The opening message where both read the same. ``joins`` is the name of a coordinator who reads it too, if any."""
    requester = request.requester
    answer = " Please reply to all, which leaves me out." if way is Way.MAIL else ""
    return Message(
        f"{requester.name}, meet {who.name}",
        (
            Heading(f"{requester.name}, meet {who.name}"),
            *_what(request),
            Paragraph(text(bold(who.named), f" has agreed to be introduced to {requester.name}.")),
            Paragraph(text(_first(request, who), answer)),
            *([Paragraph(text(f"{joins}, who brought you together, is here too."))] if joins else []),
        ),
    )


def for_requester(
    request: Request, who: Introduced, reach: str, people: tuple[Address, ...] = (), joins: str = ""
) -> Message:
    """Where I cannot open one place for the two: how the requester reaches whoever said yes.

    Without ``reach`` they cannot, and the other writes first. ``people`` are those whom a link to their chat names;
    ``joins`` is the name of a coordinator among them, if any.
    """
    first = (
        f"You reach {who.name} {reach}. {_FIRST}"
        if reach
        else f"{who.name} has been told how to reach you, and writes first."
    )
    return Message(
        f"{request.requester.name}, meet {who.name}",
        (
            Heading(f"{request.requester.name}, meet {who.name}"),
            *_what(request),
            Paragraph(text(bold(who.named), " has agreed to be introduced to you.")),
            Paragraph(text(first)),
            *_chat(request, who, who.name, people, joins),
        ),
    )


def for_candidate(
    request: Request,
    who: Introduced,
    reach: str,
    people: tuple[Address, ...] = (),
    joins: str = "",
    *,
    writes_first: bool,
) -> Message:
    """The same for whoever said yes; ``writes_first`` where the requester cannot."""
    requester = request.requester
    how = f" You reach {requester.name} {reach}." if reach else ""
    first = (
        f"Please write first: {requester.name} expects to hear from you."
        if writes_first
        else f"{requester.name} has been told how to reach you, and writes first."
    )
    return Message(
        f"{who.name}, meet {requester.name}",
        (
            Heading(f"{who.name}, meet {requester.name}"),
            *_what(request),
            Paragraph(text(f"{first}{how}")),
            *_chat(request, who, requester.name, people, joins),
        ),
    )


def did_you_meet(request: Request, other: str) -> Message:
    """Two weeks later, once."""
    buttons = tuple(
        Button(
            label,
            MET[met],
            request.id,
            ButtonStyle.PRIMARY if met is Met.YES else ButtonStyle.NORMAL,
            hint=f"{label}: {other}",
        )
        for met, label in _LABELS.items()
    )
    return Message(
        "Did you meet?",
        (
            Heading("Did you meet?"),
            Paragraph(text(f"Two weeks ago I introduced you and {other}. Did the two of you meet, or talk?")),
            Buttons(buttons),
            Note(text("It is only counted. I ask this once.")),
        ),
    )


def _chat(request: Request, who: Introduced, other: str, people: tuple[Address, ...], joins: str) -> tuple[Block, ...]:
    """The link that opens their chat, for the one who is to meet ``other``."""
    if not people:
        return ()
    also = f" and {joins}, who brought you together" if joins else ""
    topic = f"{request.requester.name} and {who.name}"
    return (ChatLink(f"Open a chat with {other}{also}", people, topic, "Hello, Convenor has introduced us."),)


def _what(request: Request) -> tuple[Block, ...]:
    requester, wish = request.requester, request.wish
    asked = Paragraph(text(bold(named(requester)), " asked: ", wish.need))
    return (asked, Paragraph(text(bold(f"About {requester.name}: "), wish.blurb))) if wish.blurb else (asked,)


def _first(request: Request, who: Introduced) -> str:
    nothing = f"{who.name}, there is nothing for you to do until then."
    return f"{request.requester.name}, {_FIRST[0].lower()}{_FIRST[1:]} {nothing}"
