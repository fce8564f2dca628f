"""Methods of the REST API that health checks call: whether API Gateway answers, and whether a cell is drained."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.ingress.api.methods import DRAINED, HEALTH
from components.ingress.api.own_methods import Answer, MethodPlace, build_mock_method, build_response

DRAINED_TIMEOUT_MS = 2_000  # Route 53 waits no longer for an answer


@dataclass(frozen=True, kw_only=True)
class Drains:
    """Bucket in which an object `<prefix>/<cell>` takes a cell out of DNS, and the role that reads it."""

    bucket: pulumi.Input[str]
    prefix: str
    role_arn: pulumi.Input[str]  # known once its policy is attached


def build_health_method(name: str, place: MethodPlace) -> None:
    """Mock integration: healthy as long as API Gateway is, without any backend."""
    build_mock_method(name, place, HEALTH.verb, 200)


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
            f"arn:aws:apigateway:{place.region}:s3:path/", drains.bucket, f"/{drains.prefix}/{{{variable}}}"
        ),
        credentials=drains.role_arn,
        request_parameters={f"integration.request.path.{variable}": f"method.request.path.{variable}"},
        timeout_milliseconds=DRAINED_TIMEOUT_MS,
        opts=place.opts,
    )
    build_response(f"{name}-yes", place, method, integration, Answer("200", pattern="200"))
    build_response(f"{name}-no", place, method, integration, Answer("404"))
