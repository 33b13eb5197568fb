"""Reads the catalogue of sources, and finds the bundled samples that stand for some of them without a network."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    Field,
    RootModel,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
    model_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from config.overlay import How
from config.yaml_file import Layers, StrictModel, load
from digests.errors import ConfigError
from digests.model import Format, Group, Kind, Source

DEFAULT_PATH = Path(__file__).with_name("sources.yaml")
SAMPLES = Path(__file__).with_name("samples")

SAMPLES_NOW: datetime = datetime(2025, 1, 23, 10, 0, tzinfo=ZoneInfo("Europe/London")).astimezone(UTC)
"""The moment at which the samples were read: Thursday 23 January 2025, 10:00 in London. Nothing in them is later."""

DAYS = ("today", "from", "to")
"""The days that are filled into an API's address where it has them in braces, such as ``{today}``."""

_IN_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Catalogue:
    """The sources that Convenor knows, in the order of their file. An id stands for one source only."""

    sources: tuple[Source, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Source]:
        """Every source, switched off or not, by its id."""
        return {source.id: source for source in self.sources}

    @cached_property
    def enabled(self) -> tuple[Source, ...]:
        """The sources that are to be read."""
        return tuple(source for source in self.sources if source.enabled)


def load_catalogue(path: Path | None = None, over: Path | None = None) -> Catalogue:
    """The catalogue in a file, or the one that comes with Convenor, with what another file changes of it.

    The file is a mapping with the one key ``sources``, or the bare list of sources. Raises :class:`ConfigError` with
    every mistake in it.
    """
    path = path or DEFAULT_PATH
    if over is None and not _holds_a_mapping(path):
        lines = load(path, _BareList).root
    else:
        lines = load(Layers(path, over, HOW), _File).sources
    return Catalogue(tuple(line.source() for line in lines))


def load_samples() -> Mapping[str, Path]:
    """The file of each bundled sample feed, by the id of the source that it stands for. Raises :class:`ConfigError`."""
    index = SAMPLES / "index.yaml"
    files = {source_id: SAMPLES / name for source_id, name in load(index, _SampleIndex).samples.items()}
    missing = [
        f"{index}: {file.name} is listed, but there is no such file" for file in files.values() if not file.exists()
    ]
    if missing:
        raise ConfigError(missing)
    return files


def _web_address(url: str) -> str:
    try:
        parts = urlsplit(url)
        reachable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        reachable = False
    else:
        if parts.scheme not in ("http", "https"):
            raise PydanticCustomError("address", "is no web address: it must begin with https:// or http://")
    if not reachable or any(character.isspace() for character in url):
        raise PydanticCustomError("address", "is no web address that can be read, such as https://example.org/feed.xml")
    unknown = [name for name in _IN_BRACES.findall(url) if name not in DAYS]
    if unknown:
        raise PydanticCustomError(
            "day", "has {name} in braces; only {today}, {from} and {to} are filled in", {"name": unknown[0]}
        )
    return url


_Words = Annotated[str, Field(min_length=1, max_length=200)]


class _Line(StrictModel):
    # The key "kind" is the word that people who keep a catalogue use for the format of a feed.
    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=80)]
    name: _Words
    publisher: _Words
    kind: Format
    url: Annotated[str, Field(max_length=2000), AfterValidator(_web_address)]
    group: Group = Group.GOVERNMENT
    weight: Annotated[float, Field(ge=0, le=1)] = 0.5
    enabled: bool = True
    document_kind: Kind = Kind.OTHER
    note: Annotated[str, Field(max_length=1000)] = ""

    @model_validator(mode="after")
    def _days_are_for_apis(self) -> Self:
        if self.kind.is_feed and _IN_BRACES.search(self.url):
            raise PydanticCustomError("day", "has a day in its address, and days are filled in for APIs alone")
        return self

    def source(self) -> Source:
        return Source(
            id=self.id,
            name=self.name,
            publisher=self.publisher,
            format=self.kind,
            url=self.url,
            group=self.group,
            weight=self.weight,
            enabled=self.enabled,
            document_kind=self.document_kind,
            note=self.note,
        )


_WORDINGS = {
    "model_type": "is not a source; write its fields, such as “id: example”",
    "string_pattern_mismatch": "may hold letters, digits, dots, hyphens and underscores, after a letter or a digit",
    "tuple_type": "is not a list of sources",
}


def _with_ids_once(value: Any, check: ValidatorFunctionWrapHandler) -> tuple[_Line, ...]:
    # Repeated ids are looked for beside the other checks, and not after them, so that a reader hears of all mistakes
    # at once.
    mistakes = _repeated_ids(value)
    lines: tuple[_Line, ...] = ()
    try:
        lines = check(value)
    except ValidationError as invalid:
        mistakes += [
            InitErrorDetails(
                type=PydanticCustomError(error["type"], _WORDINGS.get(error["type"], error["msg"])),
                loc=error["loc"],
                input=error["input"],
            )
            for error in invalid.errors(include_url=False)
        ]
    if mistakes:
        raise ValidationError.from_exception_data("sources", sorted(mistakes, key=lambda mistake: mistake["loc"][:1]))
    return lines


def _repeated_ids(value: Any) -> list[InitErrorDetails]:
    if not isinstance(value, list):
        return []
    ids = [
        (place, line["id"])
        for place, line in enumerate(value)
        if isinstance(line, dict) and isinstance(line.get("id"), str)
    ]
    often = Counter(source_id for _, source_id in ids)
    return [
        InitErrorDetails(
            type=PydanticCustomError("repeated", "“{id}” stands for more than one source", {"id": source_id}),
            loc=(place, "id"),
            input=source_id,
        )
        for place, source_id in ids
        if often[source_id] > 1
    ]


HOW = How(ids={"sources": "id"}, root="sources", off=frozenset({"enabled", "note"}))

_Lines = Annotated[tuple[_Line, ...], WrapValidator(_with_ids_once)]


class _BareList(RootModel[_Lines]):
    pass


class _File(StrictModel):
    sources: _Lines


class _SampleIndex(StrictModel):
    written: str
    samples: dict[str, Annotated[str, Field(pattern=r"^[a-z0-9-]+\.(atom|rss)$")]]


def _holds_a_mapping(path: Path) -> bool:
    # Reads no further than the first bracket or key. What is wrong with the file is for load() to say.
    try:
        with path.open(encoding="utf-8") as words:
            events = yaml.parse(words, yaml.SafeLoader)
            first = next((event for event in events if isinstance(event, yaml.NodeEvent)), None)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return True
    return isinstance(first, yaml.MappingStartEvent)
