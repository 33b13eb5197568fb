"""Workspaces add Convenor by themselves: the pages, what is refused, and that each is served with its own token."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import aiohttp
import pytest
from aiohttp import web

from adapters.slack.app import NOT_INSTALLED, SCOPES, Several, SlackApp
from adapters.slack.book import Workspace
from adapters.slack.install import INSTALL_PATH, REDIRECT_PATH, REFUSALS, OAuth, States
from bot.messages import say
from bot.ports import TransportError
from digests.errors import Busy
from digests.model import Address
from tests.channels.slack_installation import SECRET, Json, signed
from tests.fakes.clock import FakeClock
from tests.fakes.slack_api import FakeSlackApi, slack_api
from tests.fakes.slack_desk import FakeDesk, FirstTimes

COOKIE = "slack-app-oauth-state"
NOW = datetime(2025, 1, 23, 10, 0, tzinfo=UTC)


class FakeInstallations:
    """Fulfils ``adapters.slack.book.Installations`` in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Workspace] = {}
        self.breaks = False

    async def save(self, workspace: Workspace) -> None:
        if self.breaks:
            raise Busy("database", "The database is too busy just now.", retry=True)
        self.kept[workspace.id] = workspace

    async def find(self, workspace: str) -> Workspace | None:
        return self.kept.get(workspace)

    async def remove(self, workspace: str, before: datetime) -> bool:
        there = workspace in self.kept and self.kept[workspace].installed_at < before
        if there:
            del self.kept[workspace]
        return there

    async def all(self) -> list[Workspace]:
        return sorted(self.kept.values(), key=lambda each: each.name)


@dataclass
class Network:
    """Convenor for several workspaces, with a browser before it and Slack behind it."""

    api: FakeSlackApi
    app: SlackApp
    desk: FakeDesk
    book: FakeInstallations
    clock: FakeClock
    url: str
    http: aiohttp.ClientSession

    async def begin(self) -> tuple[str, str]:
        """Open the first page; returns where it leads, and the state in the browser's cookie."""
        async with self.http.get(self.url + INSTALL_PATH) as answer:
            assert answer.status == 200
            page = await answer.text()
            cookie = answer.cookies[COOKIE]
            assert (cookie["secure"], cookie["httponly"]) == (True, True)
        (leads,) = re.findall(r'href="([^"]+authorize[^"]+)"', page)
        return unescape(leads), cookie.value

    async def come_back(self, *, cookie: str = "", **query: str) -> tuple[int, str]:
        """Return from Slack; returns the status and the words of the page."""
        headers = {"Cookie": f"{COOKIE}={cookie}"} if cookie else {}
        async with self.http.get(f"{self.url}{REDIRECT_PATH}?{urlencode(query)}", headers=headers) as answer:
            assert answer.headers["Referrer-Policy"] == "no-referrer"
            assert answer.headers["Cache-Control"] == "no-store"
            words = unescape(re.sub(r"<[^>]*>", " ", await answer.text()))
            return answer.status, " ".join(words.split())

    async def add(self, code: str = "c1") -> tuple[int, str]:
        _, state = await self.begin()
        return await self.come_back(cookie=state, state=state, code=code)

    async def post(self, body: str, content_type: str = "application/x-www-form-urlencoded") -> tuple[int, str]:
        headers = {**signed(body), "Content-Type": content_type}
        async with self.http.post(self.url + "/slack/events", data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    async def command(self, team: str, words: str = "", user: str = "U01ALICE") -> tuple[int, str]:
        command = {
            "team_id": team,
            "user_id": user,
            "user_name": "alice",
            "channel_id": "C1",
            "command": "/digest",
            "text": words,
            "trigger_id": f"{time.monotonic_ns()}",
            "response_url": f"{self.api.url}hooks.1",
        }
        return await self.post(urlencode(command))

    async def event(self, team: str, at: datetime, **event: object) -> tuple[int, str]:
        body = {
            "type": "event_callback",
            "team_id": team,
            "event_id": f"Ev{time.monotonic_ns()}",
            "event_time": int(at.timestamp()),
            "event": event,
        }
        return await self.post(json.dumps(body), "application/json")


def framed(title: str, article: str) -> str:
    return f"<title>{title}</title>{article}"


@asynccontextmanager
async def network(workspaces: Collection[str] = ("T01", "T02")) -> AsyncIterator[Network]:
    async with slack_api() as api, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        desk, book, clock = FakeDesk(), FakeInstallations(), FakeClock(NOW)
        oauth = OAuth("1.2", "client-secret", "https://digest.example.org", workspaces, owner="the Example Trust")
        app = SlackApp(
            bot_token=None,
            app_token=None,
            signing_secret=SECRET,
            api_url=api.url,
            desk=desk,
            commands=("digest", "intro"),
            clock=clock,
            first_time=FirstTimes(),
            several=Several(oauth, book, framed),
        )
        web_app = web.Application()
        app.attach(web_app)
        runner = web.AppRunner(web_app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await app.start()
        try:
            url = f"http://127.0.0.1:{runner.addresses[0][1]}"
            yield Network(api, app, desk, book, clock, url, http)
        finally:
            await app.stop()
            await runner.cleanup()


@pytest.fixture
async def several() -> AsyncIterator[Network]:
    async with network() as made:
        yield made


# The pages


async def test_the_first_page_says_what_convenor_may_do_and_leads_to_slack_for_just_the_scopes(
    several: Network,
) -> None:
    async with several.http.get(several.url + INSTALL_PATH) as answer:
        page = await answer.text()
    assert "It cannot read what people write to each other, in channels or in direct messages." in page
    assert "It is run by the Example Trust." in page
    leads, state = await several.begin()
    address, query = urlsplit(leads), parse_qs(urlsplit(leads).query)
    assert (address.scheme, address.netloc, address.path) == ("https", "slack.com", "/oauth/v2/authorize")
    assert set(query["scope"][0].split(",")) == SCOPES
    assert "user_scope" not in query
    assert query["redirect_uri"] == ["https://digest.example.org/slack/oauth_redirect"]
    assert query["state"] == [state]


async def test_a_workspace_that_may_is_added_and_told_what_to_do_next(several: Network) -> None:
    assert await several.add() == (
        200,
        "Convenor has been added Convenor has been added Convenor is now in Example Network. In Slack, type /convenor "
        "to see what it can do. Invite it to every channel that it is to write in.",
    )
    assert several.book.kept == {"T01": Workspace("T01", "Example Network", "xoxb-T01", "B0BOT", "U0BOT", NOW)}
    (asked,) = several.api.of("oauth.v2.access")
    assert (asked["code"], asked["redirect_uri"]) == ("c1", "https://digest.example.org/slack/oauth_redirect")


async def test_a_state_is_good_once_and_in_the_browser_that_began_and_for_ten_minutes(several: Network) -> None:
    _, state = await several.begin()
    assert (await several.come_back(state=state, code="c1"))[0] == 400
    assert (await several.come_back(cookie="other", state=state, code="c1"))[0] == 400
    assert (await several.come_back(cookie=state, state=state, code="c1"))[0] == 200
    status, words = await several.come_back(cookie=state, state=state, code="c2")
    assert status == 400
    assert words.endswith(f"{REFUSALS['invalid_state']} Begin again")
    _, late = await several.begin()
    several.clock.advance(minutes=10, seconds=1)
    assert (await several.come_back(cookie=late, state=late, code="c3"))[0] == 400
    assert len(several.api.of("oauth.v2.access")) == 1


@pytest.mark.parametrize("forged", ["x", "9999999999.abc.", "9999999999.abc.00", "..", "é.é.é", "1e9.a.b"])
async def test_a_state_that_we_did_not_sign_is_refused(several: Network, forged: str) -> None:
    assert not await States("client-secret", several.clock, FirstTimes()).async_consume(forged)


async def test_who_chooses_not_to_add_it_is_told_so_kindly(several: Network) -> None:
    status, words = await several.come_back(error="access_denied")
    assert status == 200
    assert words.endswith("You chose not to add Convenor. Nothing was changed. Begin again")
    assert "<script>" not in (await several.come_back(error="<script>alert(1)</script>"))[1]


async def test_a_code_that_slack_does_not_take_is_said_so(several: Network) -> None:
    several.api.refuses("oauth.v2.access", "invalid_code")
    status, words = await several.add()
    assert (status, several.book.kept) == (400, {})
    assert REFUSALS["invalid_code"] in words


async def test_slack_out_of_reach_is_said_so_and_nothing_is_kept(several: Network) -> None:
    several.api.loses_reply("oauth.v2.access")
    status, words = await several.add()
    assert (status, several.book.kept) == (503, {})
    assert "Slack could not be reached just now. Nothing was changed. Please begin again in a minute." in words


async def test_a_workspace_that_may_not_is_told_its_id_and_its_token_goes_back(several: Network) -> None:
    status, words = await several.add(code="T09")
    assert (status, several.book.kept) == (403, {})
    assert words.endswith(
        "Your workspace is not among those that this network’s Convenor serves. Nothing was kept. If it should be, ask "
        "the Example Trust to add it: its id is T09. Begin again"
    )
    assert [call.token for call in several.api.calls if call.method == "auth.revoke"] == ["xoxb-T09"]


async def test_any_workspace_may_where_the_setting_says_so() -> None:
    async with network(("*",)) as anybody:
        assert (await anybody.add(code="T09"))[0] == 200
        assert anybody.book.kept.keys() == {"T09"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"is_enterprise_install": True, "team": None}, "Please add it to each workspace that needs it."),
        ({"refresh_token": "xoxe-1", "expires_in": 3600}, "token rotation switched on"),
    ],
)
async def test_what_we_do_not_support_is_refused_and_given_back(several: Network, changes: Json, why: str) -> None:
    several.api.grants |= changes
    status, words = await several.add()
    assert (status, several.book.kept) == (403, {})
    assert why in words
    assert len(several.api.of("auth.revoke")) == 1


async def test_an_installation_that_cannot_be_kept_is_said_so_and_cuts_off_nobody(
    several: Network,
) -> None:
    several.book.breaks = True
    status, words = await several.add()
    assert status == 403
    assert "it could not be kept on our side. Please begin again in a minute." in words
    assert several.api.of("auth.revoke") == []


async def test_neither_tokens_nor_codes_nor_the_secret_reach_the_log(
    several: Network, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", logger="convenor")
    await several.add()
    await several.add(code="T09")
    for secret in ("xoxb-", "client-secret"):
        assert secret not in caplog.text


# Many workspaces


async def test_each_workspace_is_answered_and_written_to_with_its_own_token(several: Network) -> None:
    await several.add(code="T01")
    await several.add(code="T02")
    for team in ("T01", "T02"):
        assert await several.command(team) == (200, "")
    await several.desk.asked(2)
    assert {ask.identity.workspace for ask in several.desk.asks} == {"T01", "T02"}
    for team in ("T01", "T02"):
        await several.app.courier.post(Address("slack", team, channel="C1"), say("Hello"), key=team)
    posts = [call for call in several.api.calls if call.method == "chat.postMessage"]
    assert [call.token for call in posts] == ["xoxb-T01", "xoxb-T02"]


async def test_a_workspace_without_convenor_is_told_so(several: Network) -> None:
    assert (await several.command("T03"))[0] == 200
    hook = await several.api.wait_for("hooks.1")
    assert hook["text"] == NOT_INSTALLED
    assert several.desk.asks == []


async def test_nothing_is_posted_to_a_workspace_that_is_not_there_and_a_person_is_told_what_to_do(
    several: Network,
) -> None:
    with pytest.raises(TransportError) as caught:
        await several.app.courier.post(Address("slack", "T02", channel="C1"), say("Hello"), key="k")
    assert caught.value.permanent
    assert caught.value.sentence == (
        "Convenor is not (any more) in the Slack workspace of channel C1. Ask somebody there to add it again, or take "
        "that channel’s purpose away."
    )


@pytest.mark.parametrize(
    "event",
    [{"type": "app_uninstalled"}, {"type": "tokens_revoked", "tokens": {"bot": ["U0BOT"], "oauth": []}}],
    ids=lambda event: event["type"],
)
async def test_a_workspace_that_takes_convenor_out_is_forgotten(several: Network, event: Json) -> None:
    await several.add()
    several.clock.advance(hours=1)
    await several.command("T01")
    await several.desk.asked(1)
    assert (await several.event("T01", NOW.replace(minute=30), **event))[0] == 200
    async with asyncio.timeout(30):
        while several.book.kept:
            await asyncio.sleep(0.01)
    await several.command("T01")
    await several.api.wait_for("hooks.1", 2)
    assert len(several.desk.asks) == 1


async def test_revoking_peoples_own_tokens_changes_nothing(several: Network) -> None:
    await several.add()
    revoked = {"tokens": {"oauth": ["U01ALICE"], "bot": []}}
    assert (await several.event("T01", NOW.replace(minute=30), type="tokens_revoked", **revoked))[0] == 200
    await several.command("T01")
    await several.desk.asked(1)
    assert several.book.kept.keys() == {"T01"}


async def test_late_word_of_an_earlier_removal_does_not_undo_adding_it_again(several: Network) -> None:
    await several.add()
    assert (await several.event("T01", NOW.replace(minute=0), type="app_uninstalled"))[0] == 200
    await several.command("T01")
    await several.desk.asked(1)
    assert several.book.kept.keys() == {"T01"}


async def test_what_another_process_took_in_or_out_is_noticed_within_half_a_minute(several: Network) -> None:
    await several.add()
    there = Address("slack", "T01", channel="C1")
    await several.app.courier.post(there, say("Hello"), key="k1")
    several.book.kept["T01"] = Workspace("T01", "Example Network", "xoxb-newer", "B1", "U1", NOW)
    several.clock.advance(seconds=31)
    await several.app.courier.post(there, say("Hello"), key="k2")
    del several.book.kept["T01"]
    several.clock.advance(seconds=31)
    with pytest.raises(TransportError):
        await several.app.courier.post(there, say("Hello"), key="k3")
    tokens = [call.token for call in several.api.calls if call.method == "chat.postMessage"]
    assert tokens == ["xoxb-T01", "xoxb-newer"]


async def test_a_workspace_that_was_taken_out_of_the_settings_is_served_no_longer(
    several: Network, caplog: pytest.LogCaptureFixture
) -> None:
    removed = Workspace("T03", "Another Network", "xoxb-T03", "B3", "U3", NOW)
    several.book.kept["T03"] = removed
    await several.app.stop()
    await several.app.start()
    assert "T03 added Convenor and is not in CONVENOR_SLACK_WORKSPACES any more: it is not served" in caplog.text
    assert (await several.command("T03"))[0] == 200
    assert (await several.api.wait_for("hooks.1"))["text"] == NOT_INSTALLED
    assert several.desk.asks == []
    with pytest.raises(TransportError) as caught:
        await several.app.courier.post(Address("slack", "T03", channel="C1"), say("Hello"), key="k")
    assert caught.value.permanent
    assert caught.value.sentence == (
        "The Slack workspace of channel C1 is not (any more) among those that Convenor serves. Ask whoever runs "
        "Convenor to name T03 in CONVENOR_SLACK_WORKSPACES, or take that channel’s purpose away."
    )
    assert all(call.method != "chat.postMessage" for call in several.api.calls)
    # Its token stays, in case that was a mistake, and goes when it takes Convenor out.
    assert several.book.kept["T03"] == removed
    await several.event("T03", NOW.replace(minute=30), type="app_uninstalled")
    async with asyncio.timeout(30):
        while several.book.kept:
            await asyncio.sleep(0.01)
