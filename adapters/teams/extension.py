"""The search of the message extension: what was read, as lines to choose from; chosen, it is put into a message."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from adapters.shapes import Json
from adapters.teams import texts
from adapters.teams.asks import read_search
from adapters.teams.escaping import unmarked
from adapters.teams.invokes import extension_says, result, results
from adapters.teams.manifest import WORDS
from adapters.teams.render import Unsendable, render_message
from bot.messages import Message, Note, Paragraph, Span, Style, bold, text
from bot.ports import FoundItem, Lookup
from digests.errors import ConvenorError

log = logging.getLogger("convenor.teams")

# As many as Teams asks for at a time.
A_PAGE: Final = 25
_LETTERS: Final = 2


class SearchResults:
    """Answers the searches."""

    def __init__(self, lookup: Lookup, seconds: float) -> None:
        self._lookup = lookup
        self._seconds = seconds

    async def answer(self, activity: Json) -> dict[str, Any]:
        """The results, or a sentence. Raises :class:`adapters.teams.asks.Unreadable`."""
        search = read_search(activity, WORDS, A_PAGE)
        if not search.words:
            return extension_says(texts.SEARCH_FOR_WHAT)
        if len(search.words) < _LETTERS:
            return extension_says(texts.TOO_SHORT)
        try:
            async with asyncio.timeout(self._seconds):
                found = await self._lookup.find(search.words, search.skipped, search.most)
        except ConvenorError as known:
            return extension_says(known.sentence)
        except TimeoutError:
            log.warning("A search took longer than Teams waits.")
            return extension_says(texts.SEARCH_TOOK_LONG)
        if not found and not search.skipped:
            return extension_says(texts.nothing_found(search.words))
        # Nothing at all is how Teams learns that there are no more pages.
        return results([shown for item in found if (shown := _shown(item))])


def _shown(item: FoundItem) -> dict[str, Any] | None:
    headline = Span(item.title, Style.BOLD, item.url) if item.url.lower().startswith("http") else bold(item.title)
    message = Message(item.title, (Paragraph(text(headline)), Note(text(item.about))))
    try:
        card = render_message(message).card
    except Unsendable as unsendable:
        log.error("A result of a search does not fit into Teams: %s", unsendable.sentence)
        return None
    return result(card, unmarked(item.title), unmarked(item.about))
