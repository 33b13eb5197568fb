"""Convenor's Slack side in a pretend workspace, by Socket Mode and by signed HTTP: commands, buttons, forms, posts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import get_args

import pytest
from aiohttp import web

from adapters.slack.app import PATH, SlackApp
from bot.messages import (
    Ask,
    AskKind,
    Button,
    Buttons,
    EntryLine,
    Field,
    FieldKind,
    Form,
    Heading,
    Message,
    Option,
    Reply,
    say,
    text,
)
from digests.model import Address
from tests.fakes.clock import FakeClock
from tests.fakes.slack_desk import FakeDesk, FirstTimes
from tests.journeys.slack_emulator import (
    APP_TOKEN,
    BOT_TOKEN,
    CHANNELS,
    PEOPLE,
    SIGNING_SECRET,
    WORKSPACE,
    Mode,
    SlackEmulator,
    free_port,
    slack_emulator,
)

EDITORS = Address("slack", WORKSPACE, channel=CHANNELS["editors"])

FORM = Form(
    "intro.request",
    "Ask for an introduction",
    "Ask",
    (
        Field("need", "What do you need?", FieldKind.PARAGRAPH, hint="A sentence or two."),
        Field("topic", "Topic", FieldKind.CHOICE, "ai", options=(Option("ai", "AI"), Option("data", "Data & law"))),
    ),
    value="r1",
)
DRAFT = Message(
    "Draft of edition 12",
    (
        Heading("Edition 12"),
        EntryLine(text("<!channel> *A title*"), text("Why: “data”"), (Button("Leave out", "entry.drop", "12 e1"),)),
        EntryLine(text("Another title"), (), (Button("Leave out", "entry.drop", "12 e2"),)),
        Buttons((Button("Approve", "draft.approve", "12 abc", confirm="Approve exactly this?"),)),
    ),
)


class Desk(FakeDesk):
    """Refuses a need of one word."""

    async def answer(self, ask: Ask) -> Reply:
        await super().answer(ask)
        match ask.name:
            case "intro":
                return Reply(form=FORM)
            case "intro.request" if " " not in ask.fields["need"]:
                return Reply(errors={"need": "Please write a whole sentence."})
            case "intro.request":
                return Reply((say(f"Noted for {ask.identity.name}: {ask.fields['need']} ({ask.fields['topic']})"),))
        return Reply((say(f"{ask.name}: {ask.words or ask.value}"),))


@dataclass
class World:
    """The pretend workspace and Convenor in it."""

    slack: SlackEmulator
    app: SlackApp
    desk: Desk


@asynccontextmanager
async def world(folder: Path, mode: Mode, emulator_port: int = 0) -> AsyncIterator[World]:
    port = free_port()
    desk = Desk(forms=frozenset({"intro"}))
    async with slack_emulator(folder, mode, request_url=f"http://127.0.0.1:{port}{PATH}", port=emulator_port) as slack:
        app = SlackApp(
            bot_token=BOT_TOKEN,
            app_token=APP_TOKEN if mode == "socket" else None,
            signing_secret=SIGNING_SECRET if mode == "http" else None,
            api_url=slack.api_url,
            desk=desk,
            commands=("digest", "intro"),
            clock=FakeClock(),
            first_time=FirstTimes(),
        )
        web_app = web.Application()
        if mode == "http":
            app.attach(web_app)
        runner = web.AppRunner(web_app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            await app.start()
            yield World(slack, app, desk)
        finally:
            await app.stop()
            await runner.cleanup()


@pytest.fixture(params=get_args(Mode))
async def there(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, request.param) as made:
        yield made


async def test_it_knows_where_it_is(there: World) -> None:
    assert there.app.workspace == WORKSPACE
    assert await there.app.is_connected()


async def test_a_command_is_answered_to_the_one_who_gave_it(there: World) -> None:
    await there.slack.command("alice", "general", "/digest", "status <@U02BOB|bob>")
    answer = await there.slack.wait_for_message("general", "digest: status @bob")
    assert answer.only_for == PEOPLE["alice"]
    (ask,) = there.desk.asks
    assert ask.mentions["@bob"].user == PEOPLE["bob"]
    assert ask.address == Address("slack", WORKSPACE, channel=CHANNELS["general"])


async def test_a_command_in_direct_messages_is_answered_there(there: World) -> None:
    await there.slack.command("carol", "@carol", "/digest", "status")
    await there.slack.wait_for_message("@carol", "digest: status")
    assert there.desk.asks[0].address == Address("slack", WORKSPACE, user=PEOPLE["carol"])


async def test_a_posted_message_has_buttons_that_reach_the_desk_and_can_be_updated(there: World) -> None:
    ref = await there.app.courier.post(EDITORS, DRAFT, key="edition/12/1")
    message = await there.slack.wait_for_message("editors", "Edition 12")
    assert message.ref == ref
    assert message.text == "Draft of edition 12"
    assert "<!channel> *A title*" in message.words
    (call,) = await there.slack.calls("chat.postMessage")
    assert call["metadata"]["event_payload"] == {"key": "edition/12/1"}

    await there.slack.click("bob", message, "Leave out", "12 e2")
    answer = await there.slack.wait_for_message("editors", "entry.drop: 12 e2")
    assert answer.only_for == PEOPLE["bob"]
    (ask,) = there.desk.asks
    assert (ask.kind, ask.name, ask.value, ask.message_ref) == (AskKind.PRESS, "entry.drop", "12 e2", ref)

    await there.app.courier.update(EDITORS, ref, say("Approved."))
    changed = await there.slack.wait_for_message("editors", "Approved.")
    assert changed.ts == message.ts
    assert changed.buttons == []


async def test_a_post_into_a_thread_hangs_on_its_message_and_is_answered_there(there: World) -> None:
    ref = await there.app.courier.post(EDITORS, DRAFT, key="k1")
    await there.app.courier.post(EDITORS, replace(DRAFT, summary="Page 2"), key="k2", thread_ref=ref)
    reply = await there.slack.wait_for_message("editors", "Page 2")
    assert reply.thread_ts == ref.partition("|")[2]
    await there.slack.click("bob", reply, "Leave out", "12 e2")
    answer = await there.slack.wait_for_message("editors", "entry.drop: 12 e2", only_for="bob")
    assert answer.thread_ts == reply.thread_ts, "it stands where the button was pressed"


async def test_a_person_can_be_written_to(there: World) -> None:
    ref = await there.app.courier.post(Address("slack", WORKSPACE, user=PEOPLE["dan"]), say("Hello Dan"), key="k")
    message = await there.slack.wait_for_message("@dan", "Hello Dan")
    assert message.ref == ref
    assert message.only_for == ""


async def test_a_form_opens_is_sent_back_with_mistakes_and_is_accepted(there: World) -> None:
    await there.slack.command("alice", "general", "/intro")
    view = await there.slack.wait_for_view("What do you need?")
    assert view["title"]["text"] == "Ask for an introduction"

    assert await there.slack.submit("alice", need="Help") == {"need": "Please write a whole sentence."}
    assert there.slack.stack, "the form stays open"

    assert await there.slack.submit("alice", need="Help with <FOI> & data", topic="data") == {}
    await there.slack.wait_for_no_view()
    answer = await there.slack.wait_for_message("general", "Noted for")
    assert answer.words == "Noted for Alice Example: Help with <FOI> & data (data)"
    assert answer.only_for == PEOPLE["alice"]
    submitted = there.desk.asks[-1]
    assert (submitted.kind, submitted.value) == (AskKind.SUBMIT, "r1")
    assert submitted.address == Address("slack", WORKSPACE, channel=CHANNELS["general"])


async def test_a_form_that_takes_long_waits_in_its_view(there: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.listeners.SUBMIT_SECONDS", 0.1)
    await there.slack.command("alice", "general", "/intro")
    await there.slack.wait_for_view("What do you need?")
    there.desk.seconds = 0.5
    assert await there.slack.submit("alice", need="Help") == {}
    await there.slack.wait_for_view("One moment…")
    back = await there.slack.wait_for_view("Please write a whole sentence.")
    need = next(block for block in back["blocks"] if block.get("block_id") == "need")
    assert need["element"]["initial_value"] == "Help"
    await there.slack.submit("alice", need="Help with data")
    await there.slack.wait_for_view("Noted for Alice Example: Help with data (ai)")
    await there.slack.close_view("alice")


async def test_a_connection_that_breaks_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.slack.app.PING_SECONDS", 0.2)
    port = free_port()
    desk = Desk()
    waited: list[float] = []
    async with slack_emulator(tmp_path, port=port) as slack:
        app = SlackApp(
            bot_token=BOT_TOKEN,
            app_token=APP_TOKEN,
            signing_secret=None,
            api_url=slack.api_url,
            desk=desk,
            commands=("digest",),
            clock=FakeClock(),
            first_time=FirstTimes(),
            acknowledged=waited.append,
        )
        await app.start()
        assert await app.is_connected()
    try:
        await connected(app, False)
        async with slack_emulator(tmp_path, port=port) as slack:
            await connected(app, True)
            assert waited == []
            await slack.command("alice", "general", "/digest", "again")
            await slack.wait_for_message("general", "digest: again")
        assert len(waited) == 1, "how long Slack waited for the acknowledgement"
        assert 0 < waited[0] < 3
    finally:
        await app.stop()
    assert not await app.is_connected()


async def test_a_connection_that_stays_down_is_made_from_scratch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.app.PING_SECONDS", 0.05)
    monkeypatch.setattr("adapters.slack.app.DOWN_SECONDS", 0.2)
    async with world(tmp_path, "socket") as there:
        assert there.app._socket
        broken = there.app._socket.client
        # As slack_sdk does for as long as an outdated address fails: it neither connects nor gives up.
        await broken.close()  # type: ignore[no-untyped-call]
        await connected(there.app, False)
        await connected(there.app, True)
        await there.slack.command("alice", "general", "/digest", "again")
        await there.slack.wait_for_message("general", "digest: again")


async def connected(app: SlackApp, expected: bool) -> None:
    async with asyncio.timeout(30):
        while await app.is_connected() is not expected:
            await asyncio.sleep(0.02)
