"""What somebody reads who is asked whether they would like to be introduced."""

from __future__ import annotations

from collections.abc import Sequence

from bot.introductions.model import Ask, AskState, Request, Requester, RequestState
from bot.introductions.reasons import to_candidate
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
    bold,
    say,
    text,
)
from digests.calendar import say_day, say_when

YES, NOT_NOW, NO, BACK, SHOW = "ask.yes", "ask.not_now", "ask.no", "ask.back", "ask.show"
NO_FORM, NOT_NOW_FORM = "ask.no", "ask.not_now"
REASON_AT_MOST = 500
REASON_TOO_LONG = f"Please keep it to {REASON_AT_MOST} characters."

SETTLED = {
    AskState.NOT_NOW: "You said “not now”. Thank you for answering; nobody but the coordinators knows.",
    AskState.NO: "You said no. Thank you for answering; nobody but the coordinators knows.",
    AskState.EXPIRED: "The time for an answer is over, which counts as no. Nobody but the coordinators knows.",
    AskState.WITHDRAWN: "This is no longer needed. There is nothing for you to do, and thank you all the same.",
    AskState.LEFT: "You are not asked about this any more.",
    AskState.TAKEN_BACK: "You have taken your yes back, and are not introduced. Nobody but the coordinators knows.",
}
ANSWERED = {
    AskState.YES: say("Thank you. You are being introduced, and will see it in a moment."),
    AskState.NOT_NOW: say(
        "Thank you. You are not introduced, and nobody but the coordinators knows that you were asked."
    ),
    AskState.NO: say("Thank you. You are not introduced, and nobody but the coordinators knows that you were asked."),
}
OVER = Message(
    "A question that is over",
    (
        Heading("This question is over"),
        Note(text("It has been over for three months, so its words were deleted.")),
    ),
)
NO_LONGER = Message(
    "A question that is over",
    (
        Heading("This question is over"),
        Note(text("It is not needed any more, so its words were deleted. There is nothing for you to do.")),
    ),
)
TOOK_BACK = say("Your yes is taken back, and you are not introduced. Nobody but the coordinators knows.")


def named(requester: Requester) -> str:
    """Who asks: “Alice (Example Charity)”."""
    return f"{requester.name} ({requester.organisation})" if requester.organisation else requester.name


def consent(
    requester: Requester,
    name: str,
    organisation: str,
    shares: Sequence[str],
    email: str,
    *,
    signs_in: bool = False,
    joins: str = "",
) -> str:
    """What a candidate agrees to by a yes, word for word as it is shown.

    ``signs_in``: their account in chat comes with the name by which they sign in. ``joins`` is the name of a
    coordinator who is to be in the conversation; empty: nobody is.
    """
    you = f"your name ({name})" + (f", your organisation ({organisation})" if organisation else "")
    ways = []
    if "chat" in shares:
        ways.append("your account in chat" + (" (in Teams, the name by which you sign in)" if signs_in else ""))
    if "email" in shares and email:
        ways.append(f"your e-mail address ({email})")
    reach = f" and {' and '.join(ways)}" if ways else ""
    with_you = f"{joins}, a coordinator, is in your conversation if it is in chat. " if joins else ""
    return (
        f"If you say yes, {requester.name} learns {you}{reach}, and I bring the two of you together. {with_you}"
        "You can take a yes back until that message has gone out."
    )


def ask_message(request: Request, ask: Ask) -> Message:
    """The private question."""
    who = request.requester
    return Message(
        "Somebody asks to be introduced to you",
        (
            Heading("Would you like to be introduced?"),
            *_about(request, ask),
            Paragraph(text(ask.consent_text)),
            Buttons(_choices(who, ask)),
            Note(text(_until(who, ask))),
        ),
    )


def reminder(request: Request, ask: Ask) -> Message:
    """The one reminder."""
    who = request.requester
    blocks: tuple[Block, ...] = (
        Heading("A reminder: would you like to be introduced?"),
        *_about(request, ask),
        Paragraph(text(ask.consent_text)),
        Buttons(_choices(who, ask)),
        Note(text(_until(who, ask), " I do not remind you again.")),
    )
    return Message("A reminder: somebody asks to be introduced to you", blocks)


def settled(request: Request, ask: Ask) -> Message:
    """The same question once there is nothing left to answer."""
    if ask.state is AskState.YES:
        at = f" on {say_when(ask.answered_at)}" if ask.answered_at else ""
        said = f"You said yes{at}, and agreed: {ask.consent_text}"
        if request.state is RequestState.AGREED:
            back = Button(
                "Take it back",
                BACK,
                ask.id,
                ButtonStyle.DANGER,
                confirm="Take your yes back? You will not be introduced.",
                hint=f"Take your yes to {request.requester.name} back",
            )
            buttons: tuple[Block, ...] = (Buttons((back,)),)
        else:
            buttons = ()
        who = Paragraph(text(bold(named(request.requester)), " asks: ", request.wish.need))
        return Message("You said yes", (Heading("You said yes"), who, Paragraph(text(said)), *buttons))
    return Message(
        "This question is settled", (Heading("This question is settled"), Paragraph(text(SETTLED[ask.state])))
    )


def _about(request: Request, ask: Ask) -> tuple[Block, ...]:
    wish = request.wish
    blocks: list[Block] = [
        Paragraph(text(bold(named(request.requester)), " asks for an introduction, and needs: ", wish.need)),
    ]
    if wish.blurb:
        blocks.append(Paragraph(text(bold(f"About {request.requester.name}: "), wish.blurb)))
    if wish.needed_by:
        blocks.append(Paragraph(text(bold("By: "), say_day(wish.needed_by))))
    if ask.because:
        blocks.append(Paragraph(text(bold("Why you: "), f"{to_candidate(ask.because)}.")))
    if request.note:
        blocks.append(Paragraph(text(bold("A coordinator adds: "), request.note)))
    return tuple(blocks)


def _choices(who: Requester, ask: Ask) -> tuple[Button, ...]:
    confirm = f"Say yes, and be introduced to {who.name[:80]}?"
    return (
        Button("Yes", YES, ask.id, ButtonStyle.PRIMARY, confirm=confirm, hint=f"Yes, introduce me to {who.name}"),
        Button("Not now", NOT_NOW, ask.id, hint=f"Not now: do not introduce me to {who.name}"),
        Button("No", NO, ask.id, hint=f"No: do not introduce me to {who.name}"),
    )


def _until(who: Requester, ask: Ask) -> str:
    until = f"You can answer until {say_when(ask.expires_at)}; silence counts as no. " if ask.expires_at else ""
    return f"{until}{who.name} does not know that you are asked, and does not learn it unless you say yes."


def no_form(ask: Ask) -> Form:
    """No: would you like to say why?"""
    field = Field(
        "reason",
        "Why not?",
        FieldKind.PARAGRAPH,
        hint="Only the coordinators see this.",
        required=False,
        max_length=REASON_AT_MOST,
    )
    intro = text("You will not be introduced, and whoever asked does not learn that you were asked.")
    return Form(NO_FORM, "No, thank you", "Say no", (field,), intro, ask.id)


def not_now_form(ask: Ask) -> Form:
    """Not now: would you like to say when?"""
    field = Field(
        "reason",
        "When would be better, or why not now?",
        FieldKind.PARAGRAPH,
        hint="Only the coordinators see this.",
        required=False,
        max_length=REASON_AT_MOST,
    )
    intro = text("You will not be introduced now, and whoever asked does not learn that you were asked.")
    return Form(NOT_NOW_FORM, "Not now", "Say “not now”", (field,), intro, ask.id)
