"""``make playground``: says what to open, and goes on until it is stopped by Ctrl+C."""

from __future__ import annotations

import asyncio
import contextlib
import signal

from tests.playground.playing import playing

WHAT_TO_DO = """
Convenor is in Microsoft's Agents Playground. Open {url}

You are Bob, an editor and administrator. Carol is an editor, Dan a coordinator, Alice and Erin are members.

  1. Personal Chat is your own chat with Convenor: type   help
  2. In the channel “Editors and coordinators”, type   @Convenor here editors   and   @Convenor here coordinators
     The draft of the week appears. Leave an entry out, and approve the draft.
  3. In General, type   @Convenor here digest
  4. In your own chat:   intro someone who knows about NHS data opt-outs

“Mock an Activity” sends what Teams sends when the app is added or removed. Stop with Ctrl+C: everything is forgotten.
"""


async def main() -> None:
    """Play until somebody stops it."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    print("Reading the bundled sample feeds, and starting the Playground …")
    async with playing() as there:
        print(WHAT_TO_DO.format(url=there.url), flush=True)
        await stop.wait()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
