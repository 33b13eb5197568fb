"""What people can say, press and submit, in one place."""

from __future__ import annotations

from bot import post_messages
from bot.commands import Action, Command, Table
from bot.edition_messages import APPROVE, DROP, MERGE, POST_NOW, PULL_BACK, RESTORE, RESUME, SKIP
from bot.handlers import (
    added_sources,
    approval,
    desk,
    digest,
    here,
    home,
    intro,
    posts,
    roles,
    search,
    sources,
    tags,
    topics,
    weeks,
)
from bot.handlers.help import Help
from bot.handlers.sources import KEEPERS
from bot.introductions import texts as introduction_texts
from bot.ports import Role

EDITOR = frozenset({Role.EDITOR})
ADMINISTRATOR = frozenset({Role.ADMINISTRATOR})
# Which of the two decides about a post depends on what it is, and is checked with it.
DECIDERS = frozenset({Role.EDITOR, Role.COORDINATOR})


def build_table() -> Table:
    """The table of commands, presses and forms."""
    helper = Help()
    commands = (
        Command(("digest",), "/digest", "shows the latest edition", digest.latest),
        Command(
            ("digest", "search"),
            "/digest search words",
            'searches everything that was read (topic:, kind:, publisher:, from:, to:, "a phrase", -without)',
            search.search,
            takes_words=True,
        ),
        Command(("digest", "draft"), "/digest draft", "shows the draft to you, with its buttons", digest.draft, EDITOR),
        Command(
            ("digest", "schedule"),
            "/digest schedule",
            "shows when the next editions are drafted and posted, with what moves them",
            weeks.schedule,
            EDITOR,
        ),
        Command(
            ("digest", "skip"),
            "/digest skip",
            "leaves a week without an edition, or merges it into the next",
            weeks.skip_what,
            EDITOR,
        ),
        Command(("digest", "help"), "/digest help", "shows this help", helper),
        Command(("topics",), "/topics", "shows what you follow, and lets you change it", topics.show),
        Command(("topics", "list"), "/topics list", "shows every topic with what it is about", topics.show_all),
        Command(
            ("topics", "follow"),
            "/topics follow health data",
            "tells you what is new on a topic or on words of your own",
            topics.add,
            takes_words=True,
            opens_form=True,
        ),
        Command(
            ("topics", "quiet"),
            "/topics quiet",
            "sets hours in which you are sent nothing",
            topics.quiet,
            opens_form=True,
        ),
        Command(("topics", "stop"), "/topics stop", "stops everything that you follow", topics.stop_all),
        Command(
            ("intro",),
            "/intro someone who knows about …",
            "asks the coordinators for an introduction",
            intro.ask_for,
            takes_words=True,
            opens_form=True,
        ),
        Command(("convenor",), "/convenor", "shows this help", helper),
        Command(
            ("convenor", "home"),
            "/convenor home",
            "shows what is next, what you follow, and what waits for you",
            home.home,
        ),
        Command(("convenor", "help"), "/convenor help", "shows this help", helper),
        Command(("convenor", "sources"), "/convenor sources", "shows how the reading of sources goes", sources.show),
        Command(
            ("convenor", "sources", "failing"),
            "/convenor sources failing",
            "shows only the sources that need attention",
            sources.show_failing,
        ),
        Command(
            ("convenor", "sources", "all"), "/convenor sources all", "lists every source with its id", sources.show_all
        ),
        Command(
            ("convenor", "sources", "show"),
            "/convenor sources show ID",
            "shows one source and its latest fetches",
            sources.show_one,
            takes_words=True,
        ),
        Command(
            ("convenor", "sources", "add"),
            "/convenor sources add ADDRESS",
            "finds the feed of a site, shows it, and adds it to the sources",
            added_sources.add,
            KEEPERS,
            takes_words=True,
        ),
        Command(
            ("convenor", "sources", "pause"),
            "/convenor sources pause ID",
            "stops reading a source for now",
            sources.pause,
            KEEPERS,
            takes_words=True,
        ),
        Command(
            ("convenor", "sources", "resume"),
            "/convenor sources resume ID",
            "reads a source again that was paused or had ended",
            sources.resume,
            KEEPERS,
            takes_words=True,
        ),
        Command(
            ("convenor", "sources", "read"),
            "/convenor sources read ID",
            "reads a source now, and says what came of it",
            sources.read,
            KEEPERS,
            takes_words=True,
        ),
        Command(("convenor", "roles"), "/convenor roles list", "shows who has which role", roles.show),
        Command(("convenor", "roles", "list"), "/convenor roles list", "shows who has which role", roles.show),
        Command(
            ("convenor", "roles", "add"),
            "/convenor roles add @name editor",
            "makes somebody editor, coordinator or administrator",
            roles.add,
            ADMINISTRATOR,
            takes_words=True,
        ),
        Command(
            ("convenor", "roles", "remove"),
            "/convenor roles remove @name editor",
            "takes a role away",
            roles.remove,
            ADMINISTRATOR,
            takes_words=True,
        ),
        Command(
            ("convenor", "stuck"),
            "/convenor stuck",
            "shows what could not be posted, with buttons to decide about it",
            posts.stuck,
            DECIDERS,
        ),
        Command(
            ("convenor", "here"),
            "/convenor here digest|editors|coordinators",
            "says what this channel is for",
            here.here,
            ADMINISTRATOR,
            takes_words=True,
        ),
    )
    helper.commands = tuple({command.usage: command for command in commands if command.path[-1] != "help"}.values())
    return Table(
        commands,
        presses={
            APPROVE: Action(approval.approve, EDITOR),
            PULL_BACK: Action(approval.pull_back, EDITOR),
            POST_NOW: Action(approval.post_now, EDITOR),
            SKIP: Action(weeks.skip, EDITOR),
            MERGE: Action(weeks.merge, EDITOR),
            RESUME: Action(weeks.resume, EDITOR),
            DROP: Action(desk.drop, EDITOR),
            RESTORE: Action(desk.restore, EDITOR),
            search.MORE: Action(search.more),
            home.LATEST: Action(digest.latest),
            home.DRAFT: Action(digest.draft, EDITOR),
            home.SOURCES: Action(sources.show_failing),
            topics.SHOW: Action(topics.show),
            topics.ADD: Action(topics.add, opens_form=True),
            topics.CHANGE: Action(topics.change, opens_form=True),
            topics.STOP: Action(topics.stop),
            topics.STOP_ALL: Action(topics.stop_all),
            topics.QUIET: Action(topics.quiet, opens_form=True),
            digest.DRAFT_NOW: Action(digest.draft_now, EDITOR),
            added_sources.ADD: Action(added_sources.add_found, KEEPERS),
            added_sources.NOT_NOW: Action(added_sources.not_now, KEEPERS),
            sources.EDIT: Action(added_sources.edit, KEEPERS, opens_form=True),
            sources.REMOVE: Action(added_sources.remove, KEEPERS),
            tags.SHOW: Action(tags.show, EDITOR),
            tags.RIGHT: Action(tags.right, EDITOR),
            tags.WRONG: Action(tags.wrong, EDITOR),
            tags.RELEVANT: Action(tags.relevant, EDITOR),
            tags.NOT_RELEVANT: Action(tags.not_relevant, EDITOR),
            tags.ADD: Action(tags.add, EDITOR, opens_form=True),
            introduction_texts.WITHDRAW: Action(intro.withdraw),
            post_messages.IS_THERE: Action(posts.is_there, DECIDERS, opens_form=True),
            post_messages.SEND_AGAIN: Action(posts.send_again, DECIDERS),
            post_messages.TRY_AGAIN: Action(posts.try_again, DECIDERS),
            post_messages.LEAVE: Action(posts.leave, DECIDERS),
        },
        forms={
            introduction_texts.FORM: Action(intro.submit),
            added_sources.FORM: Action(added_sources.save, KEEPERS),
            topics.FORM: Action(topics.submit),
            topics.QUIET_FORM: Action(topics.submit_quiet),
            tags.FORM: Action(tags.submit, EDITOR),
            post_messages.FORM: Action(posts.link, DECIDERS),
        },
    )
