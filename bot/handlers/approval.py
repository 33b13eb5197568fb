"""The editors' presses on a draft as a whole: approve it, pull it back before it is posted, post it at once."""

from __future__ import annotations

from collections.abc import Sequence

from bot import editions
from bot.edition_messages import edition_name, parse_value, waiting_buttons
from bot.editions import Approved, Held
from bot.messages import Ask, Message, Reply, count, say
from bot.services import Services
from digests.approval import Refusal, TooLate
from digests.calendar import say_when
from digests.model import Act, Approval, DeliveryState, Edition, EditionState


def on_its_way(edition: Edition, channels: int) -> Message:
    """The last approval that was needed, with no time to cool off."""
    return say(f"Approved. {edition_name(edition)} is on its way to {count(channels, 'channel')}.")


def will_be_posted(edition: Edition, channels: int) -> Message:
    """The last approval that was needed."""
    assert edition.posts_at is not None
    said = say(
        f"Approved. {edition_name(edition)} will be posted to {count(channels, 'channel')} on "
        f"{say_when(edition.posts_at)}. Until then any editor can pull it back, here or at the top of the draft."
    )
    return Message(said.summary, (*said.blocks, waiting_buttons(edition)))


def corrected(edition: Edition, channels: int) -> Message:
    """The last approval of a correction that was needed."""
    return say(
        f"Approved. The messages of {edition_name(edition)} are changed in place, in {count(channels, 'channel')}. "
        "You are told if one cannot be."
    )


def one_more(edition: Edition) -> Message:
    """An approval that is not enough alone."""
    return say(
        f"Your approval of {edition_name(edition)} is recorded. Nobody has edited this draft, "
        "so one more editor must approve it before it is posted."
    )


def refused(refusal: Refusal, edition: Edition, approvals: Sequence[Approval]) -> Message:
    """Why a press on Approve did nothing."""
    match refusal:
        case Refusal.NOT_A_DRAFT if edition.state is EditionState.LAPSED:
            return say("This draft was not approved in time, and a newer draft covers its weeks. Nothing was done.")
        case Refusal.NOT_A_DRAFT if edition.state in (EditionState.SKIPPED, EditionState.MERGED):
            return say(
                f"This week was {edition.state.value}, so there is nothing to approve. Nothing was done. Press “Undo” "
                "at the top of the draft to have an edition of it after all."
            )
        case Refusal.NOT_A_DRAFT if edition.state is EditionState.GIVEN_UP:
            return say("This correction was given up, so there is nothing to approve. Nothing was done.")
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


def pulled_back(held: Held) -> Message:
    """It was caught in time."""
    return say(
        f"Pulled back. {edition_name(held.edition)} is a draft again, and nothing of it was posted: "
        f"{count(len(held.rows), 'message')} had been waiting. Its approvals no longer count; once it is as it should "
        "be, it is approved anew."
    )


def hurried(held: Held) -> Message:
    """It goes out without waiting."""
    channels = len({row.address for row in held.rows})
    return say(f"{edition_name(held.edition)} is on its way to {count(channels, 'channel')}.")


def not_pulled_back(held: Held) -> Message:
    """Why a press on Pull back did nothing."""
    name = edition_name(held.edition)
    match held.too_late:
        case TooLate.GONE:
            sent = sum(row.state is DeliveryState.SENT for row in held.rows)
            return say(
                f"It is too late to pull {name} back: {sent} of {count(len(held.rows), 'message')} posted, and the "
                "rest is on its way or may have arrived. Nothing was done."
            )
        case TooLate.SUCCEEDED:
            return say(
                f"{name} cannot become a draft again: a later edition was drafted, which begins where this one ends. "
                "Nothing was done."
            )
    return _not_waiting(held)


def not_hurried(held: Held) -> Message:
    """Why a press on Post now did nothing."""
    if held.too_late is TooLate.GONE:
        return say(f"{edition_name(held.edition)} is being posted already, or has been. Nothing was done.")
    return _not_waiting(held)


def _not_waiting(held: Held) -> Message:
    name, last = edition_name(held.edition), held.acts[-1] if held.acts else None
    if held.edition.state is EditionState.DRAFT and last is not None and last.act is Act.PULLED_BACK:
        return say(f"{name} was pulled back by {last.member_name} on {say_when(last.at)} already. Nothing was done.")
    return say(f"{name} is {held.edition.state.value}, so there is nothing that waits to be posted. Nothing was done.")


async def approve(ask: Ask, services: Services) -> Reply:
    """Approve."""
    edition_id, seen_hash = parse_value(ask.value)
    came: Approved = await editions.approve(services, ask.identity, edition_id, seen_hash)
    if came.verdict.refusal is not None:
        async with services.store.read() as uow:
            approvals = await uow.editions.approvals(edition_id)
        return Reply((refused(came.verdict.refusal, came.edition, approvals),))
    if not came.verdict.complete:
        return Reply((one_more(came.edition),))
    if came.edition.state is EditionState.CORRECTED:
        return Reply((corrected(came.edition, came.channels),))
    return Reply(((will_be_posted if came.waits else on_its_way)(came.edition, came.channels),))


async def pull_back(ask: Ask, services: Services) -> Reply:
    """Pull back."""
    held = await editions.pull_back(services, ask.identity, ask.value)
    return Reply(((not_pulled_back if held.too_late else pulled_back)(held),))


async def post_now(ask: Ask, services: Services) -> Reply:
    """Post now."""
    held = await editions.post_now(services, ask.identity, ask.value)
    return Reply(((not_hurried if held.too_late else hurried)(held),))
