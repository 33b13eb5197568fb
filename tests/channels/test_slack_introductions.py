"""Every message and form of introductions fits into Slack, however long the names and texts in it are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.slack.render import render_form, render_message
from bot.introductions.model import Ask, AskState, Journey, Request, Requester, RequestState, Suggested, Way, Wish
from bot.introductions.texts import both, candidate, coordinator, requester
from bot.introductions.texts.both import Introduced
from bot.messages import Form, Message
from tests.builders import ALICE, NOW

LONG = "Wołłe & <b>" * 20
NAME = LONG[: requester.LINE_AT_MOST]
WISH = Wish(
    (LONG * 9)[: requester.NEED_AT_MOST],
    (LONG * 6)[: requester.BLURB_AT_MOST],
    NOW.date(),
    tuple(f"{NAME}{n}" for n in range(10)),
)
REQUEST = Request(
    "0123456789ab",
    Requester(NAME, "alice", ALICE, NAME, "alice@example.org"),
    WISH,
    NOW,
    NOW + timedelta(days=21),
    note=(LONG * 6)[: coordinator.NOTE_AT_MOST],
    suggested=tuple(Suggested(f"m{n}", f"writes {'“opt-out”, ' * 20}; is about {NAME}", n < 4) for n in range(5)),
)
NAMES = {f"m{n}": coordinator.name_of(NAME, NAME) for n in range(12)}
ASK = Ask(
    "0123456789cd",
    "m0",
    REQUEST.suggested[0].because,
    AskState.OPEN,
    candidate.consent(REQUEST.requester, NAME, NAME, ("chat", "email"), "carol@example.org"),
    ("chat", "email"),
    NOW,
    NOW + timedelta(days=7),
    NOW,
    NOW,
    (LONG * 3)[: candidate.REASON_AT_MOST],
)
WHO = Introduced(NAME, NAME)


def journey(state: RequestState, ask: AskState) -> Journey:
    asks = tuple(replace(ASK, id=f"a{n}", candidate_id=f"m{n}", state=AskState.NO) for n in range(1, 12))
    return Journey(replace(REQUEST, state=state), (replace(ASK, state=ask), *asks))


MESSAGES: list[Message] = [
    requester.recorded(REQUEST, told=True),
    requester.no_introduction(REQUEST),
    candidate.ask_message(REQUEST, ASK),
    candidate.reminder(REQUEST, ASK),
    *(candidate.settled(REQUEST, replace(ASK, state=state)) for state in AskState if state in candidate.SETTLED),
    candidate.settled(replace(REQUEST, state=RequestState.AGREED), replace(ASK, state=AskState.YES)),
    both.together(REQUEST, WHO, Way.GROUP),
    both.for_requester(REQUEST, WHO, "by e-mail at carol@example.org"),
    both.for_candidate(REQUEST, WHO, "in Slack, as Alice", writes_first=True),
    both.did_you_meet(REQUEST, NAME),
    coordinator.card(journey(RequestState.OPEN, AskState.NO), NAMES),
    coordinator.card(journey(RequestState.ASKING, AskState.OPEN), NAMES),
    coordinator.card(journey(RequestState.AGREED, AskState.YES), NAMES),
    coordinator.card(journey(RequestState.WITHDRAWN, AskState.WITHDRAWN), NAMES),
    coordinator.queue([journey(RequestState.ASKING, AskState.OPEN)] * 20),
]
FORMS: list[Form] = [
    requester.form({"need": WISH.need, "blurb": WISH.blurb, "organisation": NAME}, "slack T01 U03CAROL"),
    requester.form({}, name=coordinator.OUTSIDER_FORM, before=coordinator.outsider_fields({"name": NAME})),
    coordinator.ask_form(journey(RequestState.OPEN, AskState.NO), NAMES, "m3", REQUEST.id),
    candidate.no_form(ASK),
    candidate.not_now_form(ASK),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.summary[:20])
def test_a_message_fits(message: Message) -> None:
    assert render_message(message).blocks


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.title)
def test_a_form_fits(form: Form) -> None:
    assert render_form(form)["blocks"]
