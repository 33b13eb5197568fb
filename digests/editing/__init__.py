"""Every edit of an edition is a revision: pure functions from a content to the next, told in words."""

from digests.editing.base import Edit, Step, apply, in_turn, must_be_draft, said, the_entry
from digests.editing.clashes import Merged, mark, merge_typed
from digests.editing.entries import (
    add,
    down,
    drop,
    merge,
    not_left_out,
    place,
    place_of,
    restore,
    reword,
    the_section,
    up,
)
from digests.editing.history import compare, undo_target, undone_by
from digests.editing.outline import (
    TEXTS,
    add_section,
    move_section,
    remove_section,
    rename_section,
    retitle,
    section_before,
    write,
)

__all__ = [
    "TEXTS",
    "Edit",
    "Merged",
    "Step",
    "add",
    "add_section",
    "apply",
    "compare",
    "down",
    "drop",
    "in_turn",
    "mark",
    "merge",
    "merge_typed",
    "move_section",
    "must_be_draft",
    "not_left_out",
    "place",
    "place_of",
    "remove_section",
    "rename_section",
    "restore",
    "retitle",
    "reword",
    "said",
    "section_before",
    "the_entry",
    "the_section",
    "undo_target",
    "undone_by",
    "up",
    "write",
]
