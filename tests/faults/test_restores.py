"""A restore is killed (SIGKILL) before any line of it: what was there is there, or what was restored, on hold.

CONVENOR_KILLS says how many kills there are: 5 unless set; CONVENOR_SEED chooses before which lines.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot import schedule
from bot.app import keeping
from bot.messages import Button
from bot.privacy import notice
from tests.builders import a_delivery
from tests.contract.databases import open_database, sqlite_url
from tests.fakes.network import ALICE, Network
from tests.faults import restorer
from tests.forks import forking

KILLS = int(os.environ.get("CONVENOR_KILLS", "5"))
SEED = int(os.environ.get("CONVENOR_SEED", "1"))


async def a_day_later(folder: Path) -> Path:
    """A backup in the folder of a database from which Alice was erased since, and which has a later message."""
    url, settings = sqlite_url(folder), restorer.settings_in(folder)
    database = await open_database(url)
    network = await Network.make(store=database)
    network.clock.set(datetime.now(UTC))
    await network.press(ALICE, Button("", notice.ERASE))
    await network.sends()
    await keeping.journal_tick(settings, database)
    file = keeping.make_backup(settings, program="convenor", why="by hand").file
    network.clock.advance(days=15)
    await schedule.privacy_tick(network.services)
    async with database.begin() as uow:
        await uow.deliveries.add([a_delivery("later")])
        await uow.commit()
    await keeping.journal_tick(settings, database)
    await database.close()
    return file


async def which_is_there(path: Path) -> str:
    """Whether a database is the one from before the restore, or the one that was restored; nothing in between."""
    database = await open_database(f"sqlite:///{path}", migrate=False)
    async with database.read() as uow:
        hold, later = await uow.holds.get(), await uow.deliveries.get("later")
        alice = await uow.members.find(ALICE)
    await database.close()
    assert alice is None, "she was erased from the one, and is again from the other"
    assert (hold is None) == (later is not None)
    return "restored" if hold else "before"


def restores(folder: Path, file: Path, until: int) -> int | None:
    """Restore in a process that dies before this line; its exit code."""
    process = forking().Process(target=restorer.run, args=(str(folder), str(file), until))
    process.start()
    process.join()
    return process.exitcode


@pytest.mark.timeout(60 + 3 * KILLS)
async def test_a_restore_that_is_killed_leaves_one_whole_database_and_can_be_done_again(tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    file = await a_day_later(first)
    whole = tmp_path / "whole"
    shutil.copytree(first, whole)
    assert restores(whole, whole / "backups" / file.name, 0) == 0
    lines = int((whole / "lines").read_text())
    ends = {}
    for line in sorted(random.Random(SEED).sample(range(1, lines + 1), min(KILLS, lines))):
        folder = tmp_path / str(line)
        shutil.copytree(first, folder)
        assert restores(folder, folder / "backups" / file.name, line) == -signal.SIGKILL
        ends[line] = await which_is_there(folder / "convenor.db")
        assert restores(folder, folder / "backups" / file.name, 0) == 0
        assert await which_is_there(folder / "convenor.db") == "restored"
        kept = [each for each in folder.glob("convenor.db.replaced-*") if not each.name.endswith(("-wal", "-shm"))]
        assert "before" in [await which_is_there(each) for each in kept], "what was replaced is still there"
    # Once it is restored, it stays so: no later line takes it back.
    assert list(ends.values()) == sorted(ends.values()), ends
