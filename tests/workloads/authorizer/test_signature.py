"""RS256 verification against another implementation, and forgeries that lax ones have accepted."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from tests.workloads.authorizer.lab import Signer, signer
from workloads.authorizer.signature import SHA_256, PublicKey

KEY = PublicKey.parse(signer().public_der)
SIZE = 256  # bytes
MESSAGE = b"what is signed"
DIGEST = SHA_256 + hashlib.sha256(MESSAGE).digest()


def signature_of(block: bytes) -> bytes:
    """Signature that decrypts to exactly this block, which only the private key can make."""
    numbers = signer().private.private_numbers()
    return pow(int.from_bytes(block, "big"), numbers.d, KEY.modulus).to_bytes(SIZE, "big")


def padded(digest: bytes, *, filler: bytes = b"\xff", start: bytes = b"\0\1") -> bytes:
    return start + filler * (SIZE - len(start) - 1 - len(digest)) + b"\0" + digest


@given(st.binary(max_size=300))
def test_signature_of_the_private_key_is_good(message: bytes) -> None:
    assert KEY.verifies(signer().sign(message), message)


@given(st.binary(max_size=100), st.binary(max_size=100))
def test_signature_is_good_for_its_own_message_only(signed: bytes, shown: bytes) -> None:
    assert KEY.verifies(signer().sign(signed), shown) == (signed == shown)


@given(st.integers(0, SIZE * 8 - 1))
def test_no_bit_of_a_signature_can_be_changed(bit: int) -> None:
    number = int.from_bytes(signer().sign(MESSAGE), "big") ^ (1 << bit)
    assert not KEY.verifies(number.to_bytes(SIZE, "big"), MESSAGE)


@given(st.binary(max_size=SIZE + 1))
def test_invented_signature_is_refused(signature: bytes) -> None:
    assert not KEY.verifies(signature, MESSAGE)


def test_block_as_it_must_be_is_accepted() -> None:
    assert KEY.verifies(signature_of(padded(DIGEST)), MESSAGE)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(b"\0\1" + b"\xff" * 8 + b"\0" + DIGEST + b"\0" * (SIZE - 11 - len(DIGEST)), id="garbage behind"),
        pytest.param(padded(DIGEST, filler=b"\xfe"), id="other filler"),
        pytest.param(padded(DIGEST, start=b"\0\2"), id="block for encryption"),
        pytest.param(padded(hashlib.sha256(MESSAGE).digest()), id="no algorithm"),
        pytest.param(padded(DIGEST.replace(bytes.fromhex("0500"), b"", 1)), id="no parameters"),
        pytest.param(
            padded(bytes.fromhex("3021300906052b0e03021a05000414") + hashlib.sha1(MESSAGE).digest()), id="SHA-1"
        ),
    ],
)  # fmt: skip
def test_block_that_is_nearly_right_is_refused(block: bytes) -> None:
    assert len(block) == SIZE
    assert not KEY.verifies(signature_of(block), MESSAGE)


def test_signature_has_one_spelling() -> None:
    signature = signer().sign(MESSAGE)
    above = int.from_bytes(signature, "big") + KEY.modulus
    assert not KEY.verifies(b"\0" + signature, MESSAGE)
    assert not KEY.verifies(above.to_bytes(SIZE + 1, "big"), MESSAGE)


def test_probabilistic_signature_of_the_same_key_is_refused() -> None:
    pss = padding.PSS(padding.MGF1(SHA256()), padding.PSS.DIGEST_LENGTH)
    assert not KEY.verifies(signer().private.sign(MESSAGE, pss, SHA256()), MESSAGE)


def test_larger_key_verifies_too() -> None:
    larger = Signer("larger", rsa.generate_private_key(65537, 3072))
    assert PublicKey.parse(larger.public_der).verifies(larger.sign(MESSAGE), MESSAGE)


def test_key_is_read_as_the_other_implementation_reads_it() -> None:
    numbers = signer().private.public_key().public_numbers()
    assert PublicKey(numbers.n, numbers.e) == KEY


@given(st.integers(0, len(signer().public_der) - 1))
def test_truncated_key_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="a public key"):
        PublicKey.parse(signer().public_der[:length])


def test_key_of_another_kind_is_refused() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(ValueError, match="not a key for RSA"):
        PublicKey.parse(other.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))


def test_short_key_is_refused() -> None:
    short = Signer("short", rsa.generate_private_key(65537, 1024))
    with pytest.raises(ValueError, match="1024 bits, fewer than 2048"):
        PublicKey.parse(short.public_der)
