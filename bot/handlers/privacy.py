"""/convenor privacy: what is held about me, and what I can do about it; and the coordinators' side of complaints."""

from __future__ import annotations

from bot.handlers.forms import tidy_text
from bot.messages import Ask, Reply, say
from bot.privacy import complaint_texts, complaints, notice, service
from bot.privacy.model import Processing
from bot.services import Services


async def show(ask: Ask, services: Services) -> Reply:
    """/convenor privacy."""
    view = await service.look(services, ask.identity)
    return Reply(notice.notice(view, services.owner, services.contact))


async def export(ask: Ask, services: Services) -> Reply:
    """The button Export: everything, to the one who asks alone."""
    view = await service.look(services, ask.identity)
    if view.member is None:
        return Reply((notice.NOTHING_TO_EXPORT,))
    return Reply((notice.exported(await service.export(services, ask.identity)),))


async def to_erase(ask: Ask, services: Services) -> Reply:
    """The button Erase …: what that would mean."""
    view = await service.look(services, ask.identity)
    if view.member is None:
        return Reply((say(service.NOTHING_TO_ERASE),))
    if view.erasure is not None:
        return Reply((notice.asked_to_erase(view.erasure),))
    return Reply((notice.before_erasing(view),))


async def erase(ask: Ask, services: Services) -> Reply:
    """It was confirmed."""
    return Reply((notice.asked_to_erase(await service.ask_erasure(services, ask.identity)),))


async def undo(ask: Ask, services: Services) -> Reply:
    """The button Undo."""
    await service.undo_erasure(services, ask.identity)
    return Reply((notice.UNDONE,))


async def object_to_what(ask: Ask, services: Services) -> Reply:
    """The button Object …: to what?"""
    return Reply((notice.objections(await service.look(services, ask.identity)),))


async def say_no(ask: Ask, services: Services) -> Reply:
    """Object to one use."""
    processing = _processing(ask.value)
    if processing is None:
        return Reply((notice.NO_SUCH_USE,))
    return Reply((notice.objected(processing, new=await service.object_to(services, ask.identity, processing)),))


async def take_back(ask: Ask, services: Services) -> Reply:
    """Allow one use again."""
    processing = _processing(ask.value)
    if processing is None:
        return Reply((notice.NO_SUCH_USE,))
    return Reply((notice.taken_back(processing, was=await service.take_back(services, ask.identity, processing)),))


async def complain(ask: Ask, services: Services) -> Reply:
    """The button Complain …: a form, with what was typed before."""
    async with services.store.read() as uow:
        kept = await uow.inbox.kept_form(ask.identity, complaint_texts.FORM)
    return Reply(form=complaint_texts.form(kept.get(complaint_texts.WORDS, "")))


async def submit_complaint(ask: Ask, services: Services) -> Reply:
    """The complaint was sent. What was typed is kept until it is recorded."""
    words = tidy_text(ask.fields.get(complaint_texts.WORDS, ""))
    await _keep(ask, services, complaint_texts.FORM, {complaint_texts.WORDS: words})
    if problem := _problem(words):
        return Reply(errors={complaint_texts.WORDS: problem})
    return Reply((complaint_texts.received(await complaints.complain(services, ask.identity, words)),))


async def read_complaint(ask: Ask, services: Services) -> Reply:
    """A coordinator reads a complaint."""
    complaint, member = await complaints.read(services, ask.identity, ask.value)
    return Reply((complaint_texts.shown(complaint, member.name if member else ""),))


async def answer_complaint(ask: Ask, services: Services) -> Reply:
    """A coordinator wants to answer: a form, with what they typed before."""
    async with services.store.read() as uow:
        complaint = await complaints.open_complaint(uow, ask.value)
        kept = await uow.inbox.kept_form(ask.identity, complaints.kept_answer(complaint.reference))
    return Reply(form=complaint_texts.answer_form(complaint, kept.get(complaint_texts.REPLY, "")))


async def submit_answer(ask: Ask, services: Services) -> Reply:
    """The answer was sent. What was typed is kept until it is on its way."""
    words = tidy_text(ask.fields.get(complaint_texts.REPLY, ""))
    async with services.store.read() as uow:
        complaint = await complaints.the_complaint(uow, ask.value)
    kept_under = complaints.kept_answer(complaint.reference)
    await _keep(ask, services, kept_under, {complaint_texts.REPLY: words})
    if problem := _problem(words):
        return Reply(errors={complaint_texts.REPLY: problem})
    answered = await complaints.answer(services, ask.identity, complaint.reference, words)
    return Reply((say(complaint_texts.sent(answered)),))


async def _keep(ask: Ask, services: Services, form: str, fields: dict[str, str]) -> None:
    async with services.store.begin() as uow:
        await uow.inbox.keep_form(ask.identity, form, fields, services.clock.now())
        await uow.commit()


def _processing(value: str) -> Processing | None:
    return Processing(value) if value in set(Processing) else None


def _problem(words: str) -> str:
    if len(words) < complaint_texts.AT_LEAST:
        return complaint_texts.TOO_SHORT
    return complaint_texts.TOO_LONG if len(words) > complaint_texts.AT_MOST else ""
