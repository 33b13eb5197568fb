"""What Slack’s own libraries may write into the log."""

from __future__ import annotations

import logging
import re


class _NoTickets(logging.Filter):
    """Keeps the ticket of a Socket Mode address out of the log: whoever has it can listen in our place."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = re.sub(r"(ticket=)[^\s&'\"]+", r"\1(removed)", record.getMessage())
        record.args = ()
        if record.exc_info:
            record.exc_info = None
        return True


def quiet_logger() -> logging.Logger:
    """For slack_bolt and slack_sdk, which below WARNING write whole payloads, with people's names and words."""
    logger = logging.getLogger("convenor.slack.library")
    logger.setLevel(logging.WARNING)
    if not logger.filters:
        logger.addFilter(_NoTickets())
    return logger
