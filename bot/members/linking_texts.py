"""Every sentence about the accounts of one person."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import (
    Block,
    Bullets,
    Button,
    Buttons,
    ButtonStyle,
    EntryLine,
    Heading,
    Identity,
    Message,
    Note,
    Paragraph,
    bold,
    code,
    say,
    text,
)

LINK, SEPARATE = "accounts.link", "accounts.separate"

NOT_LINKED = (
    "That account is not linked with this one (any more), or is the only one you have here, so nothing was changed."
)
PLATFORMS = {"slack": "Slack", "teams": "Microsoft Teams", "local": "the chat in the browser"}


def account_name(account: Identity) -> str:
    """``Alice on Slack, workspace T01``."""
    platform = PLATFORMS.get(account.platform, account.platform)
    return f"{account.name or account.user} on {platform}, workspace {account.workspace}"


def code_made(words: str) -> Message:
    """The code, for the one who asked for it alone."""
    return Message(
        "Your code for linking another account",
        (
            Paragraph(text("On your other account, type ", code(f"/profile link {words}"), ".")),
            Note(
                text(
                    "It works once, for ten minutes. Tell it to nobody: whoever types it becomes you here. If somebody "
                    "asked you to do this, stop, and tell a coordinator."
                )
            ),
        ),
    )


def ask_first(accounts: Sequence[Identity], words: str) -> Message:
    """What linking means, before it is done."""
    named = Bullets(tuple(text(account_name(account)) for account in accounts))
    link = Button(
        "Yes, these are all mine", LINK, words, ButtonStyle.PRIMARY, hint="Link this account with those named"
    )
    return Message(
        "Link these accounts?",
        (
            Heading("Link these accounts?"),
            Paragraph(text("This account would become one with:")),
            named,
            Paragraph(
                text(
                    bold("Only go on if every one of them is yours. "),
                    "Each can then do whatever you can do here: read and change your profile, answer for you, and "
                    "act in your roles. What you follow, suggested and asked for comes together. If both have a "
                    "profile, that of the accounts above stays, with both private lists. If somebody else gave you "
                    "this code, do not go on.",
                )
            ),
            Buttons((link,)),
        ),
    )


def linked(accounts: Sequence[Identity], here: Identity) -> Message:
    """Told on every account, with a way back."""
    others = [account for account in accounts if account.key != here.key]
    blocks: list[Block] = [
        Paragraph(text("This account is linked now with the following. They are one member here.")),
        *(_line(account) for account in others),
        Note(text("If that was not you, press the button, and tell a coordinator.")),
    ]
    return Message("Your accounts are linked", tuple(blocks))


def accounts_page(accounts: Sequence[Identity], here: Identity) -> Message:
    """The accounts of one person, as they see them."""
    blocks: list[Block] = [Heading("Your accounts")]
    if len(accounts) < 2:
        blocks.append(Paragraph(text("Only this account is you here.")))
    else:
        blocks += [
            EntryLine(text(account_name(account)), text("this one")) if account.key == here.key else _line(account)
            for account in accounts
        ]
    blocks.append(Note(text("To link another one, type ", code("/profile link"), " here, and what it says there.")))
    return Message("Your accounts", tuple(blocks))


def _line(account: Identity) -> EntryLine:
    name = account_name(account)
    separate = Button(
        "Separate it",
        SEPARATE,
        account.key,
        ButtonStyle.DANGER,
        confirm=f"Separate {name}? Your profile, roles and everything else stay here; that account begins anew.",
        hint=f"Separate {name} from this account",
    )
    return EntryLine(text(name), (), (separate,))


def separated(account: Identity, here: Identity) -> Message:
    """Told on every account but the one that did it."""
    if account.key == here.key:
        return say(
            "This account was separated from the others that it was linked with. It begins anew here: it has no "
            "profile, no roles, and follows nothing. If that was not you, tell a coordinator."
        )
    return say(
        bold(account_name(account)),
        " was separated from this account. Your profile, your roles and everything else stay here. If that was not "
        "you, tell a coordinator.",
    )


def separated_here(account: Identity) -> Message:
    """Said to the one who did it."""
    return say(bold(account_name(account)), " is separated. Everything else stays as it was.")
