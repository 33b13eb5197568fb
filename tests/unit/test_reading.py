"""One pass over the sources: each is stored on its own, none stops another, and the first pass is remembered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from digests.model import (
    UNTAGGED,
    Correction,
    Fetch,
    FetchResult,
    Installation,
    Item,
    Outcome,
    Source,
    SourceState,
    TaggedItem,
    Tagging,
    Trouble,
    Verdict,
)
from digests.polling import Notice
from digests.ports import UnitOfWork
from digests.reading import PassSummary, read_due
from tests.builders import NOW, a_tagging
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFeedReader
from tests.fakes.store import FakeStore

WINDOW_START = NOW - timedelta(days=7)


class House:
    """A store, a clock, feeds, and a tagger that tags what has "data" in its title."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = FakeStore()
        self.reader = FakeFeedReader(self.clock)
        self.results: list[tuple[str, Outcome]] = []
        self.notices: list[Notice] = []
        self.deaf = False

    def tag(self, item: Item) -> Tagging:
        return a_tagging("data", relevant=True) if "data" in item.title else a_tagging(relevant=False)

    async def read(self, *, force: bool = False, concurrency: int = 8, store: FakeStore | None = None) -> PassSummary:
        def note(source: Source, fetch: Fetch) -> None:
            self.results.append((source.id, fetch.outcome))

        async def tell(_uow: UnitOfWork, notices: Sequence[Notice]) -> None:
            if self.deaf:
                raise OSError("the notice could not be stored")
            self.notices.extend(notices)

        return await read_due(
            self.reader.sources,
            store=store or self.store,
            reader=self.reader,
            tag=self.tag,
            clock=self.clock,
            concurrency=concurrency,
            force=force,
            on_result=note,
            tell=tell,
            window_start=WINDOW_START,
        )

    async def items(self) -> dict[str, TaggedItem]:
        """Everything received, background too, by title."""
        async with self.store.read() as uow:
            return {tagged.item.title: tagged for tagged in await uow.items.page(limit=1000)}

    async def state(self, source_id: str) -> SourceState:
        async with self.store.read() as uow:
            return (await uow.sources.states())[source_id]

    async def fetches(self, source_id: str) -> Sequence[Fetch]:
        async with self.store.read() as uow:
            return await uow.sources.fetches(source_id)

    async def installation(self) -> Installation | None:
        async with self.store.read() as uow:
            return await uow.installation()

    async def set_state(self, state: SourceState) -> None:
        async with self.store.begin() as uow:
            await uow.sources.save_state(state)
            await uow.commit()


@pytest.fixture
def house() -> House:
    return House()


async def test_items_state_fetch_and_tags_are_stored_together(house: House) -> None:
    house.reader.feed("dsit").entry(1, title="A data plan").entry(2, title="A visit")
    summary = await house.read()
    items = await house.items()
    assert items["A data plan"].tagging.topic_ids == ("data",)
    assert not items["A visit"].tagging.relevant
    state = await house.state("dsit")
    assert (state.outcome, state.etag, state.first_read_at) == (Outcome.READ, '"2"', NOW)
    (fetch,) = await house.fetches("dsit")
    assert (fetch.outcome, fetch.entries, fetch.new, fetch.changed) == (Outcome.READ, 2, 2, 0)
    assert (summary.fetched, summary.outcomes, summary.new, summary.changed, summary.failed) == (
        1,
        {Outcome.READ: 1},
        2,
        0,
        {},
    )


async def test_a_second_pass_brings_only_what_is_new_or_changed(house: House) -> None:
    feed = house.reader.feed("dsit").entry(1).entry(2)
    await house.read()
    feed.entry(2, title="Title 2, with data").entry(3)
    house.clock.advance(hours=2)
    summary = await house.read()
    assert (summary.new, summary.changed) == (1, 1)
    items = await house.items()
    assert set(items) == {"Title 1", "Title 2, with data", "Title 3"}
    revised = items["Title 2, with data"]
    assert (revised.item.revision, revised.tagging.topic_ids) == (2, ("data",))


async def test_a_new_wording_does_not_undo_what_an_editor_said(house: House) -> None:
    feed = house.reader.feed("dsit").entry(1, title="Title 1, with data")
    await house.read()
    (known,) = (await house.items()).values()
    async with house.store.begin() as uow:
        await uow.corrections.add(Correction(known.item.id, "bob", NOW, Verdict.WRONG, "data"))
        await uow.corrections.add(Correction(known.item.id, "bob", NOW, Verdict.MISSING, "health"))
        await uow.commit()
    feed.entry(1, title="Title 1, with more data")
    house.clock.advance(hours=2)
    assert (await house.read()).changed == 1
    revised = (await house.items())["Title 1, with more data"]
    assert revised.tagging.topic_ids == ("health",)


async def test_an_unchanged_feed_is_known_by_its_validator(house: House) -> None:
    house.reader.feed("dsit").entry(1)
    await house.read()
    house.clock.advance(hours=2)
    assert (await house.read()).outcomes == {Outcome.UNCHANGED: 1}


async def test_a_source_is_not_read_before_it_is_due_unless_forced(house: House) -> None:
    feed = house.reader.feed("dsit").entry(1)
    await house.read()
    house.clock.advance(minutes=59)
    assert (await house.read()).fetched == 0
    assert (await house.read(force=True)).fetched == 1
    assert feed.reads == 2


async def test_disabled_and_muted_sources_are_never_read_even_when_forced(house: House) -> None:
    disabled = house.reader.feed("disabled", enabled=False)
    muted = house.reader.feed("muted")
    await house.set_state(SourceState("muted", muted=True))
    assert (await house.read(force=True)).fetched == 0
    assert (disabled.reads, muted.reads) == (0, 0)


async def test_a_feed_that_has_ended_is_read_once_and_then_never_again(house: House) -> None:
    feed = house.reader.feed("dsit").fails(Outcome.ENDED, "The publisher says that this feed has ended.")
    summary = await house.read()
    assert summary.failed == {"dsit": "The publisher says that this feed has ended."}
    house.clock.advance(days=30)
    await house.read(force=True)
    assert feed.reads == 1


async def test_one_failing_source_does_not_stop_the_others(house: House) -> None:
    house.reader.feed("down").fails(Outcome.TIMED_OUT, "It did not answer in full within 30 seconds.")
    house.reader.feed("dsit").entry(1)
    summary = await house.read()
    assert summary.outcomes == {Outcome.TIMED_OUT: 1, Outcome.READ: 1}
    assert summary.failed == {"down": "It did not answer in full within 30 seconds."}
    assert (await house.state("down")).failures == 1
    assert (await house.fetches("down"))[0].reason == "It did not answer in full within 30 seconds."
    assert "Title 1" in await house.items()


async def test_a_bug_in_the_reader_is_one_sources_failure_and_the_log_does_not_quote_the_feed(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    house.reader.feed("odd").raises(ValueError("a secret from the feed"))
    house.reader.feed("dsit").entry(1)
    with caplog.at_level(logging.ERROR):
        summary = await house.read()
    assert summary.outcomes == {Outcome.UNREADABLE: 1, Outcome.READ: 1}
    assert "Convenor itself failed" in summary.failed["odd"]
    assert (await house.state("odd")).failures == 1
    assert "reading source odd failed with ValueError" in caplog.text
    assert "in answer" in caplog.text
    assert "secret" not in caplog.text


async def test_a_bug_in_a_rule_stores_none_of_the_sources_items_but_its_failure(house: House) -> None:
    house.reader.feed("dsit").entry(1).entry(2, title="poison")
    house.reader.feed("ico").entry(1, title="Fine")

    def tag(item: Item) -> Tagging:
        if item.title == "poison":
            raise ZeroDivisionError
        return a_tagging()

    house.tag = tag  # type: ignore[method-assign]
    summary = await house.read()
    assert set(summary.failed) == {"dsit"}
    assert set(await house.items()) == {"Fine"}
    state = await house.state("dsit")
    assert (state.etag, state.first_read_at, state.failures) == ("", None, 1)


class BrokenStore(FakeStore):
    """A store that can be read but not written."""

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:  # type: ignore[override]
        raise OSError("disk full")


async def test_a_store_that_cannot_be_written_fails_each_source_and_not_the_pass(house: House) -> None:
    house.reader.feed("dsit").entry(1)
    house.reader.feed("ico").entry(1)
    summary = await house.read(store=BrokenStore())
    assert set(summary.failed) == {"dsit", "ico"}
    assert all(reason.startswith("What was read could not be stored.") for reason in summary.failed.values())
    assert house.reader.feed("ico").reads == 1


async def test_the_first_pass_is_recorded_with_its_window_and_shows_what_the_window_holds(house: House) -> None:
    old = NOW - timedelta(days=8)
    house.reader.feed("dsit").entry(1, title="Fresh").entry(2, title="Old", published=old)
    await house.read()
    assert await house.installation() == Installation(NOW, WINDOW_START)
    background = {title: tagged.item.background for title, tagged in (await house.items()).items()}
    assert background == {"Fresh": False, "Old": True}


async def test_a_source_that_joins_later_brings_only_background(house: House) -> None:
    house.reader.feed("dsit").entry(1)
    await house.read()
    house.reader.feed("ico").entry(1, title="From the newcomer")
    await house.read()
    assert (await house.items())["From the newcomer"].item.background
    assert await house.installation() == Installation(NOW, WINDOW_START)


async def test_a_pass_in_which_nothing_could_be_read_is_not_the_first(house: House) -> None:
    house.reader.feed("dsit").fails(Outcome.UNREACHABLE)
    await house.read()
    assert await house.installation() is None
    house.reader.feed("dsit").works().entry(1)
    house.clock.advance(hours=1)
    await house.read()
    assert not (await house.items())["Title 1"].item.background


async def test_a_source_without_a_sample_has_not_failed(house: House) -> None:
    house.reader.feed("dsit").fails(Outcome.OFFLINE, "There is no sample.")
    summary = await house.read()
    assert (summary.outcomes, summary.failed) == ({Outcome.OFFLINE: 1}, {})


async def test_fetches_run_together_but_not_more_than_asked(house: House) -> None:
    for number in range(12):
        house.reader.feed(f"source-{number}").entry(1)
    summary = await house.read(concurrency=3)
    assert summary.fetched == 12
    assert house.reader.most_at_once == 3


async def test_each_result_is_told_after_it_is_stored(house: House) -> None:
    house.reader.feed("dsit").entry(1)
    house.reader.feed("down").fails(Outcome.NOT_FOUND)
    await house.read()
    assert sorted(house.results) == [("down", Outcome.NOT_FOUND), ("dsit", Outcome.READ)]


async def test_the_source_that_has_waited_longest_comes_first(house: House) -> None:
    for name, hours in (("recent", 1), ("longest", 9), ("middle", 5)):
        house.reader.feed(name).entry(1)
        await house.set_state(SourceState(name, next_due_at=NOW - timedelta(hours=hours)))
    house.reader.feed("never-read").entry(1)
    await house.read(concurrency=1)
    assert [source for source, _ in house.results] == ["never-read", "longest", "middle", "recent"]


async def test_one_document_in_two_feeds_is_one_item(house: House) -> None:
    for name in ("dsit", "search"):
        house.reader.feed(name).entry(1, link="https://www.gov.uk/government/news/a", title="Press release: A")
    summary = await house.read()
    assert summary.new == 1
    assert set(await house.items()) == {"A"}


async def test_a_cancelled_pass_stops(house: House) -> None:
    class Hanging(FakeFeedReader):
        async def read(self, source: Source, state: SourceState) -> None:  # type: ignore[override]
            await asyncio.sleep(3600)

    house.reader.feed("dsit")
    hanging = Hanging(house.clock)
    hanging.feed("dsit")
    house.reader = hanging
    task = asyncio.create_task(house.read())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_notice_is_told_in_the_unit_of_work_that_stores_the_state(house: House) -> None:
    house.reader.feed("dsit").fails(Outcome.GONE)
    house.deaf = True
    await house.read()
    state = await house.state("dsit")
    assert (state.outcome, state.muted, state.told) == (Outcome.UNREADABLE, False, Trouble.NONE)
    house.deaf = False
    await house.read(force=True)
    assert [(notice.source_id, notice.trouble) for notice in house.notices] == [("dsit", Trouble.GONE)]
    assert (await house.state("dsit")).told is Trouble.GONE


async def test_a_paused_source_is_not_read_even_by_force(house: House) -> None:
    feed = house.reader.feed("dsit").entry(1)
    await house.set_state(SourceState("dsit", paused=True))
    assert (await house.read(force=True)).fetched == 0
    assert feed.reads == 0


async def test_a_pause_that_comes_while_a_source_is_fetched_is_not_forgotten(house: House) -> None:
    class Slow(FakeFeedReader):
        async def read(self, source: Source, state: SourceState) -> FetchResult:
            await house.set_state(SourceState(source.id, paused=True))
            return await super().read(source, state)

    slow = Slow(house.clock)
    slow.feed("dsit").entry(1)
    house.reader = slow
    await house.read()
    state = await house.state("dsit")
    assert (state.paused, state.outcome) == (True, Outcome.READ)


async def test_a_body_sent_again_without_a_validator_is_unchanged_and_stores_no_item_twice(house: House) -> None:
    class Forgetful(FakeFeedReader):
        async def read(self, source: Source, state: SourceState) -> FetchResult:
            result = await super().read(source, replace(state, etag=""))
            return replace(result, etag="", body_hash="the same")

    forgetful = Forgetful(house.clock)
    forgetful.feed("dsit").entry(1)
    house.reader = forgetful
    assert (await house.read()).outcomes == {Outcome.READ: 1}
    assert (await house.read(force=True)).outcomes == {Outcome.UNCHANGED: 1}
    assert [(fetch.outcome, fetch.entries) for fetch in await house.fetches("dsit")] == [
        (Outcome.UNCHANGED, 0),
        (Outcome.READ, 1),
    ]


async def test_a_feed_that_gives_everything_new_ids_addresses_and_dates_floods_nothing(house: House) -> None:
    feed = house.reader.feed("dsit")
    for number in range(20):
        feed.entry(number, published=None)
    await house.read()
    house.clock.advance(hours=2)
    for number in range(20):
        feed.entry(number, id=f"new-{number}", link=f"https://new.example.org/{number}", published=house.clock.now())
    feed.entry(20, title="A story that is really new", link="https://new.example.org/20", published=None)
    assert (await house.read()).new == 21
    async with house.store.read() as uow:
        received = await uow.items.received(house.clock.now(), house.clock.now() + timedelta(seconds=1))
    assert [tagged.item.title for tagged in received] == ["A story that is really new"]


class CountingStore(FakeStore):
    """Counts the units of work that were begun to write; each takes a while to begin, as on a real database."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:  # type: ignore[override]
        self.begun += 1
        return self._begin_slowly()

    @asynccontextmanager
    async def _begin_slowly(self) -> AsyncIterator[UnitOfWork]:
        for _ in range(5):
            await asyncio.sleep(0)
        async with super().begin() as uow:
            yield uow


@pytest.mark.parametrize(("seconds", "units"), [(60.0, range(3, 9)), (-1.0, range(14, 16))])
async def test_what_waits_to_be_stored_is_stored_together_while_that_is_quick(
    house: House, monkeypatch: pytest.MonkeyPatch, seconds: float, units: range
) -> None:
    monkeypatch.setattr("digests.reading.LONGEST_UNIT_SECONDS", seconds)
    house.store = store = CountingStore()
    for number in range(14):
        house.reader.feed(f"source-{number}").entry(1, title=f"Entry of {number}")
    summary = await house.read(concurrency=7)
    assert (summary.new, summary.failed) == (14, {})
    assert set(await house.items()) == {f"Entry of {number}" for number in range(14)}
    assert store.begun in units
    assert [len(await house.fetches(f"source-{number}")) for number in range(14)] == [1] * 14


async def test_one_source_that_spoils_a_unit_of_work_fails_alone(house: House) -> None:
    for number in range(8):
        house.reader.feed(f"source-{number}").entry(1, title="poison" if number == 3 else f"Entry of {number}")

    def tag(item: Item) -> Tagging:
        if item.title == "poison":
            raise ZeroDivisionError
        return a_tagging()

    house.tag = tag  # type: ignore[method-assign]
    summary = await house.read()
    assert (summary.new, set(summary.failed)) == (7, {"source-3"})
    assert len(await house.items()) == 7


async def test_what_was_there_before_us_is_tagged_later_and_what_comes_then_at_once(house: House) -> None:
    feed = house.reader.feed("dsit").entry(1, title="Old data", published=NOW - timedelta(days=9))
    feed.entry(2, title="New data", published=NOW - timedelta(days=1))
    await house.read()
    items = await house.items()
    assert (items["Old data"].item.background, items["Old data"].tagging) == (True, UNTAGGED)
    assert items["New data"].tagging == a_tagging("data", relevant=True)
    feed.entry(1, title="Old data, reworded")
    house.clock.advance(hours=2)
    await house.read()
    assert (await house.items())["Old data, reworded"].tagging == a_tagging("data", relevant=True)


async def test_sources_that_brought_nothing_wait_for_each_other_but_not_long(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("digests.reading.LONGEST_WAIT_SECONDS", 0.02)
    slow = asyncio.Event()
    house.store = store = CountingStore()
    for number in range(6):
        house.reader.feed(f"feed{number}").entry(number)
    house.reader.feed("slow").entry(9)
    await house.read()
    inner = house.reader.read

    async def read(source: Source, state: SourceState) -> FetchResult:
        # One after the other, and the slow one not before the others are stored.
        await (slow.wait() if source.id == "slow" else asyncio.sleep(0))
        return await inner(source, state)

    monkeypatch.setattr(house.reader, "read", read)
    house.clock.advance(hours=25)
    house.results.clear()
    store.begun = 0
    passing = asyncio.create_task(house.read(concurrency=2))
    async with asyncio.timeout(30):
        while len(house.results) < 6:
            await asyncio.sleep(0.001)
        assert store.begun == 1, "two fetches at once, and yet all were stored together"
        slow.set()
        assert (await passing).outcomes == {Outcome.UNCHANGED: 7}
    assert store.begun == 2
