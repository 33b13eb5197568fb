"""The register of what is kept names every column there is, and the document on privacy says what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.store.tables import metadata
from bot.privacy.record import BEGIN, END, as_markdown
from bot.privacy.register import BASES, NOT_PERSONAL, PERSONAL, Fate, Kept, Whose, Why

DOCUMENT = Path(__file__).parents[2] / "docs" / "privacy.md"


def test_every_table_is_either_personal_or_not() -> None:
    personal = [kept.table for kept in PERSONAL]
    assert len(set(personal)) == len(personal)
    assert not set(personal) & NOT_PERSONAL.keys()
    known = {*personal, *NOT_PERSONAL} - {"alembic_version"}
    assert known == {table.name for table in metadata.sorted_tables}, (
        "a new table has to be in bot/privacy/register.py: with what it is for and how long it is kept, or among "
        "those that hold nothing personal"
    )


@pytest.mark.parametrize("kept", PERSONAL, ids=lambda kept: kept.table)
def test_every_column_of_a_personal_table_is_either_personal_or_not(kept: Kept) -> None:
    personal, plain = kept.personal.split(), kept.plain.split()
    assert sorted({*personal, *plain}) == sorted([*personal, *plain])
    columns = set(metadata.tables[kept.table].c.keys())
    assert {*personal, *plain} == columns, "a new column has to be in bot/privacy/register.py"
    assert {*kept.hidden.split(), *kept.others.split()} <= columns
    assert kept.when in columns | {""}


@pytest.mark.parametrize("kept", PERSONAL, ids=lambda kept: kept.table)
def test_erasing_can_do_what_the_register_says(kept: Kept) -> None:
    columns = metadata.tables[kept.table].c
    assert kept.links
    for link in kept.links:
        if link.whose in (Whose.MEMBER, Whose.SUBJECT):
            assert link.column in kept.personal.split()
        if link.fate is Fate.MARK:
            # A mark is no member, so nothing may require that it is one.
            assert not columns[link.column].foreign_keys
        assert link.also.keys() <= set(columns.keys())
    refers = any(foreign.column.table.name == "members" for column in columns for foreign in column.foreign_keys)
    assert not refers or any(link.fate is Fate.DELETE for link in kept.links)


def test_every_purpose_has_its_ground_in_law() -> None:
    assert BASES.keys() == set(Why)


def test_the_document_says_what_the_register_says() -> None:
    words = DOCUMENT.read_text(encoding="utf-8")
    assert words[words.index(BEGIN) : words.index(END)] + END + "\n" == as_markdown(), (
        "docs/privacy.md has to have these tables between its marks:\n" + as_markdown()
    )
