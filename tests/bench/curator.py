"""What share of a human curator's picks a draft would hold: run it as ``python tests/bench/curator.py``.

The official links of each real edition are what a person chose. They are mixed with items that are not relevant and
with the entries of stored feeds, as the stream of that week, and drafted by the tagger and the ranking of Convenor.
A link is known by the words it stood on and by its address alone, so the titles here are poorer than a feed's.
"""

from __future__ import annotations

import json
import re
import sys
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
from digests.model import Format, Group, Item, Kind, Source, TaggedItem, Window, item_id
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


@dataclass(frozen=True, slots=True)
class Result:
    """One edition: how many the curator picked, and how many of those are proposed, offered and not relevant."""

    edition: str
    picks: int
    proposed: int
    offered: int
    not_relevant: int


def main() -> int:
    """Prints a table. Returns 1 where the shortlist and the maybes hold too little, 2 where the links are missing."""
    links = SHARED / "digest-picks.jsonl"
    if not links.exists():
        print(f"There are no links of real editions at {links}.")
        return 2
    rows = [json.loads(line) for line in links.read_text(encoding="utf-8").splitlines()]
    noise = [*_irrelevant(), *_stored_entries()]
    tagger = Tagger(load_taxonomy())
    results = [
        _result(edition, list(_picks(row for row in rows if row["digest_date"] == edition)), noise, tagger)
        for edition in sorted({row["digest_date"] for row in rows})
    ]
    print(f"Each week's stream: the picks and {len(noise)} other items. Shortlist of {SHORTLIST}, {MAYBE} maybes.")
    print(f"{'edition':12} {'picks':>6} {'shortlist':>10} {'+ maybe':>8} {'at most':>8} {'not relevant':>13}")
    for each in results:
        most = min(each.picks, SHORTLIST + MAYBE) / each.picks
        print(
            f"{each.edition:12} {each.picks:6} {each.proposed / each.picks:10.2f}"
            f" {(each.proposed + each.offered) / each.picks:8.2f} {most:8.2f} {each.not_relevant:13}"
        )
    picks = sum(each.picks for each in results)
    short = sum(each.proposed for each in results) / picks
    both = short + sum(each.offered for each in results) / picks
    best = sum(min(each.picks, SHORTLIST + MAYBE) for each in results) / picks
    print(f"{'all':12} {picks:6} {short:10.2f} {both:8.2f} {best:8.2f} {sum(each.not_relevant for each in results):13}")
    print(
        f"recall at shortlist and maybe {both:.2f}, wanted {WANTED}: {'reached' if both >= WANTED else 'not reached'}"
    )
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
    content = draft(tagged, plan=plan, sources=_SOURCES, topics=topics, window=window, number=1, now=due)
    wanted = {item.id for item in picks}
    proposed = {entry.item_id for entry in content.entries} & wanted
    offered = ({entry.item_id for entry in content.maybe} & wanted) - proposed
    relevant = {each.item.id for each in tagged if each.tagging.relevant}
    return Result(edition, len(wanted), len(proposed), len(offered), len(wanted - relevant))


def _picks(rows: Iterable[dict[str, str]]) -> Iterator[Item]:
    seen: set[str] = set()
    for row in rows:
        url = canonical_url(row["url"])
        item = _item(url, row["anchor"], "") if url and url not in seen else None
        if item:
            seen.add(url)
            yield item


def _item(url: str, title: str, summary: str) -> Item | None:
    """An official document; None for any other. An address with words in it gives the title, as publishers make it."""
    parts = urlsplit(url)
    owner = next((each for each in OFFICIAL if f".{parts.netloc}".endswith(f".{each[0]}")), None)
    if owner is None:
        return None
    slug = re.sub(r"\.\w{2,4}$", "", unquote(parts.path).rstrip("/").rpartition("/")[2])
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", re.sub(r"[-_+]", " ", slug)).strip()
    if len(words.split()) >= _WORDY and not summary:
        title, summary = words[:1].upper() + words[1:], title
    _, publisher, group = owner
    return Item(
        id=item_id(url),
        url=url,
        title=" ".join(title.split()),
        summary=" ".join(summary.split()),
        publisher=publisher,
        source_id=group.value,
        group=group,
        kind=kind_of_url(url) or Kind.OTHER,
        received_at=datetime.min.replace(tzinfo=UTC),
    )


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


_SOURCES = {
    group.value: Source(group.value, group.value, group.value, Format.ATOM, "https://example.org/", group, weight=0.8)
    for group in Group
}

if __name__ == "__main__":
    sys.exit(main())
