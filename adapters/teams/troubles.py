"""What it means for the outbox that a call to Teams came to grief, and what people are told of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.teams.connector import ConnectorTrouble
from bot.ports import TransportError

DEFAULT_RETRY_SECONDS: Final = 30.0
# Somebody else is writing in the same conversation at this moment.
BUSY_SECONDS: Final = 5.0

_ADD_AGAIN: Final = "Ask them to open Convenor among their apps in Teams and add it"
_ASK_OWNER: Final = "Ask an owner of the team to add it again, or choose another channel"
_ASK_ADMIN: Final = (
    "The administrators of Teams have blocked Convenor in this organisation. Ask one of them to allow the app, then "
    "send again."
)
_BLOCKED: Final = "They have blocked Convenor in Teams. Ask them to unblock it, then send again."
_NOT_THEIRS: Final = f"Convenor is not, or no longer, among their apps in Teams. {_ADD_AGAIN}, then send again."
_EITHER: Final = (
    "Convenor is not, or no longer, among their apps in Teams, or they have blocked it there. Ask them to open "
    "Convenor among their apps in Teams and add or unblock it, then send again."
)
_NOBODY: Final = "Teams knows nobody at this account (any more), or they have never met Convenor there. "
_NOT_IN_TEAM: Final = f"Convenor is not, or no longer, in the team of this channel. {_ASK_OWNER}, then send again."
_NOT_LET: Final = (
    "The settings of this channel do not let Convenor post. Ask an owner of the team to let apps post there, then "
    "send again."
)
# What a person must put right first, by Microsoft's own word for it: in somebody's chat, and in a channel.
_IN_CHAT: Final[Mapping[str, str]] = {
    "MessageWritesBlocked": _BLOCKED,
    "ConversationBlockedByUser": _BLOCKED,
    "BotNotInConversationRoster": _NOT_THEIRS,
    "ForbiddenOperationException": _NOT_THEIRS,
    "BotDisabledByAdmin": _ASK_ADMIN,
}
_IN_CHANNEL: Final[Mapping[str, str]] = {
    "MessageWritesBlocked": _NOT_LET,
    "ConversationBlockedByUser": _NOT_LET,
    "NotEnoughPermissions": _NOT_LET,
    "BotNotInConversationRoster": _NOT_IN_TEAM,
    "ForbiddenOperationException": _NOT_IN_TEAM,
    "BotDisabledByAdmin": _ASK_ADMIN,
}
_NO_CHANNEL: Final = (
    "Teams no longer has this channel, or the message in whose thread this belongs was deleted. Choose another "
    "channel, or post there again what was deleted."
)


def transport_error(
    trouble: ConnectorTrouble, *, is_channel: bool, once: bool = True, is_update: bool = False
) -> TransportError:
    """What it means for the outbox.

    ``once`` says that the call must not be made twice, so that not knowing whether it was carried out is ambiguous.
    """
    once = once and not is_update
    if trouble.before_sending:
        return _not_sent(trouble)
    status, code = trouble.status, trouble.code or f"status {trouble.status}"
    if status in (412, 429):
        usual = DEFAULT_RETRY_SECONDS if status == 429 else BUSY_SECONDS
        seconds = usual if trouble.retry_after is None else trouble.retry_after
        return _error("Teams asks for a pause before the next message.", retry_after_seconds=seconds)
    if status == 401:
        # Our token may have ended early: the next attempt asks for another.
        return _error(
            f"Microsoft does not take Convenor’s sign-in ({code}). Nothing was sent. If it stays so, check "
            "CONVENOR_TEAMS_APP_ID, CONVENOR_TEAMS_APP_PASSWORD and CONVENOR_TEAMS_TENANT."
        )
    if not status:
        return unsure(f"The connection to Teams was lost ({code}).", once)
    if status >= 500 or status == 408:
        return unsure(f"Teams failed while it had the message ({code}).", once)
    if status < 400:
        return unsure(f"What came back was not an answer of Teams’ ({code}).", once)
    return _refused(status, code, is_channel=is_channel, is_update=is_update)


def unsure(what: str, once: bool) -> TransportError:
    """Nobody knows whether a message arrived."""
    if once:
        return _error(f"{what} The message may be there or not: look before sending again.", ambiguous=True)
    return _error(f"{what} It will be tried again.")


def gone(*, is_channel: bool) -> TransportError:
    """Teams has told us that we are not there any more."""
    if is_channel:
        return _error(
            f"Convenor was removed from the team of this channel, or the channel was deleted. {_ASK_OWNER}, then send "
            "again.",
            permanent=True,
        )
    return _error(f"They have removed Convenor in Teams. {_ADD_AGAIN} again, then send again.", unreachable=True)


def not_met() -> TransportError:
    """Nothing was ever heard of this tenant, so that nobody knows where its service is."""
    return _error(
        "Convenor is nowhere in this organisation’s Teams (any more). Add it to a team there, or to somebody’s apps, "
        "then send again.",
        permanent=True,
    )


def must_be_named() -> TransportError:
    """A message for several people in one conversation."""
    return _error("In Teams an app cannot begin a chat of several people. Nothing was sent.", permanent=True)


def _not_sent(trouble: ConnectorTrouble) -> TransportError:
    if trouble.code.startswith("login: "):
        return _error(
            f"Microsoft gives Convenor no sign-in for Teams ({trouble.code.removeprefix('login: ')}). Nothing was "
            "sent. If it stays so, check CONVENOR_TEAMS_APP_ID, CONVENOR_TEAMS_APP_PASSWORD and CONVENOR_TEAMS_TENANT.",
            retry_after_seconds=trouble.retry_after,
        )
    return _error(
        f"Teams could not be reached ({trouble.code}). Nothing was sent.", retry_after_seconds=trouble.retry_after
    )


def _refused(status: int, code: str, *, is_channel: bool, is_update: bool) -> TransportError:
    known = (_IN_CHANNEL if is_channel else _IN_CHAT).get(code)
    if known is not None:
        return _error(known, permanent=True, unreachable=not is_channel)
    # Of a message that was deleted Microsoft says 403 and no more, of an id that it does not know 400.
    if is_update and (status in (403, 404) or (status, code) == (400, "BadArgument")):
        return _error("The message was deleted, or is not Convenor’s, so it cannot be changed.", permanent=True,
                      missing=True)  # fmt: skip
    if status == 413 or code == "MessageSizeTooBig":
        return _error("The message is too long for Teams. Shorten it, then send again.", permanent=True)
    if status in (403, 404) and is_channel:
        return _error(_NO_CHANNEL if status == 404 else _NOT_IN_TEAM, permanent=True)
    if status == 404:
        return _error(f"{_NOBODY}{_ADD_AGAIN}, then send again.", unreachable=True)
    if status == 403:
        return _error(_EITHER, unreachable=True)
    return _error(f"Teams refuses the message ({code}). This is a fault of Convenor’s.", permanent=True)


def _error(sentence: str, **what: object) -> TransportError:
    return TransportError("teams", sentence, **what)  # type: ignore[arg-type]
