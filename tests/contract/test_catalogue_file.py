"""The catalogue that comes with Convenor, and what is said of one that cannot be used."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from adapters.feeds.sources.days import filled
from config.catalogue import DAYS, load_catalogue
from digests.errors import ConfigError
from digests.model import Format, Group, Kind, Source

LEAST = "id: one\n  name: One\n  publisher: Example\n  kind: rss\n  url: https://example.org/feed.xml\n"


def written(folder: Path, words: str) -> Path:
    path = folder / "sources.yaml"
    path.write_text(words, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    """What is wrong with a file, each mistake with its line."""
    with pytest.raises(ConfigError) as refused:
        load_catalogue(path)
    return [problem.removeprefix(f"{path}:") for problem in refused.value.problems]


def test_the_bundled_catalogue_has_enough_sources_of_every_group() -> None:
    catalogue = load_catalogue()
    assert len(catalogue.sources) >= 95
    assert len(catalogue.enabled) >= 75
    assert {source.group for source in catalogue.enabled} == set(Group)


def test_bundled_ids_are_short_slugs_and_no_address_is_read_twice() -> None:
    sources = load_catalogue().sources
    assert [source.id for source in sources if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", source.id)] == []
    assert [source.id for source in sources if len(source.id) > 50] == []
    assert len({source.url for source in sources}) == len(sources)
    assert len({source.name for source in sources}) == len(sources)


def test_a_bundled_source_that_is_switched_off_says_why() -> None:
    assert [source.id for source in load_catalogue().sources if not source.enabled and not source.note] == []


def test_every_bundled_source_was_given_its_weight_and_is_read_over_https() -> None:
    sources = load_catalogue().sources
    assert all(0.2 <= source.weight <= 1.0 for source in sources)
    assert all(source.url.startswith("https://") for source in sources)
    assert not [source.id for source in sources if source.format.is_feed and "{" in source.url]


def test_every_kind_of_api_has_a_source_that_is_read() -> None:
    formats = {source.format for source in load_catalogue().enabled}
    assert formats == set(Format)


def test_the_days_in_the_bundled_addresses_are_all_filled_in() -> None:
    addresses = [filled(source.url, date(2025, 1, 23)) for source in load_catalogue().sources]
    assert not [address for address in addresses if "{" in address or "}" in address]
    assert filled("/{" + "}/{".join(DAYS) + "}", date(2025, 1, 23)) == "/2025-01-23/2025-01-09/2025-02-19"


def test_what_makes_the_law_of_data_weighs_more_than_the_general_press() -> None:
    by_id = load_catalogue().by_id
    heavy = [by_id[source_id].weight for source_id in ("govuk-dsit", "ico-news", "parliament-bills")]
    assert heavy == [1.0, 1.0, 1.0]
    press = [source.weight for source in by_id.values() if source.group is Group.PRESS]
    assert max(press) <= 0.5


def test_five_fields_are_enough_for_a_source(tmp_path: Path) -> None:
    catalogue = load_catalogue(written(tmp_path, f"sources:\n- {LEAST}"))
    assert catalogue.sources == (
        Source(
            id="one",
            name="One",
            publisher="Example",
            format=Format.RSS,
            url="https://example.org/feed.xml",
            group=Group.GOVERNMENT,
            weight=0.5,
            enabled=True,
            document_kind=Kind.OTHER,
            note="",
        ),
    )


def test_every_field_of_a_source_is_read(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "sources:\n- {id: two, name: Two, publisher: Example, kind: atom, url: 'http://127.0.0.1:8080/a.atom?b=c',"
        " group: regulators, weight: 0.9, enabled: false, document_kind: written question, note: Quiet.}\n",
    )
    assert load_catalogue(path).by_id["two"] == Source(
        id="two",
        name="Two",
        publisher="Example",
        format=Format.ATOM,
        url="http://127.0.0.1:8080/a.atom?b=c",
        group=Group.REGULATORS,
        weight=0.9,
        enabled=False,
        document_kind=Kind.WRITTEN_QUESTION,
        note="Quiet.",
    )


@pytest.mark.parametrize("start", ["", "# Written by a script.\n", "---\n"])
def test_a_bare_list_of_sources_will_do(tmp_path: Path, start: str) -> None:
    assert [source.id for source in load_catalogue(written(tmp_path, f"{start}- {LEAST}")).sources] == ["one"]


def test_all_mistakes_are_told_at_once_each_with_its_line(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        f"sources:\n- {LEAST}"
        f"- {LEAST.replace('rss', 'json')}"
        "  weight: 1.5\n"
        "  colour: red\n"
        "- id: three\n  name: Three\n  kind: atom\n  url: https://example.org/\n",
    )
    assert problems(path) == [
        "2: sources[1].id: “one” stands for more than one source",
        "7: sources[2].id: “one” stands for more than one source",
        "10: sources[2].kind: input should be 'atom', 'rss', 'govuk-search', 'written-questions', "
        "'written-statements', 'committee-business', 'committee-publications', 'bills', 'whats-on', "
        "'petitions' or 'early-day-motions'",
        "12: sources[2].weight: input should be less than or equal to 1",
        "13: sources[2].colour: is not a setting of this file (misspelt?)",
        "14: sources[3].publisher: is missing",
    ]


def test_mistakes_in_a_bare_list_are_found_on_their_lines_too(tmp_path: Path) -> None:
    path = written(tmp_path, f"- {LEAST}- {LEAST}  weight: -1\n- only words\n")
    assert problems(path) == [
        "1: [1].id: “one” stands for more than one source",
        "6: [2].id: “one” stands for more than one source",
        "11: [2].weight: input should be greater than or equal to 0",
        "12: [3]: is not a source; write its fields, such as “id: example”",
    ]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("file:///etc/passwd", "is no web address: it must begin with https:// or http://"),
        ("feeds/news.xml", "is no web address: it must begin with https:// or http://"),
        ("ftp://example.org/feed", "is no web address: it must begin with https:// or http://"),
        ("javascript:alert(1)", "is no web address: it must begin with https:// or http://"),
        ("https:///feed", "is no web address that can be read, such as https://example.org/feed.xml"),
        ("http://[::1", "is no web address that can be read, such as https://example.org/feed.xml"),
        ("http://example.org:99999/", "is no web address that can be read, such as https://example.org/feed.xml"),
        ("https://example.org/a b", "is no web address that can be read, such as https://example.org/feed.xml"),
        ("https://example.org/{tomorrow}", "has tomorrow in braces; only {today}, {from} and {to} are filled in"),
    ],
)
def test_an_address_that_is_not_on_the_web_is_refused(tmp_path: Path, address: str, sentence: str) -> None:
    path = written(tmp_path, "- " + LEAST.replace("https://example.org/feed.xml", f"'{address}'"))
    assert problems(path) == [f"5: [1].url: {sentence}"]


def test_a_feed_whose_address_has_a_day_in_it_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "- " + LEAST.replace("feed.xml", "{today}.xml"))
    assert problems(path) == ["1: [1]: has a day in its address, and days are filled in for APIs alone"]
    api = written(tmp_path, "- " + LEAST.replace("feed.xml", "{today}.json").replace("rss", "whats-on"))
    assert load_catalogue(api).sources[0].url == "https://example.org/{today}.json"


@pytest.mark.parametrize("source_id", ["two words", "-x", "../x", "é", ""])
def test_an_id_that_could_not_be_typed_as_one_word_is_refused(tmp_path: Path, source_id: str) -> None:
    [problem] = problems(written(tmp_path, "- " + LEAST.replace("id: one", f"id: '{source_id}'")))
    assert problem.startswith("1: [1].id: may hold letters, digits, dots, hyphens and underscores")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "1: is not a list of sources"),
        ("only words", "1: is not a list of sources"),
        ("sources: 3", "1: sources: is not a list of sources"),
        ("feeds: []", "1: sources: is missing"),
        ("- {id: x", "1: not YAML: expected ',' or '}', but got '<stream end>'"),
    ],
)
def test_a_file_of_another_shape_is_refused_in_words(tmp_path: Path, words: str, sentence: str) -> None:
    assert problems(written(tmp_path, words))[0] == sentence


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: there is no such file"):
        load_catalogue(tmp_path / "nowhere.yaml")
