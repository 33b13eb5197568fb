"""Imported by the process that others are forked from (``forks.py``): they have Convenor's own files as made once."""

from __future__ import annotations

from typing import Any

import bot.app.house
from tests import ready

ready.keep()
house: Any = bot.app.house
# Through the kept ones, with the paths that settings have where nobody sets any.
house.Tagger(house.load_taxonomy(None, None))
for load in (house.load_catalogue, house.load_plan, house.load_kinds, house.load_synonyms):
    load(None, None)
