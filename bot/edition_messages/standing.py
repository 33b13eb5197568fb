"""Where a draft stands: its edits, its approvals, its posting, and the buttons for what comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.edition_messages.line import edition_name, joined
from bot.edition_messages.view import DraftView
from bot.messages import Block, Button, Buttons, ButtonStyle, Paragraph, Text, bold, count, text
from digests.approval import approvals_needed
from digests.calendar import say_when
from digests.model import Delivery, DeliveryState, EditionState, content_hash
from digests.publishing import of_publication

APPROVE = "draft.approve"


def standing(view: DraftView) -> Iterator[Block]:
    edition = view.edition
    names = joined([f"{approval.member_name} ({say_when(approval.at)})" for approval in view.approvals])
    if edition.state is EditionState.LAPSED:
        yield Paragraph(text("This draft was not approved in time. The next draft covers its weeks as well."))
        return
    if edition.state is not EditionState.DRAFT:
        yield Paragraph(text(bold("Approved"), f" by {names}."))
        yield Paragraph(_progress(view.deliveries))
        return
    edits = sum(1 for revision in view.revisions if revision.author)
    needed = approvals_needed(view.revisions, view.policy)
    if view.approvals:
        yield Paragraph(text(f"Approved by {names}. ", bold("One more editor"), " is needed."))
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
                f"{edition.id} {content_hash(edition.content)}",
                ButtonStyle.PRIMARY,
                confirm="Approve exactly this text? With enough approvals it is posted to every digest channel.",
                hint=f"Approve {edition_name(edition)} as it now stands",
            ),
        )
    )


def _progress(deliveries: Sequence[Delivery]) -> Text:
    rows = of_publication(deliveries)
    sent = sum(row.state is DeliveryState.SENT for row in rows)
    stuck = [row for row in rows if row.state in (DeliveryState.PARKED, DeliveryState.UNKNOWN)]
    parts = [f"{sent} of {count(len(rows), 'message')} posted."]
    parts += [f" {row.address.channel}: {row.reason}" for row in stuck]
    return text(*parts)
