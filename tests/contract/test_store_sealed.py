"""What people wrote is not in the database as they wrote it, and opens with its keys alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from adapters.store import sealing
from adapters.store.database import Database
from adapters.store.tables import Words, members, metadata
from adapters.store.vault import MARK, Locked, Vault, WrongKey, new_key
from bot.members.consent import Consent, ConsentPurpose
from bot.messages import Identity, say, to_json
from bot.ports import UnitOfWork
from bot.privacy.register import PERSONAL
from digests.errors import ConfigError
from digests.model import Address, Delivery, DeliveryState
from tests.builders import NOW, a_profile
from tests.contract.databases import TEST_KEY, open_database, sqlite_url

SECRET = "my-union-branch-and-my-health"
ALICE = Identity("local", "here", "alice", f"Alice {SECRET}")


async def _fill(database: Database) -> str:
    """A member who wrote the secret wherever something personal can be written."""
    async with database.begin() as uow:
        member = await uow.members.resolve(ALICE, NOW)
        await uow.profiles.put(a_profile(member.id, can_help=SECRET, avoid=(SECRET,), email=f"{SECRET}@example.org"))
        await uow.consents.record(
            Consent("c1", member.id, ConsentPurpose.DIRECTORY, "profile", f"I agree: {SECRET}", 1, NOW)
        )
        await uow.inbox.keep_form(ALICE, "profile", {"can_help": SECRET}, NOW)
        await uow.deliveries.add([Delivery("d1", "dm", Address("local", "here"), to_json(say(SECRET)), NOW)])
        await uow.commit()
    return member.id


async def _is_whole(uow: UnitOfWork, member_id: str) -> None:
    member = await uow.members.get(member_id)
    assert member is not None
    assert member.name == ALICE.name
    profile = await uow.profiles.get(member_id)
    assert profile == a_profile(member_id, can_help=SECRET, avoid=(SECRET,), email=f"{SECRET}@example.org")
    assert [consent.text for consent in await uow.consents.of(member_id)] == [f"I agree: {SECRET}"]
    assert await uow.inbox.kept_form(ALICE, "profile") == {"can_help": SECRET}
    delivery = await uow.deliveries.get("d1")
    assert delivery is not None
    assert SECRET in delivery.body


def _everything_in(url: str) -> str:
    """Every value of every table, as whoever has the database reads it."""
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.connect() as connection:
        tables = {column.table.name for column in sealing.sealed_columns()}
        rows = [connection.execute(text(f"SELECT * FROM {table}")).all() for table in sorted(tables)]
    engine.dispose()
    return repr(rows)


async def _open(url: str, *keys: str) -> Database:
    return await open_database(url, keys=keys)


async def test_what_a_member_wrote_can_be_read_with_the_key_and_is_not_in_the_database(database_url: str) -> None:
    database = await open_database(database_url)
    member_id = await _fill(database)
    async with database.read() as uow:
        await _is_whole(uow, member_id)
    await database.close()
    stored = _everything_in(database_url)
    assert MARK in stored
    assert SECRET not in stored


async def test_not_one_byte_of_it_is_in_the_files_of_sqlite(tmp_path: Path) -> None:
    database = await open_database(sqlite_url(tmp_path))
    await _fill(database)
    files = {file.name: SECRET.encode() in file.read_bytes() for file in tmp_path.iterdir()}
    await database.close()
    assert set(files) == {"convenor.db", "convenor.db-wal", "convenor.db-shm"}
    assert not any(files.values())


async def test_keys_are_exchanged_while_everything_stays_readable(database_url: str) -> None:
    newer = new_key()
    before = await open_database(database_url)
    member_id = await _fill(before)
    both = await _open(database_url, newer, TEST_KEY)
    async with both.read() as uow:
        await _is_whole(uow, member_id)
    # members, identities, profiles, consents, kept_forms, deliveries and the sample itself
    assert await both.renew_keys() == 7
    assert await both.renew_keys() == 0
    async with both.read() as uow:
        await _is_whole(uow, member_id)
    await both.close()
    await before.close()
    after = await _open(database_url, newer)
    async with after.read() as uow:
        await _is_whole(uow, member_id)
    await after.close()


async def test_keys_are_exchanged_beside_a_service_that_reads_and_writes(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.store.database.TIDY_PATIENCE_SECONDS", 0.1)
    newer = new_key()
    service = await _open(database_url, newer, TEST_KEY)
    member_id = await _fill(service)
    beside = await _open(database_url, newer, TEST_KEY)
    async with service.read() as before:
        await _is_whole(before, member_id)
        await beside.renew_keys()
        # A view from before the exchange stays what it was.
        await _is_whole(before, member_id)
    async with service.begin() as uow:
        await _is_whole(uow, member_id)
        await uow.inbox.keep_form(ALICE, "other", {"words": SECRET}, NOW)
        await uow.commit()
    await service.close()
    await beside.close()
    after = await _open(database_url, newer)
    async with after.read() as uow:
        await _is_whole(uow, member_id)
        assert await uow.inbox.kept_form(ALICE, "other") == {"words": SECRET}
    await after.close()


async def test_what_was_written_before_there_was_a_key_is_encrypted_at_the_first_start_with_one(
    database_url: str, tmp_path: Path
) -> None:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM seals"))
        for number in range(2 * sealing.AT_ONCE + 1):
            row = {"id": f"m{number:04}", "name": f"{SECRET} {number}"}
            connection.execute(text("INSERT INTO members VALUES (:id, :name, '2025-01-23')"), row)
    engine.dispose()
    assert SECRET in _everything_in(database_url)
    database = await open_database(database_url)
    async with database.read() as uow:
        member = await uow.members.get("m0400")
    await database.close()
    assert member is not None
    assert member.name == f"{SECRET} 400"
    assert SECRET not in _everything_in(database_url)
    if database_url.startswith("sqlite"):
        assert not any(SECRET.encode() in file.read_bytes() for file in tmp_path.iterdir())


async def test_a_wrong_key_is_refused_at_the_start_in_one_sentence(database_url: str) -> None:
    await (await open_database(database_url)).close()
    with pytest.raises(ConfigError) as refused:
        await _open(database_url, new_key())
    assert refused.value.problems == (sealing.NOT_THESE_KEYS,)


async def test_a_key_that_is_missing_half_way_through_an_exchange_is_told_where_it_is_needed(database_url: str) -> None:
    database = await open_database(database_url)
    member_id = await _fill(database)
    newer = new_key()
    # As after an exchange that was broken off: the sample is under the newer key, and the profile is not.
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("UPDATE seals SET sample = :sample"), {"sample": Vault([newer]).seal("Convenor")})
    engine.dispose()
    await database.close()
    database = await _open(database_url, newer)
    async with database.read() as uow:
        with pytest.raises(WrongKey, match="not among those of CONVENOR_ENCRYPTION_KEYS"):
            await uow.profiles.get(member_id)
    await database.close()


async def test_without_a_key_nothing_personal_is_read_or_written_and_the_rest_works(database_url: str) -> None:
    database = await open_database(database_url)
    member_id = await _fill(database)
    await database.close()
    database = await open_database(database_url, keys=())
    async with database.begin() as uow:
        with pytest.raises(Locked, match="Set CONVENOR_ENCRYPTION_KEYS"):
            await uow.members.resolve(Identity("local", "here", "bob", "Bob"), NOW)
    async with database.read() as uow:
        with pytest.raises(Locked):
            await uow.profiles.get(member_id)
        assert await uow.sources.states() == {}
    with pytest.raises(Locked):
        await database.renew_keys()
    await database.close()


async def test_the_same_words_are_never_stored_twice_the_same_and_cannot_be_compared_in_sql(database: Database) -> None:
    vault = Vault([TEST_KEY])
    assert vault.seal("Alice") != vault.seal("Alice")
    with pytest.raises(TypeError, match="neither compared nor sorted"):
        members.c.name == "Alice"  # noqa: B015
    with pytest.raises(TypeError):
        members.c.name.desc()


async def test_text_that_looks_sealed_comes_back_as_it_was_typed(database: Database) -> None:
    typed: Sequence[str] = (MARK, f"{MARK}gAAAA", "", "a\0b", "\N{GRINNING FACE}")
    for number, words in enumerate(typed):
        identity = Identity("local", "here", f"u{number}")
        async with database.begin() as uow:
            await uow.inbox.keep_form(identity, "f", {"words": words}, NOW)
            await uow.commit()
        async with database.read() as uow:
            assert await uow.inbox.kept_form(identity, "f") == {"words": words}


async def test_starts_at_the_same_time_seal_a_database_once(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM seals"))
        connection.execute(text("INSERT INTO members VALUES ('m', 'Alice', '2025-01-23')"))
    engine.dispose()
    opened = await asyncio.gather(*(open_database(database_url) for _ in range(3)))
    async with opened[0].read() as uow:
        member = await uow.members.get("m")
    assert member is not None
    assert member.name == "Alice"
    for database in opened:
        await database.close()


async def test_the_address_that_a_mail_goes_to_is_sealed_and_found_again(database_url: str) -> None:
    database = await open_database(database_url)
    to = Address("mail", "", user=f"{SECRET}@example.org")
    row = Delivery("m1", "invitation", to, to_json(say("Hello")), NOW)
    async with database.begin() as uow:
        await uow.deliveries.add([row])
        (claimed,) = await uow.deliveries.claim(NOW, NOW)
        await uow.deliveries.settle(claimed, DeliveryState.SENT, now=NOW, message_ref="<1@example.org>")
        await uow.commit()
    async with database.read() as uow:
        kept = await uow.deliveries.get("m1")
        assert kept is not None
        assert kept.address == to
        assert await uow.deliveries.by_ref(to, "<1@example.org>") == kept
        assert await uow.deliveries.by_ref(Address("mail", "", user="other@example.org"), "<1@example.org>") is None
    await database.close()
    assert SECRET not in _everything_in(database_url)


async def test_what_a_migration_left_in_plain_text_is_sealed_at_the_next_start(database_url: str) -> None:
    engine = create_engine(database_url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO members VALUES ('m', :name, '2025-01-23')"), {"name": SECRET})
        connection.execute(text("DELETE FROM counters"))
        connection.execute(text("INSERT INTO counters VALUES ('left plain', 1)"))
    engine.dispose()
    for _ in range(2):
        await (await open_database(database_url)).close()
        assert SECRET not in _everything_in(database_url)
    database = await open_database(database_url)
    async with database.read() as uow:
        member = await uow.members.get("m")
    await database.close()
    assert member is not None
    assert member.name == SECRET


def test_the_guide_names_every_table_with_something_encrypted_in_it_and_no_other() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "encryption.md").read_text(encoding="utf-8")
    rows = [line.split("|")[1] for line in guide.split("## The first key")[0].splitlines() if line.startswith("| `")]
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert named == {column.table.name for column in sealing.sealed_columns()}


def test_every_personal_text_is_encrypted_but_those_that_are_looked_up_or_say_what_somebody_does() -> None:
    """A new column of words about people has to be decided about: sealed, or named here."""
    sealed = {f"{column.table.name}.{column.name}" for column in sealing.sealed_columns()}
    texts = {
        f"{kept.table}.{name}"
        for kept in PERSONAL
        for name in kept.personal.split()
        if isinstance(metadata.tables[kept.table].c[name].type, Words)
    }
    in_the_open = {name for name in texts - sealed if name.partition(".")[2] not in LOOKED_UP}
    assert in_the_open == SAYS_WHAT_IS_DONE


LOOKED_UP = {
    *("id", "member_id", "candidate_id", "platform", "workspace", "user_id", "room", "author", "only_for", "reference"),
    *("actor", "subject", "added_by", "answered_by", "bound_by", "granted_by", "made_by", "used_by", "topic_id"),
    *("topics", "request_id", "conversation_id"),
}
SAYS_WHAT_IS_DONE = {
    *("audit_log.action", "deliveries.purpose", "edition_revisions.what", "presences.doing"),
    *("follows.words", "follows.without", "suggestions.url", "suggestions.reason"),
}
