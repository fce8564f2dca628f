"""RS256 signatures, the one algorithm of tokens, verified by the standard library's arithmetic alone.

All inputs are public, so it needn't run in constant time; signing must, and is done by KMS.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

ALGORITHM = "RS256"
MIN_KEY_BITS = 2048  # bits; https://www.rfc-editor.org/rfc/rfc7518#section-3.3

# Algorithm identifier of RSA in a SubjectPublicKeyInfo. https://www.rfc-editor.org/rfc/rfc3279#section-2.3.1
RSA = bytes.fromhex("06092a864886f70d0101010500")
SEQUENCE, BIT_STRING, INTEGER = 0x30, 0x03, 0x02
# DER prefix of a SHA-256 digest: its algorithm.
# https://www.rfc-editor.org/rfc/rfc8017#section-9.2, note 1
SHA_256 = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True)
class PublicKey:
    """RSA public key."""

    modulus: int
    exponent: int

    @classmethod
    def parse(cls, der: bytes) -> PublicKey:
        """Parses a SubjectPublicKeyInfo. Raises ValueError for a key that RS256 can't use."""
        reader = DerReader(DerReader(der).inside(SEQUENCE))
        if reader.inside(SEQUENCE) != RSA:
            raise ValueError("not a key for RSA")
        parts = DerReader(DerReader(reader.inside(BIT_STRING).removeprefix(b"\0")).inside(SEQUENCE))
        key = cls(int.from_bytes(parts.inside(INTEGER), "big"), int.from_bytes(parts.inside(INTEGER), "big"))
        if key.modulus.bit_length() < MIN_KEY_BITS:
            raise ValueError(f"{key.modulus.bit_length()} bits, fewer than {MIN_KEY_BITS}")
        return key

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Returns whether the signature is this key's of the message.

        Encodes the expected message and compares all of it. Searching the decrypted signature for the digest is
        how others came to accept forgeries. https://www.rfc-editor.org/rfc/rfc8017#section-8.2.2
        """
        size = (self.modulus.bit_length() + 7) // 8
        number = int.from_bytes(signature, "big")
        if len(signature) != size or number >= self.modulus:
            return False
        known = SHA_256 + hashlib.sha256(message).digest()
        padding = b"\xff" * (size - len(known) - 3)
        return (
            pow(number, self.exponent, self.modulus).to_bytes(size, "big")
            == b"\0\1" + padding + b"\0" + known
        )


class DerReader:
    """Reader of DER values, each a tag, a length and a content, as far as public keys need them."""

    def __init__(self, text: bytes) -> None:
        self._rest = text

    def inside(self, tag: int) -> bytes:
        """Content of the next value. Raises ValueError if it has another tag, or is truncated."""
        if len(self._rest) < 2 or self._rest[0] != tag:
            raise ValueError("not written as a public key is")
        start, length = 2, self._rest[1]
        if length > 0x7F:  # then it is the length of the length
            start += length - 0x80
            length = int.from_bytes(self._rest[2:start], "big")
        held, self._rest = self._rest[start : start + length], self._rest[start + length :]
        if len(held) != length:
            raise ValueError("a public key that isn't all there")
        return held
