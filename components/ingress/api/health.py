"""Methods of the REST API that health checks call: whether API Gateway answers, and whether a cell is drained."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.api.method_place import JSON, MethodPlace
from components.ingress.api.methods import DRAINED, HEALTH

DRAINED_TIMEOUT_MS = 2_000  # Route 53 waits no longer for an answer


@dataclass(frozen=True, kw_only=True)
class Drains:
    """Bucket in which an object `drained/<cell>` takes a cell out of DNS, and the role that reads it."""

    bucket: pulumi.Input[str]
    role_arn: pulumi.Input[str]  # known once its policy is attached


def build_health_method(name: str, place: MethodPlace) -> None:
    """Mock integration: healthy as long as API Gateway is, without any backend."""
    method = aws.apigateway.Method(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=HEALTH.verb,
        authorization="NONE",
        opts=place.opts,
    )
    integration = aws.apigateway.Integration(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=method.http_method,
        type="MOCK",
        request_templates={JSON: json.dumps({"statusCode": 200})},
        opts=place.opts,
    )
    _response(name, place, method, integration, _Answer("200"))


def build_drained_method(name: str, place: MethodPlace, drains: Drains) -> None:
    """S3 integration: 200 where the object is there, 404 where it isn't or can't be read.

    The health check is inverted, so that nothing but the object drains the cell.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/integrating-api-with-aws-services-s3.html
    """
    (variable,) = DRAINED.variables
    method = aws.apigateway.Method(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=DRAINED.verb,
        authorization="NONE",
        request_parameters={f"method.request.path.{variable}": True},
        opts=place.opts,
    )
    integration = aws.apigateway.Integration(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=method.http_method,
        type="AWS",
        integration_http_method="GET",
        uri=pulumi.Output.concat(
            f"arn:aws:apigateway:{place.region}:s3:path/", drains.bucket, f"/drained/{{{variable}}}"
        ),
        credentials=drains.role_arn,
        request_parameters={f"integration.request.path.{variable}": f"method.request.path.{variable}"},
        timeout_milliseconds=DRAINED_TIMEOUT_MS,
        opts=place.opts,
    )
    _response(f"{name}-yes", place, method, integration, _Answer("200", pattern="200"))
    _response(f"{name}-no", place, method, integration, _Answer("404"))


@dataclass(frozen=True)
class _Answer:
    """Status of an empty response. `pattern` is of the backend's status; None is for all that match no other."""

    status: str
    pattern: str | None = None


def _response(
    name: str,
    place: MethodPlace,
    method: aws.apigateway.Method,
    integration: aws.apigateway.Integration,
    answer: _Answer,
) -> None:
    response = aws.apigateway.MethodResponse(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=method.http_method,
        status_code=answer.status,
        opts=place.opts,
    )
    aws.apigateway.IntegrationResponse(
        name,
        rest_api=place.api_id,
        resource_id=place.resource_id,
        http_method=integration.http_method,
        status_code=response.status_code,
        selection_pattern=answer.pattern,
        response_templates={JSON: ""},
        opts=place.opts,
    )
