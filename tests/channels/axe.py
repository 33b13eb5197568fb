"""axe-core, the checker of accessibility, run in the page that a test has open."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from playwright.async_api import Page

AXE = Path(__file__).resolve().parents[1] / "node_modules/axe-core/axe.min.js"


async def violations(page: Page, only: Sequence[str] = ()) -> list[str]:
    """What keeps somebody from using this page by WCAG 2.2 AA and good practice; with ``only``, by these rules alone.

    Without axe-core the test is skipped, or fails where CI is set: there it must run.
    """
    if not AXE.is_file():
        reason = "axe-core is not installed: make test-tools"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    # Evaluated by the browser's own tools, so the page's policy, which allows no script, stays as it is.
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    run = {"type": "rule", "values": list(only)} if only else {"type": "tag", "values": tags}
    found = await page.evaluate(
        "async (run) => (await axe.run(document, {runOnly: run, resultTypes: ['violations']})).violations"
        ".flatMap(v => v.nodes.map(n => v.id + ': ' + n.html.slice(0, 160) + ' ' + (n.failureSummary || '')))",
        run,
    )
    return [str(each) for each in found]
