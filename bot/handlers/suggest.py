"""Suggesting a link for the digest, for every member; and the editors' word on what was suggested."""

from __future__ import annotations

from collections.abc import Sequence

from bot import suggestion_texts as texts
from bot import suggestions
from bot.edition_messages import DECLINE, edition_name, parse_value
from bot.editions import links
from bot.messages import Ask, Field, FieldKind, Form, Message, Reply, bold, say, text
from bot.services import Services
from digests.model import Edition, Suggestion
from digests.suggestions import REASON_AT_MOST, WHY_AT_MOST

DECLINE_FORM = DECLINE

REASON_TOO_LONG = f"Please keep it to {REASON_AT_MOST} characters."


def taken_up(edition: Edition, taken: Sequence[Suggestion]) -> Message:
    """A suggestion was added to the draft."""
    return say(
        "Added to the draft of ",
        bold(edition_name(edition)),
        f". {_told(taken)} To change its words, use its own buttons in the draft.",
    )


def declined(taken: Sequence[Suggestion]) -> Message:
    """A suggestion was declined."""
    title = taken[0].title or taken[0].url
    return say(bold(title), f" will not be in this edition. {_told(taken)}")


def _told(taken: Sequence[Suggestion]) -> str:
    return (
        "The member who suggested it is told."
        if len(taken) == 1
        else f"The {len(taken)} members who suggested it are told."
    )


def decline_form(suggestion: Suggestion, value: str) -> Form:
    """Why not this time?"""
    field = Field(
        "reason",
        "Why not?",
        FieldKind.PARAGRAPH,
        hint="It is sent to the member who suggested it, without your name.",
        required=False,
        max_length=REASON_AT_MOST,
    )
    return Form(DECLINE_FORM, "Not this time", "Say so", (field,), text(suggestion.title or suggestion.url), value)


async def suggest(ask: Ask, services: Services) -> Reply:
    """/digest suggest URL why: with words it is recorded; without, a form opens with what was typed before."""
    typed, _, why = ask.words.strip().partition(" ")
    if not typed:
        async with services.store.read() as uow:
            kept = await uow.inbox.kept_form(ask.identity, texts.FORM)
        return Reply(form=texts.form(kept.get("url", ""), kept.get("why", "")))
    if len(why) > WHY_AT_MOST:
        return Reply((say(texts.TOO_LONG, " Nothing was recorded."),))
    return await _record(ask, services, typed, why)


async def from_message(ask: Ask, services: Services) -> Reply:
    """The shortcut on somebody's message: the form, with the address that the message names. Nothing is stored yet."""
    return Reply(form=texts.form(ask.value))


async def submit(ask: Ask, services: Services) -> Reply:
    """The form was sent. What was typed is kept until it is accepted."""
    typed = {name: ask.fields.get(name, "").strip() for name in ("url", "why")}
    async with services.store.begin() as uow:
        await uow.inbox.keep_form(ask.identity, texts.FORM, typed, services.clock.now())
        await uow.commit()
    try:
        links.address(typed["url"])
    except links.NoAddress:
        return Reply(errors={"url": texts.NO_ADDRESS})
    if len(typed["why"]) > WHY_AT_MOST:
        return Reply(errors={"why": texts.TOO_LONG})
    reply = await _record(ask, services, typed["url"], typed["why"])
    async with services.store.begin() as uow:
        await uow.inbox.drop_form(ask.identity, texts.FORM)
        await uow.commit()
    return reply


async def take_up(ask: Ask, services: Services) -> Reply:
    """Add, on a link that a member suggests."""
    edition_id, suggestion_id = parse_value(ask.value)
    edition, _, taken = await suggestions.take_up(services, ask.identity, edition_id, suggestion_id)
    return Reply((taken_up(edition, taken),))


async def decline(ask: Ask, services: Services) -> Reply:
    """Not this time, on a link that a member suggests: why?"""
    _, suggestion_id = parse_value(ask.value)
    async with services.store.read() as uow:
        same = await suggestions.undecided(uow, suggestion_id)
    return Reply(form=decline_form(same[0], suggestion_id))


async def decline_for(ask: Ask, services: Services) -> Reply:
    """The form with the reason was sent."""
    reason = ask.fields.get("reason", "")
    if len(reason) > REASON_AT_MOST:
        return Reply(errors={"reason": REASON_TOO_LONG})
    return Reply((declined(await suggestions.decline(services, ask.identity, ask.value, reason)),))


async def _record(ask: Ask, services: Services, typed: str, why: str) -> Reply:
    came = await suggestions.suggest(services, ask.identity, typed, why)
    if not came.is_new:
        return Reply((texts.again(came.suggestion),))
    return Reply((texts.received(came.suggestion, came.edition, came.entry, came.told),))
