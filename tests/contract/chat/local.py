"""The chat in the browser in the contract of chat folders: HTML out, the JSON of its script in."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from typing import Any

from adapters.local.app import CAST
from adapters.local.asks import Place, read_press, read_submission
from adapters.local.render import form_html, message_html
from bot.messages import Ask, Form, Message
from tests.builders import NOW
from tests.contract.chat.platform import Filled, Question, Seen, answers

_PLACE = Place(CAST[0], "digest")
_LINE = "7"
_TAGS = {
    "a", "button", "code", "details", "div", "em", "form", "h2", "hr", "input", "label", "li", "option", "p", "pre",
    "select", "span", "strong", "summary", "textarea", "ul",
}  # fmt: skip
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_EMPTY = frozenset(("hr", "input"))


class Local:
    """Fulfils ``Platform``."""

    name = "local"

    def pieces(self, message: Message) -> Sequence[Message]:
        return (message,)

    def see(self, message: Message) -> Seen:
        return Page(message_html(message)).seen()

    def fill(
        self, form: Form, typed: Mapping[str, str] | None = None, errors: Mapping[str, str] | None = None
    ) -> Sequence[Filled]:
        # Errors are put into the page that is open, so that nothing is shown a second time.
        page = Page(form_html(form))
        (shown,) = page.of("form")
        data = {
            "form": shown["data-form"],
            "value": shown["data-value"],
            "fields": answers(page.questions, typed or {}),
        }
        return [Filled(page.seen(), read_submission(json.loads(json.dumps(data)), _PLACE, NOW))]


class Page(HTMLParser):
    """A piece of HTML as a browser reads it: tags with their attributes, the words between them, its questions."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.questions: list[Question] = []
        self.unseen: list[str] = []
        self._words: list[str] = []
        self._open: list[str] = []
        self._area: dict[str, str] | None = None
        self._select: dict[str, Any] | None = None
        self.feed(str(html))  # a Markup would escape what is added to it
        self.close()
        self.unclosed = list(self._open)

    def of(self, name: str) -> list[dict[str, str]]:
        """The attributes of every such tag."""
        return [attributes for tag, attributes in self.found if tag == name]

    def seen(self) -> Seen:
        """What people have of it."""
        hrefs = [attributes["href"] for attributes in self.of("a")]
        return Seen(
            words="".join(self._words),
            links=[href for href in hrefs if not href.startswith("data:")],
            broken=list(self._unsafe()),
            asks=[_press(attributes) for attributes in self.of("button") if "data-action" in attributes],
        )

    def _unsafe(self) -> Sequence[str]:
        found = [f"There is an element {tag}." for tag, _ in self.found if tag not in _TAGS]
        found += [f"The element {tag} is never closed." for tag in self.unclosed]
        found += [f"Something unseen stands in {words[:80]!r}." for words in self.unseen]
        for tag, attributes in self.found:
            found += [f"{tag} has {name}." for name in attributes if name.startswith("on") or name == "style"]
            href = attributes.get("href", "https://")
            if not href.lower().startswith(("https://", "http://", "data:application/octet-stream;base64,")):
                found.append(f"A link leads to {href!r}.")
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.found.append((tag, attributes))
        if tag not in _EMPTY:
            self._open.append(tag)
        self._words.append("" if tag in ("a", "strong", "em", "code", "span") else "\n")
        name = attributes.get("name", "")
        if tag == "textarea":
            self._area = {"name": name, "most": attributes.get("maxlength", ""), "value": ""}
        elif tag == "select":
            self._select = {"name": name, "choices": [], "chosen": None}
        elif tag == "option" and self._select is not None:
            self._select["choices"].append(attributes["value"])
            if "selected" in attributes:
                self._select["chosen"] = attributes["value"]
        elif tag == "input" and attributes["type"] == "checkbox":
            last = self.questions.pop()
            self.questions.append(Question(last.name, last.value, (*(last.choices or ()), attributes["value"]), True))
        elif tag == "input":
            value = attributes.get("value", "")
            most = int(attributes["maxlength"]) if "maxlength" in attributes else None
            # A browser lets what stands there be longer, until somebody types.
            self.questions.append(Question(name, value, most=None if most is None else max(most, len(value))))
            self._words.append(value)

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self._open.append(f"…{tag}")
        self._words.append("" if tag in ("a", "strong", "em", "code", "span") else "\n")
        if tag == "textarea" and self._area is not None:
            # A browser drops the first line break, and holds no text that was longer to the limit.
            value = self._area["value"].removeprefix("\n")
            self.questions.append(Question(self._area["name"], value))
            self._area = None
        elif tag == "select" and self._select is not None:
            choices = self._select["choices"]
            chosen = self._select["chosen"]
            value = choices[0] if chosen is None else chosen
            self.questions.append(Question(self._select["name"], value, choices))
            self._select = None

    def handle_data(self, data: str) -> None:
        self._words.append(data)
        # What somebody typed, and a file, stand as they are.
        if not {"textarea", "pre"} & set(self._open) and _UNSEEN.search(data):
            self.unseen.append(data)
        if self._area is not None:
            self._area["value"] += data


def _press(attributes: Mapping[str, str]) -> Ask:
    data = {"line": _LINE, "action": attributes["data-action"], "value": attributes["data-value"]}
    return read_press(json.loads(json.dumps(data)), _PLACE, NOW)
