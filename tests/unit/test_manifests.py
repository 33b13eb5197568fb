"""What an operator gives for a manifest: taken in any case, or refused with a sentence."""

from __future__ import annotations

import pytest

from bot.manifests import checked_app_id, checked_domain, checked_version
from digests.errors import ConfigError


@pytest.mark.parametrize("given", ["digest.example.org", " Digest.Example.ORG ", "xn--bcher-kva.example", "a.b.c.d.uk"])
def test_a_domain_is_taken_in_any_case(given: str) -> None:
    assert checked_domain(given) == given.strip().lower()


@pytest.mark.parametrize(
    "given",
    [
        "https://digest.example.org",
        "digest.example.org/",
        "digest.example.org:8080",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "-a.example.org",
        "a_b.example.org",
        "*.example.org",
        "bücher.example",
        "example.org.",
        "digest example.org",
        "a" * 64 + ".example.org",
        "a." * 126 + "example",
        "",
    ],
)
def test_what_is_not_the_name_of_a_site_is_refused(given: str) -> None:
    with pytest.raises(ConfigError) as caught:
        checked_domain(given)
    assert caught.value.problems[0].startswith("--domain: ")


def test_a_scheme_is_taken_away_in_the_example_that_is_given() -> None:
    with pytest.raises(ConfigError) as caught:
        checked_domain("HTTPS://Digest.Example.org:443/x?y")
    assert caught.value.problems == ("--domain: write the name alone, without “https://”: digest.example.org",)
    with pytest.raises(ConfigError) as caught:
        checked_domain("http://localhost/")
    assert caught.value.problems == ("--domain: write the name alone, without “http://”: digest.example.org",)


def test_an_application_id_is_taken_in_the_ways_that_microsoft_writes_it() -> None:
    plain = "0a1b2c3d-1111-2222-3333-44445555ffff"
    assert checked_app_id(plain.upper()) == checked_app_id(f"{{{plain}}}") == checked_app_id(f" {plain} ") == plain


@pytest.mark.parametrize("given", ["", "convenor", "0a1b2c3d11112222333344445555ffff", "0a1b2c3d-1111-2222-3333-4444"])
def test_what_is_no_application_id_is_refused(given: str) -> None:
    with pytest.raises(ConfigError):
        checked_app_id(given)


@pytest.mark.parametrize("given", ["1", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0.0", "1.0.٣"])
def test_a_version_is_three_numbers(given: str) -> None:
    assert checked_version("1.20.300") == "1.20.300"
    with pytest.raises(ConfigError):
        checked_version(given)
