"""Coordinators: whom to ask about a request, in which words; remind, take a question back, close."""

from __future__ import annotations

from bot.handlers.forms import came_too_late, tidy_text
from bot.introductions import brokering, outgoing
from bot.introductions.model import RequestState
from bot.introductions.texts import coordinator as texts
from bot.messages import Ask, Reply
from bot.services import Services
from digests.errors import ConvenorError


async def queue(ask: Ask, services: Services) -> Reply:
    """/intro queue."""
    async with services.store.read() as uow:
        return Reply((texts.queue(await brokering.queue(uow, ask.identity)),))


async def show(ask: Ask, services: Services) -> Reply:
    """The card of a request, for whoever looks after it, with those who could be asked now."""
    async with services.store.read() as uow:
        journey = await brokering.the_request(uow, services, ask.identity, ask.value)
    if journey.request.state is RequestState.OPEN:
        journey = await brokering.look_again(services, ask.identity, ask.value)
    async with services.store.read() as uow:
        return Reply((texts.card(journey, await outgoing.names_of(uow, journey)),))


async def ask_somebody(ask: Ask, services: Services) -> Reply:
    """The form in which candidates are chosen; the one beside whom the button stood comes first."""
    request_id, _, first = ask.value.partition(" ")
    journey = await brokering.look_again(services, ask.identity, request_id)
    async with services.store.read() as uow:
        names = await outgoing.names_of(uow, journey)
    offered = [each.member_id for each in journey.request.suggested if each.member_id in names]
    if not offered or journey.open_ask is not None:
        return Reply((texts.NOBODY_TO_ASK,))
    chosen = first if first in offered else offered[0]
    return Reply(form=texts.ask_form(journey, names, chosen, request_id))


async def send(ask: Ask, services: Services) -> Reply:
    """The form was sent: ask."""
    chosen = [ask.fields.get(name, "") for name in ("first", "second", "third")]
    chosen = [each for each in chosen if each not in ("", texts.NOBODY)]
    note = tidy_text(ask.fields.get("note", ""))
    if len(set(chosen)) < len(chosen):
        return Reply(errors={"second": texts.TWICE})
    if len(note) > texts.NOTE_AT_MOST:
        return Reply(errors={"note": texts.NOTE_TOO_LONG})
    then_next = ask.fields.get("then") == texts.GO_ON
    joins = ask.fields.get("joins") == texts.JOIN
    try:
        await brokering.ask(services, ask.identity, ask.value, chosen, note=note, then_next=then_next, joins=joins)
    except ConvenorError as known:
        return Reply((came_too_late(known, [("Your note", note)]),))
    return Reply((texts.ASKED,))


async def look_again(ask: Ask, services: Services) -> Reply:
    """Who could be asked now?"""
    await brokering.look_again(services, ask.identity, ask.value)
    return Reply((texts.LOOKED_AGAIN,))


async def remind(ask: Ask, services: Services) -> Reply:
    """Remind whoever is asked."""
    await brokering.remind(services, ask.identity, ask.value)
    return Reply((texts.REMINDED,))


async def withdraw_ask(ask: Ask, services: Services) -> Reply:
    """Take the question back."""
    await brokering.withdraw_ask(services, ask.identity, ask.value)
    return Reply((texts.ASK_WITHDRAWN,))


async def close(ask: Ask, services: Services) -> Reply:
    """Close the request."""
    await brokering.close(services, ask.identity, ask.value)
    return Reply((texts.CLOSED,))
