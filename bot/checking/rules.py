"""From what was found to what is said of it: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bot.checking.model import Level, Row, Seen, SlackSeen, Space
from bot.handlers.sources import Health
from bot.keeping.model import Hold, Manifest
from bot.messages import count
from bot.ports import Binding, Purpose, Role
from bot.typed import in_bytes
from digests.calendar import say_when
from digests.model import Delivery

OK, WARNING, BROKEN = Level.OK, Level.WARNING, Level.BROKEN

LITTLE_SHARE, LITTLE_BYTES = 0.05, 500_000_000
"""A disk is nearly full with less of both than this free, and full with a tenth of it."""
SKEW_SEEN, SKEW_HARMFUL = timedelta(seconds=30), timedelta(minutes=4)
"""Slack’s signatures are good for five minutes."""
BACKUP_DUE = timedelta(hours=36)
WAITS_LONG = timedelta(hours=1)


def of_space(disk: Space) -> Row:
    """How much room is left."""
    found = f"{in_bytes(disk.free)} of {in_bytes(disk.total)} free at {disk.where}"
    fix = "Make room: old backups and logs are often what has grown."
    for level, part in ((BROKEN, 0.1), (WARNING, 1.0)):
        if disk.free < LITTLE_BYTES * part and disk.free < disk.total * LITTLE_SHARE * part:
            return Row("disk", level, found, fix)
    return Row("disk", OK, found)


def of_clock(now: datetime, others: datetime | None, whose: str, newest: datetime | None) -> Row:
    """Whether this machine knows the time, by somebody else's clock or by what was noted here earlier."""
    fix = "Let the machine set its clock by itself (timedatectl set-ntp true)."
    if newest is not None and newest > now + SKEW_HARMFUL:
        found = f"it is {say_when(now)} here, and the database has something from {say_when(newest)}"
        return Row("clock", BROKEN, found, fix)
    if others is None:
        return Row("clock", OK, f"{say_when(now)}; there was nobody to compare it with")
    skew = abs(now - others)
    level = BROKEN if skew > SKEW_HARMFUL else WARNING if skew > SKEW_SEEN else OK
    if level is OK:
        return Row("clock", OK, f"{say_when(now)}, as {whose} has it")
    ahead = "ahead of" if now > others else "behind"
    return Row("clock", level, f"{round(skew.total_seconds())} seconds {ahead} {whose}", fix)


def of_backup(latest: Manifest | None, where: str, now: datetime) -> Row:
    """When the last backup was made. ``where`` is empty where nobody has said where backups go."""
    if not where:
        fix = "Set CONVENOR_BACKUP_DIR, or make sure that whoever runs the database for you backs it up."
        return Row("backup", WARNING, "Convenor makes none here", fix)
    if latest is None:
        return Row("backup", WARNING, f"there is none in {where}", "Run “convenor backup”, or leave Convenor running.")
    found = f"{say_when(latest.made_at)}, {in_bytes(latest.size)}, in {where}"
    if now - latest.made_at > BACKUP_DUE:
        return Row("backup", BROKEN, found, "Run “convenor backup” and see what it says.")
    return Row("backup", OK, found)


def of_journal(where: str, written: int, entries: int) -> Row:
    """Whether the file of the erasure journal has all that the database has."""
    if not where:
        fix = "Set CONVENOR_ERASURE_JOURNAL to a file on a disk that outlives the database (docs/backups.md)."
        return Row("erasure journal", WARNING, "it is kept in the database alone", fix)
    if written < entries:
        found = f"{where} lacks {count(entries - written, 'entry', 'entries')}"
        return Row("erasure journal", WARNING, found, "Leave Convenor running for a minute, or run “convenor backup”.")
    return Row("erasure journal", OK, f"{where} is complete")


def of_replaced(kept: Sequence[str]) -> Iterator[Row]:
    """Whether what a restore replaced is still there: it has people in it who may have left since."""
    if kept:
        fix = "Delete what you need no more: who left is still in it (docs/backups.md)."
        yield Row("replaced databases", WARNING, f"kept after a restore: {', '.join(kept)}", fix)


def of_hold(hold: Hold | None) -> Row:
    """Whether the database waits to be released."""
    if hold is None:
        return Row("hold", OK, "not on hold")
    found = f"on hold since {say_when(hold.since)}, when a backup of {say_when(hold.made_at)} was restored"
    return Row("hold", BROKEN, found, "Look whether all is well; then “convenor release” says what would be sent.")


def of_messages(waiting: Sequence[Delivery], stuck: int, now: datetime) -> Row:
    """Whether what is to be sent is sent."""
    late = [row for row in waiting if now - max(row.created_at, row.available_at or row.created_at) > WAITS_LONG]
    if late:
        found = f"{count(len(late), 'message')} waited for more than an hour"
        return Row("messages", BROKEN, found, "Look whether Convenor runs, and into its log (docs/operating.md).")
    if stuck:
        fix = "“/convenor stuck” in chat shows them to those who decide."
        return Row("messages", WARNING, f"{count(stuck, 'message')} stuck", fix)
    return Row("messages", OK, f"{len(waiting)} waiting, none stuck")


def of_people(roles: Collection[Role], named: int, *, needs_two: bool) -> Iterator[Row]:
    """Whether there is somebody to do the work. ``named`` are administrators that the settings name."""
    numbers = {role: sum(each is role for each in roles) for role in Role}
    found = ", ".join(count(number, role.value) for role, number in numbers.items())
    if not numbers[Role.ADMINISTRATOR] and not named:
        yield Row("people", BROKEN, found, "Nobody may set anything up: name an account in CONVENOR_ADMINS.")
    elif needs_two and numbers[Role.EDITOR] < 2:
        fix = "An edition needs two: “/convenor roles add @name editor”, or change approval in digest.yaml."
        yield Row("people", WARNING, found, fix)
    else:
        yield Row("people", OK, found)


def of_purposes(bindings: Sequence[Binding]) -> Iterator[Row]:
    """Whether every purpose has a channel."""
    for purpose in Purpose:
        if not any(binding.purpose is purpose for binding in bindings):
            fix = f"Type “/convenor here {purpose.value}” in the channel that is to be used."
            yield Row(f"channel for {purpose.value}", WARNING, "none yet", fix)


def of_channel(binding: Binding, seen: Seen) -> Row:
    """Whether Convenor can post where it is to post."""
    what = f"channel for {binding.purpose.value}"
    name = f"#{binding.address.channel} in {binding.address.platform}"
    match seen:
        case Seen.IN:
            return Row(what, OK, name)
        case Seen.OUT:
            return Row(
                what,
                BROKEN,
                f"{name}: Convenor is not in it",
                "Invite the app to the channel; in Teams, add it to the team.",
            )
        case Seen.ARCHIVED:
            fix = f"Unarchive it, or type “/convenor here {binding.purpose.value}” in another."
            return Row(what, BROKEN, f"{name}: it is archived", fix)
        case Seen.MISSING:
            fix = f"Add the app to it, or type “/convenor here {binding.purpose.value}” in another."
            return Row(what, BROKEN, f"{name}: it is gone, or private and without Convenor", fix)
        case Seen.UNKNOWN:
            fix = "In Slack, add the scopes channels:read and groups:read (docs/slack.md) to have it checked."
            return Row(what, WARNING, f"{name}: Convenor may not look whether it is in it", fix)


def of_slack(seen: SlackSeen, wanted: Collection[str], *, socket_mode: bool, what: str = "Slack") -> Iterator[Row]:
    """What Slack says to the tokens. ``wanted`` are the scopes that Convenor cannot do without."""
    if seen.unreachable:
        yield Row(what, BROKEN, f"Slack cannot be reached ({seen.error})", "Check the network.")
        return
    if seen.error:
        fix = "Copy CONVENOR_SLACK_BOT_TOKEN again from the app’s settings, OAuth & Permissions."
        yield Row(what, BROKEN, f"Slack does not take the bot token ({seen.error})", fix)
        return
    yield Row(what, OK, f"the bot token is good, for {seen.team}")
    if seen.scopes is not None:
        missing = sorted(frozenset(wanted) - seen.scopes)
        fix = "Add them in the app’s settings, OAuth & Permissions, and reinstall the app."
        yield (
            Row(f"{what}: scopes", BROKEN, f"missing: {', '.join(missing)}", fix)
            if missing
            else Row(f"{what}: scopes", OK, "all that are needed")
        )
    if socket_mode:
        fix = "Make CONVENOR_SLACK_APP_TOKEN anew with the scope connections:write (Basic Information)."
        yield (
            Row(f"{what}: app token", BROKEN, f"Slack does not take it ({seen.app_error})", fix)
            if seen.app_error
            else Row(f"{what}: app token", OK, "good")
        )


def of_left_out(workspaces: Collection[str]) -> Iterator[Row]:
    """The Slack workspaces that added Convenor and are not in the settings any more."""
    for each in sorted(workspaces):
        yield Row(
            f"Slack ({each})",
            Level.WARNING,
            "added Convenor, but is not in CONVENOR_SLACK_WORKSPACES any more, so it is not served",
            "Name it there again; or have somebody there take Convenor out, which deletes its token.",
        )


def of_teams(error: str, *, unreachable: bool) -> Row:
    """What Microsoft says to the app id and its password. ``error`` is empty where it gives a token."""
    if unreachable:
        return Row("Teams", BROKEN, f"Microsoft cannot be reached ({error})", "Check the network.")
    if error:
        fix = "Check CONVENOR_TEAMS_APP_ID, _APP_PASSWORD (it may have expired) and _TENANT (docs/teams.md)."
        return Row("Teams", BROKEN, f"Microsoft gives no token ({error})", fix)
    return Row("Teams", OK, "the app id and its password are good")


def of_mail(where: str, error: str) -> Row:
    """What the mail server says. ``where`` is empty where none is set up."""
    if not where:
        return Row("mail", OK, "not set up")
    if error:
        fix = "Check CONVENOR_SMTP_URL: host, port, user and password, and smtp or smtps."
        return Row("mail", BROKEN, f"{where}: {error}", fix)
    return Row("mail", OK, f"{where} takes our mail")


def of_sources(found: Sequence[Health], *, every: bool) -> Iterator[Row]:
    """How the reading of sources goes: one row for all, and one for each that needs somebody, or for ``every``.

    Where none could be read, it is not the sources that need somebody.
    """
    on = [each for each in found if each.word != "off"]
    ill = [each for each in on if each.needs_attention]
    unread = sum(each.word == "waiting" for each in on)
    level = BROKEN if on and len(ill) * 2 > len(on) else WARNING if ill else OK
    said = (
        f"{len(on)} {'is' if len(on) == 1 else 'are'} read, {len(ill)} {'needs' if len(ill) == 1 else 'need'} attention"
    )
    said += f", {unread} not read yet" if unread else ""
    fix = "“convenor sources” says how each goes." if ill else ""
    none = len(ill) > 2 and len(ill) + unread == len(on)
    if none:
        fix = f"None could be read, so look first whether this machine reaches the web. {fix}"
    yield Row("sources", level, said, fix)
    for each in found if every else () if none else ill:
        needs = WARNING if each.needs_attention else OK
        fix = f"“convenor sources test {each.source.url}” shows what it answers." if each.needs_attention else ""
        yield Row(f"source {each.source.id}", needs, each.sentence, fix)


def of_settings(given: Mapping[str, bool]) -> Iterator[Row]:
    """What may be left unset and should not be in earnest, by the setting's name: whether it is set."""
    why = {
        "CONVENOR_OWNER": "People have to know who runs this: the privacy notice says it.",
        "CONVENOR_CONTACT": "Publishers and members have to be able to reach you.",
        "CONVENOR_PUBLIC_URL": "Feeds, calendars, mails and messages can only link to the archive with it.",
    }
    unset = [name for name, is_set in given.items() if not is_set]
    if not unset:
        yield Row("settings", OK, "read from the environment and .env")
    for name in unset:
        yield Row("settings", WARNING, f"{name} is not set", why[name])
