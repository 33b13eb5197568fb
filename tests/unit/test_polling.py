"""Where and how often a source is polled, when it is given up, and the sentences that editors read of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digests.model import FetchResult, Format, Outcome, SourceState, Trouble
from digests.polling import (
    LONGEST,
    SHORTEST,
    Notice,
    address_of,
    back_off,
    follow,
    interval,
    is_due,
    is_same_body,
    overdue,
    rhythm,
    standing,
)
from tests.builders import NOW, a_source

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DSIT = a_source("dsit", name="DSIT on GOV.UK")
STATE = SourceState("dsit", url=DSIT.url, first_read_at=NOW - 100 * DAY, newest_entry_at=NOW - DAY)
MOVED = "https://new.example.org/feed.atom"


def a_result(outcome: Outcome = Outcome.READ, **changes: Any) -> FetchResult:
    return replace(FetchResult("dsit", outcome, "It did not answer.", NOW, NOW), **changes)


def after(
    state: SourceState = STATE, *, now: datetime = NOW, outcome: Outcome = Outcome.READ, **more: Any
) -> SourceState:
    return follow(DSIT, state, a_result(outcome, **more), now=now)[0]


def told(
    state: SourceState, outcome: Outcome = Outcome.READ, *, now: datetime = NOW, dates: Sequence[datetime] = ()
) -> Notice | None:
    return follow(DSIT, state, a_result(outcome), now=now, dates=dates)[1]


# How long to wait


def test_without_anything_known_a_source_is_read_about_once_an_hour() -> None:
    assert HOUR <= interval("dsit", NOW) <= 66 * MINUTE


@pytest.mark.parametrize(
    ("fresh", "gap", "least", "most"),
    [
        (None, 8 * HOUR, 2 * HOUR, 132 * MINUTE),
        (None, HOUR, 15 * MINUTE, 16.5 * MINUTE),
        (None, 7 * DAY, 21 * HOUR, 24 * HOUR),
        (3 * HOUR, 8 * HOUR, 3 * HOUR, 198 * MINUTE),
        (30 * MINUTE, 8 * HOUR, 2 * HOUR, 132 * MINUTE),
        (24 * HOUR, HOUR, 24 * HOUR, 24 * HOUR),
        (365 * DAY, None, 24 * HOUR, 24 * HOUR),
        (timedelta(0), None, HOUR, 66 * MINUTE),
    ],
)
def test_the_longer_of_freshness_and_rhythm_counts_between_a_quarter_of_an_hour_and_a_day(
    fresh: timedelta | None, gap: timedelta | None, least: timedelta, most: timedelta
) -> None:
    wait = interval(
        "dsit",
        NOW,
        fresh_seconds=fresh.total_seconds() if fresh is not None else None,
        rhythm_seconds=gap.total_seconds() if gap is not None else None,
    )
    assert least <= wait <= most


@given(
    st.text(max_size=20),
    st.none() | st.floats(allow_nan=False),
    st.none() | st.floats(min_value=0, allow_nan=False),
)
def test_no_wait_is_ever_shorter_or_longer_than_agreed(source_id: str, fresh: float | None, gap: float | None) -> None:
    assert SHORTEST <= interval(source_id, NOW, fresh_seconds=fresh, rhythm_seconds=gap) <= LONGEST


def test_the_jitter_is_the_same_all_day_and_spreads_sources_and_days() -> None:
    assert interval("dsit", NOW) == interval("dsit", NOW + HOUR)
    assert len({interval(f"source-{number}", NOW) for number in range(50)}) == 50
    assert len({interval("dsit", NOW + number * DAY) for number in range(50)}) == 50
    weekly = {interval(f"source-{number}", NOW, rhythm_seconds=7 * 86_400) for number in range(50)}
    assert len(weekly) == 50
    assert max(weekly) - min(weekly) > HOUR


@pytest.mark.parametrize(("failures", "minutes"), [(1, 15), (2, 30), (3, 60), (6, 480), (7, 960)])
def test_the_wait_doubles_with_every_failure(failures: int, minutes: int) -> None:
    wait = back_off("dsit", NOW, failures=failures)
    assert minutes * MINUTE <= wait <= minutes * 1.1 * MINUTE


@pytest.mark.parametrize("failures", [8, 9, 1000])
def test_a_failing_source_is_tried_every_day(failures: int) -> None:
    assert back_off("dsit", NOW, failures=failures) == DAY


@pytest.mark.parametrize(
    ("wish", "least", "most"),
    [
        (60.0, 15 * MINUTE, 16.5 * MINUTE),
        (7200.0, 2 * HOUR, 132 * MINUTE),
        (1e300, DAY, DAY),
        (-5.0, 15 * MINUTE, 16.5 * MINUTE),
    ],
)
def test_a_publishers_wish_to_wait_is_honoured_up_to_a_day(wish: float, least: timedelta, most: timedelta) -> None:
    state = after(outcome=Outcome.RATE_LIMITED, retry_after_seconds=wish)
    assert state.next_due_at is not None
    assert NOW + least <= state.next_due_at <= NOW + most


def test_the_rhythm_is_the_usual_gap_and_what_comes_together_is_one_beat() -> None:
    weekly = [NOW - number * 7 * DAY for number in range(6)]
    assert rhythm(weekly) == 7 * 86_400
    assert rhythm([moment + number * MINUTE for moment in weekly for number in range(5)]) == 7 * 86_400
    assert rhythm([*weekly, NOW - 400 * DAY]) == 7 * 86_400


def test_a_few_dates_or_many_equal_ones_are_no_rhythm() -> None:
    assert rhythm([]) is None
    assert rhythm([NOW, NOW - DAY]) is None
    assert rhythm([NOW] * 20) is None


def test_the_rhythm_is_remembered_and_decides_when_a_source_is_due() -> None:
    dates = [NOW - number * DAY for number in range(10)]
    state, _ = follow(DSIT, STATE, a_result(), now=NOW, dates=[*dates, NOW + HOUR])
    assert (state.rhythm_seconds, state.newest_entry_at) == (86_400, NOW)
    assert state.next_due_at is not None
    assert NOW + 6 * HOUR <= state.next_due_at <= NOW + 6.6 * HOUR
    redated, _ = follow(DSIT, state, a_result(), now=NOW + DAY, dates=[NOW] * 20)
    assert redated.rhythm_seconds == 86_400


# Which sources are due


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    "state",
    [replace(STATE, muted=True), replace(STATE, paused=True), SourceState("dsit", muted=True)],
)
def test_what_is_muted_or_paused_is_not_read_even_by_force(state: SourceState, force: bool) -> None:
    assert not is_due(DSIT, state, NOW, force=force)


def test_what_is_disabled_is_not_read_even_by_force() -> None:
    assert not is_due(replace(DSIT, enabled=False), STATE, NOW, force=True)


def test_a_source_is_due_when_its_time_has_come_or_by_force() -> None:
    waiting = replace(STATE, next_due_at=NOW + MINUTE)
    assert is_due(DSIT, SourceState("dsit"), NOW)
    assert not is_due(DSIT, waiting, NOW)
    assert is_due(DSIT, waiting, NOW, force=True)
    assert is_due(DSIT, waiting, NOW + MINUTE)


def test_a_corrected_address_is_read_at_once_even_where_the_old_one_was_gone() -> None:
    gone = after(outcome=Outcome.GONE)
    corrected = replace(DSIT, url=MOVED)
    assert not is_due(DSIT, gone, NOW)
    assert is_due(corrected, gone, NOW)
    state, notice = follow(corrected, gone, a_result(etag='"new"'), now=NOW + DAY)
    assert (state.muted, state.url, state.etag) == (False, MOVED, '"new"')
    assert notice is not None
    assert notice.trouble is Trouble.NONE


def test_a_paused_source_stays_paused_by_whatever_came_of_its_last_fetch() -> None:
    assert after(replace(STATE, paused=True)).paused


# Addresses, validators and bodies


def test_validators_and_the_hash_belong_to_one_address() -> None:
    known = replace(STATE, etag='"1"', last_modified="then", body_hash="abc")
    elsewhere = replace(DSIT, url=MOVED)
    assert is_same_body(DSIT, known, a_result(body_hash="abc"))
    assert not is_same_body(elsewhere, known, a_result(body_hash="abc"))
    state, _ = follow(elsewhere, known, a_result(Outcome.TIMED_OUT), now=NOW)
    assert (state.url, state.etag, state.last_modified, state.body_hash) == (MOVED, "", "", "")


def test_an_unchanged_answer_keeps_what_it_does_not_repeat() -> None:
    known = replace(STATE, etag='W/"1"', last_modified="then", body_hash="abc")
    silent = after(known, outcome=Outcome.UNCHANGED)
    assert (silent.etag, silent.last_modified, silent.body_hash) == ('W/"1"', "then", "abc")
    renewed = after(known, outcome=Outcome.UNCHANGED, etag='W/"2"')
    assert (renewed.etag, renewed.last_modified) == ('W/"2"', "then")
    sent_again = after(known, outcome=Outcome.UNCHANGED, status=200, etag='W/"2"', body_hash="abc")
    assert (sent_again.etag, sent_again.last_modified, sent_again.body_hash) == ('W/"2"', "", "abc")
    read = after(known, etag='"3"', body_hash="def")
    assert (read.etag, read.last_modified, read.body_hash) == ('"3"', "", "def")


def redirected(times: int, over: timedelta, state: SourceState = STATE) -> SourceState:
    for number in range(times):
        state = after(state, now=NOW + over * number / (times - 1), moved_to=MOVED, etag=f'"{number}"')
    return state


def test_a_permanent_redirect_is_stored_after_twenty_in_a_row_over_a_week() -> None:
    waiting = redirected(19, 6.9 * DAY)
    assert (address_of(DSIT, waiting), waiting.moved_times) == (DSIT.url, 19)
    state = redirected(20, 7 * DAY)
    assert address_of(DSIT, state) == MOVED
    assert (state.moved_to, state.moved_times, state.moved_since) == ("", 0, None)
    assert (state.url, state.etag) == (MOVED, '"19"')
    assert not is_due(DSIT, state, NOW + 7 * DAY)


def test_twenty_redirects_in_a_day_are_not_enough_nor_are_few_in_a_month() -> None:
    assert address_of(DSIT, redirected(40, DAY)) == DSIT.url
    assert address_of(DSIT, redirected(19, 30 * DAY)) == DSIT.url


@pytest.mark.parametrize(
    ("between", "count"),
    [
        (a_result(moved_to="https://third.example.org/"), 1),
        (a_result(), 0),
        (a_result(Outcome.UNCHANGED), 0),
        (a_result(Outcome.TIMED_OUT), 19),
    ],
)
def test_another_target_or_a_direct_answer_starts_the_count_again_but_a_failure_does_not(
    between: FetchResult, count: int
) -> None:
    state, _ = follow(DSIT, redirected(19, 7 * DAY), between, now=NOW + 7 * DAY)
    assert state.moved_times == count


def test_a_stored_move_ends_when_the_catalogue_names_another_address() -> None:
    state = redirected(20, 7 * DAY)
    corrected = replace(DSIT, url="https://corrected.example.org/feed")
    assert address_of(corrected, state) == corrected.url
    assert is_due(corrected, state, NOW + 7 * DAY)


def test_the_address_of_an_api_is_a_question_and_never_moves() -> None:
    api = replace(DSIT, format=Format.PETITIONS)
    state, _ = follow(api, STATE, a_result(moved_to=MOVED), now=NOW)
    assert state.moved_times == 0


# What editors are told

KEPT = "Everything that was read from it is kept."
NEW_ADDRESS = "If it has a new address, change it in the catalogue or add it with “/convenor sources add”"


def test_a_feed_that_is_gone_is_muted_and_told_once() -> None:
    state, notice = follow(DSIT, STATE, a_result(Outcome.GONE), now=NOW)
    assert (state.muted, state.next_due_at, state.told) == (True, None, Trouble.GONE)
    assert notice == Notice(
        "dsit",
        Trouble.GONE,
        "The source “DSIT on GOV.UK” (dsit) is gone: its publisher says that it will not come back (410). "
        f"Convenor no longer reads it. {KEPT} {NEW_ADDRESS}; to try the old one again, type "
        "“/convenor sources resume dsit”.",
    )
    assert not is_due(DSIT, state, NOW + 100 * DAY, force=True)


def test_a_feed_that_has_ended_is_muted_and_told_in_other_words() -> None:
    state, notice = follow(DSIT, STATE, a_result(Outcome.ENDED), now=NOW)
    assert (state.muted, state.told) == (True, Trouble.ENDED)
    assert notice is not None
    assert notice.sentence == (
        "The source “DSIT on GOV.UK” (dsit) has ended: its publisher says so in the feed itself. "
        f"Convenor no longer reads it. {KEPT} {NEW_ADDRESS}; to try the old one again, type "
        "“/convenor sources resume dsit”."
    )


def test_a_source_that_was_resumed_and_is_gone_again_is_told_again() -> None:
    resumed = replace(after(outcome=Outcome.GONE), muted=False)
    notice = told(resumed, Outcome.GONE)
    assert notice is not None
    assert notice.trouble is Trouble.GONE


def failed(hours: Sequence[int], state: SourceState = STATE) -> tuple[SourceState, list[Notice]]:
    """The state after failures at these hours from now, and what was told."""
    notices = []
    for hour in hours:
        state, notice = follow(DSIT, state, a_result(Outcome.TIMED_OUT), now=NOW + hour * HOUR)
        notices += [notice] if notice else []
    return state, notices


def test_a_source_that_fails_for_two_days_is_told_once_with_the_reason() -> None:
    assert failed([0, 1, 8, 24, 47])[1] == []
    state, notices = failed([0, 1, 8, 24, 47, 48, 72, 500])
    assert [notice.sentence for notice in notices] == [
        "The source “DSIT on GOV.UK” (dsit) has failed at every try since Thursday 23 January 2025, 10:00. "
        f"The latest reason: It did not answer. {KEPT} Convenor tries again at least once a day. "
        f"{NEW_ADDRESS}; to stop reading this one, type “/convenor sources pause dsit”."
    ]
    assert (state.told, state.failures, state.failing_since) == (Trouble.FAILING, 8, NOW)


def test_that_a_source_fails_does_not_wait_for_the_next_try_nor_is_it_told_twice() -> None:
    state, _ = failed([0, 1, 40])
    assert overdue(DSIT, state, NOW + 47.99 * HOUR) is None
    late = overdue(DSIT, state, NOW + 48 * HOUR)
    assert late is not None
    assert late[0] == replace(state, told=Trouble.FAILING)
    assert late[1].sentence.startswith(
        "The source “DSIT on GOV.UK” (dsit) has failed at every try since Thursday 23 January 2025, 10:00. "
        "The latest reason: It did not answer."
    )
    assert overdue(DSIT, late[0], NOW + 49 * HOUR) is None
    assert failed([56, 80], late[0])[1] == []


@pytest.mark.parametrize(
    ("source", "state"),
    [
        (DSIT, STATE),
        (DSIT, replace(STATE, outcome=Outcome.TIMED_OUT, failing_since=NOW, paused=True)),
        (DSIT, after(outcome=Outcome.GONE)),
        (replace(DSIT, enabled=False), replace(STATE, outcome=Outcome.TIMED_OUT, failing_since=NOW)),
    ],
)
def test_what_is_well_or_stopped_by_people_or_for_good_is_never_overdue(source: Any, state: SourceState) -> None:
    assert overdue(source, state, NOW + 500 * HOUR) is None


def test_what_stands_is_told_to_those_who_were_not_there_in_the_same_words() -> None:
    failing, (told_then,) = failed([0, 48])
    assert standing(DSIT, failing, NOW + 60 * HOUR) == told_then
    gone, gone_then = follow(DSIT, STATE, a_result(Outcome.GONE), now=NOW)
    assert standing(DSIT, gone, NOW + 60 * HOUR) == gone_then
    well, _ = follow(DSIT, failing, a_result(), now=NOW + 60 * HOUR)
    assert standing(DSIT, well, NOW + 61 * HOUR) is None


def test_nobody_is_told_of_what_people_stopped_or_what_was_not_told_yet() -> None:
    failing, _ = failed([0, 48])
    assert standing(DSIT, replace(failing, paused=True), NOW) is None
    assert standing(replace(DSIT, enabled=False), failing, NOW) is None
    assert standing(DSIT, failed([0, 47])[0], NOW) is None
    assert standing(DSIT, after(failing, outcome=Outcome.OFFLINE), NOW) is None


def test_a_silent_source_that_cannot_be_read_at_present_is_not_said_to_be_readable() -> None:
    quiet = replace(STATE, newest_entry_at=NOW - 81 * DAY, told=Trouble.SILENT, last_good_at=NOW - HOUR)
    notice = standing(DSIT, after(quiet, outcome=Outcome.TIMED_OUT), NOW)
    assert notice is not None
    assert "(dsit) could be read until Thursday 23 January 2025, 09:00, but its newest entry" in notice.sentence


def test_one_good_answer_begins_the_two_days_again() -> None:
    state, _ = failed([0, 24, 47])
    state, notice = follow(DSIT, state, a_result(Outcome.UNCHANGED), now=NOW + 47 * HOUR)
    assert (notice, state.failing_since, state.failures) == (None, None, 0)
    assert failed([48, 95], state)[1] == []


def test_recovery_is_told_once_where_the_failure_was_told() -> None:
    state, _ = failed([0, 48])
    state, notice = follow(DSIT, state, a_result(), now=NOW + 50 * HOUR)
    assert notice == Notice(
        "dsit",
        Trouble.NONE,
        "The source “DSIT on GOV.UK” (dsit) can be read again: it answered on Saturday 25 January 2025, 12:00. "
        "It had failed since Thursday 23 January 2025, 10:00. Nothing needs to be done.",
    )
    assert state.told is Trouble.NONE
    assert told(state, now=NOW + 51 * HOUR) is None


def test_a_source_without_a_sample_is_in_no_trouble_and_not_well_again_either() -> None:
    state, _ = failed([0, 48])
    offline, notice = follow(DSIT, state, a_result(Outcome.OFFLINE), now=NOW + 50 * HOUR)
    assert (notice, offline.told, offline.failures) == (None, Trouble.FAILING, 0)


def test_a_source_silent_far_beyond_its_rhythm_is_told_once() -> None:
    quiet = replace(STATE, newest_entry_at=NOW - 81 * DAY, rhythm_seconds=10 * 86_400.0)
    state, notice = follow(DSIT, quiet, a_result(Outcome.UNCHANGED), now=NOW)
    assert notice == Notice(
        "dsit",
        Trouble.SILENT,
        "The source “DSIT on GOV.UK” (dsit) can be read, but its newest entry is from Sunday 3 November 2024; before "
        f"that, one came about every 10 days. It may have moved, or have been given up. {KEPT} Please look at its "
        f"publisher's site. {NEW_ADDRESS}; to stop reading this one, type “/convenor sources pause dsit”.",
    )
    assert told(state, Outcome.UNCHANGED, now=NOW + DAY) is None


@pytest.mark.parametrize(
    ("days", "rhythm_days", "is_silent"),
    [(79, 10.0, False), (44, 1.0, False), (46, 1.0, True), (46, None, True), (46, 0.1, True), (300, 60.0, False)],
)
def test_a_recess_or_a_slow_rhythm_is_no_silence(days: int, rhythm_days: float | None, is_silent: bool) -> None:
    seconds = rhythm_days * 86_400 if rhythm_days is not None else None
    quiet = replace(STATE, newest_entry_at=NOW - days * DAY, rhythm_seconds=seconds)
    assert (told(quiet, Outcome.UNCHANGED) is not None) is is_silent


def test_what_was_old_when_the_source_was_added_is_no_silence_until_we_have_listened() -> None:
    first, notice = follow(DSIT, SourceState("dsit"), a_result(), now=NOW, dates=[NOW - 900 * DAY])
    assert notice is None
    assert told(first, Outcome.UNCHANGED, now=NOW + 44 * DAY) is None
    later = told(first, Outcome.UNCHANGED, now=NOW + 46 * DAY)
    assert later is not None
    assert later.trouble is Trouble.SILENT


def test_a_feed_that_never_has_an_entry_is_silent_too() -> None:
    first, _ = follow(DSIT, SourceState("dsit"), a_result(), now=NOW)
    notice = told(first, Outcome.UNCHANGED, now=NOW + 46 * DAY)
    assert notice is not None
    assert "can be read, but it has not had a single entry yet." in notice.sentence


def test_a_new_entry_ends_the_silence_and_is_told() -> None:
    silent = replace(STATE, newest_entry_at=NOW - 60 * DAY, told=Trouble.SILENT)
    notice = told(silent, dates=[NOW - HOUR])
    assert notice is not None
    assert notice.sentence == (
        "The source “DSIT on GOV.UK” (dsit) is no longer silent: something new was found in it on "
        "Thursday 23 January 2025, 10:00. Nothing needs to be done."
    )


def test_an_undated_entry_is_a_sign_of_life() -> None:
    silent = replace(STATE, newest_entry_at=NOW - 60 * DAY, told=Trouble.SILENT)
    state, notice = follow(DSIT, silent, a_result(), now=NOW, is_alive=True)
    assert (state.newest_entry_at, state.told, notice is not None) == (NOW, Trouble.NONE, True)


def test_a_source_that_can_be_read_again_but_has_gone_silent_meanwhile_is_called_silent() -> None:
    state, _ = failed([0, 48], replace(STATE, newest_entry_at=NOW - 60 * DAY))
    state, notice = follow(DSIT, state, a_result(Outcome.UNCHANGED), now=NOW + 50 * HOUR)
    assert notice is not None
    assert (notice.trouble, state.told) == (Trouble.SILENT, Trouble.SILENT)
