"""Reads measured.yaml: how right the tagging was when it was last measured."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.yaml_file import StrictModel, load
from digests.transparency import Measured

PATH = Path(__file__).with_name("measured.yaml")

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _File(StrictModel):
    date: date
    rules_version: str = Field(pattern=r"^[0-9a-f]{12}$")
    items: int = Field(ge=1)
    micro_f1: Share
    relevance_precision: Share
    relevance_recall: Share
    note: str = Field(default="", max_length=500)
    picks: int = Field(default=0, ge=0)
    picks_held: Share = 0.0


def load_measured(path: Path = PATH) -> Measured:
    """The figures of the file. Raises ConfigError with every mistake by its line."""
    told = load(path, _File)
    return Measured(
        on=told.date,
        rules_version=told.rules_version,
        items=told.items,
        micro_f1=told.micro_f1,
        relevance_precision=told.relevance_precision,
        relevance_recall=told.relevance_recall,
        note=" ".join(told.note.split()),
        picks=told.picks,
        picks_held=told.picks_held,
    )
