"""Registry of all rules, by the modules that define them, and the policies that Pulumi runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from types import ModuleType
from typing import Final

from pulumi_policy import Policy

from controls.language.rules import Rule
from controls.pack import exceptions, pulumi_policies
from controls.services import (
    accelerator,
    account,
    acm,
    alb,
    apigateway,
    apigatewayv2,
    aurora,
    autoscaling,
    backup,
    bypassing_types,
    cloudfront,
    cloudfront_delivery,
    cloudtrail,
    cloudwatch,
    crosscutting,
    data_residency,
    detection,
    dynamodb,
    ec2,
    ecr,
    efs,
    eks,
    eks_access,
    elasticache,
    eventbridge,
    failover_budgets,
    grafana,
    iam,
    iam_account,
    kms,
    kubernetes,
    lambda_functions,
    load_balancers,
    multiregion,
    opensearch,
    rds,
    rds_instances,
    redshift,
    route53,
    s3,
    s3_access,
    s3_retention,
    secretsmanager,
    sns,
    sqs,
    vpc,
    vpc_perimeter,
    waf,
)

MODULES: Final[tuple[ModuleType, ...]] = (
    vpc,
    vpc_perimeter,
    kms,
    aurora,
    rds,
    rds_instances,
    dynamodb,
    s3,
    s3_access,
    s3_retention,
    efs,
    redshift,
    backup,
    secretsmanager,
    lambda_functions,
    sqs,
    eventbridge,
    alb,
    load_balancers,
    apigateway,
    apigatewayv2,
    accelerator,
    acm,
    cloudfront,
    cloudfront_delivery,
    route53,
    cloudwatch,
    sns,
    iam,
    iam_account,
    crosscutting,
    failover_budgets,
    multiregion,
    data_residency,
    eks,
    eks_access,
    ec2,
    autoscaling,
    ecr,
    elasticache,
    waf,
    opensearch,
    grafana,
    account,
    cloudtrail,
    detection,
    kubernetes,
)


# Each makes one more rule from all rules of the modules: on what they read, and on the types that they are on.
GUARDS: Final[tuple[Callable[[Sequence[Rule]], Rule], ...]] = (
    crosscutting.ignored_inputs_rule,
    bypassing_types.bypassing_types_rule,
)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """All rules of `MODULES`, in their order, and those of `GUARDS`."""
    listed = tuple(rule for module in MODULES for rule in module.RULES)
    return (*listed, *(guard(listed) for guard in GUARDS))


def policies() -> list[Policy]:
    """Policies, one for each rule, under the exceptions of the pack's file, and those that judge the exceptions.

    Raises exceptions.MalformedError.
    """
    on = exceptions.today()
    waivers = exceptions.Waivers(exceptions.load(rules(), on), on)
    return [pulumi_policies.policy(rule, waivers) for rule in (*rules(), *waivers.rules())]
