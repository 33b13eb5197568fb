"""What whoever asks for an introduction reads. Nothing here may differ by what becomes of a request before its date."""

from __future__ import annotations

from bot.introductions.model import Request
from bot.messages import (
    Block,
    Button,
    Buttons,
    ButtonStyle,
    Field,
    FieldKind,
    Form,
    Heading,
    Message,
    Note,
    Paragraph,
    Text,
    bold,
    code,
    plain,
    text,
)
from digests.calendar import london_day, say_day, say_when

FORM = "intro"
WITHDRAW = "intro.withdraw"
CONFIRM_WITHDRAWAL = "Take this request back? The coordinators will see that it is closed."
NEED_AT_LEAST, NEED_AT_MOST, BLURB_AT_MOST, LINE_AT_MOST = 10, 1500, 700, 200

CONSENT = plain(
    text(
        "By sending this you agree that the coordinators see it, and that those whom they ask see your name, your "
        "organisation, what you need and what you say about yourself. Whoever of them says yes is introduced to you, "
        "and then learns your account in chat (in Teams, the name by which you sign in) and the e-mail address that "
        "you give below, if you give one. A coordinator may be in your conversation too. You can take it back until "
        "an introduction has gone out."
    )
)
"""What a requester agrees to, word for word as the form shows it. Change CONSENT_REVISION with it."""
CONSENT_REVISION = 2
CAREFUL = "Please write nothing here about anybody’s health, beliefs or other sensitive matters."

TOO_SHORT = "Please say a little more (at least 10 characters): who or what would help you?"
TOO_LONG = "Please keep it under 1,500 characters, so that it can be read at a glance."
BLURB_NEEDED = "Please say in a sentence or two who you are, so that whoever is asked can judge."
BLURB_TOO_LONG = f"Please keep it under {BLURB_AT_MOST:,} characters."
LINE_TOO_LONG = f"Please keep it to {LINE_AT_MOST} characters."
NO_DATE = "That is not a day that I understand. Write for example 14 February, or 2025-02-14."
PAST_DATE = "That day is over. Please give a day to come, or leave it empty."
NO_EMAIL = "That is not an e-mail address. Please correct it, or leave it empty."


def form(values: dict[str, str], value: str = "", *, name: str = FORM, before: tuple[Field, ...] = ()) -> Form:
    """The form in which somebody says what they need, filled with these values."""

    def line(key: str, label: str, hint: str = "") -> Field:
        return Field(key, label, FieldKind.LINE, values.get(key, ""), hint, required=False, max_length=LINE_AT_MOST)

    def lines(key: str, label: str, hint: str, most: int) -> Field:
        return Field(key, label, FieldKind.PARAGRAPH, values.get(key, ""), hint, max_length=most)

    whose = "them" if before else "yourself"
    fields = (
        lines(
            "need",
            "Who or what would help?" if before else "Who or what would help you?",
            "For example: someone who knows about NHS data opt-outs, before our meeting on 14 February.",
            NEED_AT_MOST,
        ),
        lines("blurb", f"A few lines about {whose}, which are shown to those who are asked", "", BLURB_AT_MOST),
        line("needed_by", "By when?", "For example: 14 February"),
        line("prefer", "Organisations you would prefer", "Commas between them"),
        line("avoid", "Organisations to avoid", "Commas between them. Only the rules see this."),
    )
    if before:
        return Form(name, "Record a request", "Record it", (*before, *fields), text(CAREFUL), value)
    mine = (
        line("organisation", "Your organisation"),
        line("email", "An e-mail address for whoever says yes"),
    )
    return Form(name, "Ask for an introduction", "Send to coordinators", (*fields, *mine), text(CONSENT, " ", CAREFUL),
                value)  # fmt: skip


def recorded(request: Request, told: bool) -> Message:
    """What the requester hears at once."""
    next_step = (
        "The coordinators have been told."
        if told
        else "There is no coordinator yet, so it waits; whoever becomes one is told at once."
    )
    blocks: tuple[Block, ...] = (
        Paragraph(text("Your request is recorded. ", next_step)),
        Paragraph(text(bold("You wrote: "), request.wish.need)),
        Paragraph(text(promise(request))),
        Buttons((take_back(request),)),
    )
    return Message("Your request is recorded.", blocks)


def promise(request: Request) -> str:
    """When they hear at the latest."""
    day = say_day(london_day(request.answer_at))
    return (
        f"If somebody agrees, the two of you are introduced straight away. If not, you hear so on {day}, and not "
        "before, whatever the reason."
    )


def take_back(request: Request) -> Button:
    """The button with which a request is taken back."""
    return Button(
        "Take it back",
        WITHDRAW,
        request.id,
        ButtonStyle.DANGER,
        confirm=CONFIRM_WITHDRAWAL,
        hint="Take this request for an introduction back",
    )


WITHDRAWN = "Your request is taken back, and the coordinators see that it is closed."


def no_introduction(request: Request) -> Message:
    """What they hear on their date: always in these words, whatever the cause."""
    asked = say_day(london_day(request.created_at))
    return Message(
        "There is no introduction this time.",
        (
            Heading("No introduction this time"),
            Paragraph(text(f"There is no introduction this time for what you asked on {asked}: ", request.wish.need)),
            Note(text("I never say why. You are welcome to ask again with ", code("/intro"), " at any time.")),
        ),
    )


def standing(request: Request) -> Text:
    """One line about an open request, for the home of whoever asked."""
    day = say_day(london_day(request.answer_at))
    return text(f"Asked {say_when(request.created_at)}. You hear by {day}.")
