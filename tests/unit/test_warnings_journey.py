"""Editors see what may be wrong with a draft where they look, and put right in one press what one press can."""

from __future__ import annotations

from datetime import timedelta

from bot import link_checks, schedule
from bot.messages import Button
from digests.links import KEPT
from digests.model import EditionState, LinkAnswer, Outcome
from tests.builders import a_revision, a_tagged_item, an_edition
from tests.fakes.network import ALICE, BOB, CAROL, Network, a_plan, buttons_of, said, words_of

PART_1, PART_2 = (f"Guidance on artificial intelligence, part {number}" for number in (1, 2))
PAGE_1, PAGE_2 = (f"https://www.example.org/news/{number}" for number in (1, 2))
GONE = LinkAnswer(Outcome.NOT_FOUND, "There is no page at this address (404).")
ON = "https://www.example.org/new/2"


async def a_network() -> Network:
    """A draft of two entries: the first leads nowhere, the second leads on."""
    network = await Network.make()
    await network.has_a_draft(2)
    network.pages.answers = {PAGE_1: GONE, PAGE_2: LinkAnswer(Outcome.READ, moved_to=ON)}
    await link_checks.check_links(network.services)
    await network.sends()
    return network


async def pressed(network: Network, label: str, about: str = "") -> str:
    return said(await network.press(BOB, network.button(label, "editors", about)))


async def test_links_are_looked_at_in_the_background_and_what_is_wrong_shows_in_place() -> None:
    network = await a_network()
    headline, section = network.courier.in_channel("editors")
    assert "0 maybes, 2 warnings. It covers" in words_of(headline)
    assert words_of(headline).endswith("<Add a link…> <Warnings (2)> <Preview> <Texts…> <Sections…> <History>")
    assert (
        "[The link leads nowhere. There is no page at this address (404). (Tried Thursday 23 January 2025, 10:01.)"
        in words_of(section)
    )
    assert f"[The link leads on to {ON} now." in words_of(section)
    assert sorted(network.pages.looked_at) == [PAGE_1, PAGE_2]


async def test_the_links_in_the_texts_around_the_entries_are_looked_at_as_well() -> None:
    network = await Network.make()
    await network.has_a_draft(1)
    texts = {"title": "Data Policy Digest", "outro": ""}
    form = (await network.press(BOB, network.button("Texts…", "editors"))).form
    assert form is not None
    intro, updates = "Read https://www.example.org/gone.", f"We moved to https://www.example.org/old, by {PAGE_1}"
    await network.submit(BOB, form.name, form.value, **texts, intro=intro, updates=updates)
    network.pages.answers = {
        "https://www.example.org/gone": GONE,
        "https://www.example.org/old": LinkAnswer(Outcome.READ, moved_to=ON),
    }
    await link_checks.check_links(network.services)
    await network.sends()
    assert sorted(network.pages.looked_at) == ["https://www.example.org/gone", PAGE_1, "https://www.example.org/old"]
    headline = words_of(network.courier.in_channel("editors")[0])
    assert (
        "The link to https://www.example.org/gone in the introduction leads nowhere. There is no page at this address "
        "(404). (Tried Thursday 23 January 2025, 10:01.)"
    ) in headline
    moved = (
        f"The link to https://www.example.org/old in the text on what the network has been up to leads on to {ON} now."
    )
    assert moved in headline
    assert "<Warnings (2)>" in headline


async def test_the_list_of_warnings_has_a_button_wherever_one_press_helps() -> None:
    network = await a_network()
    by_button = await pressed(network, "Warnings (2)")
    assert by_button == (
        "2 warnings: Data Policy Digest 1, Friday 24 January 2025\n"
        f"{PART_2} [The link leads on to {ON} now.]\n"
        f"{PART_1} [The link leads nowhere. There is no page at this address (404). "
        "(Tried Thursday 23 January 2025, 10:01.)]"
    )
    assert said(await network.say(CAROL, "/digest warnings")) == by_button
    (page,) = (await network.say(CAROL, "/digest warnings")).messages
    assert [button.label for button in buttons_of(page, PART_1)] == ["Leave out"]
    assert [button.label for button in buttons_of(page, PART_2)] == ["Use the new address"]
    await network.press(BOB, buttons_of(page, PART_1)[0])
    await network.press(BOB, buttons_of(page, PART_2)[0])
    assert said(await network.say(CAROL, "/digest warnings")) == (
        "There is nothing to warn of in the draft of Data Policy Digest 1, Friday 24 January 2025."
    )
    assert "Warnings" not in words_of(network.courier.in_channel("editors")[0])


async def test_the_new_address_is_taken_over_as_an_edit_and_only_once() -> None:
    network = await a_network()
    button = network.button("Use the new address", "editors", PART_2)
    done = f"Done: gave the new address to “{PART_2}”, in the draft of Data Policy Digest 1, Friday 24 January 2025."
    assert said(await network.press(BOB, button)) == done
    async with network.store.read() as uow:
        (edition,) = await uow.editions.recent()
    assert [entry.url for entry in edition.content.included if entry.title == PART_2] == [ON]
    assert f"The address of “{PART_2}” is right already. Nothing was changed." in said(await network.press(BOB, button))
    gone = Button("", button.action, "2025-01-24 nothing")
    assert "That entry is not in this draft any more. Nothing was changed." in said(await network.press(BOB, gone))
    assert "That is for an editor" in said(await network.press(ALICE, button))


async def test_an_address_that_follows_readers_is_cleaned_in_one_press_on_its_entry() -> None:
    network = await Network.make()
    now = network.clock.now()
    url = "https://www.example.org/news/8?id=8&ref=mail"
    await network.receives(a_tagged_item(8, url=url, received_at=now, published_at=now))
    await network.has_a_draft(0)
    title = "Guidance on artificial intelligence, part 8"
    shown = words_of(network.courier.in_channel("editors")[1])
    assert "[The address has a part that may follow readers about: “ref”." in shown
    assert await pressed(network, "Clean it", title) == (
        f"Done: cleaned the address of “{title}”, in the draft of Data Policy Digest 1, Friday 24 January 2025."
    )
    async with network.store.read() as uow:
        (edition,) = await uow.editions.recent()
    assert [entry.url for entry in edition.content.included] == ["https://www.example.org/news/8?id=8"]
    assert "follow readers" not in words_of(network.courier.in_channel("editors")[1])


async def test_what_takes_other_words_has_a_button_for_them_and_the_preview_counts_the_warnings() -> None:
    network = await Network.make()
    now = network.clock.now()
    title = "Ministers said on Thursday that all of the…"
    await network.receives(a_tagged_item(8, title=title, received_at=now, published_at=now))
    await network.has_a_draft(0)
    (page,) = (await network.say(BOB, "/digest warnings")).messages
    assert [button.label for button in buttons_of(page, title)] == ["Change…"]
    form = (await network.press(BOB, buttons_of(page, title)[0])).form
    assert form is not None
    assert title in [field.value for field in form.fields]
    preview = await network.say(BOB, "/digest preview")
    assert words_of(preview.messages[0]).endswith("Nothing is posted by looking.\n<Warnings (1)>")


async def test_approval_says_how_many_warnings_there_are() -> None:
    network = await a_network()
    assert network.button("Approve", "editors").confirm.startswith("There are 2 warnings. Approve exactly this text?")
    await pressed(network, "Use the new address", PART_2)
    assert network.button("Approve", "editors").confirm.startswith("There is 1 warning. Approve exactly this text?")
    await pressed(network, "Leave out", PART_1)
    assert network.button("Approve", "editors").confirm.startswith("Approve exactly this text?")


async def test_what_stood_in_an_earlier_edition_is_said_whenever_that_goes_out() -> None:
    network = await Network.make(plan=a_plan(first_number=5))
    await network.has_a_draft(2)
    assert "It stood" not in words_of(network.courier.in_channel("editors")[1])
    old = an_edition(an_edition().due_on - timedelta(days=7), number=4, state=EditionState.PUBLISHED)
    async with network.store.begin() as uow:
        await uow.editions.add(old, a_revision(old))
        await uow.commit()
    answer = said(await network.say(BOB, "/digest warnings"))
    assert answer.count("It stood in edition 4 (Friday 17 January 2025) already.") == 2


async def test_without_a_draft_nothing_is_called_and_nothing_is_warned_of() -> None:
    network = await Network.make()
    assert await link_checks.check_links(network.services) == 0
    assert said(await network.say(BOB, "/digest warnings")) == (
        "There is no draft at the moment, so there is nothing to warn of."
    )
    assert "That is for an editor" in said(await network.say(ALICE, "/digest warnings"))


async def test_links_are_not_looked_at_again_too_soon_and_the_messages_stay_while_nothing_changes() -> None:
    network = await a_network()
    assert await link_checks.check_links(network.services) == 0
    updates = [line.updates for line in network.courier.posted]
    network.clock.advance(hours=6)
    assert await link_checks.check_links(network.services) == 2
    await network.sends()
    assert [line.updates for line in network.courier.posted] == updates
    network.pages.answers = {}
    network.clock.advance(hours=6)
    await link_checks.check_links(network.services)
    await network.sends()
    assert "warning" not in words_of(network.courier.in_channel("editors")[0])


async def test_once_an_editor_has_approved_links_are_looked_at_every_hour() -> None:
    network = await a_network()
    await pressed(network, "Approve")
    network.clock.advance(hours=1)
    assert await link_checks.check_links(network.services) == 2


async def test_when_nothing_anywhere_can_be_reached_no_link_is_blamed() -> None:
    network = await Network.make()
    now = network.clock.now()
    urls = [f"https://site-{number}.example.org/a" for number in range(3)]
    await network.receives(
        *(a_tagged_item(n, url=url, received_at=now, published_at=now) for n, url in enumerate(urls))
    )
    await network.has_a_draft(0)
    network.pages.answers = {url: LinkAnswer(Outcome.UNREACHABLE, "No connection.") for url in urls}
    for _ in range(3):
        assert await link_checks.check_links(network.services) == 0
    async with network.store.read() as uow:
        assert await uow.link_checks.of(urls) == {}


async def test_old_looks_are_swept_away() -> None:
    network = await a_network()
    network.clock.advance(seconds=KEPT.total_seconds() + 60)
    await schedule.sweep_tick(network.services)
    async with network.store.read() as uow:
        assert await uow.link_checks.of([PAGE_1, PAGE_2]) == {}
