"""One document has one canonical URL, and different documents never share one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from digests.identity import MAX_URL_LENGTH, _canonical_url, canonical_url, is_govuk, kind_of_url, split_prefix
from digests.model import Kind


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTPS://WWW.Example.ORG:443/News/1#comments", "https://www.example.org/News/1"),
        ("http://example.org:80", "http://example.org/"),
        ("https://example.org./a", "https://example.org/a"),
        (" https://example.org/a\n", "https://example.org/a"),
        ("https://example.org/a/../b", "https://example.org/b"),
        ("https://example.org/caf%c3%a9", "https://example.org/caf%C3%A9"),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC"),
        ("https://example.org/?utm_source=rss&utm_medium=feed", "https://example.org/"),
        ("https://example.org/a?id=7&fbclid=x&mc_cid=y&mc_eid=z&gclid=w", "https://example.org/a?id=7"),
        ("https://example.org/a?UTM%5FCampaign=x", "https://example.org/a"),
        ("https://example.org/a?b=2&a=1", "https://example.org/a?a=1&b=2"),
        ("http://www.gov.uk/government/news/a/", "https://www.gov.uk/government/news/a"),
        ("https://gov.uk/government/news/a", "https://www.gov.uk/government/news/a"),
        ("http://bills.parliament.uk/bills/3825", "https://bills.parliament.uk/bills/3825"),
        ("http://www.legislation.gov.uk/ukpga/2025/18", "https://www.legislation.gov.uk/ukpga/2025/18"),
        ("http://www.gov.uk:8080/a", "http://www.gov.uk:8080/a"),
        ("https://[::1]:443/a", "https://[::1]/a"),
    ],
)
def test_the_same_document_gets_one_form(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://example.org/a", "https://example.org/a/"),
        ("https://example.org/a", "https://example.org/A"),
        ("https://example.org/a", "http://example.org/a"),
        ("https://example.org/a?page=1", "https://example.org/a?page=2"),
        ("https://example.org/a?utmost=1", "https://example.org/a"),
        ("https://example.org/a%2Fb", "https://example.org/a/b"),
        ("https://example.org/a.", "https://example.org/a"),
        ("https://example.org:8443/a", "https://example.org/a"),
        ("http://notgov.uk/a", "https://notgov.uk/a"),
    ],
)
def test_different_documents_stay_different(one: str, other: str) -> None:
    assert canonical_url(one)
    assert canonical_url(one) != canonical_url(other)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "/news/1",
        "//example.org/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "mailto:alice@example.org",
        "https://alice:secret@example.org/",
        "https://alice@example.org/",
        "https://example.org\\@evil.example/",
        "https:///a",
        "https://exa mple.org/",
        "https://example..org/",
        "https://example.org:99999/",
        "https://[::1/",
        "https://example.org/\ud800",
        "https://example.org/" + "a" * MAX_URL_LENGTH,
    ],
)
def test_an_address_that_no_reader_could_open_safely_is_refused(url: str) -> None:
    assert canonical_url(url) == ""


_PIECE = st.text(alphabet="aZ09-._~%/?#&=;:@+ é\u202e\\[]|", max_size=12)


@example("http", "www.gov.uk", ";[/")
@given(
    st.sampled_from(("http", "https", "HTTP")),
    st.sampled_from(
        ("example.org", "www.gov.uk", "gov.uk", "Bills.Parliament.UK.", "example.org:80", "a:443", "[::1]")
    ),
    st.lists(st.one_of(_PIECE, st.sampled_from(("utm_a=1", "?b=", "&a=2", "/../", "%2e%2e/", "%zz")))).map("".join),
)
def test_the_canonical_form_of_a_canonical_form_is_itself(scheme: str, host: str, rest: str) -> None:
    once = canonical_url(f"{scheme}://{host}/{rest}")
    assert canonical_url(once) == once


@given(st.text())
def test_any_text_at_all_has_an_answer(text: str) -> None:
    once = canonical_url(text)
    assert once == "" or once.startswith(("http://", "https://"))
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("title", "kind", "rest"),
    [
        ("Press release: New powers for the regulator", Kind.NEWS, "New powers for the regulator"),
        ("Open consultation: Copyright and AI", Kind.CONSULTATION, "Copyright and AI"),
        ("Closed consultation: Copyright and AI", Kind.CONSULTATION, "Copyright and AI"),
        ("Consultation outcome: Copyright and AI", Kind.CONSULTATION_OUTCOME, "Copyright and AI"),
        ("Call for evidence: Data centres", Kind.CALL_FOR_EVIDENCE, "Data centres"),
        ("Statutory guidance: Keeping children safe", Kind.GUIDANCE, "Keeping children safe"),
        ("FOI release: Use of AI tools", Kind.TRANSPARENCY, "Use of AI tools"),
        ("Official Statistics: Business data use", Kind.STATISTICS, "Business data use"),
        ("Written statement to Parliament: AI action plan", Kind.WRITTEN_STATEMENT, "AI action plan"),
        ("Oral statement to Parliament: AI action plan", Kind.ORAL_STATEMENT, "AI action plan"),
        ("Policy paper: Guidance: how we write it", Kind.POLICY_PAPER, "Guidance: how we write it"),
    ],
)
def test_a_govuk_prefix_becomes_the_kind_and_leaves_the_title(title: str, kind: Kind, rest: str) -> None:
    assert split_prefix(title) == (kind, rest)


@pytest.mark.parametrize(
    "title",
    ["Skills for Jobs: lifelong learning", "Press release", "Guidance: ", "Guidance:no space", "Research on AI", ""],
)
def test_a_title_without_a_known_prefix_is_left_as_it_is(title: str) -> None:
    assert split_prefix(title) == (None, title)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://www.gov.uk/government/consultations/copyright-and-ai", Kind.CONSULTATION),
        ("https://www.gov.uk/government/consultations/copyright-and-ai/outcome", Kind.CONSULTATION_OUTCOME),
        ("https://www.gov.uk/government/calls-for-evidence/data-centres", Kind.CALL_FOR_EVIDENCE),
        ("https://www.gov.uk/government/news/a", Kind.NEWS),
        ("https://www.gov.uk/government/speeches/a", Kind.SPEECH),
        ("https://www.gov.uk/guidance/a", Kind.GUIDANCE),
        ("https://www.gov.uk/algorithmic-transparency-records/a", Kind.TRANSPARENCY_RECORD),
        ("https://bills.parliament.uk/bills/3825", Kind.BILL),
        ("https://bills.parliament.uk/bills/3825/stages/19400", Kind.STAGE),
        ("https://petition.parliament.uk/petitions/700000", Kind.PETITION),
        ("https://committees.parliament.uk/oralevidence/15200/", Kind.EVIDENCE_SESSION),
        ("https://committees.parliament.uk/event/1/formal-meeting-oral-evidence-session/", Kind.EVIDENCE_SESSION),
        ("https://committees.parliament.uk/event/2/formal-meeting-private-meeting/", Kind.EVENT),
        ("https://ico.org.uk/action-weve-taken/enforcement/a", Kind.DECISION),
        ("https://caselaw.nationalarchives.gov.uk/uksc/2025/1", Kind.DECISION),
        ("https://www.civilservicejobs.service.gov.uk/csr/1", Kind.JOB),
        ("https://www.eventbrite.co.uk/e/a-1", Kind.EVENT),
        ("https://www.legislation.gov.uk/ukpga/2025/18", Kind.LEGISLATION),
        ("https://questions-statements.parliament.uk/written-questions/detail/2025-01-20/25123", Kind.WRITTEN_QUESTION),
        ("https://questions-statements.parliament.uk/written-statements/detail/a", Kind.WRITTEN_STATEMENT),
        ("https://hansard.parliament.uk/commons/2025-01-20", Kind.DEBATE),
        ("https://committees.parliament.uk/call-for-evidence/3177/", Kind.CALL_FOR_EVIDENCE),
        ("https://committees.parliament.uk/publications/41016/", Kind.COMMITTEE_PUBLICATION),
        ("https://gds.blog.gov.uk/2025/01/20/a", Kind.BLOG),
        ("https://www.gov.uk/government/publications/a", None),
        ("https://www.example.org/government/news/a", None),
    ],
)
def test_an_address_tells_the_kind_where_it_can(url: str, kind: Kind | None) -> None:
    assert kind_of_url(url) is kind


def test_only_govuk_itself_puts_prefixes_before_titles() -> None:
    assert is_govuk("https://www.gov.uk/government/news/a")
    assert not is_govuk("https://gds.blog.gov.uk/a")
    assert not is_govuk("https://www.gov.uk.example.org/a")


@given(
    host=st.text("abc019-.", min_size=1, max_size=12).map("{}.uk".format) | st.sampled_from(["www.gov.uk", "gov.uk"]),
    path=st.text("aB09._~/-%é;", max_size=12),
)
def test_the_short_way_to_a_canonical_address_gives_what_the_long_one_does(host: str, path: str) -> None:
    url = f"https://{host}/{path}"
    assert canonical_url(url) == _canonical_url(url)
