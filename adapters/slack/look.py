"""Asks Slack whether it takes the tokens, and what the bot sees of its channels; posts and changes nothing."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection
from datetime import UTC
from email.utils import parsedate_to_datetime

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.send import TROUBLES, error_code
from bot.checking.model import Seen, SlackSeen

_MISSING = frozenset({"channel_not_found", "method_not_supported_for_channel_type"})


async def look(
    bot_token: str, app_token: str | None, channels: Collection[str], api_url: str | None = None
) -> SlackSeen:
    """What Slack says. Never raises for what it answers, nor for its not answering."""
    quiet = logging.getLogger("convenor.slack.look")
    quiet.setLevel(logging.CRITICAL)
    base = api_url or AsyncWebClient.BASE_URL
    client = AsyncWebClient(token=bot_token, base_url=base, retry_handlers=[], logger=quiet, timeout=10)
    try:
        answer = await client.auth_test()
    except TROUBLES as error:
        return SlackSeen(error_code(error), unreachable=not isinstance(error, SlackApiError))
    granted = answer.headers.get("x-oauth-scopes")
    scopes = frozenset(scope.strip() for scope in granted.split(",")) if granted else None
    app_error = ""
    if app_token:
        try:
            # It gives an address to connect to, which nobody does.
            await client.apps_connections_open(app_token=app_token)
        except TROUBLES as error:
            app_error = error_code(error)
    seen = {channel: await _channel(client, channel) for channel in channels}
    now = None
    with contextlib.suppress(ValueError, TypeError):
        now = parsedate_to_datetime(answer.headers.get("date") or "").astimezone(UTC)
    return SlackSeen("", False, str(answer.get("team") or answer.get("team_id")), scopes, app_error, seen, now)


async def _channel(client: AsyncWebClient, channel: str) -> Seen:
    try:
        about = (await client.conversations_info(channel=channel)).get("channel") or {}
    except TROUBLES as error:
        return Seen.MISSING if error_code(error) in _MISSING else Seen.UNKNOWN
    if about.get("is_archived"):
        return Seen.ARCHIVED
    return Seen.IN if about.get("is_member") else Seen.OUT
