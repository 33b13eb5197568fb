"""The message extension: searching what was read, and suggesting the link of a message; and what is malformed."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from botbuilder.core import InvokeResponse
from botbuilder.schema import Activity
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.teams import texts
from adapters.teams.limits import check_card
from adapters.teams.listeners import Listeners
from adapters.teams.manifest import SUGGEST_LINK
from bot.messages import AskKind, Reply, say
from bot.ports import FoundItem
from bot.suggestion_texts import form
from bot.table import build_table
from digests.search import QueryError
from tests.builders import NOW
from tests.channels.teams_installation import FakeLookup, FormsInMemory, teams
from tests.fakes.book import FakeBook
from tests.fakes.clock import FakeClock
from tests.fakes.slack_desk import FakeDesk, FirstTimes
from tests.fakes.teams_people import Outcome
from tests.fakes.teams_record import ALICE, BOB, words_on

ITEMS = tuple(
    FoundItem(f"Title {n}", f"https://example.org/{n}", f"Example Office, {n} January 2025, AI") for n in range(1, 40)
)
HOSTILE = FoundItem("<at>all</at> [x](https://bad.example) *bold* {{DATE(2025)}}", "https://example.org/h", "**A**, B")

Json = dict[str, Any]


def shown_in(outcome: Outcome) -> Json:
    found: Json = outcome.body["composeExtension"]
    return found


def titles(outcome: Outcome) -> list[str]:
    return [one["preview"]["content"]["title"] for one in shown_in(outcome).get("attachments", [])]


async def test_a_search_shows_lines_and_gives_cards_a_page_at_a_time() -> None:
    lookup = FakeLookup(ITEMS)
    async with teams(FakeDesk(), lookup=lookup) as at:
        outcome = await at.people.query(ALICE, "facial recognition")
        assert shown_in(outcome)["type"] == "result"
        assert titles(outcome) == [f"Title {n}" for n in range(1, 26)]
        first = shown_in(outcome)["attachments"][0]
        assert first["preview"]["content"]["text"] == "Example Office, 1 January 2025, AI"
        assert words_on(first["content"]) == "Title 1\nExample Office, 1 January 2025, AI"
        assert "https://example.org/1" in json.dumps(first["content"])
        assert lookup.asked == [("facial recognition", 0, 25)]
        assert all(check_card(one["content"]) == [] for one in shown_in(outcome)["attachments"])


async def test_further_pages_are_asked_for_until_there_is_nothing_more() -> None:
    async with teams(FakeDesk(), lookup=FakeLookup(ITEMS)) as at:
        for skipped, expected in ((25, 14), (50, 0)):
            value = {
                "commandId": "search",
                "parameters": [{"name": "words", "value": "ai"}],
                "queryOptions": {"skip": skipped, "count": 25},
            }
            outcome = await at.people._invoke(ALICE, at.editors, "composeExtension/query", value)
            assert len(titles(outcome)) == expected
            assert shown_in(outcome)["type"] == "result"


async def test_what_cannot_be_searched_for_is_answered_kindly() -> None:
    lookup = FakeLookup()
    async with teams(FakeDesk(), lookup=lookup, patience=0.05) as at:

        async def told(words: str) -> str:
            found = shown_in(await at.people.query(ALICE, words))
            assert found["type"] == "message"
            return str(found["text"])

        assert await told("") == texts.SEARCH_FOR_WHAT
        assert await told("a") == texts.TOO_SHORT
        assert lookup.asked == []
        assert await told("unicorns") == "Nothing that I have read fits “unicorns”. Fewer words find more."
        lookup.error = QueryError("", "I don’t know the filter “zzz:”.")
        assert await told("zzz:ai") == "I don’t know the filter “zzz:”."
        lookup.error = RuntimeError("x")
        assert await told("ai data") == texts.FAULT
        lookup.error, lookup.seconds = None, 0.2
        assert await told("ai data") == texts.SEARCH_TOOK_LONG


async def test_words_of_feeds_are_no_markup_in_results() -> None:
    async with teams(FakeDesk(), lookup=FakeLookup((HOSTILE,))) as at:
        (one,) = shown_in(await at.people.query(ALICE, "x y"))["attachments"]
        preview = one["preview"]["content"]
        for words in (preview["title"], preview["text"], one["content"]["speak"]):
            assert not set("<>[]*") & set(words), words
            assert "{{" not in words


async def test_a_link_of_a_message_is_suggested_in_a_dialog() -> None:
    desk = FakeDesk(
        {
            "suggest.message": Reply(form=form("https://example.org/a")),
            "suggestion": Reply((say("Thank you: it is with the editors."),)),
        }
    )
    async with teams(desk) as at:
        await at.people.say(BOB, "Look at this", at.editors, mention=False)
        shown = at.service.messages(at.editors)[-1]
        html = '<p>Look at <a href="https://example.org/a">this</a></p>'
        opened = await at.people.act_on(ALICE, shown, SUGGEST_LINK, html=html)
        assert opened.dialog is not None
        ask = next(ask for ask in desk.asks if ask.kind is AskKind.PRESS)
        assert (ask.name, ask.value, ask.identity.user) == ("suggest.message", "https://example.org/a", ALICE.aad)
        sent = await at.people.fill(opened.dialog, {"why": "It matters."})
        assert sent.dialog is not None
        assert sent.dialog.words == "Thank you: it is with the editors."
        assert desk.asks[-1].fields == {"url": "https://example.org/a", "why": "It matters."}
        assert await at.book.any_of(ALICE.tenant) is None or at.said_to(ALICE) == []


@pytest.mark.parametrize("chat", ["19:alice_bob@unq.gbl.spaces", "a:of-two"])
async def test_a_chat_of_two_people_is_not_taken_for_somebodys_own_chat_with_convenor(chat: str) -> None:
    desk = FakeDesk({"suggest.message": Reply(form=form("")), "suggestion": Reply((say("Thank you."),))})
    async with teams(desk) as at:
        place = at.chat(ALICE)
        activity = at.people.activity(ALICE, place, "invoke")
        activity["conversation"]["id"] = chat
        activity |= {"name": "composeExtension/fetchTask", "value": {"commandId": SUGGEST_LINK}}
        assert (await at.people.send(activity)).body["task"]["type"] == "continue"
        data = {"form": "suggestion", "value": "", "f:url": "https://example.org"}
        activity |= {"id": "2", "name": "composeExtension/submitAction", "value": {"data": data}}
        answer = await at.people.send(activity)
        assert words_on(answer.body["task"]["value"]["card"]["content"]) == "Thank you."
        await at.settle()
        assert await at.book.personal(ALICE.tenant, ALICE.aad) is None


# What is malformed


class NoConnector:
    """A connector to which nothing gets."""

    def __init__(self) -> None:
        self.posted: list[str] = []

    async def post(self, service_url: str, conversation_id: str, activity: Json) -> str:
        self.posted.append(conversation_id)
        return "1"


class NoChat:
    async def whisper(self, *_: object) -> None: ...

    async def show_form(self, *_: object) -> None: ...


class Context:
    """What botbuilder gives a turn."""

    def __init__(self, activity: Activity) -> None:
        self.activity = activity
        self.answers: list[InvokeResponse] = []

    async def send_activity(self, activity: Activity) -> None:
        assert activity.type == "invokeResponse"
        self.answers.append(activity.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    ("adaptiveCard/action", "task/fetch", "task/submit", "composeExtension/query", "composeExtension/fetchTask",
     "composeExtension/submitAction", "nonsense", "")
)  # fmt: skip
INNER = st.fixed_dictionaries(
    {},
    optional={
        "action": st.fixed_dictionaries({}, optional={"verb": JSON, "data": JSON}) | JSON,
        "data": st.fixed_dictionaries({}, optional={"form": JSON, "action": JSON, "value": JSON, "f:x": JSON}) | JSON,
        "parameters": st.lists(st.fixed_dictionaries({"name": st.just("words"), "value": JSON}), max_size=2) | JSON,
        "queryOptions": JSON,
        "messagePayload": st.fixed_dictionaries({"body": st.fixed_dictionaries({"content": JSON})}) | JSON,
    },
)
ACTIVITIES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(("invoke", "message", "conversationUpdate", "installationUpdate")),
        "name": NAMES,
        "value": INNER | JSON,
    },
    optional={
        "id": st.text(max_size=5),
        "text": st.text(max_size=40),
        "action": st.sampled_from(("add", "remove", "x")),
        "replyToId": st.text(max_size=5),
        "serviceUrl": st.text(max_size=9),
        "channelData": st.just({"tenant": {"id": "t"}}) | JSON,
        "from": st.fixed_dictionaries({"id": st.text(max_size=5)}, optional={"aadObjectId": st.just("alice")}),
        "conversation": st.fixed_dictionaries({"id": st.sampled_from(("a:1", "19:x;messageid=1", "", " "))}),
        "membersAdded": st.lists(st.fixed_dictionaries({"id": st.text(max_size=3)}), max_size=2),
    },
)


async def a_turn(data: Json) -> Context:
    clock = FakeClock(NOW)
    turns = Listeners(
        desk=FakeDesk(),
        connector=NoConnector(),  # type: ignore[arg-type]
        book=FakeBook(),
        whisperer=NoChat(),
        lookup=FakeLookup(ITEMS),
        forms=FormsInMemory(),
        spoken=build_table().spoken,
        clock=clock,
        first_time=FirstTimes(),
    )
    context = Context(Activity.deserialize(data))
    await turns.on_turn(context)
    await turns.drain(5)
    return context


@given(ACTIVITIES)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_whatever_teams_sends_is_never_an_error_and_every_invoke_has_one_answer(data: Json) -> None:
    context = asyncio.run(a_turn(data))
    assert len(context.answers) == (1 if data["type"] == "invoke" else 0)
    for answer in context.answers:
        assert answer.status == 200
        json.dumps(answer.body)
