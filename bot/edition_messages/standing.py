"""Where a draft stands: its edits, its approvals, its posting, and the buttons for what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.edition_messages.corrected import correction_standing, published_buttons, withdrawn_standing
from bot.edition_messages.line import edition_name, joined
from bot.edition_messages.progress import progress
from bot.edition_messages.view import DraftView
from bot.messages import Block, Button, Buttons, ButtonStyle, Paragraph, bold, count, text
from digests.approval import approvals_needed
from digests.calendar import decided, say_span, say_when
from digests.model import (
    Act,
    Approval,
    Delivery,
    DeliveryState,
    Edition,
    EditionAct,
    EditionState,
    Window,
    content_hash,
)
from digests.plan import ApprovalPolicy
from digests.publishing import has_begun, of_publication

APPROVE = "draft.approve"
PULL_BACK = "draft.pull_back"
POST_NOW = "draft.post_now"
SKIP = "week.skip"
MERGE = "week.merge"
RESUME = "week.resume"


def standing(view: DraftView) -> Iterator[Block]:
    if view.edition.state is EditionState.LAPSED:
        yield Paragraph(text("This draft was not approved in time. The next draft covers its weeks as well."))
    elif view.edition.state in (EditionState.SKIPPED, EditionState.MERGED):
        yield from _left_out(view)
    elif view.edition.state is EditionState.DRAFT:
        yield from _draft(view)
    elif view.edition.state.is_correction:
        yield from correction_standing(view, APPROVE)
    elif view.edition.state is EditionState.WITHDRAWN:
        yield from withdrawn_standing(view)
    else:
        yield from _approved(view)


def _said(approvals: Sequence[Approval]) -> str:
    """Who approved when: ``Bob (Friday 24 January 2025, 09:12) and Carol (…)``."""
    return joined([f"{approval.member_name} ({say_when(approval.at)})" for approval in approvals])


def _draft(view: DraftView) -> Iterator[Block]:
    edits = sum(1 for revision in view.revisions if revision.author)
    needed = approvals_needed(view.revisions, view.policy)
    last = view.acts[-1] if view.acts else None
    if last is not None and last.act is Act.PULLED_BACK and last.at > view.revisions[-1].at:
        words = f" by {last.member_name} ({say_when(last.at)}). Nothing was posted, and its approvals no longer count."
        yield Paragraph(text(bold("Pulled back"), words))
    if view.approvals:
        yield Paragraph(text(f"Approved by {_said(view.approvals)}. ", bold("One more editor"), " is needed."))
    elif view.policy.one_editor:
        yield Paragraph(text("This network has one editor, so one person’s approval is enough."))
    elif edits:
        yield Paragraph(
            text(
                f"{count(edits, 'edit')} so far; the latest: {view.revisions[-1].what}. ",
                "It needs one approval, from somebody other than the last editor.",
            )
        )
    else:
        yield Paragraph(text(f"Nobody has edited this draft, so it needs {needed} editors’ approvals."))
    yield Buttons(
        (
            Button(
                "Approve",
                APPROVE,
                f"{view.edition.id} {content_hash(view.edition.content)}",
                ButtonStyle.PRIMARY,
                confirm=_confirm_approval(view),
                hint=f"Approve {edition_name(view.edition)} as it now stands",
            ),
            *week_buttons(view.edition.id, view.edition.window),
        )
    )


def week_buttons(edition_id: str, window: Window) -> tuple[Button, ...]:
    """To leave a week without an edition. ``window`` is what that week's edition covers."""
    span = f"What arrived from {say_when(window.start)} to {say_when(window.end)}"
    undone = "This can be undone until the next draft is made."
    return (
        Button(
            "Skip this week",
            SKIP,
            edition_id,
            confirm=f"Skip this week? {span} will then be in no edition, though it stays in the archive. {undone}",
            hint="Skip this week: there is no edition of it",
        ),
        Button(
            "Merge into the next",
            MERGE,
            edition_id,
            confirm=f"Merge this week into the next? {span} will then be in the next edition. {undone}",
            hint="Merge this week into the next: one edition covers both",
        ),
    )


def undo_button(edition_id: str) -> Button:
    """To have an edition of a week after all."""
    return Button("Undo", RESUME, edition_id, hint="Have an edition of this week after all")


def say_decision(decision: EditionAct) -> str:
    """What an editor decided about a week, and what follows from it."""
    done = f"by {decision.member_name} ({say_when(decision.at)})"
    if decision.act is Act.SKIPPED:
        return f"Skipped {done}. What arrived in its time is in no edition; it stays in the archive."
    return f"Merged into the next edition {done}. The next draft covers this week as well."


def _left_out(view: DraftView) -> Iterator[Block]:
    decision = decided(view.acts).get(view.edition.id)
    if decision is not None:
        yield Paragraph(text(say_decision(decision), " This can be undone until the next draft is made."))
        yield Buttons((undo_button(view.edition.id),))


def _confirm_approval(view: DraftView) -> str:
    warnings = len(view.warnings)
    said = f"There {'is' if warnings == 1 else 'are'} {count(warnings, 'warning')}. " if warnings else ""
    return said + _what_approval_does(view.policy)


def _what_approval_does(policy: ApprovalPolicy) -> str:
    if not policy.cooling_off:
        return "Approve exactly this text? With enough approvals it is posted to every digest channel."
    return (
        f"Approve exactly this text? With enough approvals it is posted to every digest channel after "
        f"{say_span(policy.cooling_off)}; until then it can be pulled back."
    )


def _approved(view: DraftView) -> Iterator[Block]:
    rows = of_publication(view.deliveries)
    yield Paragraph(text(bold("Approved"), f" by {_said(view.approvals)}."))
    hurried = next((act for act in reversed(view.acts) if act.act is Act.POSTED_NOW), None)
    if hurried is not None and view.approvals and hurried.at >= view.approvals[-1].at:
        yield Paragraph(text(f"{hurried.member_name} had it posted at once ({say_when(hurried.at)})."))
    elif _waits(view, rows) and view.edition.posts_at is not None:
        channels = count(len({row.address for row in rows}), "channel")
        when = bold(say_when(view.edition.posts_at))
        yield Paragraph(text("It will be posted on ", when, f", to {channels}. Until then it can be pulled back."))
        yield waiting_buttons(view.edition)
        return
    yield from progress(rows)
    if view.edition.state is EditionState.APPROVED and not has_begun(rows):
        yield Buttons((_pull_back(view.edition),))
    if view.edition.state is EditionState.PUBLISHED:
        yield published_buttons(view.edition)


def _waits(view: DraftView, rows: Sequence[Delivery]) -> bool:
    """Whether it waits for its posting moment. This is a message that stays, so it cannot ask what time it is."""
    posts_at, approvals = view.edition.posts_at, view.approvals
    untouched = all(row.state is DeliveryState.PENDING and not row.attempts for row in rows)
    return untouched and posts_at is not None and bool(approvals) and posts_at > approvals[-1].at


def waiting_buttons(edition: Edition) -> Buttons:
    """What can be done with an approved edition that waits to be posted."""
    post_now = Button(
        "Post now",
        POST_NOW,
        edition.id,
        confirm="Post it now? It goes to every digest channel at once and can no longer be pulled back.",
        hint=f"Post {edition_name(edition)} now",
    )
    return Buttons((post_now, _pull_back(edition)))


def _pull_back(edition: Edition) -> Button:
    return Button(
        "Pull back",
        PULL_BACK,
        edition.id,
        ButtonStyle.DANGER,
        confirm="Pull it back? It is not posted then, its approvals no longer count, and it can be edited again.",
        hint=f"Pull {edition_name(edition)} back before it is posted",
    )
