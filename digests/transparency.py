"""Convenor's own algorithmic transparency record, in the fields of the UK government's standard for such records.

The fields are those of the Algorithmic Transparency Recording Standard, whose tiers, names and order the parts follow:
https://www.gov.uk/government/collections/algorithmic-transparency-recording-standard-hub
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from digests.calendar import say_day
from digests.corrections import RuleRecord
from digests.model import LeftOut

NOT_STATED = "Not stated yet. Whoever runs this Convenor says so with the setting {}."


@dataclass(frozen=True, slots=True)
class Measured:
    """How right one set of rules was on items that people had labelled, on a day. Shares are from 0 to 1.

    ``picks`` is how many documents people had chosen for editions, and ``picks_held`` the share of them that drafts of
    the same weeks would hold or offer; 0 where that was not measured.
    """

    on: date
    rules_version: str
    items: int
    micro_f1: float
    relevance_precision: float
    relevance_recall: float
    note: str = ""
    picks: int = 0
    picks_held: float = 0.0


@dataclass(frozen=True, slots=True)
class Drafted:
    """What the latest draft left out: how many items, by reason, and those of them that are relevant."""

    name: str
    left_out: tuple[tuple[str, int], ...]
    listed: tuple[LeftOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What is particular to one Convenor on one day."""

    on: date
    digest: str
    owner: str
    contact: str
    sources: int
    topics: int
    rules: int
    rules_version: str
    unedited_approvals: int
    measured: Measured | None
    records: Sequence[RuleRecord]
    drafted: Drafted | None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the record: its fields with what is to be said, each a few plain sentences.

    ``anchor`` is what an address may point to it by; empty where none does.
    """

    title: str
    answers: tuple[tuple[str, str], ...]
    anchor: str = ""


def record(facts: Facts, *, listed: bool = False) -> tuple[Part, ...]:
    """The whole record, ready to be shown; ``listed`` with every relevant item that the latest draft left out.

    The public page counts them only: what editors leave out is theirs to tell.
    """
    return (
        _tier_1(facts),
        _owner(facts),
        _RATIONALE,
        _decisions(facts),
        _tool(facts),
        _performance(facts),
        _DATA,
        _RISKS,
        _left_out(facts, listed=listed),
    )


def _tier_1(facts: Facts) -> Part:
    return Part(
        "Tier 1: what it is",
        (
            ("Name", "Convenor: the tagging, grouping and ranking of items for a digest"),
            (
                "Description",
                f"Convenor reads {facts.sources:,} feeds and official lists, marks which items are about data, AI or "
                f"digital policy, gives each up to three topics, and proposes which of them the {facts.digest} should "
                "carry. It does this by written rules that anybody can read. People decide what is published.",
            ),
            ("Contact", facts.contact or NOT_STATED.format("CONVENOR_CONTACT")),
        ),
    )


def _owner(facts: Facts) -> Part:
    return Part(
        "Owner and responsibility",
        (
            ("Organisation", facts.owner or NOT_STATED.format("CONVENOR_OWNER")),
            ("Responsible for each edition", "The editors who approve it by name."),
            ("Third parties", "None. No outside service sees items, tags or people's words in order to tag or rank."),
        ),
    )


_RATIONALE = Part(
    "Description and rationale",
    (
        (
            "Why it is used",
            "More is published each week than a small team can read. The tool reads everything the same way and puts "
            "the likeliest items before editors, so that their time goes into judging and writing.",
        ),
        ("Before it", "One person read the sources by hand and chose; an edition took days."),
        (
            "Alternatives",
            "A learned model was considered and is not used: rules can be read, corrected and explained one by one. "
            "No language model writes or decides anything.",
        ),
    ),
)


def _decisions(facts: Facts) -> Part:
    approvals = "one editor's approval" if facts.unedited_approvals == 1 else f"{facts.unedited_approvals} approvals"
    return Part(
        "Decision-making process",
        (
            (
                "What it decides",
                "Only what a draft proposes. Each proposal carries its reason: the words found, where, and the rule.",
            ),
            (
                "Human decisions and review",
                "Editors leave out, put back and approve. An edited draft is approved by somebody other than the last "
                f"editor; a draft that nobody edited needs {approvals}. Nothing is published without it.",
            ),
            ("Frequency", "Sources are read all the time, each at its own rhythm; a draft is made for every edition."),
            ("Training", "None is needed: every reason is told in plain words beside the entry."),
            (
                "How to challenge a tag",
                "Any editor can say in one press that a tag is wrong, missing or right, or that an item is not "
                "relevant; the tag changes at once, and the word is kept to judge the rules by. Anybody else can "
                "write to the contact above.",
            ),
        ),
    )


def _tool(facts: Facts) -> Part:
    return Part(
        "Tool specification",
        (
            ("Task", "Relevance (yes or no), topics, grouping of items that tell one story, and an order."),
            ("Input", "An item's title, summary, publisher, address and kind, as its publisher gave them."),
            (
                "Output",
                "Tags and a kind of document with their reasons, a score with its reasons, a shortlist and a list of "
                "maybes.",
            ),
            (
                "What is not relevant and may be offered",
                "Some of what editors want names neither data nor technology: a Budget, or who leads a department. "
                "Rules of their own find such signs. What shows them is never tagged and never proposed; the best of "
                "it is offered among the maybes, marked as “near the field”, with the words found.",
            ),
            (
                "How it works",
                f"{facts.rules:,} rules in one file look for words and phrases: first whether the item is relevant at "
                f"all, then which of {facts.topics} topics it is about. The score adds up points that stand in the "
                "digest's plan: the match, the kind of document, a closing date near, the source's authority, other "
                "publishers of the same story, how fresh it is; much of the same lowers it. What kind of document an "
                "item is, is told by its source, by GOV.UK, by its address or by how its title begins, and a closing "
                "date by the words beside it in the text; both keep those words as their reason.",
            ),
            ("Version of the rules", facts.rules_version),
        ),
    )


def _performance(facts: Facts) -> Part:
    measured = facts.measured
    if measured is None:
        told = "It has not been measured for these rules."
    else:
        told = (
            f"On {measured.items:,} items labelled by people, on {say_day(measured.on)}: of the relevant items "
            f"{measured.relevance_recall:.1%} were found, and {measured.relevance_precision:.1%} of those called "
            f"relevant were. Topics: micro-F1 {measured.micro_f1:.2f}. {measured.note}"
        ).rstrip()
        if measured.picks:
            told += (
                f" Of {measured.picks:,} official documents that people had chosen for past editions, "
                f"{measured.picks_held:.1%} were on drafts of the same weeks or among their maybes."
            )
        if measured.rules_version != facts.rules_version:
            told += f" The rules have changed since: that was version {measured.rules_version}."
    right = sum(each.right for each in facts.records)
    wrong = sum(each.wrong for each in facts.records)
    said = (
        f"Editors have judged {right + wrong:,} tags so far and called {wrong:,} of them wrong, "
        f"which is {wrong / (right + wrong):.0%}."
        if right + wrong
        else "Editors have not judged any tag yet."
    )
    return Part("Performance", (("Measured error", told), ("What editors say", said)))


_DATA = Part(
    "Data",
    (
        ("Development data", "Titles and summaries of published documents, labelled by hand. No personal data."),
        (
            "Operational data",
            "What publishers put into their public feeds and lists. Names that stand in a title stay in it; nothing is "
            "inferred about any person, and the tool learns nothing from what members read or press.",
        ),
        (
            "Kept",
            "Items with their tags, and editors' words on tags with who said them, which are never exported by name.",
        ),
    ),
)

_RISKS = Part(
    "Risks and mitigations",
    (
        (
            "Something important is missed",
            "Every draft counts what it left out, by reason, and lists what is relevant or near; maybes are shown "
            "beside the shortlist.",
        ),
        (
            "Some publishers or topics crowd out others",
            "Much of the same lowers the score, each section has a limit, and the weights are public.",
        ),
        ("A rule is wrong", "Its tags are judged one by one, and a table shows how often each rule was wrong."),
        (
            "Editors trust the draft too much",
            "Reasons stand beside each entry, and a person who did not make the last edit must approve.",
        ),
    ),
)


def _left_out(facts: Facts, *, listed: bool) -> Part:
    if facts.drafted is None:
        return Part("What the latest draft left out", (("Counts", "No edition has been drafted yet."),))
    counts = "; ".join(f"{number:,} {reason}" for reason, number in facts.drafted.left_out)
    answers = [(facts.drafted.name, f"{counts[:1].upper()}{counts[1:]}." if counts else "Nothing.")]
    for number, left in enumerate(facts.drafted.listed if listed else (), start=1):
        where = f"{left.title} ({left.publisher}), {left.url}" if left.publisher else f"{left.title}, {left.url}"
        answers.append((f"Left out, {number}", f"{where}: {left.reason}."))
    return Part("What the latest draft left out", tuple(answers))
