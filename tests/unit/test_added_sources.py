"""What editors change afterwards about a source that was added in chat, and how it is removed; in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot import sources
from bot.commands import Front
from bot.handlers.added_sources import NEED_CHOICE, NEED_NAME, NEED_PUBLISHER, NEED_WEIGHT, TOO_LONG
from bot.messages import Button, Form, Identity, Reply, plain
from bot.table import build_table
from digests.adding import Details, Feed
from digests.model import Format, Group, Installation, Kind, Outcome, Source, SourceState
from tests.builders import NOW, a_source
from tests.fakes.clock import FakeClock
from tests.fakes.feeds import FakeFeedReader
from tests.fakes.network import ALICE, BOB, CAROL, DAN, Network, buttons_of, said

FEED = "https://blog.example.org/feed.xml"
ID = "blog-example-org"
WRITTEN = {
    "name": "The institute’s blog",
    "publisher": "Example Institute",
    "group": "research",
    "kind": "blog",
    "weight": "0,65",
}


class Added:
    """A network in which Bob has added a source in chat. ``await Added.make()``."""

    def __init__(self, network: Network, reader: FakeFeedReader) -> None:
        self.network = network
        self.reader = reader

    @classmethod
    async def make(cls, *, by: Identity | None = BOB) -> Added:
        reader = FakeFeedReader(FakeClock(NOW))
        there = cls(await Network.make(reader=reader), reader)
        async with there.network.store.begin() as uow:
            await uow.record_installation(Installation(NOW, NOW - timedelta(days=7)))
            await uow.commit()
        await sources.add(there.network.services, [Feed(FEED, Format.RSS, "The example blog")], by)
        return there

    async def shown_to(self, who: Identity) -> Reply:
        return await self.network.say(who, f"/convenor sources show {ID}")

    async def button(self, label: str) -> Button:
        (message,) = (await self.shown_to(BOB)).messages
        return next(button for button in buttons_of(message) if button.label == label)

    async def form(self, who: Identity = BOB) -> Form:
        reply = await self.network.press(who, await self.button("Edit"))
        assert reply.form is not None
        return reply.form

    async def saves(self, who: Identity, form: Form, **changes: str) -> Reply:
        """Somebody sends the form as it stands but for these changes."""
        fields = {field.name: field.value for field in form.fields} | changes
        return await self.network.submit(who, form.name, form.value, **fields)

    async def source(self) -> Source:
        async with self.network.store.read() as uow:
            return await sources.find(uow, self.network.services, ID)


def values(form: Form | None) -> dict[str, str]:
    assert form is not None
    return {field.name: field.value for field in form.fields}


@pytest.mark.parametrize(("by", "words"), [(BOB, "by Bob"), (None, "on the command line")])
async def test_a_source_says_who_added_it_and_when(by: Identity | None, words: str) -> None:
    there = await Added.make(by=by)
    answer = said(await there.shown_to(ALICE))
    assert f"Added beside the catalogue {words} (Thursday 23 January 2025, 10:00), with the id {ID}." in answer


async def test_only_those_who_may_change_an_added_source_see_the_buttons() -> None:
    there = await Added.make()
    for who in (BOB, CAROL):
        assert said(await there.shown_to(who)).endswith("<Edit> <Remove>")
    for who in (ALICE, DAN):
        assert "<" not in said(await there.shown_to(who))
    assert "<" not in said(await there.network.say(BOB, "/convenor sources show example"))


async def test_an_editor_changes_everything_that_people_decide_and_nothing_else() -> None:
    there = await Added.make()
    before = await there.source()
    form = await there.form()
    assert values(form) == {
        "name": "The example blog",
        "publisher": "The example blog",
        "group": "civil_society",
        "kind": "other",
        "weight": "0.5",
    }
    assert said(await there.saves(CAROL, form, **WRITTEN)) == (
        "Saved: The institute’s blog, published by Example Institute; group research, kind blog, weight 0.65. "
        "It counts for what is read from now on, and the weight for the next draft."
    )
    assert await there.source() == replace(
        before,
        name="The institute’s blog",
        publisher="Example Institute",
        group=Group.RESEARCH,
        document_kind=Kind.BLOG,
        weight=0.65,
    )
    answer = said(await there.shown_to(ALICE))
    assert "Published by Example Institute; group research, kind blog, weight 0.65. Added beside" in answer
    assert "Its details were last changed by Carol (Thursday 23 January 2025, 10:00)." in answer


async def test_what_is_read_afterwards_has_the_new_publisher_and_group() -> None:
    there = await Added.make()
    feed = there.reader.feed(ID, url=FEED).entry(1)
    await sources.read_now(there.network.services, ID)
    await there.saves(BOB, await there.form(), **WRITTEN)
    feed.entry(2)
    await sources.read_now(there.network.services, ID)
    async with there.network.store.read() as uow:
        found = {tagged.item.title: tagged.item for tagged in await uow.items.page()}
    assert (found["Title 1"].publisher, found["Title 1"].group) == ("The example blog", Group.CIVIL_SOCIETY)
    assert (found["Title 2"].publisher, found["Title 2"].group) == ("Example Institute", Group.RESEARCH)
    assert found["Title 2"].kind is Kind.BLOG


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("name", "  ", NEED_NAME),
        ("name", "\u202e\u200b", NEED_NAME),
        ("name", "x" * 101, TOO_LONG),
        ("publisher", "", NEED_PUBLISHER),
        ("publisher", "x" * 101, TOO_LONG),
        ("group", "nobody", NEED_CHOICE),
        ("kind", "", NEED_CHOICE),
        *(("weight", typed, NEED_WEIGHT) for typed in ("", "much", "1.01", "-0.1", "nan", "inf", "1e999")),
    ],
)
async def test_what_cannot_be_right_is_said_beside_its_field_and_the_rest_is_kept(
    field: str, typed: str, sentence: str
) -> None:
    there = await Added.make()
    before = await there.source()
    reply = await there.saves(BOB, await there.form(), **{**WRITTEN, field: typed})
    assert reply.errors == {field: sentence}
    assert await there.source() == before
    again = await there.form()
    assert {name: value for name, value in values(again).items() if name != field} == {
        name: value for name, value in WRITTEN.items() if name != field
    }
    assert plain(again.intro) == (
        "This is what you wrote last time, which was not taken over. At present it is “The example blog” by The "
        "example blog, group civil society, kind other, weight 0.5."
    )
    await there.saves(BOB, again, **WRITTEN)
    assert plain((await there.form()).intro) == ""


async def test_every_mistake_is_said_at_once() -> None:
    there = await Added.make()
    reply = await there.network.submit(BOB, "sources.edit", (await there.form()).value)
    assert set(reply.errors) == {"name", "publisher", "group", "kind", "weight"}


async def test_line_breaks_and_letters_that_nobody_sees_are_left_out_of_a_name() -> None:
    there = await Added.make()
    await there.saves(BOB, await there.form(), name=" A\n\tname\u202e\x00 <b> ")
    assert (await there.source()).name == "A name <b>"


async def test_of_two_editors_at_once_the_later_sees_the_others_words_and_keeps_their_own() -> None:
    there = await Added.make()
    bobs, carols = await there.form(BOB), await there.form(CAROL)
    await there.saves(BOB, bobs, name="Bob’s name")
    reply = await there.saves(CAROL, carols, name="Carol’s name")
    assert (await there.source()).name == "Bob’s name"
    assert reply.form is not None
    assert values(reply.form)["name"] == "Carol’s name"
    assert plain(reply.form.intro).startswith("Somebody has changed this source since you opened the form")
    assert "At present it is “Bob’s name” by The example blog," in plain(reply.form.intro)
    assert said(await there.saves(CAROL, reply.form)).startswith("Saved: Carol’s name")
    assert (await there.source()).name == "Carol’s name"


async def test_the_same_form_sent_twice_is_saved_once_and_says_so_twice() -> None:
    there = await Added.make()
    form = await there.form()
    first = said(await there.saves(BOB, form, **WRITTEN))
    assert said(await there.saves(BOB, form, **WRITTEN)) == first


async def test_a_removed_source_is_no_longer_read_and_what_it_brought_is_kept() -> None:
    there = await Added.make()
    there.reader.feed(ID, url=FEED).entry(1)
    await sources.read_now(there.network.services, ID)
    remove = await there.button("Remove")
    assert remove.confirm == (
        "Remove The example blog from the sources? It is no longer read; what was read from it is kept."
    )
    assert said(await there.network.press(CAROL, remove)) == (
        "The example blog is removed and no longer read; everything that was read from it is kept. To have it back, "
        f"type /convenor sources add {FEED}."
    )
    assert [source.id for source in await there.network.services.present_sources()] == ["example"]
    async with there.network.store.read() as uow:
        assert await uow.items.count() == 1
    assert f"There is no source with the id “{ID}”" in said(await there.network.press(BOB, remove))


async def test_what_has_come_into_the_catalogue_is_changed_in_its_file_and_nowhere_else() -> None:
    there = await Added.make()
    form, edit, remove = await there.form(), await there.button("Edit"), await there.button("Remove")
    services = replace(there.network.services, catalogue=(a_source("example"), a_source(ID, url=FEED)))
    there.network.desk = Front(build_table(), services)
    in_file = f"News of {ID} stands in the catalogue’s file, and can only be changed there. Nothing was changed."
    for reply in (
        await there.network.press(BOB, edit),
        await there.network.press(BOB, remove),
        await there.saves(BOB, form, **WRITTEN),
    ):
        assert in_file in said(reply)
        assert reply.form is None
    answer = said(await there.shown_to(BOB))
    assert f"It stands in the catalogue’s file, where it can be changed, with the id {ID}." in answer
    assert "<Edit>" not in answer


@pytest.mark.parametrize("value", ["", "[]", "nonsense", '["a"]', "7", '{"a": 1, "b": 2, "c": 3}'])
async def test_a_forged_form_changes_nothing(value: str) -> None:
    there = await Added.make()
    before = await there.source()
    assert said(await there.network.submit(BOB, "sources.edit", value, **WRITTEN)).endswith("Nothing was changed.")
    assert await there.source() == before


async def test_members_and_coordinators_change_and_remove_nothing() -> None:
    there = await Added.make()
    before, form = await there.source(), await there.form()
    edit, remove = await there.button("Edit"), await there.button("Remove")
    for who in (ALICE, DAN):
        for reply in (
            await there.network.press(who, edit),
            await there.network.press(who, remove),
            await there.saves(who, form, **WRITTEN),
        ):
            assert said(reply).startswith("That is for an administrator or an editor, and you are not one here")
            assert reply.form is None
    assert await there.source() == before


async def test_a_paused_source_that_is_edited_stays_paused() -> None:
    there = await Added.make()
    state = SourceState(ID, paused=True, outcome=Outcome.READ)
    async with there.network.store.begin() as uow:
        await uow.sources.save_state(state)
        await uow.commit()
    await there.saves(BOB, await there.form(), **WRITTEN)
    async with there.network.store.read() as uow:
        assert await uow.sources.state(ID) == state


def test_the_mark_of_details_differs_where_any_of_them_does() -> None:
    source = a_source("x")
    others = [
        replace(source, name="Y"),
        replace(source, publisher="Y"),
        replace(source, group=Group.PRESS),
        replace(source, document_kind=Kind.BLOG),
        replace(source, weight=0.51),
    ]
    marks = {Details.of(one).mark for one in (source, *others)}
    assert len(marks) == 6
    assert Details.of(replace(source, id="y", url="https://y.example.org/")).mark == Details.of(source).mark
