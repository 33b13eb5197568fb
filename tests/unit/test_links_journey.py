"""An editor adds a link by its address, through the real handlers, in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot import editions
from bot.commands import GONE
from bot.handlers.links import (
    FORM,
    KEPT_TYPING,
    NEED_DAY,
    NEED_PUBLISHER,
    NEED_SECTION,
    NEED_TITLE,
    too_long,
)
from bot.messages import Ask, AskKind, Form, Identity, Reply, plain
from digests.added_links import SOURCE_ID
from digests.model import Content, EditionState, Group, Outcome, Page, TaggedItem, item_id
from tests.builders import a_tagged_item
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, a_plan, buttons_of, said, words_of

URL = "https://news.example.org/a-page"


async def a_network() -> Network:
    network = await Network.make()
    await network.has_a_draft()
    network.pages.has(
        URL,
        title="A page about AI",
        publisher="The Gazette",
        published_at=datetime(2025, 1, 20, 9, tzinfo=UTC),
        description="Ministers said more. And more again.",
    )
    return network


async def form_for(network: Network, words: str = URL, who: Identity = BOB) -> Form:
    reply = await network.say(who, f"/digest add {words}")
    assert reply.form is not None, said(reply)
    return reply.form


async def sent(network: Network, form: Form, who: Identity = BOB, **changes: str) -> Reply:
    fields = {field.name: field.value for field in form.fields} | changes
    return await network.submit(who, form.name, form.value, **fields)


def values(form: Form) -> dict[str, str]:
    return {field.name: field.value for field in form.fields}


async def test_the_form_shows_what_the_page_says_of_itself_and_the_section_by_the_plan() -> None:
    network = await a_network()
    form = await form_for(network, f"{URL}?utm_source=mail#top")
    assert values(form) == {
        "title": "A page about AI",
        "publisher": "The Gazette",
        "date": "20 January 2025",
        "blurb": "Ministers said more.",
        "section": "news",
    }
    assert plain(form.intro) == f"{URL}. "
    assert [option.label for option in form.fields[-1].options] == ["News", "Coming up"]


async def test_what_was_added_stands_in_the_draft_and_in_the_archive_under_its_address() -> None:
    network = await a_network()
    reply = await sent(network, await form_for(network), title="A better title", date="2025-01-21")
    assert said(reply) == (
        "Added: A better title stands at the end of “News” in the draft of Data Policy Digest 1, Friday 24 January "
        "2025."
    )
    shown = words_of(network.courier.in_channel("editors")[1])
    assert "A better title (The Gazette) Ministers said more. [" in shown
    assert "Added by an editor · tagged Artificial intelligence · dated Tuesday 21 January 2025" in shown
    async with network.store.read() as uow:
        (edition,) = await uow.editions.recent()
        # An edition is exported without its people, and outlives their erasure.
        assert "Bob" not in repr(edition.content)
        tagged = await uow.items.get(item_id(URL))
    assert tagged is not None
    item = tagged.item
    assert (item.title, item.source_id, item.background, item.group) == (
        "A better title",
        SOURCE_ID,
        True,
        Group.CIVIL_SOCIETY,
    )
    assert tagged.tagging.topic_ids == ("ai",)
    assert "added “A better title”" in words_of(network.courier.in_channel("editors")[0])


async def test_a_page_that_cannot_be_read_leaves_the_form_to_the_editor_and_says_why() -> None:
    network = await a_network()
    form = await form_for(network, "https://news.example.org/AI_plan.pdf")
    assert plain(form.intro) == (
        "https://news.example.org/AI_plan.pdf. The page could not be read, so please fill in the form. There is no "
        "page at this address (404). "
    )
    assert values(form)["title"] == "AI plan"
    assert said(await sent(network, form)).startswith("Added: AI plan stands")


async def test_what_is_there_already_is_said_and_not_refused() -> None:
    network = await a_network()
    inside = "https://www.example.org/news/2"
    title = "Guidance on artificial intelligence, part 2"
    form = await form_for(network, inside)
    assert plain(form.intro) == (
        f"{inside}. It is in the archive already, as it stands below. It is in this draft already, under “News” as "
        f"“{title}”. Added, it will stand there twice. "
    )
    await network.press(BOB, network.button("Leave out", "editors", title))
    form = await form_for(network, inside)
    assert plain(form.intro).endswith("It is in this draft already, left out under “News”: adding it puts it back in. ")
    await sent(network, form)
    assert "(3 entries)" in words_of(network.courier.in_channel("editors")[1])


async def test_a_link_to_which_a_short_address_leads_is_known_by_its_own() -> None:
    network = await a_network()
    network.pages.pages["https://sho.rt/1"] = Page("https://www.example.org/news/2", Outcome.READ, title="Short")
    form = await form_for(network, "sho.rt/1")
    assert values(form)["title"] == "Guidance on artificial intelligence, part 2"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("title", "  \u202e ", NEED_TITLE),
        ("title", "x" * 301, too_long(300)),
        ("publisher", "", NEED_PUBLISHER),
        ("publisher", "x" * 101, too_long(100)),
        ("date", "soon", NEED_DAY),
        ("blurb", "x" * 601, too_long(600)),
        ("section", "", NEED_SECTION),
    ],
)
async def test_what_cannot_be_right_is_said_beside_its_field_and_what_was_typed_is_kept(
    field: str, typed: str, sentence: str
) -> None:
    network = await a_network()
    reply = await sent(network, await form_for(network), BOB, **{"title": "Mine", field: typed})
    assert reply.errors == {field: sentence}
    again = await form_for(network)
    assert plain(again.intro).startswith(KEPT_TYPING)
    if field != "title":
        assert values(again)["title"] == "Mine"
    await sent(network, again, title="Mine", publisher="P", date="", blurb="", section="news")
    assert plain((await form_for(network)).intro).startswith(f"{URL}. It is in the archive already")


async def test_without_an_address_the_form_asks_for_one_and_keeps_what_was_typed() -> None:
    network = await a_network()
    button = network.button("Add a link…", "editors")
    reply = await network.press(CAROL, button)
    assert reply.form is not None
    wrong = await network.submit(CAROL, reply.form.name, url="not an address")
    assert wrong.errors["url"].startswith("“not an address” is not a web address that can be opened. Nothing was done.")
    again = await network.press(CAROL, button)
    assert again.form is not None
    assert values(again.form) == {"url": "not an address"}
    right = await network.submit(CAROL, reply.form.name, url=URL)
    assert right.form is not None
    assert right.form.name == FORM
    once_more = await network.say(CAROL, "/digest add")
    assert once_more.form is not None
    assert values(once_more.form) == {"url": ""}


async def test_only_editors_add_links_and_a_forged_form_adds_nothing() -> None:
    network = await a_network()
    form = await form_for(network)
    for who in (ALICE, DAN):
        assert "That is for an editor" in said(await network.say(who, f"/digest add {URL}"))
        assert "That is for an editor" in said(await sent(network, form, who))
    for value in ("", "[]", '["2025-01-24", "javascript:x"]', '["2025-01-24"]', "7"):
        assert await network.submit(BOB, FORM, value, title="x") == Reply((GONE,))
    gone = await sent(network, form, section="gone")
    assert "That section is not in this draft any more. Nothing was added" in said(gone)
    assert network.pages.read_at == [URL]


async def test_without_a_draft_nothing_is_called_and_it_is_said() -> None:
    network = await Network.make()
    reply = await network.say(BOB, f"/digest add {URL}")
    assert said(reply).startswith("There is no draft at the moment, so there is nothing to add a link to.")
    assert network.pages.read_at == []


async def test_a_chat_with_short_triggers_opens_a_form_at_once_also_when_an_address_follows() -> None:
    network = await a_network()
    for words in ("add", f"add {URL}", "suggest"):
        assert network.desk.opens_form(Ask(AskKind.COMMAND, BOB, "digest", network.clock.now(), words=words))
    assert not network.desk.opens_form(
        Ask(AskKind.COMMAND, BOB, "digest", network.clock.now(), words=f"suggest {URL} because")
    )


async def test_links_that_editors_added_to_a_draft_that_lapsed_come_along_to_the_next() -> None:
    network = await a_network()
    await sent(network, await form_for(network))
    network.clock.advance(days=7)
    await network.has_a_draft(4)
    async with network.store.read() as uow:
        (draft,) = [each for each in await uow.editions.recent() if each.state.value == "draft"]
    assert draft.id == "2025-01-31"
    assert [entry.title for entry in draft.content.included if entry.url == URL] == ["A page about AI"]


async def the_draft(network: Network) -> Content:
    async with network.store.read() as uow:
        (draft,) = [each for each in await uow.editions.recent() if each.state is EditionState.DRAFT]
    content: Content = draft.content
    return content


async def with_known_items(*more: TaggedItem) -> Network:
    """A draft, and items that the archive knew before its window: in no window, so no draft brings them by itself."""
    network = await Network.make()
    early = network.clock.now() - timedelta(days=40)
    await network.receives(a_tagged_item(21, title="An old paper", received_at=early, published_at=early), *more)
    await network.has_a_draft()
    return network


async def adds_from_a_search(network: Network, words: str) -> None:
    (message,) = (await network.say(BOB, f"/digest search {words}")).messages
    reply = await network.press(BOB, next(each for each in buttons_of(message, words) if each.label == "Add"))
    assert said(reply).startswith("Done: added")


async def test_what_an_editor_added_from_a_search_comes_along_when_the_draft_lapses_and_stands_there_once() -> None:
    network = await with_known_items()
    await adds_from_a_search(network, "An old paper")
    for week in (1, 2):
        network.clock.advance(days=7)
        await network.receives(a_tagged_item(30 + week, received_at=network.clock.now()))
        network.clock.advance(minutes=1)
        assert await editions.make_edition_now(network.services) is not None
        titles = [entry.title for entry in (await the_draft(network)).included]
        assert (titles.count("An old paper"), len(titles)) == (1, len(set(titles)))


async def test_a_link_to_what_the_archive_knew_comes_along_when_the_week_is_merged() -> None:
    network = await with_known_items()
    await sent(network, await form_for(network, "https://www.example.org/news/21"), title="An old paper, anew")
    await network.press(BOB, network.button("Merge into the next", "editors"))
    network.clock.advance(days=8)
    assert await editions.make_due_edition(network.services) is not None
    titles = [entry.title for entry in (await the_draft(network)).included]
    assert titles.count("An old paper, anew") == 1


async def test_what_was_left_out_of_a_later_draft_does_not_come_back() -> None:
    network = await with_known_items()
    await adds_from_a_search(network, "An old paper")
    network.clock.advance(days=7)
    await network.has_a_draft(4)
    await network.press(BOB, network.button("Leave out", "editors", "An old paper"))
    network.clock.advance(days=7)
    await network.has_a_draft(5)
    assert "An old paper" not in [entry.title for entry in (await the_draft(network)).included]


async def test_what_the_new_draft_brings_by_itself_stands_there_once() -> None:
    network = await Network.make(plan=a_plan(shortlist=1, maybe=0))
    await network.has_a_draft()
    (proposed,) = (await the_draft(network)).included
    left = next(each for each in (await the_draft(network)).left_out_entries)
    await adds_from_a_search(network, left.title)
    network.clock.advance(days=7)
    made = await editions.make_edition_now(network.services)
    content = await the_draft(network)
    assert made is not None
    assert sorted(entry.title for entry in content.included) == sorted([proposed.title, left.title])
    # It is in now, and no longer listed or counted among what was left out.
    assert left.url not in [each.url for each in content.left_out_entries]
    assert sum(number for _, number in content.left_out) == len(content.left_out_entries)
