"""``python -m adapters.store.portable docs``: writes the schemas and the tables of docs/export-format.md anew."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from adapters.store.portable.files import FILES
from adapters.store.portable.schemas import BEGIN, END, as_markdown, schema_of


def main(docs: Path) -> None:
    """Write them into the folder of the documents."""
    for file in FILES:
        path = docs / "export" / file.name.replace(".jsonl", ".schema.json")
        path.write_text(json.dumps(schema_of(file), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    page = docs / "export-format.md"
    words = page.read_text(encoding="utf-8")
    end = words.index(END) + len(END) + 1
    page.write_text(words[: words.index(BEGIN)] + as_markdown() + words[end:], encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
