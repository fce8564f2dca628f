"""Tokens, good ones and others, signed by a key that the tests hold."""

from __future__ import annotations

import base64
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from workloads.authorizer.signature import PublicKey
from workloads.authorizer.tokens import TokenVerifier

NOW = 1_800_000_000
ISSUER = "https://accounts.example.com"
AUDIENCE = "https://api.example.com"
CLAIMS: Mapping[str, object] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "customer-1",
    "scope": "orders:read orders:write",
    "iat": NOW,
    "nbf": NOW,
    "exp": NOW + 600,
}


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def written(content: object) -> str:
    return encoded(json.dumps(content).encode())


@dataclass(frozen=True)
class Signer:
    """Private key and its id."""

    key_id: str
    private: rsa.RSAPrivateKey

    @property
    def public_der(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)

    @property
    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    @property
    def header(self) -> dict[str, object]:
        return {"alg": "RS256", "typ": "at+jwt", "kid": self.key_id}

    def sign(self, message: bytes) -> bytes:
        return self.private.sign(message, padding.PKCS1v15(), SHA256())

    def seal(self, header: str, claims: str) -> str:
        """Token of two parts that are encoded already."""
        return f"{header}.{claims}.{encoded(self.sign(f'{header}.{claims}'.encode()))}"

    def token(self, header: Mapping[str, object] | None = None, /, **claims: object) -> str:
        """Valid token but for the given claims; a claim that is None is left out."""
        said = {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None}
        return self.seal(written({**self.header, **(header or {})}), written(said))


@functools.cache
def signer(key_id: str = "mrk-1") -> Signer:
    """Signer by id, made once, since making a key takes a while."""
    return Signer(key_id, rsa.generate_private_key(65537, 2048))


def tokens(*signers: Signer) -> TokenVerifier:
    """Verifier of tokens of these keys."""
    known = {each.key_id: PublicKey.parse(each.public_der) for each in signers or [signer()]}
    return TokenVerifier(ISSUER, AUDIENCE, known.get)
