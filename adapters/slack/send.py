"""Gives messages to Slack: posts and updates for the outbox, and answers that one person alone sees."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse
from slack_sdk.webhook.async_client import AsyncWebhookClient

from adapters.slack.asks import PLATFORM, Origin
from adapters.slack.pieces import in_pieces
from adapters.slack.render import RenderedMessage, Unsendable, render_message
from bot.messages import Message, say
from bot.ports import TransportError
from digests.model import Address

log = logging.getLogger("convenor.slack")

CONNECT_SECONDS: Final = 10.0
TOTAL_SECONDS: Final = 30.0
DEFAULT_RETRY_SECONDS: Final = 30.0
# Slack takes five answers at the address that it gives with a command or a press.
RESPONSE_URL_USES: Final = 5

NOT_SHOWN: Final = say(
    "My answer does not fit into a Slack message, so it is not shown. This changes nothing else. "
    "Please tell whoever runs Convenor."
)

_NOBODY: Final = "Slack has nobody (any more) for {where}: the account was removed or deactivated."
_LONG: Final = "The message for {where} is too long for Slack. Shorten it, then send again."
_NO_SCOPE: Final = "The Slack app lacks a permission for {where}. Add the scopes in docs/slack.md and reinstall it."
_SHUT_OUT: Final = "Slack no longer takes Convenor’s bot token. Reinstall the app and set the new token."
# What a person must put right first, by Slack's own word for it.
_REFUSALS: Final[Mapping[str, str]] = {
    "channel_not_found": "Slack knows no {where}, or Convenor may not see it. Invite the app to it, or choose another.",
    "not_in_channel": "Convenor is not in {where}. Invite the app to it, then send again.",
    "is_archived": "{where} is archived. Unarchive it or choose another channel, then send again.",
    "restricted_action": "The workspace’s settings do not let Convenor post in {where}. Ask a workspace owner.",
    "user_not_found": _NOBODY,
    "user_disabled": _NOBODY,
    "users_not_found": _NOBODY,
    "cannot_dm_bot": "{where} are those of a bot, and bots cannot be written to.",
    "message_not_found": "The message in {where} was deleted, so it cannot be changed.",
    "cant_update_message": "The message in {where} is not Convenor’s, so it cannot be changed.",
    "edit_window_closed": "By the workspace’s settings, the message in {where} is too old to be changed.",
    "msg_too_long": _LONG,
    "msg_blocks_too_long": _LONG,
    "invalid_blocks": "Slack does not take the form of the message for {where}. This is a fault of Convenor’s.",
    "missing_scope": _NO_SCOPE,
    "no_permission": _NO_SCOPE,
    **dict.fromkeys(("invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"), _SHUT_OUT),
}
# Slack says of these that what an update names is no message of ours.
_MISSING: Final = frozenset({"message_not_found", "cant_update_message"})
# And of these that nothing can be written to this person any more.
_UNREACHABLE: Final = frozenset({"user_not_found", "user_disabled", "users_not_found"})
_TOO_FAST: Final = frozenset({"ratelimited", "rate_limited"})
# Slack says of these that part of the work may have been done before it failed.
_HALF_DONE: Final = frozenset({"internal_error", "fatal_error", "service_unavailable"})
# Slack did nothing, and may do it later.
_LATER: Final = frozenset({"request_timeout", "team_added_to_org"})
# All that a call may end in. AttributeError: slack_sdk trips over an answer in plain text, as a proxy may give.
TROUBLES: Final = (SlackApiError, aiohttp.ClientError, OSError, TimeoutError, AttributeError)


def open_session() -> aiohttp.ClientSession:
    """A session that opens a new connection for every request. Close it when done.

    A kept connection may turn out to be dead only after a request was written to it, and then nobody knows whether
    the request arrived. On a new one, a failure to connect means that nothing was sent.
    """
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(force_close=True),
        timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
    )


def is_before_sending(error: Exception) -> bool:
    """Whether an error proves that the request never left."""
    return isinstance(
        error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError | aiohttp.ClientHttpProxyError
    )


def error_code(error: Exception) -> str:
    """Slack's own word for a refusal, or the kind of error: fit for a log line, with no word of anybody's in it."""
    if isinstance(error, SlackApiError):
        answer = getattr(error.response, "data", None)
        if isinstance(answer, Mapping) and isinstance(answer.get("error"), str):
            return str(answer["error"])
        return f"status {_status(error)}"
    return type(error).__name__


def transport_error(error: Exception, where: str, *, once: bool) -> TransportError:
    """What an error of a call to Slack means for the outbox.

    ``where`` names the channel in a sentence. ``once`` says that the call must not be made twice, so that not
    knowing whether it was carried out is ambiguous.
    """
    if is_before_sending(error):
        return TransportError(where, f"Slack could not be reached ({type(error).__name__}). Nothing was sent.")
    if not isinstance(error, SlackApiError):
        return _unsure(where, f"The connection to Slack was lost ({type(error).__name__}).", once)
    status, code = _status(error), error_code(error)
    if status == 429 or code in _TOO_FAST:
        return TransportError(
            where,
            "Slack asks for a pause before the next message.",
            retry_after_seconds=_retry_after(error),
        )
    if status >= 500 or code in _HALF_DONE:
        return _unsure(where, f"Slack failed while it had the message ({code}).", once)
    if code.startswith("status "):
        return _unsure(where, f"What came back was not an answer of Slack’s ({code}).", once)
    if code in _LATER:
        return TransportError(where, f"Slack could not take the message now ({code}). Nothing was sent.")
    sentence = _REFUSALS.get(code, "Slack refuses the message for {where} ({code}).")
    sentence = sentence.format(where=where, code=code)
    return TransportError(
        where,
        sentence[:1].upper() + sentence[1:],
        permanent=True,
        missing=code in _MISSING,
        unreachable=code in _UNREACHABLE,
    )


class SlackCourier:
    """Fulfils :class:`bot.ports.Courier` for one workspace. Message references are ``C0123|1700000000.000100``."""

    def __init__(self, client: AsyncWebClient) -> None:
        """``client`` must have no retry handlers: a retry after a lost reply would post twice."""
        assert not client.retry_handlers, "the posting client must not retry"
        self._client = client
        self._direct: dict[str, str] = {}

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        """Post a message; see :meth:`bot.ports.Courier.post`."""
        rendered = _rendered(message, place(address))
        return await self.post_rendered(address, rendered, key=key, thread_ref=thread_ref)

    async def post_rendered(
        self, address: Address, rendered: RenderedMessage, *, key: str = "", thread_ref: str = ""
    ) -> str:
        """Post what is rendered already. As :meth:`post`."""
        where = place(address)
        channel = await self._channel(address, where)
        answer = await _call(
            self._client.chat_postMessage(
                channel=channel,
                text=rendered.text,
                blocks=rendered.blocks,
                thread_ts=_parse_ref(thread_ref)[1] or None,
                metadata={"event_type": "convenor_delivery", "event_payload": {"key": key}} if key else None,
                unfurl_links=False,
                unfurl_media=False,
            ),
            where,
            once=True,
        )
        if not answer.get("channel") or not answer.get("ts"):
            raise _unsure(where, "Slack did not say which message it made.", once=True)
        return f"{answer['channel']}|{answer['ts']}"

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        """Replace a message's text; see :meth:`bot.ports.Courier.update`."""
        where = place(address)
        rendered = _rendered(message, where)
        channel, ts = _parse_ref(message_ref)
        await _call(
            self._client.chat_update(channel=channel, ts=ts, text=rendered.text, blocks=rendered.blocks),
            where,
            once=False,
        )

    async def _channel(self, address: Address, where: str) -> str:
        if address.channel:
            return address.channel
        if address.user not in self._direct:
            # Several people get one conversation with us, and always the same one.
            answer = await _call(self._client.conversations_open(users=address.user), where, once=False)
            self._direct[address.user] = str((answer.get("channel") or {})["id"])
        return self._direct[address.user]


class Whisperer:
    """Says something to one person alone, where they asked; in their direct messages where that cannot be."""

    def __init__(self, client: AsyncWebClient, courier: SlackCourier) -> None:
        self._client = client
        self._courier = courier

    async def whisper(self, origin: Origin, workspace: str, messages: Sequence[Message]) -> None:
        """Say the messages in order. Raises :class:`TransportError` where no way to the person is left."""
        person = Address(PLATFORM, workspace, user=origin.user)
        for number, message in enumerate(piece for whole in messages for piece in in_pieces(whole)):
            rendered = _rendered_or_sorry(message)
            ways = [self._in_channel]
            if number < RESPONSE_URL_USES:
                # Only the other way reaches into a thread, and there the app is in the channel: it wrote the thread.
                ways.insert(1 if origin.thread_ts else 0, self._by_response_url)
            for way in ways:
                if await _worked(way(origin, rendered)):
                    break
            else:
                await self._courier.post_rendered(person, rendered)

    async def _by_response_url(self, origin: Origin, rendered: RenderedMessage) -> bool:
        if not origin.response_url:
            return False
        hook = AsyncWebhookClient(
            origin.response_url, session=self._client.session, retry_handlers=[], logger=self._client.logger
        )
        answer = await hook.send(
            text=rendered.text,
            blocks=rendered.blocks,
            response_type="ephemeral",
            replace_original=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        return answer.status_code == 200

    async def _in_channel(self, origin: Origin, rendered: RenderedMessage) -> bool:
        if not origin.channel:
            return False
        await self._client.chat_postEphemeral(
            channel=origin.channel,
            user=origin.user,
            text=rendered.text,
            blocks=rendered.blocks,
            thread_ts=origin.thread_ts or None,
        )
        return True


async def _worked(way: Awaitable[bool]) -> bool:
    try:
        return await way
    except TROUBLES as error:
        log.info("An answer has to take another way back (%s).", error_code(error))
        return False


def place(address: Address) -> str:
    """An address as people read it in a sentence."""
    return f"channel {address.channel}" if address.channel else f"the direct messages of {' and '.join(address.users)}"


def _rendered(message: Message, where: str) -> RenderedMessage:
    try:
        return render_message(message)
    except Unsendable as unsendable:
        raise TransportError(where, unsendable.sentence, permanent=True) from unsendable


def _rendered_or_sorry(message: Message) -> RenderedMessage:
    try:
        return render_message(message)
    except Unsendable as unsendable:
        log.error("An answer does not fit into Slack: %s", unsendable.sentence)
        return render_message(NOT_SHOWN)


def _parse_ref(message_ref: str) -> tuple[str, str]:
    channel, _, ts = message_ref.partition("|")
    return channel, ts


async def _call(call: Awaitable[AsyncSlackResponse], where: str, *, once: bool) -> Mapping[str, Any]:
    try:
        answer = (await call).data
    except TROUBLES as error:
        raise transport_error(error, where, once=once) from error
    if not isinstance(answer, Mapping):
        raise _unsure(where, "What came back was not an answer of Slack’s.", once)
    return answer


def _unsure(where: str, what: str, once: bool) -> TransportError:
    if once:
        return TransportError(
            where, f"{what} The message may be there or not: look before sending again.", ambiguous=True
        )
    return TransportError(where, f"{what} It will be tried again.")


def _status(error: SlackApiError) -> int:
    # slack_sdk gives its own answer or aiohttp's, by what went wrong.
    response = error.response
    status = getattr(response, "status_code", None) or getattr(response, "status", None)
    return status if isinstance(status, int) else 0


def _retry_after(error: SlackApiError) -> float:
    try:
        return max(float(error.response.headers["Retry-After"]), 0.0)
    except (AttributeError, KeyError, TypeError, ValueError):
        return DEFAULT_RETRY_SECONDS
