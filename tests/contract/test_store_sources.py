"""Polling states, fetches, and the sources that people added."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from bot.ports import Store
from digests.model import AddedSource, Fetch, Format, Group, Kind, Outcome, SourceState, Trouble
from tests.builders import NOW, a_source

READ = SourceState(
    source_id="example",
    etag='W/"a;b"',
    last_modified="Thu, 23 Jan 2025 10:00:00 GMT",
    first_read_at=NOW,
    last_fetch_at=NOW + timedelta(microseconds=123456),
    last_good_at=NOW,
    next_due_at=NOW + timedelta(hours=1),
    failures=0,
    outcome=Outcome.READ,
    reason="",
    paused=True,
    url="https://example.org/feed?a=1&b=%20",
    address="https://example.org/moved",
    moved_from="https://example.org/feed",
    body_hash="0" * 64,
    failing_since=NOW - timedelta(days=2),
    newest_entry_at=NOW - timedelta(days=40),
    rhythm_seconds=86_400.5,
    told=Trouble.SILENT,
    moved_to="https://example.org/moved-again",
    moved_times=19,
    moved_since=NOW - timedelta(days=6),
)


def a_fetch(**changes: object) -> Fetch:
    fetch = Fetch("example", NOW, NOW + timedelta(seconds=2), Outcome.RATE_LIMITED, "Too many.", 429, 0, 0, 0)
    return replace(fetch, **changes)  # type: ignore[arg-type]


async def test_a_state_comes_back_as_it_was_saved_byte_for_byte(store: Store) -> None:
    fresh = SourceState("other")
    async with store.begin() as uow:
        assert await uow.sources.states() == {}
        await uow.sources.save_state(READ)
        await uow.sources.save_state(fresh)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.sources.states() == {"example": READ, "other": fresh}
        assert await uow.sources.state("example") == READ
        assert await uow.sources.state("nobody") is None


async def test_saving_a_state_again_replaces_it(store: Store) -> None:
    gone = replace(READ, etag="", outcome=Outcome.GONE, failures=3, muted=True, reason="Gone.", next_due_at=None)
    async with store.begin() as uow:
        await uow.sources.save_state(READ)
        await uow.sources.save_state(gone)
        assert await uow.sources.states() == {"example": gone}


async def test_moments_come_back_in_utc_whatever_zone_they_were_given_in(store: Store) -> None:
    summer = datetime(2025, 7, 1, 9, 30, tzinfo=timezone(timedelta(hours=1)))
    async with store.begin() as uow:
        await uow.sources.save_state(SourceState("example", last_fetch_at=summer))
        await uow.commit()
    async with store.read() as uow:
        came_back = (await uow.sources.states())["example"].last_fetch_at
    assert came_back == datetime(2025, 7, 1, 8, 30, tzinfo=UTC)


async def test_fetches_are_listed_newest_first_and_by_source(store: Store) -> None:
    fetches = [a_fetch(started_at=NOW + timedelta(hours=hour), status=None) for hour in (1, 3, 2)]
    async with store.begin() as uow:
        for fetch in fetches:
            await uow.sources.add_fetch(fetch)
        await uow.sources.add_fetch(a_fetch(source_id="other"))
        assert await uow.sources.fetches("example") == [fetches[1], fetches[2], fetches[0]]
        assert await uow.sources.fetches("example", limit=1) == [fetches[1]]
        assert await uow.sources.fetches("other") == [a_fetch(source_id="other")]
        assert await uow.sources.fetches("nobody") == []


async def test_of_two_fetches_at_one_moment_the_later_recorded_is_the_newer(store: Store) -> None:
    async with store.begin() as uow:
        await uow.sources.add_fetch(a_fetch(new=1))
        await uow.sources.add_fetch(a_fetch(new=2))
        assert [fetch.new for fetch in await uow.sources.fetches("example")] == [2, 1]


async def test_fetches_that_started_before_a_moment_are_forgotten(store: Store) -> None:
    async with store.begin() as uow:
        for hours in (-2, -1, 0, 1):
            await uow.sources.add_fetch(a_fetch(started_at=NOW + timedelta(hours=hours), entries=hours + 2))
        assert await uow.sources.drop_fetches(NOW) == 2
        assert [fetch.entries for fetch in await uow.sources.fetches("example")] == [3, 2]
        assert await uow.sources.drop_fetches(NOW) == 0


async def test_added_sources_come_back_whole_and_oldest_first(store: Store) -> None:
    later = AddedSource(a_source("later"), "command line", NOW)
    whole = a_source(
        "earlier", format=Format.PETITIONS, group=Group.CIVIL_SOCIETY, document_kind=Kind.BLOG, weight=0.75, note="Why."
    )
    earlier = AddedSource(replace(whole, enabled=False), "member-1", NOW - timedelta(days=1))
    async with store.begin() as uow:
        assert await uow.sources.added() == []
        assert await uow.sources.add_source(later)
        assert await uow.sources.add_source(earlier)
        await uow.commit()
    async with store.read() as uow:
        assert await uow.sources.added() == [earlier, later]


async def test_a_source_whose_id_or_address_was_added_is_not_added_again(store: Store) -> None:
    first = AddedSource(a_source("first"), "member-1", NOW)
    async with store.begin() as uow:
        assert await uow.sources.add_source(first)
        assert not await uow.sources.add_source(AddedSource(a_source("first", url="https://b.example.org/"), "x", NOW))
        assert not await uow.sources.add_source(AddedSource(a_source("second", url=first.source.url), "x", NOW))
        assert await uow.sources.added() == [first]


async def test_an_added_source_is_changed_but_for_its_id_address_and_who_added_it(store: Store) -> None:
    added = AddedSource(a_source("first"), "member-1", NOW)
    other = AddedSource(a_source("other"), "member-2", NOW + timedelta(hours=1))
    changed = replace(
        added.source, name="“New” <name>", publisher="P", group=Group.PRESS, document_kind=Kind.BLOG, weight=0.25
    )
    async with store.begin() as uow:
        await uow.sources.add_source(added)
        await uow.sources.add_source(other)
        assert await uow.sources.change_source(replace(changed, url="https://elsewhere.example.org/"))
        assert not await uow.sources.change_source(a_source("nobody"))
        await uow.commit()
    async with store.read() as uow:
        assert await uow.sources.added() == [replace(added, source=changed), other]


async def test_a_removed_source_leaves_its_state_and_fetches_and_may_be_added_again(store: Store) -> None:
    added = AddedSource(a_source("example"), "member-1", NOW)
    async with store.begin() as uow:
        await uow.sources.add_source(added)
        await uow.sources.save_state(READ)
        await uow.sources.add_fetch(a_fetch())
        assert await uow.sources.remove_source("example")
        assert not await uow.sources.remove_source("example")
        assert await uow.sources.added() == []
        assert await uow.sources.state("example") == READ
        assert await uow.sources.fetches("example") == [a_fetch()]
        assert await uow.sources.add_source(added)


async def test_several_states_and_fetches_are_stored_at_once(store: Store) -> None:
    old, new = SourceState("example"), SourceState("other", etag='"1"')
    fetches = [a_fetch(new=number) for number in range(3)]
    async with store.begin() as uow:
        await uow.sources.save_state(old)
        await uow.sources.save_states([READ, new])
        await uow.sources.save_states([])
        await uow.sources.add_fetches(fetches)
        await uow.sources.add_fetches([])
        assert await uow.sources.states() == {"example": READ, "other": new}
        assert await uow.sources.states(["other", "nobody"]) == {"other": new}
        assert await uow.sources.states([]) == {}
        assert await uow.sources.fetches("example") == fetches[::-1]
