"""Web pages that people name: what they say of themselves, and whether their links still lead somewhere."""

from __future__ import annotations

from adapters.webpages.reader import WebPages

__all__ = ["WebPages"]
