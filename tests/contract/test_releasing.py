"""A restored database on hold, and its release: nothing is posted twice, nobody who left comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.store.database import Database
from bot import schedule
from bot.handlers import topics
from bot.keeping.model import COUNTS_AS_UNKNOWN, FELL_DUE, Hold, NotOnHold
from bot.keeping.releasing import release
from bot.keeping_commands import EDITION_FELL_DUE, listed
from bot.mailing import ON_HOLD, NotToBeMailed, mail_edition
from bot.outbox import Outbox
from tests.builders import NOW, a_delivery, a_tagged_item
from tests.fakes.network import ALICE, BOB, CAROL, Network, said

DAY = timedelta(days=1)
FOLLOW = {"topic": "ai", "words": "", "without": "", "soon": "now"}


async def on_hold(database: Database, *, restored_after: timedelta) -> Network:
    """A network whose database, as it stands, is a backup that is restored some time later."""
    network = await Network.make(store=database)
    network.clock.set(NOW)
    await network.receives(*(a_tagged_item(n, received_at=NOW, published_at=NOW) for n in (1, 2)))
    await network.submit(ALICE, topics.FORM, **FOLLOW)
    network.clock.advance(days=restored_after.days, seconds=restored_after.seconds)
    async with database.begin() as uow:
        await uow.holds.begin(Hold(network.clock.now(), NOW, "convenor-20250123T100000Z.db"))
        await uow.commit()
    return network


async def test_on_hold_no_tick_does_anything_and_administrators_see_why(database: Database) -> None:
    network = await on_hold(database, restored_after=3 * DAY)
    looked: list[str] = []

    async def tick() -> None:
        looked.append("looked")

    await schedule.unless_held(network.services, tick)
    assert looked == []
    home = said(await network.say(BOB, "/convenor home"))
    assert (
        "On hold. The database was restored on Sunday 26 January 2025, 10:00 from a backup of Thursday 23 January "
        "2025, 10:00. Nothing is sent, read or drafted until whoever runs Convenor releases it, with convenor release "
        "at its machine."
    ) in home
    assert "On hold" not in said(await network.say(CAROL, "/convenor home"))
    await release(network.services, database.together, send=False, keep=True)
    await schedule.unless_held(network.services, tick)
    assert looked == ["looked"]


async def test_what_fell_due_before_the_restore_is_left_to_people_and_not_sent(database: Database) -> None:
    network = await on_hold(database, restored_after=3 * DAY)
    shown = await release(network.services, database.together, send=False, keep=False)
    assert sorted(row.purpose for row in shown.unknown) == ["alert", "draft", "draft"]
    assert {row.reason for row in shown.unknown} == {FELL_DUE}
    async with database.read() as uow:
        assert await uow.holds.get() is not None
        assert await uow.editions.recent(1) == []
    done = await release(network.services, database.together, send=False, keep=True)
    assert [row.key for row in done.unknown] == [row.key for row in shown.unknown]
    assert [row.key for row in done.sent] == [row.key for row in shown.sent]
    assert list(listed(done)) == [
        "On hold since Sunday 26 January 2025, 10:00, when convenor-20250123T100000Z.db was restored, which was made "
        "on Thursday 23 January 2025, 10:00.",
        "May have been sent already, so people decide about each (“/convenor stuck” in chat shows them):",
        "  “Draft: Data Policy Digest 1, Friday 24 January 2025, 2 entries” to #editors (draft)",
        "  “News (2 entries)” to #editors (draft)",
        "  1 message to persons (alert)",
        EDITION_FELL_DUE,
        "To be sent at once:",
        *2
        * (
            "  “Did this arrive? “Draft: Data Policy Digest 1, Friday 24 January 2025, 2 entries”” to an editor "
            "(stuck.editors)",
        ),
        *2 * ("  “Did this arrive? “News (2 entries)”” to an editor (stuck.editors)",),
    ]
    sent_before = len(network.courier.posted)
    await schedule.draft_tick(network.services)
    await schedule.alert_tick(network.services)
    await network.sends()
    told = network.courier.posted[sent_before:]
    # Only the cards that ask people what became of what fell due.
    assert told
    assert {line.key.partition(":")[0] for line in told} == {"stuck"}
    stuck = said(await network.say(CAROL, "/convenor stuck"))
    assert FELL_DUE in stuck


async def test_what_waited_may_be_sent_where_nobody_can_have_sent_it(database: Database) -> None:
    network = await Network.make(store=database)
    row = a_delivery("waits", address=ALICE.address, created_at=NOW)
    async with database.begin() as uow:
        await uow.deliveries.add([row])
        await uow.holds.begin(Hold(NOW, NOW, "convenor-20250123T100000Z.db"))
        await uow.commit()
    await network.sends()
    assert network.courier.posted == []
    shown = await release(network.services, database.together, send=False, keep=False)
    assert [(each.key, each.reason) for each in shown.unknown] == [("waits", COUNTS_AS_UNKNOWN)]
    done = await release(network.services, database.together, send=True, keep=True)
    assert ([each.key for each in done.sent], list(done.unknown)) == (["waits"], [])
    await network.sends()
    assert [line.key for line in network.courier.posted] == ["waits"]
    with pytest.raises(NotOnHold, match="there is nothing to release"):
        await release(network.services, database.together, send=True, keep=True)


async def test_no_mail_is_sent_by_command_on_hold(database: Database) -> None:
    network = await Network.make(store=database, can_mail=True)
    await network.has_a_draft()
    async with database.begin() as uow:
        await uow.holds.begin(Hold(NOW, NOW, "convenor-20250123T100000Z.db"))
        await uow.commit()
    outbox = Outbox(database, {"mail": network.mail}, network.clock)
    with pytest.raises(NotToBeMailed, match=ON_HOLD[:40]):
        await mail_edition(network.services, outbox, "list@example.org", 1)
