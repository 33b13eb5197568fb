"""All that the draft's messages are made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digests.model import Approval, Delivery, Edition, Revision, Topic
from digests.plan import ApprovalPolicy


@dataclass(frozen=True, slots=True)
class DraftView:
    """All that the draft message shows: the edition, and where its approval and its posting stand."""

    edition: Edition
    revisions: Sequence[Revision]
    approvals: Sequence[Approval]
    deliveries: Sequence[Delivery]
    policy: ApprovalPolicy
    topics: Mapping[str, Topic]
