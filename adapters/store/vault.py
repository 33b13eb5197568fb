"""Keeps what people wrote unreadable to whoever has the database without the key.

A stored value is a mark and a Fernet token (AES-128-CBC with HMAC-SHA256), made with the newest of the keys; each of
the keys opens what it made. What has no mark was kept before there was a key, and is read as it stands.
"""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from sqlalchemy.engine.interfaces import Dialect

from digests.errors import ConvenorError

if TYPE_CHECKING:
    from cryptography.fernet import Fernet, MultiFernet

MARK = "sealed:"


class Locked(ConvenorError):
    """What is encrypted was to be read or written, and there is no key."""

    sentence = (
        "What members write is kept encrypted, and no key is set, so it can be neither read nor written. "
        "Nothing was changed. Set CONVENOR_ENCRYPTION_KEYS."
    )


class WrongKey(ConvenorError):
    """What is encrypted was made with a key that is not among those that are set."""

    sentence = (
        "This was encrypted with a key that is not among those of CONVENOR_ENCRYPTION_KEYS. Nothing was changed. "
        "Put the key that was used before behind the others."
    )


class Vault:
    """The keys, the newest first. Without any, sealing and opening raise :class:`Locked`."""

    def __init__(self, keys: Sequence[str] = ()) -> None:
        self._all: MultiFernet | None = None
        self._newest: Fernet | None = None
        self._keys = tuple(keys)
        if keys:
            # A twentieth of a second to import, which a command without keys need not wait for.
            from cryptography.fernet import Fernet, MultiFernet

            self._newest = Fernet(keys[0])
            self._all = MultiFernet([Fernet(key) for key in keys])

    @property
    def has_keys(self) -> bool:
        """Whether anything can be sealed and opened."""
        return self._newest is not None

    def seal(self, words: str) -> str:
        """The words as they are stored. Never twice the same."""
        return MARK + self._newest_key().encrypt(words.encode()).decode()

    def open(self, stored: str) -> str:
        """The words that were stored. Raises :class:`WrongKey`."""
        from cryptography.fernet import InvalidToken

        if not stored.startswith(MARK):
            return stored
        self._newest_key()
        assert self._all is not None
        try:
            return self._all.decrypt(stored.removeprefix(MARK)).decode()
        except InvalidToken:
            raise WrongKey("what is encrypted") from None

    def mark(self, words: str) -> str:
        """What stands for the words where they must not: the same each time, and made with the newest key."""
        self._newest_key()
        return _mark(self._keys[0], words)

    def marks(self, words: str) -> Sequence[str]:
        """The marks that each of the keys makes of the words."""
        return [_mark(key, words) for key in self._keys]

    def has_made(self, mark: str) -> bool:
        """Whether one of the keys has made this mark."""
        return mark.partition(".")[0] in {_sign(key) for key in self._keys}

    def renewed(self, stored: str) -> str | None:
        """The same words under the newest key; None where they are under it already. Raises :class:`WrongKey`."""
        from cryptography.fernet import InvalidToken

        if not stored.startswith(MARK):
            return self.seal(stored)
        try:
            self._newest_key().decrypt(stored.removeprefix(MARK))
        except InvalidToken:
            return self.seal(self.open(stored))
        return None

    def _newest_key(self) -> Fernet:
        if self._newest is None:
            raise Locked("what is encrypted")
        return self._newest


def _mark(key: str, words: str) -> str:
    return f"{_sign(key)}.{_keyed(key, 'mark', words)[:40]}"


def _sign(key: str) -> str:
    """By which a mark tells which key has made it."""
    return _keyed(key, "sign", "")[:12]


def _keyed(key: str, purpose: str, words: str) -> str:
    # Not the key itself, which encrypts: a key that is derived from it for this purpose alone.
    derived = hmac.digest(urlsafe_b64decode(key), f"convenor {purpose}".encode(), "sha256")
    return hmac.digest(derived, words.encode(), "sha256").hex()


_NO_KEYS = Vault()
# SQLAlchemy hands its column types the engine's dialect, and no more.
_vaults: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()


def give(dialect: Dialect, vault: Vault) -> None:
    """From now on, sealed columns of the engine with this dialect are sealed and opened with this vault."""
    _vaults[dialect] = vault


def vault_of(dialect: Dialect) -> Vault:
    """The vault that was given to this dialect, or one without keys."""
    return _vaults.get(dialect, _NO_KEYS)


def new_key() -> str:
    """A new key."""
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
