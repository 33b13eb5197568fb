"""What share of a human curator's picks a draft would hold: run it as ``python tests/bench/curator.py``.

With ``--missed`` it also lists the picks that the rules call not relevant, for those who improve the rules.

The official links of each real edition are what a person chose. They are mixed with items that are not relevant and
with the entries of stored feeds, as the stream of that week, and drafted by the tagger and the ranking of Convenor.
A link is known by the words it stood on and by its address alone, so the titles here are poorer than a feed's. So
that the measure is of the draft and not of that: a page below a bill counts as its bill, which is what a feed brings;
pages that are in no feed (home pages, people, the glossary) and links of which neither address nor words give a title
are set aside, whatever the tagger would say of them, and counted. A pick is held where an entry links it.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from adapters.feeds.feed import NotAFeed, Unreadable
from adapters.feeds.parse import parse
from config.digest import load_plan
from config.topics import load_taxonomy
from digests.drafting import draft
from digests.identity import canonical_url, kind_of_url
from digests.model import Entry, Format, Group, Item, Kind, Source, TaggedItem, Window, item_id
from digests.tagging import Tagger

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
SHORTLIST, MAYBE, WANTED = 40, 40, 0.85

# The publishers whose documents a feed brings, by the end of their host name. The first that fits decides.
OFFICIAL = (
    ("legislation.gov.uk", "legislation.gov.uk", Group.LEGISLATION),
    ("parliament.uk", "UK Parliament", Group.PARLIAMENT),
    ("ico.org.uk", "ICO", Group.REGULATORS),
    ("ofcom.org.uk", "Ofcom", Group.REGULATORS),
    ("statisticsauthority.gov.uk", "Office for Statistics Regulation", Group.REGULATORS),
    ("equalityhumanrights.com", "EHRC", Group.REGULATORS),
    ("fca.org.uk", "FCA", Group.REGULATORS),
    ("drcf.org.uk", "DRCF", Group.REGULATORS),
    ("gov.scot", "Scottish Government", Group.DEVOLVED),
    ("gov.wales", "Welsh Government", Group.DEVOLVED),
    ("nhs.uk", "NHS", Group.GOVERNMENT),
    ("gov.uk", "HM Government", Group.GOVERNMENT),
)
_WORDY = 3  # an address with so many words in its last part says what it is about

# The bills that the editions follow, by their number; links to them stand on other words than their names.
BILLS = {
    "3069": "Product Security and Telecommunications Infrastructure Bill",
    "3137": "Online Safety Bill",
    "3299": "Public Sector Website Impersonation Bill",
    "3322": "Data Protection and Digital Information Bill",
    "3430": "Data Protection and Digital Information Bill",
    "3453": "Digital Markets, Competition and Consumers Bill",
    "3464": "Artificial Intelligence (Regulation and Workers' Rights) Bill",
    "3505": "Media Bill",
    "3506": "Automated Vehicles Bill [HL]",
    "3508": "Investigatory Powers (Amendment) Bill [HL]",
    "3509": "Trade (Comprehensive and Progressive Agreement for Trans-Pacific Partnership) Bill [HL]",
    "3519": "Artificial Intelligence (Regulation) Bill [HL]",
    "3759": "Non-Consensual Sexually Explicit Images and Videos (Offences) Bill [HL]",
    "3760": "Public Authority Algorithmic and Automated Decision-Making Systems Bill [HL]",
}
_BILL = re.compile(r"(https://bills\.parliament\.uk/bills/(\d+))(?:/.*)?")

# Pages that no feed brings.
_NO_DOCUMENT = re.compile(
    r"https://(?:"
    r"[^/]+/?"
    r"|www\.parliament\.uk/(?:about|site-information|stateopening|mps-lords-and-offices)\b.*"
    r"|www\.gov\.uk/government/(?:people|ministers|organisations|groups|topical-events)/.*"
    r"|(?:www\.civilservicejobs|apply-for-public-appointment)\.service\.gov\.uk/.*"
    r"|(?:commonsbusiness|lordsbusiness)\.parliament\.uk/.*"
    r"|committees\.parliament\.uk/committee/\d+(?:/[a-z-]+)?(?:/membership)?/?"
    r")"
)
# Last parts of an address that stand over many documents.
_SAYS_NOTHING = frozenset({"formal meeting oral evidence session", "oral answers to questions", "item of business"})
# What begins in lower case, or is a day or a number, is a piece of the curator's sentence and no title.
_NO_TITLE = re.compile(r"[^A-Z“‘\"']|[A-Z]\S*\Z|.*\bhere\Z", re.DOTALL)

# GOV.UK is read by finders of kinds, not as one feed: the beginning of the path tells which.
_GOVUK_SOURCES = ("consultations", "news", "publications", "speeches", "statistics")


@dataclass(frozen=True, slots=True)
class Result:
    """One edition: how many the curator picked, and how many of those are proposed, offered and not relevant."""

    edition: str
    picks: int
    proposed: int
    offered: int
    not_relevant: tuple[Item, ...]


def main() -> int:
    """Prints a table. Returns 1 where the shortlist and the maybes hold too little, 2 where the links are missing."""
    links = SHARED / "digest-picks.jsonl"
    if not links.exists():
        print(f"There are no links of real editions at {links}.")
        return 2
    rows = [json.loads(line) for line in links.read_text(encoding="utf-8").splitlines()]
    aside: Counter[str] = Counter()
    noise = [*_irrelevant(), *_stored_entries()]
    tagger = Tagger(load_taxonomy())
    results = [
        _result(edition, list(_picks((row for row in rows if row["digest_date"] == edition), aside)), noise, tagger)
        for edition in sorted({row["digest_date"] for row in rows})
    ]
    print(f"Each week's stream: the picks and {len(noise)} other items. Shortlist of {SHORTLIST}, {MAYBE} maybes.")
    print("Set aside: " + ", ".join(f"{number} {why}" for why, number in sorted(aside.items())) + ".")
    print(f"{'edition':12} {'picks':>6} {'shortlist':>10} {'+ maybe':>8} {'at most':>8} {'not relevant':>13}")
    for each in results:
        most = min(each.picks, SHORTLIST + MAYBE) / each.picks
        print(
            f"{each.edition:12} {each.picks:6} {each.proposed / each.picks:10.2f}"
            f" {(each.proposed + each.offered) / each.picks:8.2f} {most:8.2f} {len(each.not_relevant):13}"
        )
    picks = sum(each.picks for each in results)
    short = sum(each.proposed for each in results) / picks
    both = short + sum(each.offered for each in results) / picks
    missed = sum(len(each.not_relevant) for each in results)
    best = sum(min(each.picks, SHORTLIST + MAYBE) for each in results) / picks
    print(f"{'all':12} {picks:6} {short:10.2f} {both:8.2f} {best:8.2f} {missed:13}")
    print(
        f"recall at shortlist and maybe {both:.2f}, wanted {WANTED}: {'reached' if both >= WANTED else 'not reached'}"
    )
    if "--missed" in sys.argv[1:]:
        for item in {item.url: item for each in results for item in each.not_relevant}.values():
            print(f"{item.kind}: {item.title} | {item.summary} | {item.url}")
    return 0 if both >= WANTED else 1


def _result(edition: str, picks: list[Item], noise: list[Item], tagger: Tagger) -> Result:
    plan = replace(load_plan(), shortlist=SHORTLIST, maybe=MAYBE)
    due = datetime.fromisoformat(edition).replace(hour=9, tzinfo=UTC)
    window = Window(due - timedelta(days=7), due)
    # Nothing is known of when in its week an item came, so all came at one time.
    stream = [replace(item, received_at=due - timedelta(days=3)) for item in (*picks, *noise)]
    tagged = [
        TaggedItem(item, tagger.tag(item.title, item.summary, item.publisher, item.url, item.kind)) for item in stream
    ]
    topics = {topic.id: topic for topic in tagger.taxonomy.topics}
    sources = {item.source_id: _source(item) for item in stream}
    content = draft(tagged, plan=plan, sources=sources, topics=topics, window=window, number=1, now=due)
    wanted = {item.url for item in picks}
    proposed = _linked(content.entries) & wanted
    offered = (_linked(content.maybe) & wanted) - proposed
    relevant = {each.item.url for each in tagged if each.tagging.relevant}
    missed = tuple(item for item in picks if item.url not in relevant)
    return Result(edition, len(wanted), len(proposed), len(offered), missed)


def _linked(entries: Iterable[Entry]) -> set[str]:
    return {url for entry in entries for url in (entry.url, *(also.url for also in entry.also))}


def _picks(rows: Iterable[dict[str, str]], aside: Counter[str]) -> Iterator[Item]:
    """The picks of one edition, each once; what is set aside is counted by its reason."""
    items: dict[str, Item] = {}
    nameless: set[str] = set()
    for row in rows:
        url = canonical_url(row["url"])
        bill = _BILL.fullmatch(url)
        url = bill[1] if bill else url
        item = _item(url, BILLS.get(bill[2], row["anchor"]) if bill else row["anchor"], "") if url else None
        if item is None or url in items:
            continue
        if _NO_DOCUMENT.fullmatch(url):
            aside["pages that no feed brings"] += 1
        elif not item.summary and _NO_TITLE.match(item.title):
            nameless.add(url)
        else:
            items[url] = item
    # Another link of the same edition may have said what it is.
    aside["links without a title"] += len(nameless - set(items))
    yield from items.values()


def _item(url: str, title: str, summary: str) -> Item | None:
    """An official document; None for any other. An address with words in it gives the title, as publishers make it."""
    parts = urlsplit(url)
    owner = next((each for each in OFFICIAL if f".{parts.netloc}".endswith(f".{each[0]}")), None)
    if owner is None:
        return None
    words = _address_words(parts.path)
    if sum(map(str.isalpha, words.split())) >= _WORDY and words.lower() not in _SAYS_NOTHING and not summary:
        title, summary = words[:1].upper() + words[1:], title
    _, publisher, group = owner
    return Item(
        id=item_id(url),
        url=url,
        title=" ".join(title.split()),
        summary=" ".join(summary.split()),
        publisher=publisher,
        source_id=_source_id(parts.netloc, parts.path),
        group=group,
        kind=kind_of_url(url) or Kind.OTHER,
        received_at=datetime.min.replace(tzinfo=UTC),
    )


def _address_words(path: str) -> str:
    """The last part of an address in words: ``data-bill`` and ``DataBill(HL)`` as publishers make them of titles."""
    slug = re.sub(r"\.\w{2,4}$", "", unquote(path).rstrip("/").rpartition("/")[2])
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", re.sub(r"[-_+]", " ", slug))
    return " ".join(re.sub(r"(?<=\w)\(", " (", re.sub(r"\)(?=\w)", ") ", words)).split())


def _source_id(host: str, path: str) -> str:
    """The source that would bring a document: a site of its own, or one of GOV.UK's finders."""
    first, _, rest = path.strip("/").partition("/")
    if host != "www.gov.uk":
        return host
    kind = rest.partition("/")[0] if first == "government" else first
    return f"{host}/{kind if kind in (*_GOVUK_SOURCES, 'guidance') else 'other'}"


def _irrelevant() -> Iterator[Item]:
    for line in (SHARED / "gold-dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row["relevant"]:
            yield _other(row.get("url") or f"https://example.org/{row['id']}", row["title"], row.get("summary") or "")


def _stored_entries() -> Iterator[Item]:
    for path in sorted((SHARED / "snapshots").iterdir()):
        if path.suffix not in (".rss", ".xml"):
            continue
        try:
            feed = parse(path.read_bytes(), "text/xml", "https://example.org/")
        except (NotAFeed, Unreadable):
            continue
        seen: set[str] = set()
        for entry in feed.entries:
            url = canonical_url(entry.link)
            if url and url not in seen:
                seen.add(url)
                yield _other(url, entry.title, entry.summary)


def _other(url: str, title: str, summary: str) -> Item:
    item = _item(url, title, summary or title)
    return item or Item(
        id=item_id(url),
        url=url,
        title=title,
        summary=summary,
        publisher="Press",
        source_id=Group.PRESS.value,
        group=Group.PRESS,
        kind=Kind.NEWS,
        received_at=datetime.min.replace(tzinfo=UTC),
    )


def _source(item: Item) -> Source:
    name = item.source_id
    return Source(name, name, item.publisher, Format.ATOM, "https://example.org/", item.group, weight=0.8)


if __name__ == "__main__":
    sys.exit(main())
