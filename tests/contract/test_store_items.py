"""Items, their tags, their revisions, and finding them again."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest

from bot.ports import Store
from digests.errors import NotFound, Stale
from digests.model import UNTAGGED, FieldName, Kind, Tag, TaggedItem, Tagging
from tests.builders import NOW, a_newer, a_tagged_item, a_tagging, an_item

FULL = TaggedItem(
    an_item(
        7,
        kind=Kind.CALL_FOR_EVIDENCE,
        updated_at=NOW + timedelta(microseconds=1),
        stage="Committee stage",
        kind_because="its title begins “Call for evidence”",
        deadline=date(2025, 3, 31),
        deadline_time=time(23, 59),
        happens_on=date(2025, 2, 1),
        happens_at=time(9, 30),
        date_words="closes at 11:59pm on 31 March 2025",
        told_kind=Kind.NEWS,
        told_because="GOV.UK calls it “Press release”",
    ),
    Tagging(
        True,
        "it names “AI”",
        (
            Tag("skills", "AI skills", FieldName.SUMMARY, "skills-2"),
            Tag("ai", "AI", FieldName.TITLE, "ai-1"),
            Tag("ai", "AI", FieldName.URL, "ai-1"),
        ),
        "rules-7",
    ),
)


async def test_an_item_comes_back_with_its_tags_as_it_was_added(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([FULL, a_tagged_item(1)])
        await uow.commit()
    async with store.read() as uow:
        assert await uow.items.get(FULL.item.id) == FULL
        assert await uow.items.get(an_item(1).id) == a_tagged_item(1)
        assert await uow.items.get("nothing") is None


async def test_an_item_whose_url_is_known_is_left_as_it_is(store: Store) -> None:
    again = TaggedItem(an_item(1, title="Another title"), a_tagging("health", "ai"))
    async with store.begin() as uow:
        assert list(await uow.items.add([a_tagged_item(1)])) == [a_tagged_item(1).item.id]
        assert list(await uow.items.add([again, a_tagged_item(2)])) == [a_tagged_item(2).item.id], "which were new"
        assert await uow.items.get(again.item.id) == a_tagged_item(1)
        assert await uow.items.count() == 2


async def test_of_two_new_items_with_one_url_the_first_counts(store: Store) -> None:
    again = TaggedItem(an_item(1, title="Another title"), a_tagging("health"))
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(1), again])
        assert await uow.items.get(again.item.id) == a_tagged_item(1)
        assert await uow.items.count() == 1


async def test_adding_nothing_is_no_error(store: Store) -> None:
    async with store.begin() as uow:
        assert not await uow.items.add([])
        assert await uow.items.count() == 0


async def test_an_item_must_be_known_by_the_hash_of_its_url(store: Store) -> None:
    async with store.begin() as uow:
        with pytest.raises(ValueError, match="hash of its URL"):
            await uow.items.add([a_tagged_item(1, id="mine")])


async def test_the_same_items_added_by_two_at_once_are_there_once(store: Store) -> None:
    async def add(numbers: range) -> None:
        async with store.begin() as uow:
            await uow.items.add([a_tagged_item(number) for number in numbers])
            await uow.commit()

    await asyncio.gather(add(range(200)), add(range(199, -1, -1)), add(range(100, 300)))
    async with store.read() as uow:
        assert await uow.items.count() == 300
        assert len((await uow.items.get(an_item(150).id) or FULL).tagging.tags) == 1


async def test_items_are_found_by_their_urls(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(number) for number in range(3)])
        wanted = [an_item(0).url, an_item(2).url, "https://www.example.org/unknown"]
        assert await uow.items.by_urls(wanted) == {an_item(0).url: an_item(0), an_item(2).url: an_item(2)}
        assert await uow.items.by_urls([]) == {}


async def test_many_thousands_of_urls_may_be_asked_for_at_once(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(number) for number in (5, 39_999)])
        found = await uow.items.by_urls([f"https://www.example.org/news/{number}" for number in range(40_000)])
    assert found.keys() == {an_item(5).url, an_item(39_999).url}


async def test_a_very_long_url_is_kept(store: Store) -> None:
    url = "https://www.example.org/?" + "".join(f"{number:x}" for number in range(3_000))
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(1, url=url)])
        assert (await uow.items.by_urls([url]))[url].url == url


async def test_an_update_replaces_the_text_and_the_tags(store: Store) -> None:
    revision = a_newer(FULL.item, "A new title")
    tagging = replace(a_tagging("health"), rules_version="rules-8")
    async with store.begin() as uow:
        await uow.items.add([FULL])
        await uow.items.revise(revision, tagging)
        assert await uow.items.get(FULL.item.id) == TaggedItem(revision.item, tagging)


async def test_revisions_carry_the_item_as_it_became_oldest_first(store: Store) -> None:
    second = a_newer(FULL.item, "Second")
    third = a_newer(second.item, "Third")
    async with store.begin() as uow:
        await uow.items.add([FULL, a_tagged_item(1)])
        assert await uow.items.revisions(FULL.item.id) == []
        await uow.items.revise(second, a_tagging("ai"))
        await uow.items.revise(third, a_tagging())
        await uow.commit()
    async with store.read() as uow:
        assert await uow.items.revisions(FULL.item.id) == [second, third]
        assert await uow.items.revisions(an_item(1).id) == []


async def test_of_two_updates_of_one_revision_the_later_is_refused(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([FULL])
        await uow.items.revise(a_newer(FULL.item, "First"), a_tagging("ai"))
        with pytest.raises(Stale):
            await uow.items.revise(a_newer(FULL.item, "Second"), a_tagging())
        with pytest.raises(NotFound):
            await uow.items.revise(a_newer(an_item(99), "Unknown"), a_tagging())
        known = await uow.items.get(FULL.item.id)
        assert known is not None
        assert known.item.title == "First"


async def test_received_items_are_those_in_the_half_open_window_without_background(store: Store) -> None:
    at_end = a_tagged_item(9, received_at=NOW + timedelta(minutes=3))
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(2), a_tagged_item(1), a_tagged_item(0), at_end])
        await uow.items.add([a_tagged_item(8, received_at=NOW + timedelta(minutes=1), background=True)])
        received = await uow.items.received(NOW, NOW + timedelta(minutes=3))
    assert received == [a_tagged_item(0), a_tagged_item(1), a_tagged_item(2)]


async def test_items_received_at_one_moment_are_ordered_by_id(store: Store) -> None:
    together = [a_tagged_item(number, received_at=NOW) for number in range(5)]
    async with store.begin() as uow:
        await uow.items.add(together)
        received = await uow.items.received(NOW, NOW + timedelta(seconds=1))
    assert received == sorted(together, key=lambda tagged: tagged.item.id)


async def test_the_latest_receipt_is_that_of_the_newest_item(store: Store) -> None:
    async with store.begin() as uow:
        assert await uow.items.latest_receipt() is None
        await uow.items.add([a_tagged_item(3), a_tagged_item(1, background=True)])
        assert await uow.items.latest_receipt() == an_item(3).received_at


async def test_text_that_no_database_can_hold_does_not_stop_the_rest(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(1, title="before\0after"), a_tagged_item(2, title="half \ud800 pair")])
        assert await uow.items.count() == 2


async def test_the_latest_titles_of_a_source_are_told(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(number, title=f"Title {number}") for number in range(3)])
        await uow.items.add([a_tagged_item(9, source_id="other")])
        assert set(await uow.items.titles("example")) == {"Title 0", "Title 1", "Title 2"}
        assert set(await uow.items.titles("example", limit=2)) == {"Title 1", "Title 2"}
        assert set(await uow.items.titles("nobody")) == set()


async def test_days_ahead_are_found_among_what_came_earlier(store: Store) -> None:
    today = NOW.date()
    made: dict[str, dict[str, Any]] = {
        "closes today": {"deadline": today},
        "closes on the last day": {"deadline": today + timedelta(days=21)},
        "sits in the days": {"happens_on": today + timedelta(days=3)},
        "closed yesterday, sits later": {"deadline": today - timedelta(days=1), "happens_on": today},
        "closed yesterday": {"deadline": today - timedelta(days=1)},
        "closes too late": {"deadline": today + timedelta(days=22)},
        "no day": {},
        "background": {"deadline": today, "background": True},
        "came too late": {"deadline": today, "received_at": NOW},
    }
    early = NOW - timedelta(days=30)
    items = [
        TaggedItem(an_item(n, **{"title": title, "received_at": early + timedelta(minutes=n), **more}), a_tagging("ai"))
        for n, (title, more) in enumerate(made.items(), 1)
    ]
    other = TaggedItem(an_item(50, deadline=today, received_at=early), a_tagging(relevant=False))
    async with store.begin() as uow:
        await uow.items.add([*items, other])
        await uow.commit()
    async with store.read() as uow:
        found = await uow.items.ahead(NOW, today, today + timedelta(days=21))
    assert [tagged.item.title for tagged in found] == list(made)[:4]


async def test_an_item_that_no_rules_have_seen_is_kept_out_of_the_archive_until_it_is_tagged(store: Store) -> None:
    unseen = [TaggedItem(an_item(number), UNTAGGED) for number in (1, 2, 3)]
    async with store.begin() as uow:
        await uow.items.add([*unseen, a_tagged_item(4)])
        assert [len(await uow.items.untagged(limit)) for limit in (2, 10)] == [2, 3]
        assert await uow.archive.index() == 1, "the one that is tagged"
        tagged = (await uow.items.untagged())[0]
        assert tagged in [each.item for each in unseen]
        await uow.items.retag({tagged.id: a_tagging("health")})
        assert tagged not in await uow.items.untagged()
        assert await uow.archive.index() == 1
        await uow.commit()
    async with store.read() as uow:
        assert await uow.items.get(tagged.id) == TaggedItem(tagged, a_tagging("health"))
        assert len(await uow.items.untagged()) == 2
