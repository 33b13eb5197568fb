"""What a member may write about themselves, and what is made of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.members.profile import Contact, Profile
from bot.typed import day_of, settled
from config.mail import is_mail_address

SHORT, CAN_HELP_AT_LEAST, CAN_HELP_AT_MOST = 150, 20, 1500
PRONOUNS_AT_MOST, EMAIL_AT_MOST = 40, 254
LIST_AT_MOST, EACH_AT_MOST = 10, 50
AVOID_AT_MOST, EACH_AVOIDED_AT_MOST = 20, 100
AVOID_TEXT_AT_MOST = AVOID_AT_MOST * (EACH_AVOIDED_AT_MOST + 1)
PER_FORTNIGHT = (1, 2, 3, 5)
"""How often in two weeks somebody may say that they can be asked; the first is the default."""
SNOOZE_AT_MOST = timedelta(days=366)
PAUSE = timedelta(days=28)
"""How long the one press pauses."""

NAMES = (
    "name",
    "pronouns",
    "organisation",
    "role",
    "can_help",
    "topics",
    "languages",
    "regions",
    "contacts",
    "email",
    "per_fortnight",
    "snoozed_until",
    "avoid",
)
"""The fields of the form."""

NAME_NEEDED = "Please write the name that people know you by."
HELP_TOO_SHORT = (
    f"Please say a little more (at least {CAN_HELP_AT_LEAST} characters): what could somebody ask you about?"
)
CONTACT_NEEDED = "Please choose at least one way, so that an introduction can reach you."
EMAIL_NEEDED = "You chose e-mail, so an address is needed."
EMAIL_WRONG = "This does not look like an e-mail address. Write one such as alice@example.org."
DATE_WRONG = "Please write the day like this: 2025-02-14 or 14 February 2025."
DATE_PAST = "That day is not in the future. Leave it empty if you may be asked now."
DATE_FAR = "Please choose a day within a year; you can move it then."
FREQUENCY_WRONG = "Please choose one of the list."
TOPIC_WRONG = "One of these topics is not there any more. Please choose again."

_COMMAS = re.compile(r"[,;\n]")

# What the law calls special categories (UK GDPR, article 9), where somebody seems to say it of themselves. "Health
# data" and "trade unions" are things that members work on, so a word alone says nothing.
_OF_ONESELF = re.compile(
    r"\b(?:i(?:['’]m| am|['’]ve| have| live with| was diagnosed with| suffer from| identify as| vote|"
    r"['’]ve been| have been)|as an?|my(?: own)?)\s+(?:\w+\s+){0,3}?"
    r"(?:disab\w+|illness\w*|cancer|diabet\w+|autis\w+|adhd|depress\w+|bipolar|hiv|chronic\w*|mental health|health|"
    r"pregnan\w+|christian|catholic|muslim|jew(?:ish)?|hindu|sikh|buddhist|atheist|humanist|faith|religio\w+|"
    r"gay|lesbian|bisexual|queer|trans(?:gender)?|sexualit\w+|black|asian|roma|ethnic\w*|race|"
    r"trade unionist|union (?:member|rep|branch)\w*|labour|conservative|tory|lib dem|green party|party member\w*)\b"
    r"|\b(?:member|rep) of (?:unison|unite|gmb|pcs|ucu|prospect|(?:a|the|my) (?:trade )?union|"
    r"the (?:labour|conservative|green) party)\b",
    re.IGNORECASE,
)


def problems(fields: Mapping[str, str], topics: Collection[str], today: date) -> dict[str, str]:
    """A sentence for each field that cannot be taken as it is. ``today`` is the day in London."""
    wrong: dict[str, str] = {}
    for name in ("name", "organisation", "role"):
        if len(fields[name]) > SHORT:
            wrong[name] = f"Please keep it to {SHORT} characters."
    if not fields["name"]:
        wrong["name"] = NAME_NEEDED
    if len(fields["pronouns"]) > PRONOUNS_AT_MOST:
        wrong["pronouns"] = f"Please keep it to {PRONOUNS_AT_MOST} characters."
    if len(fields["can_help"]) < CAN_HELP_AT_LEAST:
        wrong["can_help"] = HELP_TOO_SHORT
    elif len(fields["can_help"]) > CAN_HELP_AT_MOST:
        wrong["can_help"] = f"Please keep it to {CAN_HELP_AT_MOST:,} characters."
    if not set(several(fields["topics"])) <= set(topics):
        wrong["topics"] = TOPIC_WRONG
    for name in ("languages", "regions"):
        if sentence := _list_wrong(listed(fields[name]), LIST_AT_MOST, EACH_AT_MOST):
            wrong[name] = sentence
    if sentence := _list_wrong(lines(fields["avoid"]), AVOID_AT_MOST, EACH_AVOIDED_AT_MOST):
        wrong["avoid"] = sentence
    chosen = several(fields["contacts"])
    if not chosen or not set(chosen) <= set(Contact):
        wrong["contacts"] = CONTACT_NEEDED
    if sentence := _email_wrong(fields["email"], needed=Contact.EMAIL in chosen):
        wrong["email"] = sentence
    if fields["per_fortnight"] not in {str(number) for number in PER_FORTNIGHT}:
        wrong["per_fortnight"] = FREQUENCY_WRONG
    if fields["snoozed_until"] and (sentence := _day_wrong(fields["snoozed_until"], today)):
        wrong["snoozed_until"] = sentence
    return wrong


def whole(fields: Mapping[str, str], today: date) -> dict[str, str]:
    """What was typed, with the day in full: a day without its year would be another one when it is read again."""
    return {**fields, "snoozed_until": settled(fields.get("snoozed_until", ""), today)}


def declared(fields: Mapping[str, str], member_id: str, revision: int, joined_at: datetime) -> Profile:
    """The profile that a form without :func:`problems` declares."""
    return Profile(
        member_id=member_id,
        name=fields["name"],
        organisation=fields["organisation"],
        role=fields["role"],
        can_help=fields["can_help"],
        topics=several(fields["topics"]),
        languages=listed(fields["languages"]),
        regions=listed(fields["regions"]),
        contacts=tuple(Contact(way) for way in several(fields["contacts"])),
        email=fields["email"],
        per_fortnight=int(fields["per_fortnight"]),
        snoozed_until=day_of(fields["snoozed_until"]),
        avoid=lines(fields["avoid"]),
        pronouns=fields["pronouns"],
        revision=revision,
        joined_at=joined_at,
    )


def typed(profile: Profile) -> dict[str, str]:
    """A profile as the fields of the form show it: :func:`declared` makes the same profile of them again."""
    return {
        "name": profile.name,
        "pronouns": profile.pronouns,
        "organisation": profile.organisation,
        "role": profile.role,
        "can_help": profile.can_help,
        "topics": ",".join(profile.topics),
        "languages": ", ".join(profile.languages),
        "regions": ", ".join(profile.regions),
        "contacts": ",".join(profile.contacts),
        "email": profile.email,
        "per_fortnight": str(profile.per_fortnight),
        "snoozed_until": profile.snoozed_until.isoformat() if profile.snoozed_until else "",
        "avoid": "\n".join(profile.avoid),
    }


def several(value: str) -> tuple[str, ...]:
    """The values of a field that takes several."""
    return tuple(part for part in value.split(",") if part)


def listed(words: str) -> tuple[str, ...]:
    """What was written with commas between, each once."""
    return _each_once(_COMMAS.split(words))


def lines(words: str) -> tuple[str, ...]:
    """What was written a line each, each once. An organisation may have a comma in its name."""
    return _each_once(words.split("\n"))


def _each_once(parts: Collection[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for part in parts:
        if tidy := " ".join(part.split()):
            kept.setdefault(tidy.casefold(), tidy)
    return tuple(kept.values())


def _list_wrong(parts: tuple[str, ...], most: int, each: int) -> str:
    if len(parts) > most:
        return f"Please keep it to {most} of them."
    return f"Please keep each to {each} characters." if any(len(part) > each for part in parts) else ""


def _email_wrong(email: str, *, needed: bool) -> str:
    if not email:
        return EMAIL_NEEDED if needed else ""
    return "" if len(email) <= EMAIL_AT_MOST and is_mail_address(email) else EMAIL_WRONG


def _day_wrong(words: str, today: date) -> str:
    day = day_of(words, today)
    if day is None:
        return DATE_WRONG
    if day <= today:
        return DATE_PAST
    return DATE_FAR if day > today + SNOOZE_AT_MOST else ""


def seems_sensitive(words: str) -> str:
    """The words in which somebody seems to say something of themselves that is especially private; empty: none."""
    found = _OF_ONESELF.search(words)
    return found[0] if found else ""


def joined(kept: Profile, lost: Profile) -> Profile:
    """The profile that stays where one person had two: with whatever either of them asked to be kept from."""
    avoid = _each_once((*kept.avoid, *lost.avoid))
    days = [day for day in (kept.snoozed_until, lost.snoozed_until) if day is not None]
    often = min(kept.per_fortnight, lost.per_fortnight)
    return replace(kept, avoid=avoid, snoozed_until=max(days, default=None), per_fortnight=often)
