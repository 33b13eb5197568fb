"""The guide for coordinators says what the code does."""

from __future__ import annotations

from pathlib import Path

from bot.introductions import machine


def test_the_drawing_in_the_guide_is_that_of_the_code() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "introductions.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{machine.diagram()}```" in guide
    assert f"```mermaid\n{machine.ask_diagram()}```" in guide
