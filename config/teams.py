"""The settings of Teams: what each must look like, and which belong together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from config.settings import Settings

SINGLE_TENANT = "SingleTenant"
MANY_TENANTS = "MultiTenant"

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)


def check_id(value: str) -> str:
    """An id of an app or a tenant, as Microsoft writes them. Raises ``ValueError``."""
    if value and not _ID.fullmatch(value):
        raise ValueError(
            f"“{value}” is not an id: it looks like 01234567-89ab-cdef-0123-456789abcdef (Entra admin centre)"
        )
    return value


def check_account(account: str) -> str:
    """Somebody's account as the settings name it, in small letters. Raises ``ValueError``.

    Teams tells us of nobody's name for signing in, so an administrator who is named by that would never be one.
    """
    if not all(_ID.fullmatch(part) for part in account.split(":")[1:]):
        raise ValueError(
            f"“{account}” is not an account: write teams:01234567-89ab-cdef-0123-456789abcdef, with the Object ID that "
            "Entra shows with each user"
        )
    return account.lower()


def conflicts(settings: Settings, *, on_loopback: bool) -> Iterator[str]:
    """What does not belong together, one sentence each. ``on_loopback``: only this machine reaches us."""
    rest = settings.teams_app_password or settings.teams_tenant or settings.teams_further_tenants
    if settings.teams_development:
        yield from _development_conflicts(settings, on_loopback)
    elif not settings.teams_app_id:
        if rest:
            yield "CONVENOR_TEAMS_APP_ID: is missing, but other Teams settings are set: add it or remove them"
        return
    else:
        if not settings.teams_app_password:
            yield "CONVENOR_TEAMS_APP_PASSWORD: is missing: Teams needs the app’s id and a client secret of it"
        if not settings.teams_tenant:
            yield "CONVENOR_TEAMS_TENANT: is missing: name the tenant that it is for (Entra admin centre, Overview)"
    if settings.teams_further_tenants and settings.teams_app_type != MANY_TENANTS:
        yield "CONVENOR_TEAMS_FURTHER_TENANTS: needs CONVENOR_TEAMS_APP_TYPE=MultiTenant and an app registered so"
    if settings.local_chat:
        yield "CONVENOR_LOCAL_CHAT: anybody may be anybody there, so it is refused beside Teams: unset one"


def _development_conflicts(settings: Settings, on_loopback: bool) -> Iterator[str]:
    if settings.teams_app_id:
        yield "CONVENOR_TEAMS_DEVELOPMENT: checks nobody, so it is refused beside CONVENOR_TEAMS_APP_ID: unset one"
    if not on_loopback:
        yield (
            f"CONVENOR_TEAMS_DEVELOPMENT: anybody may be anybody there, and CONVENOR_HOST is {settings.host}: "
            "use 127.0.0.1"
        )
