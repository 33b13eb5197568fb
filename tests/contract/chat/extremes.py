"""The longest and strangest of what Convenor says and asks, made by its own builders."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from bot.edition_messages import DraftView, draft_pages, warnings_pages
from bot.handlers import audit, forms, home
from bot.introductions.model import Ask, AskState, Journey, Request, Requester, RequestState, Suggested, Way, Wish
from bot.introductions.rules import OPEN_ASKS_AT_MOST, OPEN_AT_MOST
from bot.introductions.texts import both, candidate, coordinator, requester
from bot.introductions.texts.both import Introduced
from bot.members import joining_texts, rules, texts
from bot.members.consent import Consent, ConsentPurpose
from bot.members.profile import Contact
from bot.messages import Form, Message
from bot.ports import Member, Role
from bot.privacy import complaint_texts, notice
from bot.privacy.model import Complaint, Erasure, Held, Objection, Processing
from bot.privacy.ports import AuditEntry
from bot.privacy.register import PERSONAL
from bot.privacy.service import View
from config.topics import load_taxonomy
from digests.plan import ApprovalPolicy
from digests.warnings import Warning, WarningKind
from tests.builders import ALICE, NOW, a_profile, a_revision, an_edition

TOPICS = {topic.id: topic for topic in load_taxonomy(None).topics}

# Introductions
_LONG = "Wołłe & <b>" * 20
_NAME = _LONG[: requester.LINE_AT_MOST]
_WISH = Wish(
    (_LONG * 9)[: requester.NEED_AT_MOST],
    (_LONG * 6)[: requester.BLURB_AT_MOST],
    NOW.date(),
    tuple(f"{_NAME}{n}" for n in range(10)),
)
_REQUEST = Request(
    "0123456789ab",
    Requester(_NAME, "alice", ALICE, _NAME, "alice@example.org"),
    _WISH,
    NOW,
    NOW + timedelta(days=21),
    note=(_LONG * 6)[: coordinator.NOTE_AT_MOST],
    suggested=tuple(Suggested(f"m{n}", f"writes {'“opt-out”, ' * 20}; is about {_NAME}", n < 4) for n in range(5)),
)
_NAMES = {f"m{n}": coordinator.name_of(_NAME, _NAME) for n in range(12)}
_ASK = Ask(
    "0123456789cd",
    "m0",
    _REQUEST.suggested[0].because,
    AskState.OPEN,
    candidate.consent(_REQUEST.requester, _NAME, _NAME, ("chat", "email"), "carol@example.org"),
    ("chat", "email"),
    NOW,
    NOW + timedelta(days=7),
    NOW,
    NOW,
    (_LONG * 3)[: candidate.REASON_AT_MOST],
)
_WHO = Introduced(_NAME, _NAME)


def _journey(state: RequestState, ask: AskState) -> Journey:
    asks = tuple(replace(_ASK, id=f"a{n}", candidate_id=f"m{n}", state=AskState.NO) for n in range(1, 12))
    return Journey(replace(_REQUEST, state=state), (replace(_ASK, state=ask), *asks))


_INTRODUCTIONS: list[Message] = [
    requester.recorded(_REQUEST, told=True),
    requester.no_introduction(_REQUEST),
    candidate.ask_message(_REQUEST, _ASK),
    candidate.reminder(_REQUEST, _ASK),
    *(candidate.settled(_REQUEST, replace(_ASK, state=state)) for state in AskState if state in candidate.SETTLED),
    candidate.settled(replace(_REQUEST, state=RequestState.AGREED), replace(_ASK, state=AskState.YES)),
    both.together(_REQUEST, _WHO, Way.GROUP),
    both.for_requester(_REQUEST, _WHO, "by e-mail at carol@example.org"),
    both.for_candidate(_REQUEST, _WHO, "in Slack, as Alice", writes_first=True),
    both.did_you_meet(_REQUEST, _NAME),
    coordinator.card(_journey(RequestState.OPEN, AskState.NO), _NAMES),
    coordinator.card(_journey(RequestState.ASKING, AskState.OPEN), _NAMES),
    coordinator.card(_journey(RequestState.AGREED, AskState.YES), _NAMES),
    coordinator.card(_journey(RequestState.WITHDRAWN, AskState.WITHDRAWN), _NAMES),
    coordinator.queue([_journey(RequestState.ASKING, AskState.OPEN)] * 20),
]
_INTRODUCTION_FORMS: list[Form] = [
    requester.form({"need": _WISH.need, "blurb": _WISH.blurb, "organisation": _NAME}, "slack T01 U03CAROL"),
    requester.form({}, name=coordinator.OUTSIDER_FORM, before=coordinator.outsider_fields({"name": _NAME})),
    coordinator.ask_form(_journey(RequestState.OPEN, AskState.NO), _NAMES, "m3", _REQUEST.id),
    candidate.no_form(_ASK),
    candidate.not_now_form(_ASK),
]

# Privacy
_WORDS = ("<&>“w” " * 428)[: complaint_texts.AT_MOST]
VIEW = View(
    Member("m1", "Alice", NOW),
    {kept.table: Held(12_345, NOW, NOW + timedelta(days=300)) for kept in PERSONAL},
    NOW,
    [Consent(f"c{n}", "m1", purpose, "profile", "", 1, NOW, NOW) for n in range(30) for purpose in ConsentPurpose],
    [Objection("m1", processing, NOW) for processing in Processing],
    Erasure("m1", NOW, NOW + timedelta(days=14)),
    [Complaint(f"C-{n:06}", "m1", ALICE.address, _WORDS, NOW) for n in range(10)],
    frozenset(Role),
)
LONG_NOTICE = notice.notice(VIEW, "Example Network " * 6, "digest@example.org")
_OPEN = Complaint("C-7K2MAB", "m1", ALICE.address, _WORDS, NOW)
_ANSWERED = replace(_OPEN, answer=_WORDS, answered_by="m2", answered_at=NOW)
_ENTRIES = [AuditEntry("m1", "asked for erasure", f"delivery:{'x' * 580}", NOW, 9_999) for _ in range(audit.ON_A_PAGE)]
_PRIVACY: list[Message] = [
    *LONG_NOTICE,
    notice.before_erasing(VIEW),
    notice.objections(VIEW),
    complaint_texts.received(_OPEN),
    complaint_texts.card(_OPEN),
    complaint_texts.shown(_ANSWERED, "Alice " * 10),
    complaint_texts.answer(_ANSWERED),
    complaint_texts.reminder(_OPEN, 20),
    complaint_texts.nobody_to_answer(_OPEN),
    audit.page(_ENTRIES, {"m1": "Alice " * 10}, more=True),
]


# Profiles
LONGEST = a_profile(
    "m",
    name="n" * rules.SHORT,
    organisation="o" * rules.SHORT,
    role="r" * rules.SHORT,
    can_help="h" * rules.CAN_HELP_AT_MOST,
    topics=tuple(TOPICS),
    languages=tuple(f"{number} " + "l" * (rules.EACH_AT_MOST - 3) for number in range(rules.LIST_AT_MOST)),
    regions=tuple(f"{number} " + "g" * (rules.EACH_AT_MOST - 3) for number in range(rules.LIST_AT_MOST)),
    avoid=tuple(f"{number} " + "a" * (rules.EACH_AVOIDED_AT_MOST - 3) for number in range(rules.AVOID_AT_MOST)),
    contacts=(Contact.CHAT, Contact.EMAIL),
    email="e" * 200 + "@example.org",
    pronouns="p" * rules.PRONOUNS_AT_MOST,
    snoozed_until=date(2025, 2, 1),
)
_PROFILES: list[Message] = [
    texts.preview(LONGEST, TOPICS, "abcd1234", may_join=False, note=texts.CHANGED_SINCE),
    texts.page(LONGEST, TOPICS, NOW.date(), kept=True, asked=False, invited=False),
    joining_texts.card(LONGEST, TOPICS),
    *joining_texts.list_done(
        40, [(n, "This is no address.") for n in range(60)], [(f"p{n}@example.org", "abcd-efgh") for n in range(60)]
    ),
]
_LONGEST_TYPED = rules.typed(LONGEST)

_EDITION = an_edition()
_HOME = home.page(
    home.HomeView(
        name=_NAME,
        roles=frozenset(Role),
        next_due=NOW,
        draft=_EDITION,
        approved=None,
        latest=_EDITION,
        follows=(),
        requests=(_REQUEST,) * OPEN_AT_MOST,
        asked=((_REQUEST, _ASK),) * OPEN_ASKS_AT_MOST,
        waiting=home.Waiting(99, 99, 99, 99, NOW, 99),
    ),
    TOPICS,
)

_WARNINGS = [
    Warning(entry_id, kind, f"{kind}: " + "It leads nowhere. " * 40, "https://www.example.org/instead")
    for kind in WarningKind
    for entry_id in ("", "e1")
]
_VIEW = DraftView(_EDITION, (a_revision(_EDITION),), (), (), ApprovalPolicy(), TOPICS, _WARNINGS)
_DRAFTS: list[Message] = [*(page.message for page in draft_pages(_VIEW)), *warnings_pages(_VIEW)]

MESSAGES: tuple[Message, ...] = (*_INTRODUCTIONS, *_PRIVACY, *_PROFILES, _HOME, *_DRAFTS)
FORMS: tuple[Form, ...] = (
    *_INTRODUCTION_FORMS,
    complaint_texts.form(_WORDS),
    complaint_texts.answer_form(_OPEN, _WORDS),
    texts.form(_LONGEST_TYPED, TOPICS, note=forms.KEPT_TYPING, value="1"),
    joining_texts.list_form(),
)
