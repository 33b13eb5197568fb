"""The profiles of everybody who can be asked, in memory and ready to be ranked; brought up to date as they change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from bot.introductions import matching, rules
from bot.introductions.matching import Matcher
from bot.introductions.model import Asked, Request, Suggested
from bot.introductions.reasons import BY_NAME, PREFERRED
from bot.introductions.rules import Person
from bot.members.profile import Profile
from bot.ports import UnitOfWork

SHOWN = 5
# How many are ranked at a time, until enough of them can be asked.
_LOOKED_AT = 40
_AT_ONCE = 50
_LOAD_COUNTS_FOR = timedelta(days=60)


def person_of(profile: Profile) -> Person:
    """What the rules need to know of a profile."""
    return Person(
        profile.member_id,
        profile.name,
        profile.organisation,
        profile.per_fortnight,
        profile.snoozed_until,
        profile.avoid,
    )


def nothing_known() -> Matcher:
    """A matcher that knows no topic and no synonym, and goes by the words alone."""
    return Matcher(lambda text: (), lambda text: {}, {})


class Directory:
    """Ranks the directory against a request. One for the whole process."""

    def __init__(self, make: Callable[[], Matcher] = nothing_known) -> None:
        """``make`` gives an empty matcher, when the directory is first asked for."""
        self._make = make
        self._profiles: dict[str, Profile] = {}
        self._stamp: int | None = None

    @cached_property
    def _matcher(self) -> Matcher:
        return self._make()

    @property
    def profiles(self) -> Mapping[str, Profile]:
        """Everybody who can be found, by member id, as of the last :meth:`refresh`."""
        return self._profiles

    async def refresh(self, uow: UnitOfWork) -> None:
        """Take over what changed in the directory since the last time, here or in another process."""
        stamp = await uow.profiles.stamp()
        if stamp == self._stamp:
            return
        present = await uow.profiles.ids()
        for member_id in self._profiles.keys() - present:
            self._matcher.remove(member_id)
            self._profiles.pop(member_id, None)
        # All of them take a third of a second to open where there are ten thousand, so only what changed is.
        changed = {profile.member_id: profile for profile in await uow.profiles.since(self._stamp or 0)}
        for member_id in present - self._profiles.keys() - changed.keys():
            # Somebody took back that they object, or wait to be erased.
            if (profile := await uow.profiles.get(member_id)) is not None:
                changed[member_id] = profile
        for number, profile in enumerate(changed.values(), start=1):
            self._matcher.put(_declared(profile))
            if number % _AT_ONCE == 0:
                # Ten thousand take more than a second to read: meanwhile people's presses are answered.
                await asyncio.sleep(0)
        self._profiles.update(changed)
        self._stamp = stamp

    def topics_of(self, need: str) -> tuple[str, ...]:
        """The ids of the topics that a request is about."""
        return tuple(self._matcher.topics_of(need))

    def suggest(
        self, request: Request, past: Sequence[Asked], now: datetime, coordinator_id: str = ""
    ) -> tuple[Suggested, ...]:
        """Who could be asked, the best first. Whoever cannot be asked is left out, whatever the reason."""
        busy = rules.busy(past, now - _LOAD_COUNTS_FOR)
        of_each = rules.by_person(past)
        found: list[Suggested] = []
        without: set[str] = set()
        limit = _LOOKED_AT
        while len(found) < SHOWN:
            ranked = self._matcher.rank(request.wish.need, limit=limit, busy=busy, without=without)
            if not ranked:
                break
            # However many cannot be asked, few rounds find those who can.
            limit *= 4
            without.update(each.id for each in ranked)
            found += [
                Suggested(each.id, self._because(request, each.id, each.because), each.good)
                for each in ranked
                if self._may_ask(request, each.id, of_each, now, coordinator_id)
            ]
        found.sort(key=lambda each: (not each.good, not self._is_preferred(request, each.member_id)))
        wanted = request.wish.wanted_id
        if wanted and self._may_ask(request, wanted, of_each, now, coordinator_id):
            found = [Suggested(wanted, BY_NAME), *(each for each in found if each.member_id != wanted)]
        return tuple(found[:SHOWN])

    def _because(self, request: Request, member_id: str, because: str) -> str:
        return f"{because}; {PREFERRED}" if self._is_preferred(request, member_id) else because

    def _is_preferred(self, request: Request, member_id: str) -> bool:
        return rules.is_preferred(request, person_of(self._profiles[member_id]))

    def _may_ask(
        self, request: Request, member_id: str, past: Mapping[str, Sequence[Asked]], now: datetime, coordinator_id: str
    ) -> bool:
        profile = self._profiles.get(member_id)
        if profile is None:
            return False
        theirs = past.get(member_id, ())
        return rules.why_not(request, person_of(profile), theirs, now, coordinator_id) is None


def _declared(profile: Profile) -> matching.Profile:
    said = ". ".join(part.strip().rstrip(".") for part in (profile.can_help, profile.role) if part.strip())
    return matching.Profile(profile.member_id, said, profile.organisation, profile.topics)


async def people(uow: UnitOfWork, member_ids: Sequence[str]) -> Mapping[str, Person]:
    """Those of these members who are in the directory."""
    profiles = [await uow.profiles.get(each) for each in dict.fromkeys(member_ids)]
    return {profile.member_id: person_of(profile) for profile in profiles if profile is not None}
