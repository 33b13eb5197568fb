"""The tables of ``docs/privacy.md`` that follow from the register: what is kept, why, on what ground, for how long."""

from __future__ import annotations

from collections.abc import Iterable

from bot.privacy.register import BASES, NOT_PERSONAL, PERSONAL, Kept
from bot.privacy.retention import RULES

BEGIN, END = "<!-- register: begin -->", "<!-- register: end -->"


def as_markdown() -> str:
    """Both tables, between the marks that stand around them in the document."""
    parts = (BEGIN, "", *_personal(), "", "Nothing personal is kept in:", "", *_others(), "", *_rules(), "", END)
    return "\n".join(parts) + "\n"


def _personal() -> Iterable[str]:
    yield "| table | personal columns | what for | ground in law | kept | when somebody is erased |"
    yield "|---|---|---|---|---|---|"
    for kept in PERSONAL:
        columns = " ".join(f"`{name}`" for name in kept.personal.split())
        ground = BASES[kept.why].value.split(",")[0].replace("your consent", "consent")
        yield f"| `{kept.table}` | {columns} | {kept.why.value} | {ground} | {kept.how_long} | {_fates(kept)} |"


def _fates(kept: Kept) -> str:
    return "; ".join(dict.fromkeys(link.fate.value for link in kept.links))


def _others() -> Iterable[str]:
    for table, what in NOT_PERSONAL.items():
        yield f"- `{table}`: {what}"


def _rules() -> Iterable[str]:
    yield "| what goes by itself | when | why it is kept so long | what stays |"
    yield "|---|---|---|---|"
    for swept, rule in RULES.items():
        stays = "its number, by month" if rule.counted else "nothing"
        yield f"| {swept.value} | {rule.words} | {rule.why} | {stays} |"
