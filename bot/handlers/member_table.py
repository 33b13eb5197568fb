"""What people can say, press and submit about the directory: a part of the one table."""

from __future__ import annotations

from bot.commands import Action, Command
from bot.handlers import accounts, directory, profile
from bot.members import joining_texts, linking_texts
from bot.members import texts as profile_texts
from bot.ports import Role

COORDINATOR = frozenset({Role.COORDINATOR})

COMMANDS = (
    Command(
        ("profile",),
        "/profile",
        "shows what you say of yourself to coordinators, and changes it",
        profile.show,
    ),
    Command(("profile", "pause"), "/profile pause", "keeps you from being asked for four weeks", profile.pause),
    Command(("profile", "resume"), "/profile resume", "lets you be asked again", profile.resume),
    Command(("profile", "leave"), "/profile leave", "takes you out of the directory at once", profile.leave),
    Command(
        ("profile", "join"),
        "/profile join CODE",
        "uses an invitation to the directory",
        accounts.join,
        takes_words=True,
    ),
    Command(
        ("profile", "link"),
        "/profile link",
        "makes this account and one on another workspace the same person",
        accounts.link,
        takes_words=True,
    ),
    Command(
        ("profile", "accounts"),
        "/profile accounts",
        "shows which accounts are you, and separates them",
        accounts.show,
    ),
)

FOR_COORDINATORS = (
    Command(
        ("convenor", "invite"),
        "/convenor invite @name",
        "invites somebody to the directory: by name, by e-mail address, or with a code to pass on",
        directory.invite,
        COORDINATOR,
        takes_words=True,
    ),
    Command(
        ("convenor", "members", "import"),
        "/convenor members import",
        "invites everybody of a list that you paste; nobody is in the directory by it",
        directory.import_form,
        COORDINATOR,
        opens_form=True,
    ),
    Command(
        ("convenor", "members", "export"),
        "/convenor members export",
        "gives the directory as a file, for handover; the audit log says so",
        directory.export,
        COORDINATOR,
    ),
)

PRESSES = {
    profile_texts.SHOW: Action(profile.show),
    profile_texts.EDIT: Action(profile.edit, opens_form=True),
    profile_texts.AGREE: Action(profile.agree),
    profile_texts.DISCARD: Action(profile.discard),
    profile_texts.PAUSE: Action(profile.pause),
    profile_texts.RESUME: Action(profile.resume),
    profile_texts.LEAVE: Action(profile.leave),
    linking_texts.LINK: Action(accounts.confirm),
    linking_texts.SEPARATE: Action(accounts.separate),
    joining_texts.ACCEPT: Action(accounts.join),
    joining_texts.LET_IN_BUTTON: Action(directory.let_in, COORDINATOR),
    joining_texts.NOT_LET_IN_BUTTON: Action(directory.not_let_in, COORDINATOR),
}

FORMS = {
    profile_texts.FORM: Action(profile.submit),
    joining_texts.LIST_FORM: Action(directory.import_list, COORDINATOR),
}
