"""Erasing on a real database, at awkward moments: interrupted, twice at once, in the middle of things."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from adapters.store.database import Database
from bot.messages import Ask, AskKind, Button
from bot.ports import UnitOfWork
from bot.privacy import complaint_texts, notice, service
from digests.model import Delivery, DeliveryState
from tests.builders import a_profile
from tests.contract.personal_rows import everything
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, said

MARK = "former-"


async def busy(database: Database) -> Network:
    """Alice is an editor who approved, edited, suggested, asked and complained; and wants to be erased."""
    network = await Network.make(store=database)
    await network.say(BOB, "/convenor roles add @alice editor", mentions={"@alice": ALICE})
    await network.has_a_draft()
    await network.press(ALICE, network.button("Leave out", "editors", "part 1"))
    await network.press(CAROL, network.button("Leave out", "editors", "part 2"))
    await network.press(ALICE, network.button("Approve", "editors"))
    await network.say(ALICE, "/digest suggest https://example.org/page because it matters")
    await network.submit(ALICE, complaint_texts.FORM, words="Please look into how my request was shown.")
    async with network.store.begin() as uow:
        member = await uow.members.resolve(ALICE, network.clock.now())
        await uow.profiles.put(a_profile(member.id))
        await uow.commit()
    await network.press(ALICE, Button("", notice.ERASE))
    network.clock.advance(days=14)
    return network


async def is_there(network: Network) -> bool:
    async with network.store.read() as uow:
        return await uow.members.find(ALICE) is not None


async def test_an_editor_who_is_erased_leaves_an_edition_that_still_says_that_somebody_approved_it(
    database: Database,
) -> None:
    network = await busy(database)
    async with network.store.read() as uow:
        (edition,) = await uow.editions.recent(1)
        before = await uow.editions.approvals(edition.id)
    assert await service.erase_due(network.services) == 1
    async with network.store.read() as uow:
        (approval,) = await uow.editions.approvals(edition.id)
        assert before[0].member_name == "Alice"
        assert approval.member_name == "a former editor"
        assert approval.member_id.startswith(MARK)
        authors = [each.author for each in await uow.editions.history(edition.id)]
        # The same mark for the same person, and another's work untouched.
        assert authors.count(approval.member_id) == 1
        assert (await uow.editions.get(edition.id)) == edition
    assert "Somebody who has left" in said(await network.say(BOB, "/digest history"))
    assert not [row for rows in (await everything(database)).values() for row in rows if "'Alice'" in row]


async def test_an_erasure_that_breaks_off_leaves_everything_and_is_done_at_the_next_tick(
    database: Database, monkeypatch: Any
) -> None:
    network = await busy(database)
    before = await everything(database)
    real = type(database).begin

    @asynccontextmanager
    async def broken(self: Database) -> AsyncIterator[UnitOfWork]:
        async with real(self) as uow:

            async def commit() -> None:
                raise RuntimeError("the machine stops here")

            monkeypatch.setattr(uow, "commit", commit, raising=False)
            yield uow

    with monkeypatch.context() as patched:
        patched.setattr(Database, "begin", broken)
        # An alarm comes of it where it goes on.
        with pytest.raises(service.NotErased, match="An erasure that is due could not be carried out"):
            await service.erase_due(network.services)
    assert await everything(database) == before
    assert await service.erase_due(network.services) == 1
    assert not await is_there(network)


async def test_two_clocks_at_once_erase_once(database: Database) -> None:
    network = await busy(database)
    done = await asyncio.gather(*(service.erase_due(network.services) for _ in range(4)))
    assert sum(done) == 1
    assert said(await network.say(DAN, "/convenor audit")).count("Convenor erased a member") == 1


async def test_what_somebody_does_in_the_same_moment_is_done_or_refused_and_breaks_nothing(database: Database) -> None:
    network = await busy(database)
    words = ("/intro somebody who knows about AI audits", "/topics follow ai", "/convenor privacy", "/convenor home")
    asks = [network.desk.answer(ask(network, each)) for each in words]
    await asyncio.gather(service.erase_due(network.services), *asks)
    await service.erase_due(network.services)
    # Whoever they were is gone; if they came back in that moment, it is as somebody new.
    async with network.store.read() as uow:
        known = await uow.members.find(ALICE)
        assert known is None or await uow.rights.erasure_of(known.id) is None
        assert known is None or await uow.profiles.get(known.id) is None


def ask(network: Network, words: str) -> Ask:
    name, _, rest = words.removeprefix("/").partition(" ")
    return Ask(AskKind.COMMAND, ALICE, name, network.clock.now(), ALICE.address, rest)


async def test_a_message_that_is_being_sent_to_them_is_forgotten_without_harm(database: Database) -> None:
    network = await busy(database)
    now = network.clock.now()
    async with network.store.begin() as uow:
        await uow.deliveries.add([Delivery("note", "notice", ALICE.address, "{}", now)])
        (claimed,) = await uow.deliveries.claim(now, now, key="note")
        await uow.commit()
    assert await service.erase_due(network.services) == 1
    async with network.store.begin() as uow:
        assert await uow.deliveries.get("note") is None
        assert not await uow.deliveries.settle(claimed, DeliveryState.SENT, now=now, message_ref="1")
        await uow.commit()
    await network.sends()


async def test_their_complaint_is_still_answered_and_the_answer_still_arrives(database: Database) -> None:
    network = await busy(database)
    await service.erase_due(network.services)
    assert not await is_there(network)
    async with network.store.read() as uow:
        (complaint,) = await uow.rights.complaints()
    shown = said(await network.press(DAN, Button("", complaint_texts.READ, complaint.reference)))
    assert "Somebody who has been erased since" in shown
    await network.submit(DAN, complaint_texts.ANSWER_FORM, complaint.reference, reply="We looked, and are sorry.")
    assert "is answered" in network.courier.to("alice")[-1].summary
    assert not await is_there(network)
