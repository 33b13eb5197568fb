"""The chat in the browser over HTTP: who sees what, what becomes an Ask, and what hostile pages cannot do."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from adapters.local.app import CAST, LocalChat
from bot.messages import AskKind, Button, Buttons, Field, Form, Identity, Message, Reply, from_json, say
from digests.model import Address
from tests.channels.local_fakes import FakeChatLog, FakeDesk
from tests.fakes.clock import FakeClock

ALICE, BOB, CAROL, DAN = CAST
COMMANDS = [("digest", "Read the digest"), ("/convenor help", "What Convenor can do")]


class Chat:
    """The chat with its fakes, and a browser's way of asking."""

    def __init__(self) -> None:
        self.log = FakeChatLog()
        self.desk = FakeDesk()
        self.clock = FakeClock()
        self.local = LocalChat(self.log, self.desk, self.clock, COMMANDS)
        app = web.Application()
        self.local.attach(app)
        self.client = TestClient(TestServer(app))

    @property
    def origin(self) -> str:
        return str(self.client.make_url("/")).rstrip("/")

    async def page(self, path: str) -> tuple[int, str]:
        answer = await self.client.get(path)
        return answer.status, await answer.text()

    async def lines(self, person: str, room: str) -> str:
        return (await self.page(f"/chat/{person}/{room}/lines"))[1]

    async def post(self, path: str, data: Any, **headers: str) -> ClientResponse:
        sent = {"Origin": self.origin, "Content-Type": "application/json"} | headers
        body = data if isinstance(data, bytes) else json.dumps(data).encode()
        return await self.client.post(path, data=body, headers={name: value for name, value in sent.items() if value})

    async def say(self, person: str, room: str, words: str) -> dict[str, Any]:
        answer = await self.post(f"/chat/{person}/{room}/say", {"words": words})
        assert answer.status == 200, await answer.text()
        return dict(await answer.json())


@pytest.fixture
async def chat() -> AsyncIterator[Chat]:
    chat = Chat()
    async with chat.client:
        await chat.local.start()
        yield chat


async def test_the_first_page_offers_everybody(chat: Chat) -> None:
    status, page = await chat.page("/")
    assert status == 200
    for person in CAST:
        assert f"<strong>{person.name}</strong>, {person.part}" in page


async def test_a_person_without_a_room_comes_into_the_digest(chat: Chat) -> None:
    answer = await chat.client.get("/chat/alice", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (302, "/chat/alice/digest")


@pytest.mark.parametrize(
    ("person", "room", "status"),
    [
        ("bob", "editors", 200),
        ("dan", "coordinators", 200),
        ("alice", "@alice", 200),
        ("dan", "editors", 403),
        ("alice", "coordinators", 403),
        ("bob", "@alice", 403),
        ("alice", "kitchen", 404),
        ("alice", "@mallory", 404),
        ("mallory", "digest", 404),
    ],
)
async def test_people_see_their_own_rooms_alone(chat: Chat, person: str, room: str, status: int) -> None:
    assert (await chat.page(f"/chat/{person}/{room}"))[0] == status
    assert (await chat.page(f"/chat/{person}/{room}/lines"))[0] == status
    posted = await chat.post(f"/chat/{person}/{room}/say", {"words": "hello"})
    assert posted.status == status
    assert len(chat.log.all) == (status == 200)


async def test_plain_words_go_to_the_room_and_not_to_convenor(chat: Chat) -> None:
    await chat.say("bob", "editors", "Good <b>morning</b>")
    assert not chat.desk.asks
    assert "Good &lt;b&gt;morning&lt;/b&gt;" in await chat.lines("carol", "editors")


async def test_a_command_becomes_an_ask_with_its_words_mentions_and_place(chat: Chat) -> None:
    await chat.say("dan", "coordinators", "/Convenor role @Bob editor x@carol.example @mallory")
    (ask,) = chat.desk.asks
    assert ask.kind is AskKind.COMMAND
    assert ask.name == "convenor"
    assert ask.words == "role @Bob editor x@carol.example @mallory"
    assert ask.mentions == {"@Bob": BOB.identity}
    assert ask.identity == DAN.identity
    assert ask.identity.name == "Dan"
    assert ask.address == Address("local", "local", channel="coordinators")
    assert ask.received_at == chat.clock.now()


async def test_in_direct_messages_the_address_is_the_person(chat: Chat) -> None:
    await chat.say("alice", "@alice", "/digest")
    assert chat.desk.asks[0].address == Address("local", "local", user="alice")
    assert chat.desk.asks[0].address == ALICE.identity.address


async def test_above_direct_messages_stands_the_home_of_the_person_alone(chat: Chat) -> None:
    chat.desk.on(AskKind.COMMAND, "convenor", lambda ask: Reply((say(f"Hello {ask.identity.name}, {ask.words}."),)))
    status, page = await chat.page("/chat/alice/@alice")
    assert status == 200
    assert "Hello Alice, home." in page
    assert "Hello" not in (await chat.page("/chat/alice/digest"))[1]
    assert "Hello Alice, home." in (await chat.page("/chat/alice/@alice/home"))[1]
    assert (await chat.page("/chat/bob/@alice/home"))[0] == 403


async def test_a_command_and_its_reply_are_seen_by_the_sender_alone(chat: Chat) -> None:
    chat.desk.on(AskKind.COMMAND, "digest", Reply((say("Your topics: policing"), say("And a second message"))))
    await chat.say("alice", "digest", "/digest topics")
    seen = await chat.lines("alice", "digest")
    assert "/digest topics" in seen
    assert "Your topics: policing" in seen
    assert "And a second message" in seen
    assert seen.count("Only you can see this") == 3
    for other in ("bob", "dan"):
        assert "digest topics" not in await chat.lines(other, "digest")
        assert "policing" not in (await chat.page(f"/chat/{other}/digest"))[1]


@pytest.mark.parametrize("words", ["", "  \n ", "/", "/ digest", "x" * 4001])
async def test_what_cannot_be_sent_is_refused_with_a_sentence(chat: Chat, words: str) -> None:
    answer = await chat.post("/chat/alice/digest/say", {"words": words})
    assert answer.status == 400
    assert (await answer.json())["sentence"].endswith(".")
    assert not chat.log.all
    assert not chat.desk.asks


async def test_a_press_becomes_an_ask_that_names_its_message(chat: Chat) -> None:
    message = Message("Draft", (Buttons((Button("Approve", "edition.approve", "30:4"),)),))
    line = await chat.local.courier.post(Address("local", "local", channel="editors"), message, key="k")
    chat.desk.on(AskKind.PRESS, "edition.approve", Reply((say("Already approved by Carol."),)))
    answer = await chat.post("/chat/bob/editors/press", {"action": "edition.approve", "value": "30:4", "line": line})
    assert await answer.json() == {"form": "", "errors": {}}
    (ask,) = chat.desk.asks
    assert (ask.kind, ask.name, ask.value, ask.message_ref) == (AskKind.PRESS, "edition.approve", "30:4", line)
    assert "Already approved by Carol." in await chat.lines("bob", "editors")
    assert "Already approved by Carol." not in await chat.lines("carol", "editors")


async def test_a_form_is_opened_refused_with_errors_and_then_accepted(chat: Chat) -> None:
    form = Form("suggest", "Suggest a link", "Send", (Field("url", "Address"),), value="30")
    chat.desk.on(AskKind.COMMAND, "digest", Reply(form=form))
    opened = await chat.say("alice", "digest", "/digest add")
    assert 'data-form="suggest" data-value="30"' in opened["form"]

    chat.desk.on(AskKind.SUBMIT, "suggest", Reply(errors={"url": "This is no address."}))
    sent = {"form": "suggest", "value": "30", "fields": {"url": "example"}}
    refused = await chat.post("/chat/alice/digest/submit", sent)
    assert await refused.json() == {"form": "", "errors": {"url": "This is no address."}}

    chat.desk.on(AskKind.SUBMIT, "suggest", Reply((say("Thank you."),)))
    accepted = await chat.post("/chat/alice/digest/submit", sent)
    assert (await accepted.json())["errors"] == {}
    ask = chat.desk.asks[-1]
    assert (ask.kind, ask.name, ask.value, dict(ask.fields)) == (AskKind.SUBMIT, "suggest", "30", {"url": "example"})
    assert "Thank you." in await chat.lines("alice", "digest")


async def test_while_convenor_works_the_command_is_shown_and_other_requests_are_answered(chat: Chat) -> None:
    chat.desk.pause.clear()
    working = asyncio.create_task(chat.say("alice", "digest", "/digest"))
    while not chat.desk.asks:
        await asyncio.sleep(0.01)
    assert "/digest" in await chat.lines("alice", "digest")
    await chat.say("bob", "digest", "Good morning")
    chat.desk.pause.set()
    await working


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b'"words"',
        b"\xff",
        b"[" * 50_000,
        {},
        {"words": 7},
        {"words": "half a character \ud800"},
        {"words": "nothing \x00"},
    ],
)
async def test_what_cannot_be_read_is_refused(chat: Chat, data: Any) -> None:
    answer = await chat.post("/chat/alice/digest/say", data)
    assert answer.status == 400
    assert "Nothing was done" in (await answer.json())["sentence"]
    assert not chat.log.all


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("press", {"action": "a", "value": "", "line": "first"}),
        ("press", {"action": "a", "value": "", "line": "9" * 30}),
        ("press", {"action": "a", "line": "1"}),
        ("submit", {"form": "f", "value": "", "fields": ["a"]}),
        ("submit", {"form": "f", "value": "", "fields": {"a": None}}),
    ],
)
async def test_a_press_or_form_that_is_not_whole_never_reaches_the_desk(
    chat: Chat, path: str, data: dict[str, Any]
) -> None:
    answer = await chat.post(f"/chat/alice/digest/{path}", data)
    assert answer.status == 400
    assert not chat.desk.asks


async def test_more_than_64_kilobytes_are_refused(chat: Chat) -> None:
    answer = await chat.post("/chat/alice/digest/say", {"words": "x" * 64 * 1024})
    assert answer.status == 413
    assert "64 KB" in (await answer.json())["sentence"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8080", "[::2]", ""])
@pytest.mark.parametrize("path", ["/", "/chat/alice/digest", "/chat/alice/events", "/static/chat.js"])
async def test_under_a_foreign_name_nothing_is_shown(chat: Chat, host: str, path: str) -> None:
    answer = await chat.client.get(path, headers={"Host": host})
    assert answer.status == 403
    assert "only on this computer" in await answer.text()


@pytest.mark.parametrize("host", ["localhost:8080", "LOCALHOST", "[::1]:9", "127.0.0.1"])
async def test_every_name_of_this_computer_will_do(chat: Chat, host: str) -> None:
    assert (await chat.client.get("/", headers={"Host": host})).status == 200
    posted = await chat.post("/chat/alice/digest/say", {"words": "hello"}, Host=host, Origin=f"http://{host}")
    assert posted.status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Origin": "http://localhost"},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Host": "evil.example", "Origin": "http://evil.example"},
    ],
)
async def test_another_sites_page_can_do_nothing(chat: Chat, headers: dict[str, str]) -> None:
    for path, data in (
        ("say", {"words": "/digest approve"}),
        ("press", {"action": "edition.approve", "value": "", "line": "1"}),
        ("submit", {"form": "f", "value": "", "fields": {}}),
    ):
        answer = await chat.post(f"/chat/bob/editors/{path}", data, **headers)
        assert answer.status == 403
        assert (await answer.json())["sentence"].endswith(".")
    assert not chat.desk.asks
    assert not chat.log.all


@pytest.mark.parametrize("name", ["app.py", "..%2Fapp.py", "chat.css.map"])
async def test_only_the_chats_own_files_are_served(chat: Chat, name: str) -> None:
    assert (await chat.page(f"/static/{name}"))[0] == 404


@pytest.mark.parametrize(
    ("name", "kind"), [("chat.css", "text/css"), ("chat.js", "text/javascript"), ("icon.svg", "image/svg+xml")]
)
async def test_the_chats_files_are_served_as_what_they_are(chat: Chat, name: str, kind: str) -> None:
    answer = await chat.client.get(f"/static/{name}")
    assert (answer.status, answer.content_type) == (200, kind)


async def test_commands_are_suggested_with_their_help(chat: Chat) -> None:
    page = (await chat.page("/chat/alice/digest"))[1]
    assert 'data-name="/digest"' in page
    assert 'data-name="/convenor help"' in page
    assert "What Convenor can do" in page


class Stream:
    """The live stream of one person's page."""

    def __init__(self, response: ClientResponse) -> None:
        self.response = response

    async def next(self) -> tuple[str, int | None]:
        """The room and newest line of the next change."""
        async with asyncio.timeout(30):
            async for line in self.response.content:
                if line.startswith(b"data: "):
                    data = json.loads(line[6:])
                    return data["room"], data["latest"]
        raise AssertionError("the stream ended")

    async def is_quiet(self) -> bool:
        try:
            async with asyncio.timeout(0.2):
                while line := await self.response.content.readline():
                    if line.startswith(b"data:"):
                        return False
        except TimeoutError:
            return True
        raise AssertionError("the stream ended")


async def test_a_page_hears_of_what_is_posted_and_edited_in_its_rooms(chat: Chat) -> None:
    stream = Stream(await chat.client.get("/chat/bob/events"))
    assert stream.response.content_type == "text/event-stream"
    assert await stream.is_quiet()
    editors = Address("local", "local", channel="editors")
    reference = await chat.local.courier.post(editors, say("Draft"), key="k")
    assert await stream.next() == ("editors", 1)
    await chat.local.courier.update(editors, reference, say("Draft, revision 2"))
    assert await stream.next() == ("editors", None)
    await chat.say("carol", "digest", "Good morning")
    assert await stream.next() == ("digest", 2)
    stream.response.close()


async def test_a_page_hears_nothing_of_rooms_and_lines_that_are_not_its_persons(chat: Chat) -> None:
    stream = Stream(await chat.client.get("/chat/dan/events"))
    await chat.local.courier.post(Address("local", "local", channel="editors"), say("Draft"), key="k")
    await chat.local.courier.post(Address("local", "local", user="alice"), say("Hello"), key="k2")
    await chat.say("alice", "digest", "/digest")
    assert await stream.is_quiet()
    stream.response.close()


async def test_a_page_that_comes_back_is_told_where_each_room_stands(chat: Chat) -> None:
    await chat.say("bob", "editors", "one")
    await chat.say("bob", "editors", "two")
    await chat.say("bob", "digest", "three")
    stream = Stream(await chat.client.get("/chat/carol/events"))
    assert {await stream.next(), await stream.next()} == {("editors", 2), ("digest", 3)}
    stream.response.close()


async def test_a_slow_page_gets_the_newest_change_of_each_room_once(chat: Chat) -> None:
    digest = Address("local", "local", channel="digest")
    with chat.local._changes.listen(BOB) as listener:
        ref = await chat.local.courier.post(digest, say("first"), key="k1")
        for words in ("two", "three"):
            await chat.say("carol", "digest", words)
        await chat.local.courier.update(digest, ref, say("the first"))
        heard = listener.changes(0.05)
        change = await anext(heard)
        assert change is not None
        assert (change.room, change.latest) == ("digest", 3)
        assert await anext(heard) is None  # a heartbeat: nothing else had happened


async def test_streams_end_when_the_chat_stops_and_open_again_after_a_start(chat: Chat) -> None:
    answer = await chat.client.get("/chat/bob/events")
    await chat.local.stop()
    async with asyncio.timeout(30):
        await answer.read()
        late = await chat.client.get("/chat/bob/events")
        await late.read()
    await chat.local.start()
    stream = Stream(await chat.client.get("/chat/bob/events"))
    assert await stream.is_quiet()
    stream.response.close()


async def test_the_server_does_not_wait_for_open_streams(chat: Chat) -> None:
    answer = await chat.client.get("/chat/bob/events")
    async with asyncio.timeout(30):
        await chat.client.server.close()
    assert b"retry:" in await answer.content.read(), "the stream has ended, and not in the middle"
    answer.close()


async def test_a_reply_is_kept_as_it_was_said(chat: Chat) -> None:
    chat.desk.on(AskKind.COMMAND, "digest", Reply((say("Edition 30"),)))
    await chat.say("alice", "digest", "/digest")
    assert from_json(chat.log.all[-1].body) == say("Edition 30")
    assert (chat.log.all[-1].author, chat.log.all[-1].only_for) == ("convenor", "alice")


async def test_a_group_is_listed_and_seen_by_those_in_it_alone_once_something_was_said(chat: Chat) -> None:
    room = "@alice,carol"
    assert "introduction" not in (await chat.page("/chat/alice/digest"))[1]
    await chat.local.courier.post(
        Address("local", "local", user="alice,carol"), say("Alice, meet Carol"), key="introduction:a1:0"
    )
    listed = (await chat.page("/chat/carol/digest"))[1]
    assert f'data-room="{room}"' in listed
    assert "Alice <small>introduction</small>" in listed
    status, page = await chat.page(f"/chat/alice/{room}")
    assert status == 200
    assert "You, Carol and Convenor are here. Nobody else sees it." in page
    assert "Alice, meet Carol" in page
    for other in ("bob", "dan"):
        assert (await chat.page(f"/chat/{other}/{room}"))[0] == 403
        assert room not in (await chat.page(f"/chat/{other}/digest"))[1]
    await chat.say("alice", room, "Hello Carol")
    assert "Hello Carol" in await chat.lines("carol", room)


async def test_each_person_is_suggested_commands_of_their_own() -> None:
    async def of(who: Identity) -> list[tuple[str, str]]:
        return [("digest draft", "See the draft")] if who == BOB.identity else [("digest", "Read the digest")]

    app = web.Application()
    LocalChat(FakeChatLog(), FakeDesk(), FakeClock(), of).attach(app)
    async with TestClient(TestServer(app)) as client:
        for_alice = await (await client.get("/chat/alice/digest")).text()
        for_bob = await (await client.get("/chat/bob/editors")).text()
    assert ("See the draft" in for_alice, "Read the digest" in for_alice) == (False, True)
    assert ("See the draft" in for_bob, "Read the digest" in for_bob) == (True, False)
