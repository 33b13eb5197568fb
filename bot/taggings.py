"""Corrects one item's tags at an editor's word, and tags the archive again after a change of rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot.ports import UnitOfWork
from bot.services import Services
from digests import added_links
from digests.corrections import corrected, correction_of
from digests.errors import NotFound
from digests.kinds import Sorted
from digests.model import Correction, Item, Kind, Source, TaggedItem, Verdict

PAGE = 200
"""So many items are tagged again in one unit of work: people's presses wait for it."""


async def correct(
    uow: UnitOfWork, services: Services, item_id: str, member_id: str, verdict: Verdict, topic_id: str = ""
) -> TaggedItem:
    """Record an editor's word on an item and tag the item by it; the item as it is now.

    Raises NotFound where there is no such item or topic. The caller commits.
    """
    tagged = await uow.items.get(item_id)
    if tagged is None:
        raise NotFound(item_id, "This item is not (or no longer) there.")
    if verdict.is_of_topic and topic_id not in services.topics:
        raise NotFound(topic_id, "There is no such topic.")
    meant, rule = correction_of(tagged, verdict, topic_id)
    of_topic = topic_id if meant.is_of_topic else ""
    version = tagged.tagging.rules_version
    await uow.corrections.add(Correction(item_id, member_id, services.clock.now(), meant, of_topic, rule, version))
    said = await uow.corrections.of_items([item_id])
    tagging = corrected(services.tag(tagged.item), said[item_id])
    await uow.items.retag({item_id: tagging})
    return TaggedItem(tagged.item, tagging)


@dataclass(slots=True)
class Retagged:
    """What tagging the archive again changed (or would change), counted in items.

    ``gained`` and ``lost`` count items by topic, ``resorted`` by the kind they were and the kind they are now.
    ``versions`` are the rules that had tagged the archive before.
    """

    items: int = 0
    changed: int = 0
    now_relevant: int = 0
    no_longer_relevant: int = 0
    gained: Counter[str] = field(default_factory=Counter)
    lost: Counter[str] = field(default_factory=Counter)
    versions: Counter[str] = field(default_factory=Counter)
    resorted: Counter[tuple[Kind, Kind]] = field(default_factory=Counter)

    def count(self, before: TaggedItem, after: TaggedItem) -> None:
        """Take one item into account."""
        old, new = before.tagging, after.tagging
        self.items += 1
        if before.item.kind is not after.item.kind:
            self.resorted[before.item.kind, after.item.kind] += 1
        self.versions[old.rules_version] += 1
        had, has = set(old.topic_ids), set(new.topic_ids)
        self.gained.update(has - had)
        self.lost.update(had - has)
        self.now_relevant += new.relevant and not old.relevant
        self.no_longer_relevant += old.relevant and not new.relevant
        self.changed += had != has or old.relevant != new.relevant


async def retag(
    services: Services, *, dry_run: bool = False, on_progress: Callable[[int], None] | None = None
) -> Retagged:
    """Sort and tag every item of the archive by the present rules and what editors said of it.

    With ``dry_run`` nothing is stored. It may be stopped and begun again at any time. ``on_progress`` is called with
    how many items are done.
    """
    result = Retagged()
    sources = {source.id: source for source in await services.present_sources()}
    after = ""
    while True:
        async with services.store.read() if dry_run else services.store.begin() as uow:
            items = await uow.items.page(after, PAGE)
            if not items:
                return result
            said = await uow.corrections.of_items([tagged.item.id for tagged in items])
            newer = [_again(services, tagged.item, sources, said.get(tagged.item.id, ())) for tagged in items]
            for old, new in zip(items, newer, strict=True):
                result.count(old, new)
            if not dry_run:
                await _store(uow, items, newer)
        after = items[-1].item.id
        if on_progress is not None:
            on_progress(result.items)


def _again(services: Services, item: Item, sources: Mapping[str, Source], said: Sequence[Correction]) -> TaggedItem:
    """The item by the present rules. Its kind comes first, for rules about topics may ask for it."""
    if item.source_id == added_links.SOURCE_ID:
        kind = added_links.kind_of(item.url, item.title, sources.values(), services.kind_rules)
    else:
        kind = services.kind_rules.sort_again(item, sources.get(item.source_id))
    item = replace(item, kind=kind.kind, kind_because=kind.because)
    return TaggedItem(item, corrected(services.tag(item), said))


async def _store(uow: UnitOfWork, items: Sequence[TaggedItem], newer: Sequence[TaggedItem]) -> None:
    pairs = list(zip(items, newer, strict=True))
    kinds = {new.item.id: Sorted(new.item.kind, new.item.kind_because) for old, new in pairs if new.item != old.item}
    tags = {new.item.id: new.tagging for old, new in pairs if new.tagging != old.tagging}
    if kinds:
        await uow.items.resort(kinds)
    if tags:
        await uow.items.retag(tags)
    if kinds or tags:
        await uow.commit()
