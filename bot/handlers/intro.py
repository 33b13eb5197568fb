"""/intro: a member asks for an introduction, with words at once or in a form, and may take it back."""

from __future__ import annotations

from bot.introductions import service, texts
from bot.messages import Ask, Reply, say
from bot.services import Services


async def ask_for(ask: Ask, services: Services) -> Reply:
    """/intro [words]: with words the request is recorded; without, a form opens with what was typed before."""
    need = ask.words.strip()
    if not need:
        async with services.store.read() as uow:
            kept = await uow.inbox.kept_form(ask.identity, texts.FORM)
        return Reply(form=texts.form(kept.get("need", "")))
    problem = _problem(need)
    if problem:
        return Reply((say(problem, " Nothing was recorded."),))
    return await _record(ask, services, need)


async def submit(ask: Ask, services: Services) -> Reply:
    """The form was sent. What was typed is kept until it is accepted."""
    need = ask.fields.get("need", "").strip()
    async with services.store.begin() as uow:
        await uow.inbox.keep_form(ask.identity, texts.FORM, {"need": need}, services.clock.now())
        await uow.commit()
    problem = _problem(need)
    if problem:
        return Reply(errors={"need": problem})
    return await _record(ask, services, need)


async def withdraw(ask: Ask, services: Services) -> Reply:
    """Take it back."""
    await service.withdraw(services, ask.identity, ask.value)
    return Reply((say(texts.WITHDRAWN),))


async def _record(ask: Ask, services: Services, need: str) -> Reply:
    request, told = await service.submit(services, ask.identity, need)
    return Reply((texts.recorded(request, told),))


def _problem(need: str) -> str:
    if len(need) < service.NEED_AT_LEAST:
        return texts.TOO_SHORT
    if len(need) > service.NEED_AT_MOST:
        return texts.TOO_LONG
    return ""
