"""The keys that Microsoft signs with: read once, read anew, and never trusted where they cannot be read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest

from adapters.teams import keys
from tests.channels.teams_door import SERVICE, Door, a_door, activity
from tests.fakes.teams_house import Heard, teams_app
from tests.fakes.teams_service import teams_service
from tests.fakes.teams_tokens import a_token, public_jwk


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with a_door() as door:
        yield door


async def test_keys_are_read_once_for_many_requests_and_again_for_a_new_key(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    await asyncio.gather(*(door.knock(activity(), a_token(SERVICE)) for _ in range(5)))
    assert len(door.service.of("keys")) == 1
    # Made-up keys do not make us ask Microsoft each time.
    for number in range(5):
        assert await door.knock(activity(), a_token(SERVICE, kid=f"made-up-{number}")) == 401
    assert len(door.service.of("keys")) == 1
    monkeypatch.setattr(keys, "UNKNOWN_SECONDS", 0.0)
    async with a_door() as fresh:
        assert await fresh.knock(activity(), a_token(SERVICE)) == 200
        fresh.service.keys = [public_jwk("key-2")]
        assert await fresh.knock(activity(), a_token(SERVICE, key="key-2", kid="key-2")) == 200
        assert await fresh.knock(activity(), a_token(SERVICE)) == 401


async def test_where_microsofts_keys_cannot_be_read_nobody_gets_in_and_it_is_tried_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(keys, "AGAIN_SECONDS", 0.0)
    async with teams_service() as service:
        # When the app starts, and at the first request.
        service.breaks("metadata", 500)
        service.breaks("metadata", 500)
        heard = Heard()
        async with (
            teams_app(service, heard, on_loopback=False) as url,
            aiohttp.ClientSession() as session,
        ):
            door = Door(url, heard, service, session)
            await service.wait_for("metadata")
            assert await door.knock(activity(), a_token(SERVICE)) == 503
            assert await door.knock(activity(), a_token(SERVICE)) == 200


@pytest.mark.parametrize("answer", ["<html>", "[]", '{"jwks_uri": 5}', '{"jwks_uri": "ftp://x"}', "{}"])
async def test_metadata_that_is_none_lets_nobody_in(answer: str) -> None:
    async with teams_service() as service:
        service.answers("metadata", answer)
        service.answers("metadata", answer)
        heard = Heard()
        async with teams_app(service, heard, on_loopback=False) as url, aiohttp.ClientSession() as session:
            assert await Door(url, heard, service, session).knock(activity(), a_token(SERVICE)) == 503
        assert heard.activities == []


async def test_a_key_of_another_kind_does_not_cost_us_the_others(door: Door) -> None:
    door.service.keys = [{"kid": "curve", "kty": "EC"}, {"kty": "RSA"}, {"kid": "bad", "kty": "RSA"}, public_jwk()]
    assert await door.knock(activity(), a_token(SERVICE)) == 200


async def test_keys_that_do_not_come_hold_up_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "FETCH_SECONDS", 1.0)
    async with teams_service() as service:
        service.hangs("metadata", 30)
        heard = Heard()
        async with teams_app(service, heard, on_loopback=False) as url, aiohttp.ClientSession() as session:
            door = Door(url, heard, service, session)
            waiting = asyncio.create_task(door.knock(activity(), a_token(SERVICE)))
            await asyncio.sleep(0.05)
            # Whatever needs no key is answered meanwhile.
            assert await door.knock(activity(), None) == 401
            assert not waiting.done()
            assert await waiting == 503
