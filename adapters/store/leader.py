"""Which of several clocks does what: one leads, and all share the reading, by locks of their connections to PostgreSQL.

It spares the others work, and the publishers a second reading. That nothing is there twice does not hang on it: what is
due is inserted under unique keys, so that two clocks that both think they lead do no harm.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from adapters.store.url import file_of, parse

log = logging.getLogger(__name__)

# Any numbers that nothing else in the same database uses.
_LEADS = 4_836_366_659
_IS_A_CLOCK = 4_836_366_660
_READS_LOT = 1_126_066
LOTS = 64
"""The sources are dealt out in so many lots, so that a publisher's are all in one."""
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

    @asynccontextmanager
    async def share(self) -> AsyncIterator[frozenset[int]]:
        """The lots that are this process's to read while the block lasts: all where it is alone, else its share.

        No other has any of them at the same time. None where the database is away.
        """
        if not self._conninfo:
            yield frozenset(range(LOTS))
            return
        async with self._turn:
            try:
                async with asyncio.timeout(PATIENCE_SECONDS):
                    lots = await self._take_lots()
            except Exception as trouble:
                log.warning("the clocks could not agree who reads what (%s)", trouble)
                await self._let_go()
                lots = frozenset()
        connection = self._connection
        try:
            yield lots
        finally:
            async with self._turn:
                # A connection that ended meanwhile has let go of them.
                if lots and connection is self._connection:
                    with contextlib.suppress(Exception):
                        async with asyncio.timeout(PATIENCE_SECONDS):
                            await connection.execute(
                                "SELECT pg_advisory_unlock(%s, lot) FROM unnest(%s::int[]) AS lot",
                                (_READS_LOT, list(lots)),
                            )

    async def close(self) -> None:
        """Let another lead."""
        async with self._turn:
            await self._let_go()

    async def _connected(self) -> Any:
        import psycopg

        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._conninfo, autocommit=True, tcp_user_timeout=30_000
            )
            await self._connection.execute("SELECT pg_advisory_lock_shared(%s)", (_IS_A_CLOCK,))
        return self._connection

    async def _take_lots(self) -> frozenset[int]:
        connection = await self._connected()
        # The clocks of this database, in an order that they all see alike.
        found = await connection.execute(
            "SELECT pid, pid = pg_backend_pid() FROM pg_locks JOIN pg_database ON pg_database.oid = database "
            "WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 1 AND granted "
            "AND (classid::bigint << 32) + objid::bigint = %s ORDER BY pid",
            (_IS_A_CLOCK,),
        )
        clocks = [ours for _, ours in await found.fetchall()]
        mine = range(clocks.index(True), LOTS, len(clocks))
        # One that just joined, or left, may have counted otherwise: what another holds is left to it.
        found = await connection.execute(
            "SELECT lot FROM unnest(%s::int[]) AS lot WHERE pg_try_advisory_lock(%s, lot)", (list(mine), _READS_LOT)
        )
        return frozenset(lot for (lot,) in await found.fetchall())

    async def _try(self) -> bool:
        connection = await self._connected()
        if self._holds:
            await connection.execute("SELECT 1")
            return True
        found = await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LEADS,))
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
