"""All rules, and the policies that Pulumi runs."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType
from typing import Final

from pulumi_policy import Policy

from controls import (
    account,
    acm,
    alb,
    aurora,
    backup,
    cloudfront,
    cloudwatch,
    crosscutting,
    dynamodb,
    ec2,
    efs,
    eks,
    elasticache,
    iam,
    kms,
    kubernetes,
    lambda_functions,
    multiregion,
    rds,
    recovery,
    redshift,
    residency,
    route53,
    s3,
    s3_access,
    s3_keeping,
    sdk,
    secretsmanager,
    sns,
    vpc,
    waf,
)
from controls.rules import Rule

MODULES: Final[tuple[ModuleType, ...]] = (
    vpc,
    kms,
    aurora,
    rds,
    dynamodb,
    s3,
    s3_access,
    s3_keeping,
    efs,
    redshift,
    backup,
    secretsmanager,
    lambda_functions,
    alb,
    acm,
    cloudfront,
    route53,
    cloudwatch,
    sns,
    iam,
    crosscutting,
    recovery,
    multiregion,
    residency,
    eks,
    ec2,
    elasticache,
    waf,
    account,
    kubernetes,
)


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Every rule of the listed modules, in their order, and the one that guards what they read."""
    listed = tuple(rule for module in MODULES for rule in module.RULES)
    return (*listed, crosscutting.ignore_guard(listed))


def policies() -> list[Policy]:
    """One policy per rule."""
    return [sdk.policy(rule) for rule in rules()]
