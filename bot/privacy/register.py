"""The register of everything that is kept: which columns are personal, why, for how long, what erasing does to them.

``docs/privacy.md``, ``/convenor privacy``, the export, erasure and the retention sweep follow it; a test refuses any
column that is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.privacy.retention import RULES, Swept

UNTIL_ERASED = "until you erase it or have it erased"
FORMER_EDITOR = "a former editor"


class Why(StrEnum):
    """What personal data are kept for, in the words of the privacy notice."""

    ACCOUNT = "to know who you are"
    ROLES = "to know who acts for the network"
    ALERTS = "to tell you what is new in what you follow"
    SUGGESTIONS = "to bring links that you suggest to the editors"
    EDITING = "to make the digest, and to be able to say who decided what"
    INTRODUCTIONS = "to introduce people to each other"
    MESSAGES = "to bring you messages, each once"
    FORMS = "to lose nothing that you typed"
    RIGHTS = "to do what you asked about your own data"
    AUDIT = "to be able to say who did what for the network"


class Basis(StrEnum):
    """What in law allows it (UK GDPR, article 6)."""

    CONSENT = "your consent, which you can withdraw"
    INTEREST = "legitimate interests"
    OBLIGATION = "a legal obligation"


BASES: Mapping[Why, Basis] = {
    Why.ACCOUNT: Basis.INTEREST,
    Why.ROLES: Basis.INTEREST,
    Why.ALERTS: Basis.INTEREST,
    Why.SUGGESTIONS: Basis.INTEREST,
    Why.EDITING: Basis.INTEREST,
    Why.INTRODUCTIONS: Basis.CONSENT,
    Why.MESSAGES: Basis.INTEREST,
    Why.FORMS: Basis.INTEREST,
    Why.RIGHTS: Basis.OBLIGATION,
    Why.AUDIT: Basis.INTEREST,
}


class Whose(StrEnum):
    """How a row tells whom it is about."""

    MEMBER = "member"
    """A column holds their member id."""
    SUBJECT = "subject"
    """A column holds ``member:`` and their id."""
    ACCOUNT = "account"
    """The columns platform, workspace and user_id hold one of their accounts."""
    ADDRESSEE = "addressee"
    """The same, and the column channel is empty: it is for them alone."""
    SPEAKER = "speaker"
    """They wrote it in the chat in the browser, or it is for their eyes alone there."""


class Fate(StrEnum):
    """What erasing somebody does to a row that is about them."""

    DELETE = "deleted"
    MARK = "stays, with a mark in your place that tells nobody who you were"
    KEEP = "stays, as the law asks us to be able to show it"


@dataclass(frozen=True, slots=True)
class Link:
    """One way in which a table's rows are about somebody.

    ``also`` are columns and what erasing puts into them. Where it is not ``mainly`` about them (they gave somebody a
    role, say), an export has the moment of the row and nothing else of it.
    """

    whose: Whose
    fate: Fate
    column: str = "member_id"
    also: Mapping[str, str] = field(default_factory=dict)
    mainly: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """A table with personal data.

    ``what`` is what it holds, as the notice says it, after a number: “3 follows”. ``personal`` are the columns with
    personal data and ``plain`` the others, each a list of names. ``when`` is the column with its moment. ``others``
    are columns that may hold another person's id, and ``hidden`` those that an export leaves out as they say nothing
    about anybody. ``swept`` are the rules by which its rows go; ``kept`` says how long they
    stay where these do not say it all.
    """

    table: str
    why: Why
    what: tuple[str, str]
    links: tuple[Link, ...]
    personal: str
    plain: str = ""
    when: str = "at"
    others: str = ""
    hidden: str = "id"
    swept: tuple[Swept, ...] = ()
    kept: str = UNTIL_ERASED

    @property
    def how_long(self) -> str:
        """How long its rows are kept, in words."""
        if self.kept != UNTIL_ERASED or not self.swept:
            return self.kept
        return "; ".join(RULES[swept].words for swept in self.swept)


_OWN = (Link(Whose.MEMBER, Fate.DELETE),)
_WITH_THE_EDITION = "as long as the edition, which is a public record; your name goes when you are erased"

PERSONAL: tuple[Kept, ...] = (
    Kept("members", Why.ACCOUNT, ("record of you as a member", "records of you as a member"),
         (Link(Whose.MEMBER, Fate.DELETE, "id"),), "id name created_at", when="created_at", hidden=""),
    Kept("identities", Why.ACCOUNT, ("account", "accounts"), _OWN,
         "platform workspace user_id name member_id lost_at", "id", when=""),
    Kept("roles", Why.ROLES, ("role that you have or gave", "roles that you have or gave"),
         (*_OWN, Link(Whose.MEMBER, Fate.MARK, "granted_by", mainly=False)),
         "member_id role granted_by at", others="member_id granted_by", hidden=""),
    Kept("channels", Why.ROLES, ("channel that you set up", "channels that you set up"),
         (Link(Whose.MEMBER, Fate.MARK, "bound_by"),),
         "bound_by at", "id platform workspace user_id channel purpose"),
    Kept("follows", Why.ALERTS, ("follow", "follows"), _OWN,
         "member_id topic_id words without cadence at", "id follow_id", hidden="id follow_id"),
    Kept("listeners", Why.ALERTS, ("setting of when you are told", "settings of when you are told"), _OWN,
         "member_id platform workspace user_id quiet_from quiet_until "
         "told_now_until told_daily_until told_weekly_until", when="", hidden=""),
    Kept("suggestions", Why.SUGGESTIONS, ("suggested link", "suggested links"), _OWN,
         "member_id platform workspace user_id url why suggested_at reason state settled_at",
         "id suggestion_id item_id edition_id title publisher description published_at carried",
         when="suggested_at", hidden="id suggestion_id item_id carried", swept=(Swept.SUGGESTIONS,)),
    Kept("profiles", Why.INTRODUCTIONS, ("profile in the directory", "profiles in the directory"), _OWN,
         "member_id revision per_fortnight snoozed_until joined_at details", "changed", when="joined_at",
         hidden="changed"),
    Kept("applications", Why.INTRODUCTIONS, ("request to join the directory", "requests to join the directory"), _OWN,
         "member_id revision per_fortnight snoozed_until joined_at details asked_at", when="asked_at", hidden="",
         kept="until a coordinator decides, or you take it back"),
    Kept("codes", Why.INTRODUCTIONS, ("code that you made or used", "codes that you made or used"),
         (Link(Whose.MEMBER, Fate.DELETE, "made_by"), Link(Whose.MEMBER, Fate.DELETE, "used_by", mainly=False)),
         "made_by made_at sent_to used_by used_at", "id digest purpose expires_at", when="made_at",
         others="made_by used_by", hidden="id digest",
         kept="an invitation 31 days, a code for linking a day; until you have joined by it, if that is sooner"),
    Kept("wrong_codes", Why.INTRODUCTIONS, ("mistyped code", "mistyped codes"), (Link(Whose.ACCOUNT, Fate.DELETE),),
         "platform workspace user_id at", "id", kept="a day"),
    Kept("consents", Why.INTRODUCTIONS, ("recorded consent", "recorded consents"),
         (Link(Whose.MEMBER, Fate.KEEP),),
         "member_id purpose subject text revision at withdrawn_at", "id consent_id", swept=(Swept.CONSENTS,)),
    Kept("requests", Why.INTRODUCTIONS, ("request for an introduction", "requests for an introduction"), _OWN,
         "member_id platform workspace user_id name need created_at state answer_at closed_at details course",
         "id revision topics blank",
         # How far it has come, and whom coordinators think of or ask, is what nobody may learn who asked.
         when="created_at", hidden="id revision topics blank state closed_at course",
         swept=(Swept.REQUESTS, Swept.REQUEST_ROWS)),
    Kept("asks", Why.INTRODUCTIONS, ("question whether you would be introduced", "questions whether you would be "
         "introduced"), (Link(Whose.MEMBER, Fate.DELETE, "candidate_id"),),
         "candidate_id state asked_at details", "id request_id place", when="asked_at", hidden="id request_id place",
         swept=(Swept.REQUESTS, Swept.REQUEST_ROWS)),
    Kept("added_sources", Why.EDITING, ("source that you added", "sources that you added"),
         (Link(Whose.MEMBER, Fate.MARK, "added_by"),),
         "added_by added_at", "id source_id name publisher format url group weight enabled document_kind note",
         when="added_at", kept="as long as the source is read; your name goes when you are erased"),
    Kept("corrections", Why.EDITING, ("word on a tag", "words on tags"),
         (Link(Whose.MEMBER, Fate.MARK),),
         "member_id at", "id item_id verdict topic_id rule rules_version",
         kept="as long as the rules are measured by it; your name goes when you are erased"),
    Kept("edition_revisions", Why.EDITING, ("edit of an edition", "edits of editions"),
         (Link(Whose.MEMBER, Fate.MARK, "author"),),
         "author at what", "edition_id revision content back_to", hidden="content", kept=_WITH_THE_EDITION),
    Kept("approvals", Why.EDITING, ("approval", "approvals"),
         (Link(Whose.MEMBER, Fate.MARK, also={"member_name": FORMER_EDITOR}),),
         "member_id member_name at", "id edition_id content_hash", kept=_WITH_THE_EDITION),
    Kept("edition_acts", Why.EDITING, ("decision about an edition", "decisions about editions"),
         (Link(Whose.MEMBER, Fate.MARK, also={"member_name": FORMER_EDITOR}),),
         "member_id member_name at act", "id edition_id", kept=_WITH_THE_EDITION),
    Kept("presences", Why.EDITING, ("note that you had a form open", "notes that you had a form open"), _OWN,
         "member_id doing at", "edition_id", hidden="", swept=(Swept.PRESENCES,)),
    Kept("deliveries", Why.MESSAGES, ("message to you", "messages to you"),
         (Link(Whose.ADDRESSEE, Fate.DELETE),),
         "platform workspace user_id recipient body purpose created_at sent_at",
         "id key channel edition_id thread_key state version sent_version attempts fence available_at lease_until "
         "message_ref reason", when="created_at",
         hidden="id key channel thread_key version sent_version attempts fence available_at lease_until message_ref",
         swept=(Swept.MESSAGE_TEXTS, Swept.MESSAGES),
         kept=f"with the text until {RULES[Swept.MESSAGE_TEXTS].words}, and that there was one until "
              f"{RULES[Swept.MESSAGES].words}"),
    Kept("chat_lines", Why.MESSAGES, ("line in the browser chat", "lines in the browser chat"),
         (Link(Whose.SPEAKER, Fate.DELETE),),
         "room author body at only_for edited_at", "id thread key edits", hidden="id thread key edits",
         swept=(Swept.PRIVATE_LINES,), kept=UNTIL_ERASED),
    Kept("conversations", Why.MESSAGES, ("note of where you are written to in Teams",
         "notes of where you are written to in Teams"), (Link(Whose.ACCOUNT, Fate.DELETE),),
         "platform workspace user_id conversation_id presence at", "id channel kind service_url bot_id team",
         hidden="id channel kind service_url bot_id team", swept=(Swept.CONVERSATIONS,),
         kept=f"while Convenor is in your Teams, and {RULES[Swept.CONVERSATIONS].keep.days} days after you remove it"),
    Kept("kept_forms", Why.FORMS, ("form that was not sent", "forms that were not sent"),
         (Link(Whose.ACCOUNT, Fate.DELETE),),
         "platform workspace user_id fields kept_at", "form", when="kept_at", hidden="", swept=(Swept.FORMS,)),
    Kept("objections", Why.RIGHTS, ("objection", "objections"), _OWN, "member_id processing at", hidden=""),
    Kept("erasures", Why.RIGHTS, ("wish to be erased", "wishes to be erased"), _OWN,
         "member_id asked_at due_at", when="asked_at", hidden="", kept="until it is carried out or undone"),
    Kept("complaints", Why.RIGHTS, ("complaint that you made or answered", "complaints that you made or answered"),
         (Link(Whose.MEMBER, Fate.KEEP), Link(Whose.MEMBER, Fate.MARK, "answered_by", mainly=False)),
         "reference member_id platform workspace user_id words at answer answered_at answered_by",
         "id reminded_on", others="member_id answered_by", hidden="id reminded_on", swept=(Swept.COMPLAINTS,)),
    Kept("audit_log", Why.AUDIT, ("line in the audit log", "lines in the audit log"),
         (Link(Whose.MEMBER, Fate.MARK, "actor"), Link(Whose.SUBJECT, Fate.MARK, "subject")),
         "actor action subject at", "id", others="actor subject", swept=(Swept.AUDIT,)),
)  # fmt: skip

NOT_PERSONAL: Mapping[str, str] = {
    "source_states": "how the reading of each source goes",
    "fetches": "attempts to read a source (deleted after 30 days)",
    "items": "documents that others published; who is named in them is named in public",
    "item_revisions": "earlier texts of such documents",
    "item_tags": "topics of such documents",
    "search_entries": "words of such documents, for the search",
    "editions": "the digest's editions",
    "link_checks": "whether links still lead somewhere",
    "alarms": "what needed an administrator to act, without names (deleted 90 days after it was over)",
    "installation": "when Convenor began to read",
    "inbox": "marks of events received, which name nobody (deleted after 7 days)",
    "counters": "numbers that only rise, by which changes are noticed",
    "seals": "one encrypted word, by which a start sees that it has the right key",
    "departures": "that somebody left, under a mark that nobody can read without the key, so that a restored backup "
    "brings nobody back",
    "holds": "whether the database was restored from a backup and waits to be released",
    "tallies": "numbers of what was deleted, by month",
    "slack_workspaces": "the Slack workspaces that added Convenor, and their tokens, encrypted",
    "alembic_version": "which form the database has",
}
"""Tables with nothing personal in them, and what they hold."""


def kept_in(table: str) -> Kept:
    """The register's entry for a table with personal data. Raises KeyError."""
    return _BY_TABLE[table]


_BY_TABLE = {kept.table: kept for kept in PERSONAL}
