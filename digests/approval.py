"""Four eyes: whose yes counts, to which exact text, how many are needed, and what may be done until it is posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from digests.model import Approval, Edited, Edition, EditionState, content_hash
from digests.plan import ApprovalPolicy


class Refusal(StrEnum):
    """Why an approval does not count."""

    NOT_A_DRAFT = "not a draft"
    CHANGED = "changed"
    OWN_EDIT = "own edit"
    TWICE = "twice"
    EMPTY = "empty"


class TooLate(StrEnum):
    """Why an edition cannot be pulled back, or posted at once."""

    NOT_APPROVED = "not approved"
    GONE = "gone"  # some of it has been posted, or may have been
    SUCCEEDED = "succeeded"  # a later edition begins where this one ends


@dataclass(frozen=True, slots=True)
class Verdict:
    """What comes of pressing Approve.

    Either ``refusal`` says why not, or ``approval`` is to be recorded; ``complete`` tells whether it may go out.
    """

    refusal: Refusal | None = None
    approval: Approval | None = None
    complete: bool = False


def approvals_needed(revisions: Sequence[Edited], policy: ApprovalPolicy) -> int:
    """How many editors must say yes: one beside the editor who shaped it, more where nobody has edited it."""
    if policy.one_editor or any(revision.author for revision in revisions):
        return 1
    return policy.unedited_approvals


def last_editor(revisions: Sequence[Edited]) -> str:
    """The member id of whoever edited last; empty where nobody has."""
    return next((revision.author for revision in reversed(revisions) if revision.author), "")


def decide(
    edition: Edition,
    revisions: Sequence[Edited],
    approvals: Sequence[Approval],
    *,
    member_id: str,
    member_name: str,
    seen_hash: str,
    now: datetime,
    policy: ApprovalPolicy,
) -> Verdict:
    """What comes of this member's yes to the text with hash ``seen_hash``. Roles are the caller's to check."""
    if not edition.state.is_open:
        return Verdict(Refusal.NOT_A_DRAFT)
    present = content_hash(edition.content)
    if seen_hash != present:
        return Verdict(Refusal.CHANGED)
    if not edition.content.included:
        return Verdict(Refusal.EMPTY)
    standing = [approval for approval in approvals if approval.content_hash == present]
    if any(approval.member_id == member_id for approval in standing):
        return Verdict(Refusal.TWICE)
    if member_id == last_editor(revisions) and not policy.one_editor:
        return Verdict(Refusal.OWN_EDIT)
    approval = Approval(edition.id, present, member_id, member_name, now)
    return Verdict(None, approval, len(standing) + 1 >= approvals_needed(revisions, policy))


def posting_moment(now: datetime, policy: ApprovalPolicy, planned: datetime | None) -> datetime:
    """When an edition that is approved now is posted, in UTC: after the cooling-off, and not before ``planned``."""
    cooled = now + policy.cooling_off
    return max(cooled, planned) if planned else cooled


def refuse_pull_back(edition: Edition, newest: Edition | None) -> TooLate | None:
    """Why an edition cannot become a draft again, as far as its own state tells; None where it can.

    ``newest`` is the edition that was due last. One that was drafted after this begins where this one ends, so this
    one's weeks would be nobody's if it were never approved again.
    """
    if edition.state is not EditionState.APPROVED:
        return TooLate.NOT_APPROVED
    return TooLate.SUCCEEDED if newest is not None and newest.id > edition.id else None
