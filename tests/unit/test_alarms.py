"""Alarms: when they stand, that they are told once to whom they concern, and when they are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.alarms import rules, service, texts
from bot.alarms.rules import Alarm, Disk, Facts, What
from bot.messages import Identity
from bot.ports import Binding, Grant, Purpose, Role, TransportError
from digests.model import Address
from tests.builders import NOW
from tests.fakes.courier import FakeCourier
from tests.fakes.network import BOB, Network, words_of

HOUR = timedelta(hours=1)
GIGABYTE = 10**9
FINE = Facts(
    now=NOW,
    last_fetch=NOW,
    last_good=NOW,
    waiting_since={"slack": NOW - HOUR / 2},
    failing_since={"read": NOW - HOUR / 3},
    disk=Disk(20 * GIGABYTE, 100 * GIGABYTE),
    last_backup=NOW - 20 * HOUR,
    backups_since=NOW - 100 * HOUR,
)


def test_nothing_stands_where_all_is_well() -> None:
    assert rules.found(FINE) == []
    assert rules.found(Facts(NOW)) == []


@pytest.mark.parametrize(
    ("changed", "alarm"),
    [
        ({"last_good": NOW - 13 * HOUR}, Alarm(What.READING, "", NOW - 13 * HOUR)),
        ({"waiting_since": {"slack": NOW - 2 * HOUR}}, Alarm(What.SENDING, "slack", NOW - 2 * HOUR)),
        ({"failing_since": {"draft": NOW - HOUR}}, Alarm(What.WORK, "draft", NOW - HOUR)),
        ({"disk": Disk(GIGABYTE // 3, 100 * GIGABYTE)}, Alarm(What.DISK, "", NOW)),
        ({"last_backup": NOW - 40 * HOUR}, Alarm(What.BACKUP, "", NOW - 40 * HOUR)),
        ({"last_backup": None, "backups_since": NOW - 37 * HOUR}, Alarm(What.BACKUP, "", NOW - 37 * HOUR)),
    ],
)
def test_each_alarm_stands_where_its_limit_is_passed(changed: dict[str, object], alarm: Alarm) -> None:
    assert rules.found(replace(FINE, **changed)) == [alarm]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changed",
    [
        # Nobody has asked any source since: that is not the sources' doing.
        {"last_good": NOW - 13 * HOUR, "last_fetch": NOW - 13 * HOUR},
        {"last_good": NOW - 11 * HOUR},
        # A small disk may be small.
        {"disk": Disk(GIGABYTE // 3, 5 * GIGABYTE)},
        # Nobody asked for backups.
        {"last_backup": None, "backups_since": None},
        {"last_backup": None, "backups_since": NOW - HOUR},
    ],
)
def test_nothing_stands_short_of_the_limit(changed: dict[str, object]) -> None:
    assert rules.found(replace(FINE, **changed)) == []  # type: ignore[arg-type]


def test_a_disk_at_the_limit_is_not_told_to_and_fro() -> None:
    at_the_limit = replace(FINE, disk=Disk(rules.LEAST_FREE_BYTES + 1, 100 * GIGABYTE))
    assert rules.found(at_the_limit) == []
    assert [each.what for each in rules.found(at_the_limit, [Alarm(What.DISK, "", NOW)])] == [What.DISK]


def test_what_a_process_that_has_just_begun_does_not_know_ends_no_alarm() -> None:
    failed, none = Alarm(What.WORK, "draft", NOW - HOUR), Alarm(What.BACKUP, "", NOW - 50 * HOUR)
    begun = replace(FINE, started_at=NOW, last_backup=None, worked_at={"draft": None, "read": NOW}, failing_since={})
    assert rules.changes([failed, none], rules.found(begun, [failed, none])) == ([], [])
    # Another process has the alarm from what came after this one last saw the tick go well.
    earlier = replace(begun, worked_at={"draft": NOW - 2 * HOUR})
    assert rules.found(earlier, [failed]) == [failed]
    well = replace(begun, worked_at={"draft": NOW - HOUR / 2}, last_backup=NOW)
    assert rules.changes([failed, none], rules.found(well, [failed, none])) == ([], [failed, none])
    # A later Convenor may have no such tick.
    assert rules.found(replace(well, worked_at={}), [failed]) == []


def test_that_there_is_no_backup_is_said_whatever_became_of_the_process_meanwhile() -> None:
    none = replace(FINE, last_backup=None, started_at=NOW - HOUR / 2)
    assert rules.found(none) == [], "it may be making one"
    assert rules.found(replace(none, now=NOW + HOUR)) != []


async def with_an_administrator() -> Network:
    network = await Network.make()
    async with network.store.begin() as uow:
        bob = await uow.members.resolve(BOB, NOW)
        await uow.roles.grant(Grant(bob, Role.ADMINISTRATOR, "settings", NOW))
        await uow.commit()
    return network


NO_READS = Facts(NOW, last_fetch=NOW, last_good=NOW - 13 * HOUR)


async def test_an_alarm_is_told_once_to_administrators_and_its_message_says_when_it_is_over() -> None:
    network = await with_an_administrator()
    for _ in range(3):
        await service.look(network.services, replace(NO_READS, now=network.clock.now()))
        await network.sends()
        network.clock.advance(minutes=5)
    (told,) = network.courier.to(BOB.user)
    assert words_of(told) == (
        "No source can be read\n"
        "Every attempt to read a source has failed since Wednesday 22 January 2025, 21:00. Items are not lost: most "
        "sources keep theirs for days, and reading goes on by itself.\n"
        "Look whether this machine reaches the internet, and whether something between blocks it.\n"
        "More in docs/operating.md, under “No source can be read”."
    )
    assert network.courier.in_channel("editors") == []

    await service.look(network.services, Facts(network.clock.now()))
    await network.sends()
    (told,) = network.courier.to(BOB.user)
    assert words_of(told) == (
        "Over: No source can be read\n"
        "It is well again, since Thursday 23 January 2025, 10:15. It was so from Wednesday 22 January 2025, 21:00. "
        "Nothing needs to be done any more."
    )
    # It may come back.
    await service.look(network.services, replace(NO_READS, last_good=NOW, now=NOW + 14 * HOUR, last_fetch=NOW + HOUR))
    await network.sends()
    assert len(network.courier.to(BOB.user)) == 2


async def test_without_an_administrator_the_editors_channel_hears_it() -> None:
    network = await Network.make()
    await service.look(network.services, NO_READS)
    await network.sends()
    (told,) = network.courier.in_channel("editors")
    assert words_of(told).startswith("No source can be read\n")


async def test_administrators_of_the_settings_are_told_where_their_workspace_is_known() -> None:
    network = await Network.make()
    services = replace(network.services, admins=("slack:U9", "slack:T7:U8"))
    courier = FakeCourier()
    network.courier_for("slack", courier)
    await service.look(services, NO_READS)
    await network.sends()
    assert len(courier.to("U8")) == 1
    async with network.store.begin() as uow:
        binding = Binding(Address("slack", "T7", channel="C1"), Purpose.DIGEST, "settings", NOW)
        await uow.channels.bind(binding)
        await uow.commit()
    await service.look(services, replace(NO_READS, failing_since={"read": NOW - HOUR}))
    await network.sends()
    assert len(courier.to("U9")) == 1


async def test_that_a_platform_is_shut_is_told_on_another_one_alone() -> None:
    network = await with_an_administrator()
    shut = Facts(NOW, waiting_since={BOB.platform: NOW - 2 * HOUR})
    assert await service.look(network.services, shut) == 1
    await network.sends()
    assert network.courier.to(BOB.user) == []
    async with network.store.read() as uow:
        assert [alarm.key for alarm in await uow.alarms.standing()] == [(What.SENDING, BOB.platform)]
    teams = FakeCourier()
    network.courier_for("teams", teams)
    zoe = Identity("teams", "tenant", "zoe", "Zoe")
    async with network.store.begin() as uow:
        member = await uow.members.resolve(zoe, NOW)
        await uow.roles.grant(Grant(member, Role.ADMINISTRATOR, "settings", NOW))
        await uow.commit()
    await service.look(network.services, Facts(NOW))
    await service.look(network.services, shut)
    await network.sends()
    assert [words_of(told).splitlines()[0] for told in teams.to("zoe")] == ["Messages are not sent"]


async def test_an_alarm_that_could_not_be_told_is_nobody_elses_to_decide_about() -> None:
    network = await with_an_administrator()
    network.courier.fails(TransportError("bob", "They blocked us.", permanent=True), user=BOB.user)
    await service.look(network.services, NO_READS)
    await network.sends()
    for room in ("editors", "coordinators"):
        assert network.courier.in_channel(room) == []


def test_every_alarm_says_what_is_wrong_and_what_to_do() -> None:
    for what in What:
        words = words_of(texts.message(Alarm(what, "slack" if what is What.SENDING else "read", NOW)))
        assert words.splitlines()[0] == texts.TITLES[what]
        assert "{" not in words
        assert "Thursday 23 January 2025, 10:00" in words
    assert "for Slack has waited" in words_of(texts.message(Alarm(What.SENDING, "slack", NOW)))
