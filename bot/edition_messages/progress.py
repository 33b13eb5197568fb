"""How far an edition has come, channel by channel, with buttons for what waits for a decision.

Told in steps that editors care about, not message by message: each change of this is an update of the draft.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.messages import Block, Bullets, Text, channel_name, count, text
from bot.post_messages import Post, stuck_line
from digests.model import Delivery
from digests.publishing import Reach, reach


def progress(deliveries: Sequence[Delivery]) -> Iterator[Block]:
    """A line for each channel, and each message that is stuck."""
    channels = reach(deliveries)
    known = {row.key: row for row in deliveries}
    if channels:
        yield Bullets(tuple(_line(one) for one in channels))
    for row in (row for one in channels for row in one.stuck):
        yield stuck_line(Post.of(row, known.get(row.thread_key)))


def _line(channel: Reach) -> Text:
    name, messages = channel_name(channel.address), count(len(channel.rows), "message")
    missing = sum(not row.is_there for row in channel.rows)
    if channel.stuck:
        return text(name, ": waits for a decision; see below.")
    if channel.is_dropped:
        left = f": given up; {missing} of {messages} not posted." if missing else ": posted; a change is not shown."
        return text(name, left)
    if channel.is_out:
        return text(name, f": posted ({messages}).")
    if not missing:
        return text(name, ": posted, and being brought up to date.")
    return text(name, f": being posted ({messages}).")
