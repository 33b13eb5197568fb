"""All that the draft's messages are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.ports import Presence
from digests.model import Approval, Delivery, Edited, Edition, EditionAct, Topic
from digests.plan import ApprovalPolicy
from digests.suggestions import Suggested
from digests.warnings import Warning


@dataclass(frozen=True, slots=True)
class DraftView:
    """All that the draft message shows: the edition, and where its approval and its posting stand.

    ``revisions`` is the history, oldest first; ``names`` has the names of its authors by their member ids.
    ``presences`` are those who have a form about it open.
    """

    edition: Edition
    revisions: Sequence[Edited]
    approvals: Sequence[Approval]
    deliveries: Sequence[Delivery]
    policy: ApprovalPolicy
    topics: Mapping[str, Topic]
    warnings: Sequence[Warning] = ()
    acts: Sequence[EditionAct] = ()
    suggested: Sequence[Suggested] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    presences: Sequence[Presence] = ()

    def warnings_of(self, entry_id: str) -> tuple[Warning, ...]:
        """What is warned of about one entry; of the edition as a whole where the id is empty."""
        return tuple(warning for warning in self.warnings if warning.entry_id == entry_id)

    def name_of(self, member_id: str) -> str:
        """Who that is, for people."""
        return self.names.get(member_id, "somebody who has left") if member_id else "Convenor"
