"""What share of a human curator's picks a draft would hold: ``python tests/bench/curator.py [picks.jsonl] [--missed]``.

With ``--missed`` it also lists the picks that a draft would not hold, and why, for those who improve the rules;
``--quiet-week`` leaves the ordinary week out of the stream.

The official links of each real edition are what a person chose. They are mixed with items that are not relevant, with
the entries of stored feeds and with what else official bodies say in an ordinary week, as the stream of that week, and
drafted by the tagger and the ranking of Convenor, which know of none of them where it comes from.
A link is known by the words it stood on and by its address alone, so the titles here are poorer than a feed's. So
that the measure is of the draft and not of that: a page below a bill counts as its bill, which is what a feed brings;
pages that are in no feed (home pages, people, the glossary) and links of which neither address nor words give a title
are set aside, whatever the tagger would say of them, and counted. A pick is held where an entry links it.

The rules were tuned on every other edition, the first, third and so on; what the rest gives is told beside it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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
from digests.model import Entry, Format, Group, Item, Kind, Source, TaggedItem, Tagging, Window, item_id
from digests.tagging import NearField, Tagger

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"
ORDINARY_WEEK = Path(__file__).with_name("ordinary_week.jsonl")
SHORTLIST, MAYBE = 40, 40

# The least that is wanted of all editions together: the share of picks on the shortlist or among the maybes, and the
# share of the shortlists that a person picked. Most of what else is proposed stands there because it is relevant.
WANTED, WANTED_OF_SHORTLIST = 0.85, 0.65

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
    """One edition: its picks, how many of them a draft proposes and offers, what else it does, and what is missed.

    ``by_near`` of the picks are offered by signs that they are near the field alone. ``missed`` tells why.
    """

    edition: str
    picks: int
    proposed: int
    offered: int
    by_near: int
    others_proposed: int
    others_offered: int
    irrelevant_proposed: int
    missed: tuple[tuple[str, Item], ...]


@dataclass(frozen=True)
class Judge:
    """Drafts one week with the rules that come with Convenor."""

    noise: list[Item]
    tagger: Tagger
    near: NearField

    def judge(self, edition: str, picks: list[Item]) -> Result:
        """The edition of this date with these picks."""
        plan = replace(load_plan(), shortlist=SHORTLIST, maybe=MAYBE)
        due = datetime.fromisoformat(edition).replace(hour=9, tzinfo=UTC)
        window = Window(due - timedelta(days=7), due)
        # Nothing is known of when in its week an item came, so all came at one time.
        own = {item.id for item in picks}
        others = [item for item in self.noise if item.id not in own]
        stream = [replace(item, received_at=due - timedelta(days=3)) for item in (*picks, *others)]
        tagged = [TaggedItem(item, self._tag(item)) for item in stream]
        content = draft(
            tagged,
            plan=plan,
            sources={item.source_id: _source(item) for item in stream},
            topics={topic.id: topic for topic in self.tagger.taxonomy.topics},
            window=window,
            number=1,
            now=due,
            signs=self.near.signs,
        )
        wanted = {item.url for item in picks}
        proposed = _linked(content.entries)
        offered = _linked(content.maybe) - proposed
        relevant = {each.item.url for each in tagged if each.tagging.relevant}
        missed = [item for item in picks if item.url not in proposed | offered]
        return Result(
            edition,
            len(wanted),
            len(proposed & wanted),
            len(offered & wanted),
            len((offered & wanted) - relevant),
            len(proposed - wanted),
            len(offered - wanted),
            len(proposed - wanted - relevant),
            tuple((self._why(item, relevant), item) for item in missed),
        )

    def _tag(self, item: Item) -> Tagging:
        return self.tagger.tag(item.title, item.summary, item.publisher, item.url, item.kind)

    def _why(self, item: Item, relevant: set[str]) -> str:
        if item.url in relevant:
            return "relevant, and ranked below the maybes"
        return "near the field, and ranked below the maybes" if self.near.signs(item) else "neither relevant nor near"


def main() -> int:
    """Prints a table. Returns 1 where too little is held or too much else proposed, 2 where the links are missing."""
    asked = argparse.ArgumentParser(description="What share of a human curator's picks a draft would hold.")
    asked.add_argument("links", nargs="?", type=Path, default=SHARED / "digest-picks.jsonl", help="links of editions")
    asked.add_argument("--missed", action="store_true", help="list the picks that are not held, and why")
    asked.add_argument("--quiet-week", action="store_true", help="leave the ordinary week out of the stream")
    arguments = asked.parse_args()
    if not arguments.links.exists():
        print(f"There are no links of real editions at {arguments.links}.")
        return 2
    rows = [json.loads(line) for line in arguments.links.read_text(encoding="utf-8").splitlines()]
    aside: Counter[str] = Counter()
    taxonomy = load_taxonomy()
    week = () if arguments.quiet_week else tuple(ordinary_week())
    noise = {item.id: item for item in (*_irrelevant(), *_stored_entries(), *week)}
    judge = Judge(list(noise.values()), Tagger(taxonomy), NearField(taxonomy.near))
    results = [
        judge.judge(edition, list(_picks((row for row in rows if row["digest_date"] == edition), aside)))
        for edition in sorted({row["digest_date"] for row in rows})
    ]
    print(f"Each week's stream: the picks and {len(noise)} other items. Shortlist of {SHORTLIST}, {MAYBE} maybes.")
    print("Set aside: " + ", ".join(f"{number} {why}" for why, number in sorted(aside.items())) + ".")
    print(f"{'':18} {'held by':>9} {'':15} {'by near':>8} {'others on':>10} {'not relev.':>10} {'among':>6}")
    print(
        f"{'edition':12} {'picks':>5} {'shortlist':>9} {'+ maybe':>7} {'at most':>7} {'signs':>8} {'shortlist':>10}"
        f" {'of those':>10} {'maybes':>6}"
    )
    for each in results:
        _print_row(each.edition, [each])
    _print_row("tuned on", results[::2])
    _print_row("the others", results[1::2])
    _print_row("all", results)
    print("Not held: " + ", ".join(f"{number} {why}" for why, number in _why_missed(results).most_common()) + ".")
    picks = sum(each.picks for each in results)
    proposed = sum(each.proposed for each in results)
    recall = (proposed + sum(each.offered for each in results)) / picks
    precision = proposed / max(proposed + sum(each.others_proposed for each in results), 1)
    print(f"recall at shortlist and maybe {recall:.3f}, {_verdict(recall, WANTED)}")
    print(f"precision of the shortlist {precision:.3f}, {_verdict(precision, WANTED_OF_SHORTLIST)}")
    if arguments.missed:
        for why, item in dict.fromkeys(pair for each in results for pair in each.missed):
            print(f"{why}: {item.kind}: {item.title} | {item.summary} | {item.url}")
    return 0 if recall >= WANTED and precision >= WANTED_OF_SHORTLIST else 1


def _verdict(reached: float, wanted: float) -> str:
    return f"wanted {wanted}: {'reached' if reached >= wanted else 'not reached'}"


def _why_missed(results: Iterable[Result]) -> Counter[str]:
    return Counter(why for each in results for why, _ in each.missed)


def _print_row(name: str, results: Sequence[Result]) -> None:
    """One line of the table: one edition, or several taken together."""
    picks = sum(each.picks for each in results)
    if not picks:
        return
    short = sum(each.proposed for each in results)
    both = short + sum(each.offered for each in results)
    most = sum(min(each.picks, SHORTLIST + MAYBE) for each in results)
    counts = [
        sum(each.by_near for each in results),
        sum(each.others_proposed for each in results),
        sum(each.irrelevant_proposed for each in results),
        sum(each.others_offered for each in results),
    ]
    print(
        f"{name:12} {picks:5} {short / picks:9.2f} {both / picks:7.2f} {most / picks:7.2f}"
        f" {counts[0]:8} {counts[1]:10} {counts[2]:10} {counts[3]:6}"
    )


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


def ordinary_week() -> Iterator[Item]:
    """What official bodies say besides, in their own manner: written for this, near the field and far from it."""
    for line in ORDINARY_WEEK.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield _other(row["url"], row["title"], row["summary"])


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
