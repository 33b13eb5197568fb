"""A member's own profile: what they typed, their yes to it, pausing, and leaving."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bot.introductions import upkeep as introductions
from bot.keeping.model import Did
from bot.members import cards, rules, texts
from bot.members.consent import PROFILE, Consent, ConsentPurpose
from bot.members.profile import Contact, Profile
from bot.messages import Identity
from bot.ports import Member, UnitOfWork
from bot.services import Services
from digests.calendar import london_day
from digests.editing import mark
from digests.errors import NotFound, Stale

# What a form was opened on is kept beside its fields; no field is called so.
_REVISION = "~revision"
FIELDS = tuple(rules.NAMES)


class Outcome(StrEnum):
    """What a yes led to."""

    JOINED = "joined"
    CHANGED = "changed"
    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands with the directory. ``typed`` is what they began to write and did not say yes to."""

    profile: Profile | None
    application: Profile | None
    typed: Mapping[str, str]
    invited: bool

    @property
    def may_join(self) -> bool:
        """Whether their yes is enough."""
        return self.profile is not None or self.invited

    @property
    def revision(self) -> int:
        """The revision of what they would change; 0 where there is nothing yet."""
        present = self.profile or self.application
        return present.revision if present else 0


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed, as a profile. ``mark`` stands for all of it, and goes with the button that says yes."""

    profile: Profile
    mark: str
    may_join: bool


class ShownAnew(Exception):
    """The yes was to something else than what is there now, which has to be shown first."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        super().__init__()


async def standing(uow: UnitOfWork, identity: Identity) -> Standing:
    """How the person with this account stands."""
    typed = dict(await uow.inbox.kept_form(identity, texts.FORM))
    member = await uow.members.find(identity)
    if member is None:
        return Standing(None, None, typed, False)
    return Standing(
        await uow.profiles.get(member.id),
        await uow.applications.get(member.id),
        typed,
        await uow.codes.invited(member.id),
    )


def to_fill_in(stands: Standing, name: str, today: date) -> dict[str, str]:
    """What the form shows: what was typed last, or the profile as it stands, or the defaults."""
    if stands.typed:
        return {field: stands.typed.get(field, "") for field in FIELDS}
    present = stands.profile or stands.application
    if present is not None:
        return rules.typed(present.on(today))
    empty = dict.fromkeys(FIELDS, "")
    often = str(rules.PER_FORTNIGHT[0])
    return {**empty, "name": name, "languages": "English", "contacts": Contact.CHAT.value, "per_fortnight": often}


async def keep(services: Services, who: Identity, typed: Mapping[str, str], revision: str) -> Draft | dict[str, str]:
    """Keep what was typed until it is accepted or thrown away. The draft, or what is wrong with each field."""
    now = services.clock.now()
    typed = rules.whole(typed, london_day(now))
    async with services.store.begin() as uow:
        await uow.inbox.keep_form(who, texts.FORM, {**typed, _REVISION: revision}, now)
        stands = await standing(uow, who)
        await uow.commit()
    wrong = rules.problems(typed, services.topics, london_day(now))
    return wrong or draft_of(services, stands, "", now)


def draft_of(services: Services, stands: Standing, member_id: str, now: datetime) -> Draft:
    """What is kept of the form, as a profile. It must have no problems."""
    present = stands.profile or stands.application
    profile = rules.declared(stands.typed, member_id, stands.revision + 1, present.joined_at if present else now)
    return Draft(profile, mark_of(profile, services), stands.may_join)


def mark_of(profile: Profile, services: Services) -> str:
    """A short mark of everything in a profile that a yes is to."""
    return mark("\n".join((texts.consent_text(profile, services.topics), *rules.typed(profile).values())))


async def agree(services: Services, who: Identity, shown: str) -> tuple[Outcome, Profile]:
    """Record the yes to exactly what was shown with this mark, and do as it says.

    Raises NotFound where nothing is kept, Stale where it cannot be accepted now, and ShownAnew where it differs.
    """
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.resolve(who, now)
        stands = await standing(uow, who)
        if not stands.typed:
            raise NotFound(member.id, texts.NOT_THERE)
        if rules.problems(stands.typed, services.topics, london_day(now)):
            raise Stale(member.id, texts.CHECK_AGAIN)
        if stands.typed.get(_REVISION, "0") != str(stands.revision):
            raise Stale(member.id, texts.CHANGED_ELSEWHERE)
        draft = draft_of(services, stands, member.id, now)
        if draft.mark != shown:
            raise ShownAnew(draft)
        outcome, profile = await _take(uow, services, member, stands, draft.profile, now)
        await uow.inbox.drop_form(who, texts.FORM)
        await uow.commit()
    services.wake()
    return outcome, profile


async def _take(
    uow: UnitOfWork, services: Services, member: Member, stands: Standing, wanted: Profile, now: datetime
) -> tuple[Outcome, Profile]:
    past = [consent for consent in await uow.consents.of(member.id) if consent.purpose is ConsentPurpose.DIRECTORY]
    # Counted on from the record, so that no two yeses of a member are to the same revision, whatever came between.
    revision = max((consent.revision for consent in past), default=0) + 1
    profile = replace(wanted, revision=revision)
    words = texts.consent_text(profile, services.topics)
    consent = Consent(secrets.token_hex(8), member.id, ConsentPurpose.DIRECTORY, PROFILE, words, revision, now)
    await uow.consents.record(consent)
    if not stands.may_join:
        await uow.applications.put(profile, now)
        await cards.withdraw(uow, services, stands.application, now)
        await cards.announce(uow, services, profile, now)
        return Outcome.ASKED, profile
    if stands.profile is not None:
        if profile.snoozed(london_day(now)):
            await introductions.snooze(uow, profile.member_id, now)
        await uow.profiles.put(profile)
        return Outcome.CHANGED, profile
    await uow.profiles.put(profile)
    await uow.codes.spend(member.id)
    await uow.applications.remove(member.id)
    await cards.withdraw(uow, services, stands.application, now)
    return Outcome.JOINED, profile


async def discard(services: Services, who: Identity) -> bool:
    """Throw away what was typed; False where there was nothing."""
    async with services.store.begin() as uow:
        typed = await uow.inbox.kept_form(who, texts.FORM)
        await uow.inbox.drop_form(who, texts.FORM)
        await uow.commit()
    return bool(typed)


async def rest(services: Services, who: Identity, *, pause: bool) -> Profile | None:
    """Pause for :data:`bot.members.rules.PAUSE`, or be there again. None where they are not in the directory."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.find(who)
        profile = await uow.profiles.get(member.id) if member else None
        if profile is None:
            return None
        profile = replace(profile, snoozed_until=london_day(now) + rules.PAUSE if pause else None)
        if pause:
            await introductions.snooze(uow, profile.member_id, now)
        await uow.profiles.put(profile)
        await uow.commit()
    services.wake()
    return profile


class Leaving(StrEnum):
    """What somebody left."""

    DIRECTORY = "directory"
    APPLICATION = "application"
    NOTHING = "nothing"


async def leave(services: Services, who: Identity) -> Leaving:
    """Leave the directory, or take back the request to join it."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        member = await uow.members.find(who)
        left = await leave_in(uow, services, member.id, now) if member else Leaving.NOTHING
        if member is not None and left is not Leaving.NOTHING:
            await uow.departures.note(Did.LEFT, member.id, now)
        await uow.inbox.drop_form(who, texts.FORM)
        await uow.commit()
    services.wake()
    return left


async def leave_in(uow: UnitOfWork, services: Services, member_id: str, now: datetime) -> Leaving:
    """The same inside a unit of work, for whoever erases a member."""
    application = await uow.applications.get(member_id)
    await introductions.leave_directory(uow, member_id, now)
    # First the application, so that nobody is let in after we have looked whether there is a profile.
    waited = await uow.applications.remove(member_id)
    gone = await uow.profiles.remove(member_id)
    if waited:
        await cards.withdraw(uow, services, application, now)
    for consent in await uow.consents.of(member_id):
        if consent.purpose is ConsentPurpose.DIRECTORY and consent.stands:
            await uow.consents.withdraw(consent.id, now)
    if gone:
        return Leaving.DIRECTORY
    return Leaving.APPLICATION if waited else Leaving.NOTHING
