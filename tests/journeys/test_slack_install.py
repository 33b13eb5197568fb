"""Somebody adds Convenor to a Slack workspace by its pages, against a pretend Slack that has pages of its own."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from adapters.slack.app import SCOPES, Several, SlackApp
from adapters.slack.install import INSTALL_PATH, REDIRECT_PATH, OAuth
from bot.messages import say
from digests.model import Address
from tests.channels.slack_installation import SECRET
from tests.channels.test_slack_install import COOKIE, FakeInstallations, framed
from tests.fakes.clock import FakeClock
from tests.fakes.slack_desk import FakeDesk, FirstTimes
from tests.journeys.slack_emulator import free_port
from tests.journeys.slack_groups import CLIENT, Groups, slack_groups

pytestmark = pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")


async def test_a_workspace_adds_convenor_and_two_people_are_brought_together_in_it(tmp_path: Path) -> None:
    port = free_port()
    ours = f"http://127.0.0.1:{port}"
    async with slack_groups(tmp_path, "alice", "bob", redirect_url=ours + REDIRECT_PATH) as slack:
        book = FakeInstallations()
        oauth = OAuth(*CLIENT, ours, (slack.workspace,), authorize_url=f"{slack.pages_url}/oauth/v2/authorize")
        app = SlackApp(
            bot_token=None,
            app_token=None,
            signing_secret=SECRET,
            api_url=slack.api_url,
            desk=FakeDesk(),
            commands=("digest",),
            clock=FakeClock(),
            first_time=FirstTimes(),
            several=Several(oauth, book, framed),
        )
        web_app = web.Application()
        app.attach(web_app)
        runner = web.AppRunner(web_app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            await app.start()
            assert await _agree(ours, slack) == 200
            added = book.kept[slack.workspace]
            assert added.bot_token.startswith("xoxb-")
            both = Address("slack", slack.workspace, user=",".join(slack.people.values()))
            await app.courier.post(both, say("Alice, meet Bob."), key="k1")
            said = await slack.said_in_groups("alice")
        finally:
            await app.stop()
            await runner.cleanup()
    assert [words for people, words in said.items() if {"alice", "bob"} <= people] == [["Alice, meet Bob."]]


async def _agree(ours: str, slack: Groups) -> int:
    """Go from our page to Slack's, agree there as Alice, and come back; returns the status of our last page."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as browser:
        async with browser.get(ours + INSTALL_PATH) as answer:
            state = answer.cookies[COOKIE].value
            (leads,) = re.findall(r'href="([^"]+authorize[^"]+)"', await answer.text())
        assert set(parse_qs(urlsplit(unescape(leads)).query)["scope"][0].split(",")) == SCOPES
        async with browser.get(unescape(leads)) as answer:
            page = await answer.text()
        (form, *_) = [form for form in page.split("<form") if slack.people["alice"] in form]
        fields = {name: unescape(value) for name, value in re.findall(r'name="([a-z_]+)" value="([^"]*)"', form)}
        agreed = f"{slack.pages_url}/oauth/v2/authorize/callback"
        async with browser.post(agreed, data=fields, allow_redirects=False) as answer:
            back = answer.headers["Location"]
        async with browser.get(back, headers={"Cookie": f"{COOKIE}={state}"}) as answer:
            return answer.status
