"""The archive is searched alike on SQLite, on PostgreSQL and in the fake: the same items, in the same order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.ports import Store
from digests.model import Kind, TaggedItem
from digests.search import Query, parse
from tests.builders import NOW, a_newer, a_tagged_item, a_tagging, an_item

HOME = a_tagged_item(1, title="Facial recognition", summary="Rules for the police.", publisher="Home Office")
ICO = a_tagged_item(2, title="Facial recognition", summary="Rules for shops: a live trial.", publisher="ICO")
CODE = a_tagged_item(3, title="C++ 100% a_b 'quoted' \"twice\" back\\slash", summary="ÉTUDE straße данные 1e5 0x1F")
ALL = [HOME, ICO, CODE]


async def indexed(store: Store, *items: TaggedItem) -> None:
    async with store.begin() as uow:
        await uow.items.add(items)
        await uow.archive.index()
        await uow.commit()


async def found(store: Store, query: str | Query, limit: int = 10, offset: int = 0) -> list[TaggedItem]:
    async with store.read() as uow:
        wanted = parse(query, {}) if isinstance(query, str) else query
        return list(await uow.archive.find(wanted, limit, offset))


@pytest.mark.parametrize(
    ("words", "fitting"),
    [
        ("facial police", [HOME]),
        ("recognitions RULE", [ICO, HOME]),
        ("facial -policing", [ICO]),
        ("facial absent", []),
        ("-facial", [CODE]),
        ("-facial -absent", [CODE]),
        ('"live trials"', [ICO]),
        ('"trial live"', []),
        ("publisher:home rules", [HOME]),
        ("publisher:ico", [ICO]),
        ("etude STRASSE", [CODE]),
        ("ДАННЫЕ", [CODE]),
        ("1e5 0x1f 100", [CODE]),
        ("'quoted'", [CODE]),
        ("OR NOT quoted", []),
    ],
)
async def test_a_search_finds_what_has_every_word_whatever_its_ending(
    store: Store, words: str, fitting: list[TaggedItem]
) -> None:
    await indexed(store, *ALL)
    assert sorted(await found(store, words), key=ALL.index) == sorted(fitting, key=ALL.index)


async def test_a_search_can_be_narrowed_by_topic_kind_and_day(store: Store) -> None:
    day = NOW.date()
    one = TaggedItem(an_item(1, kind=Kind.CONSULTATION, published_at=NOW), a_tagging("ai", "health"))
    two = a_tagged_item(2, kind=Kind.NEWS, published_at=None, received_at=NOW - timedelta(days=3))
    await indexed(store, one, two)
    assert await found(store, Query(topics=frozenset({"ai", "health"}))) == [one]
    assert await found(store, Query(kind=Kind.NEWS)) == [two]
    assert await found(store, Query(since=day)) == [one]
    assert await found(store, Query(until=day - timedelta(days=1))) == [two]
    assert await found(store, Query(since=day - timedelta(days=3), until=day)) == [one, two]
    assert await found(store, "from:0001-01-01 to:9999-12-31 guidance") == [one, two]
    for never in ("from:9999-12-31", "from:9999-12-30", "to:0001-01-01", "to:0001-01-02"):
        assert await found(store, f"{never} guidance") == [], never
    assert await found(store, "to:9999-12-30 guidance") == [one, two]


async def test_a_search_shows_the_newest_first_and_goes_on_where_it_stopped(store: Store) -> None:
    dated = [a_tagged_item(number, published_at=NOW - timedelta(days=number)) for number in (3, 1)]
    undated = a_tagged_item(2, published_at=None, received_at=NOW - timedelta(days=2), background=True)
    await indexed(store, *dated, undated)
    newest_first = [dated[1], undated, dated[0]]
    assert await found(store, "guidance") == newest_first
    assert await found(store, "guidance", 2) == newest_first[:2]
    assert await found(store, "guidance", 2, 2) == newest_first[2:]
    assert await found(store, '"guidance on artificial"', 1, 1) == newest_first[1:2]


async def test_new_words_are_found_and_old_ones_not_any_more_once_they_are_indexed(store: Store) -> None:
    await indexed(store, HOME)
    revision = a_newer(HOME.item, "Biometrics")
    async with store.begin() as uow:
        await uow.items.revise(revision, HOME.tagging)
        assert await uow.archive.index() == 1
        assert await uow.archive.index() == 0
        await uow.commit()
    assert await found(store, "facial") == []
    assert [tagged.item.title for tagged in await found(store, "biometric")] == ["Biometrics"]


async def test_indexing_takes_no_more_than_it_is_told_to_and_ends(store: Store) -> None:
    async with store.begin() as uow:
        await uow.items.add([a_tagged_item(number) for number in range(5)])
        assert [await uow.archive.index(2) for _ in range(4)] == [2, 2, 1, 0]
