"""Keys and tokens as the Bot Framework has them, signed on this machine."""

from __future__ import annotations

import functools
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.fakes.teams_record import APP_ID, Json

ISSUER = "https://api.botframework.com"
KEY_ID = "key-1"


@functools.cache
def signing_key(name: str = KEY_ID) -> rsa.RSAPrivateKey:
    """A key to sign with, made once for each name."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(name: str = KEY_ID, endorsements: tuple[str, ...] = ("msteams", "webchat")) -> Json:
    """A key as Microsoft publishes it."""
    jwk: Json = json.loads(RSAAlgorithm.to_jwk(signing_key(name).public_key()))
    return {**jwk, "kid": name, "use": "sig", "endorsements": list(endorsements)}


def a_token(
    service_url: str, *, app_id: str = APP_ID, key: str = KEY_ID, kid: str | None = KEY_ID, **claims: Any
) -> str:
    """A token as the Bot Framework puts on what it sends to the app. A claim of None is left out."""
    now = int(time.time())
    held: Json = {"iss": ISSUER, "aud": app_id, "nbf": now - 5, "exp": now + 600, "serviceurl": service_url}
    held = {name: value for name, value in {**held, **claims}.items() if value is not None}
    return jwt.encode(held, signing_key(key), algorithm="RS256", headers={"kid": kid} if kid else {})
