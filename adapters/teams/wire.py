"""Activities as plain JSON, as they came over the wire: botbuilder's classes know but a part of what is in them."""

from __future__ import annotations

from typing import Any

from botbuilder.schema import Activity

Json = dict[str, Any]


def as_json(activity: Activity) -> Json:
    """The activity as JSON, with what its entities say, which the classes keep apart and do not write."""
    data: Json = activity.serialize()
    entities = activity.entities
    if isinstance(entities, list):
        data["entities"] = [{"type": each.type, **(each.additional_properties or {})} for each in entities if each]
    return data
