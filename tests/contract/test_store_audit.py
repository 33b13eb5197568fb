"""The audit log: kept in order, read in pages, forgotten by age, and no place for anybody's words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.ports import Store
from bot.privacy.ports import AuditEntry
from tests.builders import NOW

DAY = timedelta(days=1)


async def noted(store: Store) -> None:
    async with store.begin() as uow:
        await uow.audit.note("m1", "approved", "edition:2025-01-24:2", NOW)
        await uow.audit.note("m2", "made an editor", "member:m1", NOW + DAY)
        await uow.audit.note("command line", "paused a source", "source:ico", NOW + 2 * DAY)
        await uow.commit()


async def test_the_latest_lines_come_first_and_older_ones_follow_in_pages(store: Store) -> None:
    await noted(store)
    async with store.read() as uow:
        page = await uow.audit.latest(2)
        assert [(each.actor, each.action, each.subject, each.at) for each in page] == [
            ("command line", "paused a source", "source:ico", NOW + 2 * DAY),
            ("m2", "made an editor", "member:m1", NOW + DAY),
        ]
        (last,) = await uow.audit.latest(2, page[-1].number)
        assert last == AuditEntry("m1", "approved", "edition:2025-01-24:2", NOW, last.number)
        assert await uow.audit.latest(2, last.number) == []


async def test_the_lines_of_a_member_are_those_about_them_too(store: Store) -> None:
    await noted(store)
    async with store.read() as uow:
        assert [each.action for each in await uow.audit.of("m1")] == ["approved", "made an editor"]
        assert [each.action for each in await uow.audit.of("m2")] == ["made an editor"]
        assert await uow.audit.of("m") == []


async def test_who_last_did_something_to_a_thing_is_known_by_both(store: Store) -> None:
    await noted(store)
    async with store.begin() as uow:
        await uow.audit.note("m2", "paused a source", "source:ico", NOW + 3 * DAY)
        await uow.audit.note("m1", "paused a source", "source:other", NOW + 4 * DAY)
        await uow.audit.note("m1", "resumed a source", "source:ico", NOW + 4 * DAY)
        last = await uow.audit.last("paused a source", "source:ico")
        assert last is not None
        assert (last.actor, last.at) == ("m2", NOW + 3 * DAY)
        assert await uow.audit.last("paused a source", "source:nobody") is None


async def test_what_is_forgotten_leaves_its_number_alone(store: Store) -> None:
    await noted(store)
    async with store.begin() as uow:
        assert await uow.audit.forget(NOW) == {}
        gone = await uow.audit.forget(NOW + 2 * DAY)
        assert gone == {("approved", "2025-01"): 1, ("made an editor", "2025-01"): 1}
        assert [each.action for each in await uow.audit.latest(9)] == ["paused a source"]
        await uow.commit()


@pytest.mark.parametrize(
    ("actor", "action", "subject"),
    [
        ("m1", "Wrote to the minister.", "request:r1"),
        ("m1", "said no because she is on leave until the end of March", "request:r1"),
        ("m1", "said no", "because she is on leave"),
        ("Alice Example", "approved", "edition:1"),
        ("", "approved", "edition:1"),
    ],
)
async def test_nobodys_own_words_can_be_noted(store: Store, actor: str, action: str, subject: str) -> None:
    async with store.begin() as uow:
        with pytest.raises(ValueError, match="not for the audit log"):
            await uow.audit.note(actor, action, subject, NOW)
