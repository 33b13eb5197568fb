"""Looks through the files of CONVENOR_CONFIG_DIR for what does nothing any more."""

from __future__ import annotations

from pathlib import Path

from config import catalogue, digest, kinds, synonyms, topics
from config.overlay import How
from config.settings import Settings
from config.yaml_file import Layers, unused


def without_effect(settings: Settings) -> list[str]:
    """What they would take away and is not there (any more), each with its file and line. Raises ConfigError."""
    files: tuple[tuple[str, Path, How], ...] = (
        ("sources", settings.catalogue or catalogue.DEFAULT_PATH, catalogue.HOW),
        ("topics", settings.topics or topics.DEFAULT_PATH, topics.HOW),
        ("digest", settings.digest or digest.PATH, digest.HOW),
        ("kinds", settings.kinds or kinds.DEFAULT_PATH, kinds.HOW),
        ("synonyms", settings.synonyms or synonyms.DEFAULT_PATH, How()),
    )
    return [
        line
        for name, base, how in files
        if (over := settings.over(name)) is not None
        for line in unused(Layers(base, over, how))
    ]
