"""Aurora clusters in a global database."""

from __future__ import annotations

from typing import Any

from tests.policy.asking import Res

CLUSTER = "aws:rds/cluster:Cluster"


def member(**props: Any) -> Res:
    return Res(CLUSTER, {"globalClusterIdentifier": "ledger", "region": "eu-west-1", **props})
