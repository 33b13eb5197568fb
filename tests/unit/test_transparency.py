"""The transparency record says what is so, and says plainly what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from digests.corrections import RuleRecord
from digests.model import LeftOut
from digests.render.record import as_html, as_markdown
from digests.transparency import Drafted, Facts, Measured, record

MEASURED = Measured(date(2025, 1, 20), "aaaaaaaaaaaa", 383, 0.937, 0.991, 0.996, "Expect less elsewhere.")
FACTS = Facts(
    on=date(2025, 1, 23),
    digest="Data Policy Digest",
    owner="Example Network",
    contact="hello@example.org",
    sources=147,
    topics=32,
    rules=1547,
    rules_version="aaaaaaaaaaaa",
    unedited_approvals=2,
    measured=MEASURED,
    records=[RuleRecord("health", "gp data", 9, right=9, wrong=1)],
    drafted=Drafted("Data Policy Digest 30", (("not about data or AI policy", 1200), ("Ranked below", 7))),
)


def answers(facts: Facts) -> dict[str, str]:
    return {field: words for part in record(facts) for field, words in part.answers}


def test_the_record_tells_errors_editors_words_and_what_was_left_out() -> None:
    told = answers(FACTS)
    assert told["Measured error"] == (
        "On 383 items labelled by people, on Monday 20 January 2025: of the relevant items 99.6% were found, and 99.1% "
        "of those called relevant were. Topics: micro-F1 0.94. Expect less elsewhere."
    )
    assert told["What editors say"] == ("Editors have judged 10 tags so far and called 1 of them wrong, which is 10%.")
    assert told["Data Policy Digest 30"] == "1,200 not about data or AI policy; 7 Ranked below."
    assert (told["Organisation"], told["Contact"]) == ("Example Network", "hello@example.org")
    assert told["How it works"].startswith("1,547 rules in one file")


def test_the_record_tells_what_share_of_peoples_picks_drafts_would_hold() -> None:
    told = answers(replace(FACTS, measured=replace(MEASURED, picks=1003, picks_held=0.854)))
    assert told["Measured error"].endswith(
        "Expect less elsewhere. Of 1,003 official documents that people had chosen for past editions, 85.4% were on "
        "drafts of the same weeks or among their maybes."
    )


def test_figures_of_older_rules_are_not_passed_off_as_those_of_the_present_ones() -> None:
    told = answers(replace(FACTS, rules_version="bbbbbbbbbbbb"))["Measured error"]
    assert told.endswith(" The rules have changed since: that was version aaaaaaaaaaaa.")


def test_what_is_not_known_is_said() -> None:
    told = answers(replace(FACTS, owner="", contact="", measured=None, records=[], drafted=None))
    assert told["Organisation"] == (
        "Not stated yet. Whoever runs this Convenor says so with the setting CONVENOR_OWNER."
    )
    assert told["Measured error"] == "It has not been measured for these rules."
    assert told["What editors say"] == "Editors have not judged any tag yet."
    assert told["Counts"] == "No edition has been drafted yet."


def test_what_a_draft_left_out_is_listed_where_it_is_wanted_and_counted_only_elsewhere() -> None:
    left = (
        LeftOut("AI in parks", "https://example.org/1", "Department of Examples", "ranked below the maybes"),
        LeftOut("Data in parks", "https://example.org/2", "", "more about a story that is told"),
    )
    facts = replace(FACTS, drafted=Drafted("Data Policy Digest 30", (("ranked below the maybes", 2),), left))
    listed = {field: words for part in record(facts, listed=True) for field, words in part.answers}
    assert listed["Left out, 1"] == (
        "AI in parks (Department of Examples), https://example.org/1: ranked below the maybes."
    )
    assert listed["Left out, 2"] == "Data in parks, https://example.org/2: more about a story that is told."
    assert not any(field.startswith("Left out") for field in answers(facts))


def test_nothing_in_it_becomes_markup() -> None:
    hostile = record(replace(FACTS, owner="<b>*us*</b>"))
    written = as_markdown(hostile, FACTS.on)
    assert "\\<b\\>\\*us\\*\\</b\\>" in written
    assert written.startswith("# Algorithmic transparency record: Convenor\n\nAs of Thursday 23 January 2025.\n")
    page = as_html(hostile, FACTS.on)
    assert "<dd>&lt;b&gt;*us*&lt;/b&gt;</dd>" in page
    assert "<h2>Performance</h2>" in page
