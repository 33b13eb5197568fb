"""Tells the editors' channels when a source is in trouble, and when it is well again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import count

from bot.messages import Bullets, Heading, Message, from_json, plain, text, to_json
from bot.ports import Purpose, UnitOfWork
from digests import polling
from digests.calendar import london_day, say_day
from digests.model import Address, Delivery, DeliveryState, Source
from digests.polling import Notice

PURPOSE = "source"
LINES_PER_MESSAGE = 10
"""As many sentences fit into one message on every platform."""
# Nobody would see a line that is added to a message which has not arrived, or may not have.
_STUCK = (DeliveryState.PARKED, DeliveryState.UNKNOWN)


async def tell_editors(uow: UnitOfWork, notices: Sequence[Notice], now: datetime) -> None:
    """Put each notice into the outbox for every editors' channel, in the unit of work that decided it.

    The notices of one day (in London) stand in one message, which grows: a day on which many sources fail together
    must not flood the channel. Nothing is said twice. Where no channel is bound, nothing is said yet: whichever is
    bound later hears what is wrong by then (:func:`tell_newcomer`).
    """
    if not notices:
        return
    for binding in await uow.channels.bound(Purpose.EDITORS):
        for notice in notices:
            await _add_line(uow, binding.address, notice.sentence, now)


async def tell_newcomer(uow: UnitOfWork, address: Address, sources: Iterable[Source], now: datetime) -> None:
    """Tell a channel that has just been bound for the editors which of the sources are in trouble at present.

    It is computed from what is remembered of the sources, so nothing is lost while no channel is bound. A second
    editors' channel hears it too: it will be told of recoveries, which would puzzle people who knew of no trouble.
    A channel that is taken back and bound again on the same day does not hear the same twice.
    """
    states = await uow.sources.states()
    for source in sources:
        state = states.get(source.id)
        notice = polling.standing(source, state, now) if state else None
        if notice:
            await _add_line(uow, address, notice.sentence, now)


async def _add_line(uow: UnitOfWork, address: Address, sentence: str, now: datetime) -> None:
    for part in count(1):
        key = f"{PURPOSE}:{london_day(now)}:{part}:{address.platform}:{address.workspace}:{address.channel}"
        row = await uow.deliveries.get(key)
        if row is None:
            await uow.deliveries.add([Delivery(key, PURPOSE, address, _body([sentence], now), now)])
            return
        lines = _lines(from_json(row.body))
        if sentence in lines:
            return
        if row.state not in _STUCK and len(lines) < LINES_PER_MESSAGE:
            await uow.deliveries.replace_body(key, _body([*lines, sentence], now), now)
            return


def _body(lines: Sequence[str], now: datetime) -> str:
    title = f"How sources are doing, {say_day(london_day(now))}"
    return to_json(Message(f"{title}. {lines[0]}", (Heading(title), Bullets(tuple(text(line) for line in lines)))))


def _lines(message: Message) -> list[str]:
    return [plain(line) for block in message.blocks if isinstance(block, Bullets) for line in block.items]
