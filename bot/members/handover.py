"""The directory in other hands: an export for handover, and a list of people to be invited."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from bot.members.joining import MAIL, already_sent, invite, kept_as
from bot.members.profile import Profile
from bot.messages import Identity
from bot.privacy import audit
from bot.services import Services
from config.mail import is_mail_address
from digests.model import Address

COLUMNS = (
    "name",
    "pronouns",
    "organisation",
    "role",
    "can_help",
    "topics",
    "languages",
    "regions",
    "contacts",
    "per_fortnight",
    "snoozed_until",
    "in_the_directory_since",
    "accounts",
)
"""Of an export: what coordinators see of a member, and their accounts. No address, and no private list."""

PLATFORMS = ("slack", "teams", "local")
# What a table program would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Person:
    """One member, as an export has them."""

    profile: Profile
    accounts: tuple[Identity, ...]


async def export(services: Services, who: Identity | None) -> Sequence[Person]:
    """Everybody in the directory, by name; that it was exported, and by whom, is noted. None: the command line."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        profiles = sorted(await uow.profiles.all(), key=lambda each: (each.name.casefold(), each.member_id))
        people = [Person(each, tuple(await uow.members.identities(each.member_id))) for each in profiles]
        await audit.note(uow, who, "exported the directory", "directory", now)
        await uow.commit()
    return people


def as_data(person: Person) -> Mapping[str, object]:
    """One member for a machine."""
    profile = person.profile
    return {
        "name": profile.name,
        "pronouns": profile.pronouns,
        "organisation": profile.organisation,
        "role": profile.role,
        "can_help": profile.can_help,
        "topics": list(profile.topics),
        "languages": list(profile.languages),
        "regions": list(profile.regions),
        "contacts": [contact.value for contact in profile.contacts],
        "per_fortnight": profile.per_fortnight,
        "snoozed_until": profile.snoozed_until.isoformat() if profile.snoozed_until else "",
        "in_the_directory_since": profile.joined_at.isoformat(timespec="seconds"),
        "accounts": [account.key for account in person.accounts],
    }


def as_csv(people: Iterable[Person]) -> str:
    """Everybody, a line each, for a table program: what it might take for a formula stands behind an apostrophe."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(COLUMNS)
    for person in people:
        data = as_data(person)
        table.writerow([_cell(data[column]) for column in COLUMNS])
    return written.getvalue()


def _cell(value: object) -> str:
    words = "; ".join(map(str, value)) if isinstance(value, list) else str(value)
    return f"'{words}" if words.startswith(_FORMULA) else words


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list of people to be invited. ``wrong`` says why it was not taken; empty where it was.

    ``words`` is the code of an invitation that could not be sent from here, to be passed on by whoever has the list.
    """

    number: int
    to: Address | None
    wrong: str = ""
    words: str = ""


NO_HEADER = "The first line must name the columns, and one of them must be “email” or “account”."
NOBODY = "There is neither an e-mail address nor an account in this line."
NO_ADDRESS = "“{}” is not an e-mail address."
NO_ACCOUNT = "“{}” is not an account: write slack:T0123:U012AB3CD."
TWICE = "This is in the list already, at line {}."
SENT = "An invitation that can still be used was sent there before."


def read(lines: Iterable[str], sent: Collection[str]) -> list[Row]:
    """What a CSV file asks for, line by line. ``sent`` are the addresses that have an invitation, as codes keep them.

    Whether anybody is in the directory already is not looked at. Other columns than ``email`` and ``account`` are
    neither read nor kept. Pure.
    """
    table = csv.reader(lines)
    header = [name.strip().lower().lstrip("\ufeff") for name in next(table, [])]
    if not {"email", "account"} & set(header):
        return [Row(1, None, NO_HEADER)]
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for cells in table:
        if not any(cell.strip() for cell in cells):
            continue
        number = table.line_num
        values = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        to, wrong = _to(values.get("email", ""), values.get("account", ""))
        if to is not None:
            key = kept_as(to)
            if key in seen:
                wrong = TWICE.format(seen[key])
            elif key in sent:
                wrong = SENT
            seen.setdefault(key, number)
        rows.append(Row(number, to, wrong))
    return rows


def _to(email: str, account: str) -> tuple[Address | None, str]:
    if account:
        parts = account.split(":")
        if len(parts) != 3 or parts[0] not in PLATFORMS or not all(parts):
            return None, NO_ACCOUNT.format(account[:60])
        return Address(parts[0], parts[1], user=parts[2]), ""
    if not email:
        return None, NOBODY
    if not is_mail_address(email):
        return None, NO_ADDRESS.format(email[:60])
    return Address(MAIL, "", user=email), ""


def as_written(address: Address) -> str:
    """An address as a list has it."""
    if address.platform == MAIL:
        return address.user
    return ":".join((address.platform, address.workspace, address.user))


async def invite_all(services: Services, lines: Iterable[str], who: Identity | None = None) -> list[Row]:
    """Invite everybody of a list, in one transaction; returns what became of each line.

    An invitation by mail where no mail server is set up is made all the same, and its code is in the row.
    """
    now = services.clock.now()
    done: list[Row] = []
    async with services.store.begin() as uow:
        for row in read(lines, await already_sent(uow, now)):
            if row.wrong or row.to is None:
                done.append(row)
                continue
            sendable = row.to.platform != MAIL or services.can_mail
            made = await invite(uow, services, who, row.to, send=sendable)
            done.append(Row(row.number, row.to, "", "" if sendable else made.words))
        await uow.commit()
    services.wake()
    return done
