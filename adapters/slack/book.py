"""What is kept of the Slack workspaces that added Convenor by themselves."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

ANY: Final = "*"


def serves(workspaces: Collection[str], workspace: str) -> bool:
    """Whether a workspace may add Convenor and is served, where the settings name these, or :data:`ANY`."""
    return ANY in workspaces or workspace in workspaces


@dataclass(frozen=True, slots=True)
class Workspace:
    """One installation. ``installed_at`` is UTC; the token is a secret, and is in no representation of this."""

    id: str
    name: str
    bot_token: str = field(repr=False)
    bot_id: str
    bot_user: str
    installed_at: datetime


class Installations(Protocol):
    """What is kept of the workspaces, with their tokens."""

    async def save(self, workspace: Workspace) -> None:
        """Keep an installation, in the place of an earlier one of the workspace."""
        ...

    async def find(self, workspace: str) -> Workspace | None:
        """The installation in the workspace with this id, if there is one (any more)."""
        ...

    async def remove(self, workspace: str, before: datetime) -> bool:
        """Forget an installation made before a moment, and its token; False where there is none."""
        ...

    async def all(self) -> Sequence[Workspace]:
        """Every installation, by the name of its workspace."""
        ...
