"""The privacy notice for anybody, as a public page: what is kept of people, why, for how long, and what they can do."""

from __future__ import annotations

from typing import Final

from bot.privacy.notice import ICO
from bot.privacy.register import BASES, PERSONAL, Kept, Why
from bot.privacy.retention import COMPLAINT_DAYS, UNDO_DAYS
from digests.transparency import NOT_STATED, Part

PAGE: Final = "/privacy"
TITLE: Final = "Privacy, and using Convenor"
USE: Final = "use"
"""Where on the page it says what using Convenor means."""


def public_notice(owner: str, contact: str) -> tuple[Part, ...]:
    """The notice: who answers for it, what is kept, what people can do, and what using Convenor means."""
    return (
        Part(
            "Who answers for it",
            (
                ("Who decides what Convenor is used for here", owner or NOT_STATED.format("CONVENOR_OWNER")),
                ("How to reach them", contact or NOT_STATED.format("CONVENOR_CONTACT")),
                (
                    "Who else gets anything",
                    "Nobody. The makers of Convenor get no data, there is no advertising and no measuring of readers, "
                    "and no language model sees or writes anything. What stands in a chat, such as Slack or Microsoft "
                    "Teams, is kept by whoever runs that chat.",
                ),
            ),
        ),
        Part("What is kept, why, and for how long", tuple((_capital(why.value), _kept(why)) for why in Why)),
        Part(
            "What you can do",
            (
                (
                    "In the chat",
                    "“convenor privacy” (in Slack “/convenor privacy”) shows you, and you alone, what is held about "
                    "you. There you can export it, object, withdraw what you agreed to, complain, and have it erased: "
                    f"then you have {UNDO_DAYS} days to undo it.",
                ),
                ("By letter or mail", "Write to whoever runs Convenor, as above."),
                (
                    "If you are not content",
                    f"A complaint is acknowledged at once and answered by a person within {COMPLAINT_DAYS} days. You "
                    f"can also complain to the Information Commissioner’s Office at any time: {ICO}",
                ),
                (
                    "No decision by a machine alone",
                    "People choose whom to ask for an introduction, and people approve each edition.",
                ),
            ),
        ),
        Part(
            "Using Convenor",
            (
                ("Who may use it", "Whoever is in the chat in which it was installed. It costs nothing."),
                (
                    "Introductions",
                    "Nobody is in the directory who has not agreed to the exact text that is shown of them, nobody "
                    "can list who is, and nobody learns how to reach you before both of you have agreed.",
                ),
                (
                    "What you write",
                    "Links and words that you suggest may be used in the digest; your name is shown to the editors "
                    "and not to readers. Please write nothing about others that they would not want to be known.",
                ),
                (
                    "What it cannot promise",
                    "The digest is made with care from public sources, and may miss things or be wrong; it is no legal "
                    "advice. Convenor is free software under the MIT licence, which comes without warranty.",
                ),
            ),
            USE,
        ),
    )


def _kept(why: Why) -> str:
    kept = "; ".join(f"{each.what[1]} (kept {each.how_long.replace('; ', ', and ')})" for each in _of(why))
    return f"{_capital(kept)}. Ground: {BASES[why].value}."


def _of(why: Why) -> list[Kept]:
    return [kept for kept in PERSONAL if kept.why is why]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
