"""Reads the link that stands at the time of every message of the chat in the browser. Pure."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

from adapters.local.cast import person_of, room_at
from adapters.local.send import MAX_DIGITS
from bot.ports import BadLink, Pointed
from digests.model import Address

# http://127.0.0.1:8080/chat/bob/digest#line-12
_PATH: Final = re.compile(r"/chat/([a-z]+)/(@?[a-z]+)")
_LINE: Final = re.compile(rf"line-([1-9][0-9]{{0,{MAX_DIGITS - 1}}})")

NOT_A_LINK: Final = (
    "That is not the link of a message in this chat. Each message has one at the time beside its author’s name: copy "
    "that link, and paste it here."
)
ELSEWHERE: Final = "That message is in another room. Please copy the link of the message in the room that it was for."


def message_at(address: Address, link: str) -> Pointed:
    """The message that a link points at, which must be at this address. Raises BadLink."""
    room = room_at(address)
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        raise BadLink(room, NOT_A_LINK) from None
    path, line = _PATH.fullmatch(unquote(parts.path)), _LINE.fullmatch(parts.fragment)
    if parts.scheme not in ("http", "https") or path is None or person_of(path[1]) is None or line is None:
        raise BadLink(room, NOT_A_LINK)
    if path[2] != room:
        raise BadLink(room, ELSEWHERE)
    return Pointed(line[1])
