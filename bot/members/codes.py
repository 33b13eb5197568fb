"""Single-use codes: how they look, what is stored of them, and how often they may be tried. Pure but for chance."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

# Crockford's base 32: no letter that is taken for a number or another letter, and hardly a word.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_TAKEN_FOR = str.maketrans("OIL", "011")
_LENGTH, _GROUP = 16, 4
"""80 bits: no guessing, and nothing to be learnt from what is stored."""

LINK_LASTS = timedelta(minutes=10)
INVITATION_LASTS = timedelta(days=30)
TRIES, TRIES_WITHIN = 5, timedelta(hours=1)
"""How many wrong codes one account may type."""
LINKS_MADE, LINKS_MADE_WITHIN = 5, timedelta(hours=1)
"""How many codes for linking one member may ask for."""


def invitation_key(digest: str) -> str:
    """The key of the message that brings somebody an invitation, by the digest of its code."""
    return f"invitation:{digest}"


class CodePurpose(StrEnum):
    """What a code is for."""

    INVITATION = "invitation"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Code:
    """A code as it is stored: its digest, never itself.

    ``made_by`` is the member who asked for it, or ``command line``. ``sent_to`` is the address or account that it was
    sent to, where it was sent. ``used_by`` is who used it: that an invitation was used lets its user join.
    """

    digest: str
    purpose: CodePurpose
    made_by: str
    made_at: datetime
    expires_at: datetime
    sent_to: str = ""
    used_by: str = ""
    used_at: datetime | None = None

    def works(self, purpose: CodePurpose, now: datetime) -> bool:
        """Whether it can be used for this now."""
        return self.purpose is purpose and not self.used_by and now < self.expires_at


def new_words() -> str:
    """A new code, as people read and type it: ``7F3K-9QXM-…``."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    return "-".join(letters[start : start + _GROUP] for start in range(0, _LENGTH, _GROUP))


def digest_of(words: str) -> str:
    """What is stored of a code, however it was typed: in small letters, with blanks, O for 0."""
    letters = "".join(letter for letter in words.upper() if letter.isalnum()).translate(_TAKEN_FOR)
    return sha256(f"convenor code {letters}".encode()).hexdigest()


def made(words: str, purpose: CodePurpose, made_by: str, now: datetime, sent_to: str = "") -> Code:
    """The code with these words, to be stored."""
    lasts = LINK_LASTS if purpose is CodePurpose.LINK else INVITATION_LASTS
    return Code(digest_of(words), purpose, made_by, now, now + lasts, sent_to)


def may_try(tries: int) -> bool:
    """Whether an account that typed so many wrong codes within :data:`TRIES_WITHIN` may type another."""
    return tries < TRIES


def may_make_link(links_made: int) -> bool:
    """Whether a member who asked for so many within :data:`LINKS_MADE_WITHIN` may ask for another."""
    return links_made < LINKS_MADE
