"""From an approved edition to the outbox: one delivery for each part and channel, and how far they have come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digests.model import Address, Delivery, DeliveryState, Edition, content_hash

PURPOSE = "edition"
MAIL_PURPOSE = "mail"
"""Of an edition that is sent by mail, which can be neither changed nor taken back."""
TO_READERS = (PURPOSE, MAIL_PURPOSE)
"""The purposes of what brings an edition to readers."""


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


def has_begun(deliveries: Sequence[Delivery]) -> bool:
    """Whether any part has reached readers, or may have."""
    return any(row.may_have_left for row in of_publication(deliveries))


@dataclass(frozen=True, slots=True)
class Reach:
    """How far an edition has come in one channel. ``rows`` are its parts there, the headline first."""

    address: Address
    rows: tuple[Delivery, ...]

    @property
    def is_out(self) -> bool:
        """Whether every part is there, as it should now read."""
        return all(row.state is DeliveryState.SENT for row in self.rows)

    @property
    def is_begun(self) -> bool:
        """Whether a part of it is there."""
        return any(row.is_there for row in self.rows)

    @property
    def is_dropped(self) -> bool:
        """Whether a person decided that what is not there does not go there."""
        return any(row.state is DeliveryState.DROPPED for row in self.rows)

    @property
    def stuck(self) -> tuple[Delivery, ...]:
        """The parts that wait for a person's decision."""
        return tuple(row for row in self.rows if row.is_stuck)


def reach(deliveries: Sequence[Delivery]) -> tuple[Reach, ...]:
    """How far an edition has come in each of its channels, from its deliveries in the order of adding."""
    channels: dict[Address, list[Delivery]] = {}
    for row in of_publication(deliveries):
        channels.setdefault(row.address, []).append(row)
    return tuple(Reach(address, tuple(rows)) for address, rows in channels.items())


@dataclass(frozen=True, slots=True)
class Changes:
    """What a new text means for the outbox: the bodies of rows (by key) to be replaced, and rows to be added."""

    bodies: Mapping[str, str]
    added: tuple[Delivery, ...] = ()


def correct(deliveries: Sequence[Delivery], parts: Sequence[str], gone: str, letter: str, now: datetime) -> Changes:
    """What brings an edition's messages to the text of ``parts``, in every channel that has it or is getting it.

    Parts that are new follow in the thread; of those that are no more there remains ``gone``, because a message that
    vanished would leave readers to wonder. A channel that was given up stays without. A mail that has certainly not
    left becomes ``letter``; no other can be changed.
    """
    bodies = {row.key: letter for row in deliveries if row.purpose == MAIL_PURPOSE and not row.may_have_left}
    added: list[Delivery] = []
    for channel in reach(deliveries):
        headline = channel.rows[0]
        if headline.state is DeliveryState.DROPPED and not headline.is_there:
            continue
        for number, row in enumerate(channel.rows):
            bodies[row.key] = parts[number] if number < len(parts) else gone
        base = headline.key.rpartition(":")[0]
        for number in range(len(channel.rows), len(parts)):
            added.append(
                Delivery(
                    key=f"{base}:{number}",
                    purpose=PURPOSE,
                    address=channel.address,
                    body=parts[number],
                    created_at=now,
                    edition_id=headline.edition_id,
                    thread_key=headline.key,
                )
            )
    return Changes(bodies, tuple(added))


def withdraw(deliveries: Sequence[Delivery], said: str) -> tuple[Changes, tuple[Delivery, ...]]:
    """What makes every message that readers have, or may have, read ``said``; and the rows that never need go out.

    A mail that has left stays what it is.
    """
    bodies = {row.key: said for row in of_publication(deliveries) if row.may_have_left}
    return Changes(bodies), tuple(row for row in deliveries if row.purpose in TO_READERS and not row.may_have_left)


def has(deliveries: Sequence[Delivery], address: Address) -> bool:
    """Whether an edition has gone to a channel, is on its way there, or was given up there."""
    return any(row.address == address for row in of_publication(deliveries))
