"""One configuration file over another: what it names is added, changed or taken away, and the rest stays as it came.

- A mapping is changed key by key. A key that is set to nothing (``null``) is taken away.
- Entries that have an id (sources, topics, sections) are changed by it, field by field; a new id is a new entry; and
  ``drop: true`` takes one away.
- Any other list is replaced, unless its key ends with a sign: ``rules+`` adds to the list ``rules``, and ``rules-``
  takes away from it what stands there in the same words.

It works on YAML's nodes, not on data, so that every mistake can still be told by its file and line.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

ADD, TAKE, DROP = "+", "-", "drop"
_NULL = "tag:yaml.org,2002:null"
_TRUE = ("true", "yes", "on")

Pairs = list[tuple[yaml.Node, yaml.Node]]


@dataclass(frozen=True, slots=True)
class How:
    """What a sort of file needs known about its lists, each by its keys with dots between.

    ``ids``: the key by which the entries of a list are known. ``first``: lists whose first entry that fits decides, so
    that what is added comes first; its entries are taken away by the key that is named. ``root``: the key of the list
    that the whole file may be. ``off``: keys that with ``false`` or ``true`` say no more than that an entry is not
    wanted, so that it does no harm where there is none any more.
    """

    ids: Mapping[str, str] = field(default_factory=dict)
    first: Mapping[str, str] = field(default_factory=dict)
    root: str = ""
    off: frozenset[str] = frozenset()


class Mistake(Exception):
    """The file on top asks for what cannot be done."""

    def __init__(self, node: yaml.Node, sentence: str) -> None:
        self.node = node
        self.sentence = sentence
        super().__init__(sentence)


Unused = list[tuple[yaml.Node, str]]
"""What the file on top asks for in vain, as there is nothing (any more) to take away: where, and in words."""


def merged(base: yaml.Node | None, over: yaml.Node, how: How, unused: Unused) -> yaml.Node:
    """The two files as one; ``unused`` is added to. Raises :class:`Mistake`."""
    base, over = _as_mapping(base, how), _as_mapping(over, how)
    if not isinstance(over, yaml.MappingNode) or not isinstance(base, yaml.MappingNode):
        return over
    return _mapping(base, over, how, "", unused)


def marks(root: yaml.Node) -> Iterator[yaml.Mark]:
    """Where each node stands, this one and all beneath it: by that it is known, also where another is made of it."""
    waiting, seen = [root], set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node.start_mark
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


def _as_mapping(node: yaml.Node | None, how: How) -> yaml.Node:
    """A file that is a bare list, or empty, as the mapping that it stands for."""
    if node is None:
        return yaml.MappingNode("tag:yaml.org,2002:map", [])
    if isinstance(node, yaml.SequenceNode) and how.root:
        key = yaml.ScalarNode("tag:yaml.org,2002:str", how.root, node.start_mark, node.start_mark)
        return yaml.MappingNode("tag:yaml.org,2002:map", [(key, node)], node.start_mark, node.end_mark)
    return node


def _mapping(base: yaml.MappingNode, over: yaml.MappingNode, how: How, place: str, unused: Unused) -> yaml.MappingNode:
    pairs: Pairs = list(base.value)
    for key, value in over.value:
        name = str(key.value)
        sign = name[-1:] if name[-1:] in (ADD, TAKE) else ""
        target = name.removesuffix(sign) if sign else name
        at = f"{place}.{target}".lstrip(".")
        present = _value(pairs, target)
        if sign:
            changed: yaml.Node | None = _list(present, value, sign, how, at, unused)
        elif value.tag == _NULL:
            changed = None
            if present is None:
                where = f"“{place}”" if place else "the file that this one changes"
                unused.append((key, f"“{target}” is not in {where}"))
        elif isinstance(value, yaml.MappingNode) and isinstance(present, yaml.MappingNode):
            changed = _mapping(present, value, how, at, unused)
        elif isinstance(value, yaml.SequenceNode) and isinstance(present, yaml.SequenceNode) and at in how.ids:
            changed = _by_id(present, value, how, at, unused)
        else:
            changed = value
        _put(pairs, key, target, changed)
    return yaml.MappingNode(base.tag, pairs, base.start_mark, base.end_mark)


def _list(present: yaml.Node | None, value: yaml.Node, sign: str, how: How, at: str, unused: Unused) -> yaml.Node:
    if not isinstance(value, yaml.SequenceNode):
        raise Mistake(value, f"what stands under “{at}{sign}” should be a list")
    if present is not None and not isinstance(present, yaml.SequenceNode):
        raise Mistake(value, f"“{at}” is not a list, so nothing can be added to it or taken from it")
    there = list(present.value) if present is not None else []
    if sign == ADD:
        both = [*value.value, *there] if at in how.first else [*there, *value.value]
    else:
        key = how.first.get(at) or how.ids.get(at, "")
        unwanted = {_words(each) for each in value.value}
        both = [each for each in there if not unwanted & set(_names(each, key))]
        known = {name for each in there for name in _names(each, key)}
        unused += [(each, f"“{_words(each)}” is not in “{at}”") for each in value.value if _words(each) not in known]
    return yaml.SequenceNode(value.tag, both, value.start_mark, value.end_mark)


def _by_id(base: yaml.SequenceNode, over: yaml.SequenceNode, how: How, at: str, unused: Unused) -> yaml.SequenceNode:
    key = how.ids[at]
    entries: list[yaml.Node] = list(base.value)
    for entry in over.value:
        if not isinstance(entry, yaml.MappingNode) or (wanted := _scalar(entry, key)) is None:
            # The model says what is missing.
            entries.append(entry)
            continue
        known = next((n for n, each in enumerate(entries) if _scalar(each, key) == wanted), None)
        rest = {str(name.value) for name, _ in entry.value} - {key}
        if (_scalar(entry, DROP) or "").lower() in _TRUE:
            if known is not None:
                del entries[known]
            else:
                unused.append((entry, f"“{wanted}” is not in “{at}”"))
        elif known is not None:
            present = entries[known]
            assert isinstance(present, yaml.MappingNode)
            entries[known] = _mapping(present, entry, how, at, unused)
        elif not rest or not rest <= how.off:
            entries.append(entry)
        else:
            unused.append((entry, f"“{wanted}” is not in “{at}”"))
    return yaml.SequenceNode(base.tag, entries, base.start_mark, base.end_mark)


def _names(entry: yaml.Node, key: str) -> Iterator[str]:
    """The words by which an entry of a list can be taken away."""
    if isinstance(entry, yaml.MappingNode):
        if key and (name := _scalar(entry, key)) is not None:
            yield name
    elif isinstance(entry, yaml.SequenceNode):
        yield from (_words(part) for part in entry.value)
    else:
        yield _words(entry)


def _words(node: yaml.Node) -> str:
    return str(node.value) if isinstance(node, yaml.ScalarNode) else ""


def _scalar(node: yaml.Node, key: str) -> str | None:
    value = _value(node.value, key) if isinstance(node, yaml.MappingNode) else None
    return str(value.value) if isinstance(value, yaml.ScalarNode) else None


def _value(pairs: Pairs, name: str) -> yaml.Node | None:
    return next((value for key, value in pairs if str(key.value) == name), None)


def _put(pairs: Pairs, key: yaml.Node, name: str, value: yaml.Node | None) -> None:
    """Set a key, or with None take it away."""
    at = next((n for n, (known, _) in enumerate(pairs) if str(known.value) == name), None)
    if value is None:
        if at is not None:
            del pairs[at]
        return
    named = key if str(key.value) == name else yaml.ScalarNode(key.tag, name, key.start_mark, key.end_mark)
    if at is None:
        pairs.append((named, value))
    else:
        pairs[at] = (named, value)
