"""/profile join, link and accounts: using an invitation, and the accounts of one person."""

from __future__ import annotations

from bot.handlers import profile
from bot.members import joining, joining_texts, linking
from bot.members import linking_texts as texts
from bot.messages import Ask, Reply
from bot.services import Services


async def join(ask: Ask, services: Services) -> Reply:
    """/profile join CODE, and the button of an invitation in chat: then the profile, where a yes is enough."""
    words = ask.words.strip() or ask.value
    if not words:
        return Reply((joining_texts.HOW_TO_JOIN,))
    await joining.accept(services, ask.identity, words)
    return await profile.show(ask, services)


async def link(ask: Ask, services: Services) -> Reply:
    """/profile link: a code for the other account; with a code: what linking would mean."""
    words = ask.words.strip()
    if not words:
        return Reply((texts.code_made(await linking.begin(services, ask.identity)),))
    accounts = await linking.look(services, ask.identity, words)
    return Reply((texts.ask_first(accounts, words),))


async def confirm(ask: Ask, services: Services) -> Reply:
    """Yes, these are all mine."""
    accounts = await linking.link(services, ask.identity, ask.value)
    return Reply((texts.accounts_page(accounts, ask.identity),))


async def show(ask: Ask, services: Services) -> Reply:
    """/profile accounts."""
    return Reply((texts.accounts_page(await linking.accounts_of(services, ask.identity), ask.identity),))


async def separate(ask: Ask, services: Services) -> Reply:
    """Separate it."""
    return Reply((texts.separated_here(await linking.unlink(services, ask.identity, ask.value)),))
