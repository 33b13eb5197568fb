"""Looking things up in the archive: what is asked for, and the terms by which items are found."""

from digests.search.query import FILTERS, Query, QueryError, parse, topic_called, typed
from digests.search.terms import terms, terms_of

__all__ = ["FILTERS", "Query", "QueryError", "parse", "terms", "terms_of", "topic_called", "typed"]
