"""Turns an edition into Markdown, HTML, plain text or JSON."""

from __future__ import annotations

import json
from dataclasses import replace

from digests.render import data, html, markdown, text
from digests.render.view import EditionView, Output

__all__ = ["EditionView", "Output", "render"]


def render(output: str, view: EditionView, *, reasons: bool | None = None) -> str:
    """The edition as one of :class:`Output`. Nothing in it can become markup of that output, whoever wrote it.

    ``reasons``, where given, decides instead of the view whether it is shown as editors see it.
    Raises ``ValueError`` for an output that does not exist.
    """
    if reasons is not None:
        view = replace(view, reasons=reasons)
    match Output(output):
        case Output.MARKDOWN:
            return markdown.render(view)
        case Output.HTML:
            return html.render(view)
        case Output.EMAIL:
            return html.email(view)
        case Output.TEXT:
            return text.render(view)
        case Output.JSON:
            return json.dumps(data.edition_data(view), ensure_ascii=False, indent=2) + "\n"
