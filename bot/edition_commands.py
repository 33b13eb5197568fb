"""``convenor edition`` and ``convenor email``: an edition for use elsewhere, and to the mailing list."""

from __future__ import annotations

import argparse
import asyncio
from functools import partial

from bot import app, console, editions, mailing, posts
from bot.outbox import Outbox
from bot.ports import UnitOfWork
from bot.typed import whole_number
from config.mail import parse_mailbox
from config.settings import Settings
from digests.archive import public_edition
from digests.errors import ConfigError, NotFound
from digests.model import DeliveryState, Edition, EditionHead, EditionState
from digests.render import EditionView, Output, render
from digests.render.feeds import Feed, atom

LATEST, DRAFT, ATOM = "latest", "draft", "atom"
DID_NOT_WORK = 1
NOT_PUBLIC = "Edition {} is not public: {}. This is how it stands."
STATES = {
    EditionState.DRAFT: "it is a draft that nobody has approved yet",
    EditionState.APPROVED: "it is approved, and about to be posted",
    EditionState.LAPSED: "it was never approved, and lapsed",
    EditionState.SKIPPED: "an editor skipped it",
    EditionState.MERGED: "an editor merged it into the next one",
    EditionState.WITHDRAWN: "it was withdrawn",
    EditionState.CORRECTING: "it is a correction that nobody has approved yet",
    EditionState.CORRECTED: "it is a correction, whose text is the edition’s now",
    EditionState.GIVEN_UP: "it is a correction that was given up",
}

Arguments = argparse.Namespace


def add_edition(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor edition``."""
    parser.add_argument(
        "which",
        nargs="?",
        default=LATEST,
        metavar="NUMBER|latest|draft",
        help="which edition (default: latest, the newest that was published)",
    )
    forms = [output.value for output in Output]
    parser.add_argument(
        "--format",
        choices=(*forms, ATOM),
        default=Output.MARKDOWN.value,
        help="md (default), html (a page’s body), email (for a newsletter tool), text, json, or atom",
    )
    parser.add_argument("--json", action="store_true", help="the same as --format json")
    parser.add_argument("--reasons", action="store_true", help="say why each entry is there, as editors see it")


def add_email(parser: argparse.ArgumentParser) -> None:
    """The options of ``convenor email``."""
    parser.add_argument("which", nargs="?", default=LATEST, metavar="NUMBER|latest", help="which edition")
    parser.add_argument("--to", metavar="ADDRESS", help="where it is sent (default: CONVENOR_MAIL_LIST)")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def run_edition(settings: Settings, arguments: Arguments) -> int:
    """Print an edition; the exit code. Raises ConfigError or NotFound."""
    return asyncio.run(_edition(settings, arguments))


def run_email(settings: Settings, arguments: Arguments) -> int:
    """Send an edition by mail; the exit code is 0 where it was sent, now or before. Raises ConvenorError."""
    return asyncio.run(_email(settings, arguments))


async def _edition(settings: Settings, arguments: Arguments) -> int:
    if arguments.format == ATOM and not settings.public_url:
        raise ConfigError(
            ["CONVENOR_PUBLIC_URL: is needed for --format atom, whose addresses are those of the archive"]
        )
    number = None if arguments.which == DRAFT else _number(arguments.which)
    async with app.open_house(settings) as house, house.services.store.read() as uow:
        if arguments.which == DRAFT:
            edition = await _draft(uow)
        else:
            edition = await editions.find_edition(uow, number)
        heads = await uow.editions.heads(edition.state)
    if arguments.format == ATOM:
        head = next(head for head in heads if head.id == edition.id)
        console.write(_atom(settings, edition, head))
        return 0
    if arguments.which != DRAFT and not _is_public(edition):
        console.err().print(NOT_PUBLIC.format(edition.number, STATES[edition.state]), markup=False, soft_wrap=True)
    url = f"{settings.public_url}/editions/{edition.number}" if settings.public_url and _is_public(edition) else ""
    output = Output.JSON if arguments.json else Output(arguments.format)
    console.write(render(output, EditionView.of(edition, reasons=arguments.reasons, url=url)))
    return 0


def _atom(settings: Settings, edition: Edition, head: EditionHead) -> str:
    if not _is_public(edition):
        raise NotFound(edition.id, "Only an edition that was published has a place in a feed. Nothing was written.")
    title = edition.content.title
    about = f"{EditionView.of(edition).name} with its whole text."
    return atom(
        Feed(title, about, settings.owner or title, settings.public_url, "/feed.atom", [public_edition(edition, head)])
    )


def _is_public(edition: Edition) -> bool:
    return edition.state is EditionState.PUBLISHED


async def _draft(uow: UnitOfWork) -> Edition:
    draft = await editions.open_draft(uow)
    if draft is None:
        raise NotFound(DRAFT, "There is no draft at the moment. “convenor draft” shows what would be drafted now.")
    return draft


def _number(which: str) -> int | None:
    if which == LATEST:
        return None
    number = whole_number(which)
    if number is not None:
        return number
    raise ConfigError([f"“{which}” is no edition. Write its number, or {LATEST}, or (to print it) {DRAFT}."])


async def _email(settings: Settings, arguments: Arguments) -> int:
    if arguments.which == DRAFT:
        raise ConfigError(
            ["A draft is never sent by mail: only an edition that editors have approved. Nothing was sent."]
        )
    number = _number(arguments.which)
    problems = []
    if settings.smtp_url is None:
        problems.append("CONVENOR_SMTP_URL: is not set, so no mail can be sent (docs/exports.md)")
    if not (arguments.to or settings.mail_list):
        problems.append("CONVENOR_MAIL_LIST: is not set: set it, or say --to ADDRESS")
    if arguments.to:
        try:
            parse_mailbox(arguments.to)
        except ValueError as wrong:
            problems.append(f"--to: {wrong}")
    if problems:
        raise ConfigError(problems)
    to = parse_mailbox(arguments.to or settings.mail_list).address
    async with app.open_house(settings) as house:
        services, courier = house.services, app.mail_courier(house)
        assert courier is not None, "the settings name a mail server"

        outbox = Outbox(
            services.store, {mailing.PLATFORM: courier}, services.clock, settled=partial(posts.settled, services)
        )
        mailed = await mailing.mail_edition(services, outbox, to, number, public_url=settings.public_url)
    if arguments.json:
        console.write_json(
            {
                "edition": mailed.edition.number,
                "to": to,
                "state": mailed.row.state.value,
                "sent_at": mailed.row.sent_at.isoformat() if mailed.row.sent_at else None,
                "message_id": mailed.row.message_ref,
                "told": mailed.sentence,
            }
        )
    else:
        console.write(mailed.sentence)
    return 0 if mailed.row.state is DeliveryState.SENT else DID_NOT_WORK
