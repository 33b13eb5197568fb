"""The files of an export that are about people, which it has only where somebody asks for them."""

from __future__ import annotations

import json
from typing import Any

from adapters.store.portable.shape import File, Part, fields
from adapters.store.tables import (
    applications,
    approvals,
    asks,
    audit_log,
    complaints,
    consents,
    conversations,
    erasures,
    follows,
    identities,
    listeners,
    members,
    objections,
    profiles,
    requests,
    roles,
    suggestions,
)

_PACKED = {"packed": True}

_PROFILE = """
    member_id: the member
    revision: which revision of it this is, from 1
    per_fortnight: how many questions they would have in a fortnight, at most
    snoozed_until: the day until which they would have none
    joined_at: since when
    details: what they declared: name, organisation, role, e-mail address, topics, languages, whom to avoid and more
"""


def _is_object(value: Any) -> None:
    if not isinstance(value, str) or not isinstance(json.loads(value), dict):
        raise ValueError("must be an object")


PEOPLE = (
    File(
        "members.jsonl",
        members,
        "Everybody in the network, with their accounts and roles.",
        fields("""
            id: the id of the member, which every other file names them by
            name: their name, as their chat shows it
            created_at: since when Convenor knows them
        """),
        members=True,
        parts=(
            Part(
                "accounts",
                identities,
                "member_id",
                fields("""
                    platform: the platform
                    workspace: the workspace there
                    user_id: their id there
                    name: their name there
                    lost_at: since when nothing can be written to it, if so
                """),
                "their accounts",
            ),
            Part(
                "roles",
                roles,
                "member_id",
                fields("""
                    role: the role
                    granted_by: the member who gave it, or settings
                    at: when
                """),
                "their roles",
            ),
        ),
    ),
    File(
        "approvals.jsonl",
        approvals,
        "Who approved which text of which edition, oldest first.",
        fields("""
            edition_id: the edition
            content_hash: the hash of the text
            member_id: the editor
            member_name: their name
            at: when
        """),
        members=True,
        left={"id": None},
    ),
    File(
        "profiles.jsonl",
        profiles,
        "The directory: what its members declared.",
        fields(_PROFILE, details=_PACKED),
        members=True,
        # Every profile is new to the directory of the Convenor that it is brought into.
        left={"changed": 1},
        check={"details": _is_object},
    ),
    File(
        "applications.jsonl",
        applications,
        "Profiles of those who wait to be let in.",
        fields(_PROFILE + "\n    asked_at: when they asked", details=_PACKED),
        members=True,
        check={"details": _is_object},
    ),
    File(
        "consents.jsonl",
        consents,
        "Every recorded yes, oldest first.",
        fields("""
            consent_id: its id
            member_id: who said it
            purpose: to what
            subject: about which profile or request
            text: the exact text that was shown
            revision: the revision of what it is about
            at: when
            withdrawn_at: when it was withdrawn
        """),
        members=True,
        left={"id": None},
    ),
    File(
        "requests.jsonl",
        requests,
        "Requests for introductions, with what became of them.",
        fields("""
            id: its id
            member_id: who asked; null for somebody who is no member
            platform: where they asked
            workspace: the workspace there
            user_id: their account there
            name: their name
            need: what they need
            created_at: when they asked
            state: how far it has come
            revision: which revision of it this is
            answer_at: when they hear that nobody was found, if so
            closed_at: when it was closed
            topics: its topics
            blank: whether its words were deleted after their time
            details: what else they wrote
            course: what coordinators did about it, and its outcome
        """, details=_PACKED, course=_PACKED),
        members=True,
        check={"details": _is_object, "course": _is_object},
    ),
    File(
        "asks.jsonl",
        asks,
        "Whom coordinators thought of and asked, for each request.",
        fields("""
            id: its id
            request_id: the request
            place: the order in which they are asked
            candidate_id: the member who could help
            state: what became of it
            asked_at: when they were asked
            details: the reason, the text shown, the answer
        """, details=_PACKED),
        members=True,
        check={"details": _is_object},
    ),
    File(
        "follows.jsonl",
        follows,
        "What members follow, oldest first.",
        fields("""
            follow_id: its id
            member_id: the member
            topic_id: the topic; empty for words of their own
            words: the words
            without: words that must not be there
            cadence: how often they are told
            at: since when
        """),
        members=True,
        left={"id": None},
    ),
    File(
        "listeners.jsonl",
        listeners,
        "Where and when members are told of what they follow.",
        fields("""
            member_id: the member
            platform: the platform on which they are told
            workspace: the workspace there
            user_id: their account there
            quiet_from: from when on not
            quiet_until: until when not
            told_now_until: until which moment of receipt they were told at once
            told_daily_until: the same, daily
            told_weekly_until: the same, weekly
        """),
        members=True,
    ),
    File(
        "suggestions.jsonl",
        suggestions,
        "Links that members suggested, oldest first, with what became of them.",
        fields("""
            suggestion_id: its id
            member_id: who suggested it
            platform: where
            workspace: the workspace there
            user_id: their account there
            item_id: the item that the address is or would be
            url: the address
            why: why, in their words
            suggested_at: when
            edition_id: the edition that it waits for
            state: what became of it
            title: the title that was found there
            publisher: the publisher that was found there
            description: the description that was found there
            published_at: the date that was found there
            carried: how often it was carried over to another edition
            reason: what editors wrote back
            settled_at: when it was decided
        """),
        members=True,
        left={"id": None},
    ),
    File(
        "objections.jsonl",
        objections,
        "What members objected to.",
        fields("""
            member_id: the member
            processing: what they objected to
            at: when
        """),
        members=True,
    ),
    File(
        "erasures.jsonl",
        erasures,
        "Who asked to be erased, and waits for it. Whoever takes over carries it out.",
        fields("""
            member_id: the member
            asked_at: when they asked
            due_at: when they are erased
        """),
        members=True,
    ),
    File(
        "complaints.jsonl",
        complaints,
        "Complaints about data protection, oldest first.",
        fields("""
            reference: its reference
            member_id: who made it
            platform: where
            workspace: the workspace there
            user_id: their account there
            words: what was complained of
            at: when
            answer: the answer
            answered_by: the coordinator who answered
            answered_at: when
            reminded_on: on which day of its age coordinators were reminded last
        """),
        members=True,
        left={"id": None},
    ),
    File(
        "conversations.jsonl",
        conversations,
        "Where channels and people in Teams are written to, oldest first.",
        fields("""
            platform: the platform
            workspace: the tenant
            user_id: the person; empty for a channel
            channel: the channel; empty for a person
            kind: what sort of conversation it is
            conversation_id: how Teams knows it
            service_url: the address at which Teams takes messages for it
            bot_id: how Teams knows Convenor there
            team: the team of a channel
            presence: whether Convenor is there
            at: when that was heard
        """),
        members=True,
        left={"id": None},
    ),
    File(
        "audit_log.jsonl",
        audit_log,
        "Who did what for the network, oldest first, in ids and fixed words.",
        fields("""
            actor: the member who did it, or what else did
            action: what
            subject: to which thing
            at: when
        """),
        members=True,
        left={"id": None},
    ),
)  # fmt: skip
