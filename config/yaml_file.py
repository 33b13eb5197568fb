"""Reads a YAML file into a pydantic model, and says every mistake at once, each with file and line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.resolver import Resolver

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


def load(path: Path, model: type[Model]) -> Model:
    """The file as ``model``. Raises :class:`ConfigError` with one ``file:line: what`` sentence per mistake."""
    root, data = _parse(path)
    try:
        return model.model_validate(data)
    except ValidationError as invalid:
        problems = [
            f"{path}:{_line(root, error['loc'])}: {_where(error['loc'])}{_plain(error['msg'], error['type'])}"
            for error in invalid.errors(include_url=False, include_context=False)
        ]
        raise ConfigError(problems) from None


def line_of(path: Path, location: Sequence[str | int]) -> int:
    """The line on which a value stands, for checks that go beyond the model. Raises as :func:`load` does."""
    return lines_of(path, [location])[0]


def lines_of(path: Path, locations: Iterable[Sequence[str | int]]) -> list[int]:
    """As :func:`line_of`, for many values at once: the file is read only once."""
    root, _ = _parse(path)
    return [_line(root, location) for location in locations]


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


def _line(root: yaml.Node | None, location: Sequence[str | int]) -> int:
    node, line = root, 1
    for step in location:
        if node is None:
            break
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            found = next(((k, v) for k, v in node.value if str(k.value) == str(step)), None)
            if found is None:
                break
            line = found[0].start_mark.line + 1
            node = found[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line


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
