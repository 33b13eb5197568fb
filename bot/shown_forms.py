"""Keeps the forms that people have before them, and what they typed into one that they put away unsent.

A platform may send back what was typed without the questions that it answers. To show the form again, with what is
wrong in it, one must know what it was.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from bot.messages import Field, FieldKind, Form, Identity, Option, Span, Style
from bot.services import Services

# Names under which nothing else is kept: a form's own are its name, or its name with what it is about.
_SHOWN, _TYPED = "~shown", "~typed"
_FORM, _VALUE = "~form", "~value"


class FormsShown:
    """Fulfils ``bot.ports.ShownForms``; what it keeps is swept with all the forms that were not sent."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def show(self, who: Identity, form: Form) -> Form:
        """Note a form; see :meth:`bot.ports.ShownForms.show`."""
        async with self._services.store.begin() as uow:
            typed = dict(await uow.inbox.kept_form(who, _typed(form))) if form.key else {}
            value = typed.pop(_VALUE, form.value)
            if typed:
                fields = tuple(replace(each, value=typed.get(each.name, each.value)) for each in form.fields)
                form = replace(form, fields=fields, value=value)
            kept = {_FORM: form_to_json(form)}
            await uow.inbox.keep_form(who, _shown(form.name, form.value), kept, self._services.clock.now())
            await uow.commit()
        return form

    async def find(self, who: Identity, name: str, value: str) -> Form | None:
        """A form; see :meth:`bot.ports.ShownForms.find`."""
        async with self._services.store.read() as uow:
            kept = await uow.inbox.kept_form(who, _shown(name, value))
        return form_from_json(kept[_FORM]) if _FORM in kept else None

    async def put_away(self, who: Identity, name: str, value: str, typed: Mapping[str, str]) -> None:
        """Keep what was typed; see :meth:`bot.ports.ShownForms.put_away`."""
        form = await self.find(who, name, value)
        async with self._services.store.begin() as uow:
            if form is not None and form.key:
                ours = {each.name: typed[each.name] for each in form.fields if each.name in typed}
                if ours != {each.name: each.value for each in form.fields}:
                    now = self._services.clock.now()
                    await uow.inbox.keep_form(who, _typed(form), {**ours, _VALUE: form.value}, now)
            await uow.inbox.drop_form(who, _shown(name, value))
            await uow.commit()

    async def done(self, who: Identity, name: str, value: str) -> None:
        """Keep nothing; see :meth:`bot.ports.ShownForms.done`."""
        form = await self.find(who, name, value)
        async with self._services.store.begin() as uow:
            if form is not None and form.key:
                await uow.inbox.drop_form(who, _typed(form))
            await uow.inbox.drop_form(who, _shown(name, value))
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


def _shown(name: str, value: str) -> str:
    # A value may be long, and is sealed nowhere in a key.
    return f"{_SHOWN} {name} {hashlib.sha256(value.encode()).hexdigest()[:24]}"


def _typed(form: Form) -> str:
    return f"{_TYPED} {form.name} {hashlib.sha256(form.key.encode()).hexdigest()[:24]}"
