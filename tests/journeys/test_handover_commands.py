"""``convenor export`` and ``convenor import``, and the new owner's checklist followed to the letter."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bot import handover_commands
from digests.model import EditionState
from tests.builders import a_revision, an_edition
from tests.contract.databases import open_database, sqlite_url
from tests.contract.portable_rows import fill_everything
from tests.journeys.test_commands import Command, convenor

__all__ = ["convenor"]

HANDOVER = Path(__file__).parents[2] / "docs" / "handover.md"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of the old owner's database, with something of everything and one edition to be read."""
    url = sqlite_url(tmp_path, "old.db")

    async def fill() -> None:
        database = await open_database(url)
        await fill_everything(database)
        async with database.begin() as uow:
            edition = an_edition(state=EditionState.PUBLISHED)
            await uow.editions.add(edition, a_revision(edition))
            await uow.commit()
        await database.close()

    asyncio.run(fill())
    return url


def noted(url: str) -> tuple[str, str]:
    """Who did what last, in the audit log."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as database:
        found: tuple[str, str] = database.execute("SELECT actor, action FROM audit_log ORDER BY id DESC").fetchone()
    return found


def test_a_network_changes_hands_as_the_checklist_says(convenor: Command, url: str) -> None:
    words = HANDOVER.read_text(encoding="utf-8")
    commands = [line.split()[1:] for line in re.findall(r"^ +(convenor .+)$", words, re.MULTILINE)]
    assert commands == [["export", "handover", "--with-members"], ["keys", "new"], ["import", "handover"]]

    own = convenor.folder / "network"
    own.mkdir()
    (own / "digest.yaml").write_text("title: The Digest of Example\n")
    code, out, err = convenor(*commands[0], DATABASE_URL=url, CONFIG_DIR=str(own))
    assert code == 0
    assert out.startswith("handover has everything. Lines: ")
    assert err.startswith(handover_commands.WARNING)
    assert noted(url) == ("command line", "exported the network")

    code, key, _ = convenor(*commands[1])
    assert code == 0
    assert [path.name for path in sorted((convenor.folder / "handover/config").iterdir())] == ["own", "shipped"]
    new = {
        "DATABASE_URL": f"sqlite:///{convenor.folder}/new.db",
        "ENCRYPTION_KEYS": key.strip(),
        "CONFIG_DIR": str(convenor.folder / "handover/config/own"),
    }
    code, out, err = convenor(*commands[2], **new)
    assert (code, err) == (0, "")
    assert out == handover_commands.NEXT.format(folder="handover") + "\n"

    for command in re.findall(
        r"`convenor ([a-z]+)`", words[words.index("Look before you run") : words.index("8. `convenor check`")]
    ):
        code, out, err = convenor(command, **new)
        assert (code, err) == (0, ""), command
        assert out

    code, _, _ = convenor("export", "again", "--with-members", **new)
    assert code == 0
    before, after = convenor.folder / "handover", convenor.folder / "again"
    for path in sorted(before.rglob("*.*")):
        name = path.relative_to(before)
        # The new owner's files stand elsewhere.
        if path.is_file() and name != Path("settings.json"):
            assert (after / name).read_bytes() == path.read_bytes(), name
    assert (after / "editions").is_dir()
    assert any((after / "editions").iterdir())


def test_settings_go_over_without_secrets_and_without_people(convenor: Command, url: str) -> None:
    secrets = {"SLACK_BOT_TOKEN": "xoxb-very-secret", "SLACK_SIGNING_SECRET": "also-secret", "ADMINS": "slack:U0123"}
    code, out, _ = convenor("export", "out", DATABASE_URL=url, OWNER="The network", **secrets)
    assert code == 0
    assert out.endswith("People are left out: --with-members adds them.\n")
    data = json.loads((convenor.folder / "out/settings.json").read_text())
    assert data["settings"]["CONVENOR_OWNER"] == "The network"
    assert {"CONVENOR_ADMINS", "CONVENOR_DATABASE_URL", "CONVENOR_SLACK_BOT_TOKEN"} <= set(data["to_be_set_anew"])
    for path in (convenor.folder / "out").rglob("*.*"):
        if path.is_file():
            assert not any(secret in path.read_text(encoding="utf-8") for secret in secrets.values()), path


def test_a_folder_that_is_taken_is_left_alone(convenor: Command, url: str) -> None:
    (convenor.folder / "out").mkdir()
    (convenor.folder / "out/mine.txt").write_text("mine")
    code, _, err = convenor("export", "out", DATABASE_URL=url)
    assert (code, err) == (2, "out is there already and is not an empty folder. Name a folder that is not there yet.\n")
    code, _, err = convenor("export", "nowhere/out", DATABASE_URL=url)
    assert code == 2
    assert err.endswith("nowhere is not there, so out cannot be made in it.\n")
    (convenor.folder / "out/mine.txt").unlink()
    assert convenor("export", "out", DATABASE_URL=url)[0] == 0
    assert sorted(path.name for path in convenor.folder.iterdir() if path.name.startswith(".")) == []


def test_people_need_a_key_and_so_does_an_import(convenor: Command, url: str) -> None:
    code, _, err = convenor("export", "out", "--with-members", DATABASE_URL=url, ENCRYPTION_KEYS="")
    assert code == 2
    assert err.startswith("CONVENOR_ENCRYPTION_KEYS: is not set.")
    code, _, err = convenor("import", "out", DATABASE_URL=url, ENCRYPTION_KEYS="")
    assert code == 2
    assert not (convenor.folder / "out").exists()
    # Without people it needs none.
    assert convenor("export", "out", DATABASE_URL=url, ENCRYPTION_KEYS="")[0] == 0


def test_a_wrong_import_says_what_is_wrong_and_a_full_database_takes_none(convenor: Command, url: str) -> None:
    convenor("export", "out", "--json", DATABASE_URL=url)
    code, _, err = convenor("import", "out", DATABASE_URL=url)
    assert code == 1
    assert err.startswith("The database is not empty: there is something in ")
    (convenor.folder / "out/items.jsonl").write_text("{}\n")
    code, _, err = convenor("import", "out", DATABASE_URL=sqlite_url(convenor.folder, "new.db"))
    assert code == 1
    assert err.startswith("items.jsonl:1: field “id” is missing\n")
    assert err.endswith("Nothing was changed.\n")
