"""The shipped rules of kinds: every kind is found by its source, address or title, and mistakes are told by line."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from config.kinds import DEFAULT_PATH, load_kinds
from digests.errors import ConfigError
from digests.identity import canonical_url, is_govuk, split_prefix
from digests.kinds import KindRules, prefix_of, told
from digests.model import Group, Kind

DOCS = Path(__file__).resolve().parents[2] / "docs" / "kinds.md"
GOVUK = "https://www.gov.uk/government/"


@pytest.fixture(scope="module")
def kinds() -> KindRules:
    return load_kinds()


EXAMPLES: list[tuple[Kind, str, str, Group, Kind]] = [
    # What it is, title, address, the group of its source, what its source usually carries.
    (Kind.BILL, "Data (Use and Access) Bill [HL]", "https://example.org/1", Group.PARLIAMENT, Kind.OTHER),
    (Kind.STAGE, "Data Bill: Second Reading", "https://whatson.parliament.uk/event/cal1", Group.PARLIAMENT, Kind.EVENT),
    (
        Kind.STAGE,
        "Data Bill - Report stage",
        "https://bills.parliament.uk/bills/1/stages/2",
        Group.PARLIAMENT,
        Kind.BILL,
    ),
    (Kind.LEGISLATION, "The Data Protection Regulations 2025", "https://example.org/2", Group.LEGISLATION, Kind.OTHER),
    (Kind.CONSULTATION, "ICO consults on its draft strategy", "https://example.org/3", Group.REGULATORS, Kind.NEWS),
    (Kind.CONSULTATION, "Open consultation: Copyright and AI", f"{GOVUK}consultations/a", Group.GOVERNMENT, Kind.NEWS),
    (Kind.CALL_FOR_EVIDENCE, "Cyber security of AI: call for views", "https://a.org/4", Group.REGULATORS, Kind.NEWS),
    (Kind.CONSULTATION_OUTCOME, "Summary of responses: AI", "https://example.org/5", Group.REGULATORS, Kind.NEWS),
    (Kind.WRITTEN_QUESTION, "Written question: AI", "https://example.org/6", Group.PARLIAMENT, Kind.OTHER),
    (Kind.WRITTEN_STATEMENT, "Written statement to Parliament: AI", f"{GOVUK}speeches/a", Group.GOVERNMENT, Kind.NEWS),
    (Kind.ORAL_STATEMENT, "Oral statement to Parliament: AI", f"{GOVUK}speeches/b", Group.GOVERNMENT, Kind.NEWS),
    (Kind.DEBATE, "Westminster Hall debate: AI in schools", "https://example.org/7", Group.PARLIAMENT, Kind.NEWS),
    (Kind.COMMITTEE_REPORT, "Committee publishes report on AI", "https://a.org/8", Group.PARLIAMENT, Kind.NEWS),
    (Kind.EVIDENCE_SESSION, "Oral evidence: Governance of AI", "https://a.org/9", Group.PARLIAMENT, Kind.EVENT),
    (Kind.PETITION, "Ban AI", "https://petition.parliament.uk/petitions/1", Group.PARLIAMENT, Kind.OTHER),
    (Kind.GUIDANCE, "Guidance on AI and data protection", "https://example.org/10", Group.REGULATORS, Kind.NEWS),
    (Kind.POLICY_PAPER, "Policy paper: AI plan", f"{GOVUK}publications/a", Group.GOVERNMENT, Kind.OTHER),
    (Kind.STATISTICS, "Official statistics: AI", f"{GOVUK}statistics/a", Group.GOVERNMENT, Kind.OTHER),
    (
        Kind.TRANSPARENCY_RECORD,
        "DWP: a tool",
        f"{GOVUK[:-11]}algorithmic-transparency-records/a",
        Group.GOVERNMENT,
        Kind.OTHER,
    ),
    (Kind.TRANSPARENCY, "FOI release: AI", f"{GOVUK}publications/b", Group.GOVERNMENT, Kind.OTHER),
    (Kind.RESEARCH, "Research and analysis: AI", f"{GOVUK}publications/c", Group.GOVERNMENT, Kind.OTHER),
    (Kind.NEWS, "Press release: AI", f"{GOVUK}news/a", Group.GOVERNMENT, Kind.OTHER),
    (Kind.SPEECH, "Speech by the Information Commissioner", "https://example.org/11", Group.REGULATORS, Kind.NEWS),
    (Kind.BLOG, "How we use AI", "https://gds.blog.gov.uk/2025/01/20/a", Group.GOVERNMENT, Kind.OTHER),
    (Kind.DECISION, "ICO fines Example Ltd £750,000", "https://example.org/12", Group.REGULATORS, Kind.NEWS),
    (Kind.DECISION, "Statement: Protecting children online", "https://example.org/13", Group.REGULATORS, Kind.NEWS),
    (
        Kind.DECISION,
        "Example v Information Commissioner [2025] UKFTT 1",
        "https://a.org/14",
        Group.REGULATORS,
        Kind.OTHER,
    ),
    (Kind.EVENT, "Webinar: AI in schools", "https://example.org/15", Group.CIVIL_SOCIETY, Kind.BLOG),
    (Kind.JOB, "We’re hiring a data policy lead", "https://example.org/16", Group.CIVIL_SOCIETY, Kind.BLOG),
    (Kind.JOB, "Policy and research manager (maternity cover)", "https://a.org/17", Group.CIVIL_SOCIETY, Kind.NEWS),
    (Kind.JOB, "Vacancy: Head of data", f"{GOVUK}news/b", Group.GOVERNMENT, Kind.NEWS),
]


@pytest.mark.parametrize(("kind", "title", "url", "group", "usual"), EXAMPLES)
def test_every_kind_is_found_with_its_reason(
    kinds: KindRules, kind: Kind, title: str, url: str, group: Group, usual: Kind
) -> None:
    url = canonical_url(url)
    named, rest = split_prefix(title) if is_govuk(url) else (None, title)
    outright = told("S", None, named, prefix_of(title, rest))
    found = kinds.sort(rest, url, group=group, source="S", usual=usual, told=outright)
    assert found.kind is kind, found
    assert found.because


def test_the_examples_show_every_kind_that_the_sources_tell_no_other_way() -> None:
    assert set(Kind) - {example[0] for example in EXAMPLES} == {Kind.OTHER, Kind.COMMITTEE_PUBLICATION}


@pytest.mark.parametrize(
    ("title", "usual"),
    [
        ("Job market statistics for January", Kind.STATISTICS),
        ("Our response to the consultation on copyright", Kind.BLOG),
        ("Free speech and the Online Safety Act", Kind.NEWS),
        ("What we learned at our webinar", Kind.BLOG),
        ("Fines would rise under the Data Bill: briefing", Kind.BLOG),
        ("The ICO needs new guidance on AI, says charity", Kind.NEWS),
        ("Petition debate in Westminster Hall: the response", Kind.OTHER),
        ("Why data bills matter", Kind.BLOG),
    ],
)
def test_a_title_that_only_sounds_like_another_kind_stays_what_it_is(kinds: KindRules, title: str, usual: Kind) -> None:
    found = kinds.sort(title, "https://example.org/a", group=Group.CIVIL_SOCIETY, source="S", usual=usual)
    assert found.kind is usual, found


def test_every_kind_and_every_key_is_told_in_the_docs() -> None:
    told = DOCS.read_text(encoding="utf-8")
    keys = set(re.findall(r"^ +(?:- )?([a-z_]+):", DEFAULT_PATH.read_text(encoding="utf-8"), re.MULTILINE))
    assert {name for name in {*keys, *Kind} if f"`{name}`" not in told} == set()


def test_every_mistake_is_told_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "kinds.yaml"
    path.write_text(
        "titles:\n"
        "  - kind: job\n"
        "    begins: [vacancy, '...']\n"
        "    instead_of: [job]\n"
        "  - kind: event\n"
        "    unless: ['re*cap']\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigError) as told:
        load_kinds(path)
    assert told.value.problems == (
        f"{path}:3: “...”: it has no letters or digits to look for",
        f"{path}:4: “job” cannot stand instead of itself",
        f"{path}:5: it does not say what makes a title an event: begins, has or ends",
        f"{path}:6: “re*cap”: * can only stand at the end of a word",
    )
    path.write_text("titles:\n  - kind: jobs\n    begins: [vacancy]\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"kinds\.yaml:2: titles\[1\]\.kind: input should be 'bill', 'stage'"):
        load_kinds(path)
