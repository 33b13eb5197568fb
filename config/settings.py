"""Settings: the environment (and ``.env``) as one frozen object; every mistake said at once, with its fix."""

from __future__ import annotations

import base64
import difflib
import ipaddress
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from config import teams
from config.mail import parse_mailbox, parse_smtp
from config.watching import parse_pings
from digests.errors import ConfigError

PREFIX = "CONVENOR_"

DEFAULT_DATABASE_URL = "sqlite:///var/convenor.db"
OWN_DIRECTORY = Path("var")
OVERLAYS = ("sources", "topics", "digest", "kinds", "synonyms")
"""The files of CONVENOR_CONFIG_DIR, without their ending."""
_KEY_BYTES = 32


def is_loopback(host: str) -> bool:
    """Whether only programs on this machine can reach a server bound to ``host``."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """Everything that an operator sets. ``config/example.env`` explains each; a test holds the two together."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", env_ignore_empty=True)

    database_url: SecretStr = SecretStr(DEFAULT_DATABASE_URL)
    ephemeral_disk: bool = False
    encryption_keys: SecretStr | None = None
    queue: Literal["inline", "procrastinate"] = "inline"
    config_dir: Path | None = None
    catalogue: Path | None = None
    topics: Path | None = None
    kinds: Path | None = None
    synonyms: Path | None = None
    digest: Path | None = None
    offline: bool = False
    allow_private_addresses: bool = False
    admins: Annotated[tuple[str, ...], NoDecode] = ()
    owner: str = ""
    contact: str = ""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=1, le=65535)
    public_url: str = ""
    behind_proxy: int = Field(default=0, ge=0, le=5)
    metrics_token: SecretStr | None = None
    pings: SecretStr | None = None
    local_chat: bool = False
    smtp_url: SecretStr | None = None
    mail_from: str = ""
    mail_list: str = ""
    slack_bot_token: SecretStr | None = None
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_client_id: str = ""
    slack_client_secret: SecretStr | None = None
    slack_workspaces: Annotated[tuple[str, ...], NoDecode] = ()
    slack_api_url: str = ""
    teams_app_id: str = ""
    teams_app_password: SecretStr | None = None
    teams_app_type: Literal["SingleTenant", "MultiTenant"] = "SingleTenant"
    teams_tenant: str = ""
    teams_further_tenants: Annotated[tuple[str, ...], NoDecode] = ()
    teams_development: bool = False
    fetch_timeout_seconds: float = Field(default=60.0, ge=1, le=300)
    fetch_max_bytes: int = Field(default=10_000_000, ge=10_000, le=100_000_000)
    fetch_concurrency: int = Field(default=8, ge=1, le=64)
    fetch_per_host: int = Field(default=2, ge=1, le=16)
    fetch_gap_seconds: float = Field(default=0.5, ge=0, le=60)
    parse_processes: int = Field(default=1, ge=1, le=8)
    backup_dir: Path | None = None
    backup_days: int = Field(default=7, ge=1, le=366)
    backup_weeks: int = Field(default=4, ge=0, le=520)
    erasure_journal: Path | None = None
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["text", "json"] = "text"

    @field_validator("encryption_keys")
    @classmethod
    def _encryption_keys_are_some(cls, value: SecretStr | None) -> SecretStr | None:
        for number, key in enumerate(_keys_in(value), start=1):
            try:
                long_enough = len(base64.urlsafe_b64decode(key)) == _KEY_BYTES
            except ValueError:
                long_enough = False
            if not long_enough:
                raise ValueError(f"its key number {number} is none: “convenor keys new” makes one")
        return value

    @field_validator("config_dir")
    @classmethod
    def _config_dir_has_known_files(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        if not value.is_dir():
            raise ValueError(f"there is no directory “{value}”: make it, or run “convenor setup”")
        unknown = sorted({each.name for each in value.glob("*.y*ml")} - {f"{name}.yaml" for name in OVERLAYS})
        if unknown:
            known = ", ".join(f"{name}.yaml" for name in OVERLAYS)
            raise ValueError(f"“{unknown[0]}” in {value} is no file that Convenor reads; it reads {known}")
        return value

    @field_validator("admins", "slack_workspaces", "teams_further_tenants", mode="before")
    @classmethod
    def _split_list(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("admins")
    @classmethod
    def _admins_are_accounts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for account in value:
            parts = account.split(":")
            if len(parts) not in (2, 3) or parts[0] not in ("slack", "teams", "local") or not all(parts):
                raise ValueError(
                    f"“{account}” is not an account: write slack:U012AB3CD, slack:T0123:U012AB3CD, "
                    "or teams: and an Object ID"
                )
        return tuple(teams.check_account(account) if account.startswith("teams:") else account for account in value)

    @field_validator("public_url")
    @classmethod
    def _public_url_is_an_origin(cls, value: str) -> str:
        parts = urlsplit(value.rstrip("/"))
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query):
            raise ValueError("write the site’s address without a path, such as https://digest.example.org")
        return value.rstrip("/")

    @field_validator("smtp_url")
    @classmethod
    def _smtp_url_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        if value:
            parse_smtp(value.get_secret_value())
        return value

    @field_validator("metrics_token")
    @classmethod
    def _metrics_token_is_long(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[!-~]{16,200}", value.get_secret_value()):
            raise ValueError("write at least 16 letters, digits or signs, without spaces")
        return value

    @field_validator("pings")
    @classmethod
    def _pings_are_some(cls, value: SecretStr | None) -> SecretStr | None:
        if value:
            parse_pings(value.get_secret_value())
        return value

    @field_validator("mail_from", "mail_list")
    @classmethod
    def _mailboxes_are_some(cls, value: str) -> str:
        if value:
            parse_mailbox(value)
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith("xoxb-"):
            raise ValueError("a bot token begins with xoxb- (Slack app settings, OAuth & Permissions)")
        return value

    @field_validator("slack_app_token")
    @classmethod
    def _app_token_shape(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().startswith("xapp-"):
            raise ValueError("an app-level token begins with xapp- (Slack app settings, Basic Information)")
        return value

    @field_validator("teams_app_id", "teams_tenant")
    @classmethod
    def _teams_ids_are_some(cls, value: str) -> str:
        return teams.check_id(value).lower()

    @field_validator("teams_further_tenants")
    @classmethod
    def _further_tenants_are_some(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(teams.check_id(tenant).lower() for tenant in value)

    @model_validator(mode="after")
    def _belongs_together(self) -> Settings:
        problems = list(self._conflicts())
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _conflicts(self) -> list[str]:
        found: list[str] = []
        if self.ephemeral_disk and self.database_url.get_secret_value().startswith("sqlite"):
            found.append(
                "CONVENOR_DATABASE_URL: is a SQLite file, and this host throws its disk away at every restart, with "
                "all that the network ever wrote: add a PostgreSQL database and set its postgresql:// address"
            )
        if self.queue == "procrastinate" and not self.database_url.get_secret_value().startswith("postgres"):
            found.append(
                "CONVENOR_QUEUE: procrastinate keeps its jobs in PostgreSQL: set CONVENOR_DATABASE_URL to a "
                "postgresql:// address, or use inline, which is enough for one process on SQLite"
            )
        slack_key = self.slack_app_token or self.slack_signing_secret
        found.extend(self._slack_conflicts())
        if slack_key and not (self.slack_bot_token or self.has_several_slack_workspaces):
            found.append(
                "CONVENOR_SLACK_BOT_TOKEN: is missing, but other Slack settings are set: add it or remove them"
            )
        if self.slack_bot_token and not slack_key:
            found.append(
                "CONVENOR_SLACK_BOT_TOKEN: is set alone: add CONVENOR_SLACK_APP_TOKEN (Socket Mode) "
                "or CONVENOR_SLACK_SIGNING_SECRET (HTTP)"
            )
        if bool(self.smtp_url) != bool(self.mail_from):
            found.append("CONVENOR_SMTP_URL: and CONVENOR_MAIL_FROM belong together: set both to send mail, or neither")
        if self.slack_api_url and not self.slack_api_url.startswith("http://127.0.0.1:"):
            found.append("CONVENOR_SLACK_API_URL: is for an emulator on this machine: http://127.0.0.1:PORT/api/")
        if self.local_chat and (self.slack_bot_token or self.has_several_slack_workspaces):
            found.append("CONVENOR_LOCAL_CHAT: anybody may be anybody there, so it is refused beside Slack: unset one")
        found += teams.conflicts(self, on_loopback=is_loopback(self.host))
        if self.local_chat and not is_loopback(self.host):
            found.append(
                f"CONVENOR_LOCAL_CHAT: is for this machine alone, but CONVENOR_HOST is {self.host}: use 127.0.0.1"
            )
        if self.allow_private_addresses and not is_loopback(self.host):
            found.append(
                f"CONVENOR_ALLOW_PRIVATE_ADDRESSES: is for tests, and refused while CONVENOR_HOST is {self.host}: "
                "unset it, or bind to 127.0.0.1"
            )
        return found

    def _slack_conflicts(self) -> list[str]:
        given = {
            "CONVENOR_SLACK_CLIENT_ID": self.slack_client_id,
            "CONVENOR_SLACK_CLIENT_SECRET": self.slack_client_secret,
            "CONVENOR_SLACK_WORKSPACES": self.slack_workspaces,
        }
        missing = [name for name, value in given.items() if not value]
        if len(missing) == len(given):
            return []
        found = [
            f"{name}: is missing, while others of the three by which workspaces add Convenor to Slack are set: "
            "set all three, or none"
            for name in missing
        ]
        if self.slack_bot_token:
            found.append(
                "CONVENOR_SLACK_BOT_TOKEN: is for one workspace, and CONVENOR_SLACK_CLIENT_ID for several that add "
                "Convenor by themselves: unset one of them"
            )
        if not self.public_url:
            found.append("CONVENOR_PUBLIC_URL: is missing, and it is where Slack workspaces add Convenor")
        if not (self.slack_app_token or self.slack_signing_secret):
            found.append(
                "CONVENOR_SLACK_CLIENT_ID: also needs CONVENOR_SLACK_SIGNING_SECRET (HTTP) "
                "or CONVENOR_SLACK_APP_TOKEN (Socket Mode)"
            )
        return found

    @property
    def has_several_slack_workspaces(self) -> bool:
        """Whether workspaces add Convenor by themselves, by Slack's OAuth."""
        return bool(self.slack_client_id)

    @property
    def keys(self) -> tuple[str, ...]:
        """What encrypts personal texts, the newest first; none where none is set."""
        return _keys_in(self.encryption_keys)

    @property
    def has_chat_platform(self) -> bool:
        """Whether a real chat platform is set up."""
        return self.slack_bot_token is not None or self.has_several_slack_workspaces or self.has_teams

    @property
    def has_teams(self) -> bool:
        """Whether Teams is set up, or a tool that plays it for development."""
        return bool(self.teams_app_id) or self.teams_development

    def over(self, name: str) -> Path | None:
        """The file of CONVENOR_CONFIG_DIR that changes one of the files of the configuration, if there is one."""
        file = self.config_dir / f"{name}.yaml" if self.config_dir else None
        return file if file is not None and file.exists() else None

    @property
    def is_trial(self) -> bool:
        """Whether this is the demo, whose database nobody would miss."""
        return False

    @property
    def own_directory(self) -> Path | None:
        """The directory of the database where it is ours to make; None where it is the operator's."""
        return OWN_DIRECTORY if self.database_url.get_secret_value() == DEFAULT_DATABASE_URL else None

    def names_admin(self, platform: str, workspace: str, user: str) -> bool:
        """Whether CONVENOR_ADMINS names this account, with or without its workspace."""
        return f"{platform}:{user}" in self.admins or f"{platform}:{workspace}:{user}" in self.admins

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        # Environment and .env are merged by load_settings, so that a misspelt name is caught in either.
        return (init_settings,)


def _keys_in(value: SecretStr | None) -> tuple[str, ...]:
    return tuple(key.strip() for key in value.get_secret_value().split(",") if key.strip()) if value else ()


def complaint_about(name: str, value: str) -> str:
    """What is wrong with one variable by itself; nothing where it could be used."""
    field = name.removeprefix(PREFIX).lower()
    try:
        Settings.model_validate({field: value})
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            if error["loc"][:1] == (field,):
                return str(error["msg"]).removeprefix("Value error, ")
    return ""


_CONFIG_DIR = f"{PREFIX}CONFIG_DIR"


def _in_file(file: Path | None) -> dict[str, str]:
    if file is None or not file.is_file():
        return {}
    return {name: value for name, value in dotenv_values(file).items() if value}


def load_settings(environ: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")) -> Settings:
    """The settings from ``environ`` (default: the process's) over ``env_file``.

    Where CONVENOR_CONFIG_DIR is set in either, the file ``.env`` in it comes between the two. Where Heroku says that
    this is one of its dynos, its disk is known to be ephemeral, and DATABASE_URL stands for ours where that is not set.

    Raises :class:`ConfigError` with one sentence per mistake, each beginning with the variable's name.
    """
    around = os.environ if environ is None else environ
    given = _in_file(env_file)
    folder = around.get(_CONFIG_DIR) or given.get(_CONFIG_DIR)
    if folder and env_file is not None:
        given.update(_in_file(Path(folder) / ".env"))
    given.update(around)
    if around.get("DYNO"):
        # Heroku, and hosts like it: the disk lives as long as the process, and the database has a variable of its own.
        given.setdefault(f"{PREFIX}EPHEMERAL_DISK", "1")
        if address := around.get("DATABASE_URL"):
            given.setdefault(f"{PREFIX}DATABASE_URL", address)
    ours = {name: value for name, value in given.items() if name.startswith(PREFIX) and value != ""}
    known = {PREFIX + field.upper(): field for field in Settings.model_fields}
    problems = []
    for name in sorted(ours.keys() - known.keys()):
        near = difflib.get_close_matches(name, known, n=1)
        problems.append(f"{name}: is not a setting" + (f"; did you mean {near[0]}?" if near else ""))
    values = {field: ours[name] for name, field in known.items() if name in ours}
    try:
        settings = Settings(**values)  # type: ignore[arg-type]  # strings, which pydantic turns into each field's type
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            message = str(error["msg"]).removeprefix("Value error, ")
            if not error["loc"]:
                problems.extend(message.splitlines())
                continue
            name = PREFIX + str(error["loc"][0]).upper()
            problems.append(f"{name}: {message[:1].lower()}{message[1:]}")
        raise ConfigError(problems) from None
    if problems:
        raise ConfigError(problems)
    return settings
