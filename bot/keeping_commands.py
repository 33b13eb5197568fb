"""``convenor backup``, ``restore``, ``release`` and ``upgrade``."""

from __future__ import annotations

import argparse
import asyncio
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from bot import app, console, posts, schedule
from bot.app import keeping, restoring
from bot.editions import PURPOSE as DRAFT
from bot.keeping.model import FELL_DUE, Manifest
from bot.keeping.releasing import Released, release
from bot.keeping.rotation import NIGHTLY
from bot.messages import count
from bot.ports import Role
from bot.post_messages import Post
from bot.typed import in_bytes, moment_of
from config.settings import Settings
from digests.calendar import say_when
from digests.errors import ConfigError
from digests.model import Delivery

Arguments = argparse.Namespace

KEYS = (
    "What is encrypted stays so in it, and the keys are not in it: keep CONVENOR_ENCRYPTION_KEYS apart from the "
    "backups, for without it nobody can read what members wrote."
)
WITH_YES = "Nothing was changed. With --yes it is done."
ON_HOLD = (
    "It is on hold: nothing is sent, read or drafted. Start Convenor when you like, and look whether all is well; then "
    "“convenor release” shows what may have been sent already and what would be sent, and ends the hold."
)
EDITION_FELL_DUE = (
    "An edition fell due in the time that is lost, and is drafted again from what is read now. If readers had it "
    "already, an editor skips that week (“/digest skip”)."
)
# What people know best, first.
_TOLD = {"editions": "edition", "items": "item", "members": "member", "deliveries": "delivery"}


def add_backup(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor backup``."""
    parser.add_argument("--to", type=Path, metavar="DIR", help="the directory (default: CONVENOR_BACKUP_DIR)")
    parser.add_argument(
        "--rotate", action="store_true", help="count it as the nightly one, and delete those that have had their time"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_restore(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor restore``."""
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup; its manifest has to stand beside it")
    parser.add_argument("--yes", action="store_true", help="do it; without this, only look whether it can be done")
    parser.add_argument("--journal", type=Path, metavar="FILE", help="the erasure journal (default: where it is kept)")
    parser.add_argument(
        "--without-journal", action="store_true", help="restore although nobody knows who left since the backup"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_hold(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor hold``."""
    parser.add_argument(
        "--made-at",
        required=True,
        metavar="WHEN",
        help="of which moment the data are, as 2025-01-17T09:00 (London time)",
    )
    parser.add_argument("--journal", type=Path, metavar="FILE", help="the erasure journal (default: where it is kept)")
    parser.add_argument(
        "--without-journal", action="store_true", help="go on although nobody knows who left since that moment"
    )


def add_release(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor release``."""
    parser.add_argument("--yes", action="store_true", help="do it; without this, only show what would happen")
    parser.add_argument(
        "--send",
        action="store_true",
        help="send what waited when the backup was made: right only where nothing ran since, as after a move",
    )
    parser.add_argument("--no-read", action="store_true", help="do not read the sources first")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def add_upgrade(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor upgrade``."""
    parser.add_argument("--without-backup", action="store_true", help="do not make a backup first")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run_backup(settings: Settings, arguments: Arguments) -> int:
    """Make a backup; 0. Raises ConfigError and ConvenorError."""
    why = NIGHTLY if arguments.rotate else "by hand"
    made = keeping.make_backup(settings, program=app.made_by(), why=why, to=arguments.to, rotate=arguments.rotate)
    asyncio.run(keeping.copy_journal(settings))
    if arguments.json:
        dropped = [each.file for each in made.dropped]
        console.write_json({**_data(made.manifest), "path": str(made.file), "dropped": dropped})
        return 0
    console.write(f"Backed up to {made.file}: {described(made.manifest)}.\n{KEYS}")
    if made.dropped:
        console.write(f"Deleted {count(len(made.dropped), 'nightly backup')} that had had their time.")
    return 0


def run_restore(settings: Settings, arguments: Arguments) -> int:
    """Look at a backup, and with ``--yes`` restore it; 0. Raises ConfigError and ConvenorError."""
    if not settings.keys:
        raise ConfigError([app.NEEDS_A_KEY])

    async def act() -> restoring.Plan | restoring.Restored:
        plan = await restoring.plan_restore(
            settings, arguments.file, journal_file=arguments.journal, without_journal=arguments.without_journal
        )
        return await restoring.restore(settings, plan) if arguments.yes else plan

    done = asyncio.run(act())
    if arguments.json:
        console.write_json(_restore_data(done))
    else:
        console.write("\n".join(_said_of_plan(done) if isinstance(done, restoring.Plan) else _said_of_restore(done)))
    return 0


def run_hold(settings: Settings, arguments: Arguments) -> int:
    """Put a database on hold that somebody else has restored; 0. Raises ConfigError and ConvenorError."""
    if not settings.keys:
        raise ConfigError([app.NEEDS_A_KEY])
    made_at = moment_of(arguments.made_at, "--made-at")
    done = asyncio.run(
        restoring.put_on_hold(
            settings, made_at, journal_file=arguments.journal, without_journal=arguments.without_journal
        )
    )
    since = f"{_said_of_journal(done.plan)} since {say_when(made_at)}."
    console.write("\n".join((since, *_said_of_replay(done), ON_HOLD)))
    return 0


def run_release(settings: Settings, arguments: Arguments) -> int:
    """Show what a release would do, and with ``--yes`` do it; 0. Raises ConfigError and ConvenorError."""
    if not settings.keys:
        raise ConfigError([app.NEEDS_A_KEY])

    async def act() -> tuple[Released, list[str]]:
        async with app.open_house(settings) as house:
            services = house.services
            async with services.store.read() as uow:
                held = await uow.holds.get() is not None
            if held and arguments.yes and not (arguments.send or arguments.no_read):
                # What comes anew now was told before, as far as anybody knows.
                sources = [source for source in await services.present_sources() if source.enabled]
                with console.reading(len(sources), console.err()) as each:
                    await schedule.read_sources(services, force=True, on_result=each)
            done = await release(services, house.database.together, send=arguments.send, keep=arguments.yes)
            return done, list(listed(done))

    done, lines = asyncio.run(act())
    if arguments.json:
        console.write_json(_release_data(done, released=arguments.yes))
        return 0
    if arguments.yes:
        lines.append("The hold is ended. What is to be sent goes out as soon as Convenor runs.")
    else:
        lines.append(WITH_YES if arguments.send else f"{WITH_YES} The sources are read first then.")
    console.write("\n".join(lines))
    return 0


def run_upgrade(settings: Settings, arguments: Arguments) -> int:
    """Back the database up, and bring it up to date; 0. Raises ConfigError and ConvenorError."""
    done = keeping.bring_up_to_date(settings, program=app.made_by(), back_up=not arguments.without_backup)
    before, after, made = done.before, done.after, done.backup
    asyncio.run(keeping.copy_journal(settings))
    if arguments.json:
        console.write_json({"before": before, "after": after, "backup": str(made.file) if made else None})
    elif before == after:
        console.write(f"The database is up to date (version {after}). Nothing was done.")
    elif before is None:
        console.write(f"The database was empty and has its tables now (version {after}).")
    else:
        kept = f"Backed up to {made.file}. " if made else "No backup was made. "
        console.write(f"{kept}The database was at version {before} and is at {after} now.")
    return 0


def described(manifest: Manifest) -> str:
    """A backup in a line: ``3.1 MB, made on …, by convenor 1.0; 12 editions, 345 items …``."""
    rows = ", ".join(count(manifest.rows[many], one, many) for many, one in _TOLD.items() if many in manifest.rows)
    return f"{in_bytes(manifest.size)}, made on {say_when(manifest.made_at)} by {manifest.program}; {rows}"


def _said_of_plan(plan: restoring.Plan) -> Iterator[str]:
    yield f"{plan.file} is whole: {described(plan.manifest)}."
    yield "The keys fit, and its tables can be brought up to date."
    yield f"{_said_of_journal(plan)} since it was made; whoever left is gone again after the restore."
    yield f"It would be put in the place of {plan.database}, which would be kept aside."
    yield WITH_YES


def _said_of_journal(plan: restoring.Plan) -> str:
    since = sum(each.at >= plan.manifest.made_at for each in plan.departures if each.who)
    return f"The erasure journal has {count(since, 'entry', 'entries') if since else 'no entry'}"


def _said_of_restore(done: restoring.Restored) -> Iterator[str]:
    yield f"Restored {done.plan.database} from {done.plan.file}: {described(done.plan.manifest)}."
    if done.kept:
        yield f"What was there before is kept as {done.kept}: delete it when you are sure that you need it no more."
    yield from _said_of_replay(done)
    yield ON_HOLD


def _said_of_replay(done: restoring.Restored) -> Iterator[str]:
    again = done.replayed
    for number, words in (
        (again.erased, "erased again"),
        (again.asked, "to be erased, as they asked"),
        (again.left, "out of the directory again"),
    ):
        if number:
            yield f"{count(number, 'member')} {'is' if number == 1 else 'are'} {words}."
    if again.objected:
        yield f"{count(again.objected, 'objection')} {'is' if again.objected == 1 else 'are'} in effect again."
    if done.unknown:
        yield f"{count(done.unknown, 'message')} waited to be sent when it was made, and may have been sent since."


def listed(done: Released) -> Iterator[str]:
    """What a release does, line by line: what is between people in numbers alone."""
    yield (
        f"On hold since {say_when(done.hold.since)}, when {done.hold.backup} was restored, which was made on "
        f"{say_when(done.hold.made_at)}."
    )
    if done.unknown:
        yield "May have been sent already, so people decide about each (“/convenor stuck” in chat shows them):"
        yield from _rows(done.unknown)
    if any(row.purpose == DRAFT and row.reason == FELL_DUE for row in done.unknown):
        yield EDITION_FELL_DUE
    yield "To be sent at once:" if done.sent else "There is nothing to be sent at once."
    yield from _rows(done.sent)


def _rows(rows: Sequence[Delivery]) -> Iterator[str]:
    """What editors decide about by its name; what is between people as numbers alone."""
    open_ones = [row for row in rows if posts.who_decides(row) is Role.EDITOR]
    for row in open_ones[:50]:
        post = Post.of(row)
        to = row.address
        where = f"#{to.channel}" if to.channel else "a mailbox" if post.is_mail else "an editor"
        yield f"  “{post.name}” to {where} ({row.purpose})"
    if len(open_ones) > 50:
        yield f"  … and {len(open_ones) - 50} more"
    private = Counter(row.purpose for row in rows if posts.who_decides(row) is not Role.EDITOR)
    for purpose, number in sorted(private.items()):
        yield f"  {count(number, 'message')} to persons ({purpose})"


def _data(manifest: Manifest) -> Mapping[str, object]:
    return {
        "file": manifest.file,
        "engine": manifest.engine,
        "made_at": manifest.made_at.isoformat(),
        "schema": manifest.schema,
        "program": manifest.program,
        "sha256": manifest.sha256,
        "size": manifest.size,
        "rows": dict(manifest.rows),
    }


def _restore_data(done: restoring.Plan | restoring.Restored) -> Mapping[str, object]:
    plan = done if isinstance(done, restoring.Plan) else done.plan
    data = {"restored": False, "backup": _data(plan.manifest), "journal": len(plan.departures)}
    if isinstance(done, restoring.Plan):
        return data
    replayed = {name: getattr(done.replayed, name) for name in ("erased", "asked", "left", "objected")}
    return {**data, "restored": True, "kept": done.kept, "unknown": done.unknown, **replayed}


def _release_data(done: Released, *, released: bool) -> Mapping[str, object]:
    def data(rows: Sequence[Delivery]) -> list[Mapping[str, str]]:
        return [{"key": row.key, "purpose": row.purpose, "reason": row.reason} for row in rows]

    hold = {"since": done.hold.since.isoformat(), "made_at": done.hold.made_at.isoformat(), "backup": done.hold.backup}
    return {"released": released, "hold": hold, "unknown": data(done.unknown), "sent": data(done.sent)}
