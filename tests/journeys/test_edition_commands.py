"""``convenor edition`` and ``convenor email`` as a person meets them, on a database with published editions."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import feedparser
import pytest

from bot.edition_commands import STATES
from config.mail import SmtpServer
from digests.model import EditionState
from tests.builders import a_revision
from tests.contract.databases import open_database, sqlite_url
from tests.fakes import public
from tests.fakes.smtp import Mails, mail_server
from tests.journeys.test_commands import Command, convenor

__all__ = ["convenor"]

LIST = "list@lists.example.org"


@pytest.fixture
def archive(tmp_path: Path) -> str:
    """The address of a database with two published editions, a withdrawn one and a draft."""
    url = sqlite_url(tmp_path)

    async def fill() -> None:
        database = await open_database(url)
        async with database.begin() as uow:
            for number, state in public.STATES.items():
                edition = public.edition(number, state)
                await uow.editions.add(edition, a_revision(edition))
            await uow.commit()
        await database.close()

    asyncio.run(fill())
    return url


@pytest.fixture
def mails() -> Mails:
    return Mails()


@pytest.fixture
def smtp(mails: Mails) -> Iterator[SmtpServer]:
    """A mail server in a thread of its own: the command has an event loop of its own."""
    ready, done, found = threading.Event(), threading.Event(), []

    async def serve() -> None:
        async with mail_server(mails) as server:
            found.append(server)
            ready.set()
            while not done.is_set():
                await asyncio.sleep(0.02)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(5)
    yield found[0]
    done.set()
    thread.join(5)


def test_an_edition_is_printed_for_use_elsewhere(convenor: Command, archive: str) -> None:
    def printed(*arguments: str) -> str:
        code, out, err = convenor("edition", *arguments, DATABASE_URL=archive, PUBLIC_URL="https://d.example.org")
        assert (code, err) == (0, "")
        return out

    plain = printed()
    assert plain.startswith('---\ntitle: "Data Policy Digest"\nnumber: 34\n')
    assert public.SECRET not in plain
    feed = feedparser.parse(printed("33", "--format", "atom"))
    assert [entry.link for entry in feed.entries] == ["https://d.example.org/editions/33"]
    draft = json.loads(printed("draft", "--json", "--reasons"))
    assert (draft["number"], draft["url"]) == (35, "")
    assert draft["sections"][0]["entries"][0]["reasons"] == [public.SECRET]


@pytest.mark.parametrize(
    ("number", "why"),
    [(public.DRAFT, "it is a draft that nobody has approved yet"), (public.WITHDRAWN, "it was withdrawn")],
)
def test_of_a_number_that_readers_do_not_have_it_is_said_why(
    convenor: Command, archive: str, number: int, why: str
) -> None:
    code, out, err = convenor("edition", str(number), DATABASE_URL=archive)
    assert (code, err) == (0, f"Edition {number} is not public: {why}. This is how it stands.\n")
    assert f"number: {number}\n" in out


def test_every_state_but_published_has_its_words() -> None:
    assert STATES.keys() == set(EditionState) - {EditionState.PUBLISHED}


def test_what_is_no_edition_is_said_so(convenor: Command) -> None:
    code, out, err = convenor("edition", "thirty")
    assert (code, out) == (2, "")
    assert err == "“thirty” is no edition. Write its number, or latest, or (to print it) draft.\n"


def test_an_edition_is_mailed_once(convenor: Command, archive: str, smtp: SmtpServer, mails: Mails) -> None:
    settings = {
        "DATABASE_URL": archive,
        "SMTP_URL": f"smtp://127.0.0.1:{smtp.port}",
        "MAIL_FROM": "Data Policy Digest <digest@example.org>",
        "MAIL_LIST": LIST,
        "PUBLIC_URL": "https://d.example.org",
    }
    code, out, err = convenor("email", **settings)
    assert (code, out, err) == (0, f"Data Policy Digest 34 was sent to {LIST}.\n", "")
    code, out, _ = convenor("email", "34", "--json", **settings)
    told = json.loads(out)
    assert (code, told["state"], told["edition"], told["to"]) == (0, "sent", 34, LIST)
    assert "already, on " in told["told"]
    (mail,) = mails.mails
    assert told["message_id"] == mail["Message-ID"]
    assert mail["List-Id"] == "Data Policy Digest <data-policy-digest.example.org>"
    page = mail.get_body(("html",))
    assert page is not None
    assert "https://d.example.org/editions/34" in str(page.get_content())

    assert convenor("email", "35", **settings) == (
        1,
        "",
        "Data Policy Digest 35 is a draft. Only an edition that editors have approved is sent. Nothing was sent.\n",
    )
    assert len(mails.mails) == 1


def test_what_is_missing_for_mail_is_said_at_once(convenor: Command, archive: str) -> None:
    code, out, err = convenor("email", "--to", "nobody", DATABASE_URL=archive)
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "CONVENOR_SMTP_URL: is not set, so no mail can be sent (docs/exports.md)",
        "--to: write a mail address, such as Data Policy Digest <digest@example.org>",
    ]
