"""What may become of one call to a platform that a test plays."""

from __future__ import annotations

from enum import StrEnum


class Turn(StrEnum):
    """What becomes of one call. The first word of a failure's name says whether the platform did what it was asked."""

    DONE = "done"
    DONE_LOST = "done, and the reply is lost"
    DONE_FAILED = "done, and the answer is an error"
    DONE_LATE = "done, and there is no answer"
    NOT_LOST = "not done, and the connection is lost"
    NOT_FAILED = "not done, and the answer is an error"
    NOT_NOW = "not done: too many requests"
    DONE_KILLED = "done, and the caller dies"
    NOT_KILLED = "not done, and the caller dies"
