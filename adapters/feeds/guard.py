"""Keeps a feed's address, and every address it redirects to, from leading into a private network.

The word that counts is spoken at the socket, on the resolved address that is about to be called: an address can be
written in more ways than anybody can list, and a name can resolve to anything at any time.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

_REMEMBERED = 1_000
_LONGEST_REMEMBERED = 500
_WEB_PORTS = (80, 443)

# Only this part of IPv6 is given out to the public at large; within it, these lead elsewhere.
_PUBLIC_V6 = ipaddress.ip_network("2000::/3")
_SPECIAL_V6 = tuple(
    map(
        ipaddress.IPv6Network,
        (
            "2001::/23",  # Teredo, ORCHID and other protocol assignments
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: any IPv4 address in disguise
            "3fff::/20",  # documentation
        ),
    )
)
# Python 3.11 calls these global.
_SPECIAL_V4 = tuple(
    map(
        ipaddress.IPv4Network,
        (
            "192.0.0.0/24",  # protocol assignments
            "192.88.99.0/24",  # 6to4 relays
            "168.63.129.16/32",  # the host of an Azure machine
        ),
    )
)


class ForbiddenAddress(OSError):
    """The socket was about to call an address that is not on the public internet."""


def refuse_private(sockaddr: tuple[Any, ...]) -> None:
    """Raise :class:`ForbiddenAddress` unless a resolved socket address is one of the public internet.

    IPv4 in an IPv6 coat (mapped, NAT64, 6to4, Teredo) is refused whatever is inside, for the coat hides where it
    leads. A host that is not a literal address is refused, because it would be resolved again.
    """
    host = str(sockaddr[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ForbiddenAddress("not a resolved address") from None
    if isinstance(address, ipaddress.IPv4Address):
        special = any(address in network for network in _SPECIAL_V4)
    else:
        special = address not in _PUBLIC_V6 or any(address in network for network in _SPECIAL_V6)
    if special or not address.is_global or address.is_multicast or address.is_reserved:
        raise ForbiddenAddress("not an address of the public internet")


class Guard:
    """Decides which addresses may be called.

    ``allow_private`` lifts every rule but http(s), for tests and benchmarks. ``exceptions`` are (IP address, port)
    pairs that may be called although they are private, for a feed inside the operator's own network.
    """

    def __init__(self, *, allow_private: bool = False, exceptions: Collection[tuple[str, int]] = ()) -> None:
        self._allow_private = allow_private
        self._exceptions = frozenset(exceptions)
        # A source is read at the same address time and again.
        self._objection_again = lru_cache(_REMEMBERED)(self._objection)

    def objection(self, url: str) -> str:
        """Why this URL must not be called, in words for people; empty where the socket may decide."""
        return self._objection_again(url) if len(url) <= _LONGEST_REMEMBERED else self._objection(url)

    def _objection(self, url: str) -> str:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            return "The address is not a proper web address."
        if parts.scheme not in ("http", "https"):
            return "The address is not a web address: it must begin with http:// or https://."
        if not parts.hostname:
            return "The address is not a proper web address."
        if "@" in parts.netloc:
            return "The address carries a user name or a password, and such addresses are not called."
        known_port = port is None or port in _WEB_PORTS or (parts.hostname, port) in self._exceptions
        if not (known_port or self._allow_private):
            return f"The address names port {port}, and only the web's own ports (80 and 443) are called."
        return ""

    def open_socket(self, addr_info: tuple[Any, ...]) -> socket.socket:
        """A socket for one resolved address, as aiohttp's ``socket_factory``. Raises :class:`ForbiddenAddress`."""
        family, kind, protocol, _, sockaddr = addr_info
        if not self._allow_private and tuple(sockaddr[:2]) not in self._exceptions:
            refuse_private(sockaddr)
        return socket.socket(family, kind, protocol)
