"""The lines of the chat in the browser."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from adapters.store.chatlog import ChatLog
from adapters.store.database import Database
from bot.ports import Line
from digests.errors import NotFound
from tests.builders import NOW


@pytest.fixture
def log(database: Database) -> ChatLog:
    return ChatLog(database)


async def test_a_line_comes_back_as_it_was_posted(log: ChatLog) -> None:
    line = await log.post("editors", "convenor", '{"summary": "“Hello” & <b>"}', at=NOW, key="k1")
    assert line == Line(line.id, "editors", "convenor", '{"summary": "“Hello” & <b>"}', NOW, None, "", None, "k1")
    assert await log.lines("editors", "alice") == [line]
    assert await log.lines("digest", "alice") == []


async def test_lines_are_shown_oldest_first_and_the_latest_of_many(log: ChatLog) -> None:
    for number in range(5):
        await log.post("editors", "alice", f"line {number}", at=NOW)
    assert [line.body for line in await log.lines("editors", "bob", limit=3)] == ["line 2", "line 3", "line 4"]


async def test_a_line_for_one_viewer_is_seen_by_them_alone(log: ChatLog) -> None:
    await log.post("editors", "convenor", "for all", at=NOW)
    await log.post("editors", "convenor", "for alice", at=NOW, only_for="alice")
    assert [line.body for line in await log.lines("editors", "alice")] == ["for all", "for alice"]
    assert [line.body for line in await log.lines("editors", "bob")] == ["for all"]
    assert [line.body for line in await log.lines("editors", "")] == ["for all"]


async def test_posting_a_key_again_returns_the_line_that_is_there(log: ChatLog) -> None:
    first = await log.post("editors", "convenor", "once", at=NOW, key="k1")
    again = await log.post("editors", "convenor", "twice", at=NOW + timedelta(hours=1), key="k1")
    assert again == first
    assert await log.lines("editors", "alice") == [first]


async def test_a_key_posted_by_two_at_once_makes_one_line(log: ChatLog) -> None:
    posted = await asyncio.gather(*(log.post("editors", "convenor", "once", at=NOW, key="k1") for _ in range(4)))
    assert len({line.id for line in posted}) == 1
    assert len(await log.lines("editors", "alice")) == 1


async def test_lines_without_a_key_are_never_the_same(log: ChatLog) -> None:
    await log.post("editors", "alice", "hello", at=NOW)
    await log.post("editors", "alice", "hello", at=NOW)
    assert len(await log.lines("editors", "alice")) == 2


async def test_a_line_may_answer_another_but_not_one_that_is_not_there(log: ChatLog) -> None:
    headline = await log.post("digest", "convenor", "headline", at=NOW)
    answer = await log.post("digest", "convenor", "part", at=NOW, thread=headline.id)
    assert answer.thread == headline.id
    with pytest.raises(NotFound):
        await log.post("digest", "convenor", "part", at=NOW, thread=headline.id + 1_000)


async def test_a_replaced_line_keeps_its_place_and_says_when(log: ChatLog) -> None:
    line = await log.post("editors", "convenor", "old", at=NOW, key="k1")
    await log.post("editors", "alice", "after", at=NOW)
    later = NOW + timedelta(minutes=1)
    assert await log.replace(line.id, "new", later, room="editors", author="convenor")
    replaced, after = await log.lines("editors", "alice")
    assert (replaced.id, replaced.body, replaced.at, replaced.edited_at) == (line.id, "new", NOW, later)
    assert after.edited_at is None
    assert not await log.replace(line.id + 1_000, "new", later, room="editors", author="convenor")
    assert not await log.replace(after.id, "new", later, room="editors", author="convenor"), "what Alice said is hers"
    assert not await log.replace(line.id, "new", later, room="digest", author="convenor")


async def test_the_last_change_rises_with_every_post_and_replacement(log: ChatLog) -> None:
    assert await log.last_change("editors") == 0
    line = await log.post("editors", "convenor", "one", at=NOW, key="k1")
    posted = await log.last_change("editors")
    await log.replace(line.id, "two", NOW, room="editors", author="convenor")
    replaced = await log.last_change("editors")
    await log.post("editors", "convenor", "one", at=NOW, key="k1")
    assert 0 < posted < replaced == await log.last_change("editors")
    assert await log.last_change("digest") == 0


async def test_the_rooms_of_groups_are_listed_oldest_first(log: ChatLog) -> None:
    for room in ("@alice", "digest", "@bob,dan", "@alice,bob", "a,b", "@bob,dan"):
        await log.post(room, "convenor", "hello", at=NOW)
    assert await log.groups() == ["@bob,dan", "@alice,bob"]
