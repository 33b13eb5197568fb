"""How two people who have both agreed are brought together. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.introductions.model import Way
from bot.messages import Identity
from digests.model import Address

MAIL = "mail"
# Where a bot cannot open one conversation of several people.
_NO_GROUPS = frozenset({"teams", MAIL})
_PLATFORMS = {"slack": "in Slack", "teams": "in Teams", "local": "in this chat"}


@dataclass(frozen=True, slots=True)
class Reachable:
    """How somebody may be reached by the other: ``chat`` and ``email`` (empty: no) are what they agreed to share.

    ``accounts`` are all of theirs, by which Convenor itself reaches them.
    """

    name: str
    accounts: tuple[Identity, ...]
    chat: bool
    email: str = ""

    @property
    def by_convenor(self) -> Address:
        """Where Convenor writes to them alone: their oldest account; an outsider's mail."""
        return self.accounts[0].address if self.accounts else Address(MAIL, "", user=self.email)

    def reach(self) -> str:
        """How the other reaches them, to stand after “You reach Carol”; empty where they cannot."""
        ways = [f"by e-mail at {self.email}"] if self.email else []
        if self.chat and self.accounts:
            account = self.accounts[0]
            ways.append(f"{_PLATFORMS.get(account.platform, 'in chat')}, as {account.name or account.user}")
        return " or ".join(ways)


def way(requester: Reachable, candidate: Reachable, *, can_mail: bool) -> Way:
    """One conversation where both have an account in the same workspace; else one mail, if both share an address."""
    if _shared(requester, candidate):
        return Way.GROUP
    return Way.MAIL if can_mail and requester.email and candidate.email else Way.APART


def addresses(chosen: Way, requester: Reachable, candidate: Reachable) -> tuple[Address, ...]:
    """Where the introduction goes: one message for both, or one to the requester and one to the candidate."""
    if chosen is Way.GROUP and (pair := _shared(requester, candidate)):
        return (group(pair[0].platform, pair[0].workspace, (pair[0].user, pair[1].user)),)
    if chosen is Way.MAIL:
        return (group(MAIL, "", (requester.email, candidate.email)),)
    return (requester.by_convenor, candidate.by_convenor)


def group(platform: str, workspace: str, users: Collection[str]) -> Address:
    """One conversation of several people with Convenor."""
    return Address(platform, workspace, user=",".join(users))


def _shared(requester: Reachable, candidate: Reachable) -> tuple[Identity, Identity] | None:
    if not (requester.chat and candidate.chat):
        return None
    for mine in requester.accounts:
        for theirs in candidate.accounts:
            same = (mine.platform, mine.workspace) == (theirs.platform, theirs.workspace)
            if same and mine.platform not in _NO_GROUPS and mine.user != theirs.user:
                return mine, theirs
    return None
