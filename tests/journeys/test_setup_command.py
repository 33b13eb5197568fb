"""``convenor setup`` as a new network meets it: a few questions, files for its owner alone, and again without harm."""

from __future__ import annotations

import os
import pty
from collections.abc import Mapping, Sequence
from multiprocessing.connection import wait
from pathlib import Path

import pytest

from bot.__main__ import parser
from bot.setting_up import files
from bot.setting_up.questions import NotUsable, contact, edition
from bot.setup_commands import run
from config.digest import load_plan
from config.settings import load_settings
from digests.errors import ConfigError
from tests.forks import forking
from tests.journeys.convenor import begin, environment
from tests.journeys.test_commands import Command, convenor

__all__ = ["convenor"]

AN_ID = "01234567-89ab-cdef-0123-456789abcdef"
WAIT_SECONDS = 30.0
FLAGS = ("--title", "Example Digest", "--owner", "Example Charity", "--contact", "desk@example.org")


class Answers:
    """Gives the answers of a person, in order; an empty one takes what is offered."""

    def __init__(self, *answers: str) -> None:
        self.left = list(answers)
        self.asked: list[str] = []
        self.heard: list[str] = []

    def ask(self, words: str, default: str, *, secret: bool) -> str:
        self.asked.append(words)
        return self.left.pop(0) or default

    def told(self, words: str) -> None:
        self.heard.append(words)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("CONVENOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def setup(asker: Answers | None, *arguments: str) -> int:
    return run(parser().parse_args(["setup", *arguments]), asker)


def test_a_network_in_slack_answers_and_can_start(here: Path) -> None:
    person = Answers(
        "The Example Digest",
        "0",
        "7",
        "some day",
        "mon at 8.30",
        "Example Charity",
        "somewhere",
        "desk@example.org",
        "",
        "Slack",
        "xoxp-wrong",
        "xoxb-1",
        "xapp-1",
        "slack:U012AB3CD",
        "yes",
    )
    assert setup(person) == 0
    assert person.left == []
    settings = load_settings()
    assert (settings.owner, settings.contact) == ("Example Charity", "desk@example.org")
    assert settings.admins == ("slack:U012AB3CD",)
    assert settings.slack_bot_token is not None
    assert settings.slack_bot_token.get_secret_value() == "xoxb-1"
    assert len(settings.keys) == 1
    plan = load_plan(settings.digest, settings.over("digest"))
    assert (plan.title, plan.first_number, plan.schedule.weekday) == ("The Example Digest", 7, 0)
    assert f"{plan.schedule.at:%H:%M}" == "08:30"
    for file in (here / ".env", here / "network" / ".env", here / "network" / "digest.yaml"):
        assert file.stat().st_mode & 0o777 == 0o600
    said = "\n".join(person.heard)
    assert "Please write a whole number, such as 1." in said
    assert "Please write an e-mail address, or a web address with https://." in said
    assert "This cannot be used: a bot token begins with xoxb-" in said
    assert "    CONVENOR_SLACK_BOT_TOKEN=(secret)\n" in said
    assert settings.keys[0] not in said
    assert "xoxb-1" not in said
    assert "Put a copy of CONVENOR_ENCRYPTION_KEYS from network/.env into the password store" in said


@pytest.mark.parametrize(
    ("chat", "admins"),
    [
        ("slack", "such as slack:U012AB3CD (in Slack: your profile, ⋮, Copy member ID)"),
        ("teams", "such as teams: and your Object ID, which Entra shows with each user"),
        ("browser", "such as local:dan"),
        ("none", ""),
    ],
)
def test_the_first_administrators_are_asked_for_as_accounts_of_the_networks_own_chat(
    here: Path, chat: str, admins: str
) -> None:
    secrets = {"slack": [""], "teams": [AN_ID, AN_ID, "a-secret"]}.get(chat, [])
    person = Answers("", "", "", "Example Charity", "desk@example.org", "", chat, *secrets, "", "no")
    assert setup(person) == 0
    assert person.asked[-2] == ", ".join(filter(None, ("Who may set things up at first", admins)))


def test_help_gives_names_and_examples_as_they_are_written(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parser().parse_args(["setup", "--help"])
    words = " ".join(capsys.readouterr().out.split())
    assert "when is an edition drafted, in London time (a weekday and a time)" in words
    assert "the app id of your bot in Azure (docs/teams.md)" in words


def test_again_it_offers_what_is_there_and_changes_only_what_is_new(here: Path) -> None:
    assert setup(None, "--yes", *FLAGS, "--chat", "none") == 0
    env, digest = here / "network" / ".env", here / "network" / "digest.yaml"
    with env.open("a") as more:
        more.write("# A word of our own\nCONVENOR_PORT=9000\n")
    before, plan = env.read_text(), digest.read_text()
    person = Answers(*[""] * 8)
    assert setup(person) == 0
    assert person.heard == ["Everything is set up like this already. Nothing was written."]
    assert (env.read_text(), digest.read_text()) == (before, plan)
    assert setup(None, "--yes", "--owner", "Another Charity") == 0
    assert env.read_text() == before.replace("'Example Charity'", "'Another Charity'")
    assert load_settings().port == 9000


def test_whoever_says_no_or_leaves_finds_nothing_written(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    person = Answers("", "", "", "Example Charity", "desk@example.org", "", "none", "", "no")
    assert setup(person) == 0
    assert person.heard[-1] == "Nothing was written."

    class Gone(Answers):
        def ask(self, words: str, default: str, *, secret: bool) -> str:
            raise EOFError

    assert setup(Gone()) == 2
    assert "Nothing was written." in capsys.readouterr().out
    assert list(here.iterdir()) == []


def test_a_plan_that_somebody_changed_by_hand_is_left_alone(here: Path) -> None:
    assert setup(None, "--yes", *FLAGS, "--chat", "none") == 0
    digest = here / "network" / "digest.yaml"
    digest.write_text("# Ours\ntitle: Ours\nshortlist: 20\n")
    person = Answers("Another title", *[""] * 7, "yes")
    assert setup(person) == 0
    assert digest.read_text() == "# Ours\ntitle: Ours\nshortlist: 20\n"
    assert person.heard[0].startswith("network/digest.yaml has been changed by somebody, so it was left as it is.")
    assert 'title: "Another title"' in person.heard[0]


def test_going_from_the_browser_to_slack_switches_the_browser_off(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert setup(None, "--yes", *FLAGS, "--chat", "browser") == 0
    assert load_settings().local_chat
    monkeypatch.setenv("CONVENOR_SLACK_BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("CONVENOR_SLACK_APP_TOKEN", "xapp-1")
    assert setup(None, "--yes", "--chat", "slack") == 0
    settings = load_settings()
    assert (settings.local_chat, settings.has_chat_platform) == (False, True)
    # What comes from the environment stays there.
    assert "xoxb-1" not in (here / "network" / ".env").read_text()


def test_answers_that_cannot_be_used_are_told_and_nothing_is_written(here: Path) -> None:
    for arguments, sentence in (
        (("--yes",), "--owner: Please write something."),
        (("--yes", *FLAGS, "--edition", "someday"), "--edition: Please write a weekday and a time, such as: friday 09"),
        (("--yes", *FLAGS, "--chat", "none", "--admins", "me"), "CONVENOR_ADMINS: “me” is not an account"),
        (("--yes", *FLAGS, "--chat", "irc"), "--chat: Please write one of these: slack, teams, browser, none."),
    ):
        with pytest.raises(ConfigError) as wrong:
            setup(None, *arguments)
        assert sentence in str(wrong.value)
    assert list(here.iterdir()) == []


def test_where_nobody_can_be_asked_it_says_what_to_give(convenor: Command) -> None:
    code, out, err = convenor("setup")
    assert (code, out) == (2, "")
    assert err == "setup: nobody is there to be asked, so say --yes, and --owner, --contact with it.\n"


def test_at_a_real_terminal_tokens_are_not_shown(here: Path) -> None:
    answers = ["", "", "", "Example Charity", "desk@example.org", "", "slack", "xoxb-secret", "xapp-secret", "", "yes"]
    seen = _at_a_terminal(here, answers, "setup")
    assert "What is your digest called [Data Policy Digest]: " in seen
    assert "Example Charity" in seen
    assert "Next: “convenor check” says what is still missing" in seen
    assert "secret" not in seen.replace("(secret)", "")
    assert load_settings().has_chat_platform


@pytest.mark.parametrize(
    ("words", "kept"),
    [("Friday, 09:00", "friday 09:00"), ("thu 16:30", "thursday 16:30"), ("monday at 7.05", "monday 07:05")],
)
def test_a_weekday_and_a_time_are_read_as_people_write_them(words: str, kept: str) -> None:
    assert edition(words) == kept


@pytest.mark.parametrize("words", ["", "friday", "09:00 friday", "t 09:00", "friday 24:00", "friday 9"])
def test_what_is_no_weekday_and_time_is_refused(words: str) -> None:
    with pytest.raises(NotUsable):
        edition(words)


def test_a_contact_is_a_mail_or_web_address() -> None:
    assert contact(" desk@example.org ") == "desk@example.org"
    assert contact("https://example.org/contact") == "https://example.org/contact"
    with pytest.raises(NotUsable):
        contact("ring us")


@pytest.mark.parametrize("value", ["plain", "two words", "it's", "a\\b", 'say "no" # here', "x=y z", "£ and “ ”"])
def test_a_value_is_read_back_as_it_was_written(tmp_path: Path, value: str) -> None:
    file = tmp_path / ".env"
    file.write_text(files.env_file("", {"CONVENOR_OWNER": value}))
    assert load_settings({}, file).owner == value


def test_a_line_of_the_file_is_changed_in_its_place() -> None:
    present = "# Ours\nexport CONVENOR_PORT=1\nOTHER=x\nCONVENOR_PORT=2\n"
    assert files.env_file(present, {"CONVENOR_PORT": "3", "CONVENOR_HOST": ""}) == "# Ours\nCONVENOR_PORT=3\nOTHER=x\n"


def _at_a_terminal(folder: Path, answers: Sequence[str], *arguments: str) -> str:
    """Run a command with a terminal of its own, typing an answer whenever it waits for one; what is shown there."""
    ours, theirs = pty.openpty()
    environ = {**environment(), "CONVENOR_ENCRYPTION_KEYS": "", "TERM": "dumb"}
    process = forking().Process(target=_begin_there, args=(os.ttyname(theirs), list(arguments), str(folder), environ))
    process.start()
    seen, left = b"", list(answers)
    try:
        while ours in (ready := wait([ours, process.sentinel], WAIT_SECONDS)):
            seen += os.read(ours, 4096)
            if left and seen.endswith(b": "):
                os.write(ours, left.pop(0).encode() + b"\n")
        assert ready, seen.decode()
        process.join()
        assert process.exitcode == 0, seen.decode()
    finally:
        process.kill()
        os.close(ours)
        os.close(theirs)
    return seen.decode()


def _begin_there(terminal: str, arguments: Sequence[str], folder: str, environ: Mapping[str, str]) -> None:
    # Where passwords are typed is the terminal of a session: that which its first process opens first.
    os.setsid()
    begin(arguments, folder, environ, [terminal] * 3)
