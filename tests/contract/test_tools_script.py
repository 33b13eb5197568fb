"""What ``make install-dev`` says is missing is what the tests look for."""

from __future__ import annotations

import re
from pathlib import Path

from tests.journeys.browser import NAMES

ROOT = Path(__file__).parents[2]


def test_the_script_looks_for_the_same_browsers_as_the_tests() -> None:
    script = (ROOT / "tests" / "tools.sh").read_text(encoding="utf-8")
    looked_for = re.search(r"^for browser in (.+); do$", script, re.MULTILINE)
    assert looked_for is not None
    assert tuple(looked_for[1].split()) == NAMES
    assert f"apt install {NAMES[0]}" in script
