"""Every sentence about joining: invitations, requests to join, and what coordinators see of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from bot.members.codes import INVITATION_LASTS
from bot.members.profile import Profile
from bot.members.texts import as_coordinators_see
from bot.messages import (
    Block,
    Bullets,
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
    count,
    say,
    text,
)
from bot.privacy.packing import in_messages
from digests.calendar import say_day, say_when
from digests.model import Topic

LET_IN_BUTTON, NOT_LET_IN_BUTTON, ACCEPT = "joining.yes", "joining.no", "joining.accept"

LASTS_DAYS = INVITATION_LASTS.days

DECIDED_ALREADY = (
    "That request to join was decided already, changed or taken back, so nothing was changed. A newer one has a "
    "card of its own."
)
LET_IN = say(
    "You are in the directory now, exactly as you had agreed. ", code("/profile"),
    " shows your profile, changes it, pauses it, and lets you leave.",
)  # fmt: skip
NOT_LET_IN = say(
    "A coordinator has looked at your request to join the directory, and has not let you in this time. Your profile in "
    "it is deleted. If you think that is a mistake, please write to a coordinator; you may ask again with ",
    code("/profile"), ".",
)  # fmt: skip


def card(profile: Profile, topics: Mapping[str, Topic]) -> Message:
    """What coordinators see of a request to join."""
    value = f"{profile.member_id}:{profile.revision}"
    hint = f"Let {profile.name} into the directory"
    yes = Button("Let them in", LET_IN_BUTTON, value, ButtonStyle.PRIMARY, hint=hint)
    no = Button(
        "Not this time",
        NOT_LET_IN_BUTTON,
        value,
        confirm="Not let them in? They are told so, without your name, and their profile is deleted.",
        hint=f"Do not let {profile.name} into the directory",
    )
    return Message(
        f"{profile.name} asks to join the directory",
        (
            Heading("Somebody asks to join the directory"),
            Bullets(as_coordinators_see(profile, topics)),
            Note(text("They have said yes to being in it like this. Only coordinators see this.")),
            Buttons((yes, no)),
        ),
    )


def card_withdrawn() -> Message:
    """The card of a request that was taken back or changed."""
    return Message(
        "A request to join the directory was taken back",
        (
            Heading("A request to join the directory (taken back)"),
            Note(text("Whoever asked has changed it or taken it back. There is nothing to do here.")),
        ),
    )


def card_elsewhere() -> Message:
    """The card where it is not for coordinators any more, or whoever asked was erased."""
    return Message(
        "A request to join the directory",
        (
            Heading("A request to join the directory"),
            Note(text("It is no longer shown here. If it still waits, the coordinators decide about it elsewhere.")),
        ),
    )


def card_decided(name: str, decider: str, now: datetime, *, let_in: bool) -> Message:
    """The card once somebody has decided. Of whoever was not let in nothing is left on it."""
    whom = bold(name) if let_in else "Somebody who asked to join"
    did = "is in the directory" if let_in else "was not let in this time"
    return Message(
        "A request to join the directory is decided",
        (
            Heading("A request to join the directory (decided)"),
            Paragraph(text(whom, f" {did}: {decider}, {say_when(now)}.")),
        ),
    )


def decided(name: str, *, let_in: bool) -> Message:
    """Said to whoever decided."""
    if let_in:
        return say(bold(name), " is in the directory now, and is told so.")
    return say("Done. They are told that they were not let in this time, without your name.")


INVITED = "You were invited to the directory of this network."
WHAT_IT_IS = (
    "Coordinators can ask those who are in it, privately and not often, whether they would help somebody; you say "
    "yes or no each time, and nobody learns of a no. Nothing is known of you there yet, and you are not in it before "
    "you have seen what would be shown to whom, and have said yes. If you would rather not, you need not do anything."
)


def invitation_by_mail(words: str, owner: str, contact: str) -> Message:
    """What whoever is invited by mail gets: who writes, what it is, how to say yes, and whence we have the address."""
    network = owner or "our network"
    heading = f"You are invited to the directory of {network}"
    ask = f" If you would like to ask something first, write to {contact}." if contact else ""
    return Message(
        heading,
        (
            Heading(heading),
            Paragraph(text(WHAT_IT_IS)),
            Paragraph(text(f"In the chat of {network}, type: ", code(f"/profile join {words}"))),
            Note(text(f"The code works once, for {LASTS_DAYS} days. Please do not pass it on.{ask}")),
            Note(
                text(
                    "You get this because a coordinator gave your address for it. It is kept with the invitation, "
                    "encrypted, and deleted once that is used or has expired."
                )
            ),
        ),
    )


def invitation(words: str) -> Message:
    """What whoever is invited in chat gets."""
    yes = Button("Show me", ACCEPT, words, ButtonStyle.PRIMARY, hint="See what the directory is, and fill in a profile")
    return Message(
        INVITED,
        (
            Paragraph(text(bold(f"{INVITED} "), WHAT_IT_IS)),
            Buttons((yes,)),
            Note(text(f"The invitation works once, for {LASTS_DAYS} days.")),
        ),
    )


HOW_TO_INVITE = say(
    "Write ", code("/convenor invite @name"), " or ", code("/convenor invite name@example.org"), " to send an "
    "invitation to the directory; ", code("/convenor invite"), " alone gives you a code to pass on. Nothing was sent.",
)  # fmt: skip

NO_MAIL = say(
    "No mail server is set up here, so I cannot send mail, and nothing was sent. ", code("/convenor invite"),
    " gives you a code that you can pass on yourself.",
)  # fmt: skip


def invited(to: str, until: date) -> Message:
    """Said to the coordinator; the same whether or not they are in the directory."""
    return say(
        "An invitation is on its way to ", bold(to), f". It works until {say_day(until)}, and once. ",
        "Nobody is in the directory before they have said yes themselves.",
    )  # fmt: skip


def code_to_pass_on(words: str, until: date) -> Message:
    """A code, for the coordinator to pass on."""
    return say(
        "Whoever types ", code(f"/profile join {words}"), f" can join the directory. It works until {say_day(until)}, "
        "and once; pass it on to one person, in a way that only they can read. Only its digest is stored, so I "
        "cannot show it again.",
    )  # fmt: skip


HOW_TO_JOIN = say(
    "Write ", code("/profile join"), " and the code of your invitation behind it. Without one, ", code("/profile"),
    " lets you ask to join.",
)  # fmt: skip

EXPORTED = "The directory, for handover"


def exported(number: int) -> Message:
    """Above the file. That it was made is in the audit log, which whoever asks for it should know."""
    whom = "one member" if number == 1 else f"{number:,} members"
    return say(
        f"The directory as coordinators see it: {whom}, without e-mail addresses and private lists. The audit log says "
        "that you exported it. Keep it safe, give it only to whoever takes the directory over, and delete it after "
        "that."
    )


LIST_FORM = "members.import"
LIST_AT_MOST = 3000


def list_form() -> Form:
    """A list of people to be invited, pasted."""
    field = Field(
        "people",
        "The list, as CSV",
        FieldKind.PARAGRAPH,
        hint=(
            "The first line names the columns, and one of them is “email” or “account” (slack:T0123:U012AB3CD). Other "
            f"columns are neither read nor kept. At most {LIST_AT_MOST:,} characters at a time."
        ),
        max_length=LIST_AT_MOST,
    )
    intro = text("Each of them gets an invitation. Nobody is in the directory before they have said yes themselves.")
    return Form(LIST_FORM, "Invite a list", "Send invitations", (field,), intro)


def not_taken(wrong: Sequence[tuple[int, str]]) -> str:
    """Beside the field, where no line could be taken."""
    said = " ".join(f"Line {number}: {why}" for number, why in wrong[:WRONG_SHOWN])
    more = len(wrong) - WRONG_SHOWN
    return f"Nobody was invited. {said}{f' And {more:,} more.' if more > 0 else ''}" if wrong else EMPTY_LIST


def list_done(
    made: int, wrong: Sequence[tuple[int, str]], to_pass_on: Sequence[tuple[str, str]]
) -> tuple[Message, ...]:
    """What became of a list: how many invitations, which lines were not taken, and codes where mail cannot be sent."""
    blocks: list[Block] = [Paragraph(text(f"{count(made, 'invitation')} made, {count(len(wrong), 'line')} not taken."))]
    if wrong:
        blocks.append(Bullets(tuple(text(f"Line {number}: {why}") for number, why in wrong)))
    if to_pass_on:
        blocks.append(
            Paragraph(
                text(
                    "No mail server is set up here, so these are for you to pass on, each to one person, in a way that "
                    "only they can read. I do not keep the codes themselves, so I cannot show them again."
                )
            )
        )
        blocks.append(Bullets(tuple(text(f"{who}: ", code(f"/profile join {words}")) for who, words in to_pass_on)))
    return in_messages("Invitations from a list", blocks)


WRONG_SHOWN = 3
EMPTY_LIST = "There is nobody in this list. Nobody was invited."
