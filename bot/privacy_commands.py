"""``convenor privacy``: the same rights for somebody who asks by letter or mail, as they have left the chat."""

from __future__ import annotations

import argparse
import asyncio

from bot import app, console
from bot.actions import actions_of
from bot.messages import Identity
from bot.privacy import notice, service
from bot.privacy.plain_words import words_of
from bot.services import Services
from config.settings import Settings
from digests.calendar import say_when
from digests.errors import ConfigError

NOTHING = "convenor privacy: say what to do. There are four actions: show, export, erase and keep."
NO_ACCOUNT = (
    "“{}” is not an account. Write it as platform:workspace:user, for example slack:T0123:U0456: "
    "“convenor members export” has those of the directory."
)
NOBODY = "Nothing is held about the account {}."
CHECK = "Make sure first that whoever asks is the person that this is about."


def add_actions(parser: argparse.ArgumentParser) -> None:
    """The actions of ``convenor privacy``, each with its help."""
    parser.set_defaults(json=False)
    parser.epilog = CHECK
    action = actions_of(parser)
    for name, words in (
        ("show", "print what is held about somebody, in the words of /convenor privacy"),
        ("export", "print everything that is held about somebody as JSON; the audit log says so"),
        ("erase", "treat somebody as absent from now on and erase them in 14 days; the audit log says so"),
        ("keep", "undo that somebody is to be erased; the audit log says so"),
    ):
        action(name, words).add_argument("account", metavar="ACCOUNT", help="as platform:workspace:user")


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Do it; 0. Raises ConfigError where there is nothing to do it with, and Stale where nothing is to be done."""
    if arguments.action is None:
        raise ConfigError([NOTHING])
    if not settings.keys:
        raise ConfigError([app.NEEDS_A_KEY])
    who = account_of(arguments.account)
    asyncio.run(_run(settings, arguments.action, who, as_json=arguments.json))
    return 0


def account_of(words: str) -> Identity:
    """The account that somebody typed. Raises ConfigError."""
    parts = words.split(":")
    if len(parts) != 3 or not all(parts):
        raise ConfigError([NO_ACCOUNT.format(words[:80])])
    return Identity(*parts)


async def _run(settings: Settings, action: str, who: Identity, *, as_json: bool) -> None:
    async with app.open_house(settings) as house:
        done = await _DO[action](house.services, who)
    if as_json and action != "export":
        console.write_json({"account": who.key, "done": action, "words": done})
    else:
        console.write(done.rstrip("\n"))


async def _show(services: Services, who: Identity) -> str:
    view = await service.look(services, who)
    if view.member is None:
        return NOBODY.format(who.key)
    return "\n".join(words_of(each) for each in notice.notice(view, services.owner, services.contact))


async def _export(services: Services, who: Identity) -> str:
    return await service.export_for(services, who)


async def _erase(services: Services, who: Identity) -> str:
    erasure = await service.ask_erasure(services, who, for_them=True)
    return (
        f"{who.key} is treated as absent from now on, and will be erased on {say_when(erasure.due_at)}, as long as "
        "Convenor runs then. Until that moment “convenor privacy keep” undoes it."
    )


async def _keep(services: Services, who: Identity) -> str:
    await service.undo_erasure(services, who, for_them=True)
    return f"{who.key} will not be erased, and nothing was deleted."


_DO = {"show": _show, "export": _export, "erase": _erase, "keep": _keep}
