"""A mail server on this machine that keeps what it gets, and fails where it is told to."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from config.mail import Security, SmtpServer

USER, PASSWORD = "digest@example.org", "s3cret:/@"


class Mails:
    """What arrived: ``mails``, the envelopes, and how often the server was talked to.

    ``answers`` gives the answer to a command ("MAIL", "RCPT", "DATA") in place of yes. ``vanishes`` hangs up in place
    of the answer to a mail, which is kept all the same.
    """

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.envelopes: list[Envelope] = []
        self.answers: dict[str, str] = {}
        self.vanishes = False
        self.users: list[str] = []
        self.secure: list[bool] = []
        self.talks = 0

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if "DATA" in self.answers:
            return self.answers["DATA"]
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.envelopes.append(envelope)
        self.secure.append(session.ssl is not None)
        if self.vanishes:
            assert isinstance(server.transport, asyncio.Transport)
            server.transport.abort()
        return "250 OK"

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.users.append(data.login.decode())
        return AuthResult(success=data.password.decode() == PASSWORD, handled=False)


@asynccontextmanager
async def mail_server(
    mails: Mails, security: Security = Security.NONE, context: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[SmtpServer]:
    """A server from now until the block ends, as our settings would name it."""

    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd tells every line of every talk

    def serve() -> SMTP:
        mails.talks += 1
        starttls = context if security is Security.STARTTLS else None
        return SMTP(
            mails, hostname="mail.example.org", tls_context=starttls, loop=asyncio.get_running_loop(), **options
        )

    listening = await asyncio.get_running_loop().create_server(
        serve, "127.0.0.1", 0, ssl=context if security is Security.TLS else None
    )
    try:
        yield SmtpServer("127.0.0.1", listening.sockets[0].getsockname()[1], security)
    finally:
        listening.close()
