"""The program of a parsing process: reads feeds from its standard input, and answers in JSON on its standard output.

It is started by :mod:`adapters.feeds.processes`, with no settings and no secrets in its environment.
"""

from __future__ import annotations

import json
import struct
import sys
from typing import Any, BinaryIO

from adapters.feeds.feed import NotAFeed, ParsedFeed, Unreadable
from adapters.feeds.parse import parse

LENGTH = struct.Struct(">I")
"""Before each message stands its length. A request is two messages: a JSON head and the body; an answer is one."""


def main() -> None:
    """Answer until the input ends. The first argument is the most memory to use, in bytes."""
    _limit_memory(int(sys.argv[1]))
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    while (head := _message(requests)) is not None and (body := _message(requests)) is not None:
        content_type, base_url = json.loads(head)
        answer = json.dumps(_answer(body, content_type, base_url)).encode()
        answers.write(LENGTH.pack(len(answer)) + answer)
        answers.flush()


def _limit_memory(most: int) -> None:
    try:
        import resource
    except ImportError:  # there is no such limit on this system; the time limit still holds
        return
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _message(source: BinaryIO) -> bytes | None:
    prefix = source.read(LENGTH.size)
    if len(prefix) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(prefix)
    message = source.read(length)
    return message if len(message) == length else None


def _answer(body: bytes, content_type: str, base_url: str) -> dict[str, Any]:
    try:
        return {"feed": _as_json(parse(body, content_type, base_url))}
    except NotAFeed as trouble:
        return {"not_a_feed": trouble.sentence}
    except Unreadable as trouble:
        if isinstance(trouble.__cause__, MemoryError):
            raise MemoryError from None  # what is left of this process is not worth keeping
        return {"unreadable": trouble.sentence}


def _as_json(feed: ParsedFeed) -> list[Any]:
    return [
        feed.title,
        feed.ttl_seconds,
        [
            [
                entry.id,
                entry.title,
                entry.link,
                entry.published and entry.published.isoformat(),
                entry.updated and entry.updated.isoformat(),
                entry.summary,
                entry.categories,
                entry.stage,
            ]
            for entry in feed.entries
        ],
    ]


if __name__ == "__main__":
    main()
