"""The command line as a person or a script meets it: results, JSON, and one clear sentence for each mistake."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import sqlite3
import tomllib
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from bot.__main__ import main
from tests.contract.databases import TEST_KEY, own_database
from tests.journeys.convenor import run, run_afresh, serving
from tests.journeys.slack_emulator import free_port
from tests.shared import shared_dir


class Command:
    """Runs ``convenor`` in this process, in a folder of its own, with the tests' key and what settings a test names."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._patch = patch
        self._capture = capture

    def __call__(self, *arguments: str, stdin: str = "", **settings: str) -> tuple[int, str, str]:
        """The exit code, standard output and standard error. What reads does so into a database that has its tables."""
        if "OFFLINE" in settings and "ENCRYPTION_KEYS" not in settings:
            own_database(self.folder)
        with self._patch.context() as patch:
            patch.chdir(self.folder)
            for name, value in {"ENCRYPTION_KEYS": TEST_KEY, **settings}.items():
                patch.setenv(f"CONVENOR_{name}", value)
            patch.setattr("sys.stdin", io.StringIO(stdin))
            try:
                code = main(arguments)
            except SystemExit as stopped:
                code = int(stopped.code or 0)
        out, err = self._capture.readouterr()
        return code, out, err


@pytest.fixture
def convenor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Iterator[Command]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Command(tmp_path, monkeypatch, capsys)
    # The command sends logs to the standard error of its own time.
    root.handlers[:], root.level = handlers, level


def test_the_schedule_names_the_next_drafts_and_what_moves_them(convenor: Command) -> None:
    code, out, err = convenor("schedule", OFFLINE="1")
    assert (code, err) == (0, "")
    assert out.splitlines()[:2] == [
        "Friday 24 January 2025: drafted on Friday 24 January 2025, 09:00.",
        "Friday 31 January 2025: drafted on Friday 31 January 2025, 09:00.",
    ]
    code, out, err = convenor("schedule", "--json", OFFLINE="1")
    assert [week["draft_at"] for week in json.loads(out)["weeks"]][:1] == ["2025-01-24T09:00:00+00:00"]


async def test_draft_on_a_fresh_clone_reads_first_and_prints_an_edition_in_the_digests_shape(tmp_path: Path) -> None:
    code, out, err = await run_afresh("draft", "--format", "md", cwd=tmp_path, OFFLINE="1")
    assert code == 0, err
    assert "Nothing has been read yet, so every source is read first." in err
    assert 'title: "Data Policy Digest"' in out
    headings = [line.split("**")[1] for line in out.splitlines() if line.startswith("## **")]
    assert headings == [
        "Contents",
        "Bills",
        "Government",
        "Parliament",
        "Regulators",
        "Devolved nations, EU and international",
        "Civil society and research",
        "In the press",
        "Closing dates",
        "Coming up",
        "Left out",
    ]
    assert (
        "* [A blueprint for modern digital government]"
        "(https://www.gov.uk/government/publications/a-blueprint-for-modern-digital-government) (" in out
    )
    assert "* 28 January: [Data (Use and Access) Bill" in out
    assert "*Why: Matches " in out


def test_draft_prints_the_same_edition_each_time_and_in_each_form(convenor: Command) -> None:
    outs = {}
    for form in ("md", "md", "html", "text", "json"):
        code, outs[form], err = convenor("draft", "--format", form, OFFLINE="1")
        assert code == 0, err
    again = convenor("draft", "--json", OFFLINE="1")
    assert again[1] == outs["json"]
    titles = [entry["title"] for section in json.loads(outs["json"])["sections"] for entry in section["entries"]]
    assert len(titles) > 25
    assert "<h1" in outs["html"]
    assert all(len(line) <= 78 or "http" in line for line in outs["text"].splitlines())


def test_a_window_of_ones_own_is_taken_and_an_empty_or_unreadable_one_refused(convenor: Command) -> None:
    window = ("--from", "2025-01-17", "--to", "2025-01-24T09:00")
    assert (convenor("draft", "--json", *window, OFFLINE="1"))[0] == 0
    code, _, err = convenor("draft", "--from", "2025-01-24", "--to", "2025-01-17", OFFLINE="1")
    assert (code, err) == (2, "--from must be earlier than --to.\n")
    code, _, err = convenor("draft", "--from", "friday", OFFLINE="1")
    assert (code, err) == (2, "--from: “friday” is not a date. Write 2025-01-17 or 2025-01-17T09:00.\n")


def test_read_and_sources_say_how_it_went_for_people_and_for_scripts(convenor: Command) -> None:
    code, out, _ = convenor("read", OFFLINE="1")
    assert code == 0
    assert "62 new items, 0 changed" in out
    code, out, _ = convenor("read", "--force", "--json", OFFLINE="1")
    assert (code, json.loads(out)["new"], json.loads(out)["outcomes"]) == (0, 0, {"read": 13})
    code, out, _ = convenor("sources", "--json", OFFLINE="1")
    found = json.loads(out)
    assert code == 0
    assert {source["health"] for source in found} == {"ok", "off"}
    assert len(found) >= 90
    code, out, _ = convenor("sources", OFFLINE="1")
    assert "ok" in out


def test_tag_answers_every_line_in_order(convenor: Command) -> None:
    lines = [
        {"id": "a", "title": "Police use of live facial recognition", "summary": "", "publisher": "", "url": ""},
        {"id": "b", "title": "Village fête raises money", "summary": "", "publisher": "", "url": ""},
    ]
    stdin = "\n".join([json.dumps(lines[0]), "not json", json.dumps(lines[1])]) + "\n"
    code, out, err = convenor("tag", "--jsonl", "-", stdin=stdin)
    assert code == 0, err
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer.get("relevant") for answer in answers] == [True, None, False]
    assert "policing_biometrics" in [topic["id"] for topic in answers[0]["topics"]]
    assert all(topic["because"] for topic in answers[0]["topics"])
    assert answers[1]["error"]


def test_tag_answers_every_hand_labelled_item(convenor: Command) -> None:
    gold = shared_dir("data/gold-dev.jsonl")
    code, out, _ = convenor("tag", "--jsonl", str(gold))
    answers = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [a["id"] for a in answers] == [json.loads(line)["id"] for line in gold.read_text().splitlines()]
    assert all(isinstance(answer["relevant"], bool) for answer in answers)


PROFILES = [
    {"id": "p1", "text": "I campaign on the NHS data opt-out.", "organisation": "Patients", "topics": ["health_data"]},
    {
        "id": 2,
        "text": "Barrister. I challenge police use of live facial recognition.",
        "organisation": "",
        "topics": [],
    },
]


def test_profiles_of_a_file_are_ranked_against_requests_with_reasons(convenor: Command) -> None:
    (convenor.folder / "profiles.jsonl").write_text("\n".join(map(json.dumps, PROFILES)) + "\n")
    requests = [
        {"id": "a", "text": "someone who knows about NHS data opt-outs"},
        {"id": "b", "text": "a lawyer on face \x1b[31mscanning"},
        {"id": "c", "text": "medieval poetry"},
    ]
    stdin = "\n".join(map(json.dumps, requests)) + "\n"
    match = ("introductions", "match", "--profiles", "profiles.jsonl", "--requests", "-")
    code, out, err = convenor(*match, "--json", stdin=stdin)
    assert (code, err) == (0, "")
    answers = [json.loads(line) for line in out.splitlines()]
    assert [answer["id"] for answer in answers] == ["a", "b", "c"]
    assert [answer["candidates"][0]["id"] for answer in answers[:2]] == ["p1", 2]
    assert answers[0]["candidates"][0]["because"].startswith("writes “NHS”, “data”, “opt-out”; is about ")
    assert answers[2]["candidates"] == []
    assert answers[2]["no_good_match"] == "No good match: nobody here says that they could help with this."
    code, out, err = convenor(*match, stdin=stdin)
    assert (code, err) == (0, "")
    assert "a: someone who knows about NHS data opt-outs\n   1. p1  1.00  writes “NHS”" in out
    assert "c: medieval poetry\n  No good match: nobody here says that they could help with this.\n" in out
    assert "\x1b" not in out
    assert not list(convenor.folder.rglob("*.db"))


def test_lines_that_cannot_be_matched_are_told_by_number_and_the_others_answered(convenor: Command) -> None:
    wrong = [
        "{",
        json.dumps({"id": "x"}),
        json.dumps({"id": "p3", "text": "Data", "topics": "all"}),
        json.dumps(PROFILES[1]),
    ]
    lines = [json.dumps(PROFILES[0]), *wrong, json.dumps(PROFILES[1])]
    (convenor.folder / "profiles.jsonl").write_text("\n".join(lines) + "\n")
    stdin = '[]\n\n{"id": "a", "text": "NHS data"}\n{"text": "NHS data"}\n'
    match = ("introductions", "match", "--json", "--requests", "-")
    code, out, err = convenor(*match, "--profiles", "profiles.jsonl", stdin=stdin)
    assert code == 1
    assert err.splitlines() == [
        "profiles.jsonl:2: This line is not JSON.",
        "profiles.jsonl:3: There is no “text” in this line.",
        "profiles.jsonl:4: The “topics” in this line are not a list of texts.",
        "profiles.jsonl:6: An earlier line has the “id” 2 already.",
    ]
    answers = [json.loads(line) for line in out.splitlines()]
    assert answers[0] == {"id": None, "line": 1, "error": "This line is JSON, but not an object with a “text”."}
    assert [candidate["id"] for candidate in answers[1]["candidates"]] == ["p1"]
    assert answers[2] == {"id": None, "line": 4, "error": "There is no “id” in this line."}


def test_the_version_is_that_of_the_package(convenor: Command) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert convenor("--version") == (0, f"convenor {project['version']}\n", "")


def test_topics_are_listed_a_text_is_tried_and_the_archive_tagged_again(convenor: Command) -> None:
    code, out, _ = convenor("topics", "--json")
    assert code == 0
    assert "policing_biometrics" in [topic["id"] for topic in json.loads(out)]
    code, out, _ = convenor("topics", "test", "Police use of live facial recognition")
    assert code == 0
    assert "Relevant: “facial recognition” in the title (rule: " in out
    assert "(policing_biometrics): “facial recognition” in the title (rule: " in out
    code, out, _ = convenor("topics", "test", "New Cabinet Secretary appointed")
    assert code == 0
    assert "Near the field: who leads government, and how it is organised (“New Cabinet Secretary” in the title)" in out
    assert "So a draft would offer it as a maybe, where there is room." in out
    assert convenor("read", OFFLINE="1")[0] == 0
    code, out, _ = convenor("retag", "--dry-run", OFFLINE="1")
    assert (code, out.splitlines()[0]) == (
        0,
        "62 items were tagged by the present rules; 0 of them would change.",
    )
    code, out, _ = convenor("topics", "lint", OFFLINE="1")
    assert (code, out) == (0, "The archive has 62 items; from 200 on it says something of the rules.\n")
    assert convenor("topics", "record", OFFLINE="1")[1] == "Editors have not judged any tag yet.\n"
    assert convenor("topics", "corrections", OFFLINE="1")[:2] == (0, "")


def test_the_transparency_record_is_written_for_people_and_for_scripts(convenor: Command) -> None:
    settings = {"OFFLINE": "1", "OWNER": "Example Network"}
    code, out, err = convenor("transparency", **settings)
    assert code == 0, err
    assert out.startswith("# Algorithmic transparency record: Convenor\n")
    assert "**Organisation**\n\nExample Network" in out
    code, out, _ = convenor("transparency", "--json", **settings)
    parts = {part["title"]: part["fields"] for part in json.loads(out)}
    assert parts["What the latest draft left out"] == {"Counts": "No edition has been drafted yet."}


MISTAKES = [
    ({"PORT": "eighty"}, ["sources"], "CONVENOR_PORT: input should be a valid integer"),
    ({"HOTS": "x"}, ["sources"], "CONVENOR_HOTS: is not a setting; did you mean CONVENOR_HOST?"),
    ({"DATABASE_URL": "sqlite:///nowhere/at/all/c.db"}, ["sources"], "nowhere/at/all"),
    ({"DATABASE_URL": "mysql://x/y"}, ["sources"], "CONVENOR_DATABASE_URL"),
    ({"CATALOGUE": "missing.yaml"}, ["sources"], "missing.yaml: there is no such file"),
    ({"CATALOGUE": "broken.yaml"}, ["sources"], "broken.yaml:3: not YAML"),
    ({"TOPICS": "broken.yaml", "DIGEST": "broken.yaml"}, ["sources"], "broken.yaml:3: not YAML"),
    ({}, ["web"], "Set CONVENOR_DATABASE_URL to a postgresql:// address, or use “convenor run”"),
    ({}, ["tag", "--jsonl", "missing.jsonl"], "--jsonl: missing.jsonl cannot be read"),
    ({}, ["introductions"], "introductions: say what to do. There is one action: match."),
    ({}, ["introductions", "match", "--profiles", "-", "--requests", "-"], "cannot both be read from standard input"),
    (
        {},
        ["introductions", "match", "--profiles", "no.jsonl", "--requests", "-"],
        "--profiles: no.jsonl cannot be read",
    ),
    (
        {"SYNONYMS": "broken.yaml"},
        ["introductions", "match", "--profiles", "a", "--requests", "b"],
        "broken.yaml:3: not",
    ),
    ({}, ["keys"], "keys: say what to do. There are two actions: new and rotate."),
    ({"ENCRYPTION_KEYS": ""}, ["keys", "rotate"], "CONVENOR_ENCRYPTION_KEYS: is not set."),
    ({"ENCRYPTION_KEYS": ""}, ["run"], "so a key is needed to run: “convenor keys new” makes one"),
    ({"ENCRYPTION_KEYS": f"{TEST_KEY},short"}, ["sources"], "CONVENOR_ENCRYPTION_KEYS: its key number 2 is none"),
    ({}, ["draught"], "invalid choice: 'draught'"),
]


@pytest.mark.parametrize(("settings", "arguments", "words"), MISTAKES)
def test_a_mistake_gets_a_clear_sentence_and_exit_code_2(
    convenor: Command, settings: dict[str, str], arguments: list[str], words: str
) -> None:
    (convenor.folder / "broken.yaml").write_text("sources:\n  - [unclosed\n")
    code, out, err = convenor(*arguments, **settings)
    assert (code, out) == (2, "")
    assert words in err.replace("\n", " ")
    assert "Traceback" not in err


def test_no_network_is_said_in_words_and_nothing_is_lost(convenor: Command) -> None:
    catalogue = convenor.folder / "mine.yaml"
    catalogue.write_text(
        f"- {{id: mine, name: Mine, publisher: Me, kind: rss, url: 'http://127.0.0.1:{free_port()}/feed.xml'}}\n"
    )
    settings = {"CATALOGUE": str(catalogue), "ALLOW_PRIVATE_ADDRESSES": "1"}
    code, out, err = convenor("read", **settings)
    assert (code, "Traceback" in err) == (1, False)
    assert "Mine: " in out
    code, out, _ = convenor("sources", "--json", **settings)
    (source,) = json.loads(out)
    assert (code, source["health"]) == (0, "failing")
    assert source["reason"].startswith("failed once: ")


async def test_a_second_service_is_refused_by_the_name_of_the_first_and_commands_run_beside_it(tmp_path: Path) -> None:
    settings = {"OFFLINE": "1", "LOCAL_CHAT": "1"}
    async with serving("run", cwd=tmp_path, settings=settings) as first:
        code, _, err = await run("run", "--port", str(free_port()), cwd=tmp_path, **settings)
        assert code == 2
        assert "“convenor run”" in err
        assert str(first.process.pid) in err
        assert (await run("sources", cwd=tmp_path, **settings))[0] == 0
        assert (await run("draft", "--format", "text", cwd=tmp_path, **settings))[0] == 0
        assert (await first.health())["ok"] is True


async def test_a_port_in_use_is_said_with_the_way_out(tmp_path: Path) -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        code, _, err = await run("run", "--port", str(port), cwd=tmp_path, LOCAL_CHAT="1", OFFLINE="1")
    assert code == 2
    assert (
        err.replace("\n", " ")
        .strip()
        .endswith(
            f"Port {port} on 127.0.0.1 is in use by another program. Stop it, or set CONVENOR_PORT to another port."
        )
    )


async def test_run_reads_by_itself_and_its_log_names_nobody(tmp_path: Path) -> None:
    settings = {"OFFLINE": "1", "LOCAL_CHAT": "1", "LOG_FORMAT": "json"}
    async with serving("run", cwd=tmp_path, settings=settings, fresh=True) as service:
        await service.says("read 13 sources: 62 new, 0 changed")
        for name in ("alice", "bob", "carol", "Alice", "Bob", "Carol"):
            assert name not in service.log
        async with aiohttp.ClientSession(service.url) as session:
            for path, words in (("/transparency", "Algorithmic transparency record"), ("/privacy", "Using Convenor")):
                async with session.get(path) as page:
                    assert (page.status, words in await page.text()) == (200, True)
    with sqlite3.connect(tmp_path / "var" / "convenor.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
