"""Turns an edition into neutral messages, paged so that each fits every platform: the editors' draft, and the posts."""

from bot.edition_messages.draft import ADD_LINK, DROP, HEADLINE, RESTORE, TAGS, draft_headline, draft_pages
from bot.edition_messages.line import edition_name, entry_value, parse_value
from bot.edition_messages.paging import PAGE_BLOCKS, PAGE_CHARACTERS, Page
from bot.edition_messages.published import published_parts
from bot.edition_messages.reminder import reminder
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
from bot.edition_messages.suggested import DECLINE, TAKE_UP, suggested_pages
from bot.edition_messages.view import DraftView
from bot.edition_messages.warned import CLEAN, FOLLOW, WARNINGS, warnings_pages

__all__ = [
    "ADD_LINK",
    "APPROVE",
    "CLEAN",
    "DECLINE",
    "DROP",
    "FOLLOW",
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
    "TAKE_UP",
    "WARNINGS",
    "DraftView",
    "Page",
    "draft_headline",
    "draft_pages",
    "edition_name",
    "entry_value",
    "parse_value",
    "published_parts",
    "reminder",
    "say_decision",
    "suggested_pages",
    "undo_button",
    "waiting_buttons",
    "warnings_pages",
    "week_buttons",
]
