"""Compares the sentences that a page explains under “When something is wrong” with those that the code can say."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HEADING = "## When something is wrong\n"


def explained(page: str) -> list[str]:
    """The first column of the table, except what is said to be the platform's own words."""
    table = page.partition(HEADING)[2].partition("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE)
    return [row for row in rows if not row.startswith(("what ", "---", "nothing ")) and " own “" not in row]


def sayable(*folders: str) -> list[str]:
    """Every piece of text in the code of these folders or files, each as long as it stands together there."""
    files = (path for folder in folders for path in _files(ROOT / folder))
    return [text for file in files for text in _texts(ast.parse(file.read_text(encoding="utf-8")))]


def unsaid(row: str, texts: list[str]) -> list[str]:
    """The parts of a sentence that no text of the code holds; “…” and “(…)” stand for what differs each time."""
    parts = (part.strip(" .,:()“”") for part in re.split(r"\(?…\)?", row))
    return [part for part in parts if part and not any(part in text for text in texts)]


def _files(path: Path) -> Iterator[Path]:
    return iter(sorted(path.rglob("*.py"))) if path.is_dir() else iter((path,))


def _texts(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
