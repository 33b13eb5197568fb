"""Brings links into a draft: what is known of an address, and the item and entry that it becomes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.editions.edits import edit_draft
from bot.editions.lookup import open_draft
from bot.messages import Identity
from bot.ports import UnitOfWork
from bot.services import Services
from digests import added_links
from digests.added_links import Proposal
from digests.editing import Edit
from digests.errors import ConvenorError, NotFound
from digests.model import ADDED_BY_AN_EDITOR, Content, Edition, Entry, Item, Page, TaggedItem
from digests.told import Earlier, Told


class NoAddress(ConvenorError):
    """What was typed is no web address."""

    def __init__(self, typed: str) -> None:
        super().__init__(
            typed[:100],
            f"“{typed[:100]}” is not a web address that can be opened. Nothing was done. An address looks like "
            "https://www.example.org/a-page.",
        )


@dataclass(frozen=True, slots=True)
class Looked:
    """What is known of an address that somebody named.

    ``entry`` is what stands for it in the open draft already, ``told`` when it was published; ``known`` is whether
    the archive had it.
    """

    proposal: Proposal
    page: Page
    edition: Edition
    entry: Entry | None
    told: Told | None
    known: bool


def address(typed: str) -> str:
    """The canonical address that somebody typed. Raises NoAddress."""
    url = added_links.typed_address(typed)
    if not url:
        raise NoAddress(typed)
    return url


async def the_open_draft(uow: UnitOfWork) -> Edition:
    """The draft that editors work on. Raises NotFound, with a sentence, where there is none."""
    edition = await open_draft(uow)
    if edition is None:
        raise NotFound(
            "draft", "There is no draft at the moment, so there is nothing to add a link to. Nothing was done."
        )
    return edition


async def look_up(services: Services, typed: str) -> Looked:
    """Read the page at an address and propose how it would stand in the open draft. Stores nothing.

    Raises NoAddress, or NotFound where there is no draft.
    """
    url = address(typed)
    async with services.store.read() as uow:
        await the_open_draft(uow)
    page = await services.pages.read(url)
    async with services.store.read() as uow:
        edition = await the_open_draft(uow)
        sources = await services.all_sources(uow)
        item, addresses = await find_item(uow, url, page)
        if item is not None:
            proposal = added_links.propose_known(item, plan=services.plan)
        else:
            proposal = added_links.propose(
                addresses[0],
                page,
                plan=services.plan,
                sources=sources,
                now=services.clock.now(),
                kind_rules=services.kind_rules,
            )
        return Looked(
            proposal,
            page,
            edition,
            added_links.standing_of(edition.content, addresses),
            told_of(await services.told.index(uow), proposal, edition),
            item is not None,
        )


async def find_item(uow: UnitOfWork, url: str, page: Page) -> tuple[Item | None, Sequence[str]]:
    """The item that a page is already, under any of its addresses; and the addresses, the best first."""
    addresses = added_links.addresses_of(url, page)
    known = await uow.items.by_urls(addresses)
    return next((known[address] for address in addresses if address in known), None), addresses


def told_of(earlier: Earlier, proposal: Proposal, edition: Edition) -> Told | None:
    """The earlier edition in which a link stood, if it did."""
    told = earlier.of_link(proposal.url, proposal.title, proposal.publisher, edition.due_on)
    return told if told is not None and told.edition_id != edition.id else None


async def add_link(
    services: Services, editor: Identity, edition_id: str, proposal: Proposal
) -> tuple[Edition, Edit, Entry]:
    """Put a link at the end of its section, and into the archive where it is not there yet, as this editor.

    Raises NotFound or Stale where the draft is closed (by now), or has no such section any more.
    """

    entry: Entry | None = None

    async def decide(uow: UnitOfWork, edition: Edition) -> Edit:
        nonlocal entry
        edit, entry = await decide_to_add(uow, services, edition, proposal)
        return edit

    edition, edit = await edit_draft(services, editor, edition_id, decide)
    assert entry is not None  # the edit was made
    return edition, edit, entry


async def decide_to_add(
    uow: UnitOfWork,
    services: Services,
    edition: Edition,
    proposal: Proposal,
) -> tuple[Edit, Entry]:
    """The edit that adds a link to a draft; its item is stored in the same unit of work."""
    if proposal.section not in {section.id for section in edition.content.sections}:
        raise NotFound(
            proposal.section, "That section is not in this draft any more. Nothing was added; please choose another."
        )
    tagged = await _kept_item(uow, services, proposal)
    # By name it would stand in the edition for ever, in every export and after an erasure; the history says who it was.
    entry = added_links.added_entry(proposal, tagged.item, tagged.tagging, (ADDED_BY_AN_EDITOR,))
    return added_links.insert(edition.content, entry), entry


async def with_links_of(uow: UnitOfWork, content: Content, unpublished: Iterable[Edition]) -> Content:
    """A new draft with the links that editors had added to drafts that were never published: nobody adds them twice.

    It does not matter whether the archive had them before. What an editor left out of a later draft stays out.
    """
    out: set[str] = set()
    for edition in sorted(unpublished, key=lambda each: each.due_on, reverse=True):
        entries = [entry for entry in edition.content.entries if entry.date is None and entry.item_id not in out]
        for entry in entries:
            tagged = await uow.items.get(entry.item_id) if entry.included else None
            if entry.included and (entry.was_added or (tagged and tagged.item.source_id == added_links.SOURCE_ID)):
                # Under another address than its item's where an editor put that right.
                urls = dict.fromkeys([entry.url, *([tagged.item.url] if tagged else [])])
                content = added_links.carry(content, entry, list(urls))
        out |= {entry.item_id for entry in entries if entry.item_id and not entry.included}
    return content


async def _kept_item(uow: UnitOfWork, services: Services, proposal: Proposal) -> TaggedItem:
    """The item of a link: the one of the archive, or else a new one."""
    sources = await services.all_sources(uow)
    now = services.clock.now()
    item = added_links.added_item(
        proposal, summary=proposal.blurb, sources=sources, now=now, kind_rules=services.kind_rules
    )
    known = await uow.items.get(item.id)
    if known is not None:
        return known
    tagged = TaggedItem(item, services.tag(item))
    await uow.items.add([tagged])
    return tagged
