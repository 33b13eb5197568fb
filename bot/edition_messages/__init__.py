"""Turns an edition into neutral messages, paged so that each fits every platform: the editors' draft, and the posts."""

from bot.edition_messages.draft import DROP, HEADLINE, RESTORE, TAGS, draft_headline, draft_pages
from bot.edition_messages.line import edition_name, entry_value, parse_value
from bot.edition_messages.paging import PAGE_BLOCKS, PAGE_CHARACTERS, Page
from bot.edition_messages.published import published_parts
from bot.edition_messages.standing import (
    APPROVE,
    MERGE,
    POST_NOW,
    PULL_BACK,
    RESUME,
    SKIP,
    say_decision,
    undo_button,
    waiting_buttons,
    week_buttons,
)
from bot.edition_messages.view import DraftView

__all__ = [
    "APPROVE",
    "DROP",
    "HEADLINE",
    "MERGE",
    "PAGE_BLOCKS",
    "PAGE_CHARACTERS",
    "POST_NOW",
    "PULL_BACK",
    "RESTORE",
    "RESUME",
    "SKIP",
    "TAGS",
    "DraftView",
    "Page",
    "draft_headline",
    "draft_pages",
    "edition_name",
    "entry_value",
    "parse_value",
    "published_parts",
    "say_decision",
    "undo_button",
    "waiting_buttons",
    "week_buttons",
]
