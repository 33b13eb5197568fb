"""config/example.env documents every setting, and nothing else; .env is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.settings import Settings, load_settings
from digests.errors import ConfigError

EXAMPLE = Path(__file__).resolve().parents[2] / "config" / "example.env"


def test_the_example_documents_each_setting_once_with_a_comment_above() -> None:
    documented = []
    explained = False
    for line in EXAMPLE.read_text().splitlines():
        if line.startswith("# ") and not line.startswith("# ---"):
            explained = True
        elif line.startswith("CONVENOR_"):
            assert explained, f"{line} stands without an explanation"
            documented.append(line.split("=")[0])
        elif not line:
            explained = False
    assert sorted(documented) == sorted("CONVENOR_" + name.upper() for name in Settings.model_fields)


def test_the_example_as_it_stands_is_the_defaults() -> None:
    assert load_settings({}, env_file=EXAMPLE) == load_settings({}, env_file=None)


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("CONVENOR_PORT=9001\nCONVENOR_LOG_LEVEL=debug\n")
    settings = load_settings({"CONVENOR_PORT": "9002"}, env_file=env_file)
    assert (settings.port, settings.log_level) == (9002, "debug")


def test_a_misspelt_name_in_the_env_file_is_a_mistake_too(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("CONVENOR_PROT=9001\n")
    with pytest.raises(ConfigError, match="CONVENOR_PROT: is not a setting; did you mean CONVENOR_PORT"):
        load_settings({}, env_file=env_file)
