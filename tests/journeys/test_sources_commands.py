"""``convenor sources`` as a person or a script meets it, with a publisher on loopback."""

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import os
from collections.abc import AsyncIterator, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from adapters.feeds.sources import READERS
from adapters.feeds.sources.fields import inner
from adapters.feeds.sources.recognise import recognised
from bot.__main__ import main
from digests.model import Format
from digests.opml import read_opml
from tests.contract.databases import own_database
from tests.contract.test_json_sources import CONSULTATION, SAMPLES, body_of
from tests.fakes.api import FakeApi
from tests.fakes.site import FakeSite
from tests.journeys.convenor import run
from tests.shared import shared_dir

RSS = """<rss version="2.0"><channel><title>Test &amp; trial</title>
<item><guid isPermaLink="false">a</guid><title>One &lt;b&gt;bold&lt;/b&gt;</title><link>https://example.org/1?utm_source=x</link>
<pubDate>Mon, 16 Jun 2025 12:00:00 BST</pubDate><description>&lt;p&gt;Text&lt;/p&gt;</description></item>
<item><title>Two</title><link>javascript:alert(1)</link><pubDate>Mon, 01 Jan 2100 00:00:00 GMT</pubDate></item>
</channel></rss>"""


@pytest_asyncio.fixture
async def site() -> AsyncIterator[FakeSite]:
    async with FakeSite() as served:
        served.feed("/known.xml", "Known", name="Known news")
        served.page("/", '<link rel="alternate" type="application/rss+xml" href="/feed.xml">')
        served.feed("/feed.xml", "One", "Two", "Three")
        yield served


class Desk:
    """Runs ``convenor`` in this process, in a folder of its own whose catalogue has one source."""

    def __init__(
        self, folder: Path, site: FakeSite, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
    ) -> None:
        self.folder = folder
        self._capture = capture
        catalogue = folder / "mine.yaml"
        catalogue.write_text(
            f"- {{id: known, name: Known news, publisher: Known, kind: rss, url: '{site.url('/known.xml')}'}}\n"
        )
        patch.chdir(folder)
        settings = {"CATALOGUE": str(catalogue), "ALLOW_PRIVATE_ADDRESSES": "1", "FETCH_GAP_SECONDS": "0"}
        for name, value in settings.items():
            patch.setenv(f"CONVENOR_{name}", value)

    async def __call__(self, *arguments: str) -> tuple[int, str, str]:
        """The exit code, standard output and standard error."""
        if "test" not in arguments:
            own_database(self.folder)
        # In a thread, for the command has an event loop of its own and the site is served by ours.
        code = await asyncio.to_thread(main, arguments)
        out, err = self._capture.readouterr()
        return code, out, err

    async def json(self, *arguments: str) -> Any:
        code, out, err = await self("sources", *arguments, "--json")
        assert code == 0, err
        return json.loads(out)


@pytest.fixture
def desk(
    tmp_path: Path, site: FakeSite, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Desk]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Desk(tmp_path, site, monkeypatch, capsys)
    # The command sends logs to the standard error of its own time.
    root.handlers[:], root.level = handlers, level


async def test_a_source_is_added_paused_resumed_read_and_shown(desk: Desk, site: FakeSite) -> None:
    assert (await desk("read"))[0] == 0
    code, out, err = await desk("sources", "add", site.url())
    assert code == 0, err
    assert "The example blog" in out
    assert "2025-01-22 09:00 UTC  Three" in out
    assert "Nothing was added. To add it, run this again with --yes." in out
    assert [source["id"] for source in await desk.json("list")] == ["known"]

    added = await desk.json("add", site.url(), "--yes", "--group", "press")
    assert (added["added"], added["title"]) == ("127-0-0-1", "The example blog")
    assert [entry["title"] for entry in added["entries"]] == ["Three", "Two", "One"]
    assert (await desk.json("add", site.url("/feed.xml"), "--yes"))["known"] == "127-0-0-1"
    listed = await desk.json()
    assert [(source["id"], source["health"]) for source in listed] == [("known", "ok"), ("127-0-0-1", "ok")]
    assert set(listed[0]) == {"id", "name", "publisher", "url", "enabled", "health", "reason", "last_read"}

    assert await desk.json("pause", "127-0-0-1") == {"id": "127-0-0-1", "changed": True}
    code, out, err = await desk("sources", "read", "127-0-0-1")
    assert (code, out) == (1, "")
    assert "is paused, so it was not read. Resume it first." in err.replace("\n", " ")
    assert (await desk.json("resume", "127-0-0-1"))["changed"] is True
    site.feed("/feed.xml", "One", "Two", "Three", "Four")
    read = await desk.json("read", "127-0-0-1")
    assert (read["outcome"], read["entries"], read["new"]) == ("read", 4, 1)

    shown = await desk.json("show", "127-0-0-1")
    assert [(fetch["outcome"], fetch["new"]) for fetch in shown["fetches"]] == [("read", 1), ("read", 3)]
    code, out, _ = await desk("sources", "show", "127-0-0-1")
    assert "read, 4 entries, 1 new, 0 changed." in out
    assert "group press" in out

    code, out, _ = await desk("sources", "list", "--failing")
    assert (code, out) == (0, "No source needs attention.\n")
    del site.pages["/known.xml"]
    assert (await desk("sources", "read", "known"))[0] == 1
    (failing,) = await desk.json("list", "--failing")
    assert failing["id"] == "known"
    assert failing["reason"].startswith("failed once: There is nothing at this address (404).")


async def test_an_added_source_is_edited_and_removed(desk: Desk, site: FakeSite) -> None:
    added = (await desk.json("add", site.url(), "--yes"))["added"]
    code, out, err = await desk("sources", "edit", added, "--publisher", "Example Institute", "--weight", "0,7")
    assert code == 0, err
    assert out == (
        "Saved: The example blog, published by Example Institute; group civil society, kind other, weight 0.7. It "
        "counts for what is read from now on, and the weight for the next draft.\n"
    )
    edited = await desk.json("edit", added, "--kind", "blog", "--group", "research")
    assert (edited["publisher"], edited["kind"], edited["group"], edited["weight"]) == (
        *("Example Institute", "blog", "research", "0.7"),
    )
    code, out, _ = await desk("sources", "show", added)
    assert "Its details were last changed on the command line (" in out
    code, out, _ = await desk("sources", "edit", added)
    assert out == (
        "Nothing was to be changed of The example blog. Say what with --name, --publisher, --group, --kind or "
        "--weight.\n"
    )
    code, _, err = await desk("sources", "edit", added, "--weight", "much", "--name", " ")
    assert code != 0
    told = " ".join(err.split())
    assert "--weight: Please write a number from 0 to 1, such as 0.5." in told
    assert "--name: Please give it a name: it is what editors see in lists of sources." in told
    code, _, err = await desk("sources", "remove", "known")
    assert code != 0
    assert "catalogue" in err

    code, out, _ = await desk("sources", "remove", added)
    assert out == (
        "The example blog is removed and no longer read; everything that was read from it is kept. To have it back, "
        f"run convenor sources add {site.url('/feed.xml')} --yes.\n"
    )
    assert [source["id"] for source in await desk.json("list")] == ["known"]


async def test_a_list_of_feeds_goes_out_and_comes_in(desk: Desk, site: FakeSite) -> None:
    code, out, err = await desk("sources", "export", "--opml", "-")
    assert (code, err) == (0, "1 feeds were written.\n")
    assert [feed.url for feed in read_opml(out.encode())] == [site.url("/known.xml")]
    assert (await desk("sources", "export", "--opml", "out.opml"))[0] == 0
    more = out.replace(
        "  </body>",
        f'<outline text="New" type="rss" xmlUrl="{site.url("/feed.xml")}"/>'
        '<outline text="Bad" type="rss" xmlUrl="ftp://example.org/"/></body>',
    )
    (desk.folder / "more.opml").write_text(more)
    code, out, _ = await desk("sources", "import", "more.opml")
    assert code == 0
    assert "3 in the file: 1 new, 1 known, 1 refused." in out
    assert "Nothing was added. To add the new ones, run this again with --yes." in out
    done = await desk.json("import", "more.opml", "--yes")
    assert (done["added"], done["known"], done["refused"]) == (1, ["known"], ["ftp://example.org/"])
    assert (await desk.json("import", "more.opml", "--yes"))["added"] == 0
    assert {source["name"] for source in await desk.json("list")} == {"Known news", "New"}
    code, out, _ = await desk("read")
    assert (code, "2 new items" not in out) == (0, True)

    (desk.folder / "bomb.opml").write_text('<!DOCTYPE opml [<!ENTITY a "b">]><opml>&a;</opml>')
    code, out, err = await desk("sources", "import", "bomb.opml", "--yes")
    assert (code, out) == (1, "")
    assert "refused as a danger" in err.replace("\n", " ")
    code, _, err = await desk("sources", "import", "missing.opml")
    assert (code, "missing.opml cannot be read" in err) == (2, True)


async def test_a_trial_shows_what_would_be_taken(desk: Desk, site: FakeSite) -> None:
    (desk.folder / "feed.xml").write_text(RSS)
    assert await desk.json("test", "feed.xml") == {
        "outcome": "read",
        "reason": "",
        "title": "Test & trial",
        "entries": [
            {
                "id": "a",
                "title": "One bold",
                "link": "https://example.org/1?utm_source=x",
                "published": "2025-06-16T11:00:00+00:00",
                "updated": None,
                "summary": "Text",
            },
            {"id": "", "title": "Two", "link": "", "published": None, "updated": None, "summary": ""},
        ],
    }
    code, out, _ = await desk("sources", "test", site.url("/feed.xml"))
    assert code == 0
    assert out.startswith("read\nThe example blog\n  2025-01-22 09:00 UTC  Three\n    http://127.0.0.1")
    assert not (desk.folder / "var").exists(), "a trial needs no database"


async def test_a_trial_always_ends_with_an_outcome_and_exit_code_0(desk: Desk, site: FakeSite) -> None:
    folder = desk.folder
    (folder / "empty").write_bytes(b"")
    (folder / "binary").write_bytes(bytes(range(256)) * 100)
    (folder / "page.html").write_text("<!DOCTYPE html><p>We value your privacy")
    (folder / "large").write_bytes(b"<rss>" + b" " * 10_000_001)
    (folder / "hostile").write_bytes(b"<rss><channel><item><description>" + b"&lt;div&gt;" * 50_000)
    os.mkfifo(folder / "pipe")
    expected = {
        "missing.xml": "not found",
        "x" * 300: "unreachable",
        ".": "not a feed",
        "": "not a feed",
        "empty": "not a feed",
        "binary": "not a feed",
        "page.html": "not a feed",
        "large": "too large",
        "pipe": "not a feed",
        "file:///etc/passwd": "blocked",
        "http://[bad": "blocked",
        site.url("/nothing"): "not found",
        site.url("/"): "not a feed",
    }
    got = {}
    for what in expected:
        answer = await desk.json("test", what)
        assert set(answer) == {"outcome", "reason", "title", "entries"}
        assert answer["reason"], what
        got[what] = answer["outcome"]
    assert got == expected
    assert (await desk.json("test", "hostile"))["outcome"] in ("read", "unreadable")


async def test_a_stored_answer_of_an_api_is_known_by_its_rows_and_shown_as_intake_takes_it(desk: Desk) -> None:
    (desk.folder / "search.json").write_text(json.dumps({"results": [CONSULTATION], "total": 1, "start": 0}))
    assert await desk.json("test", "search.json") == {
        "outcome": "read",
        "reason": "",
        "title": "",
        "entries": [
            {
                "id": "tag:www.gov.uk,2005:/government/consultations/rules-for-examples",
                "title": "Rules for examples",
                "link": "https://www.gov.uk/government/consultations/rules-for-examples",
                "published": None,
                "updated": "2025-01-20T09:30:00+00:00",
                "summary": "We seek views on rules.",
            }
        ],
    }
    for kind, row in SAMPLES.items():
        (desk.folder / f"{kind.value}.json").write_bytes(body_of(kind, row))
        (desk.folder / f"{kind.value}.json.gz").write_bytes(gzip.compress(body_of(kind, row, {"nothing": "of use"})))
        known = await desk.json("test", f"{kind.value}.json")
        told = await desk.json("test", f"{kind.value}.json", "--format", kind.value)
        packed = await desk.json("test", f"{kind.value}.json.gz")
        assert (known["outcome"], known) == ("read", told)
        # What the calendar of a day long past holds is over.
        entry = None if kind is Format.WHATS_ON else READERS[kind].entry(inner(row), date(2025, 1, 23))
        expected = [(entry.id, entry.title)] if entry else []
        assert [(shown["id"], shown["title"]) for shown in known["entries"]] == expected
        assert packed["entries"] == known["entries"]


async def test_a_real_list_of_bills_is_known_and_what_is_no_list_of_an_api_is_not(desk: Desk) -> None:
    snapshots = shared_dir("data/snapshots")
    (bill,) = (await desk.json("test", str(snapshots / "beatonma_snommoc__bills.json")))["entries"]
    assert (bill["id"], bill["title"]) == ("bill/2818", "Abolition of Business Rates Bill")
    others = [path for path in snapshots.glob("*.json") if path.name != "beatonma_snommoc__bills.json"]
    assert len(others) > 10
    assert [path.name for path in others if recognised(path.read_bytes())] == []
    # What happens then is the same for each of them.
    answer = await desk.json("test", str(max(others, key=lambda path: path.stat().st_size)))
    assert (answer["outcome"], answer["entries"]) == ("not a feed", [])
    assert answer["reason"] == "The address answered with JSON data, not a feed."


async def test_what_cannot_be_told_apart_is_taken_for_what_one_says_it_is(desk: Desk) -> None:
    (desk.folder / "none.json").write_text('{"results": [], "totalResults": 0}')
    (desk.folder / "both.json").write_bytes(
        body_of(Format.WRITTEN_QUESTIONS, SAMPLES[Format.WRITTEN_QUESTIONS], SAMPLES[Format.WRITTEN_STATEMENTS])
    )
    (desk.folder / "cut.json").write_bytes(body_of(Format.BILLS, SAMPLES[Format.BILLS])[:-20])
    for name in ("none.json", "both.json", "cut.json"):
        assert (await desk.json("test", name))["outcome"] == "not a feed"
    assert (await desk.json("test", "none.json", "--format", "written-questions"))["outcome"] == "read"
    assert (await desk.json("test", "both.json", "--format", "written-questions"))["reason"].startswith(
        "1 of 2 entries"
    )
    assert (await desk.json("test", "cut.json", "--format", "bills"))["outcome"] == "unreadable"
    wrong = await desk.json("test", "none.json", "--format", "bills")
    assert (wrong["outcome"], wrong["reason"]) == (
        "not a feed",
        "The address answered with data, but not with a list of bills.",
    )
    (desk.folder / "feed.xml").write_text(RSS)
    assert (await desk.json("test", "feed.xml", "--format", "rss"))["outcome"] == "read"
    assert (await desk.json("test", "feed.xml", "--format", "petitions"))["outcome"] == "not a feed"


async def test_an_api_at_an_address_is_known_too_and_read_page_after_page(desk: Desk) -> None:
    async with FakeApi() as api:
        pages = [json.loads(body_of(Format.PETITIONS, {**SAMPLES[Format.PETITIONS], "id": n})) for n in (1, 2)]
        api.documents = {"/petitions.json": {**pages[0], "links": {"next": "?page=2"}}, "/empty": {"data": []}}
        api.documents["/petitions.json?page=2"] = {**pages[1], "links": {"next": None}}
        answer = await desk.json("test", api.url("/petitions.json"))
        assert [entry["id"] for entry in answer["entries"]] == ["petition/1", "petition/2"]
        assert (await desk.json("test", api.url("/empty")))["outcome"] == "not a feed"
        api.asked.clear()
        assert (await desk.json("test", api.url("/empty"), "--format", "petitions"))["outcome"] == "read"
        assert api.asked == ["/empty"]


async def test_without_leave_a_private_address_is_not_called(tmp_path: Path, site: FakeSite) -> None:
    code, out, _ = await run("sources", "test", site.url("/feed.xml"), "--json", cwd=tmp_path)
    assert (code, json.loads(out)["outcome"]) == (0, "blocked")
    assert site.asked == []
