"""The settings of mail: a mail server's address, and mailboxes with or without a name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.headerregistry import Address
from enum import StrEnum
from urllib.parse import unquote, urlsplit

_MAILBOX = re.compile(r"(?:(?P<name>[^<>]*)<(?P<in_angles>[^<>]*)>|(?P<bare>[^<>]*))")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{1,255}$)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


class Security(StrEnum):
    """How talk with a mail server is kept private."""

    TLS = "tls"  # from the first byte on
    STARTTLS = "starttls"  # asked for before anything else; without it nothing is sent
    NONE = "none"  # for a server on this machine


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server that takes our mail. ``user`` and ``password`` are empty where it asks for none."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = ""

    def __repr__(self) -> str:
        """Never with the password: this is what a log would show."""
        return f"SmtpServer({self.host}:{self.port}, {self.security.value})"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Somebody's mail address, and the name that stands before it."""

    address: str
    name: str = ""

    @property
    def domain(self) -> str:
        """What stands after the at sign."""
        return self.address.rpartition("@")[2]

    @property
    def header(self) -> Address:
        """As a header of a mail holds it."""
        return Address(self.name, addr_spec=self.address)


def is_mail_address(words: str) -> bool:
    """Whether it is an address that every mail server takes: one at sign, plain letters, nothing that means more."""
    return _ADDRESS.fullmatch(words) is not None


def parse_mailbox(words: str) -> Mailbox:
    """``digest@example.org`` or ``Data Policy Digest <digest@example.org>``. Raises ValueError, with a sentence."""
    parts = _MAILBOX.fullmatch(words.strip())
    name, address = ("", "") if parts is None else (parts["name"] or "", parts["in_angles"] or parts["bare"] or "")
    if not is_mail_address(address.strip()) or not name.isprintable():
        raise ValueError("write a mail address, such as Data Policy Digest <digest@example.org>")
    return Mailbox(address.strip(), name.strip().strip('"'))


def parse_smtp(url: str) -> SmtpServer:
    """``smtps://user:password@host`` (TLS from the start, port 465) or ``smtp://…`` (STARTTLS, port 587).

    On this machine alone, ``smtp://127.0.0.1:25`` goes without. Raises ValueError, with a sentence.
    """
    explained = "write smtps://user:password@host:465 or smtp://user:password@host:587"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(explained) from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path not in ("", "/") or parts.query:
        raise ValueError(explained)
    security = Security.TLS if parts.scheme == "smtps" else Security.STARTTLS
    if security is Security.STARTTLS and parts.hostname in ("127.0.0.1", "localhost", "::1"):
        security = Security.NONE
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if bool(user) != bool(password):
        raise ValueError(f"a user needs a password, and a password a user: {explained}")
    return SmtpServer(parts.hostname, port or (465 if security is Security.TLS else 587), security, user, password)
