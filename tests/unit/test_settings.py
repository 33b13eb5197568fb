"""Settings: defaults, conflicts, and every mistake said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.demo import demo_settings
from config.settings import DEFAULT_DATABASE_URL, Settings, load_settings
from digests.errors import ConfigError


def load(**environ: str) -> Settings:
    return load_settings({f"CONVENOR_{name}": value for name, value in environ.items()}, env_file=None)


def problems(**environ: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        load(**environ)
    return caught.value.problems


def test_nothing_set_gives_a_safe_private_installation() -> None:
    settings = load()
    assert settings.host == "127.0.0.1"
    assert not settings.local_chat
    assert not settings.has_chat_platform
    assert settings.database_url.get_secret_value() == "sqlite:///var/convenor.db"


def test_an_empty_value_means_the_default() -> None:
    assert load(PORT="", OFFLINE="").port == 8080


def test_every_mistake_is_reported_at_once_by_name() -> None:
    found = problems(PORT="eighty", LOG_LEVEL="loud", HOTS="x", ADMINS="bob")
    assert found == (
        "CONVENOR_HOTS: is not a setting; did you mean CONVENOR_HOST?",
        "CONVENOR_ADMINS: “bob” is not an account: write slack:U012AB3CD, slack:T0123:U012AB3CD, or teams: and an "
        "Object ID",
        "CONVENOR_PORT: input should be a valid integer, unable to parse string as an integer",
        "CONVENOR_LOG_LEVEL: input should be 'debug', 'info', 'warning' or 'error'",
    )


def test_the_browser_chat_is_refused_beside_slack_and_on_a_public_address() -> None:
    found = problems(LOCAL_CHAT="1", HOST="0.0.0.0", SLACK_BOT_TOKEN="xoxb-1", SLACK_APP_TOKEN="xapp-1")
    assert found == (
        "CONVENOR_LOCAL_CHAT: anybody may be anybody there, so it is refused beside Slack: unset one",
        "CONVENOR_LOCAL_CHAT: is for this machine alone, but CONVENOR_HOST is 0.0.0.0: use 127.0.0.1",
    )


def test_private_addresses_are_refused_together_with_a_public_bind_address() -> None:
    assert problems(ALLOW_PRIVATE_ADDRESSES="1", HOST="0.0.0.0") == (
        "CONVENOR_ALLOW_PRIVATE_ADDRESSES: is for tests, and refused while CONVENOR_HOST is 0.0.0.0: "
        "unset it, or bind to 127.0.0.1",
    )


SEVERAL = {
    "SLACK_CLIENT_ID": "1.2",
    "SLACK_CLIENT_SECRET": "client-secret",
    "SLACK_WORKSPACES": "T01, T02",
    "SLACK_SIGNING_SECRET": "signing-secret",
    "PUBLIC_URL": "https://digest.example.org",
}


def test_several_slack_workspaces_are_a_chat_platform_and_their_ids_are_a_list() -> None:
    settings = load(**SEVERAL)
    assert settings.has_several_slack_workspaces
    assert settings.has_chat_platform
    assert settings.slack_workspaces == ("T01", "T02")


@pytest.mark.parametrize("missing", ["SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_WORKSPACES"])
def test_the_three_by_which_workspaces_add_convenor_belong_together(missing: str) -> None:
    found = problems(**{name: value for name, value in SEVERAL.items() if name != missing})
    assert found[0] == (
        f"CONVENOR_{missing}: is missing, while others of the three by which workspaces add Convenor to Slack are set: "
        "set all three, or none"
    )


def test_several_slack_workspaces_need_a_public_address_and_a_way_for_slack_to_reach_us() -> None:
    assert problems(
        **{name: SEVERAL[name] for name in ("SLACK_CLIENT_ID", "SLACK_CLIENT_SECRET", "SLACK_WORKSPACES")}
    ) == (
        "CONVENOR_PUBLIC_URL: is missing, and it is where Slack workspaces add Convenor",
        "CONVENOR_SLACK_CLIENT_ID: also needs CONVENOR_SLACK_SIGNING_SECRET (HTTP) "
        "or CONVENOR_SLACK_APP_TOKEN (Socket Mode)",
    )


def test_one_slack_workspace_and_several_are_not_mixed() -> None:
    assert problems(**SEVERAL, SLACK_BOT_TOKEN="xoxb-1") == (
        "CONVENOR_SLACK_BOT_TOKEN: is for one workspace, and CONVENOR_SLACK_CLIENT_ID for several that add Convenor by "
        "themselves: unset one of them",
    )


def test_a_slack_token_alone_is_not_enough_and_says_what_to_add() -> None:
    assert problems(SLACK_BOT_TOKEN="xoxb-1") == (
        "CONVENOR_SLACK_BOT_TOKEN: is set alone: add CONVENOR_SLACK_APP_TOKEN (Socket Mode) "
        "or CONVENOR_SLACK_SIGNING_SECRET (HTTP)",
    )


def test_the_queue_of_many_machines_is_refused_on_sqlite() -> None:
    assert problems(QUEUE="procrastinate") == (
        "CONVENOR_QUEUE: procrastinate keeps its jobs in PostgreSQL: set CONVENOR_DATABASE_URL to a postgresql:// "
        "address, or use inline, which is enough for one process on SQLite",
    )
    assert load(QUEUE="procrastinate", DATABASE_URL="postgresql://localhost/convenor").queue == "procrastinate"


def test_a_mistake_never_repeats_a_secret() -> None:
    assert "hunter2" not in "".join(problems(SLACK_BOT_TOKEN="hunter2", SLACK_APP_TOKEN="hunter2"))


def test_an_administrator_is_known_with_and_without_a_workspace() -> None:
    settings = load(ADMINS="slack:U01, slack:T02:U02")
    assert settings.names_admin("slack", "T09", "U01")
    assert settings.names_admin("slack", "T02", "U02")
    assert not settings.names_admin("slack", "T09", "U02")
    assert not settings.names_admin("local", "T09", "U01")


def test_only_the_directory_of_the_defaults_and_of_the_demo_is_ours_to_make() -> None:
    elsewhere = load(DATABASE_URL="sqlite:///var/demo-of-somebody.db")
    assert load().own_directory == Path("var")
    assert elsewhere.own_directory is None


@pytest.mark.parametrize(("offline", "name"), [(True, "demo-samples"), (False, "demo")])
def test_the_demo_has_a_database_of_its_own_unless_one_was_set(offline: bool, name: str) -> None:
    own = demo_settings(load(), offline=offline)
    assert own.database_url.get_secret_value() == f"sqlite:///var/{name}.db"
    assert (own.own_directory, own.local_chat, own.offline) == (Path("var"), True, offline)
    given = demo_settings(load(DATABASE_URL="sqlite:///var/mine.db"), offline=offline)
    assert (given.database_url.get_secret_value(), given.own_directory) == ("sqlite:///var/mine.db", None)


APP = "01234567-89AB-cdef-0123-456789abcdef"
HOME = "aaaaaaaa-0000-4000-8000-000000000001"


def teams(**changes: str) -> dict[str, str]:
    return {"TEAMS_APP_ID": APP, "TEAMS_APP_PASSWORD": "sesame", "TEAMS_TENANT": HOME, **changes}


def test_teams_needs_an_app_its_secret_and_its_tenant() -> None:
    settings = load(**teams())
    assert settings.has_teams
    assert settings.has_chat_platform
    assert settings.teams_app_type == "SingleTenant"
    assert settings.teams_app_id == APP.lower()
    assert problems(**teams(TEAMS_APP_PASSWORD="", TEAMS_TENANT="")) == (
        "CONVENOR_TEAMS_APP_PASSWORD: is missing: Teams needs the app’s id and a client secret of it",
        "CONVENOR_TEAMS_TENANT: is missing: name the tenant that it is for (Entra admin centre, Overview)",
    )


def test_an_administrator_in_teams_is_named_by_their_object_id_however_it_is_written() -> None:
    settings = load(ADMINS=f"teams:{APP.upper()}, teams:{HOME.upper()}:{APP}, slack:U012AB3CD")
    assert settings.names_admin("teams", "any tenant", APP.lower())
    assert settings.admins[1:] == (f"teams:{HOME}:{APP}".lower(), "slack:U012AB3CD")
    for name in ("bob@example.org", "29:1bob", f"{APP}:bob"):
        assert problems(ADMINS=f"teams:{name}") == (
            f"CONVENOR_ADMINS: “teams:{name}” is not an account: write teams:01234567-89ab-cdef-0123-456789abcdef, "
            "with the Object ID that Entra shows with each user",
        )


@pytest.mark.parametrize("left", ["TEAMS_APP_PASSWORD", "TEAMS_TENANT"])
def test_teams_without_an_app_id_is_refused(left: str) -> None:
    assert problems(**{left: teams()[left]}) == (
        "CONVENOR_TEAMS_APP_ID: is missing, but other Teams settings are set: add it or remove them",
    )


@pytest.mark.parametrize("wrong", ["Singletenant", "multitenant", "MSI", "UserAssignedMSI"])
def test_a_type_of_app_is_one_of_two_words_exactly(wrong: str) -> None:
    assert problems(**teams(TEAMS_APP_TYPE=wrong)) == (
        "CONVENOR_TEAMS_APP_TYPE: input should be 'SingleTenant' or 'MultiTenant'",
    )


def test_a_tenant_or_an_app_is_named_by_its_id() -> None:
    assert problems(**teams(TEAMS_TENANT="example.org")) == (
        "CONVENOR_TEAMS_TENANT: “example.org” is not an id: it looks like 01234567-89ab-cdef-0123-456789abcdef "
        "(Entra admin centre)",
    )


def test_further_tenants_need_an_app_for_many() -> None:
    other = HOME.replace("1", "2")
    assert problems(**teams(TEAMS_FURTHER_TENANTS=other)) == (
        "CONVENOR_TEAMS_FURTHER_TENANTS: needs CONVENOR_TEAMS_APP_TYPE=MultiTenant and an app registered so",
    )
    many = load(**teams(TEAMS_FURTHER_TENANTS=f"{other}, {other.upper()}", TEAMS_APP_TYPE="MultiTenant"))
    assert many.teams_further_tenants == (other, other)


def test_teams_without_authentication_is_for_this_machine_alone_and_never_beside_an_app() -> None:
    assert load(TEAMS_DEVELOPMENT="1").has_teams
    assert not load(TEAMS_DEVELOPMENT="0").has_teams
    assert problems(**teams(TEAMS_DEVELOPMENT="1", HOST="0.0.0.0")) == (
        "CONVENOR_TEAMS_DEVELOPMENT: checks nobody, so it is refused beside CONVENOR_TEAMS_APP_ID: unset one",
        "CONVENOR_TEAMS_DEVELOPMENT: anybody may be anybody there, and CONVENOR_HOST is 0.0.0.0: use 127.0.0.1",
    )


def test_the_browser_chat_is_refused_beside_teams() -> None:
    assert problems(TEAMS_DEVELOPMENT="1", LOCAL_CHAT="1") == (
        "CONVENOR_LOCAL_CHAT: anybody may be anybody there, so it is refused beside Teams: unset one",
    )


def test_sqlite_is_refused_on_a_disk_that_is_thrown_away() -> None:
    sentence = (
        "CONVENOR_DATABASE_URL: is a SQLite file, and this host throws its disk away at every restart, with all that "
        "the network ever wrote: add a PostgreSQL database and set its postgresql:// address"
    )
    for environ in ({"DYNO": "web.1"}, {"CONVENOR_EPHEMERAL_DISK": "1"}):
        with pytest.raises(ConfigError) as refused:
            load_settings(environ, None)
        assert refused.value.problems == (sentence,)


def test_the_database_that_heroku_gives_is_taken_unless_another_is_named() -> None:
    given = {"DYNO": "web.1", "DATABASE_URL": "postgres://user:password@db.example.org/heroku"}
    assert load_settings(given, None).database_url.get_secret_value() == given["DATABASE_URL"]
    other = "postgresql://db.example.org/convenor"
    named = load_settings({**given, "CONVENOR_DATABASE_URL": other}, None)
    assert named.database_url.get_secret_value() == other
    elsewhere = load_settings({"DATABASE_URL": given["DATABASE_URL"]}, None)
    assert elsewhere.database_url.get_secret_value() == DEFAULT_DATABASE_URL


def test_the_demo_is_a_trial_unless_it_is_given_a_database() -> None:
    assert not load_settings({}, None).is_trial
    assert demo_settings(load_settings({}, None), offline=True).is_trial
    given = load_settings({"CONVENOR_DATABASE_URL": "sqlite:///somebody-elses.db"}, None)
    assert not demo_settings(given, offline=True).is_trial
