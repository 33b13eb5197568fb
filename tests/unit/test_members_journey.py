"""What members, coordinators and administrators type, and every sentence they get back, in memory."""

from __future__ import annotations

import pytest

from bot.messages import Identity
from digests.model import TaggedItem
from tests.builders import a_tagged_item, a_tagging, an_item
from tests.fakes.network import ALICE, BOB, CAROL, DAN, PLATFORM, WORKSPACE, Network, buttons_of, said, words_of

EVE = Identity(PLATFORM, WORKSPACE, "eve", "Eve")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        (
            "/digest serch ai",
            "I don’t know /digest serch ai. Did you mean /digest search words? "
            "Type /convenor help to see everything I can do.",
        ),
        (
            "/convenor rolse list",
            "I don’t know /convenor rolse list. Did you mean /convenor roles list? "
            "Type /convenor help to see everything I can do.",
        ),
        ("/weather", "I don’t know /weather. Type /convenor help to see what I can do."),
        (
            "/digest search",
            "What shall I look for? Write for example /digest search facial recognition.\n"
            "Words in quotation marks must stand together, and a word after a minus must not occur. You can also ask "
            "for topic:health-data, kind:consultation, publisher:ICO, from:2026-10-01, to:2026-10-31, in any order.",
        ),
        ("/digest search unicorns", "Nothing that I have read fits unicorns. Fewer words find more."),
        ("/digest search topic:aii", "I don’t know the topic “aii”. Did you mean topic:ai?"),
        (
            "/digest",
            "No edition has been published yet. The next draft is due on Friday 24 January 2025, 09:00. "
            "Meanwhile you can search what has been read with /digest search words.",
        ),
        (
            "/digest draft",
            "That is for an editor, and you are not one here, so nothing was done. "
            "An administrator can add you with /convenor roles add.",
        ),
    ],
)
async def test_a_member_gets_a_helpful_answer_to(typed: str, answer: str) -> None:
    network = await Network.make()
    assert said(await network.say(ALICE, typed)) == answer


async def test_help_shows_each_person_what_they_may_do() -> None:
    network = await Network.make()
    for_alice = said(await network.say(ALICE, "/convenor help"))
    assert "/digest search words searches everything that was read" in for_alice
    assert "/digest draft" not in for_alice
    assert for_alice.endswith("You are here as member. My answers to commands are seen by you alone.")
    for_bob = said(await network.say(BOB, "/convenor"))
    assert "/digest draft shows the draft to you, with its buttons" in for_bob
    assert "You are here as administrator, editor." in for_bob


async def test_a_chat_suggests_to_everybody_only_what_they_may_use() -> None:
    network = await Network.make()
    for_alice = {name for name, _ in await network.desk.commands_of(ALICE)}
    for_bob = {name for name, _ in await network.desk.commands_of(BOB)}
    assert {"digest", "digest search", "topics", "convenor home"} <= for_alice
    assert not {"digest draft", "digest skip", "convenor here"} & for_alice
    assert for_alice | {"digest draft", "digest skip", "convenor here"} <= for_bob


async def test_before_the_first_edition_a_member_hears_that_it_is_with_the_editors() -> None:
    network = await Network.make()
    await network.has_a_draft()
    assert said(await network.say(ALICE, "/digest")) == (
        "No edition has been published yet. Data Policy Digest 1, Friday 24 January 2025 is with the editors. "
        "Meanwhile you can search what has been read with /digest search words."
    )


async def test_search_finds_what_was_read_whatever_the_case() -> None:
    network = await Network.make()
    await network.receives(a_tagged_item(1), a_tagged_item(2))
    assert said(await network.say(ALICE, "/digest search ARTIFICIAL parts 2")) == (
        "1 found: ARTIFICIAL parts 2\n"
        "Guidance on artificial intelligence, part 2 "
        "(Department of Examples, Thursday 23 January 2025, Artificial intelligence)"
    )


async def test_a_long_search_is_shown_in_pages() -> None:
    network = await Network.make()
    await network.receives(*(a_tagged_item(number) for number in range(12)))
    (first,) = (await network.say(ALICE, "/digest search guidance")).messages
    assert words_of(first).splitlines()[0] == "1 to 10, newest first: guidance"
    (button,) = buttons_of(first)
    older = await network.press(ALICE, button)
    assert said(older).splitlines()[0] == "11 to 12, newest first: guidance"
    assert len(said(older).splitlines()) == 3


async def test_an_editor_can_add_what_a_search_found_and_say_whether_it_is_relevant() -> None:
    network = await Network.make()
    await network.has_a_draft()
    missed = TaggedItem(an_item(9, title="Farms and their sensors", background=True), a_tagging(relevant=False))
    await network.receives(missed)
    reply = await network.say(BOB, "/digest search farms")
    assert said(reply) == (
        "1 found: farms\n"
        "Farms and their sensors (Department of Examples, Thursday 23 January 2025) "
        "[not relevant, by the rules or an editor’s word]"
    )
    add, tags = buttons_of(reply.messages[0])
    card = await network.press(BOB, tags)
    (relevant,) = [each for each in buttons_of(card.messages[0]) if each.label == "Relevant"]
    assert "Recorded: this is relevant." in said(await network.press(BOB, relevant))
    done = await network.press(BOB, add)
    assert said(done) == "Done: added “Farms and their sensors”. It stands at the end of its section."
    again = await network.say(BOB, "/digest search farms")
    assert [each.label for each in buttons_of(again.messages[0])] == ["Tags"], "it is relevant now, and in the draft"
    assert "[not relevant" not in said(again)
    assert buttons_of((await network.say(ALICE, "/digest search farms")).messages[0]) == []


async def test_an_editor_without_a_draft_can_have_it_made_now() -> None:
    network = await Network.make()
    now = network.clock.now()
    await network.receives(a_tagged_item(1, received_at=now, published_at=now))
    network.clock.advance(minutes=5)
    reply = await network.say(BOB, "/digest draft")
    assert said(reply) == (
        "There is no draft at the moment. The next one is made by itself on Friday 24 January 2025, 09:00.\n"
        "<Draft it now>"
    )
    (button,) = buttons_of(reply.messages[0])
    assert said(await network.press(BOB, button)) == (
        "Data Policy Digest 1, Friday 24 January 2025 is drafted, with 1 entry. It is in the editors’ channel."
    )
    assert said(await network.press(BOB, button)).startswith("The coming edition is drafted already")


async def test_roles_are_given_and_taken_by_administrators_alone() -> None:
    network = await Network.make()
    mention = {"@eve": EVE}
    assert "an administrator, and you are not one" in said(
        await network.say(ALICE, "/convenor roles add @eve editor", mentions=mention)
    )
    assert said(await network.say(BOB, "/convenor roles add @eve editor", mentions=mention)) == "Eve is now an editor."
    assert said(await network.say(BOB, "/convenor roles add @eve editor", mentions=mention)) == (
        "Eve is an editor already. Nothing was changed."
    )
    assert said(await network.say(ALICE, "/convenor roles list")) == (
        "Roles\n"
        "Editors: Bob (since Thursday 23 January 2025), Carol (since Thursday 23 January 2025), "
        "Eve (since Thursday 23 January 2025)\n"
        "Coordinators: Dan (since Thursday 23 January 2025)\n"
        "Administrators: nobody yet\n"
        "Administrators that are named in the settings (CONVENOR_ADMINS) have that role as well, and can only be "
        "changed there."
    )
    assert said(await network.say(BOB, "/convenor roles remove @eve editor", mentions=mention)) == (
        "Eve is no longer an editor."
    )
    assert said(await network.say(BOB, "/convenor roles remove @eve editor", mentions=mention)) == (
        "Eve is not an editor, so nothing was changed."
    )


@pytest.mark.parametrize("typed", ["add", "add @eve", "add editor", "add @eve wizard", "add @eve @dan editor"])
async def test_a_role_command_that_is_not_clear_is_explained(typed: str) -> None:
    network = await Network.make()
    reply = await network.say(BOB, f"/convenor roles {typed}", mentions={"@eve": EVE, "@dan": DAN})
    assert said(reply) == (
        "Write /convenor roles add @name editor or /convenor roles remove @name editor. "
        "The roles are editor, coordinator, administrator."
    )


async def test_a_channel_is_bound_and_unbound_by_an_administrator() -> None:
    network = await Network.make(bound=False)
    assert said(await network.say(BOB, "/convenor here digest")).startswith("This is a private conversation")
    assert said(await network.say(BOB, "/convenor here digest", "news")) == (
        "This channel is set: the digest is posted here."
    )
    assert said(await network.say(BOB, "/convenor here digest", "news")) == (
        "It was set like this already: the digest is posted here. Nothing was changed."
    )
    assert said(await network.say(BOB, "/convenor here", "news")) == (
        "In this channel, the digest is posted here. /convenor here nothing takes that back."
    )
    assert said(await network.say(BOB, "/convenor here nothing", "news")) == (
        "This channel is no longer used for anything of mine."
    )
    assert said(await network.say(BOB, "/convenor here nothing", "news")) == (
        "This channel was not used for anything of mine. Nothing was changed."
    )
    assert said(await network.say(BOB, "/convenor here lunch", "news")).startswith("Write /convenor here digest")
    assert "an administrator, and you are not one" in said(await network.say(CAROL, "/convenor here digest", "news"))
