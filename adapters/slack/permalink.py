"""Reads the link that Slack's “Copy link” gives: which message of which channel it is. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, urlsplit

from bot.ports import BadLink, Pointed
from digests.model import Address

# https://example.slack.com/archives/C0123ABCD/p1700000000000100?thread_ts=1700000000.000100&cid=C0123ABCD
_HOST: Final = re.compile(r"[a-z0-9.-]+\.slack(-gov)?\.com")
_PATH: Final = re.compile(r"/archives/([A-Z][A-Z0-9]{2,20})/p([0-9]{7,14})([0-9]{6})/?")
_TS: Final = re.compile(r"[0-9]{7,14}\.[0-9]{6}")

NOT_A_LINK: Final = (
    "That is not the link of a Slack message. In Slack, open the “…” menu of the message, choose “Copy link”, and "
    "paste it here."
)
ELSEWHERE: Final = (
    "That message is in another channel. Please copy the link of the message in the channel that it was for."
)


def message_at(address: Address, link: str) -> Pointed:
    """The message that a link points at, which must be at this address. Raises BadLink.

    Which channel a person's direct messages are in is not known here, so for those any such channel will do.
    """
    try:
        parts = urlsplit(link.strip().strip("<>"))
    except ValueError:
        raise BadLink(address.channel, NOT_A_LINK) from None
    path = _PATH.fullmatch(parts.path)
    if parts.scheme != "https" or not _HOST.fullmatch(parts.netloc.lower()) or path is None:
        raise BadLink(address.channel, NOT_A_LINK)
    channel, seconds, fraction = path.groups()
    if channel != address.channel if address.channel else not channel.startswith("D"):
        raise BadLink(address.channel, ELSEWHERE)
    thread = parse_qs(parts.query).get("thread_ts", [""])[0]
    thread_ref = f"{channel}|{thread}" if _TS.fullmatch(thread) else ""
    return Pointed(f"{channel}|{seconds}.{fraction}", thread_ref)
