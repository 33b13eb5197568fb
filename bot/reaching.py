"""Where people are written to: at their oldest account, and at the next where that one is lost or no more theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bot import following
from bot.editions import suggested
from bot.introductions import outgoing
from bot.introductions.ways import MAIL
from bot.members import cards
from bot.messages import Identity
from bot.ports import UnitOfWork
from bot.services import Services
from digests.model import Address, Delivery, DeliveryState

SHOWN_ELSEWHERE = "It is shown at another account."
CALLED_BACK = "It was called back, as one of the accounts was separated."

# What goes out by itself, or once a person has acted.
_WAITS = (DeliveryState.PENDING, DeliveryState.RETRY, DeliveryState.PARKED)

# Between Convenor and one person, wherever that person is. Other messages are about one account, or are shown anew
# wherever coordinators or editors are.
_FOLLOW_THE_PERSON = outgoing.UNSEEN | {following.PURPOSE, suggested.PURPOSE}


async def elsewhere(services: Services, uow: UnitOfWork, row: Delivery) -> Address | None:
    """Where a message goes that cannot be written to somebody at the account it was for: nothing has arrived there.

    That account is noted as lost, so that whatever comes next goes to another from the start. None where there is no
    other; an introduction then goes by mail to whoever gave an address. A coordinator's card is given up for another
    one, as it is found again by where it is.
    """
    account, now = account_of(row.address), services.clock.now()
    if account is None:
        return None
    await uow.members.lose(account, now)
    member = await uow.members.find(account)
    if member is None or row.purpose not in {*_FOLLOW_THE_PERSON, outgoing.CARD}:
        return None
    # Those that are lost come last, so this is one that is not, if there is any.
    first = (await uow.members.identities(member.id))[0]
    has_another = not await uow.members.is_lost(first)
    if has_another and row.purpose == outgoing.CARD:
        await uow.deliveries.settle(row, DeliveryState.DROPPED, now=now, reason=SHOWN_ELSEWHERE)
        await outgoing.show_again(uow, row.key, now)
        return None
    if has_another:
        return first.address
    if row.purpose == outgoing.INTRODUCTION and services.can_mail:
        email = await outgoing.email_of(uow, row.key, member.id)
        return Address(MAIL, "", user=email) if email else None
    return None


async def move(uow: UnitOfWork, account: Identity, left: Sequence[Identity], now: datetime) -> None:
    """An account is not this person's any more: what waits for it, and has not arrived, goes to the first left to them.

    A conversation that is to be opened with others goes on with another account of the same place, or is called back. A
    coordinator's card is given up for one where they are now. What is about that account alone stays there.
    """
    for row in await uow.deliveries.in_state(*_WAITS):
        others = _with_another(row.address, account, left)
        if row.may_have_left or others is None or row.key.startswith(cards.OF_AN_ACCOUNT):
            continue
        if row.purpose == outgoing.CARD:
            await uow.deliveries.settle(row, DeliveryState.DROPPED, now=now, reason=SHOWN_ELSEWHERE)
            # A note in the thread of a card goes with it.
            await outgoing.show_again(uow, row.key, now)
        elif not others.user:
            await uow.deliveries.settle(row, DeliveryState.DROPPED, now=now, reason=CALLED_BACK)
        else:
            again = row.available_at
            await uow.deliveries.settle(row, row.state, now=now, reason=row.reason, available_at=again, address=others)


def _with_another(address: Address, account: Identity, left: Sequence[Identity]) -> Address | None:
    """The address without this account; None where it is not in it, nobody where nobody can stand in for it."""
    here = (account.platform, account.workspace)
    if address.channel or here != (address.platform, address.workspace) or account.user not in address.users:
        return None
    if len(address.users) == 1:
        return left[0].address
    same = [each.user for each in left if (each.platform, each.workspace) == here]
    users = [same[0] if same and each == account.user else each for each in address.users]
    return replace(address, user=",".join(users) if same else "")


async def arrived(uow: UnitOfWork, row: Delivery) -> None:
    """After a message was given to a platform: its account is no longer lost, if it was."""
    account = account_of(row.address)
    if account is not None:
        await uow.members.find_again(account)


def account_of(address: Address) -> Identity | None:
    """The account whose direct messages an address is; None for a channel, a mailbox and several people."""
    if address.channel or address.platform == MAIL or len(address.users) != 1:
        return None
    return Identity(address.platform, address.workspace, address.user)
