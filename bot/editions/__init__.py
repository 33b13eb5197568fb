"""The editors' acts on an edition: make the draft, edit it, approve it. Each is one unit of work.

Whatever others see of it (the draft in the editors' channels, the posts in the digest channels) is written to the
outbox in the same transaction.
"""

from bot.editions.corrections import (
    begin_correction,
    give_up_correction,
    open_correction,
    renew_mail,
    reword_correction,
)
from bot.editions.drafts import compose, make_due_edition, make_edition_now, next_draft_at, recent_acts
from bot.editions.edits import edit_entry, go_back, the_revision, undo, who_changed
from bot.editions.lookup import PRESENT_FOR, find_edition, latest_published, names_of, open_draft, the_edition, view_of
from bot.editions.presence import arrive, forget_the_gone
from bot.editions.publication import (
    Approved,
    Held,
    NowhereToPost,
    approve,
    note_delivery,
    post_now,
    pull_back,
    show_again,
)
from bot.editions.reminding import remind
from bot.editions.showing import EMPTIED_PAGE, NOTICE, PURPOSE, show_draft
from bot.editions.weeks import NotPossible, Week, leave_out_week, resume_week, week_in_hand
from bot.editions.withdrawal import Wish, ask_to_withdraw, keep, withdraw
from bot.editions.withdrawal import asked as withdrawal_asked

__all__ = [
    "EMPTIED_PAGE",
    "NOTICE",
    "PRESENT_FOR",
    "PURPOSE",
    "Approved",
    "Held",
    "NotPossible",
    "NowhereToPost",
    "Week",
    "Wish",
    "approve",
    "arrive",
    "ask_to_withdraw",
    "begin_correction",
    "compose",
    "edit_entry",
    "find_edition",
    "forget_the_gone",
    "give_up_correction",
    "go_back",
    "keep",
    "latest_published",
    "leave_out_week",
    "make_due_edition",
    "make_edition_now",
    "names_of",
    "next_draft_at",
    "note_delivery",
    "open_correction",
    "open_draft",
    "post_now",
    "pull_back",
    "recent_acts",
    "remind",
    "renew_mail",
    "resume_week",
    "reword_correction",
    "show_again",
    "show_draft",
    "the_edition",
    "the_revision",
    "undo",
    "view_of",
    "week_in_hand",
    "who_changed",
    "withdraw",
    "withdrawal_asked",
]
