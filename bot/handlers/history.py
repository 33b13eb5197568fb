"""The history of an edition: who changed what and when; undoing, and going back to any revision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import editions
from bot.edition_messages import HISTORY, UNDO, edition_name, pages_of, parse_value
from bot.messages import (
    Ask,
    Block,
    Bullets,
    Button,
    Buttons,
    EntryLine,
    Heading,
    Message,
    Note,
    Paragraph,
    Reply,
    bold,
    code,
    count,
    say,
    text,
)
from bot.ports import UnitOfWork
from bot.services import Services
from bot.typed import whole_number
from digests import editing
from digests.calendar import say_when
from digests.editing import Edit
from digests.model import Edited, Edition, Revision

SHOW, UNDO_LATEST = HISTORY, UNDO
LOOK, GO_BACK = "edition.look", "edition.go-back"
LINES = 12
DIFFERENCES = 25

NO_EDITION = say("There is no draft and no edition yet, so there is no history.")
NO_DRAFT = say("There is no draft at the moment, so there is nothing to undo.")
WHICH = say(
    "Which revision? Write its number, for example ", code("/digest history 3"), ", or ", code("/digest history"),
    " alone for the whole list.",
)  # fmt: skip


def author_of(line: Edited, names: Mapping[str, str]) -> str:
    """Who made an edit."""
    return names.get(line.author, "Somebody who has left") if line.author else "Convenor"


def list_message(edition: Edition, history: Sequence[Edited], names: Mapping[str, str], first: int) -> Message:
    """The history, newest first, from the ``first`` newest on."""
    newest = list(reversed(history))
    lines = [_line(edition, each, names) for each in newest[first : first + LINES]]
    page = pages_of("", f"History of {edition_name(edition)}", lines)[0].message
    blocks = list(page.blocks)
    shown = sum(isinstance(block, EntryLine) for block in blocks)
    buttons: list[Button] = []
    if first + shown < len(newest):
        older = f"{edition.id} {first + shown}"
        buttons.append(Button("Older", SHOW, older, hint="Older edits of this edition"))
    undone = editing.undone_by(history)
    if not first and undone and edition.state.is_open:
        buttons.append(undo_button(edition, undone, names))
    blocks.append(Note(text(f"{count(len(history), 'revision')}. Nothing in it is ever overwritten.")))
    return Message(page.summary, (*blocks, *([Buttons(tuple(buttons))] if buttons else [])))


def _line(edition: Edition, line: Edited, names: Mapping[str, str]) -> EntryLine:
    look = Button("Look", LOOK, f"{edition.id} {line.revision}", hint=f"Look at revision {line.revision}")
    words = text(bold(f"{line.revision}. {author_of(line, names)}"), f", {say_when(line.at)}: {line.what[:500]}")
    return EntryLine(words, buttons=(look,))


def undo_button(edition: Edition, undone: Edited, names: Mapping[str, str]) -> Button:
    """Undo, which asks first."""
    return Button(
        "Undo the latest",
        UNDO_LATEST,
        f"{edition.id} {edition.revision}",
        confirm=f"Undo the latest edit, by {author_of(undone, names)}: {undone.what[:150]}?",
        hint="Undo the latest edit, whoever made it",
    )


def look_message(edition: Edition, then: Revision, before: Revision | None, names: Mapping[str, str]) -> Message:
    """One revision: what it changed, and what going back to it would change."""
    blocks: list[Block] = [
        Heading(f"Revision {then.revision} of {edition_name(edition)}"),
        Paragraph(text(f"{author_of(then, names)}, {say_when(then.at)}: {then.what[:1000]}.")),
    ]
    if before:
        blocks += _told("What it changed:", editing.compare(before.content, then.content))
    differences = editing.compare(edition.content, then.content)
    if then.revision == edition.revision:
        blocks.append(Note(text("This is the draft as it now stands.")))
    elif not differences:
        blocks.append(Note(text("The draft as it now stands says the same.")))
    else:
        blocks += _told("If you go back to it, compared with the draft as it now stands:", differences)
    if differences and edition.state.is_open:
        confirm = f"Give the draft the text of revision {then.revision}? It becomes a new revision; nothing is lost."
        hint = f"Go back to revision {then.revision}"
        blocks.append(
            Buttons((Button("Go back to this", GO_BACK, f"{edition.id} {then.revision}", confirm=confirm, hint=hint),))
        )
    return Message(f"Revision {then.revision}", tuple(blocks))


def _told(heading: str, differences: Sequence[str]) -> list[Block]:
    if not differences:
        return [Note(text(f"{heading} nothing that readers or editors would see."))]
    shown = [text(f"{difference[:1].upper()}{difference[1:]}.") for difference in differences[:DIFFERENCES]]
    if len(differences) > DIFFERENCES:
        shown.append(text(f"And {count(len(differences) - DIFFERENCES, 'more difference')}."))
    return [Paragraph(text(heading)), Bullets(tuple(shown))]


def undone_words(edit: Edit) -> Message:
    """An edit was undone."""
    what = edit.what.removeprefix("undid: ")
    return say(f"Undone: {what}. Undo once more to go further back; the history has everything.")


def gone_back(edition: Edition, edit: Edit) -> Message:
    """An earlier text stands again."""
    return say(f"Done: {edit.what}. It is revision {edition.revision} now; Undo takes it away again.")


async def command(ask: Ask, services: Services) -> Reply:
    """/digest history [N]: the list, or one revision."""
    async with services.store.read() as uow:
        edition = await editions.open_draft(uow) or next(iter(await uow.editions.recent(1)), None)
        if edition is None:
            return Reply((NO_EDITION,))
        if not ask.words:
            return Reply((await _list(uow, edition, 0),))
        number = whole_number(ask.words)
        if number is None:
            return Reply((WHICH,))
        return Reply((await _look(uow, edition, number),))


async def show(ask: Ask, services: Services) -> Reply:
    """History, or Older beneath it."""
    edition_id, first = parse_value(ask.value)
    async with services.store.read() as uow:
        edition = await editions.the_edition(uow, edition_id)
        return Reply((await _list(uow, edition, whole_number(first) or 0),))


async def look(ask: Ask, services: Services) -> Reply:
    """Look, beside a line of the history."""
    edition_id, number = parse_value(ask.value)
    async with services.store.read() as uow:
        edition = await editions.the_edition(uow, edition_id)
        return Reply((await _look(uow, edition, whole_number(number) or 0),))


async def undo(ask: Ask, services: Services) -> Reply:
    """Undo: the latest edit that the button knows of."""
    edition_id, seen = parse_value(ask.value)
    _, edit = await editions.undo(services, ask.identity, edition_id, whole_number(seen) or 0)
    return Reply((undone_words(edit),))


async def undo_command(ask: Ask, services: Services) -> Reply:
    """/digest undo: the latest edit of the draft."""
    async with services.store.read() as uow:
        edition = await editions.open_draft(uow)
    if edition is None:
        return Reply((NO_DRAFT,))
    _, edit = await editions.undo(services, ask.identity, edition.id)
    return Reply((undone_words(edit),))


async def go_back(ask: Ask, services: Services) -> Reply:
    """Go back to this."""
    edition_id, number = parse_value(ask.value)
    edition, edit = await editions.go_back(services, ask.identity, edition_id, whole_number(number) or 0)
    return Reply((gone_back(edition, edit),))


async def _list(uow: UnitOfWork, edition: Edition, first: int) -> Message:
    history = await uow.editions.history(edition.id)
    first = min(first, len(history) - 1)
    return list_message(edition, history, await editions.names_of(uow, history), first)


async def _look(uow: UnitOfWork, edition: Edition, number: int) -> Message:
    then = await editions.the_revision(uow, edition.id, number)
    before = await uow.editions.revision(edition.id, number - 1)
    return look_message(edition, then, before, await editions.names_of(uow, [then]))
