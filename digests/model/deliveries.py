"""What leaves us, to whom, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DeliveryState(StrEnum):
    """Where an outbox row is: only ``pending`` and ``retry`` rows are ever sent."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    PARKED = "parked"  # cannot succeed until a person acts
    UNKNOWN = "unknown"  # may or may not have arrived; a person decides
    DROPPED = "dropped"  # a person decided that it is not to be sent (any more)


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a channel, or a person's direct messages, on one platform and workspace.

    ``user`` may be several people, with commas between: then it is the one conversation of all of them.
    """

    platform: str
    workspace: str
    channel: str = ""
    user: str = ""

    @property
    def users(self) -> tuple[str, ...]:
        """The people whose conversation it is; none where it is a channel."""
        return tuple(self.user.split(",")) if self.user else ()

    @property
    def key(self) -> str:
        """What stands for it in the keys of deliveries."""
        return f"{self.platform}:{self.workspace}:{self.channel or '@' + self.user}"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one address: a row of the outbox.

    ``key`` is the unique business key, so that deciding twice sends once. ``body`` is the message as JSON, opaque
    here. ``thread_key`` is the key of the delivery in whose thread this one belongs; it waits for that one, and for
    those of the same thread that were added before it.
    ``version`` rises when the body is replaced; ``sent_version`` is the version that the platform shows.
    ``fence`` rises at each claim: only the claimer that holds the present fence may settle the row. A ``message_ref``
    with no ``sent_version`` is where a person says that the message is: an update in place shows whether it is.
    """

    key: str
    purpose: str
    address: Address
    body: str
    created_at: datetime
    edition_id: str = ""
    thread_key: str = ""
    state: DeliveryState = DeliveryState.PENDING
    version: int = 1
    sent_version: int = 0
    attempts: int = 0
    fence: int = 0
    available_at: datetime | None = None
    lease_until: datetime | None = None
    message_ref: str = ""
    reason: str = ""
    sent_at: datetime | None = None

    @property
    def may_have_left(self) -> bool:
        """Whether somebody may have seen it, or may see it in a moment."""
        gone = (DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.UNKNOWN)
        return self.state in gone or self.sent_version > 0 or bool(self.message_ref)

    @property
    def is_there(self) -> bool:
        """Whether the platform has shown it at some time, and may be showing an older body of it now."""
        return self.state is DeliveryState.SENT or self.sent_version > 0

    @property
    def is_stuck(self) -> bool:
        """Whether it goes no further until a person decides."""
        return self.state in (DeliveryState.PARKED, DeliveryState.UNKNOWN)
