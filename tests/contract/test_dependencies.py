"""Every runtime dependency has its reason in writing, and there is no reason for one that is not there."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]


def names(line: str) -> str:
    return re.split(r"[\[<>=! ;]", line, maxsplit=1)[0].lower()


def test_each_runtime_dependency_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    needed = {names(line) for line in project["dependencies"]}
    words = (ROOT / "docs/decisions/0002-dependencies.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([a-z][^|]*) \|([^|]+)\|([^|]+)\|$", words, re.MULTILINE)
    explained = {names(each) for row in rows for each in re.split(r", | at [\d.]+| \d$", row[0]) if each.strip()}
    explained.discard("package")
    assert explained == needed
    assert all(what.strip() and why.strip() for _, what, why in rows)


def test_each_is_pinned_with_its_hash() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pinned = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    for line in project["dependencies"]:
        assert re.search(rf"^{re.escape(names(line))}==\S+ \\\n +--hash=sha256:", pinned, re.MULTILINE), line
