"""Methods of the REST API that no service answers: their place, their responses, and mocks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class MethodPlace:
    """API, region and resource of a method, and the options of what it is made of."""

    api_id: pulumi.Input[str]
    region: str
    resource_id: pulumi.Input[str]
    opts: pulumi.ResourceOptions


def build_mock_method(
    name: str, place: MethodPlace, verb: str, status: int, headers: Mapping[str, str] | None = None
) -> None:
    """Open method that API Gateway answers by itself, with an empty body.

    `headers` are mapping expressions by `method.response.header.NAME`.
    """
    method = aws.apigateway.Method(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=verb,
        authorization="NONE",
        opts=place.opts,
    )
    integration = aws.apigateway.Integration(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=method.http_method,
        type="MOCK",
        request_templates={JSON: json.dumps({"statusCode": status})},
        opts=place.opts,
    )
    build_response(name, place, method, integration, Answer(str(status), headers=headers))


@dataclass(frozen=True)
class Answer:
    """Status and headers of an empty response. `pattern` is of the backend's status; None is for all others."""

    status: str
    pattern: str | None = None
    headers: Mapping[str, str] | None = None


def build_response(
    name: str,
    place: MethodPlace,
    method: aws.apigateway.Method,
    integration: aws.apigateway.Integration,
    answer: Answer,
) -> None:
    """Response of a method, and of its integration."""
    response = aws.apigateway.MethodResponse(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=method.http_method,
        status_code=answer.status,
        response_parameters=dict.fromkeys(answer.headers, True) if answer.headers else None,
        opts=place.opts,
    )
    aws.apigateway.IntegrationResponse(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=integration.http_method,
        status_code=response.status_code,
        selection_pattern=answer.pattern,
        response_parameters=answer.headers,
        response_templates={JSON: ""},
        opts=place.opts,
    )
