"""Which of several clocks looks for what is due: the one that holds a lock in PostgreSQL, until its connection ends.

It spares the others work, and the publishers a second reading. That nothing is done twice does not hang on it: what is
due is inserted under unique keys, so that two clocks that both think they lead do no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Any

from adapters.store.url import file_of, parse

log = logging.getLogger(__name__)

# Any number that nothing else in the same database uses.
_ADVISORY_LOCK = 4_836_366_659
# Long enough to be told by a busy database; a server that says nothing for longer is taken for gone.
PATIENCE_SECONDS = 10.0


class Leader:
    """Leads where it holds the lock. On SQLite there is one service, which always leads."""

    def __init__(self, database_url: str) -> None:
        """Raises ConfigError where the address cannot be used."""
        url = parse(database_url)
        on_postgresql = file_of(url) is None
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False) if on_postgresql else ""
        self._connection: Any = None
        self._holds = False
        self._turn = asyncio.Lock()

    async def leads(self) -> bool:
        """Whether this process is the one to look now; tries to become it. Never raises for a database that is away."""
        if not self._conninfo:
            return True
        async with self._turn:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    return await self._try()
            except Exception as trouble:
                log.warning("the clocks could not agree which of them leads (%s)", trouble)
                await self._let_go()
                return False

    async def close(self) -> None:
        """Let another lead."""
        async with self._turn:
            await self._let_go()

    async def _try(self) -> bool:
        import psycopg

        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, tcp_user_timeout=30_000
            )
        if self._holds:
            await self._connection.execute("SELECT 1")
            return True
        found = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", (_ADVISORY_LOCK,))
        (self._holds,) = await found.fetchone()
        if self._holds:
            log.info("this clock looks for what is due; others stand by")
        return self._holds

    async def _let_go(self) -> None:
        connection, self._connection, self._holds = self._connection, None, False
        if connection is not None:
            with contextlib.suppress(Exception):
                # A server notices some time later that a connection was closed.
                async with asyncio.timeout(1.0):
                    await connection.execute("SELECT pg_advisory_unlock_all()")
            with contextlib.suppress(Exception):
                await connection.close()
