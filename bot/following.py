"""Following topics and words: what members follow, and the alerts that bring them what is new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot.edition_messages.line import short
from bot.edition_messages.paging import PAGE_CHARACTERS, weight
from bot.messages import (
    Block,
    Button,
    Buttons,
    EntryLine,
    Heading,
    Identity,
    Message,
    Note,
    code,
    count,
    link,
    text,
    to_json,
)
from bot.ports import UnitOfWork
from bot.services import Services
from digests import follows
from digests.calendar import london_day, say_day
from digests.follows import Match
from digests.model import Cadence, Delivery, Follow, Listener, Quiet, TaggedItem, Topic, Window

PURPOSE = "alert"
STOP, SHOW = "follow.stop", "follow.show"
SHOW_HINT = "Show and change what you follow"
MOST_FOLLOWS = 50
_LINES = 20
_STOPS = 4


async def follow(services: Services, identity: Identity, wanted: Follow, *, instead_of: str = "") -> bool:
    """Follow something from now on; ``instead_of`` names the follow that it replaces. False where it is followed so.

    Alerts go to the account that asked last. ``wanted.member_id`` and ``wanted.at`` are filled in here.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(identity, now)
        known = {each.id: each for each in await uow.follows.of(member.id)}
        new = replace(wanted, member_id=member.id, at=now)
        replaced = known.get(instead_of)
        same = known.get(new.id)
        if same is not None and same.cadence is new.cadence and replaced in (None, same):
            return False
        if same is not None:
            new = replace(new, at=same.at)
        for old in {each.id for each in (replaced, same) if each}:
            await uow.follows.remove(member.id, old)
        await uow.follows.add(new)
        await _listen(uow, member.id, identity, now)
        await uow.commit()
    return True


async def stop(services: Services, identity: Identity, follow_id: str = "") -> tuple[Follow, ...]:
    """Stop following one thing, or everything; returns what was followed until now."""
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        if member is None:
            return ()
        gone = [each for each in await uow.follows.of(member.id) if follow_id in ("", each.id)]
        for each in gone:
            await uow.follows.remove(member.id, each.id)
        await uow.commit()
    return tuple(gone)


async def be_quiet(services: Services, identity: Identity, quiet: Quiet | None) -> None:
    """Set a member's quiet hours."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(identity, now)
        listener = await _listen(uow, member.id, identity, now)
        await uow.follows.listen(replace(listener, quiet=quiet))
        await uow.commit()


async def of(services: Services, identity: Identity) -> tuple[Sequence[Follow], Quiet | None]:
    """What somebody follows, oldest first, and their quiet hours."""
    async with services.store.read() as uow:
        member = await uow.members.find(identity)
        if member is None:
            return (), follows.QUIET_BY_DEFAULT
        listener = await uow.follows.listener(member.id)
        followed = await uow.follows.of(member.id)
    return followed, listener.quiet if listener else follows.QUIET_BY_DEFAULT


async def _listen(uow: UnitOfWork, member_id: str, identity: Identity, now: datetime) -> Listener:
    """The member's listener, at this account; a new one begins to hear from now on."""
    known = await uow.follows.listener(member_id)
    listener = (
        replace(known, address=identity.address)
        if known
        else Listener(member_id, identity.address, follows.QUIET_BY_DEFAULT, dict.fromkeys(Cadence, now))
    )
    await uow.follows.listen(listener)
    return listener


async def alert_tick(services: Services) -> int:
    """Write the alerts that are due into the outbox; returns how many members are told something.

    A window of receipt times is told by whoever moves the member's mark from its start to its end, in the same unit
    of work: two clocks at once, or a crash, neither lose nor repeat anything.
    """
    now = services.clock.now()
    async with services.store.read() as uow:
        listeners = await uow.follows.listeners()
        latest = await uow.items.latest_receipt()
    told = 0
    read: dict[Window, Sequence[TaggedItem]] = {}
    for listener in listeners:
        windows = {cadence: window for cadence in Cadence if (window := follows.due(listener, cadence, now))}
        if latest is None or all(latest < window.start for window in windows.values()):
            windows.pop(Cadence.NOW, None)
        if windows:
            told += await _tell(services, listener, windows, read, now)
    if told:
        services.wake()
    return told


async def _tell(
    services: Services,
    listener: Listener,
    windows: Mapping[Cadence, Window],
    read: dict[Window, Sequence[TaggedItem]],
    now: datetime,
) -> bool:
    whole = Window(min(each.start for each in windows.values()), max(each.end for each in windows.values()))
    async with services.store.read() as uow:
        if whole not in read:
            read[whole] = await uow.items.received(whole.start, whole.end)
        followed = await uow.follows.of(listener.member_id)
    found = follows.matches(followed, read[whole], windows, services.topics)
    if not found and not _worth_moving(windows):
        return False
    async with services.store.begin() as uow:
        for cadence, window in windows.items():
            if not await uow.follows.advance(listener.member_id, cadence, window):
                return False
        if found:
            key = f"{PURPOSE}:{listener.member_id}:{'+'.join(windows)}:{whole.end.isoformat()}"
            body = to_json(alert(found, services.topics, now))
            await uow.deliveries.add([Delivery(key, PURPOSE, listener.address, body, now)])
        await uow.commit()
    return bool(found)


def _worth_moving(windows: Mapping[Cadence, Window]) -> bool:
    """Whether a mark must be moved although there is nothing to tell: not at every look, which is every minute."""
    now = windows.get(Cadence.NOW)
    return len(windows) > bool(now) or (now is not None and now.end - now.start > follows.LOOKED_BACK_AT_MOST)


def alert(found: Sequence[Match], topics: Mapping[str, Topic], now: datetime) -> Message:
    """One message with everything that is new, why it is told, and one button for each follow to stop it."""
    title = f"New in what you follow, {say_day(london_day(now))}"
    involved = list({follow.id: follow for match in found for follow in match.follows}.values())
    close: list[Block] = [
        Buttons((*(_stop(each, topics) for each in involved[:_STOPS]), Button("What I follow", SHOW, hint=SHOW_HINT)))
    ]
    blocks: list[Block] = [Heading(title)]
    shown = 0
    for match in found[:_LINES]:
        line = _line(match)
        if weight([*blocks, line, *close]) > PAGE_CHARACTERS:
            break
        blocks.append(line)
        shown += 1
    if shown < len(found):
        rest = count(len(found) - shown, "more item")
        blocks.append(Note(text(f"And {rest}: ", code("/digest search"), " finds them by topic and date.")))
    return Message(f"{title}: {short(found[0].tagged.item.title)}", (*blocks, *close))


def _stop(followed: Follow, topics: Mapping[str, Topic]) -> Button:
    said = follows.in_words(followed, topics)
    return Button(f"Stop: {short(said)}"[:70], STOP, followed.id, hint=f"Stop alerts about {said}")


def _line(match: Match) -> EntryLine:
    item = match.tagged.item
    day = say_day(london_day(item.published_at or item.received_at))
    return EntryLine(
        text(link(" ".join(item.title.split())[:300] or item.url[:300], item.url), f" ({item.publisher})"),
        text(f"{day} · {'; '.join(match.why)}"[:400]),
    )
