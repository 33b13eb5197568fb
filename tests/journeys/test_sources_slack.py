"""An editor keeps the sources from a pretend Slack workspace: looks, adds, reads, pauses, edits, removes."""

from __future__ import annotations

from pathlib import Path

from tests.fakes.site import FakeSite
from tests.journeys.slack_emulator import PEOPLE
from tests.journeys.slack_workspace import workspace

TITLES = ("One", "Two", "Three", "Four", "Five", "Six")


async def test_an_editor_looks_after_the_sources_in_slack(tmp_path: Path) -> None:
    async with FakeSite() as site:
        site.feed("/known.xml", "Known", name="Known news")
        site.page("/", '<link rel="alternate" type="application/rss+xml" href="/blog.xml">')
        site.feed("/blog.xml", *TITLES)
        catalogue = tmp_path / "mine.yaml"
        catalogue.write_text(
            f"- {{id: known, name: Known news, publisher: Known, kind: rss, url: '{site.url('/known.xml')}'}}\n"
            f"- {{id: lost, name: Lost news, publisher: Lost, kind: rss, url: '{site.url('/lost.xml')}'}}\n"
        )
        settings = {"ALLOW_PRIVATE_ADDRESSES": "1", "CATALOGUE": str(catalogue), "FETCH_GAP_SECONDS": "0"}
        async with workspace(tmp_path, "socket", settings) as there:
            slack = there.slack
            await there.convenor.says("read 2 sources")
            await there.tell("bob", "general", f"/convenor roles add <@{PEOPLE['carol']}|carol> editor")

            assert "2 sources: 1 failing, 1 ok." in await there.tell("carol", "general", "/convenor sources")
            failing = await there.tell("carol", "general", "/convenor sources failing")
            assert "1 source needs attention" in failing
            assert "Lost news (lost): failed once:" in failing
            assert "Known news" not in failing

            preview = await there.tell("carol", "general", f"/convenor sources add {site.url()}")
            assert "It has 6 items; these are its last 5 items:" in preview
            assert "Two  (Tuesday 21 January 2025)" in preview
            offer = await slack.wait_for_message("general", "Add it?", only_for="carol")
            await slack.click("carol", offer, "Add")
            added = await slack.wait_for_message("general", "Added: The example blog, with the id 127-0-0-1")
            assert added.only_for == PEOPLE["carol"]
            assert "First reading: read, 6 entries, 6 new, 0 changed." in added.words

            site.feed("/blog.xml", *TITLES, "Seven")
            now = await there.tell("carol", "general", "/convenor sources read 127-0-0-1")
            assert "The example blog: read, 7 entries, 1 new, 0 changed." in now
            assert "is paused." in await there.tell("carol", "general", "/convenor sources pause 127-0-0-1")
            assert "3 sources: 1 failing, 1 paused, 1 ok." in await there.tell("alice", "general", "/convenor sources")
            refusal = await there.tell("alice", "general", "/convenor sources resume 127-0-0-1")
            assert "That is for an administrator or an editor, and you are not one here" in refusal
            assert "is read again" in await there.tell("carol", "general", "/convenor sources resume 127-0-0-1")

            show = "/convenor sources show 127-0-0-1"
            assert "Added beside the catalogue by Carol Example (" in await there.tell("alice", "general", show)
            await there.tell("carol", "general", show)
            shown = await slack.wait_for_message("general", "Added beside the catalogue by", only_for="carol")
            await slack.click("carol", shown, "Edit")
            await slack.wait_for_view("Kind of its documents")
            errors = await slack.submit("carol", name="<!channel> news", weight="much")
            assert errors == {"weight": "Please write a number from 0 to 1, such as 0.5."}
            assert await slack.submit("carol", name="<!channel> news", kind="blog", weight="0.8") == {}
            saved = await slack.wait_for_message("general", "Saved: <!channel> news, published by The example blog;")
            assert "<!channel>" not in saved.text, "what notifications show must call nobody"
            assert "kind blog, weight 0.8." in await there.tell("alice", "general", show)
            del site.pages["/blog.xml"]
            lost = await there.tell("carol", "general", "/convenor sources read 127-0-0-1")
            assert "<!channel> news: not found." in lost
            await slack.click("carol", shown, "Remove")
            await slack.wait_for_message("general", "<!channel> news is removed and no longer read", only_for="carol")
            assert "2 sources: 1 failing, 1 ok." in await there.tell("carol", "general", "/convenor sources")
            assert (await there.convenor.health())["sources_failing"] == 1

            everybody = [message.text for message in await slack.messages("general") if not message.only_for]
            assert everybody == []
            assert "Carol" not in there.convenor.log
