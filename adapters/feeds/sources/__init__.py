"""Readers of sources that are no feeds: one module for each API, and the reader that calls them.

An API is described by an :class:`~adapters.feeds.sources.shape.ApiFormat`; ``READERS`` says which one reads which
format. A new one is a module of its own, a word in ``digests.model.Format``, and a line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.feeds.sources import (
    bills,
    committee_business,
    committee_publications,
    early_day_motions,
    govuk_search,
    petitions,
    whats_on,
    written_questions,
    written_statements,
)
from adapters.feeds.sources.shape import ApiFormat
from digests.model import Format

READERS: Mapping[Format, ApiFormat] = {
    Format.GOVUK_SEARCH: govuk_search.FORMAT,
    Format.WRITTEN_QUESTIONS: written_questions.FORMAT,
    Format.WRITTEN_STATEMENTS: written_statements.FORMAT,
    Format.COMMITTEE_BUSINESS: committee_business.FORMAT,
    Format.COMMITTEE_PUBLICATIONS: committee_publications.FORMAT,
    Format.BILLS: bills.FORMAT,
    Format.WHATS_ON: whats_on.FORMAT,
    Format.PETITIONS: petitions.FORMAT,
    Format.EARLY_DAY_MOTIONS: early_day_motions.FORMAT,
}
