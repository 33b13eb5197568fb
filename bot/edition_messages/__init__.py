"""Turns an edition into neutral messages, paged so that each fits every platform: the editors' draft, and the posts."""

from bot.edition_messages.corrected import CORRECT, GIVE_UP, REWORD, WITHDRAW
from bot.edition_messages.draft import (
    ADD_LINK,
    DOWN,
    HEADLINE,
    HISTORY,
    LEFT_OUT,
    PREVIEW,
    RESTORE,
    SECTIONS,
    TAGS,
    TEXTS,
    UNDO,
    UP,
    draft_headline,
    draft_pages,
)
from bot.edition_messages.letter import letter_of
from bot.edition_messages.line import CHANGE, DROP, edition_name, entry_line, entry_value, joined, parse_value, short
from bot.edition_messages.paging import PAGE_BLOCKS, PAGE_CHARACTERS, Page, pages_of
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
from bot.edition_messages.warned import CLEAN, FOLLOW, WARNINGS, warnings_button, warnings_pages

__all__ = [
    "ADD_LINK",
    "APPROVE",
    "CHANGE",
    "CLEAN",
    "CORRECT",
    "DECLINE",
    "DOWN",
    "DROP",
    "FOLLOW",
    "GIVE_UP",
    "HEADLINE",
    "HISTORY",
    "LEFT_OUT",
    "MERGE",
    "PAGE_BLOCKS",
    "PAGE_CHARACTERS",
    "POST_NOW",
    "PREVIEW",
    "PULL_BACK",
    "RESTORE",
    "RESUME",
    "REWORD",
    "SECTIONS",
    "SKIP",
    "TAGS",
    "TAKE_UP",
    "TEXTS",
    "UNDO",
    "UP",
    "WARNINGS",
    "WITHDRAW",
    "DraftView",
    "Page",
    "draft_headline",
    "draft_pages",
    "edition_name",
    "entry_line",
    "entry_value",
    "joined",
    "letter_of",
    "pages_of",
    "parse_value",
    "published_parts",
    "reminder",
    "say_decision",
    "short",
    "suggested_pages",
    "undo_button",
    "waiting_buttons",
    "warnings_button",
    "warnings_pages",
    "week_buttons",
]
