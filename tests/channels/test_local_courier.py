"""The courier of the chat in the browser: what it posts, and how it refuses."""

from __future__ import annotations

import pytest

from adapters.local.app import LocalChat
from bot.messages import from_json, say
from bot.ports import Courier, TransportError
from digests.model import Address
from tests.channels.local_fakes import FakeChatLog, FakeDesk
from tests.fakes.clock import FakeClock

DIGEST = Address("local", "local", channel="digest")


@pytest.fixture
def log() -> FakeChatLog:
    return FakeChatLog()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def courier(log: FakeChatLog, clock: FakeClock) -> Courier:
    return LocalChat(log, FakeDesk(), clock, []).courier


async def test_a_message_goes_into_its_room_as_convenors_with_its_key(
    courier: Courier, log: FakeChatLog, clock: FakeClock
) -> None:
    reference = await courier.post(DIGEST, say("Edition 30"), key="edition:30:1")
    (line,) = log.all
    assert reference == str(line.id)
    assert (line.room, line.author, line.only_for, line.key) == ("digest", "convenor", "", "edition:30:1")
    assert line.at == clock.now()
    assert from_json(line.body) == say("Edition 30")


async def test_a_message_to_a_person_goes_into_their_direct_messages(courier: Courier, log: FakeChatLog) -> None:
    await courier.post(Address("local", "local", user="alice"), say("Hello"), key="k")
    assert log.all[0].room == "@alice"


async def test_a_reply_goes_into_the_thread_of_its_headline(courier: Courier, log: FakeChatLog) -> None:
    headline = await courier.post(DIGEST, say("Edition 30"), key="k")
    await courier.post(DIGEST, say("Part 2"), key="k2", thread_ref=headline)
    assert log.all[1].thread == int(headline)


@pytest.mark.parametrize("thread", ["99", "first"])
async def test_a_reply_to_a_headline_that_is_not_there_is_refused_for_good(
    courier: Courier, log: FakeChatLog, thread: str
) -> None:
    with pytest.raises(TransportError, match="not in this room any more") as refused:
        await courier.post(DIGEST, say("Part 2"), key="k", thread_ref=thread)
    assert refused.value.permanent
    assert not log.all


async def test_an_update_replaces_the_words_and_notes_the_time(
    courier: Courier, log: FakeChatLog, clock: FakeClock
) -> None:
    reference = await courier.post(DIGEST, say("Edition 30"), key="k")
    clock.advance(minutes=5)
    await courier.update(DIGEST, reference, say("Edition 30, corrected"))
    (line,) = log.all
    assert from_json(line.body) == say("Edition 30, corrected")
    assert line.edited_at == clock.now()


@pytest.mark.parametrize(
    "address",
    [
        Address("local", "local", channel="kitchen"),
        Address("local", "local", user="mallory"),
        Address("local", "local"),
    ],
)
async def test_a_room_that_does_not_exist_is_refused_for_good(
    courier: Courier, log: FakeChatLog, address: Address
) -> None:
    with pytest.raises(TransportError, match="no such room") as refused:
        await courier.post(address, say("Hello"), key="k")
    assert refused.value.permanent
    assert not refused.value.ambiguous
    assert not log.all


@pytest.mark.parametrize("reference", ["99", "", "-1", "1e3", "²", "9" * 40])
async def test_an_update_of_a_message_that_is_not_there_is_refused_for_good(courier: Courier, reference: str) -> None:
    with pytest.raises(TransportError, match="not in this room any more") as refused:
        await courier.update(DIGEST, reference, say("Hello"))
    assert refused.value.permanent


async def test_a_group_has_a_room_of_its_own_where_everybody_in_it_is_known(courier: Courier, log: FakeChatLog) -> None:
    await courier.post(Address("local", "local", user="alice,carol"), say("Alice, meet Carol"), key="introduction:a1:0")
    assert [line.room for line in log.all] == ["@alice,carol"]
    for users in ("alice,mallory", "alice,alice", "alice,"):
        with pytest.raises(TransportError):
            await courier.post(Address("local", "local", user=users), say("No"), key=users)
