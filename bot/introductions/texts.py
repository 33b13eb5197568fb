"""Every sentence of the introduction journey."""

from __future__ import annotations

from bot.messages import (
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
    bold,
    text,
)
from bot.ports import IntroductionRequest
from digests.calendar import say_when

FORM = "intro"
WITHDRAW = "intro.withdraw"
CONFIRM_WITHDRAWAL = "Take this request back? The coordinators will see that it is closed."

ONLY_COORDINATORS = (
    "Only the coordinators see this. Nobody is told that you asked until a coordinator has found somebody who may help."
)
TOO_SHORT = "Please say a little more (at least 10 characters): who or what would help you?"
TOO_LONG = "Please keep it under 1,500 characters, so that it can be read at a glance."


def form(need: str = "") -> Form:
    """The form in which a member says what they need."""
    return Form(
        FORM,
        "Ask for an introduction",
        "Send to coordinators",
        (
            Field(
                "need",
                "Who or what would help you?",
                FieldKind.PARAGRAPH,
                need,
                "For example: someone who knows about NHS data opt-outs, before our meeting on 14 February.",
                max_length=1500,
            ),
        ),
        text(ONLY_COORDINATORS),
    )


def recorded(request: IntroductionRequest, told: bool) -> Message:
    """What the member hears at once."""
    next_step = (
        "The coordinators have been told, and one of them will get in touch with you."
        if told
        else "There is no coordinator yet, so it waits; whoever becomes one is told at once."
    )
    words = text("Your request is recorded. ", next_step)
    return Message(
        "Your request is recorded.",
        (
            Paragraph(words),
            Paragraph(text(bold("You wrote: "), request.need)),
            Note(text(ONLY_COORDINATORS)),
            Buttons(
                (
                    Button(
                        "Take it back",
                        WITHDRAW,
                        request.id,
                        ButtonStyle.DANGER,
                        confirm=CONFIRM_WITHDRAWAL,
                        hint="Take this request for an introduction back",
                    ),
                )
            ),
        ),
    )


WITHDRAWN = "Your request is taken back, and the coordinators see that it is closed."


def coordinator_card(request: IntroductionRequest, withdrawn: bool = False) -> Message:
    """What coordinators see of a request."""
    name = request.member.name
    heading = "Request for an introduction" + (" (taken back)" if withdrawn else "")
    last = (
        f"{name} has taken this request back. There is nothing to do."
        if withdrawn
        else f"Asked {say_when(request.created_at)}. Only coordinators see this."
    )
    return Message(
        f"{heading} from {name}",
        (Heading(heading), Paragraph(text(bold(name), " writes: ", request.need)), Note(text(last))),
    )
