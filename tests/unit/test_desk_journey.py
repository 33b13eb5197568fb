"""The desk: two editors shape a draft through the real handlers and outbox, in memory."""

from __future__ import annotations

import re
from datetime import timedelta

from bot import editions, schedule
from bot.edition_messages import published_parts
from bot.messages import Button, Form, Identity, Reply, plain
from digests.model import Content, Edition, EditionState, Group, Kind
from digests.plan import SectionPlan
from tests.builders import a_tagged_item
from tests.fakes.network import ALICE, BOB, CAROL, Network, a_plan, buttons_of, said, words_of

TITLE = "Guidance on artificial intelligence, part {}"
WHEN = "Thursday 23 January 2025, 10:01"


async def a_network(entries: int = 3) -> Network:
    network = await Network.make()
    await network.has_a_draft(entries)
    return network


async def the_draft(network: Network) -> Edition:
    async with network.store.read() as uow:
        edition = (await uow.editions.recent(1))[0]
    assert isinstance(edition, Edition)
    return edition


async def content(network: Network) -> Content:
    return (await the_draft(network)).content


def titles(now: Content) -> list[str]:
    return [entry.title.removeprefix("Guidance on artificial intelligence, ") for entry in now.included]


def headline(network: Network) -> str:
    return words_of(network.courier.in_channel("editors")[0])


async def opened(network: Network, who: Identity, label: str, part: int | None = None) -> Form:
    about = "" if part is None else TITLE.format(part)
    reply = await network.press(who, network.button(label, "editors", about))
    assert reply.form is not None, said(reply)
    return reply.form


def in_reply(reply: Reply, label: str, about: str = "") -> Button:
    found = [button for message in reply.messages for button in buttons_of(message, about) if button.label == label]
    assert found, f"no {label!r} in {said(reply)}"
    return found[0]


def without_reference(words: str) -> str:
    return re.sub(r" \(reference [0-9A-F]{6}\)", "", words)


async def test_an_entry_moves_by_one_press_and_says_where_it_cannot() -> None:
    network = await a_network()
    first = titles(await content(network))
    live = network.courier.posted[1].ref
    third = first[2].removeprefix("part ")
    button = network.button("Move up", "editors", TITLE.format(third))
    assert (await network.press(BOB, button, ref=live)).messages == ()
    assert titles(await content(network)) == [first[0], first[2], first[1]]
    await network.press(BOB, button, ref=live)
    assert titles(await content(network)) == [first[2], first[0], first[1]]
    assert without_reference(said(await network.press(BOB, button))) == (
        f"“{TITLE.format(third)}” is at the top of its section already. Nothing was changed."
    )
    await network.press(CAROL, network.button("Move down", "editors", TITLE.format(third)))
    assert titles(await content(network)) == [first[0], first[2], first[1]]


async def test_one_form_changes_words_section_and_place_as_one_revision() -> None:
    network = await a_network()
    form = await opened(network, BOB, "Change…", 2)
    assert {field.name: field.value for field in form.fields if field.name in ("title", "section")} == {
        "title": TITLE.format(2),
        "section": "news",
    }
    reply = await network.send(
        BOB,
        form,
        title="  AI in\nministries ",
        blurb="What\r\n\r\nthey do.",
        section="dates",
        place=form.fields[3].value,
    )
    assert said(reply) == (
        f"Done: re-worded the title “{TITLE.format(2)}” as “AI in ministries” and its text; "
        "moved “AI in ministries” to Coming up."
    )
    edition = await the_draft(network)
    moved = edition.content.of_section("dates")[0]
    assert (moved.title, moved.blurb, edition.revision) == ("AI in ministries", "What they do.", 2)
    assert "News 2 · Coming up 1" in headline(network)


async def test_what_is_wrong_with_a_form_is_said_beside_the_field_and_what_was_typed_comes_back() -> None:
    network = await a_network()
    form = await opened(network, BOB, "Change…", 2)
    reply = await network.send(BOB, form, title=" ", blurb="b" * 1001, place="first", section="nowhere")
    assert reply.errors == {
        "title": "This is needed. Please fill it in.",
        "blurb": "Please keep it to 1,000 characters.",
        "section": "Please choose one of the sections. Somebody may have removed the one that you chose.",
        "place": "Please write a number: 1 is the top of the section.",
    }
    again = await opened(network, BOB, "Change…", 2)
    assert plain(again.intro).startswith("This is what you wrote last time, which was not taken over.")
    assert {field.name: field.value for field in again.fields}["blurb"] == "b" * 1001
    assert (await the_draft(network)).revision == 1
    assert "last time" not in plain((await opened(network, CAROL, "Change…", 2)).intro)
    await network.send(BOB, again, title=TITLE.format(2), blurb="Short.", section="news", place="1")
    assert (await content(network)).included[0].blurb == "Short."
    assert (await opened(network, BOB, "Change…", 2)).intro == ()


async def test_a_form_that_changes_nothing_makes_no_revision() -> None:
    network = await a_network()
    reply = await network.send(BOB, await opened(network, BOB, "Change…", 1))
    assert said(reply) == "Nothing was different from what stands in the draft, so nothing was changed."
    assert (await the_draft(network)).revision == 1


async def test_an_entry_merged_into_another_is_a_link_behind_it_and_undoing_brings_it_back() -> None:
    network = await a_network()
    before = await content(network)
    form = await opened(network, BOB, "Change…", 2)
    into = next(field for field in form.fields if field.name == "into")
    target = next(option for option in into.options if option.label == TITLE.format(1))
    reply = await network.send(BOB, form, into=target.value)
    assert said(reply) == f"Done: merged “{TITLE.format(2)}” into “{TITLE.format(1)}”."
    kept = next(entry for entry in (await content(network)).included if entry.id == target.value)
    assert [(also.title, bool(also.item_id)) for also in kept.also] == [(TITLE.format(2), True)]
    assert f"See also {TITLE.format(2)}." in words_of(network.courier.in_channel("editors")[1])
    undone = await network.press(CAROL, network.button("Undo", "editors"))
    assert said(undone) == (
        f"Undone: merged “{TITLE.format(2)}” into “{TITLE.format(1)}”. Undo once more to go further back; "
        "the history has everything."
    )
    assert await content(network) == before


async def test_two_editors_change_different_fields_of_one_entry_and_both_are_kept() -> None:
    network = await a_network()
    of_bob = await opened(network, BOB, "Change…", 2)
    of_carol = await opened(network, CAROL, "Change…", 2)
    await network.send(CAROL, of_carol, title="Carol’s title")
    assert said(await network.send(BOB, of_bob, blurb="Bob’s text.")) == "Done: re-worded the text of “Carol’s title”."
    entry = next(entry for entry in (await content(network)).included if entry.blurb == "Bob’s text.")
    assert entry.title == "Carol’s title"


async def test_the_later_of_two_editors_of_one_text_is_shown_the_newer_with_their_own_kept() -> None:
    network = await a_network()
    of_bob = await opened(network, BOB, "Change…", 2)
    of_carol = await opened(network, CAROL, "Change…", 2)
    await network.send(CAROL, of_carol, title="Carol’s title", blurb="Carol’s text.")
    reply = await network.send(BOB, of_bob, title="Bob’s title")
    assert reply.messages == ()
    assert reply.form is not None
    assert plain(reply.form.intro) == (
        "Somebody changed the same meanwhile, so nothing was changed yet.\n"
        f"Title: Carol changed it on {WHEN}. It now says: “Carol’s title”\n"
        "What you wrote stands below; send it again to put it in the place of theirs. "
    )
    assert {field.name: field.value for field in reply.form.fields if field.name in ("title", "blurb")} == {
        "title": "Bob’s title",
        "blurb": "Carol’s text.",
    }
    assert said(await network.send(BOB, reply.form)).startswith(
        "Done: re-worded the title “Carol’s title” as “Bob’s title”"
    )
    entry = next(entry for entry in (await content(network)).included if entry.title == "Bob’s title")
    assert entry.blurb == "Carol’s text."


async def test_what_somebody_wrote_about_an_entry_that_another_left_out_is_given_back_and_kept() -> None:
    network = await a_network()
    form = await opened(network, BOB, "Change…", 2)
    await network.press(CAROL, network.button("Leave out", "editors", TITLE.format(2)))
    reply = said(await network.send(BOB, form, title="Bob’s title", blurb=""))
    assert reply == (
        f"“{TITLE.format(2)}” is not in the draft at the moment. Put it in first. Nothing was changed. "
        "This is what you wrote:\nTitle: Bob’s title"
    )
    await network.press(BOB, network.button("Put back", "editors", TITLE.format(2)))
    again = await opened(network, BOB, "Change…", 2)
    assert again.fields[0].value == "Bob’s title"


async def test_a_form_of_an_edition_that_is_closed_keeps_what_was_written_and_says_why() -> None:
    network = await a_network()
    form = await opened(network, BOB, "Texts…")
    draft = await the_draft(network)
    async with network.store.begin() as uow:
        await uow.editions.set_state(draft.id, EditionState.DRAFT, EditionState.LAPSED)
        await uow.commit()
    assert said(await network.send(BOB, form, intro="My long\nintro.")) == (
        "This draft is closed: the edition is lapsed. Nothing was changed. This is what you wrote:\n"
        "Name: Data Policy Digest\nIntro: My long\nintro."
    )


async def test_the_texts_around_the_entries_are_written_in_one_form_and_published() -> None:
    network = await a_network()
    form = await opened(network, BOB, "Texts…")
    reply = await network.send(
        BOB,
        form,
        title="Election special",
        intro="Good morning.  \r\n\r\n\r\nMuch happened.",
        updates="- We met.\n- We wrote.",
        outro="Goodbye.",
    )
    assert said(reply) == (
        "Done: renamed the edition as “Election special”; wrote the intro; wrote “What we’ve been up to”; "
        "wrote the outro."
    )
    assert (await content(network)).intro == "Good morning.\n\nMuch happened."
    assert "Draft: Election special 1, Friday 24 January 2025" in headline(network)
    assert "Intro: Good morning. Much happened." in headline(network)
    assert "What we’ve been up to: - We met. - We wrote." in headline(network)
    preview = await network.press(CAROL, network.button("Preview", "editors"))
    assert said(preview).startswith(
        "Preview of Election special 1, Friday 24 January 2025, to you alone: one message, 496 characters in all.\n"
        "It goes to #digest (fake), exactly in this form. Nothing is posted by looking.\n"
        "Election special 1, Friday 24 January 2025\nGood morning.\nMuch happened.\nNews\n"
    )
    assert preview.messages[1:] == published_parts(await the_draft(network))
    assert said(await network.send(BOB, await opened(network, BOB, "Texts…"), updates="")) == (
        "Done: took out “What we’ve been up to”."
    )
    assert (await network.send(BOB, await opened(network, BOB, "Texts…"), title="", outro="o" * 3001)).errors == {
        "title": "This is needed. Please fill it in.",
        "outro": "Please keep it to 3,000 characters.",
    }


async def test_two_editors_write_the_intro_at_once_and_neither_text_is_lost() -> None:
    network = await a_network()
    of_bob, of_carol = await opened(network, BOB, "Texts…"), await opened(network, CAROL, "Texts…")
    await network.send(CAROL, of_carol, intro="Carol’s intro.", outro="Carol’s outro.")
    reply = await network.send(BOB, of_bob, intro="Bob’s intro.", updates="We met.")
    assert reply.form is not None
    assert f"Intro: Carol changed it on {WHEN}. It now says: “Carol’s intro.”" in plain(reply.form.intro)
    await network.send(BOB, reply.form, intro="Both intros.")
    now = await content(network)
    assert (now.intro, now.updates, now.outro) == ("Both intros.", "We met.", "Carol’s outro.")


async def test_a_section_for_this_edition_is_added_renamed_moved_and_removed() -> None:
    network = await a_network()
    card = await network.press(BOB, network.button("Sections…", "editors"))
    assert said(card).startswith("Sections\nNews: 3 entries\nComing up: 0 entries\n")
    form = (await network.press(BOB, in_reply(card, "Add a section"))).form
    reply = await network.send(BOB, form, title="Election watch", after="^top")
    assert said(reply).startswith("Done: added the section “Election watch”.\nSections\nElection watch: 0 entries\n")
    assert (await content(network)).sections[0].id == "election-watch"
    change = await opened(network, BOB, "Change…", 1)
    await network.send(BOB, change, section="election-watch")
    assert "Election watch 1 · News 2" in headline(network)

    form = (await network.press(BOB, in_reply(reply, "Change…", "Election watch"))).form
    assert form is not None
    assert [field.name for field in form.fields] == ["title", "after"], "it has an entry, so it cannot be removed"
    reply = await network.send(BOB, form, title="The election", after="news")
    assert said(reply).startswith(
        "Done: renamed the section “Election watch” as “The election”; moved the section “The election” after News.\n"
    )
    await network.press(BOB, network.button("Leave out", "editors", TITLE.format(1)))
    form = (await network.press(BOB, in_reply(reply, "Change…", "The election"))).form
    reply = await network.send(BOB, form, remove="remove")
    assert said(reply).startswith("Done: removed the empty section “The election”.")
    await network.press(BOB, network.button("Put back", "editors", TITLE.format(1)))
    assert titles(await content(network))[-1] == "part 1"
    assert {entry.section for entry in (await content(network)).included} == {"news"}


async def test_a_section_needs_a_title_of_its_own() -> None:
    network = await a_network()
    card = await network.press(BOB, network.button("Sections…", "editors"))
    form = (await network.press(BOB, in_reply(card, "Add a section"))).form
    assert (await network.send(BOB, form, title="", after="gone")).errors == {
        "title": "This is needed. Please fill it in.",
        "after": "That section is not there any more. Please choose another place.",
    }
    assert said(await network.send(BOB, form, title="NEWS", after="news")) == (
        "There is a section “NEWS” in this edition already. Nothing was changed. This is what you wrote:\nTitle: NEWS"
    )


async def test_the_history_says_who_did_what_and_any_revision_can_be_had_back() -> None:
    network = await a_network()
    await network.press(BOB, network.button("Leave out", "editors", TITLE.format(1)))
    await network.send(CAROL, await opened(network, CAROL, "Change…", 2), title="AI in ministries")
    listed = await network.say(CAROL, "/digest history")
    assert said(listed) == (
        "History of Data Policy Digest 1, Friday 24 January 2025\n"
        f"3. Carol, {WHEN}: re-worded the title “{TITLE.format(2)}” as “AI in ministries”\n"
        f"2. Bob, {WHEN}: left out “{TITLE.format(1)}”\n"
        f"1. Convenor, {WHEN}: drafted\n"
        "3 revisions. Nothing in it is ever overwritten.\n"
        "<Undo the latest>"
    )
    look = await network.say(CAROL, "/digest history 1")
    assert said(look) == (
        "Revision 1 of Data Policy Digest 1, Friday 24 January 2025\n"
        f"Convenor, {WHEN}: drafted.\n"
        "If you go back to it, compared with the draft as it now stands:\n"
        f"“{TITLE.format(1)}” is in.\n“AI in ministries” is titled “{TITLE.format(2)}”.\n"
        "<Go back to this>"
    )
    reply = await network.press(CAROL, in_reply(look, "Go back to this"))
    assert said(reply) == ("Done: went back to revision 1 (drafted). It is revision 4 now; Undo takes it away again.")
    assert len((await content(network)).included) == 3
    assert without_reference(said(await network.press(BOB, in_reply(look, "Go back to this")))) == (
        "The draft says the same as revision 1 already. Nothing was changed."
    )
    assert "This is the draft as it now stands." in said(await network.say(BOB, "/digest history 4"))
    assert "The draft as it now stands says the same." in said(await network.say(BOB, "/digest history 1"))
    assert said(await network.say(BOB, "/digest history two")).startswith("Which revision? Write its number")
    assert "This edition has no revision 9." in said(await network.say(BOB, "/digest history 9"))


async def test_a_long_history_is_paged_newest_first() -> None:
    network = await a_network()
    for _ in range(8):
        await network.press(BOB, network.button("Leave out", "editors", TITLE.format(1)))
        await network.press(BOB, network.button("Put back", "editors", TITLE.format(1)))
    first = await network.press(BOB, network.button("History", "editors"))
    assert [line.split(".")[0] for line in said(first).splitlines()[1:13]] == [str(n) for n in range(17, 5, -1)]
    second = await network.press(BOB, in_reply(first, "Older"))
    assert [line.split(".")[0] for line in said(second).splitlines()[1:6]] == ["5", "4", "3", "2", "1"]
    assert "<Older>" not in said(second)


async def test_undoing_again_goes_further_back_and_an_undone_edit_stays_in_the_history() -> None:
    network = await a_network()
    start = await content(network)
    await network.press(BOB, network.button("Leave out", "editors", TITLE.format(1)))
    one = await content(network)
    await network.press(CAROL, network.button("Leave out", "editors", TITLE.format(2)))
    stale = network.button("Undo", "editors")
    await network.press(CAROL, network.button("Leave out", "editors", TITLE.format(3)))
    assert without_reference(said(await network.press(BOB, stale))) == (
        "Carol has edited the draft since this button was shown to you "
        f"(left out “{TITLE.format(3)}”), so nothing was undone. Look at the draft, and press Undo again if you still "
        "want to."
    )
    await network.say(BOB, "/digest undo")
    await network.say(BOB, "/digest undo")
    assert await content(network) == one
    await network.press(BOB, network.button("Leave out", "editors", TITLE.format(3)))
    await network.say(BOB, "/digest undo")
    assert await content(network) == one
    await network.say(BOB, "/digest undo")
    assert await content(network) == start
    assert without_reference(said(await network.say(BOB, "/digest undo"))) == (
        "There is no edit left to undo: this is the draft as it was made."
    )
    assert "9 revisions" in said(await network.say(BOB, "/digest history"))


async def test_an_undo_counts_as_an_edit_so_somebody_else_must_approve() -> None:
    network = await a_network()
    await network.press(CAROL, network.button("Leave out", "editors", TITLE.format(1)))
    await network.press(BOB, network.button("Undo", "editors"))
    assert said(await network.press(BOB, network.button("Approve", "editors"))).startswith("You made the last edit")


async def test_who_is_at_work_is_shown_until_they_are_done_or_ten_minutes_have_passed() -> None:
    network = await a_network()
    form = await opened(network, BOB, "Change…", 2)
    assert f"Bob is editing “{TITLE.format(2)}” (since {WHEN})." in headline(network)
    await opened(network, CAROL, "Texts…")
    assert f"Bob is editing “{TITLE.format(2)}” (since {WHEN}) and Carol is editing the texts" in headline(network)
    await network.send(BOB, form, title="Another")
    assert "Bob is editing" not in headline(network)
    assert f"Last edited by Bob on {WHEN}." in headline(network)
    network.clock.advance(minutes=10)
    await schedule.desk_tick(network.services)
    assert "Carol is editing the texts" in headline(network)
    network.clock.advance(seconds=1)
    await schedule.desk_tick(network.services)
    await network.sends()
    assert "is editing" not in headline(network)


async def test_what_was_left_out_is_counted_by_reason_and_can_be_added() -> None:
    section = SectionPlan("news", "News", frozenset(Kind), frozenset(Group), 2)
    network = await Network.make(plan=a_plan(sections=(section,), shortlist=2, maybe=1))
    await network.has_a_draft(6)
    button = network.button("Left out (3)", "editors")
    reply = await network.press(BOB, button)
    assert said(reply).startswith("Left out (3)\n3 ")
    add = in_reply(reply, "Add", "Guidance")
    assert said(await network.press(BOB, in_reply(reply, "Tags", "Guidance"))).startswith("Tags\nGuidance on")
    title = (await content(network)).left_out_entries[0].title
    assert said(await network.press(BOB, add)) == f"Done: added “{title}”. It stands at the end of its section."
    now = await content(network)
    assert now.included[-1].title == title
    assert sum(number for _, number in now.left_out) == len(now.left_out_entries) == 2
    assert without_reference(said(await network.press(CAROL, add))) == (
        f"“{title}” is in the draft already. Nothing was changed."
    )
    assert "<Left out (2)>" in headline(network)
    assert said(await network.say(CAROL, "/digest left-out")).startswith("Left out (2)\n2 ")


async def test_the_desk_is_for_editors_whatever_is_pressed_or_sent() -> None:
    network = await a_network()
    form = await opened(network, BOB, "Change…", 1)
    for label in ("Preview", "Texts…", "Sections…", "History"):
        reply = await network.press(ALICE, network.button(label, "editors"))
        assert said(reply).startswith("That is for an editor, and you are not one here")
    for words in ("/digest history", "/digest undo", "/digest preview", "/digest left-out"):
        assert said(await network.say(ALICE, words)).startswith("That is for an editor")
    assert said(await network.send(ALICE, form, title="Mine")).startswith("That is for an editor")
    assert (await the_draft(network)).revision == 1


async def test_between_two_editions_the_commands_say_that_there_is_no_draft() -> None:
    network = await Network.make()
    assert said(await network.say(BOB, "/digest history")) == (
        "There is no draft and no edition yet, so there is no history."
    )
    assert said(await network.say(BOB, "/digest undo")) == (
        "There is no draft at the moment, so there is nothing to undo."
    )
    assert said(await network.say(BOB, "/digest preview")) == (
        "There is no draft at the moment, so there is nothing to preview."
    )
    assert said(await network.say(BOB, "/digest left-out")) == (
        "There is no draft at the moment, so nothing is left out of it."
    )


async def test_a_preview_can_be_asked_for_one_platform() -> None:
    network = await a_network()
    assert "It goes to #digest (fake)" in said(await network.say(BOB, "/digest preview fake"))
    assert said(await network.say(BOB, "/digest preview teams")) == (
        "The digest is not posted on “teams”. It is posted on fake."
    )
    for part in (1, 2, 3):
        await network.press(BOB, network.button("Leave out", "editors", TITLE.format(part)))
    assert said(await network.say(BOB, "/digest preview")) == (
        "Every entry is left out, so there is nothing to preview. Put at least one back, then preview it."
    )


async def test_an_edit_sends_again_only_what_it_changed_even_of_three_hundred_candidates() -> None:
    plan = a_plan(
        sections=(SectionPlan("news", "News", frozenset(Kind), frozenset(Group), 200),), shortlist=200, maybe=100
    )
    network = await Network.make(plan=plan)
    now = network.clock.now()
    subjects = ("courts", "schools", "hospitals", "prisons", "borders", "roads", "farms", "ports", "banks", "councils")
    await network.receives(
        *(
            a_tagged_item(n, title=f"{n} AI for {subjects[n % 10]} {n * 7919}", received_at=now - timedelta(minutes=n))
            for n in range(1, 301)
        )
    )
    assert await editions.make_edition_now(network.services) is not None
    await network.sends()
    draft = await the_draft(network)
    assert len(draft.content.entries) + len(draft.content.maybe) > 250
    messages = network.courier.in_channel("editors")
    title = draft.content.entries[-1].title
    before = list(messages)
    await network.press(BOB, network.button("Leave out", "editors", title))
    changed = [n for n, message in enumerate(network.courier.in_channel("editors")) if message != before[n]]
    assert len(changed) == 3, "the headline, the first page of the section with its count, and the entry's own page"
    assert len(network.courier.in_channel("editors")) == len(messages)
