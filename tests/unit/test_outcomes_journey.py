"""A consultation that an edition told comes to its outcome, and a later edition tells that."""

from __future__ import annotations

from datetime import timedelta

from bot import editions, schedule
from digests.model import EditionState, Kind
from digests.reading import read_due
from tests.builders import a_tagging
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFeedReader
from tests.fakes.network import BOB, CAROL, Network, words_of

LINK = "https://www.gov.uk/government/consultations/data-and-ai"


async def reads(network: Network, reader: FakeFeedReader) -> None:
    await read_due(
        reader.sources,
        store=network.store,
        reader=reader,
        tag=lambda item: a_tagging("ai"),
        clock=network.clock,
        window_start=network.clock.now() - timedelta(days=7),
        force=True,
    )


async def test_an_outcome_at_the_address_of_its_consultation_is_in_a_later_edition_and_gives_no_warning() -> None:
    reader = FakeFeedReader(FakeClock())
    feed = reader.feed("dsit")
    network = await Network.make(sources=reader.sources)
    published = network.clock.now() - timedelta(hours=1)
    feed.entry(1, title="Open consultation: Data and AI", link=LINK, published=published, updated=published)
    await reads(network, reader)
    network.clock.advance(minutes=1)
    first = await editions.make_edition_now(network.services)
    assert first is not None
    await network.sends()
    for editor in (BOB, CAROL):
        await network.press(editor, network.button("Approve", "editors"))
    network.clock.advance(days=3)
    updated = network.clock.now()
    feed.entry(1, title="Consultation outcome: Data and AI", link=LINK, published=published, updated=updated)
    await reads(network, reader)
    network.clock.advance(days=5)
    second = await schedule.draft_tick(network.services)
    await network.sends()
    assert second is not None
    async with network.store.read() as uow:
        told = await editions.the_edition(uow, first.id)
    assert told.state is EditionState.PUBLISHED
    assert [entry.kind for entry in told.content.included] == [Kind.CONSULTATION]
    assert [(entry.kind, entry.url) for entry in second.content.included] == [(Kind.CONSULTATION_OUTCOME, LINK)]
    shown = "\n".join(words_of(message) for message in network.courier.in_channel("editors"))
    assert "It stood in edition" not in shown
