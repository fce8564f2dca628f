"""What API Gateway answers by itself: a word, and nothing of how the API is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class Refusal:
    word: str
    status: int | None = None  # None leaves it as it is: the defaults are for many kinds


# AWS's own texts name its services, tell an unknown path from a forbidden one, and repeat what was sent.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
RESPONSES: Mapping[str, Refusal] = {
    "DEFAULT_4XX": Refusal("refused"),
    "DEFAULT_5XX": Refusal("failed"),
    "ACCESS_DENIED": Refusal("forbidden", 403),
    "API_CONFIGURATION_ERROR": Refusal("failed", 500),
    "AUTHORIZER_CONFIGURATION_ERROR": Refusal("failed", 500),
    "AUTHORIZER_FAILURE": Refusal("failed", 500),
    "BAD_REQUEST_BODY": Refusal("malformed", 400),
    "BAD_REQUEST_PARAMETERS": Refusal("malformed", 400),
    "EXPIRED_TOKEN": Refusal("forbidden", 403),
    "INTEGRATION_FAILURE": Refusal("unavailable", 503),
    "INTEGRATION_TIMEOUT": Refusal("unavailable", 504),
    "INVALID_API_KEY": Refusal("forbidden", 403),
    "INVALID_SIGNATURE": Refusal("forbidden", 403),
    "MISSING_AUTHENTICATION_TOKEN": Refusal("not found", 404),  # AWS's name for a path that isn't there
    "QUOTA_EXCEEDED": Refusal("too many", 429),
    "REQUEST_TOO_LARGE": Refusal("too large", 413),
    "RESOURCE_NOT_FOUND": Refusal("not found", 404),
    "THROTTLED": Refusal("too many", 429),
    "UNAUTHORIZED": Refusal("unauthorized", 401),
    "UNSUPPORTED_MEDIA_TYPE": Refusal("malformed", 415),
    "WAF_FILTERED": Refusal("forbidden", 403),
}


def gateway_responses(name: str, rest_api_id: pulumi.Input[str], opts: pulumi.ResourceOptions) -> None:
    for type_, refusal in RESPONSES.items():
        aws.apigateway.Response(
            f"{name}-response-{type_.lower().replace('_', '-')}",
            rest_api_id=rest_api_id,
            response_type=type_,
            status_code=None if refusal.status is None else str(refusal.status),
            response_parameters={"gatewayresponse.header.Cache-Control": "'no-store'"},
            response_templates={"application/json": json.dumps({"message": refusal.word})},
            opts=opts,
        )
