"""Secret config values: what a stack file has as `secure:`, encrypted with the stack's passphrase as by the CLI.

The key is made of the passphrase by PBKDF2 with SHA-256 and a million rounds, and the file's `encryptionsalt`; values
are encrypted by AES-256 in Galois/Counter Mode, and written `v1:NONCE:CIPHERTEXT` in Base64 (`crypt.go` of Pulumi's
Go SDK).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_ROUNDS: Final = 1_000_000
_KEY_BYTES: Final = 32
_PASSPHRASE: Final = "PULUMI_CONFIG_PASSPHRASE"


class UnreadableSecretError(Exception):
    """A secret value can't be decrypted here; the text says why, and what to do."""


def is_secret(value: Any) -> bool:
    """Returns whether a config value is secret, or holds something secret."""
    if isinstance(value, dict):
        return set(value) == {"secure"} or any(map(is_secret, value.values()))
    return isinstance(value, list) and any(map(is_secret, value))


def decrypted(value: Any, salt: str | None, provider: str | None) -> Any:
    """A config value with its secrets in clear. `salt` and `provider` are the stack file's `encryptionsalt` and
    `secretsprovider`. Raises UnreadableSecretError.
    """
    if isinstance(value, dict):
        if set(value) == {"secure"}:
            return _plain(str(value["secure"]), salt, provider)
        return {key: decrypted(item, salt, provider) for key, item in value.items()}
    if isinstance(value, list):
        return [decrypted(item, salt, provider) for item in value]
    return value


def _plain(text: str, salt: str | None, provider: str | None) -> str:
    if salt is None:
        by = f"by {provider}, which" if provider else "by a service that"
        raise UnreadableSecretError(
            f"it is encrypted {by} isn't asked here; give another value with --config"
        )
    phrase = _passphrase()
    if phrase is None:
        raise UnreadableSecretError(
            f"it is encrypted; set {_PASSPHRASE} or {_PASSPHRASE}_FILE, or give another value with --config"
        )
    try:
        _, nonce, cipher = text.split(":")
        key = _key(phrase, salt.split(":")[1])
        return AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(cipher), None).decode()
    except InvalidTag:
        raise UnreadableSecretError(f"the passphrase in {_PASSPHRASE} isn't the one of this stack") from None
    except (ValueError, IndexError, binascii.Error):
        raise UnreadableSecretError(
            "its `secure` or the file's `encryptionsalt` is damaged; set it anew with `pulumi config set --secret`"
        ) from None


def _passphrase() -> str | None:
    file = os.environ.get(f"{_PASSPHRASE}_FILE")
    if _PASSPHRASE not in os.environ and file:
        return Path(file).read_text().rstrip("\r\n")
    return os.environ.get(_PASSPHRASE)


@lru_cache(maxsize=16)
def _key(phrase: str, salt: str) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", phrase.encode(), base64.b64decode(salt), _ROUNDS, _KEY_BYTES)
