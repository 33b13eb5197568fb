"""What arrives in the editors' channel when a source falls ill, and when it recovers."""

from __future__ import annotations

from datetime import timedelta

from bot import alerts, schedule
from bot.app import seed_cast
from bot.ports import TransportError
from bot.services import Services
from digests.model import DeliveryState, Fetch, Outcome, Trouble
from digests.polling import Notice
from tests.builders import NOW
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFeedReader
from tests.fakes.network import BOB, Network, words_of


class House:
    """A network that reads the fake feeds ``dsit`` and ``ico``. ``await House.make()``."""

    network: Network
    reader: FakeFeedReader
    services: Services

    @classmethod
    async def make(cls, *, bound: bool = True) -> House:
        house = cls()
        house.reader = FakeFeedReader(FakeClock(NOW))
        for name in ("dsit", "ico"):
            house.reader.feed(name).entry(1)
        house.network = await Network.make(bound=bound, reader=house.reader, sources=house.reader.sources)
        house.services = house.network.services
        return house

    async def reads(self, **later: float) -> list[str]:
        """Time passes, every source is read, the outbox sends; what the editors' channel then shows."""
        self.network.clock.advance(**later)
        await schedule.read_sources(self.services, force=True)
        await self.network.sends()
        return self.shown()

    async def ticks(self, **later: float) -> list[str]:
        """Time passes, what is due is read, the outbox sends; what the editors' channel then shows."""
        self.network.clock.advance(**later)
        await schedule.read_tick(self.services)
        await self.network.sends()
        return self.shown()

    def shown(self, channel: str = "editors") -> list[str]:
        """What a channel shows."""
        return [words_of(message) for message in self.network.courier.in_channel(channel)]


async def test_a_source_that_is_gone_is_told_once_in_the_editors_channel() -> None:
    house = await House.make()
    assert await house.reads() == []
    house.reader.feed("dsit").fails(Outcome.GONE, "Gone.")
    (message,) = await house.reads(hours=2)
    assert message == (
        "How sources are doing, Thursday 23 January 2025\n"
        "The source “News of dsit” (dsit) is gone: its publisher says that it will not come back (410). Convenor no "
        "longer reads it. Everything that was read from it is kept. If it has a new address, change it in the "
        "catalogue or add it with “/convenor sources add”; to try the old one again, type "
        "“/convenor sources resume dsit”."
    )
    assert await house.reads(days=30) == [message]
    assert house.reader.feed("dsit").reads == 2
    assert house.network.courier.in_channel("digest") == []


async def test_what_happens_on_one_day_stands_in_one_message_that_grows() -> None:
    house = await House.make()
    for name in ("dsit", "ico"):
        house.reader.feed(name).fails(Outcome.TIMED_OUT, "It did not answer.")
    assert await house.reads() == []
    (message,) = await house.reads(hours=48)
    first, *lines = message.splitlines()
    assert first == "How sources are doing, Saturday 25 January 2025"
    assert sorted(line.split(" has failed")[0] for line in lines) == [
        "The source “News of dsit” (dsit)",
        "The source “News of ico” (ico)",
    ]
    assert await house.reads(hours=1) == [message]

    house.reader.feed("ico").works()
    (grown,) = await house.reads(hours=1)
    assert grown.splitlines()[-1] == (
        "The source “News of ico” (ico) can be read again: it answered on Saturday 25 January 2025, 12:00. "
        "It had failed since Thursday 23 January 2025, 10:00. Nothing needs to be done."
    )
    house.reader.feed("dsit").works()
    assert [words.splitlines()[0] for words in await house.reads(days=1)] == [
        "How sources are doing, Saturday 25 January 2025",
        "How sources are doing, Sunday 26 January 2025",
    ]


def a_notice(number: int = 1) -> Notice:
    return Notice(f"source-{number}", Trouble.FAILING, f"Source {number} fails.")


async def told(network: Network, *notices: Notice) -> list[list[str]]:
    """The lines of each message in the editors' channel after these notices."""
    async with network.store.begin() as uow:
        await alerts.tell_editors(uow, notices, NOW)
        await uow.commit()
    await network.sends()
    return [words_of(message).splitlines()[1:] for message in network.courier.in_channel("editors")]


async def test_a_hundred_notices_of_one_day_make_ten_messages_and_nothing_is_said_twice() -> None:
    network = await Network.make()
    notices = [a_notice(number) for number in range(100)]
    messages = await told(network, *notices)
    assert [len(lines) for lines in messages] == [10] * 10
    assert await told(network, *notices) == messages


async def test_a_message_that_may_not_have_arrived_does_not_take_the_next_line() -> None:
    network = await Network.make()
    network.courier.fails(TransportError("x", "The reply was lost.", ambiguous=True))
    assert await told(network, a_notice(1)) == []
    assert await told(network, a_notice(2)) == [["Source 2 fails."]]


async def test_what_happens_without_an_editors_channel_waits_until_one_is_bound() -> None:
    house = await House.make(bound=False)
    house.reader.feed("dsit").fails(Outcome.GONE)
    assert await house.reads() == []
    async with house.network.store.read() as uow:
        assert await uow.deliveries.in_state(*DeliveryState) == []
    await house.network.say(BOB, "/convenor here editors", "editors")
    (message,) = house.shown()
    assert message.startswith(
        "How sources are doing, Thursday 23 January 2025\nThe source “News of dsit” (dsit) is gone"
    )
    assert "ico" not in message
    await house.network.say(BOB, "/convenor here editors", "editors")
    assert await house.reads(days=1) == [message]


async def test_what_is_over_by_the_time_a_channel_is_bound_is_not_told() -> None:
    house = await House.make(bound=False)
    house.reader.feed("dsit").fails(Outcome.TIMED_OUT, "It did not answer.")
    await house.reads()
    await house.reads(hours=48)
    house.reader.feed("dsit").works()
    await house.reads(hours=1)
    await house.network.say(BOB, "/convenor here editors", "editors")
    assert house.shown() == []


async def test_a_second_editors_channel_hears_what_stands_and_the_first_nothing_new() -> None:
    house = await House.make()
    house.reader.feed("dsit").fails(Outcome.GONE)
    (message,) = await house.reads()
    await house.network.say(BOB, "/convenor here editors", "second")
    assert house.shown("second") == [message]
    assert house.shown() == [message]
    await house.network.say(BOB, "/convenor here nothing", "second")
    await house.network.say(BOB, "/convenor here editors", "second")
    assert house.shown("second") == [message]
    house.reader.feed("ico").fails(Outcome.GONE)
    later = await house.reads(days=1)
    assert len(later) == 2
    assert house.shown("second") == later


async def test_the_rooms_of_the_browser_chat_hear_what_stands_when_they_are_first_made() -> None:
    house = await House.make(bound=False)
    house.reader.feed("dsit").fails(Outcome.GONE)
    await house.reads()
    for _ in range(2):
        await seed_cast(house.services)
    async with house.network.store.read() as uow:
        (row,) = await uow.deliveries.in_state(DeliveryState.PENDING)
    assert (row.address.platform, row.address.channel, row.version) == ("local", "editors", 1)
    assert "(dsit) is gone" in row.body


async def test_that_a_source_fails_is_told_after_48_hours_although_it_is_not_due_to_be_tried() -> None:
    house = await House.make()
    feed = house.reader.feed("dsit")
    feed.fails(Outcome.RATE_LIMITED, "It asks us to wait.", retry_after_seconds=24 * 3600)
    assert await house.ticks() == []
    for _ in range(2):
        assert await house.ticks(hours=23, minutes=59) == []
    reads = feed.reads
    (message,) = await house.ticks(minutes=2)
    assert feed.reads == reads
    assert "(dsit) has failed at every try since Thursday 23 January 2025, 10:00." in message
    assert await house.ticks(minutes=1) == [message]
    assert await house.ticks(hours=23) == [message]


async def test_a_source_that_answers_at_the_48th_hour_is_not_told() -> None:
    house = await House.make()
    house.reader.feed("dsit").fails(Outcome.TIMED_OUT, "It did not answer.")
    await house.ticks()
    house.reader.feed("dsit").works()
    assert await house.ticks(hours=48) == []


async def test_a_sweep_forgets_fetches_after_thirty_days() -> None:
    house = await House.make()
    async with house.network.store.begin() as uow:
        for days in (31, 29):
            at = NOW - timedelta(days=days)
            await uow.sources.add_fetch(Fetch("dsit", at, at, Outcome.READ, "", 200, days, 0, 0))
        await uow.commit()
    assert await schedule.sweep_tick(house.services) == 1
    assert await schedule.sweep_tick(house.services) == 0
    async with house.network.store.read() as uow:
        assert [fetch.entries for fetch in await uow.sources.fetches("dsit")] == [29]
