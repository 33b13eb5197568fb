"""Posting to Teams: what is sent and where, and what stands in somebody's own chat."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.teams.book import Presence
from adapters.teams.render import render_form, render_message
from adapters.teams.send import CARD
from bot.messages import Button, Buttons, ChatLink, Field, File, Form, Heading, Message, say
from bot.ports import TransportError
from digests.model import Address
from tests.builders import NOW
from tests.channels.teams_courier import TO_ALICE, US, World, a_courier
from tests.fakes.teams_record import ALICE, CAROL, TENANT, Person


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_courier() as world:
        yield world


# What is sent, and where


async def test_a_post_begins_a_thread_and_carries_its_delivery(world: World) -> None:
    ref = await world.courier.post(world.channel(), say("1 < 2 & *more*"), key="edition/12/1")
    (shown,) = world.service.messages(world.place("editors"))
    assert (ref, shown.root, shown.key) == (shown.ref, "", "edition/12/1")
    (call,) = world.service.of("create")
    assert call.body["channelData"] == {"tenant": {"id": TENANT}, "channel": {"id": world.channel().channel}}
    assert (call.body["isGroup"], call.body["bot"], call.body["tenantId"]) == (True, {"id": US}, TENANT)
    rendered = render_message(say("1 < 2 & *more*"))
    assert call.body["activity"] == {
        "type": "message",
        "summary": rendered.summary,
        "attachments": [{"contentType": CARD, "content": rendered.card}],
        "channelData": {"delivery": "edition/12/1", "tenant": {"id": TENANT}},
    }


async def test_a_post_into_a_thread_stands_beneath_its_headline(world: World) -> None:
    headline = await world.courier.post(world.channel(), say("Headline"), key="k1")
    below = await world.courier.post(world.channel(), say("More"), key="k2", thread_ref=headline)
    first, second = world.service.messages(world.place("editors"))
    assert (first.ref, second.ref, second.root) == (headline, below, first.id)
    assert below == f"{world.channel().channel}|{second.id}", "no thread stands in a reference"


async def test_an_update_replaces_the_message_it_names_in_a_thread_too(world: World) -> None:
    headline = await world.courier.post(world.channel(), say("Headline"), key="k1")
    below = await world.courier.post(world.channel(), say("More"), key="k2", thread_ref=headline)
    await world.courier.update(world.channel(), headline, say("New headline"))
    await world.courier.update(world.channel(), below, say("Corrected"))
    first, second = world.service.messages(world.place("editors"))
    assert [(shown.words(), shown.updates) for shown in (first, second)] == [("New headline", 1), ("Corrected", 1)]
    assert (first.key, second.key) == ("k1", "k2")


async def test_a_person_whose_chat_is_known_is_written_to_there(world: World) -> None:
    await world.knows(ALICE)
    ref = await world.courier.post(TO_ALICE, say("Hello"), key="k1")
    (shown,) = world.said_to(ALICE)
    assert (ref, shown.words(), shown.key) == (shown.ref, "Hello", "k1")
    assert world.service.of("create") == []
    await world.courier.update(TO_ALICE, ref, say("Hello again"))
    assert shown.words() == "Hello again"


async def test_a_chat_that_is_not_known_is_made_once_and_noted(world: World) -> None:
    world.service.installed.add(ALICE.aad)
    await world.courier.post(TO_ALICE, say("Hello"), key="k1")
    await world.courier.post(TO_ALICE, say("Again"), key="k2")
    assert [shown.words() for shown in world.said_to(ALICE)] == ["Hello", "Again"]
    (call,) = world.service.of("create")
    assert call.body == {
        "isGroup": False,
        "bot": {"id": US},
        "members": [{"id": ALICE.aad}],
        "tenantId": TENANT,
        "channelData": {"tenant": {"id": TENANT}},
    }
    known = await world.book.personal(TENANT, ALICE.aad)
    assert known is not None
    assert (known.conversation_id, known.bot_id, known.at) == (world.service.chat_with(ALICE).id, US, NOW)


async def test_a_channel_in_which_nothing_was_heard_is_written_to_at_its_tenants_address(world: World) -> None:
    board = world.place("board")
    await world.courier.post(Address("teams", TENANT, channel=board.id), say("Hello"), key="k1")
    assert [shown.words() for shown in world.service.messages(board)] == ["Hello"]


async def test_a_button_that_opens_a_form_is_shown_as_one(world: World) -> None:
    await world.courier.post(world.channel(), Message("s", (Buttons((Button("Edit…", "form.open", "1"),)),)), key="k")
    (shown,) = world.service.messages(world.place("editors"))
    assert "task/fetch" in str(shown.card())


# How it fails


# A chat of people


def meeting(*people: Person) -> Message:
    accounts = tuple(Address("teams", TENANT, user=person.aad) for person in people)
    return Message("Alice, meet Carol", (Heading("Alice, meet Carol"), ChatLink("Start a chat", accounts)))


async def link_of(world: World) -> str:
    (shown,) = world.said_to(ALICE)
    urls = [part.split("'")[0] for part in str(shown.card()).split("'url': '")[1:]]
    return urls[0] if urls else ""


async def test_a_chat_is_linked_by_the_names_with_which_people_sign_in(world: World) -> None:
    await world.knows(ALICE)
    await world.knows(CAROL)
    ref = await world.courier.post(TO_ALICE, meeting(ALICE, CAROL), key="k")
    url = f"https://teams.microsoft.com/l/chat/0/0?tenantId={TENANT}&users=alice@example.org,carol@example.org"
    assert await link_of(world) == url
    await world.courier.update(TO_ALICE, ref, meeting(ALICE, CAROL))
    assert await link_of(world) == url


async def test_whoever_cannot_be_found_gets_no_link_and_the_message_goes_out(world: World) -> None:
    await world.knows(ALICE)
    await world.courier.post(TO_ALICE, meeting(ALICE, CAROL), key="k1")
    assert await link_of(world) == ""
    (shown,) = world.said_to(ALICE)
    assert shown.words() == "Alice, meet Carol"


async def test_whoever_removed_convenor_is_looked_up_no_more(world: World) -> None:
    await world.knows(ALICE)
    await world.knows(CAROL, Presence.GONE)
    await world.courier.post(TO_ALICE, meeting(ALICE, CAROL), key="k1")
    assert await link_of(world) == ""
    assert {call.path.rpartition("/")[2] for call in world.service.of("member")} <= {ALICE.aad}


async def test_the_reader_need_not_be_found(world: World) -> None:
    await world.knows(ALICE)
    await world.knows(CAROL)
    world.service.breaks("member", 404, "MemberNotFoundInConversation")
    await world.courier.post(TO_ALICE, meeting(ALICE, CAROL), key="k1")
    assert (await link_of(world)).endswith("&users=carol@example.org")


async def test_where_names_cannot_be_looked_up_at_present_nothing_is_sent_yet(world: World) -> None:
    await world.knows(ALICE)
    await world.knows(CAROL)
    world.service.breaks("member", 502)
    world.service.loses_reply("member")
    world.service.limits("member", "7")
    for _ in range(3):
        with pytest.raises(TransportError) as caught:
            await world.courier.post(TO_ALICE, meeting(ALICE, CAROL), key="k1")
        assert (caught.value.retry, caught.value.ambiguous) == (True, False)
    assert world.service.of("post") == []


# Answers that one person sees


async def test_an_answer_in_somebodys_own_chat_stands_there(world: World) -> None:
    world.service.installed.add(ALICE.aad)
    await world.whisperer.whisper(world.origin(ALICE), (say("One"), say("Two")))
    assert [shown.words() for shown in world.said_to(ALICE)] == ["One", "Two"]
    assert world.service.of("create") == []
    assert [shown.key for shown in world.said_to(ALICE)] == ["", ""]


async def test_an_answer_to_what_was_asked_in_a_channel_comes_in_their_own_chat(world: World) -> None:
    world.service.installed.add(ALICE.aad)
    await world.whisperer.whisper(world.origin(ALICE, world.place("editors")), (say("One"),))
    assert [shown.words() for shown in world.said_to(ALICE)] == ["One"]
    assert world.service.messages(world.place("editors")) == []
    assert (await world.book.personal(TENANT, ALICE.aad)) is not None


async def test_whoever_cannot_be_written_to_gets_no_answer_and_it_is_known_why(world: World) -> None:
    with pytest.raises(TransportError) as caught:
        await world.whisperer.whisper(world.origin(ALICE, world.place("editors")), (say("One"),))
    assert caught.value.unreachable


async def test_a_file_is_shown_in_as_many_cards_as_it_takes(world: World) -> None:
    world.service.installed.add(ALICE.aad)
    words = "\n".join(f"line {number} of the file, which is long enough" for number in range(2_000))
    await world.whisperer.whisper(world.origin(ALICE), (Message("The file", (File("export.json", words),)),))
    shown = world.said_to(ALICE)
    assert len(shown) > 1
    assert sum(str(one.card()).count("which is long enough") for one in shown) == 2_000


async def test_an_answer_that_does_not_fit_is_owned_up_to(world: World) -> None:
    world.service.installed.add(ALICE.aad)
    long = Message("s", (Buttons((Button("Go", "x", "v" * 30_000),)),))
    await world.whisperer.whisper(world.origin(ALICE), (long, say("Two")))
    first, second = world.said_to(ALICE)
    assert first.words() == (
        "My answer does not fit into a Teams message, so it is not shown. This changes nothing else. "
        "Please tell whoever runs Convenor."
    )
    assert second.words() == "Two"


async def test_a_form_is_shown_as_a_card_with_what_is_wrong(world: World) -> None:
    world.service.installed.add(ALICE.aad)
    form = Form("intro", "Ask for an introduction", "Send", (Field("need", "What do you need?", value="NHS"),))
    errors = {"need": "Please say a little more."}
    await world.whisperer.show_form(world.origin(ALICE, world.place("editors")), form, errors)
    (shown,) = world.said_to(ALICE)
    assert shown.card() == render_form(form, errors=errors)
    assert shown.activity["summary"] == "Ask for an introduction"
