"""Rules on EKS access and operations: access entries, identities of pods, node versions, control-plane logs."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, as_list
from controls.language.graph import Graph
from controls.language.rules import MEDIUM, Config, Param, Rule, require_value, stack_rule
from controls.language.shapes import parse_version
from controls.language.tokens import EKS_CLUSTER, NODE_GROUP, OIDC_PROVIDER, POD_IDENTITY
from controls.language.verdicts import Fail, Undecided, Verdicts

_LOGS: Final = ("api", "audit", "authenticator", "controllerManager", "scheduler")


def logs_complete(node: Node) -> Verdicts:
    listed = as_list(node.get("enabledClusterLogTypes"))
    missing = [it for it in _LOGS if it not in listed]
    if missing and UNKNOWN in listed:
        yield Undecided("enabledClusterLogTypes")
    elif missing:
        yield Fail(f"`enabledClusterLogTypes` lacks {', '.join(missing)}: list all five")


def node_versions_close(graph: Graph, config: Config) -> Verdicts:
    """Version skew of node groups. AWS gives one without a version that of its cluster on the day when it is made."""
    for group in graph.of(NODE_GROUP):
        version = group.get("version")
        for cluster in graph.targets(group, "clusterName", EKS_CLUSTER):
            newest = cluster.get("version")
            if UNKNOWN in (version, newest):
                yield Undecided("version", group.urn)
            elif version is not MISSING and newest is not MISSING:
                ours, theirs = parse_version(str(version)), parse_version(str(newest))
                if ours[:1] != theirs[:1] or theirs[1:2] > (ours[1] + config["skew"],):
                    yield Fail(
                        f"`version` is more than {config['skew']} versions behind the cluster's: raise it",
                        group.urn,
                    )


def workload_identity_present(graph: Graph) -> Verdicts:
    """IAM identities for pods: an OIDC provider or a pod identity association. A provider names its cluster by
    its URL only, so one of them suffices for all clusters."""
    if graph.of(OIDC_PROVIDER):
        return
    for cluster in graph.of(EKS_CLUSTER):
        if graph.referrers(POD_IDENTITY, "clusterName", cluster):
            continue
        if graph.may_reference(POD_IDENTITY, "clusterName", cluster):
            yield Undecided("clusterName", cluster.urn)
        else:
            yield Fail("its pods get at AWS by their node's role: add a PodIdentityAssociation", cluster.urn)


RULES: Final = (
    Rule(
        "eks-control-plane-logs-complete",
        MEDIUM,
        EKS_CLUSTER,
        logs_complete,
        asks="All five logs of the control plane are shipped",
        fix="List api, audit, authenticator, controllerManager and scheduler in enabledClusterLogTypes",
        ids="EKS.8 EKS-1.8:2.1.1 CKV_AWS_37",
        reads="enabledClusterLogTypes",
    ),
    stack_rule(
        "eks-nodegroup-version-matches-cluster",
        MEDIUM,
        EKS_CLUSTER + NODE_GROUP,
        node_versions_close,
        asks="Node groups are no further behind their cluster's version than allowed",
        fix="Take version of the node group from the cluster",
        ids="EKS.9",
        reads="version clusterName",
        config={"skew": Param(1, "How many minor versions a node group may be behind")},
    ),
    require_value(
        "eks-access-entries-only",
        MEDIUM,
        EKS_CLUSTER,
        "accessConfig.authenticationMode",
        lambda it: it == "API",
        message="set it to API",
        asks="People and nodes enter a cluster by access entries only",
        fix="Set accessConfig.authenticationMode to API",
        ids="EKS-1.8:4.1.7",
    ),
    stack_rule(
        "eks-workload-identity-present",
        MEDIUM,
        EKS_CLUSTER + POD_IDENTITY + OIDC_PROVIDER,
        workload_identity_present,
        asks="Pods have identities of their own at AWS",
        fix="Add a PodIdentityAssociation for each service account that calls AWS",
        ids="EKS-1.8:5.2.1",
        reads="clusterName",
        narrowed="Which pods call AWS shows nowhere: a cluster fails in which no pod has an identity.",
    ),
)
