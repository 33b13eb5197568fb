"""Reads the link that Teams' “Copy link” gives: which message of which channel it is. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from bot.ports import BadLink, Pointed
from digests.model import Address

# https://teams.microsoft.com/l/message/19%3Aabc%40thread.tacv2/1700000000000?tenantId=…&parentMessageId=1690000000000
_HOSTS: Final = frozenset(
    {
        "teams.microsoft.com",
        "teams.cloud.microsoft",
        # The clouds of the US government.
        "gov.teams.microsoft.us",
        "dod.teams.microsoft.us",
    }
)
_PATH: Final = re.compile(r"/l/message/(19:[A-Za-z0-9._-]{1,200}@thread\.[a-z0-9.]{1,20})/([0-9]{10,16})/?")
_ID: Final = re.compile(r"[0-9]{10,16}")

NOT_A_LINK: Final = (
    "That is not the link of a Teams message. In Teams, point at the message, open its “…” menu, choose “Copy link”, "
    "and paste it here."
)
ELSEWHERE: Final = (
    "That message is in another channel. Please copy the link of the message in the channel that it was for."
)
NO_LINKS: Final = (
    "Teams tells me nothing by a link to a message in somebody’s own chat with me, so I cannot know which it is."
)


def message_at(address: Address, link: str) -> Pointed:
    """The message that a link points at, which must be at this address. Raises BadLink.

    A person's own chat has one name for Convenor and another in links, so those point nowhere.
    """
    if not address.channel:
        raise BadLink(address.user, NO_LINKS)
    try:
        parts = urlsplit(link.strip().strip("<>"))
    except ValueError:
        raise BadLink(address.channel, NOT_A_LINK) from None
    path = _PATH.fullmatch(unquote(parts.path))
    if parts.scheme != "https" or parts.netloc.lower() not in _HOSTS or path is None:
        raise BadLink(address.channel, NOT_A_LINK)
    channel, message = path.groups()
    asked = parse_qs(parts.query)
    tenant = asked.get("tenantId", [address.workspace])[0]
    if channel != address.channel or tenant.lower() != address.workspace.lower():
        raise BadLink(address.channel, ELSEWHERE)
    parent = asked.get("parentMessageId", [""])[0]
    return Pointed(f"{channel}|{message}", f"{channel}|{parent}" if _ID.fullmatch(parent) else "")
