"""The figures that the transparency record tells are of the rules as they are."""

from __future__ import annotations

from config.measured import load_measured
from config.topics import load_taxonomy


def test_the_figures_were_measured_with_the_present_rules() -> None:
    assert load_measured().rules_version == load_taxonomy().version, (
        "the rules have changed: run tests/bench/tagging.py and write its figures into config/measured.yaml"
    )
