"""Mail: what a real SMTP server gets, and that it is always known how far a mail has got."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage

import pytest
import trustme

from adapters.mail import MailCourier, as_html, as_text, compose
from bot.messages import (
    Bullets,
    Button,
    Buttons,
    Divider,
    EntryLine,
    Heading,
    Letter,
    Message,
    Note,
    Paragraph,
    link,
    text,
)
from bot.ports import TransportError
from config.mail import Mailbox, Security, SmtpServer
from digests.model import Address
from tests.fakes.clock import FakeClock
from tests.fakes.smtp import PASSWORD, USER, Mails, mail_server

SENDER = Mailbox("digest@example.org", "Data Policy Digest")
TO = Address("mail", "", user="list@lists.example.org")
KEY = "mail:2025-01-24:list@lists.example.org"
EDITION = Message(
    "Data Policy Digest 30",
    (Heading("Data Policy Digest 30"),),
    Letter("Line one\n.a line that begins with a dot\n“é”\n", "<p>One é</p>\n", "Data Policy Digest"),
)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def served(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def mails() -> Mails:
    return Mails()


@pytest.fixture
async def server(mails: Mails) -> AsyncIterator[SmtpServer]:
    async with mail_server(mails) as server:
        yield server


def courier(server: SmtpServer, context: ssl.SSLContext | None = None) -> MailCourier:
    return MailCourier(server, SENDER, FakeClock(), context=context)


async def trouble_of(server: SmtpServer, to: Address = TO, context: ssl.SSLContext | None = None) -> TransportError:
    with pytest.raises(TransportError) as caught:
        await courier(server, context).post(to, EDITION, key=KEY)
    return caught.value


async def test_a_mail_arrives_whole_in_text_and_html_with_headers_that_lists_understand(
    server: SmtpServer, mails: Mails
) -> None:
    ref = await courier(server).post(TO, EDITION, key=KEY)
    (mail,), (envelope,) = mails.mails, mails.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("digest@example.org", ["list@lists.example.org"])
    assert mail["From"] == "Data Policy Digest <digest@example.org>"
    assert mail["To"] == "list@lists.example.org"
    assert mail["Subject"] == "Data Policy Digest 30"
    assert mail["Date"] == "Thu, 23 Jan 2025 10:00:00 +0000"
    assert mail["Message-ID"] == ref
    assert mail["List-Id"] == "Data Policy Digest <data-policy-digest.example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    plain, html = mail.iter_parts()
    assert isinstance(plain, EmailMessage)
    assert isinstance(html, EmailMessage)
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert plain.get_content().replace("\r\n", "\n") == "Line one\n.a line that begins with a dot\n“é”\n"
    assert html.get_content().replace("\r\n", "\n") == "<p>One é</p>\n"


async def test_two_people_get_the_same_mail_and_answer_each_other(server: SmtpServer, mails: Mails) -> None:
    both = Address("mail", "", user="alice@example.org,carol@example.org")
    await courier(server).post(
        both, Message("Alice, meet Carol", (Heading("Alice, meet Carol"),)), key="introduction:1"
    )
    (mail,), (envelope,) = mails.mails, mails.envelopes
    assert envelope.rcpt_tos == ["alice@example.org", "carol@example.org"]
    assert mail["To"] == mail["Reply-To"] == "alice@example.org, carol@example.org"
    mails.answers["RCPT"] = "550 No such mailbox"
    assert (await trouble_of(server, both)).permanent
    assert len(mails.mails) == 1
    wrong = await trouble_of(server, Address("mail", "", user="alice@example.org,nobody"))
    assert wrong.sentence == "That is no address that mail can be sent to."


async def test_one_delivery_has_one_message_id_whenever_it_is_tried(server: SmtpServer, mails: Mails) -> None:
    first = await courier(server).post(TO, EDITION, key=KEY)
    again = await courier(server).post(TO, EDITION, key=KEY)
    other = await courier(server).post(TO, EDITION, key=f"{KEY}2")
    assert first == again != other
    assert first.endswith("@example.org>")


async def test_a_mail_to_a_person_says_nothing_of_a_list(server: SmtpServer, mails: Mails) -> None:
    words = Message("Meet Bob", (Paragraph(text("Hello.")),))
    await courier(server).post(replace(TO, user="alice@example.org"), words, key="intro:1")
    (mail,) = mails.mails
    assert mail["List-Id"] is None
    assert mail["Precedence"] is None
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_mail_goes_over_tls_with_user_and_password(
    security: Security, mails: Mails, served: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    options = {"authenticator": mails.authenticate, "auth_require_tls": False}
    async with mail_server(mails, security, served, **options) as server:
        known = replace(server, user=USER, password=PASSWORD)
        await courier(known, trusting).post(TO, EDITION, key=KEY)
        assert (mails.users, len(mails.mails)) == ([USER], 1)
        wrong = await trouble_of(replace(known, password="wrong"), context=trusting)
    assert wrong.permanent
    assert wrong.sentence.startswith("The mail server does not take the user and password of CONVENOR_SMTP_URL (535 ")
    assert "wrong" not in wrong.sentence
    assert len(mails.mails) == 1


async def test_without_starttls_nothing_is_sent(mails: Mails, server: SmtpServer) -> None:
    trouble = await trouble_of(replace(server, security=Security.STARTTLS))
    assert (trouble.permanent, trouble.ambiguous, mails.mails) == (True, False, [])
    assert "does not offer what CONVENOR_SMTP_URL asks for, so nothing was sent" in trouble.sentence


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_a_server_with_a_certificate_of_a_stranger_gets_nothing(
    security: Security, mails: Mails, served: ssl.SSLContext
) -> None:
    async with mail_server(mails, security, served) as server:
        trouble = await trouble_of(server)
    assert not trouble.ambiguous
    assert "certificate or TLS is not right" in trouble.sentence
    assert mails.mails == []


@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize(("answer", "permanent"), [("451 Try later", False), ("550 No such list@x.example", True)])
async def test_a_no_is_tried_again_or_not_as_the_server_says_and_is_never_in_doubt(
    stage: str, answer: str, permanent: bool, server: SmtpServer, mails: Mails
) -> None:
    mails.answers[stage] = answer
    trouble = await trouble_of(server)
    assert (trouble.permanent, trouble.ambiguous) == (permanent, False)
    assert trouble.sentence == f"The mail server did not take the mail ({answer.replace('list@x.example', '…')})."
    assert mails.mails == []


async def test_a_lost_reply_after_the_mail_was_given_leaves_it_in_doubt(server: SmtpServer, mails: Mails) -> None:
    mails.vanishes = True
    trouble = await trouble_of(server)
    assert (trouble.ambiguous, trouble.permanent, len(mails.mails)) == (True, False, 1)
    assert trouble.sentence.endswith("it may have arrived.")


async def test_a_server_that_is_not_there_is_tried_again(mails: Mails) -> None:
    async with mail_server(mails) as server:
        pass
    trouble = await trouble_of(server)
    assert (trouble.permanent, trouble.ambiguous) == (False, False)
    assert trouble.sentence.startswith("The mail server could not be reached (")


async def test_a_server_that_hangs_up_or_says_nothing_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.mail.ANSWER_SECONDS", 0.2)

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org\r\n")
        await reader.readline()
        writer.close()

    async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    for behave in (hang_up, say_nothing):
        silent = await asyncio.start_server(behave, "127.0.0.1", 0)
        port = silent.sockets[0].getsockname()[1]
        trouble = await trouble_of(SmtpServer("127.0.0.1", port, Security.NONE))
        assert (trouble.permanent, trouble.ambiguous) == (False, False)
        silent.close()


@pytest.mark.parametrize("user", ["", "nobody", "a@b\r\nRCPT TO:<x@y>", "a b@c.example", "é@example.org", "<a@b.org>"])
async def test_what_is_no_mail_address_is_refused_before_anything_is_said(
    user: str, server: SmtpServer, mails: Mails
) -> None:
    trouble = await trouble_of(server, replace(TO, user=user))
    assert (trouble.permanent, mails.talks) == (True, 0)


async def test_words_cannot_become_headers(server: SmtpServer, mails: Mails) -> None:
    hostile = "Digest\r\nBcc: everybody@example.org\n\nBody\u2028X: y\x00"
    await courier(server).post(TO, Message(hostile, (), Letter("x", "", hostile)), key=KEY)
    (mail,) = mails.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Digest Bcc: everybody@example.org Body X: y"
    assert mail["List-Id"] == (
        "Digest Bcc everybodyexampleorg Body X y <digest-bcc-everybody-example-org-body-x-y.example.org>"
    )
    assert len(mails.envelopes[0].rcpt_tos) == 1


async def test_a_mail_that_was_sent_cannot_be_changed(server: SmtpServer) -> None:
    with pytest.raises(TransportError) as caught:
        await courier(server).update(TO, "<1@example.org>", EDITION)
    assert (caught.value.permanent, caught.value.missing) == (True, False)


def test_a_message_made_for_chat_is_a_mail_in_text_and_html() -> None:
    message = Message(
        "An introduction",
        (
            Heading("An <introduction>"),
            Paragraph(text("Hello ", link("Bob & co", "https://bob.example.org/?a=1&b=2"), ".")),
            Bullets((text("One"), text(link("https://x.example", "https://x.example")))),
            EntryLine(text("Entry"), text("why")),
            Divider(),
            Note(text("Small.")),
            Buttons((Button("Press", "x"),)),
        ),
    )
    assert as_text(message) == (
        "An <introduction>\n=================\n\n"
        "Hello Bob & co <https://bob.example.org/?a=1&b=2>.\n\n"
        "* One\n* https://x.example\n\n"
        "* Entry\n  why\n\n"
        f"{'-' * 72}\n\n"
        "Small.\n"
    )
    html = as_html(message)
    assert "<h2>An &lt;introduction&gt;</h2>" in html
    assert '<a href="https://bob.example.org/?a=1&amp;b=2">Bob &amp; co</a>' in html
    assert "Press" not in html
    mail = compose(message, SENDER, ("alice@example.org",), KEY, FakeClock())
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
