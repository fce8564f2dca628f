"""Cases of the rules on access to EKS clusters, identities of their pods and their logs."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]


def nodes(version: Any, cluster: Any = "1.35") -> list[Res]:
    """A node group and its cluster."""
    return [
        Res(CLUSTER, {"name": "castle"} | ({} if cluster is None else {"version": cluster}), "cluster"),
        Res(NODES, {"clusterName": "castle"} | ({} if version is None else {"version": version}), "nodes"),
    ]


def identity(**needs: Any) -> list[Res]:
    return [Res(CLUSTER, {}, "cluster"), Res(IDENTITY, {"clusterName": UNKNOWN}, "identity", needs)]


CASES = {
    "eks-control-plane-logs-complete": Cases(
        CLUSTER,
        compliant={"enabledClusterLogTypes": LOGS},
        violating={"enabledClusterLogTypes": LOGS[1:]},
        missing=broken({}),
        unknown={"enabledClusterLogTypes": [*LOGS[1:], UNKNOWN]},
        more={
            **{
                f"without {it}": broken({"enabledClusterLogTypes": [log for log in LOGS if log != it]})
                for it in LOGS
            },
            "all of them, beside another": kept({"enabledClusterLogTypes": [*LOGS, UNKNOWN]}),
        },
    ),
    "eks-nodegroup-version-matches-cluster": Cases(
        NODES,
        compliant=nodes("1.34"),
        violating=nodes("1.33"),
        missing=kept(nodes(None)),
        unknown=nodes(UNKNOWN),
        more={
            "further behind, as configured": kept(nodes("1.33"), skew=2),
            "another age": broken(nodes("1.35", "2.0")),
            "a cluster without a version": kept(nodes("1.33", cluster=None)),
            "a cluster of another stack": kept(nodes("1.33")[1:]),
        },
    ),
    "eks-access-entries-only": Cases(
        CLUSTER,
        compliant={"accessConfig": {"authenticationMode": "API"}},
        violating={"accessConfig": {"authenticationMode": "API_AND_CONFIG_MAP"}},
        missing=broken({}),
        unknown={"accessConfig": {"authenticationMode": UNKNOWN}},
    ),
    "eks-workload-identity-present": Cases(
        CLUSTER,
        compliant=identity(clusterName=["cluster"]),
        violating=[Res(CLUSTER, {"name": "a"}, "cluster"), Res(IDENTITY, {"clusterName": "b"}, "identity")],
        missing=broken([Res(CLUSTER, {}, "cluster")]),
        unknown=identity(),
        more={"by tokens": kept([Res(CLUSTER, {}, "cluster"), Res(PROVIDER, {}, "provider")])},
    ),
}
