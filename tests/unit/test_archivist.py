"""What is public, kept in memory: brought up to date when it changes, and never more than is public."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from bot import archive
from bot.archive import Archivist, source_lines
from digests.model import Edition, EditionState, Group, Outcome, SourceState
from tests.builders import NOW, a_content, a_revision, a_source, an_edition, an_entry
from tests.fakes.network import Network


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is asked each time."""
    monkeypatch.setattr(archive, "FRESH_SECONDS", 0.0)
    return


async def network_with(*editions: Edition) -> Network:
    network = await Network.make()
    async with network.store.begin() as uow:
        for edition in editions:
            await uow.editions.add(edition, a_revision(edition))
        await uow.commit()
    return network


def in_state(state: EditionState, week: int, number: int) -> Edition:
    content = a_content(an_entry(number, title=f"Of {state.value}"))
    return an_edition(date(2025, 1, 24) + timedelta(weeks=week), state=state, number=number, content=content)


async def test_only_published_editions_are_told_and_withdrawn_ones_by_their_number_alone() -> None:
    editions = [in_state(state, week, week + 1) for week, state in enumerate(EditionState)]
    network = await network_with(*editions)
    snapshot = await Archivist(network.services).present()
    assert [each.edition.state for each in snapshot.archive.editions] == [EditionState.PUBLISHED]
    withdrawn = next(each.number for each in editions if each.state is EditionState.WITHDRAWN)
    assert snapshot.archive.withdrawn == {withdrawn: 1}
    assert [m.entry.title for m in snapshot.archive.documents] == ["Of published"]


async def test_nothing_is_made_anew_until_something_changes() -> None:
    edition = in_state(EditionState.PUBLISHED, 0, 1)
    network = await network_with(edition)
    archivist = Archivist(network.services)
    first = await archivist.present()
    network.clock.advance(minutes=5)
    assert await archivist.present() is first

    newer = replace(edition, revision=2, content=replace(edition.content, intro="Corrected."))
    later = edition.window.end + timedelta(hours=1)
    async with network.store.begin() as uow:
        assert await uow.editions.save_revision(newer, a_revision(newer, "bob", at=later))
        await uow.commit()
    second = await archivist.present()
    (corrected,) = second.archive.editions
    assert (corrected.edition.content.intro, corrected.updated_at, corrected.is_corrected) == (
        "Corrected.",
        later,
        True,
    )
    assert second.noted_at == first.noted_at + timedelta(minutes=5)

    async with network.store.begin() as uow:
        await uow.editions.set_state(edition.id, EditionState.PUBLISHED, EditionState.WITHDRAWN)
        await uow.commit()
    third = await archivist.present()
    assert third.archive.editions == ()
    assert third.archive.withdrawn == {1: 2}
    assert first.archive.changes < second.archive.changes < third.archive.changes


async def test_the_store_is_asked_once_for_many_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    network = await network_with(in_state(EditionState.PUBLISHED, 0, 1))
    monkeypatch.setattr(archive, "FRESH_SECONDS", 60.0)
    archivist = Archivist(network.services)
    first = await archivist.present()
    async with network.store.begin() as uow:
        await uow.editions.set_state(
            first.archive.editions[0].edition.id, EditionState.PUBLISHED, EditionState.WITHDRAWN
        )
        await uow.commit()
    assert await archivist.present() is first


async def test_sources_are_told_by_group_in_words_for_readers() -> None:
    sources = [
        a_source("press", group=Group.PRESS, name="Zebra News"),
        a_source("gone", name="Old feed"),
        a_source("ill", name="Ill feed"),
        a_source("off", enabled=False),
        a_source("paused", name="Paused feed"),
        a_source("well", name="Good feed"),
    ]
    good = NOW - timedelta(hours=1)
    states = {
        "gone": SourceState("gone", outcome=Outcome.GONE, muted=True, last_good_at=good),
        "ill": SourceState("ill", outcome=Outcome.REFUSED, reason="403 from 10.0.0.1", last_good_at=None),
        "paused": SourceState("paused", outcome=Outcome.READ, paused=True),
        "well": SourceState("well", outcome=Outcome.UNCHANGED, last_good_at=good),
    }
    told = [(line.name, line.sentence, line.is_well) for line in source_lines(sources, states)]
    assert told == [
        ("Good feed", "Read; last on Thursday 23 January 2025, 09:00.", True),
        ("Ill feed", "Could not be read the last time.", False),
        (
            "Old feed",
            "No longer read: it has ended or is gone. It was last read on Thursday 23 January 2025, 09:00.",
            False,
        ),
        ("Paused feed", "Not read for now, by decision of the editors.", True),
        ("Zebra News", "Not read yet.", True),
    ]
