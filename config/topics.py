"""Reads ``topics.yaml``: the relevance gate, the topics and their rules, for the tagger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.overlay import How
from config.yaml_file import Layers, StrictModel, load, told
from digests.model import Topic
from digests.tagging import Gate, NearRules, SignRules, Taxonomy, TopicRules
from digests.tagging.language import Macros, Phrase, Rule, RuleError, parse_macros, parse_rule, parse_words

DEFAULT_PATH = Path(__file__).with_name("topics.yaml")

_Words = Annotated[str, Field(min_length=1, max_length=300)]
_MacroName = Annotated[str, Field(pattern=r"^[A-Z][A-Z_]*$")]
_Rules = tuple[str, ...]


class _GateModel(StrictModel):
    strong: Annotated[_Rules, Field(min_length=1)]
    weak: _Rules = ()
    unless: _Rules = ()


class _TopicModel(StrictModel):
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
    name: _Words
    description: _Words
    beside: bool = False
    rules: Annotated[_Rules, Field(min_length=1)]
    unless: _Rules = ()


class _SignModel(StrictModel):
    because: Annotated[str, Field(min_length=1, max_length=80)]
    points: Annotated[float, Field(gt=0, le=10, allow_inf_nan=False)]
    rules: Annotated[_Rules, Field(min_length=1)]


class _NearModel(StrictModel):
    signs: tuple[_SignModel, ...] = ()
    unless: _Rules = ()


class _File(StrictModel):
    macros: Mapping[_MacroName, Annotated[_Rules, Field(min_length=1)]] = Field(default_factory=dict)
    ignore: _Rules = ()
    gate: _GateModel
    near: _NearModel = Field(default_factory=_NearModel)
    topics: Annotated[tuple[_TopicModel, ...], Field(min_length=1)]


HOW = How(ids={"topics": "id", "near.signs": "because"})


def load_taxonomy(path: Path | None = None, over: Path | None = None) -> Taxonomy:
    """The taxonomy in a file, or the one that comes with Convenor, with what another file changes of it.

    Raises :class:`ConfigError` with every mistake.
    """
    layers = Layers(path or DEFAULT_PATH, over, HOW)
    return _Builder(layers, load(layers, _File)).taxonomy()


_Place = tuple[str | int, ...]


class _Builder:
    """Turns the file's text into rules, keeping what is wrong, and where, until all of it is known."""

    def __init__(self, layers: Layers, file: _File) -> None:
        self._layers = layers
        self._file = file
        self._problems: list[tuple[_Place, str]] = []
        self._macros: Macros = {}
        self._ignored: tuple[Phrase, ...] = ()

    def taxonomy(self) -> Taxonomy:
        """The taxonomy, or ConfigError."""
        file = self._file
        self._macros, wrong = parse_macros(file.macros)
        for (name, position), sentence in wrong.items():
            self._problems.append((("macros", name, position), f"“{file.macros[name][position]}”: {sentence}"))
        self._ignored = tuple(dict.fromkeys(phrase for at in range(len(file.ignore)) for phrase in self._ignore(at)))
        gate = Gate(
            self._rules(file.gate.strong, "gate", "strong"),
            self._rules(file.gate.weak, "gate", "weak"),
            self._rules(file.gate.unless, "gate", "unless"),
        )
        near = self._near(file.near)
        subjects = tuple(self._topic(position, topic) for position, topic in enumerate(file.topics))
        if self._problems:
            raise told(self._layers, self._problems)
        return Taxonomy(gate, subjects, self._ignored, near)

    def _ignore(self, position: int) -> tuple[Phrase, ...]:
        text = self._file.ignore[position]
        try:
            return parse_words(text, self._macros)
        except RuleError as error:
            self._problems.append((("ignore", position), f"“{text}”: {error}"))
            return ()

    def _near(self, near: _NearModel) -> NearRules:
        signs: list[SignRules] = []
        for position, sign in enumerate(near.signs):
            if sign.because in [other.because for other in near.signs[:position]]:
                problem = f"there is already a sign “{sign.because}”"
                self._problems.append((("near", "signs", position, "because"), problem))
            rules = self._rules(sign.rules, "near", "signs", position, "rules", ignored=())
            signs.append(SignRules(sign.because, sign.points, rules))
        return NearRules(tuple(signs), self._rules(near.unless, "near", "unless", ignored=()))

    def _topic(self, position: int, topic: _TopicModel) -> TopicRules:
        if topic.id in [other.id for other in self._file.topics[:position]]:
            self._problems.append((("topics", position, "id"), f"there is already a topic “{topic.id}”"))
        return TopicRules(
            Topic(topic.id, topic.name, topic.description),
            self._rules(topic.rules, "topics", position, "rules"),
            self._rules(topic.unless, "topics", position, "unless"),
            topic.beside,
        )

    def _rules(
        self, texts: Sequence[str], *place: str | int, ignored: tuple[Phrase, ...] | None = None
    ) -> tuple[Rule, ...]:
        """The rules of one list of the file. Phrases to ignore are the file's own, unless others are given."""
        rules: list[Rule] = []
        for position, text in enumerate(texts):
            try:
                rule = parse_rule(text, self._macros, self._ignored if ignored is None else ignored)
                if not rule.quotes and place[-1] != "unless":
                    raise RuleError(
                        "it looks at the kind of document or the source alone; say what words must be there too"
                    )
                rules.append(rule)
            except RuleError as error:
                self._problems.append(((*place, position), f"“{text}”: {error}"))
        return tuple(rules)
