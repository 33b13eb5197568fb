"""The kinds of column that the tables are made of, the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, DateTime, Enum, Integer, MetaData, Text, TypeDecorator
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.types import TypeEngine

from adapters.store.vault import vault_of

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC. A naive datetime is refused; what comes back is aware and in UTC, whatever the database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        moment = value.astimezone(UTC)
        # SQLite keeps text without a zone, and compares it as text: every value must be in the same one.
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def storable(text: str) -> str:
    """The text as every database can hold it: NUL and half a surrogate pair become a mark that stands for them."""
    if not text.isascii():
        text = text.encode("utf-8", "replace").decode()
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}") if "\0" in text else text


class Words(TypeDecorator[str]):
    """Text from anywhere, made :func:`storable`."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


class Sealed(TypeDecorator[str]):
    """Text about a person, made :func:`storable` and encrypted at rest with the keys of the engine's vault.

    The same words are never stored twice the same, so it can be neither compared nor sorted in SQL.
    """

    impl = Text
    cache_ok = True

    class comparator_factory(Text.Comparator[Any]):
        """Refuses what could only ever be wrong."""

        def operate(self, op: Any, *other: Any, **how: Any) -> Any:
            raise TypeError("a sealed column can be neither compared nor sorted in SQL")

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else vault_of(dialect).seal(storable(value))

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else vault_of(dialect).open(value)


class Marked(TypeDecorator[str]):
    """An id that is stored as a mark: whoever has the id and the key can make the mark again, and nobody else.

    What is already a mark is stored through ``type_coerce(..., Text)``. Nothing stays nothing.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return vault_of(dialect).mark(value) if value else value


class Terms(TypeDecorator[Collection[str]]):
    """The terms of an item (see ``digests.search``), to be searched and never to be read back.

    They need no escaping in PostgreSQL's own notation, nor its parser, which would make other words of some of them.
    """

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(TSVECTOR() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else " ".join(sorted(value))


def one_of(values: type[StrEnum]) -> Enum:
    """A column that holds the enumeration's values (not its names) as plain text."""
    return Enum(
        values,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda members: [member.value for member in members],
    )


def words(name: str, **how: Any) -> Column[str]:
    return Column(name, Words, nullable=False, **how)


def sealed(name: str, **how: Any) -> Column[str]:
    """A text about a person, encrypted at rest."""
    return Column(name, Sealed, nullable=False, **how)


def moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    return Column(name, Moment, nullable=nullable)


def number(name: str, **how: Any) -> Column[int]:
    return Column(name, Integer, nullable=False, **how)


def order() -> Column[int]:
    """The order in which rows were added."""
    return Column("id", Integer, primary_key=True)


def account() -> tuple[Column[str], ...]:
    return words("platform"), words("workspace"), words("user_id")
