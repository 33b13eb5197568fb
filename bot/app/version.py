"""What this Convenor calls itself."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def made_by() -> str:
    """Convenor's name and version."""
    try:
        return f"convenor {version('convenor')}"
    except PackageNotFoundError:
        return "convenor"
