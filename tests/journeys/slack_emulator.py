"""Drives a Slack emulator: a whole pretend workspace with people, channels, commands, buttons and forms.

The emulator is a program of its own that ``make test-tools`` fetches. People are named by their first names
("alice"), channels by theirs ("editors"); "@alice" is alice's direct messages with Convenor.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

import aiohttp
import pytest

from adapters.slack.render import field_of

Json = dict[str, Any]
Mode = Literal["socket", "http"]
Found = TypeVar("Found")

BINARY = Path(__file__).parent.parent / "node_modules" / "local-slack-linux-x64" / "bin" / "local-slack"

WORKSPACE = "T01TEST"
BOT_TOKEN = "xoxb-emulated"
APP_TOKEN = "xapp-emulated"
SIGNING_SECRET = "emulated-signing-secret"
PEOPLE = {"alice": "U01ALICE", "bob": "U02BOB", "carol": "U03CAROL", "dan": "U04DAN"}
CHANNELS = {"digest": "C01DIGEST", "editors": "C02EDITORS", "coordinators": "C03COORD", "general": "C04GENERAL"}
PATIENCE = 30.0


def emulator_binary() -> Path:
    """The program. Without it the test is skipped, saying why; on a build machine it fails."""
    if not BINARY.exists():
        reason = "the Slack emulator is not here: run make test-tools (it is for Linux on x86-64)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return BINARY


def free_port() -> int:
    """A port of this machine that nobody uses at the moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as it stands in the workspace. ``only_for`` is the one person who sees it, or empty: everybody."""

    channel: str
    ts: str
    text: str
    blocks: tuple[Json, ...]
    thread_ts: str = ""
    only_for: str = ""

    @property
    def ref(self) -> str:
        """Its reference, as the courier gives it."""
        return f"{self.channel}|{self.ts}"

    @property
    def words(self) -> str:
        """All that can be read in its blocks."""
        return " ".join(_words(self.blocks))

    @property
    def buttons(self) -> list[Json]:
        """Its buttons, top to bottom."""
        return [element for element in self._elements if element["type"] == "button"]

    @property
    def menus(self) -> list[Json]:
        """Its menus, top to bottom."""
        return [element for element in self._elements if element["type"] == "overflow"]

    @property
    def _elements(self) -> Iterator[Json]:
        return (element for block in self.blocks if block["type"] == "actions" for element in block["elements"])

    def button(self, label: str, value: str | None = None) -> Json:
        """The button with this label (and value)."""
        found = [b for b in self.buttons if b["text"]["text"] == label and value in (None, b.get("value", ""))]
        assert len(found) == 1, (
            f"{len(found)} buttons say {label!r}; there are {[b['text']['text'] for b in self.buttons]}"
        )
        return found[0]


@dataclass
class SlackEmulator:
    """The pretend workspace, and everything that people can do in it."""

    port: int
    http: aiohttp.ClientSession
    page: aiohttp.ClientWebSocketResponse
    stack: list[Json] = field(default_factory=list)
    outcomes: list[Json] = field(default_factory=list)

    @property
    def api_url(self) -> str:
        """Where the Web API is: what CONVENOR_SLACK_API_URL is set to."""
        return f"http://127.0.0.1:{self.port}/api/"

    async def command(self, person: str, channel: str, command: str, words: str = "") -> None:
        """Somebody types a slash command."""
        where = await self._channel(channel)
        await self._control("command", channel=where, user=PEOPLE[person], command=command, text=words)

    async def press(
        self, person: str, channel: str, message_ts: str, action_id: str, value: str = "", block_id: str = ""
    ) -> None:
        """Somebody presses a button that may be there no longer."""
        action = {"type": "button", "action_id": action_id, "block_id": block_id, "value": value}
        where = await self._channel(channel)
        await self._control("interact", channel=where, messageTs=message_ts, user=PEOPLE[person], action=action)

    async def click(self, person: str, message: Shown, label: str, value: str | None = None) -> None:
        """Somebody presses the button that says this."""
        button = message.button(label, value)
        await self.press(person, message.channel, message.ts, button["action_id"], button.get("value", ""))

    async def choose(self, person: str, message: Shown, value: str) -> None:
        """Somebody chooses what has this value from a menu."""
        found = [
            {"type": "overflow", "action_id": menu["action_id"], "block_id": "", "selected_option": option}
            for menu in message.menus
            for option in menu["options"]
            if option["value"] == value
        ]
        assert len(found) == 1, f"{len(found)} choices are {value!r}"
        await self._control(
            "interact", channel=message.channel, messageTs=message.ts, user=PEOPLE[person], action=found[0]
        )

    async def messages(self, channel: str) -> list[Shown]:
        """What stands in a channel, what only one person sees included, oldest first."""
        where = await self._channel(channel)
        async with self.http.get(self._url(f"messages/{where}")) as answer:
            return [_shown(where, message) for message in (await answer.json())["messages"]]

    async def wait_for_message(
        self, channel: str, words: str, *, only_for: str | None = None, number: int = 1
    ) -> Shown:
        """The given message of a channel in which these words stand (seen by this person alone), once it has come."""

        async def look() -> Shown | None:
            found = [
                message
                for message in await self.messages(channel)
                if words in f"{message.text} {message.words}"
                and (only_for is None or message.only_for == PEOPLE.get(only_for, ""))
            ]
            return found[number - 1] if len(found) >= number else None

        found = await _until(look)
        assert found, f"{words!r} did not come to {channel}: {[m.text for m in await self.messages(channel)]}"
        return found

    async def wait_for_view(self, words: str) -> Json:
        """The view on top in which these words stand, once it is shown."""

        async def look() -> Json | None:
            return self.stack[-1] if self.stack and words in " ".join(_words([self.stack[-1]])) else None

        found = await _until(look)
        assert found, f"{words!r} did not show in a view: {' '.join(_words(self.stack))}"
        return found

    async def wait_for_no_view(self) -> None:
        """Come back once no view is open."""

        async def look() -> Literal[True] | None:
            return True if not self.stack else None

        assert await _until(look), f"a view is still open: {' '.join(_words(self.stack))}"

    async def submit(self, person: str, **answers: str) -> dict[str, str]:
        """Somebody fills in the form on top, leaving the rest as it stands, and sends it. Returns its errors."""
        assert self.stack, "there is no form to fill in"
        values = {
            block["block_id"]: _answer(block, answers) for block in self.stack[-1]["blocks"] if "element" in block
        }
        unknown = set(answers) - {field_of(block_id) for block_id in values}
        assert not unknown, f"the form does not ask for {unknown}, but for {sorted(values)}"
        before = len(self.outcomes)
        await self.page.send_json({"t": "view_submit", "user": PEOPLE[person], "values": values})

        async def look() -> Json | None:
            return self.outcomes[before] if len(self.outcomes) > before else None

        outcome = await _until(look)
        assert outcome is not None, "nothing became of the form"
        return dict(outcome.get("errors") or {})

    async def close_view(self, person: str) -> None:
        """Somebody closes what is open."""
        await self.page.send_json({"t": "view_close", "user": PEOPLE[person]})
        await self.wait_for_no_view()

    async def calls(self, method: str) -> list[Json]:
        """The arguments of every call of a Web API method that the bot has made."""
        async with self.http.get(self._url("log")) as answer:
            log = (await answer.json())["log"]
        return [entry["detail"] for entry in log if entry["kind"] == "web_api" and entry["summary"] == method]

    async def listen(self) -> None:
        """Keep up with what the page shows, until it closes."""
        async for frame in self.page:
            event = json.loads(frame.data)
            match event["t"]:
                case "init":
                    self.stack = list(event["state"].get("modalStack", []))
                case "view":
                    self.stack = event["stack"]
                    self.outcomes.append({})
                case "view_errors":
                    self.outcomes.append(event)

    async def _channel(self, channel: str) -> str:
        if not channel.startswith("@"):
            return CHANNELS.get(channel, channel)
        user = PEOPLE[channel[1:]]
        for _ in range(2):
            async with self.http.get(self._url("state")) as answer:
                for known in (await answer.json())["channels"]:
                    if known.get("is_im") and user in known["members"]:
                        return str(known["id"])
            # Looking at the app is how a person comes to have direct messages with it.
            await self._control("open-home", user=user)
        raise AssertionError(f"{channel} has no direct messages")

    async def _control(self, deed: str, **body: Any) -> None:
        async with self.http.post(self._url(deed), json=body) as answer:
            said = await answer.json()
        assert said.get("ok"), f"the emulator refused: {said}"

    def _url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}/_control/{path}"


@asynccontextmanager
async def slack_emulator(
    folder: Path, mode: Mode = "socket", *, request_url: str = "", port: int = 0
) -> AsyncIterator[SlackEmulator]:
    """The emulator, running for as long as the block lasts. ``request_url`` is where signed requests go by HTTP."""
    binary = emulator_binary()
    port = port or free_port()
    config = folder / f"workspace-{port}.json"
    config.write_text(json.dumps(_workspace(mode, request_url)), encoding="utf-8")
    files = folder / "files"
    files.mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        binary, "--config", config, "--port", str(port), "--base-host", "127.0.0.1", "--files-dir", files,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=PATIENCE)) as http:
            page = await _connect(http, port, process)
            emulator = SlackEmulator(port, http, page)
            listening = asyncio.create_task(emulator.listen())
            try:
                yield emulator
            finally:
                await page.close()
                listening.cancel()
                await asyncio.gather(listening, return_exceptions=True)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _connect(
    http: aiohttp.ClientSession, port: int, process: asyncio.subprocess.Process
) -> aiohttp.ClientWebSocketResponse:
    async def look() -> aiohttp.ClientWebSocketResponse | None:
        assert process.returncode is None, f"the Slack emulator ended with code {process.returncode}"
        with suppress(aiohttp.ClientError):
            return await http.ws_connect(f"http://127.0.0.1:{port}/ui", max_msg_size=0)
        return None

    page = await _until(look)
    assert page, "the Slack emulator did not start in time"
    return page


def _workspace(mode: Mode, request_url: str) -> Json:
    bot = "U0BOT"
    return {
        "workspace": {"name": "Example Network", "domain": "example-network", "teamId": WORKSPACE},
        "app": {
            "appId": "A01CONVENOR",
            "botUserId": bot,
            "botName": "convenor",
            "botToken": BOT_TOKEN,
            "appToken": APP_TOKEN,
            "signingSecret": SIGNING_SECRET,
            "mode": "socket" if mode == "socket" else "events",
            "requestUrl": request_url or "http://127.0.0.1:9/slack/events",
        },
        "users": [
            {"id": user, "name": name, "real_name": f"{name.title()} Example", "email": f"{name}@example.org"}
            for name, user in PEOPLE.items()
        ],
        "channels": [
            {"id": channel, "name": name, "members": [*PEOPLE.values(), bot]} for name, channel in CHANNELS.items()
        ],
    }


def _shown(channel: str, message: Mapping[str, Any]) -> Shown:
    return Shown(
        channel,
        message["ts"],
        message.get("text") or "",
        tuple(message.get("blocks") or ()),
        message.get("thread_ts") or "",
        message.get("ephemeral_to") or "",
    )


def _answer(block: Json, answers: Mapping[str, str]) -> Json:
    element = block["element"]
    given = answers.get(field_of(block["block_id"]))
    if element["type"] == "plain_text_input":
        answer = {"type": element["type"], "value": element.get("initial_value") if given is None else given or None}
    else:
        options = {option["value"]: option for option in element["options"]}
        chosen = element.get("initial_option") if given is None else options[given]
        answer = {"type": element["type"], "selected_option": chosen}
    return {element["action_id"]: answer}


def _words(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        if isinstance(value.get("text"), str):
            yield value["text"]
        if isinstance(value.get("initial_value"), str):
            yield value["initial_value"]
        for inner in value.values():
            yield from _words(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _words(inner)


async def _until(look: Callable[[], Awaitable[Found | None]]) -> Found | None:
    """What ``look`` finds, as soon as it finds something; None where it finds nothing for a while."""
    end = asyncio.get_running_loop().time() + PATIENCE
    while (found := await look()) is None and asyncio.get_running_loop().time() < end:
        await asyncio.sleep(0.02)
    return found
