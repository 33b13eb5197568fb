"""Random introductions, of valid and invalid acts: nothing is revealed too early, no limit is passed, all ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.introductions import acts, rules
from bot.introductions.acts import Decision, Does, Known
from bot.introductions.model import FINAL, Ask, Asked, AskState, Journey, Met, Request, Requester, Way, Wish
from bot.introductions.rules import Person
from digests.errors import ConvenorError
from tests.builders import NOW

# Everybody does everything, whether or not it is for them to do. Dan and Erin are the coordinators.
PEOPLE = ("alice", "carol", "dave", "dan")
EVERYBODY = (*PEOPLE, "erin", "mallory", "")
ACTS = (
    *(
        "submit",
        "submit",
        "choose",
        "choose",
        "choose",
        "yes",
        "no",
        "no",
        "not now",
        "take back",
        "withdraw",
        "close",
        "remind",
        "withdraw ask",
    ),
    *("send", "send", "give up", "met", "snooze", "tick", "tick"),
)
DAYS = (*(0.0 for _ in range(12)), 0.1, 0.1, 1.0, 1.0, 3.0, 7.0, 15.0)


class World:
    """Journeys in memory, and what each person has been shown."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.journeys: dict[str, Journey] = {}
        self.gone: set[str] = set()
        self.asked: list[Asked] = []
        # (who sees, whom they see, in which request)
        self.seen: set[tuple[str, str, str]] = set()
        self.consents: set[tuple[str, str]] = set()
        self.out: set[str] = set()
        self.told: dict[str, int] = {}

    @property
    def known(self) -> Known:
        people = {each: Person(each, each.title(), f"{each}'s house") for each in PEOPLE if each not in self.gone}
        past = [
            Asked(j.id, ask.candidate_id, j.request.requester.key, ask.asked_at, ask.state is AskState.OPEN)
            for j in self.journeys.values()
            for ask in j.asks
            if ask.asked_at
        ]
        return Known(people, past)

    def submit(self, who: str) -> None:
        mine = [j.request for j in self.journeys.values() if j.request.requester.member_id == who]
        if not who or who in self.gone or not rules.may_submit(mine):
            return
        request_id = f"r{len(self.journeys)}"
        at = rules.answer_at(request_id, self.now, None)
        self.journeys[request_id] = Journey(Request(request_id, Requester(who, who), Wish("help"), self.now, at))

    def keep(self, decision: Decision) -> None:
        journey = decision.journey
        requester = journey.request.requester.member_id
        self.journeys[journey.id] = journey
        for follows in decision.follows:
            ask = journey.ask(follows.ask_id)
            if follows.does is Does.ASK:
                assert ask is not None
                self.check_limits(journey, ask)
                self.seen.add((ask.candidate_id, requester, journey.id))
            elif follows.does in (Does.REMIND, Does.SETTLE):
                assert ask is not None
                # Only those who were asked hear more of it.
                assert (ask.candidate_id, requester, journey.id) in self.seen
            elif follows.does is Does.INTRODUCE:
                assert ask is not None
                assert (ask.candidate_id, ask.id) in self.consents
                self.seen.add((requester, ask.candidate_id, journey.id))
            elif follows.does is Does.NO_INTRODUCTION:
                self.told[journey.id] = self.told.get(journey.id, 0) + 1
                assert self.now >= journey.request.answer_at
            elif follows.does is Does.FOLLOW_UP:
                assert ask is not None
                assert journey.id in self.out

    def check_limits(self, journey: Journey, ask: Ask) -> None:
        candidate, requester = ask.candidate_id, journey.request.requester.member_id
        assert candidate not in (requester, journey.request.coordinator_id)
        assert candidate not in self.gone
        earlier = [each for each in self.asked if each.candidate_id == candidate]
        assert all(each.at <= self.now - timedelta(days=14) for each in earlier)
        pair = {candidate, requester}
        assert not [
            each
            for each in self.asked
            if {each.candidate_id, each.requester} == pair and each.at > self.now - timedelta(days=183)
        ]
        assert sum(each.open_ask is not None for each in self.journeys.values() if _asks(each, candidate)) == 1
        self.asked.append(Asked(journey.id, candidate, requester, self.now, True))

    def proper(self, what: str, number: int) -> str:
        """Whose act it is."""
        journey = list(self.journeys.values())[number] if number < len(self.journeys) else None
        if journey is None or what == "submit":
            return ("alice", "carol", "dave")[number % 3]
        ask = journey.asks[-1] if journey.asks else None
        candidate = (journey.open_ask or ask or Ask("none", "nobody")).candidate_id
        if what in ("yes", "no", "not now", "take back"):
            return candidate
        return journey.request.requester.member_id if what in ("withdraw", "met") else "erin"

    def act(self, what: str, who: str, number: int, chosen: list[str], yes: bool) -> None:
        if what == "submit":
            self.submit(who)
        elif what == "tick":
            for journey in list(self.journeys.values()):
                self.keep(acts.tick(journey, self.known, self.now, may_be_there=False))
        elif what in ("leave", "snooze"):
            if what == "leave":
                self.gone.add(who)
            for journey in list(self.journeys.values()):
                out = journey.id in self.out
                done = (
                    acts.leave(journey, who, self.known, self.now, has_left=out)
                    if what == "leave"
                    else acts.snooze(journey, who, self.known, self.now)
                )
                self.keep(done)
        elif number < len(self.journeys):
            journey = list(self.journeys.values())[number]
            decision = self.of_one(what, journey, who, chosen, yes)
            if decision is not None:
                self.keep(decision)

    def of_one(self, what: str, journey: Journey, who: str, chosen: list[str], yes: bool) -> Decision | None:
        out = journey.id in self.out
        ask = journey.open_ask or (journey.asks[-1] if journey.asks else Ask("none", "nobody"))
        if what == "choose" and who in ("dan", "erin"):
            asks = [Ask(f"{journey.id}-{len(journey.asks) + n}", each) for n, each in enumerate(chosen)]
            return acts.choose(journey, who, asks, self.known, self.now, then_next=yes)
        if what in ("yes", "no", "not now"):
            decision = acts.answer(journey, who, ask.id, AskState(what), self.known, self.now, Way.GROUP)
            if what == "yes":
                self.consents.add((who, ask.id))
            return decision
        if what == "take back":
            return acts.take_yes_back(journey, who, ask.id, has_left=out, now=self.now)
        if what == "withdraw":
            return acts.withdraw(journey, who, has_left=out, now=self.now)
        if what == "close" and who in ("dan", "erin"):
            return acts.close(journey, who, self.now)
        if what == "remind" and who in ("dan", "erin"):
            return acts.remind(journey, who, self.now)
        if what == "withdraw ask" and who in ("dan", "erin"):
            return acts.withdraw_ask(journey, who, self.known, self.now)
        if what == "met":
            return acts.say_met(journey, who, Met.YES if yes else Met.NO, self.now)
        if what in ("send", "give up") and journey.introduction is not None and not out:
            if what == "give up":
                return acts.given_up(journey, self.now)
            self.out.add(journey.id)
            return acts.sent(journey, self.now)
        return None


def _asks(journey: Journey, candidate: str) -> bool:
    return journey.open_ask is not None and journey.open_ask.candidate_id == candidate


def _names_nobody(refused: ConvenorError) -> bool:
    return not [name for name in PEOPLE if name in refused.sentence.lower().split()]


@settings(max_examples=400)
@given(st.integers(0, 2**32))
def test_nothing_is_revealed_too_early_no_limit_is_passed_and_every_journey_ends(seed: int) -> None:
    # One number an example: drawing each step apart would take a hundred times as long as the steps.
    random = Random(seed)
    world = World()
    world.submit("alice")
    refusals: list[ConvenorError] = []
    for _ in range(random.randrange(10, 80)):
        world.now += timedelta(days=random.choice(DAYS))
        what, number = random.choice(ACTS), max(len(world.journeys) - random.randrange(1, 4), 0)
        what = "leave" if random.random() < 0.02 else what
        amiss = what in ("leave", "snooze") or random.random() < 0.1
        who = random.choice(EVERYBODY) if amiss else world.proper(what, number)
        try:
            world.act(what, who, number, random.choices(PEOPLE, k=random.randrange(1, 3)), random.random() < 0.5)
        except ConvenorError as refused:
            refusals.append(refused)
    assert all(_names_nobody(refused) for refused in refusals)
    for _ in range(12):
        world.now += timedelta(days=8)
        world.act("tick", "", 0, [], False)
    for journey in world.journeys.values():
        assert journey.request.state in FINAL
        assert journey.request.closed_at is not None
        assert journey.open_ask is None
        assert not journey.planned
        told = world.told.get(journey.id, 0)
        assert told == (1 if journey.request.state.value == "answered" else 0)
        requester = journey.request.requester.member_id
        shown = {whom for who, whom, of in world.seen if who == requester and of == journey.id}
        # Whom the requester was brought together with had agreed, and had been asked.
        assert all((journey.request.requester.member_id, whom, journey.id) in world.seen for whom in shown)
        assert all(any(whom == who for who, _ in world.consents) for whom in shown)
