"""``convenor keys`` as whoever runs Convenor meets it: a first key, a newer one, and the older one taken out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.demo import OWN_KEY, with_own_key
from config.settings import OWN_DIRECTORY, load_settings
from tests.contract.databases import TEST_KEY, sqlite_url
from tests.journeys.test_commands import Command, convenor

__all__ = ["convenor"]


def test_a_key_is_exchanged_by_command(convenor: Command, tmp_path: Path) -> None:
    code, out, err = convenor("keys", "new", ENCRYPTION_KEYS="")
    newer = out.strip()
    assert code == 0
    assert err.startswith("Put it into CONVENOR_ENCRYPTION_KEYS, before any key that is there already")
    assert list(tmp_path.iterdir()) == []
    url = sqlite_url(tmp_path)
    code, out, err = convenor("keys", "rotate", DATABASE_URL=url, ENCRYPTION_KEYS=f"{newer}, {TEST_KEY}")
    assert (code, err) == (0, "")
    assert out == (
        "1 text had another key or none, and is under the newest. The older keys are not needed any more: take them "
        "out of CONVENOR_ENCRYPTION_KEYS, and keep them as long as you keep backups that were made with them.\n"
    )
    code, out, err = convenor("keys", "rotate", DATABASE_URL=url, ENCRYPTION_KEYS=newer)
    assert (code, out, err) == (0, "Everything was under the newest key already.\n", "")
    code, out, err = convenor("sources", DATABASE_URL=url)
    assert (code, out) == (2, "")
    assert err.startswith("CONVENOR_ENCRYPTION_KEYS: none of these keys opens what the database holds")


def test_keys_are_told_to_scripts_as_json(convenor: Command) -> None:
    code, out, _ = convenor("keys", "new", "--json")
    key = json.loads(out)["key"]
    code, out, err = convenor("keys", "rotate", "--json", ENCRYPTION_KEYS=key, OFFLINE="1")
    assert (code, json.loads(out), err) == (0, {"renewed": 0}, "")


def test_the_demo_makes_a_key_of_its_own_once_and_takes_one_that_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    first = with_own_key(load_settings({}, None))
    again = with_own_key(load_settings({}, None))
    given = with_own_key(load_settings({"CONVENOR_ENCRYPTION_KEYS": TEST_KEY}, None))
    file = tmp_path / OWN_DIRECTORY / OWN_KEY
    assert first.keys == again.keys == (file.read_text().strip(),)
    assert file.stat().st_mode & 0o777 == 0o600
    assert given.keys == (TEST_KEY,)
