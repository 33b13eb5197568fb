"""What becomes of a link that an editor adds or a member suggests: its proposal, its item, and its entry."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from urllib.parse import unquote, urlsplit

from digests.adding import address_key, guess_group
from digests.calendar import LONDON, london_day
from digests.drafting import blurb_of
from digests.editing import Edit, not_left_out
from digests.identity import canonical_url, is_govuk, split_prefix
from digests.intake import believable
from digests.kinds import NO_RULES, KindRules, Sorted, prefix_of, told
from digests.model import (
    Content,
    Entry,
    Group,
    Item,
    Kind,
    Outcome,
    Page,
    Source,
    Tagging,
    item_id,
)
from digests.plan import DigestPlan

SOURCE_ID = "added by an editor"
"""The source of an item that came by hand. No id of a source has a space, so none can be taken for it."""

_ENDING = re.compile(r"\.(?:html?|aspx?|php|pdf|docx?|pptx?|xlsx?|csv|odt|ods)$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s_+-]+")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A link as it would stand in the draft, before an editor has looked it over. ``section`` is a section's id."""

    url: str
    title: str
    publisher: str
    published_on: date | None
    blurb: str
    section: str


def typed_address(words: str) -> str:
    """The canonical address that somebody typed or pasted, with or without ``https://``; empty where it is none."""
    words = words.strip().strip("<>")
    url = canonical_url(words if re.match(r"[a-z][a-z0-9+.-]*:", words, re.IGNORECASE) else f"https://{words}")
    # A single word is no name that the whole web knows.
    return url if "." in _host(url) or ":" in _host(url) else ""


def addresses_of(url: str, page: Page) -> tuple[str, ...]:
    """Every canonical address under which a page may be known, the best first.

    What the page calls itself comes first, then where it was found in the end, then what was typed.
    """
    found = (page.canonical, page.url, url) if page.outcome is Outcome.READ else (url,)
    return tuple(dict.fromkeys(address for each in found if (address := canonical_url(each))))


def propose(
    url: str,
    page: Page,
    *,
    plan: DigestPlan,
    sources: Sequence[Source],
    now: datetime,
    kind_rules: KindRules = NO_RULES,
) -> Proposal:
    """What a page that nobody has brought before would stand as. ``url`` is its canonical address."""
    kind, group = kind_of(url, page.title, sources, kind_rules).kind, group_of(url, sources)
    title = split_prefix(page.title)[1] if is_govuk(url) else page.title
    published = believable(page.published_at, now)
    return Proposal(
        url=url,
        title=title or title_from_address(url),
        publisher=page.publisher or publisher_of(url, sources),
        published_on=london_day(published) if published else None,
        blurb=blurb_of(page.description, title),
        section=plan.home_of(kind, group).id,
    )


def propose_known(item: Item, *, plan: DigestPlan) -> Proposal:
    """What an item of the archive would stand as."""
    return Proposal(
        url=item.url,
        title=" ".join(item.title.split()),
        publisher=" ".join(item.publisher.split()),
        published_on=london_day(item.published_at) if item.published_at else None,
        blurb=blurb_of(item.summary, item.title),
        section=plan.home_of(item.kind, item.group).id,
    )


def kind_of(url: str, title: str, sources: Iterable[Source], rules: KindRules = NO_RULES) -> Sorted:
    """The kind of a page with its reason: what GOV.UK calls it before its title, what its address says, what its site
    publishes, or what its title says by the ``rules`` that editors settled.
    """
    named, rest = split_prefix(title) if is_govuk(url) else (None, title)
    of_host = _same_host(url, sources)
    kinds = {source.document_kind for source in of_host}
    return rules.sort(
        rest,
        url,
        group=group_of(url, of_host),
        source=of_host[0].name if of_host else "",
        usual=kinds.pop() if len(kinds) == 1 else Kind.OTHER,
        told=told("", None, named, prefix_of(title, rest)),
    )


def group_of(url: str, sources: Iterable[Source]) -> Group:
    """The group of a page's publisher: that of the sources on its host, or else what the host says."""
    groups = Counter(source.group for source in _same_host(url, sources))
    return groups.most_common(1)[0][0] if groups else guess_group(_host(url))


def publisher_of(url: str, sources: Iterable[Source]) -> str:
    """Who publishes a page that does not say it: the publisher of its host's sources where they agree, or the host."""
    publishers = {source.publisher for source in _same_host(url, sources)}
    return publishers.pop() if len(publishers) == 1 else _host(url).removeprefix("www.")


def added_item(
    proposal: Proposal, *, summary: str, sources: Sequence[Source], now: datetime, kind_rules: KindRules = NO_RULES
) -> Item:
    """The item of the archive that a link becomes.

    It is background: it stands in the draft because an editor put it there, and no later draft proposes it again.
    """
    kind = kind_of(proposal.url, proposal.title, sources, kind_rules)
    return Item(
        id=item_id(proposal.url),
        url=proposal.url,
        title=proposal.title,
        summary=summary,
        publisher=proposal.publisher,
        source_id=SOURCE_ID,
        group=group_of(proposal.url, sources),
        kind=kind.kind,
        kind_because=kind.because,
        received_at=now,
        published_at=_noon(proposal.published_on) if proposal.published_on else None,
        background=True,
    )


def added_entry(proposal: Proposal, item: Item, tagging: Tagging, reasons: Sequence[str]) -> Entry:
    """The entry that a link becomes."""
    return Entry(
        id=item.id,
        section=proposal.section,
        title=proposal.title,
        url=item.url,
        publisher=proposal.publisher,
        blurb=proposal.blurb,
        kind=item.kind,
        published_on=proposal.published_on,
        item_id=item.id,
        topics=tagging.topic_ids,
        reasons=tuple(reasons),
    )


def insert(content: Content, entry: Entry) -> Edit:
    """The draft with an entry at the end of its section.

    An entry of the same item that was left out, or was a maybe, gives way to it. One that is in stays, and stands
    beside it: an editor was told, and may want both.
    """
    same = content.entry(entry.id)
    if same is not None and same in content.entries and same.included:
        taken = {each.id for each in content.entries}
        number = next(number for number in range(2, len(taken) + 3) if f"{entry.id}+{number}" not in taken)
        entry = replace(entry, id=f"{entry.id}+{number}")
    elif same is not None:
        entry = replace(entry, also=same.also, reasons=(*entry.reasons, *same.reasons))
    entries = tuple(each for each in content.entries if each.id != entry.id)
    last = max((place for place, each in enumerate(entries) if each.section == entry.section), default=None)
    place = len(entries) if last is None else last + 1
    maybe = tuple(each for each in content.maybe if each.id != entry.id)
    return Edit(
        replace(content, entries=(*entries[:place], entry, *entries[place:]), maybe=maybe), f"added “{entry.title}”"
    )


def carry(content: Content, entry: Entry, urls: Sequence[str]) -> Content:
    """A new draft with an entry that an editor had added to one that readers never had.

    ``urls`` are the addresses under which the new draft may tell it already; then it stays as it is. A maybe gives way.
    """
    standing = standing_of(content, urls)
    if standing in content.entries or any(_shows(each, entry) for each in content.entries):
        return content
    sections = [section.id for section in content.sections]
    section = entry.section if entry.section in sections else sections[0]
    carried = insert(content, replace(entry, id=entry.item_id or entry.id, section=section)).content
    for url in urls:
        carried = not_left_out(carried, url)
    return carried


def _shows(other: Entry, entry: Entry) -> bool:
    """Whether an entry is about the same item at the same place: its day in another section is a second showing."""
    same = bool(entry.item_id) and other.item_id == entry.item_id
    return same and (other.date is None or other.section == entry.section)


def readdress(content: Content, entry_id: str, url: str) -> Content:
    """The draft with another address for an entry, and for its second showing among the days."""
    old = content.entry(entry_id)
    assert old is not None
    entries = tuple(
        replace(each, url=url) if each.item_id == old.item_id and each.url == old.url else each
        for each in content.entries
    )
    return replace(content, entries=entries)


def standing_of(content: Content, urls: Iterable[str]) -> Entry | None:
    """The entry or maybe that has one of these addresses already, or links it; those that are in come first."""
    keys = {address_key(url) for url in urls}
    everything = (*content.included, *(entry for entry in content.entries if not entry.included), *content.maybe)
    for entry in everything:
        if entry.date is None and {address_key(entry.url), *(address_key(also.url) for also in entry.also)} & keys:
            return entry
    return None


def title_from_address(url: str) -> str:
    """Words for a title where a page has none: the end of its path, or else its host."""
    parts = [part for part in urlsplit(url).path.split("/") if part]
    return title_from_name(unquote(parts[-1])) if parts and title_from_name(unquote(parts[-1])) else _host(url)


def title_from_name(name: str) -> str:
    """Words for a title from a file's name: ``AI_action-plan_final.pdf`` gives ``AI action plan final``."""
    words = " ".join(_BETWEEN.sub(" ", _ENDING.sub("", name)).split())
    readable = "".join(letter for letter in words if letter.isprintable())[:300]
    return readable[:1].upper() + readable[1:]


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), LONDON)


def _same_host(url: str, sources: Iterable[Source]) -> list[Source]:
    host = _host(url).removeprefix("www.")
    return [source for source in sources if _host(source.url).removeprefix("www.") == host]


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()
