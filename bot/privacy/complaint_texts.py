"""Every sentence about a complaint: the form, what the member hears, what coordinators see."""

from __future__ import annotations

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
    code,
    link,
    plain,
    say,
    text,
)
from bot.privacy.model import Complaint
from bot.privacy.notice import COMPLAIN, ICO
from bot.privacy.retention import COMPLAINT_DAYS
from digests.calendar import london_day, say_day, say_when

FORM, ANSWER_FORM = COMPLAIN, "complaint.answer"
READ, ANSWER = "complaint.read", "complaint.answer"
WORDS, REPLY = "words", "reply"
AT_LEAST, AT_MOST = 10, 3000

TOO_SHORT = f"Please say a little more (at least {AT_LEAST} characters): what happened, and what would put it right?"
TOO_LONG = f"Please keep it to {AT_MOST:,} characters."
TO_THE_ICO = (
    "If you are not content, or would rather not wait, you can complain to the Information Commissioner’s Office at "
    "any time: "
)


def form(typed: str = "") -> Form:
    """What is wrong?"""
    return Form(
        FORM,
        "Complain",
        "Send",
        (
            Field(
                WORDS,
                "What is wrong with how your data are handled, and what would put it right?",
                FieldKind.PARAGRAPH,
                typed,
                max_length=AT_MOST,
            ),
        ),
        text(
            "Only the coordinators can read it. You get a reference at once, and an answer from a person within "
            f"{COMPLAINT_DAYS} days."
        ),
    )


def received(complaint: Complaint) -> Message:
    """What the member hears at once, and keeps in their messages."""
    words = text(
        "Your complaint is recorded under the reference ", bold(complaint.reference), ", on "
        f"{say_when(complaint.at)}. The coordinators have been told, and one of them will answer you by ",
        bold(say_day(london_day(complaint.answer_by))), ".",
    )  # fmt: skip
    ico = text(TO_THE_ICO, link("ico.org.uk/make-a-complaint", ICO), ".")
    return Message(
        plain(words),
        (Paragraph(words), Paragraph(text(bold("You wrote: "), complaint.words)), Note(ico)),
    )


def card(complaint: Complaint, answered_by: str = "") -> Message:
    """What coordinators see in their channel: neither the words nor the name."""
    by = say_day(london_day(complaint.answer_by))
    if complaint.answered_at is not None:
        who = answered_by or "A coordinator"
        done = f"{who} answered it {say_when(complaint.answered_at)}. There is nothing more to do."
        return _card(f"Complaint {complaint.reference} about personal data (answered)", done)
    words = (
        f"Somebody complained on {say_when(complaint.at)}, and was told at once that it is recorded. "
        f"Please answer by {by}. What they wrote is shown to you alone; that you read it is noted in the audit log."
    )
    return _card(f"Complaint {complaint.reference} about personal data", words, *_buttons(complaint))


def card_elsewhere(reference: str) -> Message:
    """The card where coordinators are told no more."""
    heading = f"Complaint {reference} about personal data"
    words = "It is no longer shown here. If it still waits, the coordinators answer it elsewhere."
    return Message(f"{heading}: {words}", (Heading(heading), Note(text(words))))


def nobody_to_answer(complaint: Complaint) -> Message:
    """What administrators hear where there is no coordinator."""
    by = say_day(london_day(complaint.answer_by))
    return say(
        f"Somebody made a complaint about personal data ({complaint.reference}), which only a coordinator may read, "
        f"and there is none. It is to be answered by {by}. Please make somebody a coordinator with ",
        code("/convenor roles add @name coordinator"), ".",
    )  # fmt: skip


def reminder(complaint: Complaint, day: int) -> Message:
    """Nobody has answered yet."""
    by, left = say_day(london_day(complaint.answer_by)), COMPLAINT_DAYS - day
    words = f"Nobody has answered it for {day} days. It is to be answered by {by}, which is in {left} days."
    return _card(f"Complaint {complaint.reference} still waits", words, *_buttons(complaint))


def _buttons(complaint: Complaint) -> tuple[Button, ...]:
    ref = complaint.reference
    return (
        Button("Read it", READ, ref, hint=f"Read complaint {ref}; the audit log notes that you did"),
        Button("Answer …", ANSWER, ref, ButtonStyle.PRIMARY, hint=f"Answer complaint {ref} and close it"),
    )


def _card(heading: str, words: str, *buttons: Button) -> Message:
    blocks = (Heading(heading), Paragraph(text(words)), Note(text("Only coordinators see this.")))
    return Message(f"{heading}: {words}", (*blocks, Buttons(buttons)) if buttons else blocks)


def shown(complaint: Complaint, name: str) -> Message:
    """The complaint itself, to one coordinator."""
    heading = f"Complaint {complaint.reference}"
    who = name or "Somebody who has been erased since"
    blocks: list[Block] = [
        Heading(heading),
        Paragraph(text(bold(who), f", {say_when(complaint.at)}: {complaint.words}")),
    ]
    if complaint.answered_at is not None:
        blocks.append(Paragraph(text(bold(f"Answered {say_when(complaint.answered_at)}: "), complaint.answer)))
    note = Note(text("Only you see this. Please do not pass it on: it is about a person’s data."))
    buttons = (Buttons(_buttons(complaint)[1:]),) if complaint.is_open else ()
    return Message(heading, (*blocks, note, *buttons))


def answer_form(complaint: Complaint, typed: str = "") -> Form:
    """What does the member hear?"""
    return Form(
        ANSWER_FORM,
        f"Answer {complaint.reference}",
        "Send and close",
        (
            Field(
                REPLY,
                "What did you find, and what has been or will be done?",
                FieldKind.PARAGRAPH,
                typed,
                max_length=AT_MOST,
            ),
        ),
        text("It goes to whoever complained, in a direct message, and closes the complaint. Your name is not given."),
        complaint.reference,
    )


def answer(complaint: Complaint) -> Message:
    """What the member hears in the end."""
    words = text("Your complaint ", bold(complaint.reference), " has been looked at by a coordinator, who answers:")
    ico = text(TO_THE_ICO, link("ico.org.uk/make-a-complaint", ICO), ".")
    return Message(
        f"Your complaint {complaint.reference} is answered",
        (Paragraph(words), Paragraph(text(complaint.answer)), Note(ico)),
    )


def sent(complaint: Complaint) -> str:
    """What the coordinator hears."""
    return f"Your answer to {complaint.reference} is on its way, and the complaint is closed."
