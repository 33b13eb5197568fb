"""Makes what Slack and Teams have to be told of Convenor; their libraries are imported only by whoever needs them."""

from __future__ import annotations

from typing import Any

from bot.table import build_table


def slack_manifest(domain: str | None) -> dict[str, Any]:
    """The manifest of the Slack app; see :func:`adapters.slack.manifest.slack_manifest`."""
    from adapters.slack import manifest

    return manifest.slack_manifest(build_table(), domain)


def teams_manifest(app_id: str, domain: str, version: str, owner: str) -> dict[str, Any]:
    """The manifest of the app for Teams; see :func:`adapters.teams.manifest.teams_manifest`."""
    from adapters.teams import manifest

    return manifest.teams_manifest(build_table(), manifest.AppFacts(app_id, domain, version, owner))


def teams_package(app_id: str, domain: str, version: str, owner: str) -> bytes:
    """The package that is uploaded to Teams; see :func:`adapters.teams.manifest.teams_package`."""
    from adapters.teams import manifest

    return manifest.teams_package(build_table(), manifest.AppFacts(app_id, domain, version, owner))
