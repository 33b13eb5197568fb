"""Keeps the forms that people have before them until they are sent.

A platform may send back what was typed without the questions that it answers. To show the form again, with what is
wrong in it, one must know what it was.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import Any

from bot.messages import Field, FieldKind, Form, Identity, Option, Span, Style
from bot.services import Services

_FORM = "form"


class FormsShown:
    """Fulfils ``bot.ports.ShownForms``; what it keeps is swept with all the forms that were not sent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def show(self, who: Identity, form: Form) -> None:
        """Note a form; see :meth:`bot.ports.ShownForms.show`."""
        async with self._services.store.begin() as uow:
            kept = {_FORM: form_to_json(form)}
            await uow.inbox.keep_form(who, _under(form.name, form.value), kept, self._services.clock.now())
            await uow.commit()

    async def find(self, who: Identity, name: str, value: str) -> Form | None:
        """A form; see :meth:`bot.ports.ShownForms.find`."""
        async with self._services.store.read() as uow:
            kept = await uow.inbox.kept_form(who, _under(name, value))
        return form_from_json(kept[_FORM]) if _FORM in kept else None

    async def done(self, who: Identity, name: str, value: str) -> None:
        """Forget it; see :meth:`bot.ports.ShownForms.done`."""
        async with self._services.store.begin() as uow:
            await uow.inbox.drop_form(who, _under(name, value))
            await uow.commit()


def form_to_json(form: Form) -> str:
    """A form as JSON."""
    return json.dumps(asdict(form), ensure_ascii=False, separators=(",", ":"))


def form_from_json(body: str) -> Form:
    """The form that :func:`form_to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
    data: dict[str, Any] = json.loads(body)
    data["fields"] = tuple(_field(each) for each in data["fields"])
    data["intro"] = tuple(Span(**{**each, "style": Style(each["style"]), "channel": None}) for each in data["intro"])
    return Form(**data)


def _field(data: dict[str, Any]) -> Field:
    options = tuple(Option(**each) for each in data["options"])
    return Field(**{**data, "kind": FieldKind(data["kind"]), "options": options})


def _under(name: str, value: str) -> str:
    # What else is kept is under a form's own name, or its name with what it is about. A value may be long.
    return f"~shown {name} {hashlib.sha256(value.encode()).hexdigest()[:24]}"
