"""What editors said of items is kept in order, and items can be tagged anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.ports import Store
from digests.errors import NotFound
from digests.kinds import Sorted
from digests.model import Correction, Kind, TaggedItem, Verdict
from tests.builders import NOW, a_tagged_item, a_tagging, an_item

ONE, TWO, THREE = (an_item(number).id for number in (1, 2, 3))


def said(item_id: str, verdict: Verdict, topic: str = "") -> Correction:
    return Correction(item_id, "bob", NOW, verdict, topic, "rule", "rules-1")


@pytest.fixture
async def stocked(store: Store) -> Store:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(number) for number in (1, 2, 3)])
        await uow.commit()
    return store


async def test_corrections_come_back_by_item_and_in_order(stocked: Store) -> None:
    events = [
        said(ONE, Verdict.WRONG, "ai"),
        said(TWO, Verdict.NOT_RELEVANT),
        said(ONE, Verdict.RIGHT, "ai"),
    ]
    async with stocked.begin() as uow:
        for event in events:
            await uow.corrections.add(event)
        await uow.commit()
    async with stocked.read() as uow:
        assert await uow.corrections.all() == events
        found = await uow.corrections.of_items([ONE, THREE])
        assert {item: list(each) for item, each in found.items()} == {ONE: [events[0], events[2]]}


async def test_nothing_can_be_said_of_an_item_that_is_not_there(stocked: Store) -> None:
    async with stocked.begin() as uow:
        with pytest.raises(NotFound):
            await uow.corrections.add(said("gone", Verdict.RELEVANT))


async def test_items_get_other_tags_and_keep_their_words(stocked: Store) -> None:
    newer = {ONE: a_tagging("health", "skills"), TWO: a_tagging(relevant=False)}
    async with stocked.begin() as uow:
        await uow.items.retag(newer)
        await uow.commit()
    async with stocked.read() as uow:
        assert await uow.items.get(ONE) == TaggedItem(an_item(1), newer[ONE])
        assert await uow.items.get(TWO) == TaggedItem(an_item(2), newer[TWO])
        assert await uow.items.get(THREE) == a_tagged_item(3)
        assert await uow.items.revisions(ONE) == []
        assert dict(await uow.items.standing()) == {
            ("ai", "ai-1"): 1,
            ("health", "health-1"): 1,
            ("skills", "skills-1"): 1,
        }


async def test_items_get_other_kinds_and_keep_their_words_and_tags(stocked: Store) -> None:
    async with stocked.begin() as uow:
        await uow.items.resort({ONE: Sorted(Kind.JOB, "its title says “job’s”"), "gone": Sorted(Kind.NEWS, "")})
        await uow.commit()
    async with stocked.read() as uow:
        found = await uow.items.get(ONE)
        assert await uow.items.get(TWO) == a_tagged_item(2)
    job = a_tagged_item(1)
    assert found == replace(job, item=replace(job.item, kind=Kind.JOB, kind_because="its title says “job’s”"))


async def test_an_unknown_item_keeps_all_from_being_tagged_anew(stocked: Store) -> None:
    async with stocked.begin() as uow:
        with pytest.raises(NotFound):
            await uow.items.retag({ONE: a_tagging("health"), "gone": a_tagging()})
        await uow.commit()
    async with stocked.read() as uow:
        assert await uow.items.get(ONE) == a_tagged_item(1)


async def test_the_archive_is_walked_in_pages(stocked: Store) -> None:
    async with stocked.read() as uow:
        first = await uow.items.page("", 2)
        rest = await uow.items.page(first[-1].item.id, 2)
        assert [each.item.id for each in (*first, *rest)] == sorted([ONE, TWO, THREE])
        assert await uow.items.page(rest[-1].item.id) == []
