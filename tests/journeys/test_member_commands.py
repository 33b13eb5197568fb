"""``convenor members`` as whoever runs Convenor meets it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from bot.privacy.ports import COMMAND_LINE
from tests.builders import NOW, a_profile
from tests.contract.databases import open_database, sqlite_url
from tests.fakes.network import ALICE
from tests.journeys.test_commands import Command, convenor

__all__ = ["convenor"]

LIST = "name,email\nAlice,alice@example.org\nBob,bob at example\n"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a database with one profile."""
    url = sqlite_url(tmp_path)

    async def fill() -> None:
        database = await open_database(url)
        async with database.begin() as uow:
            member = await uow.members.resolve(ALICE, NOW)
            await uow.profiles.put(a_profile(member.id, avoid=("Mallory",), email="alice@example.org"))
            await uow.commit()
        await database.close()

    asyncio.run(fill())
    return url


def actions(url: str) -> list[tuple[str, str]]:
    """What the audit log says, with who did it."""

    async def read() -> list[tuple[str, str]]:
        database = await open_database(url)
        async with database.read() as uow:
            noted = [(entry.actor, entry.action) for entry in await uow.audit.latest(10)]
        await database.close()
        return noted

    return asyncio.run(read())


def test_a_list_makes_invitations_and_tells_line_by_line_what_was_not_taken(convenor: Command, url: str) -> None:
    (convenor.folder / "list.csv").write_text(LIST)
    code, out, err = convenor("members", "import", "list.csv", DATABASE_URL=url)
    assert code == 1
    assert err == "list.csv:3: “bob at example” is not an e-mail address.\n"
    first, by_hand, *codes = out.splitlines()
    assert first == "1 invitation made, 1 line not taken."
    assert by_hand.startswith("No mail server is set up, so these are for you to pass on")
    assert [line.partition(": /profile join ")[0] for line in codes] == ["alice@example.org"]
    assert actions(url) == [(COMMAND_LINE, "invited")]


def test_with_a_mail_server_the_invitations_wait_for_convenor_to_run(convenor: Command, url: str) -> None:
    mail = {"SMTP_URL": "smtp://127.0.0.1:25", "MAIL_FROM": "digest@example.org"}
    code, out, err = convenor("members", "import", "-", "--json", stdin=LIST, DATABASE_URL=url, **mail)
    assert (code, err) == (1, "")
    assert json.loads(out) == [
        {"line": 2, "to": "alice@example.org", "invited": True, "wrong": "", "code": ""},
        {
            "line": 3,
            "to": "",
            "invited": False,
            "wrong": "“bob at example” is not an e-mail address.",
            "code": "",
        },
    ]


def test_the_directory_is_written_for_whoever_takes_it_over(convenor: Command, url: str) -> None:
    code, out, err = convenor("members", "export", DATABASE_URL=url)
    assert (code, err) == (0, "")
    header, line = out.splitlines()
    assert header.startswith("name,pronouns,organisation,role,can_help,topics")
    assert line.startswith("Alice,,Example Trust,Researcher,")
    assert "Mallory" not in out
    assert "alice@example.org" not in out
    code, out, err = convenor("members", "export", "--json", DATABASE_URL=url)
    (person,) = json.loads(out)
    assert (person["languages"], person["accounts"]) == (["English", "Welsh"], [ALICE.key])
    assert actions(url) == [(COMMAND_LINE, "exported the directory")] * 2


@pytest.mark.parametrize(
    ("arguments", "settings", "words"),
    [
        ([], {}, "say what to do. There are two actions: import and export."),
        (["import", "missing.csv"], {}, "missing.csv cannot be read"),
        (["import", "latin.csv"], {}, "latin.csv is not in UTF-8. Save it as “CSV UTF-8”"),
        (["export"], {"ENCRYPTION_KEYS": ""}, "CONVENOR_ENCRYPTION_KEYS: is not set"),
    ],
)
def test_a_mistake_gets_a_clear_sentence(
    convenor: Command, arguments: list[str], settings: dict[str, str], words: str
) -> None:
    (convenor.folder / "latin.csv").write_bytes("email\nalîce@example.org\n".encode("latin-1"))
    code, out, err = convenor("members", *arguments, **settings)
    assert (code, out) == (2, "")
    assert words in err.replace("\n", " ")
