"""Keeps the forms that people have before them until they are sent.

A platform may send back what was typed without the questions that it answers. To show the form again, with what is
wrong in it, one must know what it was. The database keeps no more of it than its questions: what stands above them,
and in them, may be somebody else's words, and is kept in memory alone.
"""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from typing import Any, Final

from bot.messages import Field, FieldKind, Form, Identity, Option, Span, Style
from bot.services import Services

WHOLE_KEPT: Final = timedelta(hours=1)
WHOLE_AT_MOST: Final = 500
_FORM: Final = "form"


class FormsShown:
    """Fulfils ``bot.ports.ShownForms``; what it keeps is swept with all the forms that were not sent."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._whole: OrderedDict[tuple[str, str], tuple[Form, datetime]] = OrderedDict()

    async def show(self, who: Identity, form: Form) -> None:
        """Note a form; see :meth:`bot.ports.ShownForms.show`."""
        now, under = self._services.clock.now(), _under(form.name, form.value)
        bare = replace(form, intro=(), fields=tuple(replace(field, value="") for field in form.fields))
        async with self._services.store.begin() as uow:
            await uow.inbox.keep_form(who, under, {_FORM: form_to_json(bare)}, now)
            await uow.commit()
        self._whole[who.key, under] = (form, now + WHOLE_KEPT)
        while len(self._whole) > WHOLE_AT_MOST:
            self._whole.popitem(last=False)

    async def find(self, who: Identity, name: str, value: str) -> Form | None:
        """A form; see :meth:`bot.ports.ShownForms.find`. After a while it has its questions alone."""
        under = _under(name, value)
        if (kept := self._whole.get((who.key, under))) and kept[1] > self._services.clock.now():
            return kept[0]
        async with self._services.store.read() as uow:
            fields = await uow.inbox.kept_form(who, under)
        return form_from_json(fields[_FORM]) if _FORM in fields else None

    async def done(self, who: Identity, name: str, value: str) -> None:
        """Forget it; see :meth:`bot.ports.ShownForms.done`."""
        under = _under(name, value)
        self._whole.pop((who.key, under), None)
        async with self._services.store.begin() as uow:
            await uow.inbox.drop_form(who, under)
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
