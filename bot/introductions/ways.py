"""How two people who have both agreed are brought together. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from bot.introductions.model import Way
from bot.messages import Identity
from digests.model import Address

MAIL = "mail"
INTRODUCTION = "introduction"
"""The purpose of the message, or of the two, that bring them together."""
# Where a bot cannot open one conversation of several people.
_NO_GROUPS = frozenset({"teams", MAIL})
# And where each of them can, by a link.
_BY_LINK = frozenset({"teams"})
_PLATFORMS = {"slack": "in Slack", "teams": "in Teams", "local": "in this chat"}


def introduction_key(ask_id: str, number: int) -> str:
    """The key of such a message. Where each gets one of their own, 0 is that of whoever asked, and 1 the other's."""
    return f"{INTRODUCTION}:{ask_id}:{number}"


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

    def at(self, account: Identity) -> Reachable:
        """The same person, written to and reached at this account of theirs."""
        return replace(self, accounts=(account, *(each for each in self.accounts if each != account)))

    def reach(self) -> str:
        """How the other reaches them, to stand after “You reach Carol”; empty where they cannot."""
        ways = [f"by e-mail at {self.email}"] if self.email else []
        if self.chat and self.accounts:
            account = self.accounts[0]
            ways.append(f"{_PLATFORMS.get(account.platform, 'in chat')}, as {account.name or account.user}")
        return " or ".join(ways)


def way(requester: Reachable, candidate: Reachable, *, can_mail: bool) -> Way:
    """How the two are brought together.

    One conversation where both have an account in the same workspace; else a link that opens one, for each; else one
    mail, if both share an address; else each hears how to reach the other.
    """
    if _shared(requester, candidate):
        return Way.GROUP
    if _linked(requester, candidate):
        return Way.APART
    return Way.MAIL if can_mail and requester.email and candidate.email else Way.APART


def addresses(
    chosen: Way, requester: Reachable, candidate: Reachable, with_them: Collection[Identity] = ()
) -> tuple[Address, ...]:
    """Where the introduction goes: one message for both, or one to the requester and one to the candidate.

    ``with_them`` are the accounts of a coordinator who is to be in the conversation, if they have one there.
    """
    if chosen is Way.GROUP and (pair := _shared(requester, candidate)):
        return (group(pair[0].platform, pair[0].workspace, [each.user for each in _and(pair, with_them)]),)
    if chosen is Way.MAIL:
        return (group(MAIL, "", (requester.email, candidate.email)),)
    return (requester.by_convenor, candidate.by_convenor)


def met_by_link(requester: Reachable, candidate: Reachable) -> tuple[Reachable, Reachable]:
    """The same two, each at the account from which a link leads to the other, if there are such."""
    pair = _linked(requester, candidate)
    return (requester.at(pair[0]), candidate.at(pair[1])) if pair else (requester, candidate)


def chat(requester: Reachable, candidate: Reachable, with_them: Collection[Identity] = ()) -> tuple[Address, ...]:
    """Whom a link that opens their conversation has to name; nobody where there is no such link."""
    pair = _linked(requester, candidate)
    return tuple(each.address for each in _and(pair, with_them)) if pair else ()


def shows_sign_in(accounts: Collection[Identity]) -> bool:
    """Whether somebody with these accounts shows the name by which they sign in, where they may be met in chat."""
    return any(each.platform in _BY_LINK for each in accounts)


def group(platform: str, workspace: str, users: Collection[str]) -> Address:
    """One conversation of several people with Convenor."""
    return Address(platform, workspace, user=",".join(users))


def _shared(requester: Reachable, candidate: Reachable) -> tuple[Identity, Identity] | None:
    return next((pair for pair in _pairs(requester, candidate) if pair[0].platform not in _NO_GROUPS), None)


def _linked(requester: Reachable, candidate: Reachable) -> tuple[Identity, Identity] | None:
    return next((pair for pair in _pairs(requester, candidate) if pair[0].platform in _BY_LINK), None)


def _pairs(requester: Reachable, candidate: Reachable) -> Iterator[tuple[Identity, Identity]]:
    """Their accounts in the same workspaces, where both share that they are there."""
    if not (requester.chat and candidate.chat):
        return
    for mine in requester.accounts:
        for theirs in candidate.accounts:
            same = (mine.platform, mine.workspace) == (theirs.platform, theirs.workspace)
            if same and mine.user != theirs.user:
                yield mine, theirs


def _and(pair: tuple[Identity, Identity], with_them: Collection[Identity]) -> tuple[Identity, ...]:
    """The two, and the third in the same workspace, if there is one."""
    place = (pair[0].platform, pair[0].workspace)
    thirds = [each for each in with_them if (each.platform, each.workspace) == place]
    return (*pair, *[each for each in thirds if each.user not in (pair[0].user, pair[1].user)][:1])
