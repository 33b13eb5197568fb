"""One root for every error that a person may have to hear of: who, what, and whether to try again."""

from __future__ import annotations


class ConvenorError(Exception):
    """Something went wrong that can be said in one plain sentence.

    ``subject`` names what it is about (a source id, an edition id, a file), so that a log line and a reply can
    both point at it. ``retry`` says whether the same act may succeed later without anybody changing anything.
    """

    sentence = "Something went wrong."
    retry = False

    def __init__(self, subject: str = "", sentence: str = "", *, retry: bool | None = None) -> None:
        self.subject = subject
        if sentence:
            self.sentence = sentence
        if retry is not None:
            self.retry = retry
        super().__init__(f"{subject}: {self.sentence}" if subject else self.sentence)


class ConfigError(ConvenorError):
    """Settings or a file in ``config/`` cannot be used. Carries every mistake found, one sentence each."""

    sentence = "The configuration has mistakes."

    def __init__(self, problems: list[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("", "\n".join(problems))


class Busy(ConvenorError):
    """Another process holds what we need (the database file's service lock, a port)."""

    sentence = "Another Convenor is using this."


class NotFound(ConvenorError):
    """What was asked for is not (or no longer) there."""

    sentence = "That is not here any more."


class Stale(ConvenorError):
    """The thing changed since it was shown; nothing was done."""

    sentence = "This changed since it was shown to you. Nothing was done."
