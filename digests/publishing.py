"""From an approved edition to the outbox: one delivery for each part and channel, and when all of it is out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from digests.model import Address, Delivery, DeliveryState, Edition, content_hash

PURPOSE = "edition"


def plan(
    edition: Edition,
    parts: Sequence[str],
    addresses: Sequence[Address],
    now: datetime,
    posts_at: datetime | None = None,
) -> tuple[Delivery, ...]:
    """The rows that bring ``parts`` (message bodies, headline first) to each address, at ``posts_at`` or at once.

    The keys hold the content's hash, so that planning the same approved text twice sends it once.
    """
    short = content_hash(edition.content)[:12]
    rows: list[Delivery] = []
    for address in addresses:
        where = f"{address.platform}:{address.workspace}:{address.channel}"
        headline = f"{PURPOSE}:{edition.id}:{short}:{where}:0"
        for number, body in enumerate(parts):
            rows.append(
                Delivery(
                    key=f"{PURPOSE}:{edition.id}:{short}:{where}:{number}",
                    purpose=PURPOSE,
                    address=address,
                    body=body,
                    created_at=now,
                    edition_id=edition.id,
                    thread_key=headline if number else "",
                    available_at=posts_at,
                )
            )
    return tuple(rows)


def of_publication(deliveries: Sequence[Delivery]) -> tuple[Delivery, ...]:
    """The rows among an edition's that bring it to readers (not the draft's own)."""
    return tuple(delivery for delivery in deliveries if delivery.purpose == PURPOSE)


def is_out(deliveries: Sequence[Delivery]) -> bool:
    """Whether every part has reached every channel."""
    rows = of_publication(deliveries)
    return bool(rows) and all(row.state is DeliveryState.SENT for row in rows)


def has_begun(deliveries: Sequence[Delivery]) -> bool:
    """Whether any part has reached readers, or may have."""
    return any(row.may_have_left for row in of_publication(deliveries))
