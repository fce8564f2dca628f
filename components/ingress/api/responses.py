"""Gateway responses: the bodies with which API Gateway itself refuses requests, which reveal nothing of the API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.api.preflight import allowed_origin


@dataclass(frozen=True)
class Refusal:
    """Message of a gateway response, and its status."""

    word: str
    status: int | None = None  # None keeps AWS's: the two defaults stand for many kinds


# AWS's own texts name its services, distinguish an unknown path from a forbidden one, and repeat the request.
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
    "MISSING_AUTHENTICATION_TOKEN": Refusal("not found", 404),  # AWS's name for a path that doesn't exist
    "QUOTA_EXCEEDED": Refusal("too many", 429),
    "REQUEST_TOO_LARGE": Refusal("too large", 413),
    "RESOURCE_NOT_FOUND": Refusal("not found", 404),
    "THROTTLED": Refusal("too many", 429),
    "UNAUTHORIZED": Refusal("unauthorized", 401),
    "UNSUPPORTED_MEDIA_TYPE": Refusal("malformed", 415),
    "WAF_FILTERED": Refusal("forbidden", 403),
}


def build_gateway_responses(
    name: str, rest_api_id: pulumi.Input[str], web_origin: str, opts: pulumi.ResourceOptions
) -> None:
    """Builds the responses, which the page of an origin may read."""
    headers = {"Cache-Control": "'no-store'", "Access-Control-Allow-Origin": allowed_origin(web_origin)}
    for type_, refusal in RESPONSES.items():
        aws.apigateway.Response(
            f"{name}-response-{type_.lower().replace('_', '-')}",
            rest_api_id=rest_api_id,
            response_type=type_,
            status_code=None if refusal.status is None else str(refusal.status),
            response_parameters={f"gatewayresponse.header.{key}": value for key, value in headers.items()},
            response_templates={"application/json": json.dumps({"message": refusal.word})},
            opts=opts,
        )
