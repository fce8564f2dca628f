"""Preflight requests: what a browser asks before the page, which is of another origin, calls a method.

https://developer.mozilla.org/en-US/docs/Web/HTTP/Guides/CORS
https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

import pulumi_aws as aws

from components.ingress.api.method_place import JSON, MethodPlace
from settings.catalogue import ApiMethod

HEADERS = ("Authorization", "Content-Type")  # that the page sends, beyond those of every request
MAX_AGE_SECONDS = 7200  # for which the answer counts: the longest that Chromium takes


def asked_before(methods: Iterable[ApiMethod]) -> dict[str, list[str]]:
    """Verbs by path of the methods that a browser asks about: with a token, a body, or another verb than GET."""
    found: dict[str, list[str]] = {}
    for method in methods:
        if method.scope is not None or method.body or method.verb != "GET":
            found.setdefault(method.path, []).append(method.verb)
    return {path: sorted(verbs) for path, verbs in found.items()}


def allowed_origin(origin: str) -> str:
    """Origin as a mapping expression of API Gateway: a constant stands in quotes."""
    return f"'{origin}'"


def build_preflight(name: str, place: MethodPlace, verbs: Iterable[str], origin: str) -> None:
    """Mock integration that lets the page of an origin call the verbs of a path, with its token and JSON."""
    method = aws.apigateway.Method(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method="OPTIONS",
        authorization="NONE",
        opts=place.opts,
    )
    integration = aws.apigateway.Integration(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=method.http_method,
        type="MOCK",
        request_templates={JSON: json.dumps({"statusCode": 204})},
        opts=place.opts,
    )
    answered = _answered(verbs, origin)
    response = aws.apigateway.MethodResponse(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=method.http_method,
        status_code="204",
        response_parameters=dict.fromkeys(answered, True),
        opts=place.opts,
    )
    aws.apigateway.IntegrationResponse(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=integration.http_method,
        status_code=response.status_code,
        response_parameters=answered,
        opts=place.opts,
    )


def _answered(verbs: Iterable[str], origin: str) -> Mapping[str, str]:
    headers = {
        "Allow-Origin": allowed_origin(origin),
        "Allow-Methods": f"'{','.join(verbs)}'",
        "Allow-Headers": f"'{','.join(HEADERS)}'",
        "Max-Age": f"'{MAX_AGE_SECONDS}'",
    }
    return {f"method.response.header.Access-Control-{name}": value for name, value in headers.items()}
