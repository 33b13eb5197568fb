"""Withdraws an edition that readers have: asked for by one editor, confirmed by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.edition_messages import edition_name
from bot.editions.corrections import change_messages, open_correction
from bot.editions.lookup import the_edition
from bot.editions.showing import retell_editors, show_draft, tell_editors
from bot.messages import Button, Buttons, ButtonStyle, Identity, Message, Paragraph, say, text, to_json
from bot.ports import UnitOfWork
from bot.services import Services
from digests import publishing
from digests.calendar import LONDON, say_day, say_when
from digests.errors import Stale
from digests.model import Act, DeliveryState, Edition, EditionAct, EditionState

CONFIRM, KEEP = "edition.withdraw", "edition.keep"
_HELD = (DeliveryState.PARKED, DeliveryState.DROPPED)
_ACTS = (Act.ASKED_TO_WITHDRAW, Act.KEPT, Act.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class Wish:
    """An editor's wish that an edition be withdrawn. ``number`` tells it from earlier ones of the same edition."""

    edition: Edition
    by: EditionAct
    number: int

    @property
    def key(self) -> str:
        """Under which editors are told of it."""
        return f"withdraw:{self.edition.id}:{self.number}"


def asked(wish: Wish, one_editor: bool) -> Message:
    """What the editors are asked."""
    who = "You can confirm it yourself." if one_editor else "Another editor must confirm it."
    words = text(
        f"{wish.by.member_name} wants to withdraw {edition_name(wish.edition)} ({say_when(wish.by.at)}). {who} "
        "Each of its messages is then replaced by a line that says so, and it is not shown on the web any more."
    )
    buttons = (
        Button(
            "Withdraw it",
            CONFIRM,
            wish.edition.id,
            ButtonStyle.DANGER,
            confirm="Withdraw it? Readers will see that it was withdrawn. This cannot be undone.",
            hint=f"Withdraw it: {edition_name(wish.edition)}",
        ),
        Button("Keep it", KEEP, wish.edition.id, hint=f"Keep it: {edition_name(wish.edition)}"),
    )
    return Message(words[0].text, (Paragraph(words), Buttons(buttons)))


def decided(wish: Wish, act: EditionAct) -> Message:
    """What became of it."""
    done = "is withdrawn" if act.act is Act.WITHDRAWN else "stays as it is"
    return say(
        f"{edition_name(wish.edition)} {done}: asked by {wish.by.member_name}, decided by {act.member_name} "
        f"({say_when(act.at)})."
    )


def withdrawn(edition: Edition, act: EditionAct) -> Message:
    """What readers see in the place of each message."""
    local = act.at.astimezone(LONDON)
    return say(
        f"{edition_name(edition)} was withdrawn on {say_day(local.date())} at {local:%H:%M}. "
        f"If you have a question about it, ask {act.member_name}, an editor of the digest."
    )


async def ask_to_withdraw(services: Services, editor: Identity, edition_id: str) -> Wish:
    """Ask the editors whether to withdraw. Raises NotFound, or Stale where it is not published or was asked already."""
    now = services.clock.now()
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        edition = await _published(uow, edition_id)
        if await _wish(uow, edition) is not None:
            raise Stale(edition_id, "The editors are being asked about this already. Nothing was done.")
        await _record(uow, editor, edition_id, Act.ASKED_TO_WITHDRAW, services)
        wish = await _wish(uow, edition)
        assert wish is not None
        await tell_editors(uow, wish.key, asked(wish, services.plan.approval.one_editor), now)
        await uow.commit()
    services.wake()
    return wish


async def keep(services: Services, editor: Identity, edition_id: str) -> Edition:
    """Decline the wish to withdraw, or take it back. Raises NotFound, or Stale where nobody wishes it (any more)."""
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        wish = await _the_wish(uow, edition_id)
        act = await _record(uow, editor, edition_id, Act.KEPT, services)
        await retell_editors(uow, wish.key, decided(wish, act), act.at)
        await uow.commit()
    services.wake()
    return wish.edition


async def withdraw(services: Services, editor: Identity, edition_id: str) -> Edition:
    """Withdraw, at a second editor's word: its messages are replaced, what is not out yet never goes.

    Raises NotFound, or Stale where nobody wishes it (any more), or where the same editor asked for it.
    """
    async with services.store.begin() as uow:
        await uow.editions.lock(edition_id)
        wish = await _the_wish(uow, edition_id)
        member = await uow.members.resolve(editor, services.clock.now())
        if member.id == wish.by.member_id and not services.plan.approval.one_editor:
            raise Stale(edition_id, "You asked for this, so another editor must confirm it. Nothing was done.")
        act = await _record(uow, editor, edition_id, Act.WITHDRAWN, services)
        await uow.editions.set_state(edition_id, EditionState.PUBLISHED, EditionState.WITHDRAWN)
        edition = replace(wish.edition, state=EditionState.WITHDRAWN)
        rows = await uow.deliveries.of_edition(edition_id)
        changes, never = publishing.withdraw(rows, to_json(withdrawn(edition, act)))
        for row in never:
            await uow.deliveries.settle(row, DeliveryState.DROPPED, now=act.at)
        for row in rows:
            if row.key in changes.bodies and row.is_there and row.state in _HELD:
                # A change that the platform refused, or that was given up: this one is worth another attempt.
                await uow.deliveries.settle(row, DeliveryState.PENDING, now=act.at)
        await change_messages(uow, changes, services)
        correction = await open_correction(uow, edition_id)
        if correction is not None:
            await uow.editions.set_state(correction.id, EditionState.CORRECTING, EditionState.GIVEN_UP)
            await show_draft(uow, services, replace(correction, state=EditionState.GIVEN_UP))
        await retell_editors(uow, wish.key, decided(wish, act), act.at)
        await show_draft(uow, services, edition)
        await uow.commit()
    services.wake()
    return edition


async def _published(uow: UnitOfWork, edition_id: str) -> Edition:
    edition = await the_edition(uow, edition_id)
    if edition.state is not EditionState.PUBLISHED:
        raise Stale(edition_id, f"Only what readers have can be withdrawn, and this edition is {edition.state.value}.")
    return edition


async def _the_wish(uow: UnitOfWork, edition_id: str) -> Wish:
    wish = await _wish(uow, await _published(uow, edition_id))
    if wish is None:
        raise Stale(edition_id, "Nobody asks to withdraw this edition (any more). Nothing was done.")
    return wish


async def _wish(uow: UnitOfWork, edition: Edition) -> Wish | None:
    acts: Sequence[EditionAct] = [act for act in await uow.editions.acts(edition.id) if act.act in _ACTS]
    if not acts or acts[-1].act is not Act.ASKED_TO_WITHDRAW:
        return None
    return Wish(edition, acts[-1], sum(act.act is Act.ASKED_TO_WITHDRAW for act in acts))


async def _record(uow: UnitOfWork, editor: Identity, edition_id: str, act: Act, services: Services) -> EditionAct:
    now = services.clock.now()
    member = await uow.members.resolve(editor, now)
    done = EditionAct(edition_id, act, member.id, member.name, now)
    await uow.editions.add_act(done)
    await uow.audit.note(member.id, act.value, f"edition:{edition_id}", now)
    return done
