"""What is stuck in the outbox: tells the people who decide about it, and carries out what they decide.

It knows nothing of what a delivery is about beyond its purpose, so it serves whatever is sent.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from bot import alerts, editions, following, reaching
from bot.alarms import service as alarms
from bot.editions import suggested
from bot.introductions import upkeep as introductions
from bot.members import cards
from bot.messages import Identity, say, to_json
from bot.ports import BadLink, Role, UnitOfWork
from bot.post_messages import Post, card, decided_by, decided_card
from bot.privacy.plain_words import mentions
from bot.services import Services
from bot.whereabouts import in_channels, in_private
from digests import publishing
from digests.errors import NotFound, Stale
from digests.model import Address, Delivery, DeliveryState, EditionState

# The purposes of the cards by which people are told, by who is told.
CARDS: Mapping[Role, str] = {Role.EDITOR: "stuck.editors", Role.COORDINATOR: "stuck.coordinators"}
# Whatever is not the editors' is the coordinators', so that nothing private reaches editors for want of a word here.
_OF_EDITORS = frozenset(
    {
        publishing.PURPOSE,
        publishing.MAIL_PURPOSE,
        editions.PURPOSE,
        editions.NOTICE,
        suggested.PURPOSE,
        alerts.PURPOSE,
        CARDS[Role.EDITOR],
    }
)

_CARD = "stuck"
_ELSEWHERE = to_json(
    say("This is no longer shown here. “/convenor stuck” shows whoever decides about it what still waits.")
)

ARRIVED = "It arrived after all."
DECIDED = (
    "Somebody has decided about this already, or it has moved on by itself. Nothing was done. "
    "“/convenor stuck” shows what still waits."
)
GONE = "That post is not (or no longer) in the outbox. Nothing was done."
KNOWN = "That is the link of another message of mine, “{}”. Nothing was done; please copy the link of the right one."
NO_REPLY = "That message stands in a thread, and this one does not. Please copy the link of the message itself."
OTHER_THREAD = "That message is in another thread. Please copy the link of the one in the thread of “{}”."


class Choice(StrEnum):
    """What a person may decide about a row that is stuck, in the words that the card keeps of it."""

    IS_THERE = "it is there"
    SEND_AGAIN = "send it again"
    TRY_AGAIN = "try it again"
    LEAVE = "leave it"


_CHOICES: Mapping[DeliveryState, frozenset[Choice]] = {
    DeliveryState.UNKNOWN: frozenset({Choice.IS_THERE, Choice.SEND_AGAIN}),
    DeliveryState.PARKED: frozenset({Choice.TRY_AGAIN, Choice.LEAVE}),
}


def who_decides(row: Delivery) -> Role | None:
    """The role whose business a delivery is. None where it is between Convenor and one member.

    What somebody follows is nobody else's business: an alert that is lost stays so, and the next one comes. Nor are
    invitations and what people are told of their own accounts, which would show to whom they went.
    """
    if row.purpose in (following.PURPOSE, cards.NOTICE, alarms.PURPOSE):
        return None
    return Role.EDITOR if row.purpose in _OF_EDITORS else Role.COORDINATOR


async def settled(services: Services, uow: UnitOfWork, row: Delivery, was: DeliveryState) -> None:
    """After a row has gone out or got stuck, in the unit of work that records it: tell whom it concerns."""
    if row.state is DeliveryState.SENT:
        await reaching.arrived(uow, row)
    await _tell(uow, services, row, was)
    await editions.note_delivery(uow, services, row)
    await introductions.note_delivery(uow, row, services.clock.now())


async def waiting(uow: UnitOfWork, roles: frozenset[Role], who: Identity | None = None) -> list[Post]:
    """Everything that is stuck and that somebody with these roles decides about, oldest first."""
    rows = await uow.deliveries.in_state(DeliveryState.PARKED, DeliveryState.UNKNOWN)
    theirs = [row for row in rows if who_decides(row) in roles]
    return [await post_of(uow, row) for row in theirs if not await is_their_own(uow, row, who)]


async def in_numbers(uow: UnitOfWork) -> Mapping[str, int]:
    """What waits and what is stuck of the editors' messages, for whoever asks how we are.

    Not of those between people: on a quiet day their number tells when somebody is asked about a request.
    """
    waits = await uow.deliveries.in_state(DeliveryState.PENDING, DeliveryState.RETRY)
    stuck = await uow.deliveries.in_state(DeliveryState.PARKED, DeliveryState.UNKNOWN)
    found = {"deliveries_waiting": waits, "deliveries_stuck": stuck}
    return {name: sum(who_decides(row) is Role.EDITOR for row in rows) for name, rows in found.items()}


async def is_their_own(uow: UnitOfWork, row: Delivery, who: Identity | None) -> bool:
    """Whether a message is one that this person must not learn of, though they would have the role to decide."""
    member = await uow.members.find(who) if who else None
    return member is not None and await introductions.not_for(uow, row) == member.id


async def post_of(uow: UnitOfWork, row: Delivery) -> Post:
    """A delivery as people know it."""
    headline = await uow.deliveries.get(row.thread_key) if row.thread_key else None
    address = row.address
    accounts = [Identity(address.platform, address.workspace, user) for user in address.users]
    found = [await uow.members.find(account) for account in accounts]
    return Post.of(row, headline, " and ".join(member.name for member in found if member))


async def stuck_post(uow: UnitOfWork, key: str, fence: int, choice: Choice) -> Post:
    """The row that a button is about, if it still waits for that choice. Raises NotFound or Stale, with a sentence."""
    row = await uow.deliveries.get(key)
    if row is None:
        raise NotFound(key, GONE)
    if row.fence != fence or choice not in _CHOICES.get(row.state, ()):
        raise Stale(key, DECIDED)
    return await post_of(uow, row)


async def decide(services: Services, who: Identity, key: str, fence: int, choice: Choice, link: str = "") -> Post:
    """Carry out what a person decided about the row with this key, as it was shown to them with this fence.

    Roles are the caller's to check. ``link`` is where the message is, for IS_THERE: an update in place will show
    whether it is. Returns the post as it was. Raises NotFound, Stale, or BadLink.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        shown = await stuck_post(uow, key, fence, choice)
        if shown.delivery.edition_id:
            await uow.editions.lock(shown.delivery.edition_id)
            shown = await stuck_post(uow, key, fence, choice)
        row = shown.delivery
        member = await uow.members.resolve(who, now)
        ref = await _pointed(uow, services, shown, link) if choice is Choice.IS_THERE and shown.has_link else ""
        state = DeliveryState.DROPPED if choice is Choice.LEAVE else DeliveryState.PENDING
        if choice is Choice.IS_THERE and not shown.has_link:
            # No update can show whether it is, so the person is believed.
            state = DeliveryState.SENT
        if row.purpose == publishing.MAIL_PURPOSE and state is DeliveryState.PENDING:
            # It was left as it is while it might have been there; an edition may be corrected meanwhile.
            await editions.renew_mail(uow, services, row)
        for each in await _what_goes_with(uow, row) if choice is Choice.LEAVE else [row]:
            if not await uow.deliveries.settle(each, state, now=now, message_ref=ref):
                raise Stale(key, DECIDED)
        await uow.audit.note(member.id, f"decided: {choice.value}", f"delivery:{key}", now)
        await _settle_cards(uow, services, row, decided_by(member.name, choice.value, now))
        await introductions.note_delivery(uow, row, now)
        if row.purpose in publishing.TO_READERS:
            if row.state is DeliveryState.UNKNOWN:
                # Readers may have it: from now on it is corrected or withdrawn, not pulled back.
                await uow.editions.set_state(row.edition_id, EditionState.APPROVED, EditionState.PUBLISHED)
            await editions.show_again(uow, services, row.edition_id)
        await uow.commit()
    services.wake()
    return shown


async def _what_goes_with(uow: UnitOfWork, row: Delivery) -> list[Delivery]:
    """The row, and what would never come without it: the rest of its thread that is not there yet."""
    if row.is_there:
        return [row]
    thread = row.thread_key or row.key
    rows = await uow.deliveries.of_edition(row.edition_id) if row.edition_id else ()
    return [row, *(one for one in rows if one.thread_key == thread and not one.may_have_left and one.key != row.key)]


async def _pointed(uow: UnitOfWork, services: Services, post: Post, link: str) -> str:
    """The message that a link points at, if it can be this post."""
    row = post.delivery
    pointed = services.message_at(row.address, link)
    headline = await uow.deliveries.get(row.thread_key) if row.thread_key else None
    if headline is None and pointed.thread_ref not in ("", pointed.message_ref):
        raise BadLink(row.key, NO_REPLY)
    if headline is not None and pointed.thread_ref not in ("", headline.message_ref):
        raise BadLink(row.key, OTHER_THREAD.format(post.thread))
    other = await uow.deliveries.by_ref(row.address, pointed.message_ref)
    if other is not None and other.key != row.key:
        raise BadLink(row.key, KNOWN.format((await post_of(uow, other)).name))
    return pointed.message_ref


async def _tell(uow: UnitOfWork, services: Services, row: Delivery, was: DeliveryState) -> None:
    role = who_decides(row)
    if role is None or row.purpose in CARDS.values():
        return  # a card about a card would help nobody: “/convenor stuck” shows both
    if not row.is_stuck:
        if was is DeliveryState.UNKNOWN:
            await _settle_cards(uow, services, row, ARRIVED)
        return
    body = to_json(card(await post_of(uow, row)))
    now = services.clock.now()
    cards = [Delivery(_card_key(row, to), CARDS[role], to, body, now) for to in await _deciders(uow, row)]
    await uow.deliveries.add(cards)


async def _settle_cards(uow: UnitOfWork, services: Services, row: Delivery, decision: str) -> None:
    """Say on every card what was decided; where those who decide are told no more, the card says nothing of it."""
    body = to_json(decided_card(await post_of(uow, row), decision))
    here = {_card_key(row, to) for to in await _deciders(uow, row)}
    for each in await uow.deliveries.under(f"{_CARD}:{row.key}:{row.fence}:"):
        # The key of another row may begin like this one's.
        if each.key == _card_key(row, each.address):
            await uow.deliveries.replace_body(each.key, body if each.key in here else _ELSEWHERE, services.clock.now())


async def hide_from_others(uow: UnitOfWork, now: datetime) -> None:
    """Take the words from the cards about stuck messages that somebody can see who is not to decide (any more)."""
    for each in await uow.deliveries.under(f"{_CARD}:"):
        about = await uow.deliveries.get(_about(each))
        role = next(role for role, purpose in CARDS.items() if purpose == each.purpose)
        not_for = await introductions.not_for(uow, about) if about is not None else ""
        places = [to for find in (in_channels, in_private) for to in await find(uow, role, but_not=not_for)]
        if each.address not in places:
            await uow.deliveries.replace_body(each.key, _ELSEWHERE, now)


async def forget(uow: UnitOfWork, names: Collection[str], now: datetime) -> None:
    """Somebody is erased: no card about a stuck message says what they were called, or what they decided."""
    for each in await uow.deliveries.under(f"{_CARD}:"):
        if mentions(each.body, names):
            await uow.deliveries.replace_body(each.key, _ELSEWHERE, now)


async def _deciders(uow: UnitOfWork, row: Delivery) -> list[Address]:
    """Where those are told who decide: their channels, or, where none is left, each of them.

    Where the row itself was to go they are not told: as likely as not, nothing arrives there.
    """
    role = who_decides(row)
    if role is None:
        return []
    not_for = await introductions.not_for(uow, row)
    for places in (in_channels, in_private):
        if found := [to for to in await places(uow, role, but_not=not_for) if to != row.address]:
            return found
    return []


def _card_key(row: Delivery, to: Address) -> str:
    return f"{_CARD}:{row.key}:{row.fence}:{to.key}"


def _about(card: Delivery) -> str:
    """The key of the message that a card is about."""
    key, _, _ = card.key.removesuffix(f":{card.address.key}").rpartition(":")
    return key.removeprefix(f"{_CARD}:")
