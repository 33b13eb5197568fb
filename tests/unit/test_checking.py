"""What the check says of what was found: each row, well and not well, with what to do."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.check_commands import summary
from bot.checking import rules
from bot.checking.model import Level, Row, Seen, SlackSeen, Space
from bot.handlers.sources import Health
from bot.keeping.model import Hold, Manifest
from bot.ports import Binding, Purpose, Role
from digests.model import Address
from tests.builders import NOW, a_delivery, a_source

OK, WARNING, BROKEN = Level.OK, Level.WARNING, Level.BROKEN
HOUR = timedelta(hours=1)
GB = 1_000_000_000
CHANNEL = Binding(Address("slack", "T01", channel="C01"), Purpose.DIGEST, "settings", NOW)
SCOPES = {"chat:write", "commands"}


def test_a_row_that_is_not_well_says_what_to_do() -> None:
    for row in (
        *(rules.of_channel(CHANNEL, seen) for seen in Seen),
        *rules.of_slack(SlackSeen("invalid_auth"), SCOPES, socket_mode=True),
        rules.of_teams("invalid_client", unreachable=False),
        rules.of_hold(Hold(NOW, NOW, "x")),
    ):
        assert bool(row.fix) == (row.level is not OK), row


@pytest.mark.parametrize(
    ("free", "total", "level", "found"),
    [
        (40 * GB, 100 * GB, OK, "40.0 GB of 100.0 GB free at var"),
        (3 * GB, 100 * GB, OK, "3.0 GB of 100.0 GB free at var"),
        (400_000_000, 2 * GB, OK, "400.0 MB of 2.0 GB free at var"),
        (400_000_000, 100 * GB, WARNING, "400.0 MB of 100.0 GB free at var"),
        (30_000_000, 100 * GB, BROKEN, "30.0 MB of 100.0 GB free at var"),
    ],
)
def test_the_disk_is_full_when_little_of_it_and_little_at_all_is_free(
    free: int, total: int, level: Level, found: str
) -> None:
    row = rules.of_space(Space("var", free, total))
    assert (row.level, row.found) == (level, found)


@pytest.mark.parametrize(
    ("seconds", "level", "found"),
    [
        (1, OK, "Thursday 23 January 2025, 10:00, as Slack has it"),
        (-45, WARNING, "45 seconds ahead of Slack"),
        (400, BROKEN, "400 seconds behind Slack"),
    ],
)
def test_a_clock_that_is_wrong_by_minutes_breaks_signatures(seconds: int, level: Level, found: str) -> None:
    row = rules.of_clock(NOW, NOW + timedelta(seconds=seconds), "Slack", None)
    assert (row.level, row.found) == (level, found)


def test_a_clock_is_behind_what_was_noted_here_earlier() -> None:
    assert rules.of_clock(NOW, None, "", NOW - HOUR).level is OK
    row = rules.of_clock(NOW, None, "", NOW + HOUR)
    assert (row.level, row.found) == (
        BROKEN,
        "it is Thursday 23 January 2025, 10:00 here, and the database has something from Thursday 23 January 2025, "
        "11:00",
    )


def test_backups_and_the_journal() -> None:
    made = Manifest("x.db", "sqlite", NOW - 10 * HOUR, "0001", "convenor", "", 3_100_000)
    assert rules.of_backup(made, "var/backups", NOW) == Row(
        "backup", OK, "Thursday 23 January 2025, 00:00, 3.1 MB, in var/backups"
    )
    assert rules.of_backup(made, "var/backups", NOW + 30 * HOUR).level is BROKEN
    assert rules.of_backup(None, "var/backups", NOW).found == "there is none in var/backups"
    assert rules.of_backup(None, "", NOW).fix.startswith("Set CONVENOR_BACKUP_DIR")
    assert rules.of_journal("j", 3, 3) == Row("erasure journal", OK, "j is complete")
    assert rules.of_journal("j", 2, 3).found == "j lacks 1 entry"
    assert rules.of_journal("", 0, 3).level is WARNING


def test_a_workspace_that_is_not_served_any_more_is_told_of() -> None:
    assert list(rules.of_left_out([])) == []
    (row,) = rules.of_left_out(["T03"])
    assert (row.what, row.level) == ("Slack (T03)", WARNING)
    assert row.found == "added Convenor, but is not in CONVENOR_SLACK_WORKSPACES any more, so it is not served"


def test_a_hold_makes_the_check_fail_and_says_how_to_end_it() -> None:
    row = rules.of_hold(Hold(NOW, NOW - 9 * HOUR, "x.db"))
    assert (row.level, row.found) == (
        BROKEN,
        "on hold since Thursday 23 January 2025, 10:00, when a backup of Thursday 23 January 2025, 01:00 was restored",
    )
    assert "convenor release" in row.fix
    assert rules.of_hold(None).level is OK


def test_what_a_restore_put_aside_is_remembered_until_it_is_deleted() -> None:
    assert list(rules.of_replaced([])) == []
    (row,) = rules.of_replaced(["convenor.db.replaced-20250124T091200Z"])
    assert (row.level, row.found) == (WARNING, "kept after a restore: convenor.db.replaced-20250124T091200Z")


def test_messages_that_wait_for_long_or_are_stuck() -> None:
    old, new = a_delivery("old", created_at=NOW - 2 * HOUR), a_delivery("new", created_at=NOW)
    planned = a_delivery("planned", created_at=NOW - 9 * HOUR, available_at=NOW + HOUR)
    assert rules.of_messages([new, planned], 0, NOW) == Row("messages", OK, "2 waiting, none stuck")
    assert rules.of_messages([new], 2, NOW).found == "2 messages stuck"
    late = rules.of_messages([old, new, planned], 0, NOW)
    assert (late.level, late.found) == (BROKEN, "1 message waited for more than an hour")


def test_there_have_to_be_an_administrator_and_two_editors() -> None:
    (row,) = rules.of_people([Role.EDITOR, Role.EDITOR], 0, needs_two=True)
    assert (row.level, row.found) == (BROKEN, "2 editors, 0 coordinators, 0 administrators")
    (row,) = rules.of_people([Role.EDITOR], 1, needs_two=True)
    assert (row.level, row.fix[:21]) == (WARNING, "An edition needs two:")
    assert [row.level for row in rules.of_people([Role.EDITOR], 1, needs_two=False)] == [OK]


def test_purposes_without_a_channel_and_channels_that_convenor_is_not_in() -> None:
    assert [row.what for row in rules.of_purposes([CHANNEL])] == ["channel for editors", "channel for coordinators"]
    levels = {seen: rules.of_channel(CHANNEL, seen).level for seen in Seen}
    assert levels == {
        Seen.IN: OK,
        Seen.OUT: BROKEN,
        Seen.ARCHIVED: BROKEN,
        Seen.MISSING: BROKEN,
        Seen.UNKNOWN: WARNING,
    }
    assert rules.of_channel(CHANNEL, Seen.OUT).found == "#C01 in slack: Convenor is not in it"


def test_what_slack_says_to_the_tokens() -> None:
    well = SlackSeen(team="Example", scopes=frozenset({"chat:write", "commands", "users:read"}))
    assert [row.level for row in rules.of_slack(well, SCOPES, socket_mode=True)] == [OK, OK, OK]
    lacks = SlackSeen(team="Example", scopes=frozenset({"chat:write"}), app_error="not_allowed_token_type")
    good, scopes, app = rules.of_slack(lacks, SCOPES, socket_mode=True)
    assert (good.found, scopes.level, scopes.found) == (
        "the bot token is good, for Example",
        BROKEN,
        "missing: commands",
    )
    assert (app.level, app.found) == (BROKEN, "Slack does not take it (not_allowed_token_type)")
    (wrong,) = rules.of_slack(SlackSeen("invalid_auth"), SCOPES, socket_mode=False)
    assert wrong.found == "Slack does not take the bot token (invalid_auth)"
    (away,) = rules.of_slack(SlackSeen("TimeoutError", unreachable=True), SCOPES, socket_mode=False)
    assert (away.found, away.fix) == ("Slack cannot be reached (TimeoutError)", "Check the network.")


def test_what_microsoft_and_the_mail_server_say() -> None:
    assert rules.of_teams("", unreachable=False).level is OK
    assert rules.of_teams("invalid_client", unreachable=False).found == "Microsoft gives no token (invalid_client)"
    assert rules.of_teams("ClientError", unreachable=True).fix == "Check the network."
    assert rules.of_mail("", "") == Row("mail", OK, "not set up")
    assert rules.of_mail("mail.example.org:465", "").level is OK
    assert rules.of_mail("mail.example.org:465", "535 no").found == "mail.example.org:465: 535 no"


def test_sources_in_numbers_and_those_that_need_somebody() -> None:
    healths = [Health(a_source(f"s{n}"), word, f"is {word}") for n, word in enumerate(("failing", "ok", "ok", "off"))]
    first, ill = rules.of_sources(healths, every=False)
    assert (first.level, first.found) == (WARNING, "3 are read, 1 needs attention")
    assert (ill.what, ill.level, ill.found) == ("source s0", WARNING, "is failing")
    assert len(list(rules.of_sources(healths, every=True))) == 5
    assert next(iter(rules.of_sources([], every=False))).level is OK


def test_where_no_source_could_be_read_the_network_is_to_be_looked_at_and_not_each_of_them() -> None:
    words = ("failing", "failing", "failing", "waiting")
    healths = [Health(a_source(f"s{n}"), word, f"is {word}") for n, word in enumerate(words)]
    (all_of_them,) = rules.of_sources(healths, every=False)
    assert (all_of_them.level, all_of_them.found) == (BROKEN, "4 are read, 3 need attention, 1 not read yet")
    assert all_of_them.fix == (
        "None could be read, so look first whether this machine reaches the web. “convenor sources” says how each goes."
    )
    assert len(list(rules.of_sources(healths, every=True))) == 5
    one_is_well = [*healths, Health(a_source("s4"), "ok", "is ok")]
    assert [row.what for row in rules.of_sources(one_is_well, every=False)][1:] == [f"source s{n}" for n in range(3)]


def test_settings_that_should_not_be_left_out_in_earnest() -> None:
    assert [row.level for row in rules.of_settings({"CONVENOR_OWNER": True})] == [OK]
    (row,) = rules.of_settings({"CONVENOR_OWNER": False, "CONVENOR_CONTACT": True})
    assert (row.level, row.found) == (WARNING, "CONVENOR_OWNER is not set")


def test_the_last_line_sums_it_up() -> None:
    assert summary([Row("a", OK, "")]) == "All is well."
    assert summary([Row("a", OK, ""), Row("b", WARNING, "")]) == "0 broken, 1 warning."
    assert summary([Row("a", BROKEN, ""), Row("b", WARNING, ""), Row("c", WARNING, "")]) == "1 broken, 2 warnings."
