"""Signs that an item which is not relevant is near the field, so that editors may want it all the same.

One in five of what a human curator picked has no word of data or technology: who leads a department, a Budget, a
speech. Such items are never relevant and get no topics; a draft offers the best of them as maybes, with these signs as
its reasons.
"""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import shorten

from digests.model import FieldName, Item, Sign
from digests.tagging.language import Rule, Where
from digests.tagging.matching import Match, Reading, Ruleset

_LONGEST_QUOTE = 120

IN_SUMMARY = 0.5
"""What a sign is worth that stands in the summary alone: this much of its points."""


@dataclass(frozen=True, slots=True)
class SignRules:
    """What may make an item wanted, in words that go on after “near the field:”, and the rules that find it."""

    because: str
    points: float
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class NearRules:
    """Every sign. An item that one of ``unless`` matches is never near."""

    signs: tuple[SignRules, ...] = ()
    unless: tuple[Rule, ...] = ()


class NearField:
    """Looks for the signs. One instance serves every item."""

    def __init__(self, rules: NearRules) -> None:
        self._signs = rules.signs
        self._owners = tuple(at for at, sign in enumerate(rules.signs) for _ in sign.rules)
        every = [rule for sign in rules.signs for rule in sign.rules]
        self._rules = Ruleset([*every, *rules.unless])

    def signs(self, item: Item) -> tuple[Sign, ...]:
        """The signs of an item, the strongest first; none where it is not near the field. Never raises."""
        return self.signs_in(item.title, item.summary, item.publisher, item.url, item.kind.value, item.source_id)

    def signs_in(
        self, title: str, summary: str, publisher: str, url: str, kind: str, source: str = ""
    ) -> tuple[Sign, ...]:
        """The same of the texts of an item. ``kind`` and ``source`` are empty where they are not known."""
        reading = Reading(title, summary, publisher, url, kind, source)
        best: dict[int, Match] = {}
        for match in self._rules.matches(reading):
            if match.number >= len(self._owners):
                return ()
            at = self._owners[match.number]
            if at not in best or (_in_summary(best[at]) and not _in_summary(match)):
                best[at] = match
        found = [self._sign(at, match, reading) for at, match in best.items()]
        return tuple(sorted(found, key=lambda sign: -sign.points))

    def _sign(self, at: int, match: Match, reading: Reading) -> Sign:
        words = " … ".join(reading.quote(span) for span in match.shown)
        return Sign(
            self._signs[at].because,
            shorten(words, _LONGEST_QUOTE, placeholder="…"),
            FieldName(match.where.value),
            self._signs[at].points * (IN_SUMMARY if _in_summary(match) else 1),
        )


def _in_summary(match: Match) -> bool:
    return match.where is Where.SUMMARY
