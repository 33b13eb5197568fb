"""What is stuck in the outbox, and what people decide about it: it is there, send again, try again, leave it."""

from __future__ import annotations

from bot import posts
from bot.commands import not_allowed
from bot.messages import Ask, Message, Reply, say, text
from bot.ports import BadLink
from bot.post_messages import LINK, Post, link_form, parse_value, stuck_list
from bot.posts import Choice
from bot.services import Services

NOBODYS = say("That is between Convenor and one member, and nobody else decides about it. Nothing was done.")
OWN = say("This is about a request of your own, so another coordinator decides about it. Nothing was done.")
NOTHING_STUCK = say("Everything has been posted, or is on its way. Nothing waits for a decision.")


def done(choice: Choice, post: Post) -> Message:
    """What comes of a decision."""
    match choice:
        case Choice.IS_THERE:
            return say(
                text("Thank you. ", post.title, " counts as posted in ", post.where, ", and what follows goes on.")
            )
        case Choice.SEND_AGAIN:
            return say(text(post.title, " is sent again to ", post.where, "."))
        case Choice.TRY_AGAIN:
            return say(text(post.title, " is tried again in ", post.where, "."))
        case Choice.LEAVE if post.delivery.is_there:
            return say(text(post.title, " stays in ", post.where, " as it is."))
        case Choice.LEAVE:
            return say(text(post.title, " is given up: it will not be posted in ", post.where, "."))


async def stuck(ask: Ask, services: Services) -> Reply:
    """/convenor stuck: what waits for a decision of people with the roles that this one has."""
    async with services.store.read() as uow:
        waiting = await posts.waiting(uow, await services.roles_of(uow, ask.identity), ask.identity)
    return Reply(stuck_list(waiting) if waiting else (NOTHING_STUCK,))


async def is_there(ask: Ask, services: Services) -> Reply:
    """It is there: where?"""
    fence, key = parse_value(ask.value)
    async with services.store.read() as uow:
        post = await posts.stuck_post(uow, key, fence, Choice.IS_THERE)
        refused = await _refusal(ask, services, post)
    if refused:
        return refused
    return Reply(form=link_form(post)) if post.has_link else await _decide(ask, services, Choice.IS_THERE)


async def link(ask: Ask, services: Services) -> Reply:
    """The link was given."""
    try:
        return await _decide(ask, services, Choice.IS_THERE, ask.fields.get(LINK, ""))
    except BadLink as wrong:
        return Reply(errors={LINK: wrong.sentence})


async def send_again(ask: Ask, services: Services) -> Reply:
    """Send again, although it may be there."""
    return await _decide(ask, services, Choice.SEND_AGAIN)


async def try_again(ask: Ask, services: Services) -> Reply:
    """Try again: what was wrong is put right."""
    return await _decide(ask, services, Choice.TRY_AGAIN)


async def leave(ask: Ask, services: Services) -> Reply:
    """Give it up."""
    return await _decide(ask, services, Choice.LEAVE)


async def _decide(ask: Ask, services: Services, choice: Choice, link: str = "") -> Reply:
    fence, key = parse_value(ask.value)
    async with services.store.read() as uow:
        post = await posts.stuck_post(uow, key, fence, choice)
        if refused := await _refusal(ask, services, post):
            return refused
    return Reply((done(choice, await posts.decide(services, ask.identity, key, fence, choice, link)),))


async def _refusal(ask: Ask, services: Services, post: Post) -> Reply | None:
    role = posts.who_decides(post.delivery)
    if role is None:
        return Reply((NOBODYS,))
    async with services.store.read() as uow:
        if await posts.is_their_own(uow, post.delivery, ask.identity):
            return Reply((OWN,))
        allowed = role in await services.roles_of(uow, ask.identity)
    return None if allowed else Reply((not_allowed(frozenset({role})),))
