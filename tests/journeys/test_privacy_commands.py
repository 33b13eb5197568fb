"""``convenor privacy`` as whoever runs Convenor meets it."""

from __future__ import annotations

import json

from tests.fakes.network import ALICE
from tests.journeys.test_commands import Command, convenor
from tests.journeys.test_member_commands import actions, url

__all__ = ["convenor", "url"]


def test_somebody_who_has_left_the_chat_is_shown_given_and_spared_what_is_held(convenor: Command, url: str) -> None:
    account = ALICE.key
    code, out, _ = convenor("privacy", "show", account, DATABASE_URL=url)
    assert code == 0
    assert out.startswith("What Convenor holds about you\nTo know who you are: 1 record of you as a member")
    code, out, _ = convenor("privacy", "export", account, DATABASE_URL=url)
    assert code == 0
    assert [part["table"] for part in json.loads(out)["held"]] == ["members", "identities", "profiles", "audit_log"]
    code, out, _ = convenor("privacy", "erase", account, "--json", DATABASE_URL=url)
    assert code == 0
    assert json.loads(out)["words"].startswith(f"{account} is treated as absent from now on, and will be erased on ")
    code, out, _ = convenor("privacy", "keep", account, DATABASE_URL=url)
    assert (code, out) == (0, f"{account} will not be erased, and nothing was deleted.\n")
    code, _, err = convenor("privacy", "keep", account, DATABASE_URL=url)
    assert code == 1
    assert "That account is not (or no longer) to be erased. Nothing was changed." in err
    assert actions(url) == [
        ("command line", "undid an erasure"),
        ("command line", "asked for erasure"),
        ("command line", "exported what is held"),
    ]


def test_what_is_no_account_and_an_account_of_nobody_are_said(convenor: Command, url: str) -> None:
    code, _, err = convenor("privacy", "export", "Alice", DATABASE_URL=url)
    assert code == 2
    assert "“Alice” is not an account. Write it as platform:workspace:user" in err
    code, _, err = convenor("privacy", "export", "slack:T01:U99", DATABASE_URL=url)
    assert code == 1
    assert "Nothing is held about that account, so nothing was done." in err
    code, out, _ = convenor("privacy", "show", "slack:T01:U99", DATABASE_URL=url)
    assert (code, out) == (0, "Nothing is held about the account slack:T01:U99.\n")
