"""A store whose units of work are parts of one transaction: all of them last, or none does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncTransaction

from adapters.store.transaction import Transaction, uninterrupted
from adapters.store.unit import SqlUnitOfWork
from bot.ports import UnitOfWork


class _Part(Transaction):
    """A transaction within another: committed, it lasts if that one does."""

    def __init__(self, connection: AsyncConnection, savepoint: AsyncTransaction) -> None:
        super().__init__(connection, writing=True)
        self._savepoint = savepoint

    async def commit(self) -> None:
        self._written()
        self.end()
        await uninterrupted(self._savepoint.commit())


class Together:
    """Fulfils ``bot.ports.Store`` on one connection, which is in a transaction. One task may use it at a time."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    def begin(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that may write."""
        return self._begin()

    def read(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """A view of what was written so far."""
        return self._read()

    @asynccontextmanager
    async def _begin(self) -> AsyncIterator[UnitOfWork]:
        savepoint = await self._connection.begin_nested()
        part = _Part(self._connection, savepoint)
        try:
            yield SqlUnitOfWork(part)
        finally:
            part.end()
            if savepoint.is_active:
                await uninterrupted(savepoint.rollback())

    @asynccontextmanager
    async def _read(self) -> AsyncIterator[UnitOfWork]:
        part = Transaction(self._connection, writing=False)
        try:
            yield SqlUnitOfWork(part)
        finally:
            part.end()
