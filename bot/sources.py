"""What people do with sources: find, add, change and remove one, pause and resume it, have it read, look at it."""

from __future__ import annotations

import asyncio
import difflib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from bot import schedule
from bot.messages import Identity
from bot.ports import Found, UnitOfWork
from bot.privacy import audit
from bot.privacy.ports import COMMAND_LINE, AuditEntry
from bot.services import Services
from digests import adding
from digests.adding import Details, Feed, Planned
from digests.errors import ConvenorError, NotFound
from digests.model import AddedSource, Fetch, Outcome, Source, SourceState, Trouble

LIMIT_SECONDS = 20.0
"""How long somebody is kept waiting for an address to answer."""


class TookTooLong(ConvenorError):
    """An address did not answer while somebody was waiting for it."""


class InTheFile(ConvenorError):
    """A source of the catalogue cannot be changed in chat."""

    def __init__(self, source: Source) -> None:
        super().__init__(
            source.id,
            f"{source.name} stands in the catalogue’s file, and can only be changed there. Nothing was changed.",
        )


CHANGED = "changed a source"
"""What the audit log calls it."""


class NotReadNow(ConvenorError):
    """A source cannot be read now, or would not be; the sentence says why and what to do."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A source with what is remembered of it. ``added`` is set where people added it.

    ``added_by`` is the name of the member who did; empty where nobody knows it, as on the command line. ``changed``
    is when its details were changed last and by whom, as the audit log has it; ``changed_by`` is that member's name.
    """

    source: Source
    state: SourceState | None
    fetches: Sequence[Fetch]
    added: AddedSource | None
    added_by: str = ""
    changed: AuditEntry | None = None
    changed_by: str = ""


async def look_at(services: Services, address: str) -> Found | Source:
    """What is found at an address, or the source that has it already. Adds nothing. Raises TookTooLong."""
    known = await services.present_sources()
    if there := adding.find_known(address, known):
        return there
    async with _patience(
        f"I have looked at {address[:100]} for {LIMIT_SECONDS:.0f} seconds without an end. Nothing was added. "
        "Please try again later, or give the address of the feed itself."
    ):
        found = await services.finder.find(address)
    return adding.find_known(found.url, known) or found


async def add(services: Services, feeds: Sequence[Feed], by: Identity | None) -> list[Planned]:
    """Add feeds beside the catalogue; what became of each. ``by`` is None on the command line."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        planned = await plan(uow, services, feeds)
        new = [entry.source for entry in planned if entry.is_new and entry.source]
        if new:
            member = (await uow.members.resolve(by, now)).id if by else COMMAND_LINE
            for source in new:
                await uow.sources.add_source(AddedSource(source, member, now))
                await uow.audit.note(member, "added a source", f"source:{source.id}", now)
            await uow.commit()
    return planned


async def plan(uow: UnitOfWork, services: Services, feeds: Sequence[Feed]) -> list[Planned]:
    """What would become of feeds if they were added."""
    sources = await services.all_sources(uow)
    # An id of the past may still be that of items and fetches.
    taken = {*(await uow.sources.states()), *(entry.source.id for entry in await uow.sources.added())}
    return adding.plan(feeds, sources, taken)


async def pause(services: Services, source_id: str, by: Identity | None) -> tuple[Source, bool]:
    """Stop reading a source until somebody resumes it; whether that changed anything. Raises NotFound."""
    async with services.store.begin() as uow:
        source = await find(uow, services, source_id)
        state = await uow.sources.state(source.id) or SourceState(source.id)
        if state.paused or not source.enabled:
            return source, False
        await uow.sources.save_state(replace(state, paused=True))
        await _note(uow, services, by, "paused a source", source)
        await uow.commit()
    return source, True


async def resume(services: Services, source_id: str, by: Identity | None) -> tuple[Source, bool]:
    """Read a source again that was paused, or had ended or gone; whether that changed anything. Raises NotFound."""
    async with services.store.begin() as uow:
        source = await find(uow, services, source_id)
        state = await uow.sources.state(source.id)
        if state is None or not (state.paused or state.muted) or not source.enabled:
            return source, False
        again = replace(state, paused=False, muted=False, told=Trouble.NONE, failures=0, failing_since=None)
        await uow.sources.save_state(replace(again, next_due_at=services.clock.now()))
        await _note(uow, services, by, "resumed a source", source)
        await uow.commit()
    return source, True


async def read_now(services: Services, source_id: str) -> tuple[Source, Fetch]:
    """Read one source, due or not; what came of it. Raises NotFound, NotReadNow, TookTooLong."""
    async with services.store.read() as uow:
        source = await find(uow, services, source_id)
        state = await uow.sources.state(source.id) or SourceState(source.id)
        begun = await uow.installation() is not None
    if reason := _why_not(source, state, begun=begun):
        raise NotReadNow(source.id, reason)
    fetches: list[Fetch] = []
    async with _patience(
        f"{source.name} has not answered within {LIMIT_SECONDS:.0f} seconds, so I stopped waiting. "
        "Nothing was changed; it is read by itself when it is next due."
    ):
        await schedule.read_sources(
            services, only=(source,), force=True, on_result=lambda _, fetch: fetches.append(fetch)
        )
    if not fetches:
        raise NotReadNow(source.id, f"{source.name} was paused a moment ago, so it was not read.")
    return source, fetches[0]


async def look_up(services: Services, source_id: str, fetches: int = 20) -> Standing:
    """Everything there is to show of a source, the latest fetches first. Raises NotFound."""
    async with services.store.read() as uow:
        source = await find(uow, services, source_id)
        added = await _entry(uow, services, source)
        changed = await uow.audit.last(CHANGED, f"source:{source.id}") if added else None
        return Standing(
            source,
            await uow.sources.state(source.id),
            await uow.sources.fetches(source.id, fetches),
            added,
            await _name_of(uow, added.added_by) if added else "",
            changed,
            await _name_of(uow, changed.actor) if changed else "",
        )


async def find_added(uow: UnitOfWork, services: Services, source_id: str) -> Source:
    """The source with this id that people added. Raises NotFound, or InTheFile where it stands in the catalogue."""
    source = await find(uow, services, source_id)
    if await _entry(uow, services, source) is None:
        raise InTheFile(source)
    return source


async def change(
    services: Services, source_id: str, details: Details, seen: str, by: Identity | None
) -> tuple[Source, bool]:
    """Give an added source other details; the source as it then stands, and whether it has them.

    ``seen`` is the mark of the details that somebody was shown. Where these were changed meanwhile, nothing is done:
    nobody overwrites what they have not seen. Raises NotFound, InTheFile.
    """
    async with services.store.begin() as uow:
        source = await find_added(uow, services, source_id)
        changed = details.applied_to(source)
        if changed == source:
            return source, True
        if Details.of(source).mark != seen:
            return source, False
        await uow.sources.change_source(changed)
        await _note(uow, services, by, CHANGED, source)
        await uow.commit()
    return changed, True


async def remove(services: Services, source_id: str, by: Identity | None) -> Source:
    """Take an added source away; what it brought stays. Raises NotFound, InTheFile."""
    async with services.store.begin() as uow:
        source = await find_added(uow, services, source_id)
        await uow.sources.remove_source(source.id)
        await _note(uow, services, by, "removed a source", source)
        await uow.commit()
    return source


async def find(uow: UnitOfWork, services: Services, source_id: str) -> Source:
    """The source with this id, whatever its case. Raises NotFound, with the nearest id there is."""
    sources = {source.id.lower(): source for source in await services.all_sources(uow)}
    source = sources.get(source_id.lower())
    if source is not None:
        return source
    near = difflib.get_close_matches(source_id.lower(), sources, n=1)
    hint = f" Did you mean {sources[near[0]].id}?" if near else ""
    raise NotFound(source_id, f"There is no source with the id “{source_id[:80]}”, so nothing was done.{hint}")


async def _name_of(uow: UnitOfWork, member_id: str) -> str:
    """The member's name; empty where it is nobody's id, or where they were erased."""
    member = await uow.members.get(member_id)
    return member.name if member else ""


async def _note(uow: UnitOfWork, services: Services, by: Identity | None, action: str, source: Source) -> None:
    await audit.note(uow, by, action, f"source:{source.id}", services.clock.now())


async def _entry(uow: UnitOfWork, services: Services, source: Source) -> AddedSource | None:
    if source in services.catalogue:
        return None
    return next((entry for entry in await uow.sources.added() if entry.source.id == source.id), None)


def _why_not(source: Source, state: SourceState, *, begun: bool) -> str:
    if not source.enabled:
        return f"{source.name} is switched off in the catalogue’s file, so it was not read."
    if state.paused:
        return f"{source.name} is paused, so it was not read. Resume it first."
    if state.muted:
        return f"{source.name} is no longer read: {state.reason} To have it tried again, resume it first."
    if not begun:
        # The first reading decides what the first edition may hold; it must be of all sources.
        return (
            f"Nothing has been read yet, and the first reading is of all sources at once, so {source.name} "
            "was not read alone. The service begins with it by itself; on the command line it is “convenor read”."
        )
    return ""


@asynccontextmanager
async def _patience(sentence: str) -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(LIMIT_SECONDS):
            yield
    except TimeoutError:
        raise TookTooLong("", sentence) from None


def is_found(found: Found) -> bool:
    """Whether there is a feed that can be added."""
    return found.result.outcome is Outcome.READ
