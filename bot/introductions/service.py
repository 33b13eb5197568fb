"""Records a request for an introduction, tells the coordinators privately, and lets the member take it back."""

from __future__ import annotations

import secrets
from datetime import datetime

from bot.introductions.texts import coordinator_card
from bot.messages import Identity, to_json
from bot.ports import IntroductionRequest, Purpose, Role, UnitOfWork
from bot.services import Services
from digests.errors import ConvenorError, Stale
from digests.model import Address, Delivery

# "Limits: 2 open requests a person" (DESIGN.md, introduction rules).
OPEN_AT_MOST = 2
NEED_AT_LEAST, NEED_AT_MOST = 10, 1500

OPEN, WITHDRAWN = "open", "withdrawn"


class TooMany(ConvenorError):
    """The member has as many open requests as one may have."""

    sentence = (
        f"You have {OPEN_AT_MOST} open requests already, which is as many as one person can have, so this one was not "
        "recorded. Take one back with its “Take it back” button, or wait until a coordinator has closed one."
    )


async def submit(services: Services, identity: Identity, need: str) -> tuple[IntroductionRequest, bool]:
    """Record a request and write the coordinators' cards to the outbox, in one transaction.

    Returns the request, and whether anybody has been told (there may be no coordinator yet; whoever becomes one is
    told then). Raises TooMany.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(identity, now)
        if len(await uow.requests.open_of(member.id)) >= OPEN_AT_MOST:
            raise TooMany(member.id)
        request = IntroductionRequest(secrets.token_hex(6), member, identity, need, now, OPEN)
        await uow.requests.add(request)
        told = await announce(uow, request, now)
        await uow.inbox.drop_form(identity, "intro")
        await uow.commit()
    services.wake()
    return request, told


async def withdraw(services: Services, identity: Identity, request_id: str) -> None:
    """The member takes a request back. Raises Stale where it is not theirs or not open: the same words for both."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.find(identity)
        request = await uow.requests.get(request_id)
        mine = member is not None and request is not None and request.member.id == member.id
        if request is None or not mine or not await close(uow, request, now):
            raise Stale(request_id, "That request is closed already. Nothing was changed.")
        await uow.commit()
    services.wake()


async def close(uow: UnitOfWork, request: IntroductionRequest, now: datetime) -> bool:
    """Close a request for its owner, and show coordinators that it is; False where it is not open any more."""
    if not await uow.requests.set_state(request.id, OPEN, WITHDRAWN):
        return False
    for key in await _card_keys(uow, request):
        await uow.deliveries.replace_body(key, to_json(coordinator_card(request, withdrawn=True)), now)
    return True


async def announce_open(uow: UnitOfWork, now: datetime) -> None:
    """Show every open request to coordinators that have not seen it."""
    for request in await uow.requests.all_open():
        await announce(uow, request, now)


async def announce(uow: UnitOfWork, request: IntroductionRequest, now: datetime) -> bool:
    """A card to each coordinators' channel, or, where there is none, to each coordinator. Whether anybody is told."""
    body = to_json(coordinator_card(request))
    rows = [Delivery(_key(request, address), "request", address, body, now) for address in await _coordinators(uow)]
    await uow.deliveries.add(rows)
    return bool(rows)


async def _coordinators(uow: UnitOfWork) -> list[Address]:
    channels = [binding.address for binding in await uow.channels.bound(Purpose.COORDINATORS)]
    if channels:
        return channels
    people = [grant.member for grant in await uow.roles.all() if grant.role is Role.COORDINATOR]
    accounts = [await uow.members.identities(member.id) for member in people]
    return [identities[0].address for identities in accounts if identities]


def _key(request: IntroductionRequest, address: Address) -> str:
    return f"request:{request.id}:{address.platform}:{address.workspace}:{address.channel or '@' + address.user}"


async def _card_keys(uow: UnitOfWork, request: IntroductionRequest) -> list[str]:
    keys = [_key(request, address) for address in await _coordinators(uow)]
    return [key for key in keys if await uow.deliveries.get(key)]
