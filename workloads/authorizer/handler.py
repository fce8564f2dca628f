"""Handler of the Lambda authorizer: `workloads.authorizer.handler.handler`."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from workloads.authorizer.keys import PublicKeys
from workloads.authorizer.methods import Methods
from workloads.authorizer.tokens import RefusedError, TokenVerifier

LOG = logging.getLogger(__name__)


class UnauthorizedError(Exception):
    """Error for which API Gateway responds with 401: its text is exactly `Unauthorized`; any other is a 500.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
    """

    def __init__(self) -> None:
        super().__init__("Unauthorized")


@dataclass(frozen=True)
class Authorizer:
    """Token verifier, methods and default usage key, as the environment configures them."""

    verifier: TokenVerifier
    methods: Methods
    usage_key: str | None  # of callers whose token names none


def handler(event: Mapping[str, Any], _context: object) -> dict[str, object]:
    """IAM policy of the methods that the caller of a request may call; API Gateway responds with 403 for all others.

    The environment has TOKEN_ISSUER, TOKEN_AUDIENCE, TOKEN_KEYS (aliases in KMS, with spaces between them),
    METHODS (a JSON object: scopes by method), and USAGE_KEY if all methods require a usage plan. Raises
    UnauthorizedError for a token that is missing or refused, KeysUnavailableError and MethodsError if no decision is
    possible: the last two make a 500, which is never cached.
    """
    authorizer = _authorizer()
    try:
        caller = authorizer.verifier.verify(_token(event), time.time())
    except RefusedError as refused:
        LOG.info("refused: %s", refused)
        raise UnauthorizedError from None
    caller = replace(caller, usage_key=caller.usage_key or authorizer.usage_key)
    method = f"{event['httpMethod']} {event['resource']}"
    if method not in authorizer.methods.scopes:
        LOG.error("%s isn't in METHODS, and is denied", method)
    return authorizer.methods.response(caller, event["methodArn"], method)


def _token(event: Mapping[str, Any]) -> str:
    """Bearer token of the request's one Authorization header."""
    headers: Mapping[str, list[str]] = event.get("multiValueHeaders") or {}
    found = [value for name, values in headers.items() if name.lower() == "authorization" for value in values]
    if len(found) != 1:
        raise RefusedError(f"{len(found)} Authorization headers")
    scheme, _, token = found[0].partition(" ")
    if scheme.lower() != "bearer":
        raise RefusedError("another scheme than Bearer")
    return token


@cache
def _authorizer() -> Authorizer:
    missing = [
        name
        for name in ("TOKEN_ISSUER", "TOKEN_AUDIENCE", "TOKEN_KEYS", "METHODS")
        if not os.environ.get(name)
    ]
    if missing:
        raise RuntimeError(
            f"the environment lacks {', '.join(missing)}; workloads/authorizer/README.md has them"
        )
    # Below API Gateway's limit of 29 seconds; where KMS can't be reached, the error says so.
    timeouts = Config(connect_timeout=1, read_timeout=2, retries={"mode": "standard", "max_attempts": 2})
    kms = boto3.client("kms", config=timeouts)
    keys = PublicKeys(
        os.environ["TOKEN_KEYS"].split(), lambda alias: kms.get_public_key(KeyId=alias), time.time
    )
    tokens = TokenVerifier(os.environ["TOKEN_ISSUER"], os.environ["TOKEN_AUDIENCE"], keys.find)
    return Authorizer(tokens, Methods.parse(os.environ["METHODS"]), os.environ.get("USAGE_KEY"))
