"""The platforms that the contract of chat folders is run on. A new one is named here."""

from __future__ import annotations

from tests.contract.chat.local import Local
from tests.contract.chat.platform import Platform
from tests.contract.chat.slack import Slack
from tests.contract.chat.teams import Teams

PLATFORMS: tuple[Platform, ...] = (Local(), Slack(), Teams())
