"""Links that open a chat of several people in Teams, in the place of the neutral piece that asks for one.

A bot cannot make a chat of two others; a link can, for whoever presses it. It has to name them as they sign in.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from bot.messages import Block, ChatLink, Message, Paragraph, link, text
from digests.model import Address

PLATFORM: Final = "teams"
CHAT: Final = "https://teams.microsoft.com/l/chat/0/0"
_TOPIC_AT_MOST: Final = 100
_WORDS_AT_MOST: Final = 500

SignIn = Callable[[Address], Awaitable[str]]
"""The name by which somebody signs in (their user principal name), empty where it cannot be found."""


def chat_url(tenant: str, people: Sequence[str], topic: str = "", words: str = "") -> str:
    """The address that opens a chat with these people, each given as they sign in.

    ``topic`` names a chat of more than two; ``words`` stand ready to be sent.
    """
    parts = {
        "tenantId": _quoted(tenant),
        # The commas between people are not encoded, those within a name are.
        "users": ",".join(_quoted(each) for each in people),
        "topicName": _quoted(topic[:_TOPIC_AT_MOST]),
        "message": _quoted(words[:_WORDS_AT_MOST]),
    }
    return f"{CHAT}?{'&'.join(f'{name}={value}' for name, value in parts.items() if value)}"


async def with_chat_links(message: Message, reader: str, sign_in: SignIn) -> Message:
    """The message as it is shown to ``reader`` (a user's id), its pieces that ask for a chat made into links.

    A piece about whom cannot be found goes: the message says by itself how to reach each other. The reader need not
    be found, as they are in whatever chat they open.
    """
    if not any(isinstance(block, ChatLink) for block in message.blocks):
        return message
    blocks: list[Block] = []
    for block in message.blocks:
        if not isinstance(block, ChatLink):
            blocks.append(block)
        elif url := await _url(block, reader, sign_in):
            blocks.append(Paragraph(text(link(block.label, url))))
    return replace(message, blocks=tuple(blocks))


async def _url(block: ChatLink, reader: str, sign_in: SignIn) -> str:
    tenants = {(who.platform, who.workspace) for who in block.people}
    others = [who for who in block.people if who.user != reader]
    if len(tenants) != 1 or not others or block.people[0].platform != PLATFORM:
        return ""
    names = {who: await sign_in(who) for who in block.people}
    if not all(names[who] for who in others):
        return ""
    topic = block.topic if len(block.people) > 2 else ""
    return chat_url(block.people[0].workspace, [name for name in names.values() if name], topic, block.words)


def _quoted(words: str) -> str:
    return quote(words, safe="@", errors="replace")
