"""A restore that can be killed before any line of it: the real one, in a process of its own."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from adapters.backup import sqlite
from bot.app import house, restoring
from config.catalogue import Catalogue
from config.settings import Settings, load_settings
from config.topics import load_taxonomy
from digests.kinds import NO_RULES
from tests.contract.databases import TEST_KEY
from tests.fakes.network import a_plan

_STEPS = (sqlite.__file__, restoring.__file__)
_RULES = "gate: {strong: [data]}\ntopics: [{id: data, name: Data, description: About data, rules: [data]}]\n"


def settings_in(folder: Path) -> Settings:
    """The settings of a Convenor whose database and backups are in this folder."""
    given = {
        "DATABASE_URL": f"sqlite:///{folder}/convenor.db",
        "ENCRYPTION_KEYS": TEST_KEY,
        "BACKUP_DIR": str(folder / "backups"),
    }
    return load_settings({f"CONVENOR_{name}": value for name, value in given.items()}, None)


def run(folder: str, file: str, until: int) -> None:
    """Restore a backup, and die before the line of this number; how many lines there were stands in ``lines`` then."""
    seen = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal seen
        if frame.f_code.co_filename not in _STEPS:
            return None
        if event == "line":
            seen += 1
            if seen == until:
                os.kill(os.getpid(), signal.SIGKILL)
        return trace

    rules = Path(folder) / "rules.yaml"
    rules.write_text(_RULES)
    small = (Catalogue(()), load_taxonomy(rules), a_plan(), NO_RULES, ())
    house.load_files = lambda settings: small
    threading.settrace(trace)
    sys.settrace(trace)
    asyncio.run(_restore(Path(folder), Path(file)))
    sys.settrace(None)
    (Path(folder) / "lines").write_text(str(seen))


async def _restore(folder: Path, file: Path) -> None:
    settings = settings_in(folder)
    await restoring.restore(settings, await restoring.plan_restore(settings, file))
