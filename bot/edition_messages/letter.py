"""An edition as a mail: one message with its text and its HTML."""

from __future__ import annotations

from bot.messages import Heading, Letter, Message
from digests.model import Edition
from digests.render import EditionView, Output, render


def letter_of(edition: Edition, public_url: str) -> Message:
    """The edition as it is mailed, with a link to it where there is a public archive (at ``public_url``)."""
    view = EditionView.of(edition, url=f"{public_url}/editions/{edition.number}" if public_url else "")
    letter = Letter(render(Output.TEXT, view), render(Output.EMAIL, view), edition.content.title)
    return Message(view.name, (Heading(view.name),), letter)
