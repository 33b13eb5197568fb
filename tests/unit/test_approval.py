"""Approval: four eyes, bound to one exact content hash."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from digests.approval import Refusal, TooLate, Verdict, decide, posting_moment, refuse_pull_back
from digests.model import Approval, Edition, EditionState, Revision, content_hash
from digests.plan import ApprovalPolicy
from tests.builders import NOW, a_content, a_revision, an_edition, an_entry

FOUR_EYES = ApprovalPolicy()


def verdict(
    edition: Edition,
    *,
    who: str,
    revisions: list[Revision] | None = None,
    approvals: list[Approval] | None = None,
    seen: str | None = None,
    policy: ApprovalPolicy = FOUR_EYES,
) -> Verdict:
    return decide(
        edition,
        revisions if revisions is not None else [a_revision(edition)],
        approvals or [],
        member_id=who,
        member_name=who.capitalize(),
        seen_hash=seen or content_hash(edition.content),
        now=NOW,
        policy=policy,
    )


def edited_by(edition: Edition, *authors: str) -> list[Revision]:
    return [a_revision(edition), *(a_revision(edition, author=author) for author in authors)]


def yes(edition: Edition, who: str) -> Approval:
    return Approval(edition.id, content_hash(edition.content), who, who.capitalize(), NOW)


def test_an_edited_draft_goes_out_with_one_yes_from_somebody_else() -> None:
    edition = an_edition()
    came = verdict(edition, who="carol", revisions=edited_by(edition, "bob"))
    assert came == Verdict(None, yes(edition, "carol"), complete=True)


def test_the_last_editor_cannot_approve_but_an_earlier_one_can() -> None:
    edition = an_edition()
    revisions = edited_by(edition, "bob", "carol")
    assert verdict(edition, who="carol", revisions=revisions).refusal is Refusal.OWN_EDIT
    assert verdict(edition, who="bob", revisions=revisions).complete


def test_an_unedited_draft_needs_two_different_editors() -> None:
    edition = an_edition()
    first = verdict(edition, who="bob")
    assert first.approval is not None
    assert not first.complete
    assert verdict(edition, who="bob", approvals=[first.approval]).refusal is Refusal.TWICE
    assert verdict(edition, who="carol", approvals=[first.approval]).complete


def test_an_approval_of_an_older_text_counts_for_nothing() -> None:
    edition = an_edition()
    other = replace(yes(edition, "bob"), content_hash="0" * 64)
    assert not verdict(edition, who="carol", approvals=[other]).complete


def test_a_button_from_an_older_text_is_refused() -> None:
    assert verdict(an_edition(), who="bob", seen="0" * 64).refusal is Refusal.CHANGED


@pytest.mark.parametrize("state", [state for state in EditionState if not state.is_open])
def test_only_a_draft_can_be_approved(state: EditionState) -> None:
    assert verdict(an_edition(state=state), who="bob").refusal is Refusal.NOT_A_DRAFT


def test_an_empty_edition_is_never_approved() -> None:
    empty = an_edition(content=a_content(an_entry(1, included=False)))
    assert verdict(empty, who="bob").refusal is Refusal.EMPTY


def test_a_network_with_one_editor_may_let_one_person_do_it_all() -> None:
    edition = an_edition()
    alone = ApprovalPolicy(one_editor=True)
    assert verdict(edition, who="bob", policy=alone).complete
    assert verdict(edition, who="bob", revisions=edited_by(edition, "bob"), policy=alone).complete


def test_the_hash_covers_what_readers_see_and_nothing_else() -> None:
    content = a_content(an_entry(1), an_entry(2))
    same = replace(content, maybe=(an_entry(9),), notes=("n",), left_out=(("x", 1),))
    without = a_content(an_entry(1), an_entry(2, included=False))
    assert content_hash(content) == content_hash(same)
    assert content_hash(without) == content_hash(a_content(an_entry(1)))
    for change in (
        {"title": "Other"},
        {"url": "https://www.example.org/other"},
        {"publisher": "Other"},
        {"blurb": "Other."},
        {"section": "dates"},
    ):
        assert content_hash(a_content(an_entry(1, **change), an_entry(2))) != content_hash(content)
    assert content_hash(a_content(an_entry(2), an_entry(1))) != content_hash(content)
    for other in (
        replace(content, title="Other"),
        replace(content, intro="Other."),
        replace(content, updates="Other."),
        replace(content, outro="Other."),
        replace(content, sections=content.sections[::-1]),
    ):
        assert content_hash(other) != content_hash(content)


def test_an_approved_edition_is_posted_after_the_cooling_off_and_not_before_its_planned_moment() -> None:
    cooling = ApprovalPolicy(cooling_off=timedelta(minutes=20))
    assert posting_moment(NOW, FOUR_EYES, None) == NOW
    assert posting_moment(NOW, cooling, None) == NOW + timedelta(minutes=20)
    assert posting_moment(NOW, cooling, NOW - timedelta(days=1)) == NOW + timedelta(minutes=20)
    assert posting_moment(NOW, cooling, NOW + timedelta(minutes=5)) == NOW + timedelta(minutes=20)
    assert posting_moment(NOW, cooling, NOW + timedelta(days=1)) == NOW + timedelta(days=1)


@pytest.mark.parametrize("state", list(EditionState))
def test_only_an_approved_edition_can_be_pulled_back(state: EditionState) -> None:
    edition = an_edition(state=state)
    expected = None if state is EditionState.APPROVED else TooLate.NOT_APPROVED
    assert refuse_pull_back(edition, edition) is expected


def test_an_edition_that_has_a_successor_cannot_be_pulled_back() -> None:
    edition = an_edition(state=EditionState.APPROVED)
    earlier, later = an_edition(date(2025, 1, 17)), an_edition(date(2025, 1, 31))
    assert refuse_pull_back(edition, earlier) is None
    assert refuse_pull_back(edition, later) is TooLate.SUCCEEDED
