"""What is decided when somebody adds a source: whether we have it, its id, its group, what may change."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from digests.identity import canonical_url
from digests.model import AddedSource, Format, Group, Kind, Source

MAX_ID = 40
MAX_NAME = 100
# A publisher is not known yet, so an added source weighs as much as one that touches the subject now and then.
WEIGHT = 0.5

_GROUPS: tuple[tuple[str, Group], ...] = (
    ("legislation.gov.uk", Group.LEGISLATION),
    ("gov.uk", Group.GOVERNMENT),
    ("parliament.uk", Group.PARLIAMENT),
    ("gov.scot", Group.DEVOLVED),
    ("parliament.scot", Group.DEVOLVED),
    ("gov.wales", Group.DEVOLVED),
    ("senedd.wales", Group.DEVOLVED),
    ("europa.eu", Group.INTERNATIONAL),
    ("oecd.org", Group.INTERNATIONAL),
    ("un.org", Group.INTERNATIONAL),
    ("ac.uk", Group.RESEARCH),
)
_SAY_NOTHING = frozenset(
    {"www", "feed", "feeds", "rss", "rss2", "atom", "xml", "index", "default", "php", "aspx", "html", "rdf", "en"}
)
_WORD = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed that somebody would have read. ``group`` is guessed from the address where it is not given."""

    url: str
    format: Format
    title: str = ""
    group: Group | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """What becomes of a feed: the source that it is to be, the one that it is already, or None where it is refused.

    Refused is what has no address that can be read.
    """

    feed: Feed
    source: Source | None = None
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Details:
    """What people decide about an added source. Its id, its address and its format belong to the feed itself."""

    name: str
    publisher: str
    group: Group
    document_kind: Kind
    weight: float

    @classmethod
    def of(cls, source: Source) -> Details:
        """The details of a source as they stand."""
        return cls(source.name, source.publisher, source.group, source.document_kind, source.weight)

    def applied_to(self, source: Source) -> Source:
        """The source with these details."""
        return replace(source, **asdict(self))

    @property
    def mark(self) -> str:
        """A short mark that other details do not have: it tells whether a form shows what still stands."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


def address_key(url: str) -> str:
    """What two spellings of one feed's address have in common: not the scheme, ``www``, or a slash at the end.

    Empty where the address cannot be one of a public document.
    """
    return re.sub(r"^https?://(?:www\.)?", "", canonical_url(url)).rstrip("/")


def with_added(catalogue: Sequence[Source], added: Iterable[AddedSource]) -> tuple[Source, ...]:
    """The catalogue and, after it, the sources that people added.

    Where the catalogue has come to hold the id or the address of an added source, the catalogue's counts.
    """
    ids = {source.id for source in catalogue}
    addresses = {address_key(source.url) for source in catalogue}
    beside = (entry.source for entry in added)
    return (
        *catalogue,
        *(source for source in beside if source.id not in ids and address_key(source.url) not in addresses),
    )


def find_known(url: str, sources: Iterable[Source]) -> Source | None:
    """The source that has this address already, if any."""
    key = address_key(url)
    return next((source for source in sources if key and address_key(source.url) == key), None)


def plan(feeds: Iterable[Feed], sources: Sequence[Source], taken: Collection[str]) -> list[Planned]:
    """What becomes of each feed, in order. ``taken`` are ids that are in use beside those of ``sources``."""
    by_key = {address_key(source.url): source for source in sources}
    ids = {source.id for source in sources} | set(taken)
    planned: list[Planned] = []
    for feed in feeds:
        key = address_key(feed.url)
        if not key:
            planned.append(Planned(feed))
        elif known := by_key.get(key):
            planned.append(Planned(feed, known))
        else:
            source = new_source(feed, ids)
            by_key[key] = source
            ids.add(source.id)
            planned.append(Planned(feed, source, is_new=True))
    return planned


def new_source(feed: Feed, taken: Collection[str]) -> Source:
    """The source that a feed becomes when it is added. ``taken`` are the ids in use.

    Its name and its publisher are the feed's own title, or else its host.
    """
    host = _host(feed.url)
    name = feed.title.strip()[:MAX_NAME] or host
    return Source(
        id=choose_id(feed.url, taken),
        name=name,
        publisher=name,
        format=feed.format,
        url=feed.url,
        group=feed.group or guess_group(host),
        weight=WEIGHT,
    )


def choose_id(url: str, taken: Collection[str]) -> str:
    """A short id from an address: its host; where that is taken, with words of the path; where that is, with a number.

    >>> choose_id("https://www.example.org/blog/feed.xml", ["example-org"])
    'example-org-blog'
    """
    used = {known.lower() for known in taken}
    host = "-".join(_telling(_host(url))) or "source"
    words = _telling(f"{urlsplit(url).path} {urlsplit(url).query}".lower())
    candidates = [host[:MAX_ID].strip("-")]
    for count in range(1, min(len(words), 4) + 1):
        candidates.append("-".join((host, *words[:count]))[:MAX_ID].strip("-"))
    for candidate in candidates:
        if candidate not in used:
            return candidate
    number = 2
    while (numbered := f"{candidates[0][: MAX_ID - 4]}-{number}") in used:
        number += 1
    return numbered


def guess_group(host: str) -> Group:
    """The group of a publisher by its host; civil society where the host says nothing."""
    for domain, group in _GROUPS:
        if host == domain or host.endswith(f".{domain}"):
            return group
    return Group.CIVIL_SOCIETY


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _telling(words: str) -> list[str]:
    return [word for word in _WORD.findall(words) if word not in _SAY_NOTHING]
