"""Finds the folder of real-world samples beside a developer’s checkout; tests that need it skip without it."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


def shared_dir(part: str = "") -> Path:
    """The folder (or a part of it). Skips the test, saying why, where it is missing."""
    path = SHARED / part
    if not path.exists():
        pytest.skip(f"needs {path}, which is not here")
    return path
