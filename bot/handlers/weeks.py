"""/digest schedule, and /digest skip with its presses: leave a week without an edition, or have one after all."""

from __future__ import annotations

from bot import editions, outlook
from bot.edition_messages import say_decision, undo_button, week_buttons
from bot.editions import NotPossible, Week
from bot.messages import Ask, Block, Bullets, Buttons, Heading, Message, Reply, say, text
from bot.services import Services
from digests.calendar import say_day, say_when
from digests.model import Act

AHEAD = "What is ahead"


def offer(week: Week) -> Message:
    """What can be done about the week in hand."""
    if week.decision is not None:
        return _with(
            say(f"The edition of {_day(week)}: {say_decision(week.decision)}"), Buttons((undo_button(_id(week)),))
        )
    if week.not_possible is not None or week.window is None:
        return refused(week)
    said = say(
        f"The edition of {_day(week)} covers what arrived from {say_when(week.window.start)} to "
        f"{say_when(week.window.end)}. Skip it, and that is in no edition; merge it, and it is in the next one."
    )
    return _with(said, Buttons(week_buttons(_id(week), week.window)))


def left_out(week: Week, act: Act) -> Message:
    """It was done."""
    if act is Act.SKIPPED:
        done = f"There is no edition on {_day(week)}. What arrived in its time stays in the archive."
    else:
        done = f"There is no edition on {_day(week)}. The next one covers this week as well."
    return _with(say(f"{done} You can undo this until the next draft is made."), Buttons((undo_button(_id(week)),)))


def told(week: Week, name: str, act: Act) -> Message:
    """The editors' channels are told that a week will have no draft."""
    what = "skipped it" if act is Act.SKIPPED else "merged it into the next"
    said = say(
        f"There will be no edition on {_day(week)}: {name} {what}. This can be undone until the next draft is made."
    )
    return _with(said, Buttons((undo_button(_id(week)),)))


def told_of_undoing(week: Week, name: str, at: str) -> Message:
    """In the place of the same, once it was undone."""
    return say(f"There will be an edition on {_day(week)} after all: {name} undid on {at} that it is left out.")


def undone(week: Week) -> Message:
    """There is an edition after all."""
    if week.edition is not None:
        return say(f"Undone. The draft of {_day(week)} is open again.")
    return say(f"Undone. The draft of {_day(week)} is made on {say_when(week.slot.draft_at)}.")


def refused(week: Week) -> Message:
    """Why a press did nothing."""
    day = _day(week)
    match week.not_possible:
        case NotPossible.APPROVED:
            return say(
                f"The edition of {day} is approved, so it can be neither skipped nor merged. Nothing was done. If it "
                "has not been posted yet, it can be pulled back at the top of the draft first."
            )
        case NotPossible.DECIDED if week.decision is not None:
            what = "skipped" if week.decision.act is Act.SKIPPED else "merged into the next"
            by = f"by {week.decision.member_name} on {say_when(week.decision.at)}"
            return say(f"The edition of {day} was {what} {by} already. Nothing was done.")
        case NotPossible.NOT_DECIDED:
            return say(f"The edition of {day} is neither skipped nor merged, so there is nothing to undo.")
        case NotPossible.PASSED:
            return say(
                f"It is too late for the edition of {day}: a later draft has been made, or its time has come. "
                "Nothing was done."
            )
    return say("No source has been read yet, so there is no week to skip.")


def _day(week: Week) -> str:
    return say_day(week.edition.due_on if week.edition else week.slot.due_on)


def _id(week: Week) -> str:
    return week.edition.id if week.edition else week.slot.id


def _with(said: Message, *blocks: Block) -> Message:
    return Message(said.summary, (*said.blocks, *blocks))


async def schedule(ask: Ask, services: Services) -> Reply:
    """/digest schedule: what is due, and what moves it."""
    ahead = await outlook.look_ahead(services)
    return Reply((Message(AHEAD, (Heading(AHEAD), Bullets(tuple(text(line) for line in outlook.lines(ahead))))),))


async def skip_what(ask: Ask, services: Services) -> Reply:
    """/digest skip: what can be done."""
    return Reply((offer(await editions.week_in_hand(services)),))


async def skip(ask: Ask, services: Services) -> Reply:
    """Skip this week."""
    return await _leave_out(ask, services, Act.SKIPPED)


async def merge(ask: Ask, services: Services) -> Reply:
    """Merge into the next."""
    return await _leave_out(ask, services, Act.MERGED)


async def _leave_out(ask: Ask, services: Services, act: Act) -> Reply:
    week = await editions.leave_out_week(
        services, ask.identity, ask.value, act, lambda present: told(present, ask.identity.name, act)
    )
    return Reply((refused(week) if week.not_possible else left_out(week, act),))


async def resume(ask: Ask, services: Services) -> Reply:
    """Undo."""
    at = say_when(services.clock.now())
    week = await editions.resume_week(
        services, ask.identity, ask.value, lambda present: told_of_undoing(present, ask.identity.name, at)
    )
    return Reply((refused(week) if week.not_possible else undone(week),))
