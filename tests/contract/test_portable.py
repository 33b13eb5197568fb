"""An export and the way back: the same on both databases, between them, and refused where a line is wrong."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from adapters.store.database import Database
from adapters.store.portable import FILES, as_markdown, bring_in, schema_of, write_out
from adapters.store.portable.files import NOT_WRITTEN
from adapters.store.portable.schemas import BEGIN, END
from adapters.store.portable.shape import File
from adapters.store.tables import counters, metadata
from adapters.store.vault import Locked, new_key
from digests.errors import ConvenorError
from tests.contract.databases import open_database, postgres_url, sqlite_url
from tests.contract.personal_rows import everything
from tests.contract.portable_rows import HOSTILE, PEOPLE, fill_everything

DOCS = Path(__file__).parents[2] / "docs"


def empty_url(sort: str, folder: Path, name: str) -> str:
    return sqlite_url(folder, f"{name}.db") if sort == "sqlite" else postgres_url()


async def exported(url: str, folder: Path, *, members: bool = True) -> dict[str, bytes]:
    database = await open_database(url)
    folder.mkdir()
    await write_out(database, folder, members=members, made_by="convenor 0")
    await database.close()
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a filled database and its export with members, made once."""
    folder = tmp_path_factory.mktemp("once")

    async def make() -> None:
        url = sqlite_url(folder, "first.db")
        database = await open_database(url)
        await fill_everything(database)
        await database.close()
        await exported(url, folder / "export")

    asyncio.run(make())
    return folder


@pytest.fixture
def export(once: Path, tmp_path: Path) -> Path:
    """The folder of an export with members, to be changed."""
    shutil.copyfile(once / "first.db", tmp_path / "first.db")
    return Path(shutil.copytree(once / "export", tmp_path / "export"))


@pytest.mark.parametrize("members", [True, False], ids=["with members", "without"])
@pytest.mark.parametrize(
    "sorts", [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite")], ids="-".join
)
async def test_what_was_brought_in_is_exported_again_to_the_byte(
    tmp_path: Path, sorts: tuple[str, str], members: bool
) -> None:
    url = empty_url(sorts[0], tmp_path, "first")
    database = await open_database(url)
    await fill_everything(database)
    await database.close()
    first = await exported(url, tmp_path / "export", members=members)
    other = empty_url(sorts[1], tmp_path, "second")
    database = await open_database(other)
    await bring_in(database, tmp_path / "export")
    await database.close()
    assert await exported(other, tmp_path / "again", members=members) == first
    assert {file.name for file in FILES if members or not file.members} | {"manifest.json"} == set(first)
    assert all(first[name] for name in first)


async def test_on_postgresql_alone_it_comes_back_too_and_new_rows_follow(tmp_path: Path, export: Path) -> None:
    database = await open_database(postgres_url())
    await bring_in(database, export)
    async with database.writing() as transaction:
        audit = metadata.tables["audit_log"]
        row = (await transaction.rows(audit.select()))[0]._mapping
        before = {each.id for each in await transaction.rows(audit.select())}
        await transaction.change(audit.insert().values({name: row[name] for name in row if name != "id"}))
        after = {each.id for each in await transaction.rows(audit.select())}
        await transaction.commit()
    (new,) = after - before
    assert new > max(before)
    await database.close()


async def test_an_export_without_members_needs_no_key_and_names_nobody(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path)
    database = await open_database(url)
    await fill_everything(database)
    await database.close()
    without_keys = await Database.open(url, migrate=False)
    (tmp_path / "export").mkdir()
    await write_out(without_keys, tmp_path / "export", members=False, made_by="convenor 0")
    (tmp_path / "other").mkdir()
    with pytest.raises(Locked):
        await write_out(without_keys, tmp_path / "other", members=True, made_by="convenor 0")
    await without_keys.close()
    for path in (tmp_path / "export").iterdir():
        words = path.read_text(encoding="utf-8")
        for who in PEOPLE:
            for trace in (f"id-of-{who}", f"name-of-{who}", f"user-{who}", f"member_name-2-{who}"):
                assert trace not in words, path.name
    posts = [json.loads(line) for line in (tmp_path / "export/posts.jsonl").read_text().splitlines()]
    assert {post["state"] for post in posts} == {"sent", "dropped"}
    assert {post["body"] for post in posts} == {'{"summary":"","blocks":[]}'}


async def test_with_members_nothing_that_may_have_arrived_is_sent_again_by_itself(export: Path) -> None:
    posts = [json.loads(line) for line in (export / "posts.jsonl").read_text().splitlines()]
    assert {post["key"].removeprefix("edition:"): post["state"] for post in posts} == {
        "pending": "unknown",
        "sending": "unknown",
        "sent": "sent",
        "retry": "unknown",
        "parked": "parked",
        "unknown": "unknown",
        "dropped": "dropped",
    }


async def test_what_was_encrypted_is_sealed_with_the_new_owners_key(tmp_path: Path, export: Path) -> None:
    key = new_key()
    path = tmp_path / "own.db"
    database = await Database.open(f"sqlite:///{path}", keys=[key])
    await bring_in(database, export)
    assert any(f"name-of-{PEOPLE[0]}" in row for row in (await everything(database))["members"])
    await database.close()
    assert f"name-of-{PEOPLE[0]}".encode() not in path.read_bytes()
    again = await Database.open(f"sqlite:///{path}", keys=[key])
    async with again.reading() as transaction:
        assert (await transaction.rows(counters.select().where(counters.c.name == "profiles")))[0].value == 1
    await again.close()


async def test_every_line_is_as_its_schema_says(export: Path) -> None:
    for file in FILES:
        checks = Draft202012Validator(schema_of(file), format_checker=FormatChecker())
        lines = (export / file.name).read_bytes().splitlines()
        assert lines
        for line in lines:
            checks.validate(json.loads(line))
    assert HOSTILE in json.loads((export / "items.jsonl").read_text(encoding="utf-8").split("\n")[0])["title"]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_schemas_stand_in_the_documents(file: File) -> None:
    path = DOCS / "export" / file.name.replace(".jsonl", ".schema.json")
    wanted = json.dumps(schema_of(file), indent=2, ensure_ascii=False) + "\n"
    assert path.read_text(encoding="utf-8") == wanted, f"{path} has to be:\n{wanted}"


def test_the_document_has_every_field() -> None:
    words = (DOCS / "export-format.md").read_text(encoding="utf-8")
    assert words[words.index(BEGIN) : words.index(END)] + END + "\n" == as_markdown(), (
        "docs/export-format.md has to have these tables between its marks:\n" + as_markdown()
    )


def test_every_column_is_in_an_export_or_left_out_for_a_reason() -> None:
    tables = {file.table.name for file in FILES} | {part.table.name for file in FILES for part in file.parts}
    assert not tables & NOT_WRITTEN.keys()
    assert tables | NOT_WRITTEN.keys() == {table.name for table in metadata.sorted_tables} | {"alembic_version"}
    for file in FILES:
        assert {each.name for each in file.fields} | file.left.keys() == set(file.table.c.keys()), file.name
        for part in file.parts:
            columns = {column.name for column in part.table.c if not (column.name == "id" and column.primary_key)}
            assert {each.name for each in part.fields} | {part.on} == columns


def first_line(export: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    path = export / name
    first, _, rest = path.read_text(encoding="utf-8").partition("\n")
    data = json.loads(first)
    change(data)
    path.write_text(json.dumps(data) + "\n" + rest, encoding="utf-8")


async def refused(tmp_path: Path, export: Path) -> str:
    """Why the export is refused; and that nothing of it is there then."""
    database = await open_database(sqlite_url(tmp_path, "new.db"))
    with pytest.raises(ConvenorError) as wrong:
        await bring_in(database, export)
    assert not [name for name, rows in (await everything(database)).items() if rows and name not in ("seals",)]
    await database.close()
    return wrong.value.sentence


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("items.jsonl", {"title": 7}, "items.jsonl:1: field “title” must be text, not 7"),
        ("items.jsonl", {"kind": "poem"}, "items.jsonl:1: field “kind” must be one of 'bill',"),
        ("items.jsonl", {"received_at": "2025-01-24T09:00:00"}, "must have a time zone, such as Z at its end"),
        ("items.jsonl", {"received_at": "0001-01-01T00:00:00+10:00"}, "must be a moment such as 2025-01-24T09:00:00Z"),
        ("items.jsonl", {"received_at": None}, "items.jsonl:1: field “received_at” must not be null"),
        ("items.jsonl", {"deadline": "soon"}, "items.jsonl:1: field “deadline” must be a day such as 2025-01-24"),
        ("items.jsonl", {"revision": True}, "items.jsonl:1: field “revision” must be a whole number, not true"),
        (
            "items.jsonl",
            {"revision": 2**40},
            "items.jsonl:1: field “revision” must be a whole number, not 1099511627776",
        ),
        ("items.jsonl", {"tags": None}, "items.jsonl:1: field “tags” must be a list"),
        ("items.jsonl", {"tags": [{"position": 0}]}, "items.jsonl:1: field “tags[0].topic_id” is missing"),
        ("items.jsonl", {"colour": "red"}, "items.jsonl:1: field “colour” is not known"),
        ("items.jsonl", {"\x1b[2J": 1}, "items.jsonl:1: field “\\u001b[2J” is not known"),
        (
            "edition_revisions.jsonl",
            {"content": {}},
            "field “content” is not as Convenor writes it: it lacks 'sections'",
        ),
        (
            "item_revisions.jsonl",
            {"item_id": "nobody"},
            "item_revisions.jsonl:1: the line is there twice, or refers to",
        ),
        ("profiles.jsonl", {"details": "x"}, 'profiles.jsonl:1: field “details” must be an object, not "x"'),
    ],
)
async def test_a_wrong_line_is_named_with_its_field_and_nothing_is_brought_in(
    tmp_path: Path, export: Path, name: str, change: dict[str, Any], said: str
) -> None:
    first_line(export, name, lambda data: data.update(change))
    assert said in await refused(tmp_path, export)


async def test_a_line_that_is_there_twice_is_named(tmp_path: Path, export: Path) -> None:
    path = export / "source_states.jsonl"
    path.write_text(path.read_text() * 2)
    manifest = json.loads((export / "manifest.json").read_text())
    manifest["lines"]["source_states.jsonl"] *= 2
    (export / "manifest.json").write_text(json.dumps(manifest))
    assert await refused(tmp_path, export) == (
        "source_states.jsonl:2: the line is there twice, or refers to something that is not in the export\n"
        "Nothing was changed."
    )


async def test_a_field_that_a_line_has_twice_is_named(tmp_path: Path, export: Path) -> None:
    path = export / "items.jsonl"
    path.write_text(path.read_text().replace('"title":', '"title":"Another","title":', 1))
    assert await refused(tmp_path, export) == ("items.jsonl:1: field “title” is there twice\nNothing was changed.")


async def test_every_mistake_is_said_at_once(tmp_path: Path, export: Path) -> None:
    (export / "items.jsonl").write_text("{\n[]\n" + "{}\n" * 50)
    said = (await refused(tmp_path, export)).splitlines()
    assert said[0] == "items.jsonl:1: the line is not JSON"
    assert said[1] == "items.jsonl:2: the line must be an object"
    assert len(said) == 22
    assert said[-2:] == ["There may be more: these are the first.", "Nothing was changed."]


async def test_lines_that_are_missing_are_noticed(tmp_path: Path, export: Path) -> None:
    path = export / "editions.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    assert (await refused(tmp_path, export)).startswith("editions.jsonl has 2 lines, and manifest.json says 3.")


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "is no export of Convenor: it has no manifest.json that says so."),
        ({"format": "something-else"}, "is no export of Convenor"),
        ({"version": 2}, "was written by a newer Convenor: its format is version 2, and this one knows 1."),
        ({"version": "1"}, "field “version” must be a whole number from 1."),
        ({"lines": {}}, "field “lines” must have a number for each of"),
    ],
)
async def test_what_is_no_export_is_refused(
    tmp_path: Path, export: Path, manifest: dict[str, Any] | None, said: str
) -> None:
    path = export / "manifest.json"
    if manifest is None:
        path.unlink()
    else:
        path.write_text(json.dumps(json.loads(path.read_text()) | manifest))
    assert said in await refused(tmp_path, export)


async def test_a_database_with_something_in_it_is_refused(tmp_path: Path, export: Path) -> None:
    database = await open_database(sqlite_url(tmp_path, "first.db"))
    with pytest.raises(ConvenorError, match="The database is not empty: there is something in "):
        await bring_in(database, export)
    await database.close()


async def test_files_are_for_their_owner_alone(export: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in export.iterdir()} == {0o600}
