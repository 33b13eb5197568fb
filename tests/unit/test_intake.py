"""What one fetch brings: new, changed or same; what is remembered of the source; when it is due again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from digests.intake import Intake, addresses, decide, looks_renamed, settled
from digests.kinds import KindRules, Place, TitleRule
from digests.model import (
    Change,
    FeedEntry,
    FetchResult,
    Format,
    Group,
    Item,
    Kind,
    Outcome,
    Source,
    SourceState,
    item_id,
)
from tests.builders import NOW, a_source

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DSIT = a_source("dsit", url="https://www.gov.uk/government/organisations/dsit.atom", publisher="DSIT")
SEARCH = a_source("search", url="https://www.gov.uk/search/all.atom", publisher="GOV.UK")
READ_BEFORE = SourceState("dsit", etag='"1"', first_read_at=NOW - 30 * DAY, last_good_at=NOW - HOUR)
URL = "https://www.gov.uk/government/publications/ai-plan"


def an_entry(title: str = "Policy paper: AI plan", **changes: Any) -> FeedEntry:
    entry = FeedEntry(id=f"{URL}#1", title=title, link=URL, updated=NOW - HOUR, summary="What we will do.")
    return replace(entry, **changes)


def a_result(*entries: FeedEntry, outcome: Outcome = Outcome.READ, **changes: Any) -> FetchResult:
    result = FetchResult(
        "dsit", outcome, "", NOW - MINUTE, NOW, status=200, entries=entries, etag='W/"2"', last_modified="then"
    )
    return replace(result, **changes)


def take(
    *entries: FeedEntry,
    source: Source = DSIT,
    state: SourceState = READ_BEFORE,
    known: Mapping[str, Item] | None = None,
    first_pass: bool = False,
    window_start: datetime | None = None,
    **result: Any,
) -> Intake:
    return decide(
        source,
        state,
        a_result(*entries, **result),
        known or {},
        now=NOW,
        first_pass=first_pass,
        window_start=window_start,
    )


def known_from(*entries: FeedEntry, source: Source = DSIT, now: datetime = NOW - DAY) -> dict[str, Item]:
    """The items that an earlier fetch of these entries stored."""
    intake = decide(source, READ_BEFORE, a_result(*entries), {}, now=now, first_pass=False, window_start=None)
    return {item.url: item for item in intake.new}


def test_an_unknown_entry_is_a_new_item_received_now() -> None:
    entry = an_entry(updated=NOW - HOUR, published=NOW - DAY)
    (item,) = take(entry).new
    assert item == Item(
        id=item_id(URL),
        url=URL,
        title="AI plan",
        summary="What we will do.",
        publisher="DSIT",
        source_id="dsit",
        group=Group.GOVERNMENT,
        kind=Kind.POLICY_PAPER,
        kind_because="GOV.UK calls it “Policy paper”",
        told_kind=Kind.POLICY_PAPER,
        told_because="GOV.UK calls it “Policy paper”",
        received_at=NOW,
        published_at=NOW - DAY,
        updated_at=NOW - HOUR,
    )


def test_the_addresses_to_look_up_are_canonical_and_each_stands_once() -> None:
    result = a_result(an_entry(link=f"{URL}?utm_source=x"), an_entry(link=URL), an_entry(link="", id="tag:1"))
    assert addresses(result) == (URL,)


def test_a_known_entry_is_the_same_whatever_its_id_says() -> None:
    intake = take(an_entry(id=f"{URL}#2"), known=known_from(an_entry()))
    assert (intake.new, intake.changed, intake.same) == ((), (), 1)


def test_a_later_date_on_the_same_text_is_the_same() -> None:
    intake = take(an_entry(updated=NOW), known=known_from(an_entry()))
    assert (intake.changed, intake.same) == ((), 1)


def test_a_changed_summary_is_a_revision_that_names_what_changed() -> None:
    (revision,) = take(an_entry(summary="What we did.", updated=NOW), known=known_from(an_entry())).changed
    assert revision.changes == (Change("summary", "What we will do.", "What we did."),)
    assert revision.seen_at == NOW
    assert (revision.item.revision, revision.item.summary, revision.item.updated_at) == (2, "What we did.", NOW)
    assert revision.item.received_at == NOW - DAY


def test_a_changed_title_is_a_revision() -> None:
    (revision,) = take(an_entry("Policy paper: AI plan 2025"), known=known_from(an_entry())).changed
    assert revision.changes == (Change("title", "AI plan", "AI plan 2025"),)


def test_a_moved_deadline_is_named_beside_the_text_that_moved_it() -> None:
    opened = an_entry("Open consultation: AI", summary="The consultation closes on 3 March 2025.")
    extended = replace(opened, summary="The consultation closes on 10 March 2025.", updated=NOW)
    known = known_from(opened)
    assert known[URL].deadline == date(2025, 3, 3)
    (revision,) = take(extended, known=known).changed
    assert Change("deadline", "2025-03-03", "2025-03-10") in revision.changes
    assert revision.item.deadline == date(2025, 3, 10)


def test_a_bills_new_stage_is_a_change_although_its_text_stays() -> None:
    bill = FeedEntry(
        id="", title="Data Bill", link="https://bills.parliament.uk/bills/3825", stage="2nd reading", updated=NOW - DAY
    )
    (revision,) = take(replace(bill, stage="Committee stage", updated=NOW), known=known_from(bill)).changed
    assert revision.changes == (Change("stage", "2nd reading", "Committee stage"),)
    assert revision.item.kind is Kind.BILL


def test_a_new_stage_is_news_again_but_a_new_summary_is_not() -> None:
    bill = FeedEntry(id="", title="Data Bill", link="https://bills.parliament.uk/bills/3825", stage="2nd reading")
    known = {url: replace(item, background=True, received_at=NOW - 30 * DAY) for url, item in known_from(bill).items()}
    (staged,) = take(replace(bill, stage="Committee stage"), known=known).changed
    assert (staged.item.received_at, staged.item.background) == (NOW, False)
    (reworded,) = take(replace(bill, summary="A bill about data, in other words."), known=known).changed
    assert (reworded.item.received_at, reworded.item.background) == (NOW - 30 * DAY, True)


def test_an_item_without_its_stage_in_another_feed_keeps_the_stage() -> None:
    bill = FeedEntry(id="", title="Data Bill", link="https://bills.parliament.uk/bills/3825", stage="2nd reading")
    assert take(replace(bill, stage=""), known=known_from(bill)).changed == ()


def test_a_consultation_that_comes_to_its_outcome_has_changed() -> None:
    known = known_from(an_entry("Open consultation: AI"))
    assert take(an_entry("Closed consultation: AI", updated=NOW), known=known).changed == ()
    (revision,) = take(an_entry("Consultation outcome: AI", updated=NOW), known=known).changed
    assert revision.changes == (Change("kind", "consultation", "consultation outcome"),)


@pytest.mark.parametrize("kind", ["consultation", "call for evidence"])
def test_an_outcome_is_news_again_but_only_once(kind: str) -> None:
    known = known_from(an_entry(f"Open {kind}: AI"))
    known[URL] = replace(known[URL], background=True, received_at=NOW - 30 * DAY)
    (closed,) = take(an_entry(f"Closed {kind}: AI and data", updated=NOW), known=known).changed
    assert (closed.item.received_at, closed.item.background) == (NOW - 30 * DAY, True)
    (revision,) = take(an_entry(f"{kind.capitalize()} outcome: AI", updated=NOW), known=known).changed
    assert (revision.item.kind, revision.item.received_at) == (Kind.CONSULTATION_OUTCOME, NOW)
    assert not revision.item.background
    told = {URL: replace(revision.item, received_at=NOW - DAY)}
    (reworded,) = take(an_entry(f"{kind.capitalize()} outcome: AI and data", updated=NOW + HOUR), known=told).changed
    assert reworded.item.received_at == NOW - DAY


def test_the_same_document_from_another_source_without_the_prefix_is_the_same() -> None:
    known = known_from(an_entry("Policy paper: AI plan"))
    intake = take(an_entry("AI plan", updated=NOW, summary="What we will…"), source=SEARCH, known=known)
    assert (intake.new, intake.changed, intake.same) == ((), (), 1)


def test_two_sources_that_word_one_document_differently_do_not_change_it_back_and_forth() -> None:
    known = known_from(an_entry(summary="One wording."))
    other = an_entry("AI plan", summary="Another wording.", updated=NOW)
    for entry, source in ((other, SEARCH), (an_entry(summary="One wording.", updated=NOW), DSIT), (other, SEARCH)):
        assert take(entry, source=source, known=known).changed == ()


def test_another_source_of_the_group_is_heard_on_the_title_when_its_copy_is_newer() -> None:
    known = known_from(an_entry(updated=NOW - HOUR))
    retitled = an_entry("AI plan, revised", summary="Other words.", updated=NOW)
    (revision,) = take(retitled, source=SEARCH, known=known).changed
    assert revision.changes == (Change("title", "AI plan", "AI plan, revised"),)
    assert take(replace(retitled, updated=NOW - 2 * HOUR), source=SEARCH, known=known).changed == ()


def test_a_link_from_the_press_never_retitles_an_official_document() -> None:
    press = a_source("press", group=Group.PRESS)
    intake = take(an_entry("Ministers in a muddle", updated=NOW), source=press, known=known_from(an_entry()))
    assert (intake.changed, intake.same) == ((), 1)


def test_a_summary_that_vanishes_or_is_cut_short_does_not_replace_the_full_one() -> None:
    known = known_from(an_entry())
    for summary in ("", "What we…", "What we will..."):
        assert take(an_entry(summary=summary, updated=NOW), known=known).changed == ()


def test_an_older_copy_is_never_heard() -> None:
    known = known_from(an_entry(updated=NOW - HOUR))
    assert take(an_entry("AI draft plan", updated=NOW - DAY), known=known).changed == ()


def test_an_id_that_is_an_address_serves_where_there_is_no_link() -> None:
    (item,) = take(FeedEntry(id="http://www.gov.uk/a", title="A", link="")).new
    assert item.url == "https://www.gov.uk/a"


def test_an_entry_without_any_address_is_refused_with_the_reason() -> None:
    intake = take(FeedEntry(id="tag:1", title="Only a title", link=""), an_entry())
    assert len(intake.new) == 1
    ((title, why),) = intake.refused
    assert title == "Only a title"
    assert "no address" in why


def test_an_entry_without_a_title_is_named_after_its_text_or_refused() -> None:
    text = "The committee takes evidence on data. " * 5
    named, nameless = take(an_entry("", summary=text)), take(an_entry("", summary=""))
    assert named.new[0].title.startswith("The committee takes evidence")
    assert named.new[0].title.endswith("…")
    assert len(named.new[0].title) <= 100
    assert nameless.new == ()
    assert nameless.refused == ((URL, "It has neither a title nor a text."),)


def test_of_two_entries_for_one_document_the_later_counts() -> None:
    intake = take(
        an_entry("First", updated=NOW - DAY), an_entry("Second", updated=NOW), an_entry("Third", updated=None)
    )
    assert [item.title for item in intake.new] == ["Second"]


def test_the_kind_comes_from_the_prefix_then_the_address_then_the_source() -> None:
    source = replace(DSIT, document_kind=Kind.RESEARCH)
    news = "https://www.gov.uk/government/news/a"
    intake = take(
        an_entry("Guidance: a", link=news),
        an_entry("b", link=f"{news}b"),
        an_entry("c", link="https://www.gov.uk/government/publications/c"),
        source=source,
    )
    assert [item.kind for item in intake.new] == [Kind.GUIDANCE, Kind.NEWS, Kind.RESEARCH]


def test_outside_govuk_such_a_prefix_is_part_of_the_title() -> None:
    (item,) = take(an_entry("Guidance: how to", link="https://www.example.org/a")).new
    assert (item.title, item.kind) == ("Guidance: how to", Kind.OTHER)


@pytest.mark.parametrize(
    "impossible",
    [datetime(3200, 1, 30, tzinfo=UTC), NOW + DAY + MINUTE, datetime(1989, 12, 31, tzinfo=UTC)],
)
def test_a_date_that_cannot_be_counts_as_missing(impossible: datetime) -> None:
    (item,) = take(an_entry(published=impossible, updated=impossible)).new
    assert (item.published_at, item.updated_at) == (None, None)


def test_a_source_read_for_the_first_time_is_background() -> None:
    intake = take(an_entry(updated=NOW), state=SourceState("dsit"))
    assert [item.background for item in intake.new] == [True]
    assert intake.state.first_read_at == NOW


def test_on_the_first_pass_of_all_what_is_dated_inside_the_window_is_not_background() -> None:
    def at(path: str, **dates: Any) -> FeedEntry:
        return replace(an_entry(), link=f"https://example.org/{path}", **{"updated": None, **dates})

    intake = take(
        at("fresh", published=NOW - DAY),
        at("updated", updated=NOW - DAY),
        at("at-the-start", published=NOW - 7 * DAY),
        at("old", published=NOW - 8 * DAY),
        at("ahead", published=NOW + HOUR),
        at("undated"),
        state=SourceState("dsit"),
        first_pass=True,
        window_start=NOW - 7 * DAY,
    )
    foreground = {item.url.rpartition("/")[2] for item in intake.new if not item.background}
    assert foreground == {"fresh", "updated", "at-the-start"}


def at(number: int, **changes: Any) -> FeedEntry:
    """An entry with an address of its own."""
    return replace(an_entry(f"Story {number}"), id=f"id-{number}", link=f"https://example.org/{number}", **changes)


def test_a_later_entry_is_news_when_it_is_recent_or_has_no_date() -> None:
    entries = (at(1, updated=NOW - 29 * DAY), at(2, updated=None), at(3, updated=datetime(3200, 1, 30, tzinfo=UTC)))
    assert [item.background for item in take(*entries).new] == [False, False, False]


def test_a_feed_that_shows_its_archive_floods_nothing() -> None:
    archive = [at(number, updated=NOW - (30 + number) * DAY) for number in range(1, 100)]
    intake = take(at(0), *archive, known=known_from(at(100)))
    assert [item.title for item in intake.new if not item.background] == ["Story 0"]
    assert len(intake.new) == 100


def test_a_feed_that_dates_everything_anew_changes_nothing() -> None:
    entries = [at(number, updated=NOW - number * DAY) for number in range(20)]
    intake = take(*(replace(entry, published=NOW, updated=NOW) for entry in entries), known=known_from(*entries))
    assert (intake.new, intake.changed, intake.same) == ((), (), 20)


def test_a_feed_that_gives_everything_a_new_id_changes_nothing() -> None:
    entries = [at(number) for number in range(20)]
    intake = take(*(replace(entry, id=f"new-{entry.id}") for entry in entries), known=known_from(*entries))
    assert (intake.new, intake.changed, intake.same) == ((), (), 20)


def test_a_feed_that_gives_everything_a_new_address_brings_only_what_it_did_not_have_before() -> None:
    state = replace(READ_BEFORE, last_good_at=NOW - HOUR)
    moved = [at(1000 + number, updated=NOW - number * 2 * DAY) for number in range(1, 10)]
    intake = take(at(0, updated=NOW - HOUR), *moved, state=state)
    assert [item.title for item in intake.new if not item.background] == ["Story 0"]
    beside_known_ones = take(at(0), *moved, at(2000), state=state, known=known_from(at(2000)))
    assert not any(item.background for item in beside_known_ones.new)


def test_a_title_that_the_source_has_brought_before_is_no_news_under_a_new_address() -> None:
    entries = [at(number, updated=None) for number in range(6)]
    result = a_result(*entries)
    assert looks_renamed(READ_BEFORE, result, {})
    intake = decide(
        DSIT, READ_BEFORE, result, {}, now=NOW, first_pass=False, window_start=None, titles={"Story 1", "Story 2"}
    )
    assert [item.title for item in intake.new if item.background] == ["Story 1", "Story 2"]


@pytest.mark.parametrize(
    ("entries", "state", "known"),
    [
        ([at(number) for number in range(4)], READ_BEFORE, {}),
        ([at(number) for number in range(6)], SourceState("dsit"), {}),
        ([at(number) for number in range(6)], READ_BEFORE, known_from(at(3))),
        ([replace(at(number), title="Written evidence") for number in range(6)], READ_BEFORE, {}),
    ],
)
def test_a_short_a_new_a_partly_known_or_a_monotonous_feed_was_not_renamed(
    entries: list[FeedEntry], state: SourceState, known: dict[str, Item]
) -> None:
    assert not looks_renamed(state, a_result(*entries), known)


def test_after_a_fortnights_pause_everything_of_that_fortnight_is_news() -> None:
    state = replace(READ_BEFORE, last_good_at=NOW - 14 * DAY)
    intake = take(*(at(number, updated=NOW - number * DAY) for number in range(14)), state=state)
    assert not any(item.background for item in intake.new)


def test_an_id_used_again_for_another_story_is_another_item() -> None:
    first = at(1)
    reused = replace(at(2, title="Another story"), id=first.id)
    intake = take(reused, known=known_from(first))
    assert [(item.title, item.url) for item in intake.new] == [("Another story", "https://example.org/2")]
    assert intake.changed == ()


def test_entries_with_one_id_are_kept_apart_by_their_links() -> None:
    intake = take(*(replace(at(number), id="") for number in range(20)))
    assert len({item.id for item in intake.new}) == 20


def test_what_is_new_in_an_api_is_news_however_old_it_is_but_not_its_first_answers() -> None:
    petitions = replace(DSIT, format=Format.PETITIONS)
    old = at(1, updated=NOW - 170 * DAY)
    state = replace(READ_BEFORE, url=DSIT.url)
    assert [item.background for item in take(old, source=petitions, state=state).new] == [False]
    asked_anew = replace(state, url="https://petition.example.org/another-question")
    assert [item.background for item in take(old, source=petitions, state=asked_anew).new] == [True]


STATED = FeedEntry(
    id="1",
    title="A question of data",
    link="https://example.org/business/1",
    summary="The consultation closes on 3 March 2025.",
    kind=Kind.CALL_FOR_EVIDENCE,
    publisher="Science Committee",
    deadline=date(2025, 4, 1),
    date_words="Submissions until 1 April 2025",
)


def test_what_a_source_states_comes_before_what_its_words_suggest() -> None:
    (item,) = take(STATED).new
    assert (item.kind, item.publisher) == (Kind.CALL_FOR_EVIDENCE, "Science Committee")
    assert (item.deadline, item.happens_on) == (date(2025, 4, 1), None)
    assert item.date_words == "Submissions until 1 April 2025"


def test_a_stated_day_that_moves_is_a_change_although_the_text_stays() -> None:
    moved = replace(STATED, deadline=date(2025, 4, 8), date_words="Submissions until 8 April 2025")
    (revision,) = take(moved, known=known_from(STATED)).changed
    assert revision.changes == (Change("deadline", "2025-04-01", "2025-04-08"),)
    assert revision.item.date_words == "Submissions until 8 April 2025"


def test_a_day_that_another_source_of_the_group_states_is_heard_even_from_an_older_copy() -> None:
    known = known_from(an_entry("Open consultation: AI", updated=NOW))
    stated = an_entry("AI", summary="Other words.", updated=NOW - DAY, deadline=date(2025, 3, 3))
    (revision,) = take(stated, source=SEARCH, known=known).changed
    assert revision.changes == (Change("deadline", "", "2025-03-03"),)
    assert revision.item.updated_at == NOW
    older = replace(stated, deadline=date(2025, 2, 1))
    assert take(older, source=SEARCH, known={URL: revision.item}).changed == ()
    press = a_source("press", group=Group.PRESS)
    assert take(replace(stated, updated=NOW), source=press, known=known).changed == ()


def test_words_that_still_say_the_same_do_not_undo_a_stated_day() -> None:
    known = known_from(STATED)
    unstated = replace(STATED, kind=None, publisher="", deadline=None, date_words="")
    reworded = replace(unstated, summary="Hurry: the consultation closes on 3 March 2025.")
    (revision,) = take(reworded, known=known).changed
    assert [change.field for change in revision.changes] == ["summary"]
    extended = replace(unstated, summary="The consultation closes on 10 April 2025.")
    (revision,) = take(extended, known=known).changed
    assert revision.item.deadline == date(2025, 4, 10)


def test_a_stated_kind_sorts_its_own_sources_item_but_never_takes_an_outcome_back() -> None:
    known = known_from(STATED)
    decided = replace(STATED, kind=Kind.CONSULTATION_OUTCOME)
    (revision,) = take(decided, known=known).changed
    assert revision.changes == (Change("kind", "call for evidence", "consultation outcome"),)
    assert take(STATED, known={revision.item.url: revision.item}).changed == ()
    (revision,) = take(replace(STATED, kind=Kind.EVENT), known=known).changed
    assert revision.item.kind is Kind.EVENT
    assert take(replace(STATED, kind=Kind.EVENT, updated=NOW), source=SEARCH, known=known).changed == ()


def test_a_body_that_was_read_already_counts_as_unchanged_and_its_validators_are_kept() -> None:
    state = replace(READ_BEFORE, url=DSIT.url, body_hash="abc", failures=2)
    result = settled(DSIT, state, a_result(at(1), body_hash="abc"))
    assert (result.outcome, result.entries, addresses(result)) == (Outcome.UNCHANGED, (), ())
    intake = decide(DSIT, state, result, {}, now=NOW, first_pass=False, window_start=None)
    assert (intake.fetch.outcome, intake.fetch.entries, intake.new) == (Outcome.UNCHANGED, 0, ())
    assert (intake.state.etag, intake.state.last_modified, intake.state.body_hash) == ('W/"2"', "then", "abc")
    assert (intake.state.failures, intake.state.last_good_at) == (0, NOW)


@pytest.mark.parametrize(
    ("state", "body_hash"),
    [
        (replace(READ_BEFORE, url=DSIT.url, body_hash="abc"), "abd"),
        (replace(READ_BEFORE, url=DSIT.url, body_hash=""), ""),
        (replace(READ_BEFORE, url="https://old.example.org/", body_hash="abc"), "abc"),
    ],
)
def test_another_body_or_one_from_another_address_is_read(state: SourceState, body_hash: str) -> None:
    result = a_result(at(1), body_hash=body_hash)
    assert settled(DSIT, state, result) is result


def test_a_good_read_keeps_the_validators_byte_for_byte_and_clears_the_failures() -> None:
    failing = replace(READ_BEFORE, failures=3, outcome=Outcome.TIMED_OUT, reason="It did not answer.")
    state = take(an_entry(), state=failing).state
    assert (state.etag, state.last_modified, state.failures) == ('W/"2"', "then", 0)
    assert (state.outcome, state.reason) == (Outcome.READ, "")
    assert (state.last_fetch_at, state.last_good_at) == (NOW, NOW)
    assert state.next_due_at is not None
    assert NOW + HOUR <= state.next_due_at <= NOW + 66 * MINUTE
    assert state.first_read_at == READ_BEFORE.first_read_at


def test_an_unchanged_source_keeps_its_validators() -> None:
    intake = take(outcome=Outcome.UNCHANGED, status=304, etag="", last_modified="")
    assert intake.state.etag == '"1"'
    assert (intake.state.failures, intake.state.last_good_at) == (0, NOW)


def test_a_failure_is_counted_said_and_changes_nothing_else() -> None:
    intake = take(outcome=Outcome.SERVER_TROUBLE, status=503, reason="It is in trouble (503).", etag="", entries=())
    assert (intake.new, intake.changed, intake.same, intake.refused) == ((), (), 0, ())
    assert (intake.state.failures, intake.state.outcome) == (1, Outcome.SERVER_TROUBLE)
    assert (intake.state.etag, intake.state.last_good_at) == ('"1"', NOW - HOUR)
    assert intake.fetch.reason == "It is in trouble (503)."


@pytest.mark.parametrize("outcome", [Outcome.ENDED, Outcome.GONE])
def test_a_feed_that_has_ended_is_muted_and_its_farewell_is_no_item(outcome: Outcome) -> None:
    intake = take(an_entry("This feed has ended"), outcome=outcome)
    assert intake.state.muted
    assert intake.state.next_due_at is None
    assert intake.new == ()


def test_a_source_without_a_sample_is_not_failing() -> None:
    state = take(outcome=Outcome.OFFLINE, state=SourceState("dsit")).state
    assert (state.failures, state.first_read_at, state.last_good_at) == (0, None, None)


def test_every_fetch_leaves_a_dated_row_with_its_counts() -> None:
    fetch = take(
        an_entry("AI plan 2", updated=NOW), an_entry(link="https://www.gov.uk/b"), known=known_from(an_entry())
    ).fetch
    assert (fetch.started_at, fetch.finished_at, fetch.status) == (NOW - MINUTE, NOW, 200)
    assert (fetch.outcome, fetch.entries, fetch.new, fetch.changed) == (Outcome.READ, 2, 1, 1)


def test_a_time_of_day_is_kept_beside_its_day_and_its_change_is_told() -> None:
    opened = an_entry("Open consultation: AI", summary="The consultation closes at 5pm on 3 March 2025.")
    extended = replace(opened, summary="The consultation closes at 11:59pm on 3 March 2025.", updated=NOW)
    known = known_from(opened)
    assert (known[URL].deadline, known[URL].deadline_time) == (date(2025, 3, 3), time(17))
    (revision,) = take(extended, known=known).changed
    assert Change("deadline", "2025-03-03 17:00", "2025-03-03 23:59") in revision.changes
    assert revision.item.deadline_time == time(23, 59)
    assert revision.item.date_words == "closes at 11:59pm on 3 March 2025"


def test_a_stated_day_brings_its_own_time_or_none() -> None:
    known = known_from(an_entry("Open consultation: AI", summary="The consultation closes at 5pm on 3 March 2025."))
    moved = an_entry("Open consultation: AI", updated=NOW, deadline=date(2025, 4, 1), date_words="closes on 1 April")
    (revision,) = take(replace(moved, summary=known[URL].summary), known=known).changed
    assert (revision.item.deadline, revision.item.deadline_time) == (date(2025, 4, 1), None)


def test_a_new_item_is_sorted_by_the_rules_about_titles_and_keeps_the_reason() -> None:
    rules = KindRules((TitleRule(Kind.JOB, ((Place.BEGINS, "vacancy:"),)),))
    entry = replace(an_entry(), title="Vacancy: data analyst", link="https://blog.example.org/1")
    result = a_result(entry, replace(entry, title="How we work", link="https://blog.example.org/2"))
    source = replace(DSIT, name="Data blog", document_kind=Kind.BLOG)
    intake = decide(source, READ_BEFORE, result, {}, now=NOW, first_pass=False, window_start=None, kind_rules=rules)
    assert [(item.kind, item.kind_because) for item in intake.new] == [
        (Kind.JOB, "its title begins “Vacancy:”"),
        (Kind.BLOG, "that is what its source carries: Data blog"),
    ]


def test_a_kind_that_changes_brings_its_reason() -> None:
    known = known_from(an_entry("Open consultation: AI"))
    (revision,) = take(an_entry("Consultation outcome: AI", updated=NOW), known=known).changed
    assert (revision.item.kind, revision.item.kind_because) == (
        Kind.CONSULTATION_OUTCOME,
        "GOV.UK calls it “Consultation outcome”",
    )


def test_what_a_title_said_better_than_its_source_stays_when_the_source_says_the_same_again() -> None:
    rules = KindRules(
        (TitleRule(Kind.EVIDENCE_SESSION, ((Place.HAS, "oral evidence"),), instead_of=frozenset({Kind.NEWS})),)
    )
    entry = replace(an_entry("Oral evidence: AI", link="https://p.example.org/1"), kind=Kind.NEWS)

    def read(known: Mapping[str, Item], *entries: FeedEntry) -> Intake:
        result = a_result(*entries)
        return decide(DSIT, READ_BEFORE, result, known, now=NOW, first_pass=False, window_start=None, kind_rules=rules)

    (item,) = read({}, entry).new
    assert (item.kind, item.told_kind) == (Kind.EVIDENCE_SESSION, Kind.NEWS)
    assert item.told_because == f"its source says so: {DSIT.name}"
    known = {item.url: item}
    assert read(known, entry).changed == ()
    assert read({item.url: replace(item, told_kind=None, told_because="")}, entry).changed == ()
    (revision,) = read(known, replace(entry, kind=Kind.PETITION)).changed
    assert (revision.item.kind, revision.item.told_kind) == (Kind.PETITION, Kind.PETITION)
