"""Reads JSON that came from elsewhere, in which anything may be missing or of another kind. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]


def inner(body: Json, *path: str) -> Json:
    """The object at a path; an empty one where there is none."""
    for name in path:
        found = body.get(name)
        body = found if isinstance(found, Mapping) else {}
    return body


def word(body: Json, *path: str) -> str:
    """The text at a path; empty where there is none."""
    found = inner(body, *path[:-1]).get(path[-1])
    return found if isinstance(found, str) else ""
