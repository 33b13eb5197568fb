"""What the contract of chat folders needs of a platform: how it shows things, what it would refuse, what it sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from adapters.teams.limits import utf16
from bot.messages import Ask, Form, Message


@dataclass(frozen=True, slots=True)
class Seen:
    """A message or form as people of one platform have it before them.

    ``words`` is everything that can be read, titles of buttons too; ``links`` the addresses that words lead to.
    ``broken`` has a sentence for each limit, schema or rule of safety that the platform's own shape of it breaks.
    ``asks`` is what comes of pressing each control in its order: what the platform's client then sends, read by the
    platform's own module.
    """

    words: str
    links: Sequence[str] = ()
    broken: Sequence[str] = ()
    asks: Sequence[Ask] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A form on one platform, and the ask that comes of sending it. ``again``: as it came back with errors."""

    seen: Seen
    ask: Ask
    again: bool = False


class Platform(Protocol):
    """One platform, in memory."""

    @property
    def name(self) -> str: ...

    def pieces(self, message: Message) -> Sequence[Message]:
        """The message as an answer on this platform: in as many messages as it takes."""
        ...

    def see(self, message: Message) -> Seen:
        """The message, rendered. Raises what the platform's own rendering raises."""
        ...

    def fill(
        self, form: Form, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
    ) -> Sequence[Filled]:
        """The form, filled in and sent, in each way in which the platform has it before people.

        The questions that ``typed`` names are answered so; the others are left as they stand. With ``errors`` it is
        also sent once more, as it comes back with them and with what was typed.
        """
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """A question as a client has it. ``choices``: what may be chosen; ``None`` where anything may be typed."""

    name: str
    value: str = ""
    choices: Sequence[str] | None = None
    several: bool = False
    most: int | None = None


def answers(questions: Sequence[Question], typed: Mapping[str, str]) -> dict[str, str]:
    """What stands in the questions once somebody has answered those that ``typed`` names, as a client lets them."""
    unknown = set(typed) - {question.name for question in questions}
    assert not unknown, f"the form does not ask for {unknown}"
    given = {}
    for question in questions:
        value = typed.get(question.name, question.value)
        chosen = [part for part in value.split(",") if part] if question.several else [value]
        if question.choices is not None and value:
            assert set(chosen) <= set(question.choices), f"{value!r} cannot be chosen for {question.name}"
        assert question.most is None or utf16(value) <= question.most, f"{question.name} does not hold {value[:40]!r}"
        given[question.name] = value
    return given


def every(value: object) -> Iterator[Mapping[str, object]]:
    """Every object within some JSON, outermost first."""
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from every(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from every(inner)
