"""Every sentence that Teams alone makes us say: about its waiting, its dialogs, and its chats."""

from __future__ import annotations

from typing import Final

from bot.messages import Bullets, Heading, Message, Paragraph, Text, bold, channel_name, code, say, text
from digests.model import Address

ONE_MOMENT: Final = "One moment: this takes a little longer. My answer comes in our chat."
FORM_COMES: Final = (
    "One moment: this takes longer than Teams waits. You can close this: I send you the form in our chat as soon as it "
    "is ready."
)
WORKING: Final = "I have what you sent, and am still at work on it. You can close this: my answer comes in our chat."
SEE_CHAT: Final = "I have answered you in our chat."
FORM_IN_CHAT: Final = "The form stands in our chat."
SEE_BELOW: Final = "My answer stands below."
FORM_BELOW: Final = "The form stands below."
DONE: Final = "Done."
WELCOME: Final = say("You are welcome.")
PUT_AWAY: Final = say("Closed. Nothing was sent.")
DONE_BEFORE: Final = "Teams sent me this twice. Nothing was done a second time."
SENT: Final = say("Sent. My answer stands below.")

FAULT: Final = "Something went wrong on my side, so this may not have been done. Please look, then try again."
UNREADABLE: Final = (
    "I could not read what Teams sent me, so nothing was done. Please try once more; if it happens again, tell whoever "
    "runs Convenor."
)
NO_WORDS: Final = (
    "I could not read that, so nothing was done. Please write it as plain words; “help” shows what I can do."
)
FORM_NOT_SHOWN: Final = (
    "This form does not fit into Teams, so it cannot be shown. Nothing was done. Please tell whoever runs Convenor."
)

UNREACHABLE: Final = (
    "I could not write to you, so you do not see my answer. Please add me first: in Teams, open Apps, look for "
    "Convenor, and choose Add; if you blocked our chat, unblock it. Then ask me again."
)
NOT_REACHED: Final = (
    "Teams did not take my answer to you just now. What you asked for may be done: please look, then ask me again in a "
    "few minutes."
)

NOT_LOOKED_UP: Final = (
    "Teams did not tell me in time whom you named, so nothing was done. Please try again in a minute."
)
NOT_HERE: Final = (
    "Teams tells me only about people who are in the conversation in which you name them, so nothing was done. Please "
    "say this again in a channel of a team that they are in."
)
NAMED_WHERE: Final = (
    "Teams lets you name somebody with @ only where they are. So write that in a channel of theirs, and begin it with "
    "@Convenor. I still answer you here."
)

NEEDED: Final = "This is needed. Please fill it in."
NOT_A_CHOICE: Final = "Please choose one of these."
GIVEN_BACK: Final = "This is what you wrote:"
FORM_TOO_LONG: Final = "This form does not fit into Teams with what you wrote in it, so it cannot be shown again."
FORM_GONE: Final = "This form is too old to be shown again. Please open it anew."

SEARCH_FOR_WHAT: Final = (
    "What shall I look for? Write for example: facial recognition. Words in quotation marks must stand together, and a "
    "word after a minus must not occur."
)
TOO_SHORT: Final = "Please write at least two letters."
SEARCH_TOOK_LONG: Final = "This search takes longer than Teams waits. Please try it with other words, or in a minute."


def asked_in(channel: Address, words: str) -> Text:
    """Above an answer in somebody's own chat: where they asked, and what."""
    return text("In ", channel_name(channel), " you wrote: ", code(words))


def too_long(most: int) -> str:
    """An answer that does not fit."""
    return f"Please keep it to {most:,} characters."


def nothing_found(words: str) -> str:
    """A search found nothing."""
    return f"Nothing that I have read fits “{words}”. Fewer words find more."


def hello(name: str) -> Message:
    """To somebody who added us."""
    first = f"Hello {name}" if name else "Hello"
    return Message(
        f"{first}, I am Convenor",
        (
            Heading(f"{first}, I am Convenor"),
            Paragraph(
                text(
                    "I read what government, Parliament and others publish on data and AI, draft the weekly digest for "
                    "the editors, and pass on requests for introductions. I answer here, where only you read it."
                )
            ),
            Paragraph(text("Write to me in plain words, for example:")),
            Bullets(
                (
                    text(code("digest"), " shows the latest edition"),
                    text(code("digest search facial recognition"), " searches everything that was read"),
                    text(code("topics follow health data"), " tells you what is new on a topic"),
                    text(code("intro someone who knows about procurement"), " asks for an introduction"),
                    text(code("home"), " shows what is next, what you follow, and what waits for you"),
                    text(code("privacy"), " shows what is held about you, and why"),
                    text(code("help"), " shows everything that I can do for you"),
                )
            ),
        ),
    )


HELLO_TEAM: Final = Message(
    "Hello, I am Convenor",
    (
        Heading("Hello, I am Convenor"),
        Paragraph(
            text(
                "I draft the weekly digest, which editors shape and approve, and I pass on requests for introductions. "
                "I read only messages that name me, and answer in your own chat with me."
            )
        ),
        Paragraph(text("An administrator of Convenor can say, in the channel that it is about:")),
        Bullets(
            (
                text(code("@Convenor here digest"), " and the digest is posted there"),
                text(code("@Convenor here editors"), " and drafts come there for editing and approval"),
                text(code("@Convenor here coordinators"), " and requests for introductions come there"),
            )
        ),
        Paragraph(text("Everybody can write ", bold("@Convenor help"), " to see what I can do for them.")),
    ),
)
