"""Takes the links that members suggest, brings them before the editors, and tells members what became of them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.editions import links
from bot.editions.edits import edit_draft
from bot.editions.lookup import open_draft
from bot.editions.showing import show_draft
from bot.editions.suggested import settle
from bot.messages import Identity
from bot.ports import UnitOfWork
from bot.privacy import audit
from bot.services import Services
from digests import added_links, calendar, editing, suggestions
from digests.added_links import Proposal
from digests.adding import address_key
from digests.editing import Edit
from digests.errors import ConvenorError, NotFound, Stale
from digests.model import Edition, Entry, Source, Suggestion, SuggestionState
from digests.suggestions import Fate
from digests.told import Told


class TooMany(ConvenorError):
    """The member has suggested as many links as one may within a day."""

    def __init__(self, member_id: str, again_at: datetime) -> None:
        super().__init__(
            member_id,
            f"Thank you for so many links. You have suggested {suggestions.MOST_A_DAY} within 24 hours, which is as "
            "many as one person can, so that the editors can read them all. This one was not recorded: you can "
            f"suggest it again from {calendar.say_when(again_at)} on.",
        )


@dataclass(frozen=True, slots=True)
class Received:
    """What came of suggesting a link.

    ``is_new`` is False where this member had suggested it already. ``edition`` is the open draft, if there is one;
    ``entry`` what stands for it there already; ``told`` the earlier edition that it was in.
    """

    suggestion: Suggestion
    is_new: bool
    edition: Edition | None = None
    entry: Entry | None = None
    told: Told | None = None


async def suggest(services: Services, identity: Identity, typed: str, why: str) -> Received:
    """Record a link that a member suggests, with what its page says of itself. Raises NoAddress, TooMany.

    Where the draft links it already, the suggestion gives it credit at once.
    """
    url = links.address(typed)
    why = " ".join(why.split())[: suggestions.WHY_AT_MOST]
    now = services.clock.now()
    async with services.store.read() as uow:
        member = await uow.members.find(identity)
        if member is not None:
            # Asked before the page is called, so that nobody can have pages called without end.
            await _refuse_too_many(uow, member.id, now)
    page = await services.pages.read(url)
    async with services.store.begin() as uow:
        who = await uow.members.resolve(identity, now)
        await _refuse_too_many(uow, who.id, now)
        item, addresses = await links.find_item(uow, url, page)
        proposal = (
            added_links.propose_known(item, plan=services.plan)
            if item
            else added_links.propose(
                addresses[0],
                page,
                plan=services.plan,
                sources=await services.all_sources(uow),
                now=now,
                kind_rules=services.kind_rules,
            )
        )
        edition = await open_draft(uow)
        suggestion = Suggestion(
            id=secrets.token_hex(6),
            member_id=who.id,
            account=identity.address,
            url=proposal.url,
            why=why,
            suggested_at=now,
            edition_id=edition.id if edition else _coming(services, now),
            title=proposal.title,
            publisher=proposal.publisher,
            description=proposal.blurb,
            published_at=item.published_at if item else page.published_at,
        )
        mine = [each for each in await uow.suggestions.in_state(SuggestionState.OPEN) if each.member_id == who.id]
        known = next((each for each in mine if each.url == suggestion.url), None)
        if known is not None or not await uow.suggestions.add(suggestion):
            return Received(known or suggestion, False, edition)
        told = None
        entry = None
        if edition is not None:
            told = links.told_of(await services.told.index(uow), proposal, edition)
            entry = added_links.standing_of(edition.content, addresses)
            if suggestions.is_in(edition.content, suggestion):
                used = replace(suggestion, state=SuggestionState.USED, settled_at=now)
                await uow.suggestions.change(used, SuggestionState.OPEN)
            await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return Received(suggestion, True, edition, entry, told)


async def take_up(
    services: Services, editor: Identity, edition_id: str, suggestion_id: str
) -> tuple[Edition, Edit, Sequence[Suggestion]]:
    """Add what was suggested to the draft, as this editor, and tell everybody who suggested it.

    What was left out of the draft, or is a maybe there, is put in as it stands. Raises NotFound or Stale.
    """
    now = services.clock.now()
    taken: list[Suggestion] = []

    async def decide(uow: UnitOfWork, edition: Edition) -> Edit:
        taken.clear()
        same = await undecided(uow, suggestion_id)
        lead = next((each for each in same if each.title), same[0])
        standing = added_links.standing_of(edition.content, [lead.url])
        if standing is None:
            proposal = _proposal(services, await services.all_sources(uow), lead, edition)
            edit, _ = await links.decide_to_add(uow, services, edition, proposal)
        else:
            edit = editing.restore(edition.content, standing.id)
        for each in same:
            used = replace(each, state=SuggestionState.USED, edition_id=edition.id, settled_at=now)
            await settle(uow, each, used, Fate.ADDED, edition, now)
            taken.append(used)
        await audit.note(uow, editor, "took up a suggestion", f"suggestion:{suggestion_id}", now)
        return edit

    edition, edit = await edit_draft(services, editor, edition_id, decide)
    return edition, edit, taken


async def decline(services: Services, editor: Identity, suggestion_id: str, reason: str) -> Sequence[Suggestion]:
    """Say no to a link for this edition, and tell everybody who suggested it. Raises NotFound or Stale."""
    now = services.clock.now()
    reason = " ".join(reason.split())[: suggestions.REASON_AT_MOST]
    async with services.store.begin() as uow:
        same = await undecided(uow, suggestion_id)
        edition = await open_draft(uow)
        for each in same:
            declined = replace(each, state=SuggestionState.DECLINED, reason=reason, settled_at=now)
            await settle(uow, each, declined, Fate.DECLINED, edition, now)
        await audit.note(uow, editor, "declined a suggestion", f"suggestion:{suggestion_id}", now)
        if edition is not None:
            await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return same


async def undecided(uow: UnitOfWork, suggestion_id: str) -> list[Suggestion]:
    """The open suggestions of one page, of which this is one. Raises NotFound or Stale, with a sentence."""
    one = await uow.suggestions.get(suggestion_id)
    if one is None:
        raise NotFound(suggestion_id, "That suggestion is not here any more. Nothing was changed.")
    if one.state is SuggestionState.USED:
        raise Stale(suggestion_id, "That suggestion is in the draft already. Nothing was changed.")
    if one.state is not SuggestionState.OPEN:
        raise Stale(suggestion_id, "Somebody has said “Not this time” to that suggestion. Nothing was changed.")
    everything = await uow.suggestions.in_state(SuggestionState.OPEN)
    return [each for each in everything if address_key(each.url) == address_key(one.url)]


def _proposal(services: Services, sources: Sequence[Source], lead: Suggestion, edition: Edition) -> Proposal:
    kind = added_links.kind_of(lead.url, lead.title, sources, services.kind_rules).kind
    group = added_links.group_of(lead.url, sources)
    home = services.plan.home_of(kind, group).id
    present = [section.id for section in edition.content.sections]
    return Proposal(
        url=lead.url,
        title=lead.title,
        publisher=lead.publisher,
        published_on=calendar.london_day(lead.published_at) if lead.published_at else None,
        blurb=lead.description,
        section=home if home in present else present[0],
    )


async def _refuse_too_many(uow: UnitOfWork, member_id: str, now: datetime) -> None:
    recent = await uow.suggestions.of_member(member_id, now - suggestions.WITHIN)
    if again_at := suggestions.may_suggest_again(recent, now):
        raise TooMany(member_id, again_at)


def _coming(services: Services, now: datetime) -> str:
    return calendar.slot_after(services.plan.schedule, now).id
