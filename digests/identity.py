"""Who a document is: its canonical address, and what its address and title say of its kind."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from w3lib.url import canonicalize_url

from digests.model import Kind

MAX_URL_LENGTH = 2000
"""Longer addresses are refused: browsers and chat platforms cannot open them either."""

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\]")
# These publishers answer every http address under https, so the two are one document.
_ALWAYS_HTTPS = ("gov.uk", "parliament.uk")
_GOVUK = "www.gov.uk"

# An address that is canonical as it stands: nearly all are, and the general way takes forty times as long.
_CANONICAL = re.compile(r"https://(?P<host>(?:[a-z0-9-]+\.)+[a-z0-9-]+)/(?!\.)(?:[A-Za-z0-9._~-]|/(?!\.))*")

_TRACKERS = frozenset(
    {
        "_ga",
        "_gl",
        "_hsenc",
        "_hsmi",
        "dclid",
        "fbclid",
        "gad_source",
        "gbraid",
        "gclid",
        "gclsrc",
        "hsctatracking",
        "igshid",
        "mc_cid",
        "mc_eid",
        "mkt_tok",
        "msclkid",
        "oly_anon_id",
        "oly_enc_id",
        "ttclid",
        "twclid",
        "vero_id",
        "wbraid",
        "yclid",
    }
)
_TRACKER_PREFIXES = ("utm_", "at_campaign", "at_medium")


def canonical_url(url: str) -> str:
    """The one form under which a document is known; empty where the address cannot be one of a public document.

    Tracking parameters, fragments and default ports go, and the rest of the query is sorted. Nothing else that could
    name a different document is touched: a trailing slash or the case of a path stays, except that GOV.UK itself
    knows no trailing slashes. Refused are addresses that are not http(s), carry credentials, or are malformed.
    Applying it twice changes nothing.
    """
    url = url.strip()
    if len(url) > MAX_URL_LENGTH:
        return ""
    plain = _CANONICAL.fullmatch(url)
    if plain is not None and plain["host"] != "gov.uk" and not (plain["host"] == _GOVUK and url.endswith("/")):
        return url
    return _canonical_url(url)


def _canonical_url(url: str) -> str:
    try:
        raw = urlsplit(url)
        if raw.scheme not in _DEFAULT_PORTS or "@" in raw.netloc or "\\" in raw.netloc:
            return ""
        parts = urlsplit(canonicalize_url(url))
        port = parts.port
    except ValueError:
        return ""
    host = parts.netloc.rsplit(":", 1)[0] if parts.port is not None else parts.netloc
    host = host.rstrip(".")
    if not _HOST.fullmatch(host):
        return ""
    if host == "gov.uk":
        host = _GOVUK
    scheme = parts.scheme
    if port == _DEFAULT_PORTS[scheme]:
        port = None
    if port is None and _within(host, *_ALWAYS_HTTPS):
        scheme = "https"
    path = parts.path
    if host == _GOVUK:
        path = path.rstrip("/;") or "/"
    netloc = host if port is None else f"{host}:{port}"
    canonical = SplitResult(scheme, netloc, path, _without_trackers(parts.query), "").geturl()
    if path != (parts.path or "/"):
        # Which characters are quoted depends on what follows them, and a slash that followed is gone.
        return _canonical_url(canonical)
    return canonical if len(canonical) <= MAX_URL_LENGTH else ""


def _within(host: str, *domains: str) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _without_trackers(query: str) -> str:
    return "&".join(part for part in query.split("&") if not is_tracker(part.partition("=")[0]))


def is_tracker(name: str) -> bool:
    """Whether a parameter of an address tells nothing but whose link was followed."""
    name = name.lower()
    return name in _TRACKERS or name.startswith(_TRACKER_PREFIXES)


# The document types of GOV.UK, as its organisation feeds put them before titles.
_PREFIXES: dict[str, Kind] = {
    "accredited official statistics": Kind.STATISTICS,
    "algorithmic transparency record": Kind.TRANSPARENCY_RECORD,
    "authored article": Kind.SPEECH,
    "call for evidence": Kind.CALL_FOR_EVIDENCE,
    "call for evidence outcome": Kind.CONSULTATION_OUTCOME,
    "case study": Kind.OTHER,
    "closed call for evidence": Kind.CALL_FOR_EVIDENCE,
    "closed consultation": Kind.CONSULTATION,
    "collection": Kind.OTHER,
    "consultation": Kind.CONSULTATION,
    "consultation outcome": Kind.CONSULTATION_OUTCOME,
    "corporate report": Kind.TRANSPARENCY,
    "correspondence": Kind.OTHER,
    "decision": Kind.DECISION,
    "detailed guide": Kind.GUIDANCE,
    "document collection": Kind.OTHER,
    "draft text": Kind.SPEECH,
    "fatality notice": Kind.NEWS,
    "foi release": Kind.TRANSPARENCY,
    "form": Kind.OTHER,
    "government response": Kind.NEWS,
    "guidance": Kind.GUIDANCE,
    "impact assessment": Kind.POLICY_PAPER,
    "independent report": Kind.RESEARCH,
    "international treaty": Kind.LEGISLATION,
    "map": Kind.OTHER,
    "national statistics": Kind.STATISTICS,
    "national statistics announcement": Kind.STATISTICS,
    "news article": Kind.NEWS,
    "news story": Kind.NEWS,
    "notice": Kind.OTHER,
    "official statistics": Kind.STATISTICS,
    "official statistics announcement": Kind.STATISTICS,
    "official statistics in development": Kind.STATISTICS,
    "open call for evidence": Kind.CALL_FOR_EVIDENCE,
    "open consultation": Kind.CONSULTATION,
    "oral statement to parliament": Kind.ORAL_STATEMENT,
    "policy paper": Kind.POLICY_PAPER,
    "press release": Kind.NEWS,
    "promotional material": Kind.OTHER,
    "publication": Kind.OTHER,
    "regulation": Kind.GUIDANCE,
    "research": Kind.RESEARCH,
    "research and analysis": Kind.RESEARCH,
    "service standard report": Kind.TRANSPARENCY,
    "speaking notes": Kind.SPEECH,
    "speech": Kind.SPEECH,
    "standard": Kind.GUIDANCE,
    "statement to parliament": Kind.WRITTEN_STATEMENT,
    "statistical data set": Kind.STATISTICS,
    "statistics": Kind.STATISTICS,
    "statistics announcement": Kind.STATISTICS,
    "statistics release announcement": Kind.STATISTICS,
    "statutory guidance": Kind.GUIDANCE,
    "transcript": Kind.SPEECH,
    "transparency": Kind.TRANSPARENCY,
    "transparency data": Kind.TRANSPARENCY,
    "world news story": Kind.NEWS,
    "written statement to parliament": Kind.WRITTEN_STATEMENT,
}


def is_govuk(canonical: str) -> bool:
    """Whether this canonical URL is one of GOV.UK itself, whose organisation feeds put prefixes before titles."""
    return canonical.startswith(f"https://{_GOVUK}/")


def split_prefix(title: str) -> tuple[Kind | None, str]:
    """The kind that a GOV.UK title prefix names, and the title without it: ``Press release: A`` is news, ``A``.

    For titles of GOV.UK documents only (see :func:`is_govuk`); elsewhere such words belong to the title.
    """
    prefix, colon, rest = title.partition(": ")
    kind = _PREFIXES.get(prefix.strip().lower())
    if kind is None or not colon or not rest.strip():
        return None, title
    return kind, rest.strip()


# Host, beginning of the path, kind: the first row that fits decides.
_KINDS_BY_ADDRESS: tuple[tuple[str, str, Kind], ...] = (
    (_GOVUK, "/government/consultations/", Kind.CONSULTATION),
    (_GOVUK, "/government/calls-for-evidence/", Kind.CALL_FOR_EVIDENCE),
    (_GOVUK, "/government/news/", Kind.NEWS),
    (_GOVUK, "/government/fatalities/", Kind.NEWS),
    (_GOVUK, "/government/speeches/", Kind.SPEECH),
    (_GOVUK, "/government/statistics/", Kind.STATISTICS),
    (_GOVUK, "/government/statistical-data-sets/", Kind.STATISTICS),
    (_GOVUK, "/guidance/", Kind.GUIDANCE),
    (_GOVUK, "/algorithmic-transparency-records/", Kind.TRANSPARENCY_RECORD),
    (_GOVUK, "/service-standard-reports/", Kind.TRANSPARENCY),
    (_GOVUK, "/cma-cases/", Kind.DECISION),
    (_GOVUK, "/administrative-appeals-tribunal-decisions/", Kind.DECISION),
    (_GOVUK, "/employment-appeal-tribunal-decisions/", Kind.DECISION),
    ("caselaw.nationalarchives.gov.uk", "/", Kind.DECISION),
    ("supremecourt.uk", "/cases/", Kind.DECISION),
    ("www.supremecourt.uk", "/cases/", Kind.DECISION),
    ("www.bailii.org", "/", Kind.DECISION),
    ("www.catribunal.org.uk", "/judgments/", Kind.DECISION),
    ("ico.org.uk", "/action-weve-taken/", Kind.DECISION),
    ("ico.org.uk", "/about-the-ico/consultations/", Kind.CONSULTATION),
    ("ico.org.uk", "/about-the-ico/ico-and-stakeholder-consultations/", Kind.CONSULTATION),
    ("www.civilservicejobs.service.gov.uk", "/", Kind.JOB),
    ("apply-for-public-appointment.service.gov.uk", "/", Kind.JOB),
    ("www.eventbrite.co.uk", "/e/", Kind.EVENT),
    ("www.eventbrite.com", "/e/", Kind.EVENT),
    ("bills.parliament.uk", "/bills/", Kind.BILL),
    ("services.parliament.uk", "/bills/", Kind.BILL),
    ("publications.parliament.uk", "/pa/bills/", Kind.BILL),
    ("www.legislation.gov.uk", "/", Kind.LEGISLATION),
    ("questions-statements.parliament.uk", "/written-questions", Kind.WRITTEN_QUESTION),
    ("questions-statements.parliament.uk", "/written-statements", Kind.WRITTEN_STATEMENT),
    ("hansard.parliament.uk", "/", Kind.DEBATE),
    ("petition.parliament.uk", "/petitions/", Kind.PETITION),
    ("committees.parliament.uk", "/call-for-evidence/", Kind.CALL_FOR_EVIDENCE),
    ("committees.parliament.uk", "/event/", Kind.EVENT),
    ("committees.parliament.uk", "/oralevidence/", Kind.EVIDENCE_SESSION),
    ("committees.parliament.uk", "/publications/", Kind.COMMITTEE_PUBLICATION),
    ("committees.parliament.uk", "/writtenevidence/", Kind.COMMITTEE_PUBLICATION),
    ("whatson.parliament.uk", "/", Kind.EVENT),
    ("commonslibrary.parliament.uk", "/research-briefings/", Kind.RESEARCH),
    ("lordslibrary.parliament.uk", "/", Kind.RESEARCH),
    ("post.parliament.uk", "/", Kind.RESEARCH),
)
_KINDS_BY_HOST: dict[str, tuple[tuple[str, Kind], ...]] = {}
for _host, _beginning, _kind in _KINDS_BY_ADDRESS:
    _KINDS_BY_HOST[_host] = (*_KINDS_BY_HOST.get(_host, ()), (_beginning, _kind))
_OUTCOME_OF = (Kind.CONSULTATION, Kind.CALL_FOR_EVIDENCE)


def kind_of_url(canonical: str) -> Kind | None:
    """The kind that a canonical URL alone tells; None where it tells nothing (GOV.UK publications, most sites)."""
    # A canonical URL always has a path and never a fragment, so it need not be taken apart in full.
    host, _, rest = canonical.partition("//")[2].partition("/")
    path = f"/{rest.partition('?')[0]}"
    for beginning, kind in _KINDS_BY_HOST.get(host, ()):
        if path.startswith(beginning):
            if host == _GOVUK and kind in _OUTCOME_OF and path.endswith("/outcome"):
                return Kind.CONSULTATION_OUTCOME
            # A bill's page is the bill, and what lies below it by a stage is that stage; some events are hearings.
            if kind is Kind.BILL and "/stages/" in path:
                return Kind.STAGE
            return Kind.EVIDENCE_SESSION if kind is Kind.EVENT and "oral-evidence" in path else kind
    if host.endswith(".blog.gov.uk"):
        return Kind.BLOG
    return None
