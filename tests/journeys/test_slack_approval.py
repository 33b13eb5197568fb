"""The digest's whole way in a pretend Slack workspace, by Socket Mode and by signed HTTP, with the real command."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import get_args

import pytest

from tests.journeys.slack_emulator import APP_TOKEN, BOT_TOKEN, PEOPLE, SIGNING_SECRET, Mode
from tests.journeys.slack_workspace import Workspace, workspace

DROPPED = "Digital driving licence coming this year"
KEPT = "A blueprint for modern digital government"


@pytest.fixture(params=get_args(Mode))
async def there(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Workspace]:
    async with workspace(tmp_path, request.param, {"OFFLINE": "1"}) as made:
        await made.convenor.says("read 13 sources")
        yield made


async def test_two_editors_bring_the_digest_to_its_channel(there: Workspace) -> None:
    slack = there.slack
    for person in ("bob", "carol"):
        mention = f"<@{PEOPLE[person]}|{person}>"
        assert "is now an editor" in await there.tell("bob", "general", f"/convenor roles add {mention} editor")
    assert "drafts come here" in await there.tell("bob", "editors", "/convenor here editors")
    assert "the digest is posted here" in await there.tell("bob", "digest", "/convenor here digest")
    assert "an editor, and you are not one here" in await there.tell("alice", "general", "/digest draft")

    assert "There is no draft at the moment." in await there.tell("bob", "general", "/digest draft")
    offer = await slack.wait_for_message("general", "There is no draft at the moment.", only_for="bob")
    await slack.click("bob", offer, "Draft it now")
    headline = await slack.wait_for_message("editors", "Draft: Data Policy Digest 30", only_for="nobody")
    entry = await slack.wait_for_message("editors", DROPPED)
    assert entry.thread_ts == headline.ts

    value = next(b["value"] for b in entry.buttons if DROPPED in b.get("accessibility_label", ""))
    await slack.click("bob", entry, "Leave out", value)
    changed = await slack.wait_for_message("editors", f"the latest: left out “{DROPPED}”")
    assert changed.ts == headline.ts
    await slack.click("bob", changed, "Approve")
    await slack.wait_for_message("editors", "You made the last edit", only_for="bob")
    # A press on the button as it was before the edit.
    await slack.click("carol", headline, "Approve")
    await slack.wait_for_message(
        "editors", "The draft was changed after this button was shown to you", only_for="carol"
    )
    early = [message for message in await slack.messages("digest") if not message.only_for]
    assert early == [], "nothing is posted before the approval"

    await slack.click("carol", changed, "Approve")
    await slack.wait_for_message("editors", "will be posted to 1 channel", only_for="carol")
    waiting = await slack.wait_for_message("editors", "Until then it can be pulled back.")
    assert [button["text"]["text"] for button in waiting.buttons] == ["Post now", "Pull back"]
    await slack.click("bob", waiting, "Post now")
    await slack.wait_for_message("editors", "is on its way to 1 channel", only_for="bob")
    posted = await slack.wait_for_message("digest", "Data Policy Digest 30, Friday 24 January 2025", only_for="nobody")
    thread = await slack.wait_for_message("digest", KEPT)
    assert thread.thread_ts == posted.ts
    await slack.wait_for_message("editors", "by Carol Example (Thursday 23 January 2025")
    everything = " ".join(message.words for message in await slack.messages("digest"))
    assert DROPPED not in everything
    for call in await slack.calls("chat.postMessage"):
        assert call["unfurl_links"] in (False, "false", "0")

    await slack.click("bob", changed, "Approve")
    await slack.wait_for_message("editors", "This edition was already approved by Carol Example", only_for="bob")
    assert (await there.convenor.health())["deliveries_stuck"] == 0
    for secret in (BOT_TOKEN, APP_TOKEN, SIGNING_SECRET, "Carol", "Alice", "Bob"):
        assert secret not in there.convenor.log
