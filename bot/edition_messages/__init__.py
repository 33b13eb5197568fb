"""Turns an edition into neutral messages, paged so that each fits every platform: the editors' draft, and the posts."""

from bot.edition_messages.draft import DROP, HEADLINE, RESTORE, TAGS, draft_headline, draft_pages
from bot.edition_messages.line import edition_name, entry_value, parse_value
from bot.edition_messages.paging import PAGE_BLOCKS, PAGE_CHARACTERS, Page
from bot.edition_messages.published import published_parts
from bot.edition_messages.standing import APPROVE, POST_NOW, PULL_BACK, waiting_buttons
from bot.edition_messages.view import DraftView

__all__ = [
    "APPROVE",
    "DROP",
    "HEADLINE",
    "PAGE_BLOCKS",
    "PAGE_CHARACTERS",
    "POST_NOW",
    "PULL_BACK",
    "RESTORE",
    "TAGS",
    "DraftView",
    "Page",
    "draft_headline",
    "draft_pages",
    "edition_name",
    "entry_value",
    "parse_value",
    "published_parts",
    "waiting_buttons",
]
