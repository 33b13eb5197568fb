"""What is decided about links: what the look at one means, which are due for a look, and how an address is cleaned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import SplitResult, urlsplit

from digests.adding import address_key
from digests.identity import canonical_url, is_tracker
from digests.model import Content, LinkAnswer, LinkCheck, LinkState, Outcome
from digests.render.linked import pieces

FRESH = timedelta(hours=6)
"""For how long a look at a link holds."""
FRESH_NEAR_APPROVAL = timedelta(hours=1)
"""The same once editors have begun to approve, and on the day on which the edition is due."""
KEPT = timedelta(days=60)
"""Looks longer ago than this are forgotten."""
# One look at a server that is down, or at a name that our own network did not find, proves nothing.
TIMES_UNREACHABLE = 2
SEVERAL_HOSTS = 3

# These follow readers about on the sites that use them, but name a document on others: an editor decides.
_LIKELY_TRACKERS = frozenset(
    {
        *("campaign", "cid", "cmp", "cmpid", "cndid", "ito", "leadsource", "mibextid", "mkt_source", "ncid", "ocid"),
        *("ref", "ref_src", "referrer", "rss", "s_cid", "share", "si", "smid", "smtyp", "soc_src", "soc_trk"),
        *("source", "spm", "src", "sr_share", "trk", "via", "wt.mc_id", "xtor"),
    }
)


def judged(url: str, answer: LinkAnswer, before: LinkCheck | None, now: datetime) -> LinkCheck:
    """What a look at a link means, given the last one.

    Dead is what its publisher says is gone, or what could not be reached twice in a row. Refusals, pauses and trouble
    say nothing of what a reader would see. Moved is what has another address for good, but for its scheme, a ``www``
    or a slash at the end.
    """
    if answer.outcome in (Outcome.NOT_FOUND, Outcome.GONE):
        return LinkCheck(url, now, LinkState.DEAD, answer.reason)
    if answer.outcome is Outcome.UNREACHABLE:
        failures = (before.failures if before else 0) + 1
        state = LinkState.DEAD if failures >= TIMES_UNREACHABLE else LinkState.UNSURE
        return LinkCheck(url, now, state, answer.reason, failures=failures)
    if answer.outcome is not Outcome.READ:
        return LinkCheck(url, now, LinkState.UNSURE, answer.reason)
    moved_to = canonical_url(answer.moved_to)
    if moved_to and address_key(moved_to) != address_key(url):
        return LinkCheck(url, now, LinkState.MOVED, moved_to=moved_to)
    return LinkCheck(url, now, LinkState.ALIVE)


def is_our_own_trouble(answers: Mapping[str, LinkAnswer]) -> bool:
    """Whether nothing could be reached on several hosts at once, which tells more of our network than of theirs."""
    hosts = {urlsplit(url).hostname for url in answers}
    return len(hosts) >= SEVERAL_HOSTS and all(answer.outcome is Outcome.UNREACHABLE for answer in answers.values())


def links_of(content: Content) -> tuple[str, ...]:
    """Every address that an edition would send readers to, each once, in order."""
    links = (url for entry in content.included for url in (entry.url, *(also.url for also in entry.also)))
    return tuple(dict.fromkeys(links))


def looked_at(content: Content) -> tuple[str, ...]:
    """The same with the addresses that editors wrote into the texts around the entries, which are links as well."""
    texts = (content.intro, content.updates, content.outro)
    return tuple(dict.fromkeys([*links_of(content), *(url for words in texts for url in written_in(words))]))


def written_in(words: str) -> Iterator[str]:
    """The web addresses in a text."""
    return (address for _, address in pieces(words) if address)


def due_for_a_look(
    urls: Iterable[str], checks: Mapping[str, LinkCheck], now: datetime, *, near_approval: bool
) -> Iterator[str]:
    """The links that were not looked at lately. One that did not answer is due as soon as one near approval."""
    for url in urls:
        check = checks.get(url)
        soon = near_approval or (check is not None and check.failures > 0)
        if check is None or now - check.checked_at >= (FRESH_NEAR_APPROVAL if soon else FRESH):
            yield url


def leads_home(url: str) -> bool:
    """Whether an address is that of a site's front page."""
    parts = urlsplit(url)
    return parts.path in ("", "/") and not parts.query


def followers(url: str) -> tuple[str, ...]:
    """The parameters of an address that follow readers about, or most likely do; each by its name, once."""
    return tuple(dict.fromkeys(name for part in _query(url) if _follows(name := part.partition("=")[0])))


def cleaned(url: str) -> str:
    """The address without :func:`followers`."""
    parts = urlsplit(url)
    query = "&".join(part for part in _query(url) if not _follows(part.partition("=")[0]))
    return SplitResult(parts.scheme, parts.netloc, parts.path, query, parts.fragment).geturl()


def _query(url: str) -> list[str]:
    return [part for part in urlsplit(url).query.split("&") if part]


def _follows(name: str) -> bool:
    return is_tracker(name) or name.lower() in _LIKELY_TRACKERS
