from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

from tests.workloads.authorizer.lab import signer
from workloads.authorizer.keys import (
    CACHE_SECONDS,
    MIN_REFRESH_SECONDS,
    SIGNING_ALGORITHM,
    KeysUnavailableError,
    PublicKeys,
)


def answer(key_id: str, **other: object) -> dict[str, Any]:
    """GetPublicKey's response for a key."""
    arn = f"arn:aws:kms:eu-west-1:123456789012:key/{key_id}"
    return {
        "KeyId": arn,
        "PublicKey": signer(key_id).public_der,
        "SigningAlgorithms": [SIGNING_ALGORITHM],
        **other,
    }


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": f"{code} of KMS"}}, "GetPublicKey")


@dataclass
class Kms:
    """Stand-in for KMS: responds by alias, counts the calls, and has a clock."""

    answers: dict[str, Mapping[str, Any] | Exception]
    now: float = 1000.0
    asked: list[str] = field(default_factory=list)

    def read(self, alias: str) -> Mapping[str, Any]:
        self.asked.append(alias)
        found = self.answers[alias]
        if isinstance(found, Exception):
            raise found
        return found

    def keys(self, *aliases: str) -> PublicKeys:
        return PublicKeys(aliases or ["alias/a"], self.read, lambda: self.now)


@pytest.fixture
def kms() -> Kms:
    return Kms({"alias/a": answer("mrk-1"), "alias/b": answer("mrk-2")})


def test_key_is_asked_for_once(kms: Kms) -> None:
    keys = kms.keys()
    found = [keys.find("mrk-1") for _ in range(5)]
    assert all(found)
    assert kms.asked == ["alias/a"]


def test_every_aliass_key_is_known_by_its_id(kms: Kms) -> None:
    keys = kms.keys("alias/a", "alias/b")
    assert keys.find("mrk-1") != keys.find("mrk-2")
    assert keys.find("mrk-3") is None


def test_unknown_keys_cost_one_question_a_minute(kms: Kms) -> None:
    keys = kms.keys()
    keys.find("mrk-1")
    for second in range(3 * MIN_REFRESH_SECONDS):
        kms.now = 1000.0 + second
        assert keys.find(f"mrk-invented-{second}") is None
    assert len(kms.asked) == 3


def test_new_key_is_found_within_a_minute(kms: Kms) -> None:
    keys = kms.keys()
    keys.find("mrk-1")
    kms.answers["alias/a"] = answer("mrk-2")
    assert keys.find("mrk-2") is None
    kms.now += MIN_REFRESH_SECONDS
    assert keys.find("mrk-2")
    assert keys.find("mrk-1") is None


@pytest.mark.parametrize("code", ["DisabledException", "KMSInvalidStateException", "NotFoundException"])
def test_key_put_out_of_use_is_not_trusted_for_long(kms: Kms, code: str) -> None:
    keys = kms.keys("alias/a", "alias/b")
    assert keys.find("mrk-1")
    kms.answers["alias/a"] = refusal(code)
    kms.now += CACHE_SECONDS - 1
    assert keys.find("mrk-1")
    kms.now += 1
    assert keys.find("mrk-1") is None
    assert keys.find("mrk-2")


OUTAGES = [
    refusal("ThrottlingException"),
    refusal("AccessDeniedException"),
    ConnectTimeoutError(endpoint_url="kms"),
]


@pytest.mark.parametrize("outage", OUTAGES)
def test_known_keys_outlast_kms(kms: Kms, outage: Exception) -> None:
    keys = kms.keys()
    keys.find("mrk-1")
    kms.answers["alias/a"] = outage
    kms.now += 10 * CACHE_SECONDS
    assert keys.find("mrk-1")
    assert keys.find("mrk-1")
    assert len(kms.asked) == 2


@pytest.mark.parametrize("outage", OUTAGES)
def test_without_kms_an_unknown_key_is_neither_good_nor_bad(kms: Kms, outage: Exception) -> None:
    keys = kms.keys()
    keys.find("mrk-1")
    kms.answers["alias/a"] = outage
    kms.now += MIN_REFRESH_SECONDS
    for _ in range(2):
        with pytest.raises(KeysUnavailableError, match="alias/a"):
            keys.find("mrk-2")
    assert len(kms.asked) == 2


def test_without_any_key_every_token_asks(kms: Kms) -> None:
    keys = kms.keys()
    kms.answers["alias/a"] = refusal("ThrottlingException")
    for _ in range(3):
        with pytest.raises(KeysUnavailableError):
            keys.find("mrk-1")
    kms.answers["alias/a"] = answer("mrk-1")
    assert keys.find("mrk-1")


def test_one_alias_that_cant_be_read_takes_no_key_away(kms: Kms) -> None:
    keys = kms.keys("alias/a", "alias/b")
    keys.find("mrk-1")
    kms.answers["alias/b"] = refusal("ThrottlingException")
    kms.now += CACHE_SECONDS
    assert keys.find("mrk-1")
    assert keys.find("mrk-2")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"SigningAlgorithms": ["ECDSA_SHA_256"], "KeySpec": "ECC_NIST_P256"},
            "alias/a: a ECC_NIST_P256 key",
        ),
        ({"PublicKey": b"nonsense"}, "alias/a: not written as a public key is"),
    ],
)
def test_key_of_another_kind_is_told(
    kms: Kms, caplog: pytest.LogCaptureFixture, wrong: dict[str, object], said: str
) -> None:
    kms.answers["alias/a"] = answer("mrk-1", **wrong)
    with caplog.at_level(logging.WARNING), pytest.raises(KeysUnavailableError):
        kms.keys().find("mrk-1")
    assert said in caplog.text
