"""Access tokens: JWTs, verified by signature, issuer, audience, expiry (with a leeway for clock skew) and scopes."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from workloads.authorizer.signature import ALGORITHM, PublicKey

MAX_TOKEN_LENGTH = 4096  # characters; ours have fewer than 1500, and API Gateway lets 10 KB of headers in
LEEWAY_SECONDS = 5  # of `exp` and `nbf`: clock skew allowed between the issuing and the verifying cell
YEAR_10000 = 253_402_300_800  # seconds since 1970; a policy has no later date
# Type of access tokens. Other tokens that the same key signs, such as one that asks for the second factor, have
# another type. https://www.rfc-editor.org/rfc/rfc9068#section-2.1
TOKEN_TYPE = "at+jwt"

JWT_FORM = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
SUBJECT = re.compile(r"[!-~]{1,128}")  # it goes into headers and logs
SCOPES = re.compile(r"[!-~]+(?: [!-~]+)*")  # https://www.rfc-editor.org/rfc/rfc6749#section-3.3


class RefusedError(Exception):
    """Token that is refused. The text says why, and holds nothing of the token: it is logged."""


@dataclass(frozen=True)
class Caller:
    """Subject of a token, with its scopes."""

    subject: str
    scopes: frozenset[str]
    expires: int  # seconds since 1970
    usage_key: str | None  # of the API's usage plan, which partners have


@dataclass(frozen=True)
class TokenVerifier:
    """Verifies access tokens of one issuer and audience."""

    issuer: str
    audience: str
    key: Callable[[str], PublicKey | None]  # by its id

    def verify(self, token: str, now: float) -> Caller:
        """Caller that the token names. Raises RefusedError, and whatever `key` raises."""
        form = JWT_FORM.fullmatch(token) if len(token) <= MAX_TOKEN_LENGTH else None
        if form is None:
            raise RefusedError("no JWT, or a longer one than there are")
        self._verify(_object(form[1]), _bytes(form[3]), f"{form[1]}.{form[2]}".encode())
        return self._caller(_object(form[2]), now)

    def _verify(self, header: dict[str, object], signature: bytes, signed: bytes) -> None:
        if header.get("alg") != ALGORITHM:
            raise RefusedError("another algorithm")
        if header.get("typ") != TOKEN_TYPE:
            raise RefusedError("another type of token")
        if "crit" in header:
            raise RefusedError("an extension that must be understood")
        key_id = header.get("kid")
        key = self.key(key_id) if isinstance(key_id, str) else None
        if key is None:
            raise RefusedError("an unknown key")
        if not key.verifies(signature, signed):
            raise RefusedError("the signature is wrong")

    def _caller(self, claims: dict[str, object], now: float) -> Caller:
        audience = claims.get("aud")
        if claims.get("iss") != self.issuer:
            raise RefusedError("another issuer")
        if self.audience not in (audience if isinstance(audience, list) else [audience]):
            raise RefusedError("for another audience")
        expires = _time(claims, "exp")
        if now >= expires + LEEWAY_SECONDS:
            raise RefusedError("expired")
        if "nbf" in claims and now < _time(claims, "nbf") - LEEWAY_SECONDS:
            raise RefusedError("not valid yet")
        usage_key = claims.get("usage_key")
        if usage_key is not None and not isinstance(usage_key, str):
            raise RefusedError("usage_key is no text")
        scopes = _text(claims, "scope", SCOPES).split(" ")
        return Caller(_text(claims, "sub", SUBJECT), frozenset(scopes), expires, usage_key)


def _time(claims: dict[str, object], name: str) -> int:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < YEAR_10000:
        raise RefusedError(f"{name} is no whole number of seconds")
    return value


def _text(claims: dict[str, object], name: str, form: re.Pattern[str]) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise RefusedError(f"{name} is missing or malformed")
    return value


def _bytes(part: str) -> bytes:
    """Decodes a part of a token. Raises RefusedError unless it is canonical base64url."""
    if len(part) % 4 == 1:
        raise RefusedError("a part is no base64url")
    decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    if base64.urlsafe_b64encode(decoded).rstrip(b"=").decode() != part:
        raise RefusedError("a part is written in an unusual way")
    return decoded


def _object(part: str) -> dict[str, object]:
    text = _bytes(part)
    try:
        fields = json.loads(
            text.decode(), object_pairs_hook=_without_repetition, parse_constant=_refuse_constant
        )
    except (ValueError, RecursionError):
        # The decoder's own error holds the whole text.
        raise RefusedError("a part is no JSON, or says something twice") from None
    if not isinstance(fields, dict):
        raise RefusedError("a part is no JSON object")
    return fields


def _without_repetition(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError
    return fields


def _refuse_constant(_: str) -> object:
    raise ValueError  # NaN and Infinity, which JSON hasn't
