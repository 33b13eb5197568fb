"""The shipped words that mean much the same, and the mistakes of a file of one's own, told by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.synonyms import load_synonyms
from digests.errors import ConfigError


def test_the_shipped_file_has_groups_of_two_or_more() -> None:
    groups = load_synonyms()
    assert len(groups) > 100
    assert all(len(group) >= 2 for group in groups)


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "synonyms.yaml"
    path.write_text(
        "synonyms:\n  - [FOI, freedom of information]\n  - [alone]\n  - [lawyer, lawyers]\n  - [the, other words]\n"
        "  - [one two three four five six seven, short]\n"
    )
    with pytest.raises(ConfigError) as wrong:
        load_synonyms(path)
    assert list(wrong.value.problems) == [
        f"{path}:3: one phrase alone has no synonym: name at least two",
        f"{path}:4: “lawyers” is the same as “lawyer”, which stands in this line already",
        f"{path}:5: “the” has no word that could be looked for",
        f"{path}:6: “one two three four five six seven” has more than 6 words",
    ]
