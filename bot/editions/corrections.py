"""Corrections after publication: begun by one editor, approved by another, then shown in the messages themselves."""

from __future__ import annotations

from dataclasses import replace

from bot.edition_messages import letter_of, published_parts
from bot.editions.edits import edit_entry
from bot.editions.lookup import the_edition
from bot.editions.showing import show_draft
from bot.messages import Identity, say, to_json
from bot.ports import UnitOfWork
from bot.privacy import audit
from bot.services import Services
from digests import correcting, publishing
from digests.approval import last_editor
from digests.editing import Edit
from digests.errors import Stale
from digests.model import Content, Delivery, Edition, EditionState

GONE = say("This part of the edition is empty now. What was corrected is said at the top of the edition.")


async def open_correction(uow: UnitOfWork, edition_id: str) -> Edition | None:
    """The correction of an edition that is being worked on, if there is one."""
    known = await uow.editions.corrections_of(edition_id)
    return next((each for each in known if each.state is EditionState.CORRECTING), None)


async def begin_correction(services: Services, editor: Identity, edition_id: str, what: str) -> Edition:
    """Put a draft of the correction into the editors' channels. Raises NotFound or Stale, with a sentence."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        edition = await the_edition(uow, edition_id)
        author = await uow.members.resolve(editor, now)
        before = await uow.editions.corrections_of(edition_id)
        draft, revision = correcting.begin(edition, before, what, author=author.id, now=now)
        await uow.editions.add(draft, revision)
        await uow.audit.note(author.id, "began a correction", f"edition:{draft.id}", now)
        await show_draft(uow, services, draft)
        await uow.commit()
    services.wake()
    return draft


async def reword_correction(services: Services, editor: Identity, correction_id: str, what: str) -> Edition:
    """Change what readers are told of a correction. Raises NotFound or Stale, with a sentence."""

    def reword(content: Content) -> Edit:
        if not content.corrections:
            raise Stale(correction_id, "This is not a correction. Nothing was changed.")
        return Edit(correcting.reworded(content, what), f"told the correction as “{what}”")

    edition, _ = await edit_entry(services, editor, correction_id, reword)
    return edition


async def give_up_correction(services: Services, editor: Identity, correction_id: str) -> Edition:
    """End a correction without it having any effect. Raises NotFound, or Stale where it is not open any more."""
    async with services.store.begin() as uow:
        await uow.editions.lock(correction_id)
        edition = await the_edition(uow, correction_id)
        if not await uow.editions.set_state(correction_id, EditionState.CORRECTING, EditionState.GIVEN_UP):
            raise Stale(correction_id, f"This correction is {edition.state.value} already. Nothing was changed.")
        edition = replace(edition, state=EditionState.GIVEN_UP)
        await audit.note(uow, editor, "gave up a correction", f"edition:{correction_id}", services.clock.now())
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return edition


async def apply_correction(uow: UnitOfWork, services: Services, correction: Edition) -> Edition:
    """Make the text of an approved correction the edition's, and change its messages in place; returns the edition.

    Raises NotFound or Stale, with a sentence.
    """
    now = services.clock.now()
    edition_id = correcting.corrected_id(correction.id)
    await uow.editions.lock(edition_id)
    edition = await the_edition(uow, edition_id)
    author = last_editor(await uow.editions.revisions(correction.id))
    corrected, revision = correcting.applied(edition, correction, author=author, now=now)
    if not await uow.editions.save_revision(corrected, revision):
        raise Stale(edition_id, "This edition was changed at the same moment. Nothing was done; please press again.")
    parts = [to_json(part) for part in published_parts(corrected)]
    rows = await uow.deliveries.of_edition(edition_id)
    letter = to_json(letter_of(corrected, services.public_url))
    await change_messages(uow, publishing.correct(rows, parts, to_json(GONE), letter, now), services)
    await uow.editions.set_state(correction.id, EditionState.CORRECTING, EditionState.CORRECTED)
    await show_draft(uow, services, corrected)
    return corrected


async def renew_mail(uow: UnitOfWork, services: Services, mail: Delivery) -> None:
    """Give a mail that is to go out, because it did not arrive, the text that its edition has by now."""
    edition = await uow.editions.get(mail.edition_id)
    if edition is not None:
        body = to_json(letter_of(edition, services.public_url))
        await uow.deliveries.replace_body(mail.key, body, services.clock.now())


async def change_messages(uow: UnitOfWork, changes: publishing.Changes, services: Services) -> None:
    """Write what a new text means for the outbox."""
    for key, body in changes.bodies.items():
        await uow.deliveries.replace_body(key, body, services.clock.now())
    await uow.deliveries.add(changes.added)
