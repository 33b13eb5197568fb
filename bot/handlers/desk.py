"""The editors' presses on a draft: leave an entry out, put it back, approve."""

from __future__ import annotations

from collections.abc import Callable

from bot import editions
from bot.edition_messages import edition_name, parse_value
from bot.editions import Approved
from bot.messages import Ask, Message, Reply, count, say
from bot.services import Services
from digests import editing
from digests.approval import Refusal
from digests.calendar import say_when
from digests.editing import Edit
from digests.model import Approval, Content, Edition, EditionState


def edited(edit: Edit) -> Message:
    """An edit was made."""
    return say(f"Done: {edit.what}. Type /digest draft to see the draft as it now stands.")


def on_its_way(edition: Edition, channels: int) -> Message:
    """The last approval that was needed."""
    return say(f"Approved. {edition_name(edition)} is on its way to {count(channels, 'channel')}.")


def one_more(edition: Edition) -> Message:
    """An approval that is not enough alone."""
    return say(
        f"Your approval of {edition_name(edition)} is recorded. Nobody has edited this draft, "
        "so one more editor must approve it before it is posted."
    )


def refused(refusal: Refusal, edition: Edition, approvals: list[Approval]) -> Message:
    """Why a press on Approve did nothing."""
    match refusal:
        case Refusal.NOT_A_DRAFT if edition.state is EditionState.LAPSED:
            return say("This draft was not approved in time, and a newer draft covers its weeks. Nothing was done.")
        case Refusal.NOT_A_DRAFT:
            by = " and ".join(f"{approval.member_name} on {say_when(approval.at)}" for approval in approvals)
            return say(f"This edition was already approved by {by}. Nothing was done.")
        case Refusal.CHANGED:
            return say(
                "The draft was changed after this button was shown to you, so your approval was not recorded. "
                "Please read the draft as it now stands and approve that."
            )
        case Refusal.OWN_EDIT:
            return say(
                "You made the last edit, so somebody else must approve this edition. Nothing was done; "
                "your edit is kept."
            )
        case Refusal.TWICE:
            return say("You have approved this text already. One more editor must approve it before it is posted.")
        case Refusal.EMPTY:
            return say("Every entry is left out, so there is nothing to post. Put at least one back, then approve.")


async def drop(ask: Ask, services: Services) -> Reply:
    """Leave out."""
    return await _edit(ask, services, editing.drop)


async def restore(ask: Ask, services: Services) -> Reply:
    """Put back, or add a maybe."""
    return await _edit(ask, services, editing.restore)


async def _edit(ask: Ask, services: Services, change: Callable[[Content, str], Edit]) -> Reply:
    edition_id, entry_id = parse_value(ask.value)
    edition, edit = await editions.edit_entry(
        services, ask.identity, edition_id, lambda content: change(content, entry_id)
    )
    async with services.store.read() as uow:
        live = {row.message_ref for row in await uow.deliveries.of_edition(edition.id)}
    # The editors' channel shows the edit itself; a private copy does not change, so there it is said.
    return Reply() if ask.message_ref and ask.message_ref in live else Reply((edited(edit),))


async def approve(ask: Ask, services: Services) -> Reply:
    """Approve."""
    edition_id, seen_hash = parse_value(ask.value)
    came: Approved = await editions.approve(services, ask.identity, edition_id, seen_hash)
    if came.verdict.refusal is not None:
        async with services.store.read() as uow:
            approvals = list(await uow.editions.approvals(edition_id))
        return Reply((refused(came.verdict.refusal, came.edition, approvals),))
    if came.verdict.complete:
        return Reply((on_its_way(came.edition, came.channels),))
    return Reply((one_more(came.edition),))
