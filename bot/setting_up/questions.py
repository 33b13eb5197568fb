"""What a new network is asked: pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_TIME = re.compile(r"(?:([01]?\d|2[0-3])[:.]([0-5]\d))")


class NotUsable(ValueError):
    """An answer cannot be used; says why."""


def anything(words: str) -> str:
    """Any words, on one line."""
    return " ".join(words.split())


def something(words: str) -> str:
    """Any words but none."""
    if not (tidy := anything(words)):
        raise NotUsable("Please write something.")
    return tidy


def contact(words: str) -> str:
    """A mail address or a web address."""
    tidy = something(words)
    if "@" not in tidy and not tidy.startswith(("https://", "http://")):
        raise NotUsable("Please write an e-mail address, or a web address with https://.")
    return tidy


def edition(words: str) -> str:
    """A weekday and a time: ``friday 09:00``."""
    day, _, rest = something(words).lower().replace(",", " ").partition(" ")
    known = [each for each in WEEKDAYS if len(day) >= 3 and each.startswith(day)]
    found = _TIME.fullmatch(rest.removeprefix("at ").strip())
    if len(known) != 1 or found is None:
        raise NotUsable("Please write a weekday and a time, such as: friday 09:00.")
    return f"{known[0]} {int(found[1]):02}:{found[2]}"


def number(words: str) -> str:
    """A whole number from 1."""
    tidy = anything(words)
    if not (tidy.isascii() and tidy.isdigit() and 0 < int(tidy) < 100_000):
        raise NotUsable("Please write a whole number, such as 1.")
    return str(int(tidy))


def chat(words: str) -> str:
    """One of the platforms, or none yet."""
    tidy = anything(words).lower()
    if tidy not in CHATS:
        raise NotUsable(f"Please write one of these: {', '.join(CHATS)}.")
    return tidy


CHATS = ("slack", "teams", "browser", "none")


@dataclass(frozen=True, slots=True)
class Question:
    """One question. ``name`` is that of its option on the command line; ``setting`` the variable that it fills, if any.

    ``chat`` is the platform that it is asked for; empty: always. ``may_be_empty``: no answer is one. ``example``: by
    platform, what an answer looks like.
    """

    name: str
    words: str
    setting: str = ""
    default: str = ""
    secret: bool = False
    chat: str = ""
    check: object = something
    may_be_empty: bool = False
    example: Mapping[str, str] = field(default_factory=dict)

    def asked_of(self, chat: str) -> str:
        """The question as it is put to somebody whose network talks there."""
        return f"{self.words}, such as {self.example[chat]}" if chat in self.example else self.words

    @property
    def option_help(self) -> str:
        """The question beside its option on the command line, where it begins small."""
        return self.words[0].lower() + self.words[1:]

    def read(self, words: str) -> str:
        """The answer as it is kept. Raises NotUsable."""
        if not words.strip() and self.may_be_empty:
            return ""
        assert callable(self.check)
        return str(self.check(words))


QUESTIONS: tuple[Question, ...] = (
    Question("title", "What is your digest called", default="Data Policy Digest"),
    Question("first-number", "Which number will its first edition have", default="1", check=number),
    Question(
        "edition",
        "When is an edition drafted, in London time (a weekday and a time)",
        default="friday 09:00",
        check=edition,
    ),
    Question("owner", "Which organisation runs this Convenor", "CONVENOR_OWNER"),
    Question(
        "contact",
        "How do members and publishers reach you (an e-mail or web address)",
        "CONVENOR_CONTACT",
        check=contact,
    ),
    Question(
        "public-url",
        "Where will readers find the archive, such as https://digest.example.org (empty: nowhere yet)",
        "CONVENOR_PUBLIC_URL",
        check=anything,
        may_be_empty=True,
    ),
    Question("chat", f"Where does your network talk ({', '.join(CHATS)})", default="slack", check=chat),
    Question(
        "slack-bot-token",
        "The bot token of your Slack app, which begins with xoxb- (docs/slack.md)",
        "CONVENOR_SLACK_BOT_TOKEN",
        secret=True,
        chat="slack",
        may_be_empty=True,
    ),
    Question(
        "slack-app-token",
        "Its app-level token, which begins with xapp-",
        "CONVENOR_SLACK_APP_TOKEN",
        secret=True,
        chat="slack",
    ),
    Question("teams-app-id", "The app id of your bot in Azure (docs/teams.md)", "CONVENOR_TEAMS_APP_ID", chat="teams"),
    Question("teams-tenant", "The id of your tenant", "CONVENOR_TEAMS_TENANT", chat="teams"),
    Question(
        "teams-app-password",
        "The client secret of the app",
        "CONVENOR_TEAMS_APP_PASSWORD",
        secret=True,
        chat="teams",
    ),
    Question(
        "admins",
        "Who may set things up at first",
        "CONVENOR_ADMINS",
        check=anything,
        may_be_empty=True,
        example={
            "slack": "slack:U012AB3CD (in Slack: your profile, ⋮, Copy member ID)",
            "teams": "teams: and your Object ID, which Entra shows with each user",
            "browser": "local:dan",
        },
    ),
)


def asked(answers: Mapping[str, str]) -> Iterator[Question]:
    """The questions that come, with what was answered so far."""
    for question in QUESTIONS:
        if question.name == "slack-app-token" and not answers.get("slack-bot-token"):
            continue  # whoever has no app yet has neither
        if not question.chat or question.chat == answers.get("chat"):
            yield question
