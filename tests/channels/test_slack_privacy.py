"""The longest pages about privacy that there can be, within what Slack takes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.slack.limits import ALL_BLOCKS, characters
from adapters.slack.render import render_form, render_message
from bot.handlers import audit
from bot.members.consent import Consent, ConsentPurpose
from bot.messages import Message
from bot.ports import Member, Role
from bot.privacy import complaint_texts, notice
from bot.privacy.model import Complaint, Erasure, Held, Objection, Processing
from bot.privacy.ports import AuditEntry
from bot.privacy.register import PERSONAL
from bot.privacy.service import View
from tests.builders import ALICE, NOW

LONG = "<&>“w” " * 428
VIEW = View(
    Member("m1", "Alice", NOW),
    {kept.table: Held(12_345, NOW, NOW + timedelta(days=300)) for kept in PERSONAL},
    NOW,
    [Consent(f"c{n}", "m1", purpose, "profile", "", 1, NOW, NOW) for n in range(30) for purpose in ConsentPurpose],
    [Objection("m1", processing, NOW) for processing in Processing],
    Erasure("m1", NOW, NOW + timedelta(days=14)),
    [Complaint(f"C-{n:06}", "m1", ALICE.address, LONG, NOW) for n in range(10)],
    frozenset(Role),
)
OPEN = Complaint("C-7K2MAB", "m1", ALICE.address, LONG, NOW)
ANSWERED = Complaint("C-7K2MAB", "m1", ALICE.address, LONG, NOW, LONG, "m2", NOW)
ENTRIES = [AuditEntry("m1", "asked for erasure", f"delivery:{'x' * 580}", NOW, 9_999) for _ in range(audit.ON_A_PAGE)]

PAGES: dict[str, tuple[Message, ...]] = {
    "notice": notice.notice(VIEW, "Example Network " * 6, "digest@example.org"),
    "before erasing": (notice.before_erasing(VIEW),),
    "objections": (notice.objections(VIEW),),
    "received": (complaint_texts.received(OPEN),),
    "shown": (complaint_texts.shown(ANSWERED, "Alice " * 10),),
    "answer": (complaint_texts.answer(ANSWERED),),
    "audit": (audit.page(ENTRIES, {"m1": "Alice " * 10}, more=True),),
}


@pytest.mark.parametrize("page", PAGES)
def test_slack_takes(page: str) -> None:
    for message in PAGES[page]:
        # Refused where it is too much in any other way.
        assert characters(render_message(message).blocks) <= ALL_BLOCKS


def test_a_long_notice_is_several_messages_with_every_purpose_and_one_row_of_buttons() -> None:
    messages = PAGES["notice"]
    assert 1 < len(messages) < 8
    assert messages[0].summary == f"What Convenor holds about you (1 of {len(messages)})"
    words = str(messages)
    assert all(kept.what[1] in words for kept in PERSONAL)
    assert "70 earlier consents: in the export" in words
    assert words.count("notice.Buttons(") + words.count("Buttons(buttons=") == 1


def test_slack_takes_the_forms_with_what_was_typed() -> None:
    typed = LONG[: complaint_texts.AT_MOST]
    for form in (complaint_texts.form(typed), complaint_texts.answer_form(OPEN, typed)):
        assert render_form(form)["type"] == "modal"
