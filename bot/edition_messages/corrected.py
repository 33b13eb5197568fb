"""Where a correction stands, and what can be done with an edition that readers have."""

from __future__ import annotations

from collections.abc import Iterator

from bot.edition_messages.line import edition_name
from bot.edition_messages.view import DraftView
from bot.messages import Block, Button, Buttons, ButtonStyle, Paragraph, bold, count, italic, text
from digests.calendar import say_when
from digests.model import Act, Edition, EditionState, content_hash

CORRECT, WITHDRAW = "edition.correct", "edition.ask_to_withdraw"
REWORD, GIVE_UP = "correction.reword", "correction.give_up"


def published_buttons(edition: Edition) -> Buttons:
    """What can be done with an edition that readers have."""
    name = edition_name(edition)
    return Buttons(
        (
            Button("Correct…", CORRECT, edition.id, hint=f"Correct… {name}"),
            Button(
                "Withdraw",
                WITHDRAW,
                edition.id,
                ButtonStyle.DANGER,
                confirm="Withdraw it? The editors are asked first, and another editor must confirm it.",
                hint=f"Withdraw {name}",
            ),
        )
    )


def correction_standing(view: DraftView, approve: str) -> Iterator[Block]:
    """Where a correction stands. ``approve`` names the press on Approve."""
    edition, told = view.edition, view.edition.content.corrections[-1]
    if edition.state is EditionState.GIVEN_UP:
        yield Paragraph(text("This correction was given up. The edition stays as it was."))
        return
    yield Paragraph(text("Readers will be told: " if told.at is None else "Readers are told: ", italic(told.what)))
    if edition.state is EditionState.CORRECTED:
        names = ", ".join(f"{each.member_name} ({say_when(each.at)})" for each in view.approvals)
        yield Paragraph(
            text(
                bold("Approved"),
                f" by {names}. The messages that readers have are changed in place; you are told if one cannot be.",
            )
        )
        return
    edits = sum(1 for revision in view.revisions if revision.author) - 1
    done = f"{count(edits, 'edit')} so far; the latest: {view.revisions[-1].what}. " if edits else ""
    need = "You can approve it yourself." if view.policy.one_editor else "It needs one approval, from another editor."
    yield Paragraph(text(f"{done}{need} Until then readers see the edition as it was."))
    name = edition_name(edition)
    yield Buttons(
        (
            Button(
                "Approve",
                approve,
                f"{edition.id} {content_hash(edition.content)}",
                ButtonStyle.PRIMARY,
                confirm="Approve exactly this text? The messages that readers have are then changed at once.",
                hint=f"Approve this correction of {name} as it now stands",
            ),
            Button("Change what readers are told…", REWORD, edition.id),
            Button(
                "Give up",
                GIVE_UP,
                edition.id,
                ButtonStyle.DANGER,
                confirm="Give this correction up? The edition stays as it is, and these edits have no effect.",
                hint=f"Give up this correction of {name}",
            ),
        )
    )


def withdrawn_standing(view: DraftView) -> Iterator[Block]:
    """That an edition was withdrawn."""
    act = next((act for act in reversed(view.acts) if act.act is Act.WITHDRAWN), None)
    by = f" by {act.member_name} ({say_when(act.at)})" if act else ""
    yield Paragraph(text(bold("Withdrawn"), f"{by}. Its messages say so, and it is not shown on the web any more."))
