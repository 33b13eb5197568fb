"""Every file of an export, field by field. What is not in one is in :data:`NOT_WRITTEN`, with the reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from adapters.store.codec import content_from_json, item_from_json
from adapters.store.portable.people import PEOPLE
from adapters.store.portable.shape import File, Json, Part, fields
from adapters.store.repositories.personal import EMPTY
from adapters.store.tables import (
    added_sources,
    channels,
    corrections,
    deliveries,
    edition_acts,
    edition_revisions,
    editions,
    installation,
    item_revisions,
    item_tags,
    items,
    source_states,
    tallies,
)
from bot.messages import from_json
from bot.privacy.register import FORMER_EDITOR
from digests.model import DeliveryState, EditionState
from digests.publishing import TO_READERS

NOT_WRITTEN: Mapping[str, str] = {
    "alarms": "what needed somebody to act here",
    "alembic_version": "which form the database has; the version of the export stands for it",
    "chat_lines": "the chat in the browser, which is for trying Convenor out",
    "codes": "codes that were sent to people, of which only digests are known; they run out within a month",
    "counters": "numbers that begin anew",
    "departures": "that somebody left, under marks that only the key of this database can make; who left is not in the "
    "export, so nobody comes back by it",
    "fetches": "attempts to read sources; how each source stands is in source_states.jsonl",
    "holds": "whether the database was restored from a backup and is on hold",
    "inbox": "marks of events received; the new Convenor receives its own",
    "kept_forms": "forms that somebody typed and has not sent",
    "link_checks": "whether links still lead somewhere; they are looked at again",
    "presences": "who has a form open at the moment",
    "seals": "by which a start sees that it has the right key; the new database has its own",
    "search_entries": "the index of the search, which is made anew",
    "slack_workspaces": "tokens of workspaces, which are secrets: each adds Convenor anew (docs/slack.md)",
    "wrong_codes": "mistyped codes of the last day",
}
"""Tables that no export has, and why."""

_WHO: Mapping[str, Any] = {"person": True}
_NAME: Mapping[str, Any] = {"person": True, "stand_in": FORMER_EDITOR}
_NOW = (DeliveryState.SENT, DeliveryState.DROPPED, DeliveryState.PARKED)


def _edition(row: Json, members: bool) -> Json:
    if row["state"] == EditionState.APPROVED and not members:
        # Who approved it is not in the export, so it needs approvals again.
        return {**row, "state": EditionState.DRAFT, "posts_at": None}
    return row


def _post(row: Json, members: bool) -> Json | None:
    """Only what is settled goes over as it is: nothing may be sent by itself that may have arrived."""
    if row["purpose"] not in TO_READERS:
        return None
    is_there = row["state"] is DeliveryState.SENT or row["sent_version"] > 0
    if members:
        return row if row["state"] in _NOW else {**row, "state": DeliveryState.UNKNOWN}
    if not is_there and row["state"] is not DeliveryState.DROPPED:
        return None
    return {**row, "state": DeliveryState.SENT if is_there else row["state"], "version": row["sent_version"] or 1}


DIGEST = (
    File(
        "installation.jsonl",
        installation,
        "When Convenor began to read: one line, or none.",
        fields("""
            first_pass_at: when the first pass over the sources began
            window_start: the first moment of receipt that an edition can cover
        """),
        left={"id": 1},
    ),
    File(
        "source_states.jsonl",
        source_states,
        "What is remembered of each source between two readings. The sources themselves stand in config/sources.yaml "
        "and in added_sources.jsonl.",
        fields("""
            source_id: the id of the source
            etag: the publisher's mark of the version that was read last, as it was sent
            last_modified: the publisher's date of that version, as it was sent
            first_read_at: when it was first read
            last_fetch_at: when it was last asked for
            last_good_at: when that last went well
            next_due_at: when it is next due
            failures: how often in a row it has failed
            outcome: how the last attempt ended
            reason: why, in words
            muted: whether it stopped by itself, as its publisher ended it
            paused: whether editors paused it
            url: the address that was read last
            address: where it has moved for good; empty where it has not
            moved_from: the address of the catalogue that it moved from
            body_hash: the hash of what was read last
            failing_since: since when it fails
            newest_entry_at: the date of its newest entry
            rhythm_seconds: the usual seconds between two of its entries
            told: which trouble editors were told of
            moved_to: where it says at present that it has moved
            moved_times: how often in a row it has said so
            moved_since: since when
        """),
    ),
    File(
        "added_sources.jsonl",
        added_sources,
        "Sources that people added beside the catalogue, oldest first.",
        fields("""
            source_id: its id
            name: its name
            publisher: who publishes it
            format: how it is read
            url: its address
            group: its group
            weight: its authority, from 0 to 1
            enabled: whether it is read
            document_kind: what its items are, unless a title says otherwise
            note: a note for whoever keeps the sources
            added_by: the member who added it
            added_at: when
        """, added_by=_WHO),
        left={"id": None},
    ),
    File(
        "items.jsonl",
        items,
        "Every document that was read, as it is now, with its tags and the reason for each.",
        fields("""
            id: the beginning of the hash of its address
            url: its canonical address
            title: its title
            summary: its summary
            publisher: who published it
            source_id: the source that it was first read from
            group: the group of that source
            kind: what kind of document it is
            received_at: when it was first read (a bill: in its present stage)
            published_at: when it was published, where that is known
            updated_at: when it was updated, where that is known
            stage: the stage of a bill
            kind_because: why it is of its kind
            deadline: its closing day
            deadline_time: the time of that day, in London
            happens_on: the day on which it takes place
            happens_at: the time of that day, in London
            date_words: the words that these dates were found in
            background: whether it was there before Convenor was, so that no edition tells it
            revision: which revision of it this is, from 1
            told_kind: the kind that its source told
            told_because: how
            relevant: whether it is relevant
            gate: why it is relevant, or not
            rules_version: the rules that tagged it
        """),
        left={"indexed": False},
        parts=(
            Part(
                "tags",
                item_tags,
                "item_id",
                fields("""
                    position: its place among the tags, from 0
                    topic_id: the topic
                    phrase: the phrase that was found
                    field: where it was found
                    rule: the rule that looked for it
                """),
                "its tags",
            ),
        ),
    ),
    File(
        "item_revisions.jsonl",
        item_revisions,
        "Earlier texts of documents, and what changed.",
        fields("""
            item_id: the item
            revision: the revision, from 1
            seen_at: when it was seen
            changes: what changed in it: field, before and after
            item: the item as it was, with the fields of items.jsonl
        """),
        check={"item": item_from_json},
    ),
    File(
        "corrections.jsonl",
        corrections,
        "What editors said of tags, oldest first.",
        fields("""
            item_id: the item
            member_id: the editor
            at: when
            verdict: what they said
            topic_id: of which topic; empty where it is about relevance
            rule: the rule that had tagged it
            rules_version: the rules of that time
        """, member_id=_WHO),
        left={"id": None},
    ),
    File(
        "editions.jsonl",
        editions,
        "Every edition and correction. Its text is its present revision in edition_revisions.jsonl.",
        fields("""
            id: its id: the day on which it is due, and more for a correction
            number: its number
            due_on: the day on which it is due
            window_start: the first moment of receipt that it covers
            window_end: the first moment that it no longer covers
            state: where it is in its life; without members, one that is approved and not posted is a draft again
            revision: its present revision
            created_at: when it was drafted
            posts_at: when it goes out, where it is approved
        """),
        change=_edition,
    ),
    File(
        "edition_revisions.jsonl",
        edition_revisions,
        "Every text that an edition has had.",
        fields("""
            edition_id: the edition
            revision: the revision, from 1
            author: the member who edited it; empty for Convenor
            at: when
            what: what was done
            content: the whole text, with the fields of docs/edition.schema.json's sections and entries and more
            back_to: the revision that this one went back to; otherwise 0
        """, author=_WHO),
        check={"content": content_from_json},
    ),
    File(
        "edition_acts.jsonl",
        edition_acts,
        "What editors decided about editions as a whole, oldest first.",
        fields("""
            edition_id: the edition, which need not exist yet
            act: what was done
            member_id: who did it
            member_name: their name
            at: when
        """, member_id=_WHO, member_name=_NAME),
        left={"id": None},
    ),
    File(
        "posts.jsonl",
        deliveries,
        "The messages and mails of editions to readers, oldest first. Without members only those that have arrived or "
        "were given up, and without their text; with members all of them, where what was not settled is unknown: "
        "editors decide about it.",
        fields("""
            key: the key under which it is sent once
            purpose: whether it is a message or a mail
            platform: where it went
            workspace: the workspace there
            user_id: empty, as it is for a channel
            channel: the channel
            recipient: the mailing list's address
            body: the message, as JSON in a text, exactly as it is kept
            created_at: when it was decided
            edition_id: the edition
            thread_key: the key of the message whose thread it stands in
            state: how far it came
            version: which version of the message this is, from 1
            sent_version: the version that is there; 0 where none is
            message_ref: how the platform knows the message
            reason: why it did not arrive
            sent_at: when it arrived
        """,
            body={"private": True, "without": EMPTY},
            recipient={"private": True},
        ),
        left={"id": None, "attempts": 0, "fence": 0, "available_at": None, "lease_until": None},
        change=_post,
        check={"body": from_json},
    ),
    File(
        "channels.jsonl",
        channels,
        "Which channel is for what.",
        fields("""
            platform: the platform
            workspace: the workspace there
            user_id: empty
            channel: the channel
            purpose: what it is for
            bound_by: the member who said so
            at: when
        """, bound_by=_WHO),
        left={"id": None},
    ),
    File(
        "tallies.jsonl",
        tallies,
        "Numbers of what was deleted after its time, by month.",
        fields("""
            what: what was deleted
            month: the month, as 2025-01
            number: how many
        """),
    ),
)  # fmt: skip

FILES: tuple[File, ...] = (*DIGEST, *PEOPLE)
"""In an order in which whatever a line refers to comes before it."""
