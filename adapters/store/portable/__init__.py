"""A whole network as files that anybody can read: what is in them, writing them, and reading them back."""

from adapters.store.portable.files import FILES
from adapters.store.portable.reading import bring_in
from adapters.store.portable.schemas import as_markdown, schema_of
from adapters.store.portable.shape import FORMAT, VERSION, WrongExport
from adapters.store.portable.writing import Written, write_out

__all__ = [
    "FILES",
    "FORMAT",
    "VERSION",
    "Written",
    "WrongExport",
    "as_markdown",
    "bring_in",
    "schema_of",
    "write_out",
]
