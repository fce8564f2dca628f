"""Usage plans and API keys: one with throttle and quota for each partner, one without for all other callers."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

EVERYONE = "everyone"  # callers that are no partner


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """Throttle and quota of a partner."""

    rate: int  # requests a second
    burst: int  # requests at once
    daily: int  # requests a day


@dataclass(frozen=True, kw_only=True)
class UsagePlansArgs:
    platform: str
    api_id: pulumi.Input[str]
    stage_name: pulumi.Input[str]
    partners: Mapping[str, Allowance]  # by name


class UsagePlans(pulumi.ComponentResource):
    """Usage plan and key for each partner, and one of each for all others, limited only by the API's throttles."""

    def __init__(self, name: str, args: UsagePlansArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:ingress:UsagePlans", name, None, opts)
        self._args = args
        self._plan(f"{name}-{EVERYONE}", EVERYONE, None)
        for partner, allowance in args.partners.items():
            self._plan(f"{name}-partner-{partner}", f"partner-{partner}", allowance)
        self.register_outputs({})

    def _plan(self, name: str, caller: str, allowance: Allowance | None) -> None:
        args, child = self._args, pulumi.ResourceOptions(parent=self)
        plan = aws.apigateway.UsagePlan(
            name,
            api_stages=[aws.apigateway.UsagePlanApiStageArgs(api_id=args.api_id, stage=args.stage_name)],
            throttle_settings=aws.apigateway.UsagePlanThrottleSettingsArgs(
                rate_limit=allowance.rate, burst_limit=allowance.burst
            )
            if allowance
            else None,
            quota_settings=aws.apigateway.UsagePlanQuotaSettingsArgs(limit=allowance.daily, period="DAY")
            if allowance
            else None,
            opts=child,
        )
        key = aws.apigateway.ApiKey(name, value=usage_key(args.platform, caller), opts=child)
        aws.apigateway.UsagePlanKey(
            name, usage_plan_id=plan.id, key_id=key.id, key_type="API_KEY", opts=child
        )


def usage_key(platform: str, caller: str) -> str:
    """Value of a usage plan's API key, which the authorizer returns. It is no secret, and equal in every cell.

    API Gateway accepts it from the authorizer only, which reads it from a signed token, so that it grants nothing by
    itself. A key that AWS generates would differ by region, and a partner's token would be refused after failover.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-key-source.html
    """
    return hashlib.sha256(f"{platform} {caller}".encode()).hexdigest()
