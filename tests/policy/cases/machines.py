"""Cases of the rules on clusters' access, machines, images and load balancers."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.writing import ACCOUNT, doubtful, policy

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
IDENTITY = "aws:eks/podIdentityAssociation:PodIdentityAssociation"
PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
GROUP = "aws:autoscaling/group:Group"
REPOSITORY = "aws:ecr/repository:Repository"
REPOSITORY_POLICY = "aws:ecr/repositoryPolicy:RepositoryPolicy"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
TARGETS = "aws:lb/targetGroup:TargetGroup"

LOGS = ["api", "audit", "authenticator", "controllerManager", "scheduler"]
ROLE = f"arn:aws:iam::{ACCOUNT}:role/castle"


def nodes(version: Any, cluster: Any = "1.35") -> list[Res]:
    """A node group and its cluster."""
    return [
        Res(CLUSTER, {"name": "castle"} | ({} if cluster is None else {"version": cluster}), "cluster"),
        Res(NODES, {"clusterName": "castle"} | ({} if version is None else {"version": version}), "nodes"),
    ]


def identity(**needs: Any) -> list[Res]:
    return [Res(CLUSTER, {}, "cluster"), Res(IDENTITY, {"clusterName": UNKNOWN}, "identity", needs)]


def switch(path: str) -> Cases:
    """The cases of a switch that AWS leaves off, of load balancers that read HTTP."""
    head, _, rest = path.partition(".")

    def on(value: Any) -> dict[str, Any]:
        return {head: {rest: value}} if rest else {head: value}

    return Cases(
        BALANCER,
        compliant=on(True),
        violating=on(False),
        missing=broken({}),
        unknown=on(UNKNOWN),
        more={
            "one that reads no HTTP": kept({"loadBalancerType": "network"}),
            "one for appliances": kept({"loadBalancerType": "gateway"}),
            "perhaps one that reads no HTTP": undecided({"loadBalancerType": UNKNOWN}),
        },
    )


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
    "launch-template-hop-limit": Cases(
        TEMPLATE,
        compliant={"metadataOptions": {"httpPutResponseHopLimit": 1}},
        violating={"metadataOptions": {"httpPutResponseHopLimit": 2}},
        missing=kept({}),
        unknown={"metadataOptions": {"httpPutResponseHopLimit": UNKNOWN}},
    ),
    "autoscaling-group-multi-az": Cases(
        GROUP,
        compliant={"vpcZoneIdentifiers": [UNKNOWN, UNKNOWN]},
        violating={"vpcZoneIdentifiers": ["subnet-1"]},
        missing=broken({}),
        unknown={"vpcZoneIdentifiers": UNKNOWN},
        more={"by zones": kept({"availabilityZones": ["a", "b"]})},
    ),
    "autoscaling-uses-launch-template": Cases(
        GROUP,
        compliant={"launchTemplate": {"id": UNKNOWN}},
        violating={"launchConfiguration": "old"},
        missing=broken({}),
        unknown=kept({"launchTemplate": UNKNOWN}),
        more={
            "among several kinds of machines": kept(
                {"mixedInstancesPolicy": {"launchTemplate": {"x": UNKNOWN}}}
            ),
            "both": broken({"launchConfiguration": UNKNOWN, "launchTemplate": {"id": UNKNOWN}}),
        },
    ),
    "ecr-scan-on-push": Cases(
        REPOSITORY,
        compliant={"imageScanningConfiguration": {"scanOnPush": True}},
        violating={"imageScanningConfiguration": {"scanOnPush": False}},
        missing=broken({}),
        unknown={"imageScanningConfiguration": {"scanOnPush": UNKNOWN}},
    ),
    "ecr-tags-immutable": Cases(
        REPOSITORY,
        compliant={"imageTagMutability": "IMMUTABLE"},
        violating={"imageTagMutability": "MUTABLE"},
        missing=broken({}),
        unknown={"imageTagMutability": UNKNOWN},
    ),
    "ecr-policy-not-public": Cases(
        REPOSITORY_POLICY,
        compliant=policy(Principal={"AWS": ROLE}, Action="ecr:BatchGetImage"),
        violating=policy(Principal="*", Action="ecr:BatchGetImage"),
        missing=kept({}),
        unknown=doubtful(Principal=UNKNOWN, Action="ecr:BatchGetImage"),
    ),
    "alb-drop-invalid-headers": switch("dropInvalidHeaderFields"),
    "alb-access-logs": switch("accessLogs.enabled"),
    "alb-desync-mitigation": Cases(
        BALANCER,
        compliant={"desyncMitigationMode": "strictest"},
        violating={"desyncMitigationMode": "monitor"},
        missing=kept({}),
        unknown={"desyncMitigationMode": UNKNOWN},
        more={"as AWS does when nothing is said": kept({"desyncMitigationMode": "defensive"})},
    ),
    "alb-deletion-protection": Cases(
        BALANCER,
        compliant={"enableDeletionProtection": True},
        violating={"enableDeletionProtection": False},
        missing=broken({}),
        unknown={"enableDeletionProtection": UNKNOWN},
        more={"one that reads no HTTP": broken({"loadBalancerType": "network"})},
    ),
    "alb-multi-az": Cases(
        BALANCER,
        compliant={"subnets": [UNKNOWN, UNKNOWN]},
        violating={"subnets": ["subnet-1"]},
        missing=broken({}),
        unknown={"subnets": UNKNOWN},
        more={"by mappings": kept({"subnetMappings": [{"subnetId": "a"}, {"subnetId": "b"}]})},
    ),
    "target-group-encrypted-protocol": Cases(
        TARGETS,
        compliant={"protocol": "HTTPS"},
        violating={"protocol": "HTTP"},
        missing=broken({}),
        unknown={"protocol": UNKNOWN},
        more={
            **{f"over {it}": kept({"protocol": it}) for it in ("TLS", "QUIC", "TCP_QUIC")},
            "functions": kept({"targetType": "lambda"}),
            "a balancer behind one": kept({"targetType": "alb", "protocol": "TCP"}),
            "appliances": kept({"protocol": "GENEVE"}),
            "perhaps functions": undecided({"targetType": UNKNOWN}),
        },
    ),
}
