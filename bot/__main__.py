"""The ``convenor`` command line. Exit codes: 0 done, 1 it did not work, 2 usage or configuration."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from adapters.feeds.probe import anybody_answers
from bot import (
    check_commands,
    console,
    edition_commands,
    editions,
    handover_commands,
    introduction_commands,
    keeping_commands,
    key_commands,
    logs,
    manifest_commands,
    member_commands,
    outlook,
    privacy_commands,
    schedule,
    setup_commands,
    source_commands,
    topic_commands,
    transparency,
)
from bot.app import EVERYTHING, House, Part, make_tagger, open_house, serve
from bot.tag_lines import tag_lines
from bot.typed import moment_of
from config.catalogue import load_catalogue
from config.kinds import load_kinds
from config.settings import Settings, load_settings
from digests import calendar
from digests.errors import Busy, ConfigError, ConvenorError
from digests.model import Edition, EditionState, Window
from digests.render import EditionView, Output, render
from digests.render.record import as_markdown
from digests.transparency import record

DID_NOT_WORK, USAGE = 1, 2

OUTPUTS = {output.value: output for output in Output}

Arguments = argparse.Namespace


def parser() -> argparse.ArgumentParser:
    """Every command and option, with its help."""
    top = argparse.ArgumentParser(
        prog="convenor",
        description="Reads official feeds on data and AI policy, drafts the weekly digest, and serves it in chat.",
        epilog="Settings come from the environment and .env: config/example.env explains each.",
    )
    top.add_argument("--version", action="version", version=_version(), help="print Convenor's version")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, words: str) -> argparse.ArgumentParser:
        return commands.add_parser(name, help=words, description=words[:1].upper() + words[1:] + ".")

    for name, words in {
        "run": "run everything in one process: chat, web, sending and the clock",
        "web": "run the part that listens to chat and the web (PostgreSQL only, beside worker and clock)",
        "worker": "run the part that sends (PostgreSQL only)",
        "clock": "run the part that reads sources and drafts editions (PostgreSQL only)",
    }.items():
        service = command(name, words)
        service.add_argument("--host", help="the address to listen on (default: CONVENOR_HOST)")
        service.add_argument("--port", type=int, help="the port to listen on (default: CONVENOR_PORT)")

    trial = command("demo", "try Convenor in the browser: reads, drafts, and serves a chat with no accounts")
    trial.add_argument("--offline", action="store_true", help="read the bundled sample feeds, not the network")
    trial.add_argument("--port", type=int, help="the port to listen on (default: CONVENOR_PORT)")

    read = command("read", "read every source that is due, once")
    read.add_argument("--force", action="store_true", help="read every source, due or not")
    read.add_argument("--json", action="store_true", help="print the result as JSON")

    draft = command("draft", "print the edition as it stands: the open draft, or what would be drafted now")
    draft.add_argument("--format", choices=tuple(OUTPUTS), default="md", help="default: md")
    draft.add_argument("--json", action="store_true", help="the same as --format json")
    draft.add_argument(
        "--from", dest="start", metavar="WHEN", help="first moment of receipt, as 2025-01-17 or 2025-01-17T09:00"
    )
    draft.add_argument("--to", dest="end", metavar="WHEN", help="first moment no longer covered (London time)")
    draft.add_argument("--no-reasons", action="store_true", help="leave out why each entry is there")

    edition = command("edition", "print an edition that was published, or the open draft, in a form for use elsewhere")
    edition_commands.add_edition(edition)
    email = command("email", "send a published edition to the mailing list, once")
    edition_commands.add_email(email)

    tag = command("tag", "tag items given as JSON Lines, without touching the database")
    tag.add_argument("--jsonl", required=True, metavar="FILE", help="a file of JSON Lines, or - for standard input")

    introductions = command(
        "introductions", "rank profiles against requests of your own, without touching the database"
    )
    introduction_commands.add_actions(introductions)

    topics = command("topics", "list the topics; test a text, show how rules have done, export corrections")
    topics.add_argument("--json", action="store_true", help="print the result as JSON")
    topic_commands.add_actions(topics)

    again = command("retag", "tag every item of the archive again, after a change of rules")
    again.add_argument("--dry-run", action="store_true", help="only tell what would change")
    again.add_argument("--json", action="store_true", help="print the result as JSON")

    members = command("members", "invite a list of people to the directory, or write the directory for handover")
    member_commands.add_actions(members)

    handover_commands.add_export(
        command("export", "write everything that this network has into a folder, for handover")
    )
    handover_commands.add_import(command("import", "bring such a folder into an empty database"))

    privacy = command("privacy", "show, export or erase what is held about somebody who asks by letter or mail")
    privacy_commands.add_actions(privacy)

    keys = command("keys", "make a key that encrypts what members write, or exchange the one that is used")
    key_commands.add_actions(keys)

    manifest = command("manifest", "make what Slack and Microsoft Teams need before Convenor can be installed there")
    manifest_commands.add_actions(manifest)

    setup_commands.add_options(command("setup", "ask what a new network has to say, and write it into its own files"))
    check_commands.add_options(
        command("check", "look whether everything is there that Convenor needs, and say what to do about the rest")
    )
    keeping_commands.add_backup(command("backup", "copy the database to a file, with a manifest; Convenor may run"))
    keeping_commands.add_restore(
        command("restore", "look whether a backup can be restored, and with --yes restore it, on hold")
    )
    keeping_commands.add_hold(
        command("hold", "put a database on hold that somebody else restored, from a host's own backup say")
    )
    keeping_commands.add_release(
        command("release", "show what a restored database would send, and with --yes end its hold")
    )
    keeping_commands.add_upgrade(command("upgrade", "make a backup, then bring the database up to date"))

    ahead = command("schedule", "show when the next editions are drafted and posted, with what moves them")
    ahead.add_argument("--json", action="store_true", help="print the result as JSON")

    told = command("transparency", "write the transparency record: how items are tagged and ranked, and how accurately")
    told.add_argument("--json", action="store_true", help="print the record as JSON")

    sources = command("sources", "show how the reading of each source goes; add, pause, resume, test, import, export")
    sources.add_argument("--json", action="store_true", help="print the result as JSON")
    source_commands.add_actions(sources)
    return top


def _version() -> str:
    """Convenor's name and version, as it was installed."""
    try:
        return f"convenor {version('convenor')}"
    except PackageNotFoundError:
        return "convenor, not installed as a package, so without a version"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    arguments = parser().parse_args(argv)
    try:
        if arguments.command == "setup":
            # There may be no settings yet that could be used.
            return setup_commands.run(arguments)
        settings = _with_options(load_settings(), arguments)
        logs.set_up(settings.log_level, settings.log_format)
        return COMMANDS[arguments.command](settings, arguments)
    except ConfigError as wrong:
        for problem in wrong.problems:
            console.err().print(problem, markup=False, soft_wrap=True)
        return USAGE
    except Busy as busy:
        console.err().print(busy.sentence, markup=False, soft_wrap=True)
        return USAGE
    except ConvenorError as known:
        console.err().print(known.sentence, markup=False, soft_wrap=True)
        return DID_NOT_WORK
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader (head, less) has gone; what is still buffered must not raise a second time at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DID_NOT_WORK


def _with_options(settings: Settings, arguments: Arguments) -> Settings:
    given = {name: getattr(arguments, name, None) for name in ("host", "port")}
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        return settings
    environ = {**os.environ, **{f"CONVENOR_{name.upper()}": str(value) for name, value in changes.items()}}
    return load_settings(environ)


def _serve(settings: Settings, arguments: Arguments) -> int:
    parts = EVERYTHING if arguments.command == "run" else frozenset({Part(arguments.command)})
    on_sqlite = settings.database_url.get_secret_value().startswith("sqlite")
    if on_sqlite and parts != EVERYTHING:
        raise ConfigError(
            [
                f"convenor {arguments.command}: the parts run beside each other on PostgreSQL only. "
                "Set CONVENOR_DATABASE_URL to a postgresql:// address, or use “convenor run”, which is all three."
            ]
        )

    async def until_stopped(stop: asyncio.Event) -> None:
        async with serve(settings, parts, name=f"convenor {arguments.command}") as service:
            if not settings.has_chat_platform and not settings.local_chat:
                console.err().print(
                    "No chat platform is set up, so nobody can talk to me yet: docs/slack.md and docs/teams.md say "
                    "how, and CONVENOR_LOCAL_CHAT=1 gives a chat in the browser.",
                    markup=False,
                )
            where = f"on {service.url}" if Part.WEB in parts else f"as {arguments.command}"
            console.err().print(f"Convenor is ready {where}", markup=False)
            await stop.wait()

    asyncio.run(_until_signal(until_stopped))
    return 0


def _demo(settings: Settings, arguments: Arguments) -> int:
    from bot import demo

    async def until_stopped(stop: asyncio.Event) -> None:
        offline = settings.offline or arguments.offline
        why = demo.OFFLINE if offline else demo.LIVE
        if not offline:
            catalogue = load_catalogue(settings.catalogue, settings.over("sources"))
            first = sorted(catalogue.enabled, key=lambda source: -source.weight)[:8]
            if not await anybody_answers([source.url for source in first]):
                offline, why = True, demo.NO_NETWORK
        await demo.run(settings, stop, offline=offline, why=why)

    asyncio.run(_until_signal(until_stopped))
    return 0


async def _until_signal(serve_until: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    """Run until SIGINT or SIGTERM, wherever it has got to by then."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    serving = asyncio.create_task(serve_until(stop))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    await serving


def _read(settings: Settings, arguments: Arguments) -> int:
    async def act() -> int:
        async with open_house(settings) as house:
            err = console.err()
            services = house.services
            sources = await services.present_sources()
            with console.reading(sum(source.enabled for source in sources), err) as done:
                summary = await schedule.read_sources(services, force=arguments.force, on_result=done)
        if arguments.json:
            data = asdict(summary)
            data["outcomes"] = {outcome.value: count for outcome, count in summary.outcomes.items()}
            console.write_json(data)
        elif not summary.fetched:
            console.write("No source is due. Use --force to read them all the same.")
        else:
            console.pass_table(summary, console.out(), {source.id: source.name for source in sources})
        return DID_NOT_WORK if summary.fetched and len(summary.failed) == summary.fetched else 0

    return asyncio.run(act())


def _draft(settings: Settings, arguments: Arguments) -> int:
    start = moment_of(arguments.start, "--from") if arguments.start else None
    end = moment_of(arguments.end, "--to") if arguments.end else None
    if start and end and start >= end:
        raise ConfigError(["--from must be earlier than --to."])
    output = Output.JSON if arguments.json else OUTPUTS[arguments.format]

    async def act() -> int:
        async with open_house(settings) as house:
            await _read_first(house)
            edition = await _present_edition(house, start, end)
        view = EditionView.of(edition, reasons=not arguments.no_reasons)
        console.write(render(output, view))
        return 0

    return asyncio.run(act())


async def _read_first(house: House) -> None:
    """A newcomer's first command may be the draft: then there is nothing to draft from until something is read."""
    async with house.services.store.read() as uow:
        installation = await uow.installation()
    if installation is None:
        err = console.err()
        err.print("Nothing has been read yet, so every source is read first.")
        enabled = [source for source in await house.services.present_sources() if source.enabled]
        with console.reading(len(enabled), err) as done:
            await schedule.read_sources(house.services, on_result=done)


async def _present_edition(house: House, start: datetime | None, end: datetime | None) -> Edition:
    """The open draft; or, with a window or without a draft, the edition that the rules alone would make."""
    services = house.services
    async with services.store.read() as uow:
        draft = await editions.open_draft(uow)
        if draft is not None and start is None and end is None:
            return draft
        recent = await uow.editions.recent()
        covered = calendar.covered_until(recent, await uow.installation())
        now = services.clock.now()
        present = calendar.current_window(services.plan.schedule, now, covered)
        window = Window(start or present.start, end or present.end)
        if window.start >= window.end:
            raise ConfigError([f"The window is empty: it would begin {calendar.say_when(window.start)}."])
        number = calendar.next_number(recent, services.plan)
        content = await editions.compose(uow, services, window, number)
    due_on = calendar.london_day(window.end)
    return Edition(due_on.isoformat(), number, due_on, window, EditionState.DRAFT, 1, content, now)


def _tag(settings: Settings, arguments: Arguments) -> int:
    tagger = make_tagger(settings)
    with contextlib.ExitStack() as stack:
        if arguments.jsonl == "-":
            lines = sys.stdin
        else:
            try:
                lines = stack.enter_context(Path(arguments.jsonl).open(encoding="utf-8", errors="replace"))
            except OSError as trouble:
                raise ConfigError([f"--jsonl: {arguments.jsonl} cannot be read ({trouble.strerror})."]) from None
        for answer in tag_lines(lines, tagger, load_kinds(settings.kinds, settings.over("kinds"))):
            sys.stdout.write(answer + "\n")
    sys.stdout.flush()
    return 0


def _transparency(settings: Settings, arguments: Arguments) -> int:
    async def act() -> int:
        async with open_house(settings) as house:
            facts = await transparency.facts(house.services, settings, house.taxonomy)
        parts = record(facts, listed=True)
        if arguments.json:
            console.write_json([{"title": part.title, "fields": dict(part.answers)} for part in parts])
        else:
            console.write(as_markdown(parts, facts.on))
        return 0

    return asyncio.run(act())


def _schedule(settings: Settings, arguments: Arguments) -> int:
    async def act() -> int:
        async with open_house(settings) as house:
            ahead = await outlook.look_ahead(house.services)
        if arguments.json:
            console.write_json(outlook.as_data(ahead))
        else:
            console.write("".join(f"{line}\n" for line in outlook.lines(ahead)))
        return 0

    return asyncio.run(act())


COMMANDS: dict[str, Callable[[Settings, Arguments], int]] = {
    "run": _serve,
    "web": _serve,
    "worker": _serve,
    "clock": _serve,
    "demo": _demo,
    "read": _read,
    "draft": _draft,
    "edition": edition_commands.run_edition,
    "email": edition_commands.run_email,
    "tag": _tag,
    "export": handover_commands.run_export,
    "import": handover_commands.run_import,
    "introductions": introduction_commands.run,
    "keys": key_commands.run,
    "manifest": manifest_commands.run,
    "members": member_commands.run,
    "privacy": privacy_commands.run,
    "topics": topic_commands.run,
    "check": check_commands.run,
    "backup": keeping_commands.run_backup,
    "restore": keeping_commands.run_restore,
    "hold": keeping_commands.run_hold,
    "release": keeping_commands.run_release,
    "upgrade": keeping_commands.run_upgrade,
    "schedule": _schedule,
    "transparency": _transparency,
    "retag": topic_commands.run_retag,
    "sources": source_commands.run,
}

if __name__ == "__main__":
    sys.exit(main())
