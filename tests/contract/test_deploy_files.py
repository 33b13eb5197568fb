"""The files for containers, hosts and servers say what Convenor knows: its commands, its settings, its own files."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.__main__ import COMMANDS
from config.settings import PREFIX, Settings, load_settings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "docs" / "deploy"


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile, one instruction after the other."""
    words = re.sub(r"(?m)^#.*\n", "", (ROOT / "Dockerfile").read_text()).replace("\\\n", " ")
    return [(name, rest.strip()) for name, _, rest in (line.partition(" ") for line in words.splitlines() if line)]


def stages() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for name, rest in instructions():
        if name == "FROM":
            base, _, stage = rest.partition(" AS ")
            present = found[stage or "last"] = list(found.get(base, []))
        present.append((name, rest))
    return found


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def settings_in(words: str) -> set[str]:
    return set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", words))


KNOWN = {PREFIX + name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("file", ["Dockerfile", "compose.yaml", "docs/deploy/convenor.service", "docs/deploy.md"])
def test_every_setting_that_is_named_is_one(file: str) -> None:
    assert settings_in((ROOT / file).read_text()) - {f"{PREFIX}*"} <= KNOWN


@pytest.mark.parametrize("stage", ["alone", "scale", "last"])
def test_an_image_runs_as_nobody_in_particular_and_tells_how_it_is(stage: str) -> None:
    found = dict(stages()[stage])
    assert found["USER"] == "convenor"
    assert json.loads(found["ENTRYPOINT"]) == ["convenor"]
    assert json.loads(found["CMD"])[0] in COMMANDS
    health = json.loads(found["HEALTHCHECK"].partition("CMD ")[2])
    ast.parse(health[2])
    assert "/health" in health[2]
    assert set(json.loads(found["VOLUME"])) == {"/data", "/backups", "/config"}


def test_the_settings_of_the_image_can_be_used(tmp_path: Path) -> None:
    (words,) = [rest for name, rest in stages()["alone"] if name == "ENV" and "CONVENOR_HOST" in rest]
    given = dict(pair.split("=", 1) for pair in words.split())
    settings = load_settings({**given, "CONVENOR_CONFIG_DIR": str(tmp_path)}, None)
    assert (settings.host, settings.port, str(settings.backup_dir)) == ("0.0.0.0", 8080, "/backups")


def test_what_is_copied_into_the_image_is_there_and_reaches_the_builder() -> None:
    copied = {
        source
        for name, rest in instructions()
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    assert copied == {line[1:] for line in lines if line.startswith("!")}
    assert all((ROOT / source).exists() for source in copied)
    packages = {"adapters", "bot", "config", "digests"}
    assert packages <= copied
    assert not fnmatch("bot/demo.py", lines[-1])


def services() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from compose()["services"].items()


def ours() -> Iterator[tuple[str, dict[str, Any]]]:
    yield from ((name, service) for name, service in services() if "build" in service)


def test_every_service_of_ours_is_locked_down_and_runs_a_command_that_there_is() -> None:
    assert {name for name, _ in ours()} == {"upgrade", "convenor", "upgrade-scale", "worker", "clock", "web"}
    for name, service in ours():
        assert service["command"][0] in COMMANDS, name
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {volume.split(":")[1] for volume in service["volumes"]} == {"/data", "/backups", "/config"}
        assert service["build"]["target"] in stages()
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_alone_is_what_starts_without_a_profile_and_everything_else_is_for_growth() -> None:
    alone = {name for name, service in services() if "profiles" not in service}
    assert alone == {"upgrade", "convenor"}
    rest = {name: service for name, service in services() if name not in alone}
    assert all(service["profiles"] == ["scale"] for service in rest.values())
    replicas = {name: service.get("deploy", {}).get("replicas", 1) for name, service in rest.items()}
    assert (replicas["worker"], replicas["clock"], replicas["web"]) == (2, 1, 2)
    for name, service in rest.items():
        if name != "database":
            assert service["environment"]["CONVENOR_DATABASE_URL"].startswith("postgresql://")


def test_starting_the_web_part_brings_all_the_others_and_not_the_one_that_runs_alone() -> None:
    known = dict(services())

    def with_what_it_needs(name: str) -> set[str]:
        needed = known[name].get("depends_on", {})
        assert needed.keys() <= known.keys()
        return {name}.union(*(with_what_it_needs(each) for each in needed))

    assert with_what_it_needs("web") == known.keys() - {"convenor", "upgrade"}
    named = {volume.split(":")[0] for _, service in services() for volume in service["volumes"]} if known else set()
    assert named == set(compose()["volumes"])


def test_the_procfile_starts_from_the_sources_as_hosts_like_heroku_have_them() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert lines.keys() == {"release", "web", "worker", "clock"}
    for line in lines.values():
        start, command = line.split()[:3], line.split()[3]
        assert start == ["python", "-m", "bot"]
        assert command in COMMANDS
    version = (ROOT / ".python-version").read_text().strip()
    assert tuple(map(int, version.split("."))) >= (3, 11)


def test_the_unit_of_systemd_is_one_and_starts_what_there_is(tmp_path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(DEPLOY / "convenor.service")
    service = unit["Service"]
    for key in ("ExecStart", "ExecStartPre"):
        program, command = service[key].split()
        assert program == "/opt/convenor/bin/convenor"
        assert command in COMMANDS
    assert service["ProtectSystem"] == "strict"
    assert service["NoNewPrivileges"] == "yes"
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return  # elsewhere than on Linux with systemd there is nothing that could look at it
    words = (DEPLOY / "convenor.service").read_text().replace("/opt/convenor/bin/convenor", sys.executable)
    copy = tmp_path / "convenor.service"
    copy.write_text(words)
    looked = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    assert "convenor.service" not in looked.stderr, looked.stderr
