"""Handler of the authorizer, with moto's KMS, which signs as the real one does."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.workloads.authorizer.lab import AUDIENCE, CLAIMS, ISSUER, NOW, encoded, written
from workloads.authorizer import handler as module
from workloads.authorizer.handler import UnauthorizedError, handler
from workloads.authorizer.keys import KeysUnavailableError

STAGE = "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3d4e5/live"
METHODS = {"GET /orders": "orders:read", "POST /orders": "orders:write"}


@dataclass(frozen=True)
class Kms:
    client: Any

    def key(self, alias: str, spec: str = "RSA_2048") -> str:
        key_id = self.client.create_key(KeyUsage="SIGN_VERIFY", KeySpec=spec, MultiRegion=True)[
            "KeyMetadata"
        ]["KeyId"]
        self.client.create_alias(AliasName=alias, TargetKeyId=key_id)
        return key_id

    def token(self, key_id: str, **claims: object) -> str:
        header = written({"alg": "RS256", "typ": "at+jwt", "kid": key_id})
        signed = f"{header}.{written({**CLAIMS, **claims})}"
        answer = self.client.sign(
            KeyId=key_id, Message=signed.encode(), SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256"
        )
        return f"{signed}.{encoded(answer['Signature'])}"


class Clock:
    """Stand-in for the module `time`."""

    now = float(NOW)

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture(scope="module")
def kms() -> Iterator[Kms]:
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        yield Kms(boto3.client("kms"))


@pytest.fixture(scope="module")
def key_id(kms: Kms) -> str:
    return kms.key("alias/tokens-a")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[None]:
    monkeypatch.setenv("TOKEN_ISSUER", ISSUER)
    monkeypatch.setenv("TOKEN_AUDIENCE", AUDIENCE)
    monkeypatch.setenv("TOKEN_KEYS", "alias/tokens-a alias/tokens-b")
    monkeypatch.setenv("METHODS", json.dumps(METHODS))
    module._authorizer.cache_clear()
    yield
    module._authorizer.cache_clear()


def event(*headers: str, name: str = "Authorization", resource: str = "/orders") -> dict[str, Any]:
    """Event of API Gateway.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html
    """
    return {
        "type": "REQUEST",
        "methodArn": f"{STAGE}/GET{resource}",
        "resource": resource,
        "path": resource,
        "httpMethod": "GET",
        "headers": {name: headers[-1]} if headers else {},
        "multiValueHeaders": {name: list(headers)} if headers else {},
        "requestContext": {"stage": "live"},
    }


def test_token_that_kms_signed_may_call_what_its_scopes_are_for(kms: Kms, key_id: str) -> None:
    answer = handler(event(f"Bearer {kms.token(key_id, scope='orders:read')}"), None)
    assert answer["principalId"] == "customer-1"
    policy = answer["policyDocument"]
    assert isinstance(policy, dict)
    assert policy["Statement"][0] == {
        "Effect": "Allow",
        "Action": "execute-api:Invoke",
        "Resource": [f"{STAGE}/GET/orders"],
    }


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_headers_name_and_scheme_may_be_in_any_case(kms: Kms, key_id: str, name: str, scheme: str) -> None:
    assert handler(event(f"{scheme} {kms.token(key_id)}", name=name), None)["principalId"] == "customer-1"


def test_new_keys_tokens_are_good_beside_the_old_ones(kms: Kms, key_id: str, clock: Clock) -> None:
    old = event(f"Bearer {kms.token(key_id)}")
    assert handler(old, None)
    new = event(f"Bearer {kms.token(kms.key('alias/tokens-b'))}")
    clock.now += 60
    assert handler(new, None)
    assert handler(old, None)


def test_request_without_one_token_is_unauthorized(kms: Kms, key_id: str) -> None:
    token = kms.token(key_id)
    for headers in (
        [],
        [""],
        [token],
        [f"Basic {token}"],
        ["Bearer"],
        [f"Bearer  {token}"],
        [f"Bearer {token}"] * 2,
    ):
        with pytest.raises(UnauthorizedError, match=r"^Unauthorized$"):
            handler(event(*headers), None)
    with pytest.raises(UnauthorizedError):
        handler({**event(), "multiValueHeaders": None}, None)


def test_bad_token_is_unauthorized_in_the_one_word_that_api_gateway_knows(kms: Kms, key_id: str) -> None:
    with pytest.raises(UnauthorizedError) as refused:
        handler(event(f"Bearer {kms.token(key_id, aud='another')}"), None)
    assert str(refused.value) == "Unauthorized"
    assert refused.value.__suppress_context__


def test_without_keys_the_answer_is_an_error_that_isnt_kept(
    kms: Kms, key_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kms.key("alias/other", "ECC_NIST_P256")
    monkeypatch.setenv("TOKEN_KEYS", "alias/other")
    with pytest.raises(KeysUnavailableError):
        handler(event(f"Bearer {kms.token(key_id)}"), None)


def test_method_without_a_scope_is_denied_and_told(
    kms: Kms, key_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = handler(event(f"Bearer {kms.token(key_id)}", resource="/accounts"), None)
    policy = answer["policyDocument"]
    assert isinstance(policy, dict)
    assert [each["Effect"] for each in policy["Statement"]] == ["Deny"]
    assert "GET /accounts isn't in METHODS" in caplog.text


def test_no_token_is_logged_at_any_level(kms: Kms, key_id: str, caplog: pytest.LogCaptureFixture) -> None:
    good, expired = kms.token(key_id), kms.token(key_id, exp=NOW - 100)
    caplog.clear()
    with caplog.at_level(logging.DEBUG):
        handler(event(f"Bearer {good}"), None)
        for bad in (expired, good[:-5], f"{good[:-5]}AAAAA", good.replace(".", "-")):
            with pytest.raises(UnauthorizedError):
                handler(event(f"Bearer {bad}"), None)
    assert caplog.text.count("refused: ") == 4
    parts = {part for token in (good, expired) for part in token.split(".")}
    assert not [part for part in parts if part[:20] in caplog.text]
    assert "customer-1" not in caplog.text


@pytest.mark.parametrize("name", ["TOKEN_ISSUER", "TOKEN_AUDIENCE", "TOKEN_KEYS", "METHODS"])
def test_environment_that_lacks_something_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name)
    with pytest.raises(RuntimeError, match=f"the environment lacks {name}"):
        handler(event("Bearer x"), None)
