"""For every test: on a build machine nothing may be skipped, for a test that did not run has shown nothing."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, settings
from playwright.async_api import Browser

from tests import ready
from tests.journeys.browser import chromium

# How fast a machine is says nothing about an example: tests/timing measures what must be fast.
settings.register_profile(
    "convenor",
    deadline=None,
    max_examples=int(os.environ.get("CONVENOR_EXAMPLES", "50")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("convenor")

# Whatever is made until the tests begin stays: every module, and thousands of tests. Looking through it is in vain.
gc.disable()


def pytest_collection_finish() -> None:
    """Spare the garbage collector all that is there for good, from now on as well, and Convenor its own files."""
    ready.keep()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def _chromium() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


@pytest_asyncio.fixture(loop_scope="session")
async def browser(_chromium: Browser) -> AsyncIterator[Browser]:
    """A headless Chromium with no tab open: one process for all tests, which saves a second in each.

    A test with it runs in the session's event loop: mark it with ``asyncio(loop_scope="session")``.
    """
    yield _chromium
    for context in _chromium.contexts:
        await context.close()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was skipped, and that this is a failure, where CI is set."""
    skipped = terminalreporter.stats.get("skipped", [])
    if os.environ.get("CI") and skipped:
        terminalreporter.write_line(f"CI is set, so {len(skipped)} skipped test(s) are a failure.", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run where CI is set and something was skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") and reporter is not None and reporter.stats.get("skipped") and session.exitstatus == 0:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
