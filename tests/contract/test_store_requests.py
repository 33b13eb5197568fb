"""Requests for introductions are kept the same way by every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot.introductions.model import (
    Ask,
    Asked,
    AskState,
    Introduction,
    Journey,
    Met,
    Request,
    Requester,
    RequestState,
    Suggested,
    Way,
    Wish,
)
from bot.ports import Store
from bot.privacy.statistics import Outcome
from digests.errors import NotFound
from tests.builders import ALICE, BOB, CAROL, NOW

DAY = timedelta(days=1)


@pytest.fixture
async def people(store: Store) -> tuple[str, str, str]:
    """The ids of Alice, Bob and Carol."""
    async with store.begin() as uow:
        members = [await uow.members.resolve(who, NOW) for who in (ALICE, BOB, CAROL)]
        await uow.commit()
    return members[0].id, members[1].id, members[2].id


def a_journey(request_id: str, member_id: str, **changes: object) -> Journey:
    requester = Requester("Alice", member_id, ALICE, "Example Charity", "alice@example.org", ("Mallory",))
    wish = Wish("Somebody who knows “opt-outs”", "I run…", date(2025, 2, 14), ("One Trust",), ("Other Ltd",), "x")
    request = Request(
        request_id, requester, wish, NOW, NOW + 21 * DAY, topics=("ai", "health"),
        suggested=(Suggested("x", "writes “opt-out”", False),), note="Please", coordinator_id="dan", then_next=True,
        joins=True,
    )  # fmt: skip
    return Journey(replace(request, **changes))  # type: ignore[arg-type]


def an_ask(ask_id: str, candidate_id: str, **changes: object) -> Ask:
    ask = Ask(
        ask_id, candidate_id, "writes “opt-out”", AskState.OPEN, "You agree.", ("chat", "email"), NOW, NOW + 7 * DAY,
        NOW + 4 * DAY, NOW + 5 * DAY, "No time",
    )  # fmt: skip
    return replace(ask, **changes)  # type: ignore[arg-type]


async def test_a_journey_comes_back_as_it_was_kept_and_a_change_that_comes_too_late_is_not(
    store: Store, people: tuple[str, str, str]
) -> None:
    alice, bob, carol = people
    journey = a_journey("r1", alice)
    async with store.begin() as uow:
        await uow.requests.add(journey)
        await uow.requests.add(replace(journey, request=replace(journey.request, note="Other")))
        assert await uow.requests.get("r1") == journey
        introduction = Introduction("a1", bob, Way.GROUP, NOW, NOW + DAY, NOW + 15 * DAY, Met.YES, None)
        changed = journey.with_request(state=RequestState.ASKING, closed_at=NOW + DAY)
        changed = replace(changed, asks=(an_ask("a1", bob), Ask("a2", carol)), introduction=introduction)
        assert await uow.requests.save(changed)
        assert not await uow.requests.save(changed)
        await uow.commit()
    kept = changed.with_request(revision=2)
    async with store.read() as uow:
        assert await uow.requests.get("r1") == kept
        assert await uow.requests.of_ask("a2") == kept
        assert await uow.requests.of_ask("a3") is None
        assert await uow.requests.get("r2") is None


async def test_journeys_are_found_by_who_asked_who_was_asked_and_whether_anything_follows(
    store: Store, people: tuple[str, str, str]
) -> None:
    alice, bob, carol = people
    outsider = Requester("Erin", organisation="Office of an MP", email="Erin@example.org")
    journeys = [
        a_journey("r1", alice),
        a_journey("r2", alice, created_at=NOW - DAY, state=RequestState.WITHDRAWN),
        a_journey("r3", bob, created_at=NOW + DAY),
        a_journey("r4", "", requester=outsider, created_at=NOW + 2 * DAY),
    ]
    async with store.begin() as uow:
        for journey in journeys:
            await uow.requests.add(journey)
        asks = (an_ask("a1", carol), an_ask("a2", bob, state=AskState.NO, asked_at=NOW - DAY), Ask("a3", alice))
        assert await uow.requests.save(replace(journeys[3], asks=asks))
        await uow.commit()
    async with store.read() as uow:
        assert [each.id for each in await uow.requests.of_requester(alice)] == ["r2", "r1"]
        assert [each.id for each in await uow.requests.of_candidate(carol)] == ["r4"]
        assert [each.id for each in await uow.requests.unfinished()] == ["r1", "r3", "r4"]
        asked = await uow.requests.asked_since(NOW - DAY)
        assert list(asked) == [
            Asked("r4", bob, "mail:erin@example.org", NOW - DAY, False),
            Asked("r4", carol, "mail:erin@example.org", NOW, True),
        ]
        assert len(await uow.requests.asked_since(NOW)) == 1


async def test_old_requests_are_blanked_and_what_can_be_counted_stays(
    store: Store, people: tuple[str, str, str]
) -> None:
    alice, bob, _ = people
    old = a_journey("r1", alice, state=RequestState.FINISHED, closed_at=NOW)
    newer = a_journey("r2", alice, state=RequestState.FINISHED, closed_at=NOW + DAY)
    async with store.begin() as uow:
        for journey in (old, newer, a_journey("r3", alice)):
            await uow.requests.add(journey)
        assert await uow.requests.save(replace(old, asks=(an_ask("a1", bob, state=AskState.YES),)))
        assert [each.id for each in await uow.requests.closed(NOW + DAY)] == ["r1"]
        assert list(await uow.requests.blank(NOW + DAY)) == [NOW]
        assert list(await uow.requests.closed(NOW + DAY)) == []
        assert list(await uow.requests.blank(NOW + DAY)) == []
        await uow.commit()
    async with store.read() as uow:
        bare = await uow.requests.get("r1")
        assert bare is not None
        assert bare.request.requester == Requester("", alice)
        assert (bare.request.wish, bare.request.note, bare.request.suggested) == (Wish(""), "", ())
        assert (bare.request.state, bare.request.topics) == (RequestState.FINISHED, ("ai", "health"))
        assert bare.asks == (Ask("a1", bob, state=AskState.YES, asked_at=NOW),)
        assert [each.request.wish.need != "" for each in await uow.requests.of_requester(alice)] == [False, True, True]


async def test_what_became_of_a_request_can_be_counted_before_and_after_its_words_are_gone(
    store: Store, people: tuple[str, str, str]
) -> None:
    alice, bob, carol = people
    made = Introduction("a2", carol, Way.GROUP, NOW + 2 * DAY, NOW + 3 * DAY, NOW + 17 * DAY, None, Met.YES)
    asks = (an_ask("a1", bob, state=AskState.NO), an_ask("a2", carol, state=AskState.YES), Ask("a3", alice))
    over = replace(a_journey("r1", alice, state=RequestState.FINISHED, closed_at=NOW + 20 * DAY), introduction=made)
    # Whether they met may yet be said otherwise.
    going_on = replace(a_journey("r2", alice, state=RequestState.FOLLOWED_UP), introduction=made)
    outcome = Outcome(NOW, ("ai", "health"), (NOW, NOW), NOW + 2 * DAY, NOW + 3 * DAY, NOW + 20 * DAY)
    others = [replace(outcome, asked_at=(), met_at=None), Outcome(NOW, ("ai", "health"))]
    async with store.begin() as uow:
        for journey in (over, going_on, a_journey("r3", alice)):
            await uow.requests.add(journey)
        assert await uow.requests.save(replace(over, asks=asks))
        assert await uow.requests.outcomes() == [outcome, *others]
        assert len(await uow.requests.blank(NOW + 21 * DAY)) == 1
        assert await uow.requests.outcomes() == [outcome, *others]
        await uow.commit()


async def test_a_request_of_somebody_unknown_is_refused(store: Store) -> None:
    async with store.begin() as uow:
        with pytest.raises(NotFound):
            await uow.requests.add(a_journey("r1", "nobody"))
