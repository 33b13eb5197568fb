"""What editors are told when nobody takes a draft further."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.edition_messages.line import edition_name, joined
from bot.messages import Message, code, count, say
from digests.approval import approvals_needed
from digests.calendar import say_when
from digests.model import Approval, Edition, Revision
from digests.plan import ApprovalPolicy


def reminder(
    edition: Edition,
    revisions: Sequence[Revision],
    approvals: Sequence[Approval],
    policy: ApprovalPolicy,
    lapses_at: datetime,
    *,
    alone: bool,
) -> Message:
    """The reminder; ``alone`` for a person's direct messages, else for the editors' channel."""
    name = edition_name(edition)
    edited = [revision for revision in revisions if revision.author]
    needed = approvals_needed(revisions, policy)
    if approvals:
        said = joined([f"{approval.member_name} ({say_when(approval.at)})" for approval in approvals])
        stands = f"{name} was approved by {said}, and one more editor is needed."
    elif edited:
        whose = "" if policy.one_editor else ", from somebody other than the last editor"
        stands = f"{name} was last edited on {say_when(edited[-1].at)}. It needs one approval{whose}."
    else:
        made = say_when(edition.created_at)
        stands = f"Nobody has edited or approved {name} since its draft was made on {made}. It needs "
        stands += f"{count(needed, 'approval')}."
    lapses = f" If it is not approved, it lapses on {say_when(lapses_at)}, and the next draft covers its weeks as well."
    if alone:
        return say(
            f"{stands}{lapses} Please look at it in the editors’ channel, or here with ", code("/digest draft"), "."
        )
    return say(f"{stands}{lapses} It can also be skipped, or merged into the next: ", code("/digest skip"), ".")
