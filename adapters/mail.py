"""Carries messages by mail: each attempt is one talk with one SMTP server, and it is always known how far it got."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from html import escape

from bot.messages import (
    Bullets,
    Buttons,
    Divider,
    EntryLine,
    Heading,
    Letter,
    Message,
    Note,
    Paragraph,
    Text,
)
from bot.ports import TransportError
from config.mail import Mailbox, Security, SmtpServer, is_mail_address
from digests.model import Address
from digests.ports import Clock
from digests.render.view import one_line

PLATFORM = "mail"
# One answer of the server, and the whole talk; an outbox's claim lasts longer.
ANSWER_SECONDS, TALK_SECONDS = 20.0, 80.0

_NOT_SLUG = re.compile(r"[^a-z0-9]+")
_DOT = re.compile(rb"(?m)^\.")


class MailCourier:
    """Fulfils ``bot.ports.Courier`` for the platform ``mail``: an address's ``user`` is a mail address, or several.

    ``context`` says whom to trust in TLS; by default whom this machine trusts.
    """

    def __init__(
        self, server: SmtpServer, sender: Mailbox, clock: Clock, *, context: ssl.SSLContext | None = None
    ) -> None:
        self._server = server
        self._sender = sender
        self._clock = clock
        self._context = context or ssl.create_default_context()

    async def post(self, address: Address, message: Message, *, key: str, thread_ref: str = "") -> str:
        """Send one mail; its Message-ID, which the same key always has, is the reference. Raises TransportError."""
        if not all(map(is_mail_address, address.users or ("",))):
            raise TransportError(key, "That is no address that mail can be sent to.", permanent=True)
        mail = compose(message, self._sender, address.users, key, self._clock)
        # smtplib blocks, and needs no library; a thread costs nothing beside a talk over the network.
        await asyncio.to_thread(self._talk, address.users, mail.as_bytes(policy=_POLICY), key)
        return str(mail["Message-ID"])

    async def update(self, address: Address, message_ref: str, message: Message) -> None:
        """A mail that was sent cannot be changed: raises TransportError, always."""
        raise TransportError(message_ref, "A mail that was sent cannot be changed.", permanent=True)

    async def greet(self) -> str:
        """Talk with the server as far as before a mail, and send none; its complaint, or nothing where all is well."""
        return await asyncio.to_thread(self._greet)

    def _greet(self) -> str:
        try:
            client = self._connect()
            try:
                self._introduce(client, lambda act: act())
                _expect(250, client.noop())
            finally:
                client.close()
        except (smtplib.SMTPException, OSError) as trouble:
            return _said(trouble)
        return ""

    def _introduce(self, client: smtplib.SMTP, step: Callable[[Callable[[], object]], object]) -> None:
        step(client.ehlo_or_helo_if_needed)
        if self._server.security is Security.STARTTLS:
            step(lambda: client.starttls(context=self._context))
            step(client.ehlo_or_helo_if_needed)
        if self._server.user:
            step(lambda: client.login(self._server.user, self._server.password))

    def _talk(self, recipients: Sequence[str], mail: bytes, key: str) -> None:
        ends_at = time.monotonic() + TALK_SECONDS
        with _nothing_sent(key, "could not be reached"):
            client = self._connect()
        try:
            self._deliver(client, recipients, mail, key, ends_at)
        finally:
            client.close()

    def _connect(self) -> smtplib.SMTP:
        server, us = self._server, self._sender.domain  # smtplib would ask the DNS for our name, which may take long
        if server.security is Security.TLS:
            return smtplib.SMTP_SSL(server.host, server.port, us, timeout=ANSWER_SECONDS, context=self._context)
        return smtplib.SMTP(server.host, server.port, us, timeout=ANSWER_SECONDS)

    def _deliver(self, client: smtplib.SMTP, recipients: Sequence[str], mail: bytes, key: str, ends_at: float) -> None:
        def step(act: Callable[[], object]) -> None:
            _within(client, ends_at)
            act()

        with _nothing_sent(key, "broke off before it had the mail"):
            self._introduce(client, step)
            step(lambda: _expect(250, client.mail(self._sender.address)))
            for recipient in recipients:
                # All or none: where one is refused, nobody has been given the mail yet.
                step(partial(_name_recipient, client, recipient))
            step(lambda: _expect(354, client.docmd("data")))
        try:
            _within(client, ends_at)
            client.send(_DOT.sub(b"..", mail) + b".\r\n")
            _within(client, ends_at)
            code, said = client.getreply()
        except (smtplib.SMTPException, OSError) as trouble:
            raise TransportError(
                key,
                f"The mail server broke off after it had been given the mail ({_said(trouble)}); it may have arrived.",
                ambiguous=True,
            ) from None
        if code != 250:
            raise _refused(key, smtplib.SMTPDataError(code, said))
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.putcmd("quit")


def compose(message: Message, sender: Mailbox, recipients: Sequence[str], key: str, clock: Clock) -> EmailMessage:
    """The mail. Nothing in the message can become a header of its own: headers are one line, whoever wrote them.

    Several recipients see each other, and their answers go to each other alone. Raises ValueError where one of them is
    no mail address.
    """
    letter = message.letter or Letter(as_text(message), as_html(message))
    mail = EmailMessage(policy=_POLICY)
    mail["From"] = sender.header
    to = [HeaderAddress(addr_spec=recipient) for recipient in recipients]
    mail["To"] = to
    if len(to) > 1:
        mail["Reply-To"] = to
    mail["Subject"] = one_line(message.summary)[:250]
    mail["Date"] = format_datetime(clock.now())
    # The same for each attempt at one delivery, so that a mail which comes twice is known as one.
    mail["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{sender.domain}>"
    # RFC 3834: no out-of-office answers, please.
    mail["Auto-Submitted"] = "auto-generated"
    if name := one_line(letter.for_list):
        mail["List-Id"] = f"{_phrase(name)} <{_slug(name)}.{sender.domain}>"
        mail["Precedence"] = "list"
    mail.set_content(letter.text, cte="quoted-printable")
    if letter.html:
        mail.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return mail


_POLICY = SMTP.clone(raise_on_defect=False)


def as_text(message: Message) -> str:
    """A message that was not made for mail, as plain text. Links are written out; buttons need a chat."""
    parts: list[str] = []
    for block in message.blocks:
        match block:
            case Heading(words):
                parts.append(f"{one_line(words)}\n{'=' * min(len(one_line(words)), 72)}")
            case Paragraph(words) | Note(words):
                parts.append(_with_links(words))
            case Bullets(items):
                parts.append("\n".join(f"* {_with_links(item)}" for item in items))
            case EntryLine(words, detail):
                parts.append("\n  ".join(filter(None, (f"* {_with_links(words)}", _with_links(detail)))))
            case Divider():
                parts.append("-" * 72)
            case Buttons():
                pass
    return "\n\n".join(parts) + "\n"


def as_html(message: Message) -> str:
    """The same as a plain HTML page."""
    parts: list[str] = []
    for block in message.blocks:
        match block:
            case Heading(words):
                parts.append(f"<h2>{escape(one_line(words))}</h2>")
            case Paragraph(words) | Note(words):
                parts.append(f"<p>{_html(words)}</p>")
            case Bullets(items):
                parts.append("<ul>" + "".join(f"<li>{_html(item)}</li>" for item in items) + "</ul>")
            case EntryLine(words, detail):
                parts.append(f"<p>{_html(words)}" + (f"<br>{_html(detail)}" if detail else "") + "</p>")
            case Divider():
                parts.append("<hr>")
            case Buttons():
                pass
    head = f'<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(one_line(message.summary))}</title></head>'
    return f"<!doctype html>\n{head}\n<body>\n" + "\n".join(parts) + "\n</body></html>\n"


def _with_links(words: Text) -> str:
    return "".join(
        f"{span.text} <{span.url}>" if span.url and span.url != span.text else span.text for span in words
    ).strip()


def _html(words: Text) -> str:
    return "".join(
        f'<a href="{escape(span.url)}">{escape(span.text)}</a>' if span.url else escape(span.text) for span in words
    ).replace("\n", "<br>")


def _phrase(name: str) -> str:
    return "".join(letter for letter in name if letter.isascii() and (letter.isalnum() or letter in " -")).strip()


def _slug(name: str) -> str:
    return _NOT_SLUG.sub("-", name.lower()).strip("-")[:60] or "list"


@contextlib.contextmanager
def _nothing_sent(key: str, what_went_wrong: str) -> Iterator[None]:
    """A part of the talk before the mail is handed over: whatever goes wrong in it, the mail did not arrive."""
    try:
        yield
    except smtplib.SMTPException as trouble:
        raise _refused(key, trouble) from None
    except ssl.SSLError as trouble:
        raise TransportError(key, f"The mail server’s certificate or TLS is not right ({_said(trouble)}).") from None
    except OSError as trouble:
        raise TransportError(key, f"The mail server {what_went_wrong} ({_said(trouble)}).") from None


def _within(client: smtplib.SMTP, ends_at: float) -> None:
    """Let the coming answer take no longer than one may, nor than the talk has left."""
    left = ends_at - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    if client.sock is not None:
        client.sock.settimeout(min(left, ANSWER_SECONDS))


def _name_recipient(client: smtplib.SMTP, recipient: str) -> None:
    _expect(250, client.rcpt(recipient))


def _expect(wanted: int, answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code != wanted and not (wanted == 250 and code == 251):
        raise smtplib.SMTPResponseException(code, said)


def _refused(key: str, trouble: smtplib.SMTPException) -> TransportError:
    """What a server that answered has said: 4 hundreds may be tried again, 5 hundreds not. The mail did not arrive."""
    if isinstance(trouble, smtplib.SMTPAuthenticationError):
        sentence = "The mail server does not take the user and password of CONVENOR_SMTP_URL"
        return TransportError(key, f"{sentence} ({_said(trouble)}).", permanent=True)
    if isinstance(trouble, smtplib.SMTPNotSupportedError):
        sentence = "The mail server does not offer what CONVENOR_SMTP_URL asks for, so nothing was sent"
        return TransportError(key, f"{sentence} ({_said(trouble)}).", permanent=True)
    code = trouble.smtp_code if isinstance(trouble, smtplib.SMTPResponseException) else 0
    sentence = f"The mail server did not take the mail ({_said(trouble)})."
    return TransportError(key, sentence, permanent=500 <= code <= 599)


def _said(trouble: Exception) -> str:
    """What went wrong in a few plain words, for a log and for people. Servers may repeat addresses, so none is kept."""
    if isinstance(trouble, smtplib.SMTPResponseException):
        said = trouble.smtp_error if isinstance(trouble.smtp_error, bytes) else str(trouble.smtp_error).encode()
        words = f"{trouble.smtp_code} {said.decode('utf-8', 'replace')}"
    else:
        words = str(trouble) or type(trouble).__name__
    return re.sub(r"\S+@\S+", "…", one_line(words))[:160]
