"""Why somebody stands on a card, and how the same is said to them."""

from __future__ import annotations

BY_NAME = "was asked for by name"
PREFERRED = "is of an organisation that they would prefer"
_TO_THEM = {BY_NAME: "you were asked for by name", PREFERRED: "you are of an organisation that they would prefer"}


def to_candidate(because: str) -> str:
    """The reason as whoever is asked reads it: “your profile writes “NHS”; you were asked for by name”."""
    parts = because.split("; ")
    matched = "; ".join(part for part in parts if part not in _TO_THEM)
    said = [f"your profile {matched}"] if matched else []
    return "; ".join([*said, *(_TO_THEM[part] for part in parts if part in _TO_THEM)])
