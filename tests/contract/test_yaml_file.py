"""Every mistake in a configuration file is said at once, in words, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.yaml_file import StrictModel, load, place_of
from digests.errors import ConfigError


class Pet(StrictModel):
    name: str
    legs: int = 4


class Zoo(StrictModel):
    title: str
    pets: tuple[Pet, ...]


def problems(path: Path, words: str | bytes) -> list[str]:
    path.write_bytes(words if isinstance(words, bytes) else words.encode())
    with pytest.raises(ConfigError) as caught:
        load(path, Zoo)
    return [problem.removeprefix(f"{path}") for problem in caught.value.problems]


def test_a_right_file_becomes_the_model(tmp_path: Path) -> None:
    path = tmp_path / "zoo.yaml"
    path.write_text("title: Zoo\npets:\n- name: Rex\n- {name: Kraken, legs: 8}\n")
    assert load(path, Zoo) == Zoo(title="Zoo", pets=(Pet(name="Rex"), Pet(name="Kraken", legs=8)))
    assert place_of(path, ("pets", 1)) == f"{path}:4"


def test_all_mistakes_are_said_at_once_each_with_its_line(tmp_path: Path) -> None:
    found = problems(tmp_path / "zoo.yaml", "pets:\n- name: Rex\n  legs: four\n- lags: 8\n")
    assert found == [
        ":1: title: is missing",
        ":3: pets[1].legs: input should be a valid integer, unable to parse string as an integer",
        ":4: pets[2].name: is missing",
        ":4: pets[2].lags: is not a setting of this file (misspelt?)",
    ]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("title: a\ntitle: b\npets: []\n", ":2: “title” stands here a second time"),
        ("title: [a\n", ":2: not YAML: expected ',' or ']', but got '<stream end>'"),
        ("", ":1: should be a mapping of names to values"),
        ("- a\n", ":1: should be a mapping of names to values"),
        (b"title: \xff\n", ": cannot be read ('utf-8' codec can't decode byte 0xff in position 7: invalid start byte)"),
    ],
)
def test_a_file_that_is_wrong_as_a_whole_gets_one_clear_sentence(
    tmp_path: Path, words: str | bytes, expected: str
) -> None:
    assert problems(tmp_path / "zoo.yaml", words) == [expected]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such file"):
        load(tmp_path / "none.yaml", Zoo)
