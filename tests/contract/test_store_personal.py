"""What is about a person: counted, exported, erased and swept, in every table, and nothing of anybody else's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.store.database import Database
from adapters.store.tables import metadata
from bot.introductions.model import Introduction, Journey, Request, Requester, Suggested, Way, Wish
from bot.messages import Identity, bold, say, to_json
from bot.privacy.register import PERSONAL, Fate
from bot.privacy.retention import RULES, Swept, due
from digests.model import Address, Delivery, DeliveryState
from tests.builders import NOW
from tests.contract.personal_rows import LONG_AGO, account, everything, fill, member_id, name

DAY = timedelta(days=1)
ALICE, BOB = "alice", "bob"
MARK = "former-0a1b2c"
KEPT = {kept.table for kept in PERSONAL if any(link.fate is Fate.KEEP for link in kept.links)}


@pytest.fixture
async def filled(database: Database) -> Database:
    await fill(database, ALICE, BOB)
    return database


async def test_every_table_of_the_register_is_counted_and_exported(filled: Database) -> None:
    async with filled.read() as uow:
        held = await uow.personal.held(member_id(ALICE))
        export = await uow.personal.export(member_id(ALICE))
    assert held.keys() == export.keys() == {kept.table for kept in PERSONAL}
    assert {table: each.count for table, each in held.items()} == {table: len(rows) for table, rows in export.items()}
    assert held["follows"].first == held["follows"].last == LONG_AGO


async def test_an_export_has_nothing_of_anybody_else(filled: Database) -> None:
    async with filled.read() as uow:
        words = str(await uow.personal.export(member_id(ALICE)))
    for other in (BOB, "friend-of-alice", "friend-of-bob"):
        assert member_id(other) not in words
        assert name(other) not in words
        assert account(other)["user_id"] not in words
    assert name(ALICE) in words
    assert "another person" in words


async def test_who_answered_a_complaint_or_gave_a_role_does_not_get_what_it_says(filled: Database) -> None:
    async with filled.read() as uow:
        export = await uow.personal.export(member_id(ALICE))
    made, answered = export["complaints"]
    assert set(answered) == {"answered_by", "at"}
    assert {"words", "answer"} <= set(made)
    assert [set(row) for row in export["roles"]] == [{"member_id", "role", "granted_by", "at"}, {"granted_by", "at"}]


async def test_whoever_is_erased_is_named_nowhere_any_more_but_where_the_law_asks_to_keep_it(filled: Database) -> None:
    before = await everything(filled)
    async with filled.begin() as uow:
        touched = await uow.personal.erase(member_id(ALICE), MARK)
        await uow.commit()
    assert touched.keys() >= {kept.table for kept in PERSONAL} - KEPT - {"profiles"}
    after = await everything(filled)
    for table, rows in after.items():
        named = [row for row in rows for trace in traces(ALICE) if trace in row]
        assert bool(named) == (table in KEPT), (table, named)
        # The same rows about everybody else, to the letter.
        assert [row for row in rows if BOB in row] == [row for row in before[table] if BOB in row], table
    for kept in PERSONAL:
        if any(link.fate is Fate.MARK for link in kept.links):
            assert any(MARK in row for row in after[kept.table]), kept.table


def traces(who: str) -> tuple[str, ...]:
    return (member_id(who), name(who), account(who)["user_id"])


async def test_erasing_twice_changes_nothing_more(filled: Database) -> None:
    async with filled.begin() as uow:
        await uow.personal.erase(member_id(ALICE), MARK)
        assert set(await uow.personal.erase(member_id(ALICE), MARK)) == set()
        await uow.commit()


async def test_whoever_nothing_is_known_of_has_nothing_and_can_be_erased(database: Database) -> None:
    async with database.begin() as uow:
        assert await uow.personal.held("nobody") == {}
        assert await uow.personal.export("nobody") == {}
        assert await uow.personal.erase("nobody", MARK) == {}


async def test_a_line_that_others_answered_goes_and_the_answers_stay(database: Database) -> None:
    lines = metadata.tables["chat_lines"]
    await fill(database, ALICE)
    async with database.writing() as transaction:
        first = await transaction.value(lines.select().with_only_columns(lines.c.id))
        reply = {"room": "everybody", "author": "carol", "body": "{}", "at": LONG_AGO, "only_for": "", "edits": 0}
        await transaction.change(lines.insert().values(thread=first, key="reply", **reply))
        await transaction.commit()
    async with database.begin() as uow:
        assert (await uow.personal.erase(member_id(ALICE), MARK))["chat_lines"] == 1
        await uow.commit()
    async with database.reading() as transaction:
        (left,) = await transaction.rows(lines.select())
    assert (left.author, left.thread) == ("carol", None)


@pytest.mark.parametrize("swept", list(Swept))
async def test_what_is_older_than_its_rule_goes_and_nothing_else_does(database: Database, swept: Swept) -> None:
    await fill(database, ALICE)
    async with database.begin() as uow:
        # Private, and sent: what its rule is about.
        await uow.inbox.first_time("an event", LONG_AGO)
        await uow.commit()
    await make_private_and_sent(database)
    keep = RULES[swept].keep
    async with database.begin() as uow:
        assert await uow.personal.sweep({swept: due(LONG_AGO + keep)[swept]}) == {swept: 0}
        gone = await uow.personal.sweep({swept: due(LONG_AGO + keep + DAY)[swept]})
        assert gone[swept] > 0
        assert await uow.personal.sweep({swept: due(LONG_AGO + keep + DAY)[swept]}) == {swept: 0}
        tallies = await uow.personal.tallies()
        assert sum(tallies.values()) == (gone[swept] if RULES[swept].counted else 0)
        assert {month for _, month in tallies} <= {"2020-01"}
        await uow.commit()


async def make_private_and_sent(database: Database) -> None:
    lines, deliveries = metadata.tables["chat_lines"], metadata.tables["deliveries"]
    async with database.writing() as transaction:
        await transaction.change(lines.update().values(only_for="alice"))
        await transaction.change(deliveries.update().values(state="sent"))
        await transaction.commit()


async def test_what_waits_to_be_sent_and_what_readers_have_keeps_its_text(database: Database) -> None:
    await fill(database, ALICE, BOB)
    deliveries = metadata.tables["deliveries"]
    async with database.writing() as transaction:
        await transaction.change(
            deliveries.update().where(deliveries.c.user_id == "user-alice").values(state="pending")
        )
        await transaction.change(
            deliveries.update().where(deliveries.c.user_id == "user-bob").values(state="sent", purpose="edition")
        )
        await transaction.commit()
    async with database.begin() as uow:
        assert await uow.personal.sweep({Swept.MESSAGE_TEXTS: LONG_AGO + 900 * DAY}) == {Swept.MESSAGE_TEXTS: 0}


async def test_a_consent_that_a_profile_rests_on_stays_while_it_does(database: Database) -> None:
    await fill(database, ALICE)
    consents, profiles = metadata.tables["consents"], metadata.tables["profiles"]
    async with database.writing() as transaction:
        await transaction.change(consents.update().values(subject="profile", withdrawn_at=None))
        await transaction.commit()
    late = {Swept.CONSENTS: LONG_AGO + 3000 * DAY}
    async with database.begin() as uow:
        assert await uow.personal.sweep(late) == {Swept.CONSENTS: 0}
    async with database.writing() as transaction:
        await transaction.change(profiles.delete())
        await transaction.commit()
    async with database.begin() as uow:
        assert await uow.personal.sweep(late) == {Swept.CONSENTS: 1}


async def test_what_goes_later_adds_to_the_number_of_its_month(database: Database) -> None:
    for who in (ALICE, BOB):
        await fill(database, who)
        async with database.begin() as uow:
            await uow.personal.sweep({Swept.SUGGESTIONS: LONG_AGO + DAY})
            await uow.commit()
    async with database.read() as uow:
        assert await uow.personal.tallies() == {("suggestions settled", "2020-01"): 2}


async def test_whoever_is_erased_is_taken_out_of_what_coordinators_keep_of_others_requests(database: Database) -> None:
    alice, bob = member_id(ALICE), member_id(BOB)
    await fill(database, ALICE, BOB)
    requester = Requester(name(BOB), bob, Identity("local", "browser", "user-bob", "Bob"))
    suggested = (Suggested(alice, "writes “looms”"), Suggested(bob, "writes “bees”"))
    request = Request(
        "r1", requester, Wish("Somebody", wanted_id=alice), NOW, NOW, coordinator_id=alice, suggested=suggested
    )
    async with database.begin() as uow:
        await uow.requests.add(Journey(request, (), Introduction("a1", alice, Way.GROUP, NOW)))
        await uow.personal.erase(alice, MARK)
        await uow.commit()
    async with database.begin() as uow:
        kept = await uow.requests.get("r1")
        assert kept is not None
        assert kept.request.suggested == suggested[1:]
        assert (kept.request.wish.wanted_id, kept.request.coordinator_id) == (MARK, MARK)
        assert kept.introduction is not None
        assert kept.introduction.candidate_id == MARK
        # Whoever read it before has to look again.
        assert not await uow.requests.save(Journey(request))


async def test_messages_to_several_are_theirs_too(database: Database) -> None:
    alice = member_id(ALICE)
    await fill(database, ALICE)
    async with database.begin() as uow:
        rows = {
            "group": Address("local", "browser", user="user-bob,user-alice"),
            "bob": Address("local", "browser", user="user-bob"),
            "malice": Address("local", "browser", user="user-alice2,user-bob"),
            "elsewhere": Address("slack", "T01", user="user-alice"),
        }
        said = to_json(say("Alice, meet ", bold("Bob"), "."))
        await uow.deliveries.add([Delivery(key, "introduction", to, said, NOW) for key, to in rows.items()])
        # What has not gone out is not theirs to read yet.
        assert [row["body"] for row in (await uow.personal.export(alice))["deliveries"]] == ["body-22-alice"]
        for claimed in await uow.deliveries.claim(NOW, NOW, limit=100):
            await uow.deliveries.settle(claimed, DeliveryState.SENT, now=NOW, message_ref="1")
        exported = (await uow.personal.export(alice))["deliveries"]
        assert "Alice, meet Bob." in [row["body"] for row in exported]
        to_several = [row["recipient"] or row["user_id"] for row in exported if row["user_id"] != "user-alice"]
        assert to_several == ["user-bob,user-alice"]
        await uow.personal.erase(alice, MARK)
        assert [key for key in rows if await uow.deliveries.get(key)] == ["bob", "malice", "elsewhere"]
        await uow.commit()


async def test_what_was_said_between_two_in_the_browser_chat_is_about_each_of_them(database: Database) -> None:
    await fill(database, ALICE)
    lines = metadata.tables["chat_lines"]
    rooms = ("@user-alice", "@user-alice,user-bob", "@user-bob,user-alice", "@user-bob,user-alice2", "@malice,user-bob")
    async with database.writing() as transaction:
        for room in rooms:
            line = {"author": "convenor", "body": "{}", "at": LONG_AGO, "only_for": "", "edits": 0, "key": room}
            await transaction.change(lines.insert().values(room=room, **line))
        await transaction.commit()
    async with database.begin() as uow:
        assert (await uow.personal.erase(member_id(ALICE), MARK))["chat_lines"] == 4
        await uow.commit()
    async with database.reading() as transaction:
        assert [row.room for row in await transaction.rows(lines.select().order_by(lines.c.id))] == list(rooms[3:])


async def test_what_is_stuck_goes_with_its_text_in_the_end_and_what_is_on_its_way_does_not(database: Database) -> None:
    async with database.begin() as uow:
        for key in ("parked", "waiting"):
            await uow.deliveries.add([Delivery(key, "note", Address("local", "browser", user="alice"), "{}", LONG_AGO)])
        (row,) = await uow.deliveries.claim(LONG_AGO, LONG_AGO + DAY, key="parked")
        assert await uow.deliveries.settle(row, DeliveryState.PARKED, now=LONG_AGO)
        assert await uow.personal.sweep({Swept.MESSAGES: LONG_AGO + DAY}) == {Swept.MESSAGES: 1}
        assert await uow.deliveries.get("parked") is None
        assert await uow.deliveries.get("waiting") is not None
        await uow.commit()


async def test_what_only_one_of_two_may_see_in_their_conversation_is_in_no_export_of_the_other(
    database: Database,
) -> None:
    await fill(database, ALICE)
    lines = metadata.tables["chat_lines"]
    said = [
        ("user-bob", "hello from Bob", ""),
        ("user-bob", "/profile", "user-bob"),
        ("convenor", "the private list of Bob", "user-bob"),
        ("convenor", "the private list of Alice", "user-alice"),
    ]
    async with database.begin() as uow:
        before = (await uow.personal.held(member_id(ALICE)))["chat_lines"].count
    async with database.writing() as transaction:
        for author, words, only_for in said:
            line = {"room": "@user-alice,user-bob", "author": author, "body": words, "at": LONG_AGO, "edits": 0}
            await transaction.change(lines.insert().values(only_for=only_for, **line))
        await transaction.commit()
    async with database.begin() as uow:
        exported = repr((await uow.personal.export(member_id(ALICE)))["chat_lines"])
        assert "hello from Bob" in exported
        assert "the private list of Alice" in exported
        assert "the private list of Bob" not in exported
        assert "/profile" not in exported
        assert (await uow.personal.held(member_id(ALICE)))["chat_lines"].count == before + 2
