"""Cases of the rules on several stacks: regions, replicas and their keys."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept
from tests.policy.subjects.aurora import member

KEY = "aws:kms/key:Key"
GLOBAL = "aws:rds/globalCluster:GlobalCluster"
TOPIC = "aws:sns/topic:Topic"
VPC = "aws:ec2/vpc:Vpc"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def cell(region: Any, *types: str) -> list[Res]:
    return [Res(it, {"region": region}, f"r{i}") for i, it in enumerate((VPC, *types))]


CASES = {
    "kms-replica-in-each-region": Cases(
        KEY,
        compliant={
            "a": [
                Res(KEY, {"multiRegion": True, "region": "us-east-1"}, "key"),
                Res(
                    "aws:kms/replicaKey:ReplicaKey", {"region": "eu-west-1"}, "r", {"primaryKeyArn": ["key"]}
                ),
                Res("aws:ec2/vpc:Vpc", {"region": "us-east-1"}, "vpc"),
            ],
            "b": [Res("aws:ec2/vpc:Vpc", {"region": "eu-west-1"}, "vpc")],
        },
        violating={
            "a": [
                Res(KEY, {"multiRegion": True, "region": "us-east-1"}),
                Res("aws:ec2/vpc:Vpc", {"region": "us-east-1"}, "vpc"),
            ],
            "b": [Res("aws:ec2/vpc:Vpc", {"region": "eu-west-1"}, "vpc")],
        },
        missing=kept({"a": [Res(KEY, {})]}),
        unknown={"a": [Res(KEY, {"multiRegion": True, "region": UNKNOWN})]},
        more={
            "inside its residency": kept(
                {"a": [Res(KEY, {"multiRegion": True, "region": "eu-west-1", "tags": {"residency": "eu"}})]},
                regions=["us-east-1", "eu-west-1"],
                residencies={"eu": ["eu-west-1"]},
            ),
            "a replica outside of its residency": broken(
                {
                    "a": [
                        Res(
                            KEY,
                            {"multiRegion": True, "region": "eu-west-1", "tags": {"residency": "eu"}},
                            "key",
                        ),
                        Res(
                            "aws:kms/replicaKey:ReplicaKey",
                            {"region": "us-east-1"},
                            "r",
                            {"primaryKeyArn": ["key"]},
                        ),
                    ]
                },
                regions=["us-east-1", "eu-west-1"],
                residencies={"eu": ["eu-west-1"]},
            ),
        },
    ),
    "aurora-global-secondary-region": Cases(
        GLOBAL,
        compliant={
            "a": [Res(GLOBAL, {"id": "ledger"}, "gc"), member(region="us-east-1")],
            "b": [member()],
        },
        violating={"a": [Res(GLOBAL, {"id": "ledger"}, "gc"), member()]},
        missing=broken({"a": [Res(GLOBAL, {"id": "ledger"})]}),
        unknown={"a": [Res(GLOBAL, {"id": "ledger"}, "gc"), member(globalClusterIdentifier=UNKNOWN)]},
    ),
    "aurora-global-engine-consistent": Cases(
        GLOBAL,
        compliant={
            "a": [Res(GLOBAL, {"id": "ledger", "engineVersion": "16.4"}, "gc"), member(engineVersion="16.4")]
        },
        violating={
            "a": [Res(GLOBAL, {"id": "ledger", "engineVersion": "16.4"}, "gc"), member(engineVersion="15.4")]
        },
        missing=kept({"a": [Res(GLOBAL, {"id": "ledger"}, "gc"), member()]}),
        unknown={
            "a": [Res(GLOBAL, {"id": "ledger", "engineVersion": UNKNOWN}, "gc"), member(engineVersion="15.4")]
        },
    ),
    "region-parity": Cases(
        VPC,
        compliant={"a": cell("us-east-1", BALANCER), "b": cell("eu-west-1", BALANCER)},
        violating={"a": cell("us-east-1", BALANCER), "b": cell("eu-west-1")},
        missing=kept({"a": [Res(TOPIC, {"region": "us-east-1"})]}),
        unknown=kept({"a": [Res(VPC, {"region": UNKNOWN})]}),
        more={
            "fewer ways in": broken(
                {"a": cell("us-east-1", BALANCER, BALANCER), "b": cell("eu-west-1", BALANCER)}
            ),
            "what exists once": kept(
                {"a": cell("us-east-1", "aws:rds/globalCluster:GlobalCluster"), "b": cell("eu-west-1")}
            ),
            "what this platform has once": kept(
                {"a": cell("us-east-1", TOPIC), "b": cell("eu-west-1")}, alsoOnce=[TOPIC]
            ),
            "a stack without a network": kept(
                {
                    "a": cell("us-east-1"),
                    "b": cell("eu-west-1"),
                    "edge": [Res(TOPIC, {"region": "us-east-1"})],
                }
            ),
        },
    ),
}
