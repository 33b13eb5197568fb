"""The app package for Teams: as Microsoft's schema allows, and as Teams wants it where the schema is silent."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from adapters.teams.manifest import (
    COMMANDS_AT_MOST,
    DEVELOPER_CHARACTERS,
    ICONS,
    AppFacts,
    developer,
    teams_manifest,
    teams_package,
)
from bot.manifests import IN_CHANNELS, IN_PRIVATE, for_everybody
from bot.table import build_table
from config.settings import Settings
from tests.channels.troubleshooting import explained, sayable, unsaid

PAGE = (Path(__file__).parents[2] / "docs" / "teams.md").read_text(encoding="utf-8")
SCHEMAS = Path(__file__).parents[1] / "node_modules/@microsoft/app-manifest/build/json-schemas/teams"
FACTS = AppFacts("11111111-2222-3333-4444-555555555555", "digest.example.org", "0.1.0", "The Example Trust")


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    return teams_manifest(build_table(), FACTS)


def test_microsofts_own_schema_takes_the_manifest(manifest: dict[str, Any]) -> None:
    if not SCHEMAS.exists():
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"needs {SCHEMAS}, which “make test-tools” fetches")
    file = SCHEMAS / f"v{manifest['manifestVersion']}" / "MicrosoftTeams.schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    jsonschema.Draft4Validator(schema).validate(manifest)
    # Anything could be valid by a schema that was not understood.
    wrong = {**manifest, "name": {"short": "x" * 31}, "bots": [{"scopes": ["everywhere"]}]}
    assert len(list(jsonschema.Draft4Validator(schema).iter_errors(wrong))) >= 3


def test_the_package_has_three_files_at_its_root_and_is_the_same_whenever_it_is_made(manifest: dict[str, Any]) -> None:
    made = teams_package(build_table(), FACTS)
    with zipfile.ZipFile(io.BytesIO(made)) as package:
        assert package.testzip() is None
        assert package.namelist() == ["manifest.json", "color.png", "outline.png"]
        assert json.loads(package.read("manifest.json")) == manifest
        assert package.read(manifest["icons"]["color"]) == (ICONS / "color.png").read_bytes()
        assert package.read(manifest["icons"]["outline"]) == (ICONS / "outline.png").read_bytes()
        assert {file.date_time for file in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert teams_package(build_table(), FACTS) == made


def test_the_coloured_icon_is_192_wide_and_full_to_the_edge_as_teams_rounds_it_itself() -> None:
    size, pixels = _pixels(ICONS / "color.png")
    assert size == (192, 192)
    corners = {pixels[0], pixels[191], pixels[-192], pixels[-1]}
    assert corners == {(0x0B, 0x55, 0x63, 255)}
    assert {pixel[3] for pixel in pixels} == {255}
    # What is drawn keeps to the middle, which no shape of frame cuts off.
    drawn = [divmod(at, 192) for at, pixel in enumerate(pixels) if pixel not in corners]
    assert min(min(place) for place in drawn) >= 36
    assert max(max(place) for place in drawn) < 192 - 36


def test_the_outline_icon_is_32_wide_and_white_on_nothing() -> None:
    size, pixels = _pixels(ICONS / "outline.png")
    assert size == (32, 32)
    seen = Counter(pixel[3] > 0 for pixel in pixels)
    assert {pixel[:3] for pixel in pixels if pixel[3]} == {(255, 255, 255)}
    assert seen[True] > 100
    assert seen[False] > 500


def test_at_most_ten_commands_are_listed_in_each_place_in_the_words_of_the_help(manifest: dict[str, Any]) -> None:
    (bot,) = manifest["bots"]
    helped = {" ".join(command.path).removeprefix("convenor "): command.help for command in build_table().commands}
    assert [each["scopes"] for each in bot["commandLists"]] == [["personal"], ["team"]]
    for each in bot["commandLists"]:
        assert 0 < len(each["commands"]) <= COMMANDS_AT_MOST
        for command in each["commands"]:
            assert command["description"].lower() == helped[command["title"]].lower()
            assert command["description"][0].isupper()
            assert len(command["title"]) <= 32


def test_whoever_writes_to_convenor_alone_is_offered_only_what_everybody_may_do() -> None:
    assert for_everybody(build_table(), IN_PRIVATE)
    assert not for_everybody(build_table(), IN_CHANNELS)


def test_the_bot_works_in_personal_chats_and_in_channels_of_every_sort_and_in_no_group_chat(
    manifest: dict[str, Any],
) -> None:
    (bot,) = manifest["bots"]
    assert bot["scopes"] == ["personal", "team"]
    assert manifest["supportsChannelFeatures"] == "tier1"
    assert "authorization" not in manifest
    assert "webApplicationInfo" not in manifest


def test_the_message_extension_searches_and_suggests_from_a_message(manifest: dict[str, Any]) -> None:
    (extension,) = manifest["composeExtensions"]
    search, suggest = extension["commands"]
    assert (search["id"], search["type"], search["parameters"][0]["name"]) == ("search", "query", "words")
    assert (suggest["id"], suggest["type"]) == ("suggest", "action")
    assert (suggest["context"], suggest["fetchTask"]) == (["message"], True)
    assert extension["botId"] == FACTS.app_id


def test_every_address_is_on_the_domain_that_was_given(manifest: dict[str, Any]) -> None:
    maker = manifest["developer"]
    assert manifest["validDomains"] == ["digest.example.org"]
    assert maker == {
        "name": "The Example Trust",
        "websiteUrl": "https://digest.example.org/",
        "privacyUrl": "https://digest.example.org/privacy",
        "termsOfUseUrl": "https://digest.example.org/privacy#use",
    }


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        ("", "Convenor"),
        ("  The \n Example   Trust ", "The Example Trust"),
        ("The Association of Examples, Trusts and Others of England", "The Association of Examples…"),
        ("A" * 40, "A" * 31 + "…"),
        ("The Society for the Better Use of Public Examples", "The Society for the Better Use…"),
    ],
)
def test_whoever_runs_convenor_stands_as_its_maker_in_as_many_words_as_fit(owner: str, name: str) -> None:
    assert developer(owner) == name
    assert len(name) <= DEVELOPER_CHARACTERS


def test_every_setting_for_teams_is_explained() -> None:
    for name in Settings.model_fields:
        if name.startswith("teams_"):
            assert f"| `CONVENOR_{name.upper()}` |" in PAGE


def test_every_sentence_that_the_page_explains_is_one_that_convenor_says() -> None:
    texts = sayable("adapters/teams", "config/teams.py")
    rows = explained(PAGE)
    assert len(rows) >= 15
    assert [(row, part) for row in rows for part in unsaid(row, texts)] == []


Pixel = tuple[int, int, int, int]


def _pixels(file: Path) -> tuple[tuple[int, int], list[Pixel]]:
    """The size and the pixels (red, green, blue, alpha) of a PNG of eight bits, not interlaced."""
    content = file.read_bytes()
    chunks: list[tuple[bytes, bytes]] = []
    at = 8
    while at < len(content):
        length, kind = struct.unpack(">I4s", content[at : at + 8])
        chunks.append((kind, content[at + 8 : at + 8 + length]))
        at += 12 + length
    width, height, depth, colour, *_ = struct.unpack(">IIBBBBB", chunks[0][1])
    assert depth == 8
    step = {2: 3, 6: 4}[colour]
    raw = zlib.decompress(b"".join(data for kind, data in chunks if kind == b"IDAT"))
    pixels: list[Pixel] = []
    above = bytes(width * step)
    for row in range(height):
        start = row * (width * step + 1)
        above = _unfiltered(raw[start], bytearray(raw[start + 1 : start + 1 + width * step]), above, step)
        for x in range(0, len(above), step):
            pixels.append((above[x], above[x + 1], above[x + 2], above[x + 3] if step == 4 else 255))
    return (width, height), pixels


def _unfiltered(how: int, line: bytearray, above: bytes, step: int) -> bytes:
    for x in range(len(line)):
        left = line[x - step] if x >= step else 0
        up = above[x]
        corner = above[x - step] if x >= step else 0
        guess = left + up - corner
        paeth = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
        line[x] = (line[x] + (0, left, up, (left + up) // 2, paeth)[how]) & 255
    return bytes(line)
