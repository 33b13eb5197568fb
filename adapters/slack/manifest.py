"""The manifest of the Slack app: what Slack is to know of Convenor, made from the table of commands."""

from __future__ import annotations

from typing import Any, Final

from adapters.slack.app import OPTIONAL_SCOPES, PATH, SCOPES
from adapters.slack.install import REDIRECT_PATH
from bot.commands import Table
from bot.manifests import COLOUR, FROM_MESSAGE, LONG, NAME, SHORT, SLASH, SUGGEST, SUGGEST_HELP

# The last two matter where several workspaces add Convenor by themselves, and do no harm in one.
EVENTS: Final = ("app_home_opened", "app_uninstalled", "tokens_revoked")

Json = dict[str, Any]


def slack_manifest(table: Table, domain: str | None) -> Json:
    """The manifest as Slack takes it, in JSON or YAML.

    Without a ``domain`` Convenor opens the connection itself (Socket Mode); with one, Slack calls it there by HTTPS.
    """
    url = f"https://{domain}{PATH}" if domain else None
    address = {"url": url} if url else {}
    request = {"request_url": url} if url else {}
    back = {"redirect_urls": [f"https://{domain}{REDIRECT_PATH}"]} if domain else {}
    return {
        "_metadata": {"major_version": 2, "minor_version": 1},
        "display_information": {
            "name": NAME,
            "description": SHORT,
            "long_description": LONG.format(privacy="/convenor privacy"),
            "background_color": COLOUR,
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": True,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "shortcuts": [
                {"name": SUGGEST, "type": "message", "callback_id": FROM_MESSAGE, "description": SUGGEST_HELP}
            ],
            "slash_commands": [
                {
                    "command": f"/{name}",
                    **address,
                    "description": SLASH[name][0],
                    "usage_hint": SLASH[name][1],
                    # Without it nobody would know whom @bob means in a command.
                    "should_escape": True,
                }
                for name in table.names
            ],
        },
        "oauth_config": {**back, "scopes": {"bot": sorted(SCOPES), "bot_optional": sorted(OPTIONAL_SCOPES)}},
        "settings": {
            "event_subscriptions": {**request, "bot_events": list(EVENTS)},
            "interactivity": {"is_enabled": True, **request},
            "org_deploy_enabled": False,
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }
