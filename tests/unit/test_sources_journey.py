"""What editors do with sources in chat, and every sentence they get back, in memory."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot import schedule, sources
from bot.messages import Button, Reply
from bot.sources import look_up
from digests.model import FeedEntry, Fetch, Format, Installation, Outcome, SourceState, Trouble
from digests.search import parse
from tests.builders import NOW, a_source
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFeedReader
from tests.fakes.network import ALICE, BOB, CAROL, DAN, FakeFinder, Network, buttons_of, said

FEED = "https://blog.example.org/feed.xml"
NOT_FOR_YOU = (
    "That is for an administrator or an editor, and you are not one here, so nothing was done. "
    "An administrator can add you with /convenor roles add."
)


def entry(number: int, **changes: Any) -> FeedEntry:
    made = FeedEntry(
        f"id-{number}", f"Post {number}", f"https://blog.example.org/{number}", NOW - timedelta(days=10 - number)
    )
    return replace(made, **changes)


class Feeds:
    """A network whose one catalogue source is ``example``; what is added is read by the same fake reader."""

    def __init__(self, network: Network, reader: FakeFeedReader) -> None:
        self.network = network
        self.reader = reader

    @classmethod
    async def make(cls, *, begun: bool = True) -> Feeds:
        reader = FakeFeedReader(FakeClock(NOW))
        reader.feed("example").entry(1)
        feeds = cls(await Network.make(reader=reader), reader)
        if begun:
            async with feeds.network.store.begin() as uow:
                await uow.record_installation(Installation(NOW, NOW - timedelta(days=7)))
                await uow.commit()
        return feeds

    async def remember(self, state: SourceState, *fetches: Fetch) -> None:
        async with self.network.store.begin() as uow:
            await uow.sources.save_state(state)
            for fetch in fetches:
                await uow.sources.add_fetch(fetch)
            await uow.commit()

    async def state(self, source_id: str) -> SourceState | None:
        async with self.network.store.read() as uow:
            state: SourceState | None = await uow.sources.state(source_id)
        return state


def button(reply: Reply, label: str) -> Button:
    return next(b for message in reply.messages for b in buttons_of(message) if b.label == label)


async def test_sources_at_a_glance_says_who_needs_attention_why_and_since_when() -> None:
    catalogue = [a_source(name) for name in ("ok", "down", "ended", "quiet", "resting", "new")]
    catalogue.append(a_source("off", enabled=False, note="It repeats another."))
    network = await Network.make(sources=catalogue)
    good = SourceState("ok", outcome=Outcome.READ, last_good_at=NOW)
    reason = "The publisher says that this feed has ended."
    async with network.store.begin() as uow:
        for state in (
            good,
            SourceState(
                "down", outcome=Outcome.TIMED_OUT, reason="It did not answer in full within 30 seconds.", failures=3,
                last_good_at=NOW - timedelta(days=2), failing_since=NOW - timedelta(days=1),
            ),
            SourceState("ended", outcome=Outcome.ENDED, reason=reason, muted=True),
            replace(good, source_id="quiet", told=Trouble.SILENT, newest_entry_at=NOW - timedelta(days=100)),
            replace(good, source_id="resting", paused=True),
        ):  # fmt: skip
            await uow.sources.save_state(state)
        await uow.commit()
    assert said(await network.say(ALICE, "/convenor sources")) == (
        "Sources\n"
        "7 sources: 1 failing, 1 muted, 1 silent, 1 paused, 1 not read yet, 1 ok, 1 off.\n"
        "failing News of down (down): failed 3 times in a row: It did not answer in full within 30 seconds. "
        "(since Wednesday 22 January 2025, 10:00; last read Tuesday 21 January 2025, 10:00)\n"
        "muted News of ended (ended): no longer read: The publisher says that this feed has ended. (never read yet)\n"
        "silent News of quiet (quiet): answers, but has brought nothing new since Tuesday 15 October 2024, 11:00 "
        "(last read Thursday 23 January 2025, 10:00)\n"
        "/convenor sources all lists every source with its id, /convenor sources show ID shows what came of its "
        "latest fetches."
    )
    failing = said(await network.say(ALICE, "/convenor sources failing"))
    assert failing.startswith("3 sources need attention\nfailing News of down (down): failed 3 times in a row")
    assert "resting" not in failing
    every = said(await network.say(ALICE, "/convenor sources all"))
    assert "paused News of resting (resting): paused, until somebody resumes it" in every
    assert "off News of off (off): switched off in the catalogue. It repeats another." in every


async def test_when_all_is_well_it_is_said_in_one_sentence() -> None:
    network = await Network.make()
    assert "1 source: 1 not read yet.\nNo source needs attention." in said(
        await network.say(ALICE, "/convenor sources")
    )
    assert said(await network.say(ALICE, "/convenor sources failing")) == (
        "No source needs attention. 1 source: 1 not read yet."
    )


async def test_a_long_list_is_paged_and_says_what_it_leaves_out() -> None:
    network = await Network.make(sources=[a_source(f"s{number:03}") for number in range(200)])
    reply = await network.say(ALICE, "/convenor sources all")
    assert len(reply.messages) == 5
    assert "s119" in said(reply)
    assert "And 80 more: convenor sources on the command line." in said(reply)


async def test_a_site_is_previewed_and_added_and_its_backlog_is_background() -> None:
    feeds = await Feeds.make()
    network = feeds.network
    network.finder.has(
        "blog.example.org", FEED, *(entry(number) for number in range(1, 8)), others=("https://blog.example.org/ai",)
    )
    reply = await network.say(BOB, "/convenor sources add blog.example.org")
    assert said(reply) == (
        "The example blog\n"
        "I found a feed at https://blog.example.org/feed.xml.\n"
        "It has 7 items; these are its last 5 items:\n"
        "Post 7 (Monday 20 January 2025)\n"
        "Post 6 (Sunday 19 January 2025)\n"
        "Post 5 (Saturday 18 January 2025)\n"
        "Post 4 (Friday 17 January 2025)\n"
        "Post 3 (Thursday 16 January 2025)\n"
        "The page names other feeds as well: https://blog.example.org/ai.\n"
        "Add it?\n"
        "<Add> <Not now>"
    )
    async with network.store.read() as uow:
        assert await uow.sources.added() == []

    for number in range(1, 8):
        feeds.reader.feed("blog-example-org", url=FEED).entry(number)
    assert said(await network.press(BOB, button(reply, "Add"))) == (
        "Added: The example blog, with the id blog-example-org, among civil society. What it holds now is background: "
        "it can be searched, and is never drafted. What it brings from now on counts. "
        "First reading: read, 7 entries, 7 new, 0 changed."
    )
    async with network.store.read() as uow:
        (added,) = await uow.sources.added()
        assert await uow.items.count() == 7
        assert await uow.items.received(NOW - timedelta(days=30), NOW + timedelta(days=30)) == []
    assert (added.source.format, added.source.url) == (Format.RSS, FEED)
    assert added.added_at == network.clock.now()

    again = said(await network.press(CAROL, button(reply, "Add")))
    assert again == (
        "That is among the sources already: The example blog (blog-example-org). Nothing was added. "
        "/convenor sources show blog-example-org shows how its reading goes."
    )
    assert said(await network.say(CAROL, f"/convenor sources add {FEED}")) == again
    assert (
        "group civil society, weight 0.5. Added beside the catalogue by Bob (Thursday 23 January 2025, 10:00), with "
        "the id blog-example-org."
    ) in said(await network.say(ALICE, "/convenor sources show blog-example-org"))

    feeds.reader.feed("blog-example-org").entry(8)
    network.clock.advance(days=2)
    summary = await schedule.read_sources(network.services, force=True)
    assert summary.new >= 1
    async with network.store.read() as uow:
        (fresh,) = [
            tagged
            for tagged in await uow.items.received(NOW, network.clock.now() + timedelta(days=1))
            if tagged.item.source_id == "blog-example-org"
        ]
    assert fresh.item.title == "Title 8"


async def test_not_now_adds_nothing() -> None:
    feeds = await Feeds.make()
    feeds.network.finder.has("blog.example.org", FEED, entry(1, published=None))
    reply = await feeds.network.say(BOB, "/convenor sources add blog.example.org")
    assert "It has 1 item; this is its only item:\nPost 1 (no date)\n" in said(reply)
    assert said(await feeds.network.press(BOB, button(reply, "Not now"))) == "Nothing was added."
    assert [source.id for source in await feeds.network.services.present_sources()] == ["example"]


async def test_a_source_of_the_catalogue_is_said_to_be_there_without_asking_its_site() -> None:
    network = await Network.make()
    reply = said(await network.say(BOB, "/convenor sources add http://www.example.example.org/feed.atom"))
    assert reply.startswith("That is among the sources already: News of example (example). Nothing was added.")
    assert network.finder.looked_at == []


@pytest.mark.parametrize(
    ("outcome", "reason", "answer"),
    [
        (
            Outcome.NOT_A_FEED,
            "It is a web page.",
            "I found no feed there: the page names none, and there is none in the usual places. Nothing was added. "
            "If the site has a feed, give the address of the feed itself.",
        ),
        (
            Outcome.BLOCKED,
            "The address leads into a private network, where nothing is called.",
            "I could not read example.net: The address leads into a private network, where nothing is called. "
            "Nothing was added.",
        ),
    ],
)
async def test_an_address_without_a_feed_is_answered_with_the_reason(
    outcome: Outcome, reason: str, answer: str
) -> None:
    network = await Network.make()
    network.finder.fails("example.net", outcome, reason)
    assert said(await network.say(BOB, "/convenor sources add example.net")) == answer


async def test_a_site_that_takes_too_long_is_given_up_politely(monkeypatch: pytest.MonkeyPatch) -> None:
    network = await Network.make()

    async def never(self: FakeFinder, address: str) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(sources, "LIMIT_SECONDS", 0.01)
    monkeypatch.setattr(FakeFinder, "find", never)
    assert "Nothing was added. Please try again later, or give the address of the feed itself." in said(
        await network.say(BOB, "/convenor sources add slow.example.org")
    )


@pytest.mark.parametrize(
    "value", ["", "[]", "nonsense", '["javascript:alert(1)","rss","x"]', '["https://x.org","?",1]']
)
async def test_a_forged_button_adds_nothing(value: str) -> None:
    feeds = await Feeds.make()
    reply = said(await feeds.network.press(BOB, Button("Add", "sources.add", value)))
    assert reply.endswith("Nothing was changed.")
    assert len(await feeds.network.services.present_sources()) == 1


@pytest.mark.parametrize("typed", ["add blog.example.org", "pause example", "resume example", "read example"])
async def test_only_editors_and_administrators_change_sources(typed: str) -> None:
    feeds = await Feeds.make()
    for who in (ALICE, DAN):
        assert said(await feeds.network.say(who, f"/convenor sources {typed}")) == NOT_FOR_YOU
    assert said(await feeds.network.press(ALICE, Button("Add", "sources.add", "[]"))) == NOT_FOR_YOU
    assert feeds.reader.feed("example").reads == 0
    assert await feeds.state("example") is None


async def test_a_paused_source_is_not_read_until_it_is_resumed() -> None:
    feeds = await Feeds.make()
    say = feeds.network.say
    assert said(await say(BOB, "/convenor sources pause EXAMPLE")) == (
        "News of example is paused. It is not read until somebody resumes it; what it brought so far is kept."
    )
    assert said(await say(BOB, "/convenor sources pause example")) == (
        "News of example is paused already. Nothing was changed."
    )
    assert (await schedule.read_sources(feeds.network.services, force=True)).fetched == 0
    assert "News of example is paused, so it was not read. Resume it first." in said(
        await say(BOB, "/convenor sources read example")
    )
    assert said(await say(CAROL, "/convenor sources resume example")) == (
        "News of example is read again, from the next reading on (within a minute, while the service runs)."
    )
    assert said(await say(CAROL, "/convenor sources resume example")) == (
        "News of example is not paused. Nothing was changed."
    )
    assert (await schedule.read_sources(feeds.network.services)).fetched == 1


async def test_resuming_gives_a_source_that_ended_another_chance() -> None:
    feeds = await Feeds.make()
    await feeds.remember(SourceState("example", muted=True, outcome=Outcome.ENDED, reason="It has ended.", failures=2))
    assert "News of example is no longer read: It has ended. To have it tried again, resume it first." in said(
        await feeds.network.say(BOB, "/convenor sources read example")
    )
    await feeds.network.say(BOB, "/convenor sources resume example")
    state = await feeds.state("example")
    assert state is not None
    assert (state.muted, state.failures, state.told) == (False, 0, Trouble.NONE)


async def test_what_is_off_in_the_file_is_changed_in_the_file() -> None:
    network = await Network.make(sources=[a_source("example", enabled=False)])
    words = "News of example is switched off in the catalogue’s file, and can only be switched on there."
    for verb in ("pause", "resume"):
        assert said(await network.say(BOB, f"/convenor sources {verb} example")) == f"{words} Nothing was changed."
    assert "is switched off in the catalogue’s file, so it was not read." in said(
        await network.say(BOB, "/convenor sources read example")
    )


async def test_reading_now_says_what_came_of_it_whether_due_or_not() -> None:
    feeds = await Feeds.make()
    read = "/convenor sources read example"
    assert said(await feeds.network.say(BOB, read)) == "News of example: read, 1 entry, 1 new, 0 changed."
    assert said(await feeds.network.say(BOB, read)) == ("News of example: nothing had changed since the fetch before.")
    feeds.reader.feed("example").fails(Outcome.TIMED_OUT, "It did not answer in full within 30 seconds.")
    assert said(await feeds.network.say(BOB, read)) == (
        "News of example: timed out. It did not answer in full within 30 seconds."
    )


async def test_one_source_alone_is_never_the_first_reading() -> None:
    feeds = await Feeds.make(begun=False)
    assert "the first reading is of all sources at once, so News of example was not read alone." in said(
        await feeds.network.say(BOB, "/convenor sources read example")
    )
    async with feeds.network.store.read() as uow:
        assert await uow.installation() is None


async def test_showing_a_source_lists_its_latest_fetches_in_words() -> None:
    feeds = await Feeds.make()
    fetch = Fetch("example", NOW, NOW, Outcome.READ, "", 200, 20, 3, 1)
    later = NOW + timedelta(hours=1)
    refused = Fetch("example", later, later, Outcome.REFUSED, "The publisher refuses us (403).", 403, 0, 0, 0)
    state = SourceState("example", outcome=Outcome.READ, last_good_at=NOW, next_due_at=NOW + timedelta(hours=2))
    await feeds.remember(state, fetch, refused)
    assert said(await feeds.network.say(ALICE, "/convenor sources show example")) == (
        "News of example\n"
        "ok: last read Thursday 23 January 2025, 10:00\n"
        "Published by Department of Examples; group government, weight 0.5. It stands in the catalogue’s file, where "
        "it can be changed, with the id example.\n"
        "It is next due Thursday 23 January 2025, 12:00.\n"
        "https://example.example.org/feed.atom\n"
        "Thursday 23 January 2025, 11:00: refused. The publisher refuses us (403).\n"
        "Thursday 23 January 2025, 10:00: read, 20 entries, 3 new, 1 changed.\n"
        "The latest fetches, newest first. Each is kept for 30 days."
    )
    assert (await look_up(feeds.network.services, "example", 1)).fetches == [refused]


@pytest.mark.parametrize("verb", ["show", "pause", "resume", "read"])
async def test_a_missing_or_misspelt_id_is_helped_with(verb: str) -> None:
    network = await Network.make()
    assert said(await network.say(BOB, f"/convenor sources {verb}")) == (
        f"Which source? Write /convenor sources {verb} ID; /convenor sources all lists the ids."
    )
    assert "There is no source with the id “exmaple”, so nothing was done. Did you mean example?" in said(
        await network.say(BOB, f"/convenor sources {verb} exmaple")
    )


async def test_adding_without_an_address_says_how() -> None:
    network = await Network.make()
    assert said(await network.say(BOB, "/convenor sources add")) == (
        "Which address? Write for example /convenor sources add https://www.example.org: the address of a site, "
        "or of its feed."
    )


async def test_what_was_there_before_us_is_found_with_its_tags_once_a_pass_is_over() -> None:
    feeds = await Feeds.make()
    feeds.reader.feed("example").entry(1, title="Algorithms of old", published=NOW - timedelta(days=60))
    services = feeds.network.services
    await schedule.read_sources(services, force=True)
    async with feeds.network.store.read() as uow:
        (found,) = await uow.archive.find(parse("algorithms", services.topics))
        assert await uow.items.untagged() == []
    assert found.item.background
    assert found.tagging == services.tag(found.item)
