"""The whole network as a folder, and a folder as a whole network."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr

from adapters.clock import SystemClock
from adapters.store.portable import Written, WrongExport, bring_in, write_out
from bot.app.house import open_database
from bot.app.version import made_by
from bot.privacy.ports import COMMAND_LINE
from config import catalogue, digest, kinds, synonyms, topics
from config.settings import PREFIX, Settings
from digests.archive import public_edition
from digests.errors import ConfigError
from digests.model import EditionState
from digests.render import EditionView, Output, render

__all__ = ["Written", "WrongExport", "export_network", "import_network"]

NOT_FREE = "{} is there already and is not an empty folder. Name a folder that is not there yet."
NO_PARENT = "The folder {} is not there, so {} cannot be made in it."
NOT_WRITTEN = "{} cannot be written ({}). Nothing was kept of it."
# These name people, though no secret: whoever takes over has others in their place.
_OF_PEOPLE = frozenset({"admins"})


async def export_network(settings: Settings, folder: Path, *, members: bool) -> Written:
    """Write everything into a folder, which is there when it is whole; the audit log says so where people are in it.

    Raises ConfigError where the folder cannot be made, and Locked where ``members`` are wanted and there is no key.
    """
    _need_free(folder)
    database = await open_database(settings)
    try:
        new = _beside(folder)
        try:
            _write_settings(settings, new)
            (new / "editions").mkdir(mode=0o700)
            async with database.read() as uow:
                for head in await uow.editions.heads(EditionState.PUBLISHED):
                    if (edition := await uow.editions.get(head.id)) is not None:
                        words = render(Output.MARKDOWN, EditionView.of(public_edition(edition, head).edition))
                        _write(new / "editions" / f"{head.id}.md", words)
            written = await write_out(database, new, members=members, made_by=made_by())
            _put(new, folder)
        except OSError as trouble:
            raise ConfigError([NOT_WRITTEN.format(folder, trouble.strerror)]) from None
        finally:
            shutil.rmtree(new, ignore_errors=True)
        if members:
            async with database.begin() as uow:
                await uow.audit.note(COMMAND_LINE, "exported the network", "", SystemClock().now())
                await uow.commit()
    finally:
        await database.close()
    return written


async def import_network(settings: Settings, folder: Path) -> Mapping[str, int]:
    """Bring a folder into the empty database of the settings; returns the lines of each file.

    Raises WrongExport with every mistake, and ConvenorError where the database is not empty.
    """
    database = await open_database(settings)
    try:
        return await bring_in(database, folder)
    finally:
        await database.close()


def _beside(folder: Path) -> Path:
    return Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.absolute().parent))


def _put(new: Path, folder: Path) -> None:
    new.replace(folder)


def _need_free(folder: Path) -> None:
    parent = folder.absolute().parent
    if not parent.is_dir():
        raise ConfigError([NO_PARENT.format(parent, folder.name)])
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError([NOT_FREE.format(folder)])


def _write_settings(settings: Settings, folder: Path) -> None:
    (folder / "config").mkdir(mode=0o700)
    for name, (named, shipped) in _files(settings).items():
        for sort, path in (("own", settings.over(name)), ("instead", named), ("shipped", shipped)):
            if path is not None:
                (folder / "config" / sort).mkdir(mode=0o700, exist_ok=True)
                _write(folder / "config" / sort / f"{name}.yaml", path.read_text(encoding="utf-8"))
    plain: dict[str, Any] = {}
    secret = []
    for name, field in Settings.model_fields.items():
        if SecretStr in (field.annotation, *get_args(field.annotation)) or name in _OF_PEOPLE:
            secret.append(PREFIX + name.upper())
        else:
            plain[PREFIX + name.upper()] = getattr(settings, name)
    words = json.dumps({"settings": plain, "to_be_set_anew": sorted(secret)}, indent=2, ensure_ascii=False, default=str)
    _write(folder / "settings.json", words + "\n")


def _files(settings: Settings) -> Mapping[str, tuple[Path | None, Path]]:
    """Each file of the configuration: the one that the settings name in its place, and the one of Convenor."""
    return {
        "sources": (settings.catalogue, catalogue.DEFAULT_PATH),
        "topics": (settings.topics, topics.DEFAULT_PATH),
        "kinds": (settings.kinds, kinds.DEFAULT_PATH),
        "synonyms": (settings.synonyms, synonyms.DEFAULT_PATH),
        "digest": (settings.digest, digest.PATH),
    }


def _write(path: Path, words: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(words)
