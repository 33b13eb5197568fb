"""What must be true at any rest, whatever happened before: nothing lost, nothing twice, no state unreachable."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from bot.introductions.model import AskState, Journey, RequestState
from bot.ports import Role, Store
from bot.posts import waiting
from digests import publishing
from digests.model import Delivery, DeliveryState, Edition, EditionState
from tests.fakes.network import ALICE, PLATFORM
from tests.faults.life import ENTRIES, FileChat

_WITH_A_YES = {RequestState.AGREED, RequestState.INTRODUCED, RequestState.FOLLOWED_UP, RequestState.FINISHED}


async def broken(store: Store, chat: FileChat, now: datetime) -> list[str]:
    """Every way in which the promise is not kept, in words; nothing where it is."""
    async with store.read() as uow:
        rows = await uow.deliveries.in_state(*DeliveryState)
        shown = {post.delivery.key for post in await waiting(uow, frozenset(Role))}
        kept = await uow.editions.in_state(*EditionState)
        approvals = {edition.id: len(await uow.editions.approvals(edition.id)) for edition in kept}
        items = await uow.items.received(
            datetime.min.replace(tzinfo=now.tzinfo), datetime.max.replace(tzinfo=now.tzinfo)
        )
        alice = await uow.members.find(ALICE)
        journeys = await uow.requests.of_requester(alice.id) if alice else []
    return [
        *_deliveries(rows, chat, shown, now),
        *_strangers(rows, chat),
        *_editions(kept, rows, approvals),
        *_introductions(journeys, rows),
        *([f"{len(items)} items are kept, of {ENTRIES}"] if items and len(items) != ENTRIES else []),
    ]


def _deliveries(rows: Iterable[Delivery], chat: FileChat, shown: set[str], now: datetime) -> Iterable[str]:
    for row in rows:
        if row.address.platform != PLATFORM:
            continue
        refs = chat.refs_of(row.key)
        # Where people said that it is there, and no link could show where, a newer text is a message of its own.
        times = Counter(one["words"] for one in chat.posts() if one["key"] == row.key)
        if any(count > 1 for count in times.values()) or (row.message_ref and len(refs) > row.version):
            yield f"{row.key} was posted {len(refs)} times"
        match row.state:
            case DeliveryState.SENT if not refs or row.message_ref not in ("", *refs):
                yield f"{row.key} is sent as {row.message_ref}, and is there as {refs}"
            case DeliveryState.SENDING:
                yield f"{row.key} is being sent at rest"
            case DeliveryState.UNKNOWN | DeliveryState.PARKED if row.key not in shown:
                yield f"{row.key} is {row.state.value}, and nobody is shown it"
            case DeliveryState.PENDING | DeliveryState.RETRY if row.available_at is None or row.available_at <= now:
                if not (row.thread_key and not _is_there(rows, row.thread_key)):
                    yield f"{row.key} is {row.state.value} since {row.available_at} and nobody sends it at {now}"


def _is_there(rows: Iterable[Delivery], key: str) -> bool:
    return any(row.key == key and row.is_there for row in rows)


def _strangers(rows: Iterable[Delivery], chat: FileChat) -> Iterable[str]:
    known = {row.key for row in rows}
    for post in chat.posts():
        if post["key"] not in known:
            yield f"{post['key']} was posted, and no row says so"


def _editions(kept: Sequence[Edition], rows: Sequence[Delivery], approvals: dict[str, int]) -> Iterable[str]:
    for due_on, count in Counter(edition.due_on for edition in kept).items():
        if count > 1:
            yield f"there are {count} editions of {due_on}"
    for edition in kept:
        outgoing = [row for row in rows if row.edition_id == edition.id and row.purpose == publishing.PURPOSE]
        if edition.state in (EditionState.APPROVED, EditionState.PUBLISHED):
            if approvals[edition.id] < 2:
                yield f"edition {edition.id} is {edition.state.value} on {approvals[edition.id]} approvals"
            if not outgoing:
                yield f"edition {edition.id} is {edition.state.value} and nothing goes out"
        elif outgoing and edition.state is EditionState.DRAFT:
            yield f"edition {edition.id} is a draft, and goes out"


def _introductions(journeys: Sequence[Journey], rows: Sequence[Delivery]) -> Iterable[str]:
    if len(journeys) > 1:
        yield f"Alice asked once and there are {len(journeys)} requests"
    for journey in journeys:
        state = journey.request.state
        agreed = [ask for ask in journey.asks if ask.state is AskState.YES]
        if (state in _WITH_A_YES) != (journey.introduction is not None and bool(agreed)):
            yield f"the request is {state.value} with {len(agreed)} who said yes"
        if (state is RequestState.ASKING) != (journey.open_ask is not None):
            yield f"the request is {state.value}, and its open question is {journey.open_ask}"
        for ask in journey.asks:
            if ask.state is not AskState.PLANNED and not any(ask.id in row.key for row in rows):
                yield f"a question is {ask.state.value} and was never put"
