"""Whoever is asked: yes, not now, no; a yes taken back; and later, whether the two met."""

from __future__ import annotations

from bot.handlers.forms import tidy_text
from bot.introductions import answering
from bot.introductions.model import Ask as Question
from bot.introductions.model import AskState, Met
from bot.introductions.refusals import Settled
from bot.introductions.texts import both, candidate
from bot.messages import Ask, Reply
from bot.services import Services


async def show(ask: Ask, services: Services) -> Reply:
    """Show the question again, from the home."""
    async with services.store.read() as uow:
        _, journey, mine = await answering.the_ask(uow, ask.identity, ask.value)
    is_open = mine.state is AskState.OPEN
    return Reply(
        (candidate.ask_message(journey.request, mine) if is_open else candidate.settled(journey.request, mine),)
    )


async def yes(ask: Ask, services: Services) -> Reply:
    """Yes, to the words that are shown."""
    return await _answer(ask, services, AskState.YES)


async def not_now(ask: Ask, services: Services) -> Reply:
    """Not now: the form in which a reason may be given."""
    return Reply(form=candidate.not_now_form(await _still_open(ask, services)))


async def no(ask: Ask, services: Services) -> Reply:
    """No: the form in which a reason may be given."""
    return Reply(form=candidate.no_form(await _still_open(ask, services)))


async def say_not_now(ask: Ask, services: Services) -> Reply:
    """The form of “not now” was sent."""
    return await _decline(ask, services, AskState.NOT_NOW)


async def say_no(ask: Ask, services: Services) -> Reply:
    """The form of a no was sent."""
    return await _decline(ask, services, AskState.NO)


async def take_back(ask: Ask, services: Services) -> Reply:
    """Take a yes back."""
    await answering.take_back(services, ask.identity, ask.value)
    return Reply((candidate.TOOK_BACK,))


async def met(ask: Ask, services: Services) -> Reply:
    """Did you meet?"""
    said = next(answer for answer, action in both.MET.items() if action == ask.name)
    await answering.say_met(services, ask.identity, ask.value, Met(said))
    return Reply((both.SAID_MET,))


async def _still_open(ask: Ask, services: Services) -> Question:
    async with services.store.read() as uow:
        _, _, mine = await answering.the_ask(uow, ask.identity, ask.value)
    if mine.state is not AskState.OPEN:
        raise Settled(mine.id)
    return mine


async def _decline(ask: Ask, services: Services, said: AskState) -> Reply:
    reason = tidy_text(ask.fields.get("reason", ""))
    if len(reason) > candidate.REASON_AT_MOST:
        return Reply(errors={"reason": candidate.REASON_TOO_LONG})
    return await _answer(ask, services, said, reason)


async def _answer(ask: Ask, services: Services, said: AskState, reason: str = "") -> Reply:
    await answering.answer(services, ask.identity, ask.value, said, reason)
    return Reply((candidate.ANSWERED[said],))
