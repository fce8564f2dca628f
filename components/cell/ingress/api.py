"""API of a cell: the REST API with its authorizer, stage, host names and usage plans."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.cell.context import CellContext
from components.cell.ingress.authorizer import build_authorizer
from components.cell.ingress.drains import build_drains
from components.ingress.api.api import Api, ApiArgs
from components.ingress.api.custom_domains import ApiHosts, ApiHostsArgs
from components.ingress.api.methods import METHODS
from components.ingress.api.models import MODELS
from components.ingress.api.stage import ApiStage, ApiStageArgs
from components.ingress.api.usage_plans import Allowance, UsagePlans, UsagePlansArgs
from components.ingress.balancers.internal_balancer import InternalBalancer
from components.ingress.dns.hosts import own_host, web_origin

(PLACE_ORDER,) = (
    method for method in METHODS if method.name == "POST /v1/orders"
)  # the latency promise is on it


@dataclass(frozen=True, kw_only=True)
class CellApi:
    stage_arn: pulumi.Output[str]
    hosts: ApiHosts


def build_api(
    context: CellContext,
    internal: InternalBalancer,
    certificate_arn: pulumi.Input[str],
    may_log: pulumi.Resource,
) -> CellApi:
    """Builds the API. The certificate is for all its names; the stage waits for `may_log`, which lets it log."""
    settings, platform = context.settings, context.settings.platform
    authorizer = build_authorizer(context)
    rest_api = Api(
        f"{context.name}-api",
        ApiArgs(
            region=settings.region,
            methods=METHODS,
            models=MODELS,
            authorizer=authorizer.name,
            authorizer_arn=authorizer.arn,
            host=f"{own_host('api', settings.stack)}.{platform.domain}",
            balancer_arn=internal.arn,
            link_id=internal.link_id,
            drains=build_drains(context),
            web_origin=web_origin(platform.domain),
        ),
        context.child,
    )
    stage = _build_stage(context, rest_api, may_log)
    UsagePlans(
        f"{context.name}-plans",
        UsagePlansArgs(
            platform=platform.name,
            api_id=rest_api.id,
            stage_name=stage.name,
            partners={
                each.name: Allowance(rate=each.rate, burst=each.burst, daily=each.daily)
                for each in platform.partners
            },
        ),
        context.child,
    )
    hosts = ApiHosts(
        f"{context.name}-api-hosts",
        ApiHostsArgs(
            cell=settings.stack,
            domain=platform.domain,
            certificate_arn=certificate_arn,
            api_id=rest_api.id,
            stage_name=stage.name,
        ),
        context.child,
    )
    return CellApi(stage_arn=stage.arn, hosts=hosts)


def _build_stage(context: CellContext, rest_api: Api, may_log: pulumi.Resource) -> ApiStage:
    sizes = context.settings.sizes
    return ApiStage(
        f"{context.name}-api-stage",
        ApiStageArgs(
            api_id=rest_api.id,
            api_name=rest_api.name,
            deployment_id=rest_api.deployment_id,
            methods=METHODS,
            latency_promised=PLACE_ORDER,
            rate=sizes.api.rate,
            burst=sizes.api.burst,
            cache_gb=None if sizes.api.cache_gb == "none" else sizes.api.cache_gb,
            access_log_group=context.names.api_log(),
            log_days=sizes.log_days,
            key_arn=context.key_arn("logs"),
            alarm_topic_arn=context.alarm_topic_arn,
            may_log=may_log,
        ),
        context.child,
    )
