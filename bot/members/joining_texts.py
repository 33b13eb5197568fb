"""Every sentence about joining: invitations, requests to join, and what coordinators see of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bot.members.profile import Profile
from bot.members.texts import as_coordinators_see
from bot.messages import (
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    Heading,
    Message,
    Note,
    Paragraph,
    bold,
    code,
    say,
    text,
)
from digests.calendar import say_when
from digests.model import Topic

LET_IN_BUTTON, NOT_LET_IN_BUTTON, ACCEPT = "joining.yes", "joining.no", "joining.accept"

DECIDED_ALREADY = (
    "That request to join was decided already, changed or taken back, so nothing was changed. A newer one has a card of "
    "its own."
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
    yes = Button(
        "Let them in", LET_IN_BUTTON, value, ButtonStyle.PRIMARY, hint=f"Let {profile.name} into the directory"
    )
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
