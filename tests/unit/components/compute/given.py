"""A service as both runtimes are given it."""

from __future__ import annotations

import dataclasses
from typing import Any

from components.compute.service_args import ServiceArgs, ServiceTarget
from components.security_group_rules import EgressRule

DIGEST = "sha256:" + "ab" * 32
KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"


def target(balancer: str, **cidrs: str) -> ServiceTarget:
    return ServiceTarget(
        arn=f"arn:{balancer}-target",
        metrics_name=f"targetgroup/{balancer}/1",
        balancer_metrics_name=f"app/{balancer}/2",
        balancer_group_id=f"sg-{balancer}",
        balancer_cidrs=cidrs,
    )


def service(**changes: Any) -> ServiceArgs:
    args = ServiceArgs(
        service="market-data",
        account="123456789012",
        region="eu-west-1",
        repository="castle/market-data",
        digest=DIGEST,
        port=8443,
        health_path="/healthz",
        environment={"CELL": "eu-west-1"},
        role_arn="arn:aws:iam::123456789012:role/castle-eu-west-1-market-data",
        cpu=0.5,
        memory=1024,
        least=3,
        most=30,
        requests=100,
        spot=0,
        targets={
            "api": target("api", a="10.1.0.0/19", b="10.1.64.0/19"),
            "stream": target("stream", a="10.1.36.0/22"),
        },
        egress={
            "internet": EgressRule(443, "0.0.0.0/0"),
            "endpoints": EgressRule(443, "10.1.0.0/19"),
            "cache": EgressRule(6379, "10.1.32.0/22"),
        },
        key_arn=KEY,
        log_days=400,
        alarm_topic_arn="arn:topic",
    )
    return dataclasses.replace(args, **changes)
