"""Presses and forms that no button or form of ours would make: each has a polite answer, and none is an error."""

from __future__ import annotations

import pytest

from bot.messages import Ask, AskKind
from bot.ports import Role
from bot.table import build_table
from tests.fakes.network import ALICE, BOB, Network, said

VALUES = ("", "x", '["e","x",1,{}]', "9" * 400, "e1 e2 e3", "1 2", "-1", "e1|2", "e:1", "{}", "null", "\u202e")


@pytest.fixture
async def network() -> Network:
    network = await Network.make()
    await network.has_a_draft(2)
    async with network.store.begin() as uow:
        bob = await uow.members.resolve(BOB, network.clock.now())
        (grant,) = [each for each in await uow.roles.all() if each.role is Role.COORDINATOR]
        await uow.roles.grant(type(grant)(bob, Role.COORDINATOR, "settings", network.clock.now()))
        await uow.commit()
    return network


async def test_whatever_comes_with_a_press_or_a_form_is_answered(network: Network) -> None:
    table = build_table()
    for kind, names in ((AskKind.PRESS, table.presses), (AskKind.SUBMIT, table.forms)):
        for name in names:
            for who in (BOB, ALICE):
                for value in VALUES:
                    fields = {"words": "x", "url": "https://example.org/a"} if kind is AskKind.SUBMIT else {}
                    now = network.clock.now()
                    ask = Ask(kind, who, name, now, who.address, value=value, fields=fields)
                    reply = await network.desk.answer(ask)
                    assert reply.messages or reply.form or reply.errors, (name, value)
                    assert "Something went wrong" not in said(reply), (name, value)
