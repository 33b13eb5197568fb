"""Writes the next migration, for a developer: ``python -m adapters.store.migrations "Say what changes"``.

It compares the tables with what the migrations so far make of an empty SQLite file. Read what it wrote, and raise
``NEWEST`` in ``adapters/store/upgrade.py`` to its number.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine

from adapters.store import upgrade


def write(message: str) -> None:
    """Write the migration from the migrations so far to the tables as they now are."""
    number = len(list((upgrade.MIGRATIONS / "versions").glob("[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'empty.db'}")
        with engine.begin() as connection:
            upgrade.upgrade(connection)
            command.revision(upgrade.config(connection), message, autogenerate=True, rev_id=f"{number:04}")
        engine.dispose()


if __name__ == "__main__":
    write(" ".join(sys.argv[1:]))
