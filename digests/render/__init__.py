"""Turns an edition into Markdown, HTML, plain text or JSON."""

from __future__ import annotations

import json

from digests.render import data, html, markdown, text
from digests.render.view import EditionView, Output

__all__ = ["EditionView", "Output", "render"]


def render(output: Output, view: EditionView) -> str:
    """The edition as ``output``. Nothing in it can become markup of that output, whoever wrote it."""
    match output:
        case Output.MARKDOWN:
            return markdown.render(view)
        case Output.HTML:
            return html.render(view)
        case Output.TEXT:
            return text.render(view)
        case Output.JSON:
            return json.dumps(data.edition_data(view), ensure_ascii=False, indent=2) + "\n"
