"""Posting to Teams: what is sent and where, and what each way of failing means for the outbox."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.teams import connector as connecting
from adapters.teams.asks import Origin, Place
from adapters.teams.book import Conversation, Kind, Presence
from adapters.teams.connector import Connector
from adapters.teams.render import render_form, render_message
from adapters.teams.security import Credentials, Microsoft
from adapters.teams.send import CARD, TeamsCourier, Whisperer
from bot.messages import Button, Buttons, ChatLink, Field, File, Form, Heading, Message, Paragraph, say, text
from bot.ports import TransportError
from digests.model import Address
from tests.builders import NOW
from tests.fakes.book import FakeBook
from tests.fakes.clock import FakeClock
from tests.fakes.teams_record import ALICE, APP_ID, BOB, CAROL, PASSWORD, TENANT, Person, Shown
from tests.fakes.teams_record import Place as There
from tests.fakes.teams_service import TeamsService, teams_service

US = f"28:{APP_ID}"
TO_ALICE = Address("teams", TENANT, user=ALICE.aad)


class World:
    """A Microsoft, a book in which its team stands, and a courier."""

    def __init__(self, service: TeamsService, connector: Connector) -> None:
        self.service = service
        self.book = FakeBook()
        self.courier = TeamsCourier(
            connector, self.book, FakeClock(NOW), opens_form=lambda action, value: action == "form.open"
        )
        self.whisperer = Whisperer(self.courier, FakeClock(NOW))

    def place(self, name: str) -> There:
        return self.service.channel(self.service.team(), name)

    def channel(self, name: str = "editors") -> Address:
        return Address("teams", TENANT, channel=self.place(name).id)

    async def knows_team(self) -> None:
        team = self.service.team()
        await self.book.note(Conversation(TENANT, Kind.TEAM, team.id, team.id, self.service.service_url, US, NOW))
        for one in team.channels:
            await self.book.note(
                Conversation(TENANT, Kind.CHANNEL, one.id, one.id, self.service.service_url, US, NOW, team.id)
            )

    async def knows(self, person: Person, presence: Presence = Presence.HERE) -> None:
        self.service.installed.add(person.aad)
        chat = self.service.chat_with(person)
        await self.book.note(
            Conversation(TENANT, Kind.PERSONAL, person.aad, chat.id, self.service.service_url, US, NOW, "", presence)
        )

    def said_to(self, person: Person) -> list[Shown]:
        return self.service.messages(self.service.chat_with(person))

    async def failure(self, address: Address | None = None) -> TransportError:
        with pytest.raises(TransportError) as caught:
            await self.courier.post(address or self.channel(), say("Hello"), key="k1")
        return caught.value

    async def update_failure(self, ref: str = "", address: Address | None = None) -> TransportError:
        address = address or self.channel()
        with pytest.raises(TransportError) as caught:
            await self.courier.update(address, ref or f"{address.channel}|1", say("Hello"))
        return caught.value

    def origin(self, person: Person, place: There | None = None) -> Origin:
        """Where this person asked: in a channel, or in their chat."""
        personal = place is None
        return Origin(
            TENANT,
            person.aad,
            person.id,
            US,
            self.service.service_url,
            place.id if place else self.service.chat_with(person).id,
            Place.PERSONAL if personal else Place.CHANNEL,
        )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with teams_service() as service:
        microsoft = Microsoft(service.metadata_url, service.login_url, on_loopback=True)
        async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft) as connector:
            world = World(service, connector)
            await world.knows_team()
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


@pytest.mark.parametrize(("status", "wait", "seconds"), [(429, "17", 17.0), (429, None, 30.0), (412, None, 5.0)])
async def test_being_told_to_wait_is_kept_to_and_nothing_is_tried_again_meanwhile(
    world: World, status: int, wait: str | None, seconds: float
) -> None:
    headers = {"Retry-After": wait} if wait else {}
    world.service.breaks("create", status, "Throttled", headers=headers)
    error = await world.failure()
    assert (error.retry_after_seconds, error.permanent, error.ambiguous, error.retry) == (seconds, False, False, True)
    assert error.sentence == "Teams asks for a pause before the next message."
    assert len(world.service.of("create")) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_failure_halfway_is_ambiguous_for_a_post_and_harmless_for_an_update(world: World, status: int) -> None:
    ref = await world.courier.post(world.channel(), say("There"), key="k0")
    for method in ("create", "post", "update"):
        world.service.fails_after(method, status)
    error = await world.failure()
    assert (error.ambiguous, error.permanent, error.retry) == (True, False, False)
    assert error.sentence == (
        f"Teams failed while it had the message (status {status}). The message may be there or not: look before "
        "sending again."
    )
    with pytest.raises(TransportError) as caught:
        await world.courier.post(world.channel(), say("Below"), key="k2", thread_ref=ref)
    assert caught.value.ambiguous
    error = await world.update_failure(ref)
    assert (error.ambiguous, error.permanent, error.retry) == (False, False, True)
    assert error.sentence.endswith("It will be tried again.")


async def test_a_lost_reply_to_a_post_is_ambiguous_and_is_not_sent_twice(world: World) -> None:
    world.service.loses_reply("create")
    assert (await world.failure()).ambiguous
    assert len(world.service.posts_of("k1")) == 1
    assert len(world.service.of("create")) == 1


async def test_a_lost_reply_to_an_update_may_be_repeated(world: World) -> None:
    ref = await world.courier.post(world.channel(), say("There"), key="k0")
    world.service.loses_reply("update")
    error = await world.update_failure(ref)
    assert (error.ambiguous, error.retry) == (False, True)


async def test_a_lost_reply_while_a_chat_is_made_is_never_ambiguous(world: World) -> None:
    world.service.installed.add(ALICE.aad)
    world.service.loses_reply("create")
    error = await world.failure(TO_ALICE)
    assert (error.ambiguous, error.retry) == (False, True)
    await world.courier.post(TO_ALICE, say("Hello"), key="k1")
    assert len(world.said_to(ALICE)) == 1


async def test_a_post_that_is_not_answered_in_time_is_ambiguous(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "TOTAL_SECONDS", 0.2)
    async with teams_service() as service:
        microsoft = Microsoft(service.metadata_url, service.login_url, on_loopback=True)
        async with Connector(Credentials(APP_ID, PASSWORD, TENANT), microsoft) as connector:
            slow = World(service, connector)
            await slow.knows_team()
            service.hangs("create", 5)
            assert (await slow.failure()).ambiguous


@pytest.mark.parametrize(
    ("text", "status"),
    [("<html>log in</html>", 200), ("{}", 200), ("[]", 201), ('{"id": 7}', 201), ('{"id": "19:x@thread.tacv2"}', 201)],
)
async def test_an_answer_that_says_nothing_is_ambiguous(world: World, text: str, status: int) -> None:
    world.service.answers("create", text, status)
    error = await world.failure()
    assert error.ambiguous
    assert "look before sending again" in error.sentence


async def test_an_answer_that_sends_us_elsewhere_is_not_followed(world: World) -> None:
    world.service.redirects("create", "https://elsewhere.example/")
    assert (await world.failure()).ambiguous


async def test_where_teams_cannot_be_reached_nothing_was_sent(world: World) -> None:
    async with world.service.out_of_reach():
        error = await world.failure()
    assert (error.ambiguous, error.permanent, error.retry) == (False, False, True)
    assert error.sentence.startswith("Microsoft gives Convenor no sign-in for Teams")
    await world.courier.post(world.channel(), say("Hello"), key="k0")
    async with world.service.out_of_reach():
        error = await world.failure()
    assert (error.ambiguous, error.permanent, error.retry) == (False, False, True)
    assert error.sentence == "Teams could not be reached (ClientConnectorError). Nothing was sent."


async def test_a_wrong_password_says_what_to_check(world: World) -> None:
    world.service.password = "another"
    error = await world.failure()
    assert error.retry
    assert error.sentence == (
        "Microsoft gives Convenor no sign-in for Teams (invalid_client). Nothing was sent. If it stays so, check "
        "CONVENOR_TEAMS_APP_ID, CONVENOR_TEAMS_APP_PASSWORD and CONVENOR_TEAMS_TENANT."
    )


async def test_a_token_that_ended_early_is_asked_for_anew_at_the_next_attempt(world: World) -> None:
    await world.courier.post(world.channel(), say("Hello"), key="k0")
    world.service.expire_tokens()
    error = await world.failure()
    assert (error.ambiguous, error.permanent, error.retry) == (False, False, True)
    assert error.sentence.startswith("Microsoft does not take Convenor’s sign-in (Unauthorized). Nothing was sent.")
    await world.courier.post(world.channel(), say("Hello"), key="k1")
    assert len(world.service.posts_of("k1")) == 1


_ADD = "Ask them to open Convenor among their apps in Teams and add it"
_OWNER = "Ask an owner of the team to add it again, or choose another channel, then send again."


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "BotNotInConversationRoster",
         f"Convenor is not, or no longer, in the team of this channel. {_OWNER}"),
        (403, "NeverHeardOf", f"Convenor is not, or no longer, in the team of this channel. {_OWNER}"),
        (403, "MessageWritesBlocked",
         "The settings of this channel do not let Convenor post. Ask an owner of the team to let apps post there, "
         "then send again."),
        (403, "BotDisabledByAdmin",
         "The administrators of Teams have blocked Convenor in this organisation. Ask one of them to allow the app, "
         "then send again."),
        (404, "ConversationNotFound",
         "Teams no longer has this channel, or the message in whose thread this belongs was deleted. Choose another "
         "channel, or post there again what was deleted."),
        (413, "MessageSizeTooBig", "The message is too long for Teams. Shorten it, then send again."),
        (400, "BadSyntax", "Teams refuses the message (BadSyntax). This is a fault of Convenor’s."),
        (405, "", "Teams refuses the message (status 405). This is a fault of Convenor’s."),
    ],
)  # fmt: skip
async def test_a_refusal_in_a_channel_needs_a_person_and_says_whom_to_ask(
    world: World, status: int, code: str, sentence: str
) -> None:
    world.service.breaks("create", status, code)
    error = await world.failure()
    assert error.sentence == sentence
    assert (error.permanent, error.ambiguous, error.retry, error.unreachable) == (True, False, False, False)


@pytest.mark.parametrize(
    ("status", "code", "sentence"),
    [
        (403, "MessageWritesBlocked", "They have blocked Convenor in Teams. Ask them to unblock it, then send again."),
        (403, "ConversationBlockedByUser",
         "They have blocked Convenor in Teams. Ask them to unblock it, then send again."),
        (403, "BotNotInConversationRoster",
         f"Convenor is not, or no longer, among their apps in Teams. {_ADD}, then send again."),
        (403, "ServiceError",
         "Convenor is not, or no longer, among their apps in Teams, or they have blocked it there. Ask them to open "
         "Convenor among their apps in Teams and add or unblock it, then send again."),
        (404, "ConversationNotFound",
         "Teams knows nobody at this account (any more), or they have never met Convenor there. "
         f"{_ADD}, then send again."),
    ],
)  # fmt: skip
async def test_whoever_cannot_be_written_to_is_unreachable_and_it_says_what_to_ask_of_them(
    world: World, status: int, code: str, sentence: str
) -> None:
    await world.knows(ALICE)
    world.service.breaks("post", status, code)
    error = await world.failure(TO_ALICE)
    assert error.sentence == sentence
    assert (error.unreachable, error.permanent, error.ambiguous, error.retry) == (True, True, False, False)


async def test_whoever_removed_convenor_is_not_even_tried(world: World) -> None:
    await world.knows(ALICE, Presence.GONE)
    error = await world.failure(TO_ALICE)
    assert error.unreachable
    assert error.sentence == f"They have removed Convenor in Teams. {_ADD} again, then send again."
    assert (await world.update_failure("a:1|2", TO_ALICE)).unreachable
    assert world.service.calls == []


async def test_whoever_never_added_convenor_is_unreachable(world: World) -> None:
    error = await world.failure(TO_ALICE)
    assert error.unreachable
    assert error.sentence == f"Convenor is not, or no longer, among their apps in Teams. {_ADD}, then send again."
    error = await world.failure(Address("teams", TENANT, user="nobody"))
    assert error.unreachable


async def test_a_channel_whose_team_removed_convenor_is_not_even_tried(world: World) -> None:
    await world.book.gone(TENANT, Kind.TEAM, world.service.team().id, NOW)
    error = await world.failure()
    assert (error.permanent, error.unreachable) == (True, False)
    assert error.sentence == (
        f"Convenor was removed from the team of this channel, or the channel was deleted. {_OWNER}"
    )
    assert world.service.calls == []


async def test_nothing_is_sent_to_a_tenant_of_which_nothing_is_known(world: World) -> None:
    for address in (Address("teams", "tenant-2", user=ALICE.aad), Address("teams", "tenant-2", channel="19:x")):
        error = await world.failure(address)
        assert error.permanent
        assert error.sentence == (
            "Convenor is nowhere in this organisation’s Teams (any more). Add it to a team there, or to somebody’s "
            "apps, then send again."
        )
    assert world.service.calls == []


async def test_several_people_get_no_chat_of_their_own(world: World) -> None:
    error = await world.failure(Address("teams", TENANT, user=f"{ALICE.aad},{BOB.aad}"))
    assert error.permanent
    assert error.sentence == "In Teams an app cannot begin a chat of several people. Nothing was sent."
    assert world.service.calls == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (404, "ActivityNotFoundInConversation"),
        (404, "ConversationNotFound"),
        (403, "ServiceError"),
        (400, "BadArgument"),
    ],
)
async def test_a_message_that_is_not_there_or_not_ours_is_missing(world: World, status: int, code: str) -> None:
    world.service.breaks("update", status, code)
    error = await world.update_failure()
    assert (error.missing, error.permanent) == (True, True)
    assert error.sentence == "The message was deleted, or is not Convenor’s, so it cannot be changed."


async def test_a_message_in_a_team_that_we_left_is_not_called_missing(world: World) -> None:
    ref = await world.courier.post(world.channel(), say("There"), key="k0")
    world.service.team().has_app = False
    error = await world.update_failure(ref)
    assert (error.missing, error.permanent) == (False, True)


async def test_a_message_that_teams_would_refuse_is_not_sent(world: World) -> None:
    long = Message("s", tuple(Paragraph(text("x" * 3_000)) for _ in range(12)))
    with pytest.raises(TransportError) as caught:
        await world.courier.post(world.channel(), long, key="k")
    assert caught.value.permanent
    assert world.service.calls == []


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
