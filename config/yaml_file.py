"""Reads a YAML file into a pydantic model, and says every mistake at once, each with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

from config import overlay
from digests.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)

MAX_BYTES = 2_000_000


class StrictModel(BaseModel):
    """A part of a configuration file: frozen, and a misspelt key is a mistake, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class _Loader(yaml.SafeLoader):
    """Leaves dates as the words they are: the model reads them, and says which line has one that does not exist."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _quick_loader() -> Any:
    """The same loader on the parser written in C, where this Python has it: in a fifth of the time.

    Only its events are taken. What it makes of them itself would go down into nested lists without any limit.
    """
    if not yaml.__with_libyaml__:
        return _Loader
    from yaml._yaml import CParser

    class Quick(Composer, CParser, SafeConstructor, Resolver):
        def __init__(self, words: str) -> None:
            CParser.__init__(self, words)
            Composer.__init__(self)
            SafeConstructor.__init__(self)
            Resolver.__init__(self)

    Quick.yaml_implicit_resolvers = _Loader.yaml_implicit_resolvers
    return Quick


_Quick = _quick_loader()


@dataclass(frozen=True, slots=True)
class Layers:
    """A file, and perhaps another one over it that changes it (see ``config.overlay``)."""

    path: Path
    over: Path | None = None
    how: overlay.How = field(default_factory=overlay.How)


def load(file: Path | Layers, model: type[Model]) -> Model:
    """The file as ``model``. Raises :class:`ConfigError` with one ``file:line: what`` sentence per mistake."""
    parsed = _parsed(file)
    try:
        return model.model_validate(parsed.data)
    except ValidationError as invalid:
        problems = [
            f"{parsed.place(error['loc'])}: {_where(error['loc'])}{_plain(error['msg'], error['type'])}"
            for error in invalid.errors(include_url=False, include_context=False)
        ]
        raise ConfigError(problems) from None


def place_of(file: Path | Layers, location: Sequence[str | int]) -> str:
    """Where a value stands, as ``file:line``, for checks that go beyond the model. Raises as :func:`load` does."""
    return _parsed(file).place(location)


def unused(file: Layers) -> Sequence[str]:
    """What the file on top would take away and is not there (any more), each with its file and line."""
    return _parsed(file).unused


def told(file: Path | Layers, problems: Iterable[tuple[Sequence[str | int], str]]) -> ConfigError:
    """What such checks found, each with its file and line, in their order. The file is read only once."""
    parsed = _parsed(file)
    found = sorted((*parsed.file_and_line(location), sentence) for location, sentence in problems)
    return ConfigError([f"{path}:{line}: {sentence}" for path, line, sentence in found])


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A file, or two that were made one, as nodes that know their lines, and as data."""

    path: Path
    over: Path | None
    root: yaml.Node | None
    data: Any
    marks: Mapping[int, yaml.Mark] = field(default_factory=dict)
    """Of the file on top, each by its identity, which it keeps as long as it is kept."""
    unused: tuple[str, ...] = ()

    def place(self, location: Sequence[str | int]) -> str:
        path, line = self.file_and_line(location)
        return f"{path}:{line}"

    def file_and_line(self, location: Sequence[str | int]) -> tuple[str, int]:
        node, line = _found(self.root, location)
        return str(self.over if node is not None and id(node.start_mark) in self.marks else self.path), line


def _parsed(file: Path | Layers) -> _Parsed:
    layers = file if isinstance(file, Layers) else Layers(file)
    root, data = _parse(layers.path)
    if layers.over is None:
        return _Parsed(layers.path, None, root, data)
    over, _ = _parse(layers.over)
    if over is None:
        return _Parsed(layers.path, layers.over, root, data)
    unused: overlay.Unused = []
    try:
        merged = overlay.merged(root, over, layers.how, unused)
    except overlay.Mistake as wrong:
        line = wrong.node.start_mark.line + 1
        raise ConfigError([f"{layers.over}:{line}: {wrong.sentence}"]) from None
    constructor = _Loader("")
    try:
        data = constructor.construct_document(merged)
    finally:
        constructor.dispose()
    return _Parsed(
        layers.path,
        layers.over,
        merged,
        data,
        {id(mark): mark for mark in overlay.marks(over)},
        tuple(f"{layers.over}:{node.start_mark.line + 1}: {words}" for node, words in unused),
    )


def _parse(path: Path) -> tuple[yaml.Node | None, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError([f"{path}: the file is larger than {MAX_BYTES:,} bytes; this cannot be right"])
        words = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError([f"{path}: there is no such file"]) from None
    except (OSError, UnicodeDecodeError) as trouble:
        raise ConfigError([f"{path}: cannot be read ({trouble})"]) from None
    try:
        try:
            return _composed(_Quick, path, words)
        except yaml.YAMLError:
            # The slower one is known for its sentences.
            return _composed(_Loader, path, words)
    except yaml.MarkedYAMLError as broken:
        mark = broken.problem_mark or broken.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise ConfigError([f"{path}{line}: not YAML: {broken.problem or broken.context}"]) from None
    except yaml.YAMLError as broken:
        raise ConfigError([f"{path}: not YAML: {broken}"]) from None
    except RecursionError:
        raise ConfigError([f"{path}: nested too deeply"]) from None


def _composed(kind: Any, path: Path, words: str) -> tuple[yaml.Node | None, Any]:
    """The file as nodes, which know their lines, and as data."""
    loader = kind(words)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, None
        doubles = [f"{path}:{line}: “{key}” stands here a second time" for key, line in _doubles(root)]
        if doubles:
            raise ConfigError(doubles)
        return root, loader.construct_document(root)
    finally:
        loader.dispose()


def _doubles(node: yaml.Node) -> list[tuple[str, int]]:
    found: list[tuple[str, int]] = []
    seen_nodes: set[int] = set()
    waiting = [node]
    while waiting:
        present = waiting.pop()
        if id(present) in seen_nodes:
            continue
        seen_nodes.add(id(present))
        if isinstance(present, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in present.value:
                name = str(key.value)
                if name in keys:
                    found.append((name, key.start_mark.line + 1))
                keys.add(name)
                waiting.append(value)
        elif isinstance(present, yaml.SequenceNode):
            waiting.extend(present.value)
    return sorted(found, key=lambda pair: pair[1])


def _found(root: yaml.Node | None, location: Sequence[str | int]) -> tuple[yaml.Node | None, int]:
    """The node at a place, or the last one on the way there that exists; and its line."""
    node, line, at = root, 1, root
    for step in location:
        if node is None:
            break
        line, at = node.start_mark.line + 1, node
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if str(k.value) == str(step)), None)
            if found is None:
                break
            line, at = found[0].start_mark.line + 1, found[0]
            node = found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line, at = node.start_mark.line + 1, node
        else:
            break
    return at, line


def _where(location: Sequence[str | int]) -> str:
    named = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in location).lstrip(".")
    return f"{named}: " if named else ""


def _plain(message: str, kind: str) -> str:
    if kind == "missing":
        return "is missing"
    if kind == "extra_forbidden":
        return "is not a setting of this file (misspelt?)"
    if message.startswith("Input should be a valid dictionary"):
        return "should be a mapping of names to values"
    return message[:1].lower() + message[1:]
