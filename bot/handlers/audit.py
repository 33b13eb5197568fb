"""/convenor audit: who did what for the network, to coordinators, the latest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot.messages import Ask, Bullets, Button, Buttons, Heading, Identity, Message, Note, Reply, Text, bold, say, text
from bot.ports import UnitOfWork
from bot.privacy.ports import COMMAND_LINE, CONVENOR, FORMER, AuditEntry
from bot.services import Services
from bot.typed import whole_number
from digests.calendar import say_when

OLDER = "audit.older"
ON_A_PAGE = 15

NOTHING = say("Nothing has been noted yet.")
NOTHING_OLDER = say("There is nothing older than that: older lines have been deleted, and only their number is kept.")
WHAT_IS_NOTED = (
    "Only coordinators see this. It notes what editors, coordinators and administrators do, in fixed words and ids: "
    "nothing that anybody wrote. Lines are deleted after two years."
)
# How those are shown who are no member.
_OTHERS = {COMMAND_LINE: "The command line", CONVENOR: "Convenor", FORMER: "Somebody who has left"}
_MEMBER = "member:"
# The key of a delivery may be long, and fifteen lines have to fit into one message.
_SHOWN_OF_SUBJECT = 120


async def show(ask: Ask, services: Services) -> Reply:
    """/convenor audit."""
    return await _page(services, ask.identity, 0, NOTHING)


async def older(ask: Ask, services: Services) -> Reply:
    """The button Older: the lines before the last that was shown."""
    return await _page(services, ask.identity, whole_number(ask.value) or 0, NOTHING_OLDER)


async def _page(services: Services, viewer: Identity, before: int, none: Message) -> Reply:
    async with services.store.read() as uow:
        found = await _seen_by(uow, viewer, before)
        names = await _names(uow, found)
    return Reply((page(found[:ON_A_PAGE], names, more=len(found) > ON_A_PAGE),)) if found else Reply((none,))


async def _seen_by(uow: UnitOfWork, viewer: Identity, before: int) -> list[AuditEntry]:
    """The latest entries, one more than a page has. Left out are those about requests for an introduction that the
    viewer made: who was asked for them, and when, is for no requester to know, coordinator or not.
    """
    member = await uow.members.find(viewer)
    journeys = await uow.requests.of_requester(member.id) if member else []
    own = {journey.id for journey in journeys} | {ask.id for journey in journeys for ask in journey.asks}
    found: list[AuditEntry] = []
    while len(found) <= ON_A_PAGE:
        entries = await uow.audit.latest(ON_A_PAGE + 1, before)
        # A page is filled up, so that its length does not tell that something was left out.
        found += [entry for entry in entries if own.isdisjoint(entry.subject.split(":"))]
        if len(entries) <= ON_A_PAGE:
            break
        before = entries[-1].number
    return found[: ON_A_PAGE + 1]


def page(entries: Sequence[AuditEntry], names: Mapping[str, str], *, more: bool) -> Message:
    """Some lines, and a button for those before them. ``names`` are those of members, by id."""
    lines = Bullets(tuple(_line(entry, names) for entry in entries))
    buttons = (Buttons((Button("Older", OLDER, str(entries[-1].number), hint="Show what was done before that"),)),)
    blocks = (Heading("Who did what"), lines, Note(text(WHAT_IS_NOTED)), *(buttons if more else ()))
    return Message("Who did what", blocks)


def _line(entry: AuditEntry, names: Mapping[str, str]) -> Text:
    who = _OTHERS.get(entry.actor) or names.get(entry.actor, _OTHERS[FORMER])
    subject = entry.subject
    if subject.startswith(_MEMBER):
        subject = names.get(subject.removeprefix(_MEMBER), "somebody who has left")
    subject = subject if len(subject) <= _SHOWN_OF_SUBJECT else f"{subject[:_SHOWN_OF_SUBJECT]}…"
    return text(bold(who), f" {entry.action} ({subject}), {say_when(entry.at)}")


async def _names(uow: UnitOfWork, entries: Sequence[AuditEntry]) -> dict[str, str]:
    ids = {entry.actor for entry in entries} | {entry.subject.removeprefix(_MEMBER) for entry in entries}
    found = [await uow.members.get(each) for each in sorted(ids - _OTHERS.keys()) if ":" not in each]
    return {member.id: member.name for member in found if member}
