"""Posting to Teams that fails: what each way of failing means for the outbox, and what people are told of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.teams import connector as connecting
from adapters.teams.book import Kind, Presence
from adapters.teams.connector import Connector
from adapters.teams.security import Credentials, Microsoft
from bot.messages import Message, Paragraph, say, text
from bot.ports import TransportError
from digests.model import Address
from tests.builders import NOW
from tests.channels.teams_courier import TO_ALICE, World, a_courier
from tests.fakes.teams_record import ALICE, APP_ID, BOB, PASSWORD, TENANT
from tests.fakes.teams_service import teams_service


@pytest.fixture
async def world() -> AsyncIterator[World]:
    async with a_courier() as world:
        yield world


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
