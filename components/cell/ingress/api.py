"""The cell's API, with its stage, its names, and who may call how much of it."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from components.cell.context import CellContext
from components.cell.ingress.authorizer import authorizer
from components.ingress.api.api import Api, ApiArgs
from components.ingress.api.custom_domains import ApiHosts, ApiHostsArgs
from components.ingress.api.methods import METHODS
from components.ingress.api.models import MODELS
from components.ingress.api.stage import ApiStage, ApiStageArgs
from components.ingress.api.usage_plans import Allowance, UsagePlans, UsagePlansArgs
from components.ingress.balancers.internal_balancer import InternalBalancer
from components.ingress.dns.hosts import own_host

(PLACES_ORDERS,) = (method for method in METHODS if method.name == "POST /v1/orders")


@dataclass(frozen=True, kw_only=True)
class CellApi:
    stage_arn: pulumi.Output[str]
    hosts: ApiHosts


def api(
    context: CellContext,
    inside: InternalBalancer,
    certificate_arn: pulumi.Input[str],
    may_log: pulumi.Resource,
) -> CellApi:
    """`certificate_arn` is for all names, and the load balancer's too."""
    settings, platform = context.settings, context.settings.platform
    judge = authorizer(context)
    made = Api(
        f"{context.name}-api",
        ApiArgs(
            region=settings.region,
            methods=METHODS,
            models=MODELS,
            authorizer=judge.name,
            authorizer_arn=judge.arn,
            host=f"{own_host('api', settings.stack)}.{platform.domain}",
            balancer_arn=inside.arn,
            link_id=inside.link_id,
        ),
        context.child,
    )
    stage = _stage(context, made, may_log)
    UsagePlans(
        f"{context.name}-plans",
        UsagePlansArgs(
            platform=platform.name,
            api_id=made.id,
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
            api_id=made.id,
            stage_name=stage.name,
        ),
        context.child,
    )
    return CellApi(stage_arn=stage.arn, hosts=hosts)


def _stage(context: CellContext, made: Api, may_log: pulumi.Resource) -> ApiStage:
    sizes = context.settings.sizes
    return ApiStage(
        f"{context.name}-api-stage",
        ApiStageArgs(
            api_id=made.id,
            api_name=made.name,
            deployment_id=made.deployment_id,
            methods=METHODS,
            promised=PLACES_ORDERS,
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
