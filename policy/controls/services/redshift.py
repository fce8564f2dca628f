"""Rules on Redshift clusters and Redshift Serverless: access, passwords, TLS, encryption, logs, snapshots."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from controls.language.facts import UNKNOWN, Node, all_of
from controls.language.graph import Graph
from controls.language.network import ingress_rules
from controls.language.remediation import Remedy
from controls.language.rules import (
    CRITICAL,
    HIGH,
    MEDIUM,
    Param,
    Rule,
    check_value,
    means_true,
    require_not_false,
    require_not_true,
    require_true,
    stack_rule,
)
from controls.language.shapes import (
    check_name_not_in,
    check_setting,
    missing_companion,
    require_min_days,
    require_present,
)
from controls.language.tokens import (
    INGRESS_RULE,
    SECURITY_GROUP,
    SECURITY_GROUP_RULE,
    WAREHOUSE,
    WAREHOUSE_LOGGING,
    WAREHOUSE_NAMESPACE,
    WAREHOUSE_PARAMETERS,
    WORKGROUP,
)
from controls.language.verdicts import Fail, Undecided, Verdicts

_PORT: Final = 5439  # where warehouses listen when nothing is said
_LOGS: Final = ("connectionlog", "userlog")


def tls_in_clusters(node: Node) -> Verdicts:
    yield from check_setting(node, "parameters", "require_ssl", ("true", "1"))


def tls_in_workgroups(node: Node) -> Verdicts:
    yield from check_setting(
        node,
        "configParameters",
        "require_ssl",
        ("true", "1"),
        key="parameterKey",
        value="parameterValue",
    )


def password_managed(node: Node) -> Verdicts:
    """Admin password in Secrets Manager. A namespace may do without an administrator, and a restored cluster
    keeps that of its snapshot."""
    serverless = node.type in WAREHOUSE_NAMESPACE
    name = "adminUserPassword" if serverless else "masterPassword"
    managed = "manageAdminPassword" if serverless else "manageMasterPassword"
    for path in (name, f"{name}Wo"):
        if node.has(path):
            yield Fail(f"`{path}` is a password that the program knows: use {managed} instead")
    snapshots = ("snapshotIdentifier", "snapshotArn", "snapshotClusterIdentifier")
    exempt = serverless or any(node.has(it) for it in snapshots)
    yield from check_value(node, managed, means_true, "set it to true", missing_ok=exempt)


def port_not_public(graph: Graph) -> Verdicts:
    for node in graph.of(WAREHOUSE + WORKGROUP):
        name = "securityGroupIds" if node.type in WORKGROUP else "vpcSecurityGroupIds"
        port = node.get("port")
        for rule in _inbound(graph, node, name):
            for ingress in ingress_rules(rule):
                admits = (
                    UNKNOWN if port is UNKNOWN else ingress.admits(port if isinstance(port, int) else _PORT)
                )
                exposed = all_of(ingress.any_public_address, admits)
                if exposed is UNKNOWN:
                    yield Undecided(ingress.path or "cidr and ports", rule.urn)
                elif exposed is True:
                    yield Fail(
                        "it opens the port of a warehouse to more than private ranges: name a security group,"
                        " or a private range",
                        rule.urn,
                    )


def _inbound(graph: Graph, node: Node, name: str) -> Iterator[Node]:
    """Security groups of a warehouse, and the ingress rules that are resources of their own."""
    for group in graph.targets(node, name, SECURITY_GROUP):
        yield group
        yield from graph.referrers(SECURITY_GROUP_RULE + INGRESS_RULE, "securityGroupId", group)


def audit_logged(graph: Graph) -> Verdicts:
    for cluster in graph.of(WAREHOUSE):
        if not graph.referrers(WAREHOUSE_LOGGING, "clusterIdentifier", cluster):
            message = "who does what in it isn't logged: add a redshift.Logging"
            yield missing_companion(graph, cluster, WAREHOUSE_LOGGING, "clusterIdentifier", message)


def logs_exported(node: Node) -> Verdicts:
    exports = node.get("logExports")
    listed = exports if isinstance(exports, list) else []
    missing = [it for it in _LOGS if it not in listed]
    if missing and (exports is UNKNOWN or UNKNOWN in listed):
        yield Undecided("logExports")
    elif missing:
        yield Fail(f"`logExports` lacks {', '.join(missing)}: add it")


RULES: Final = (
    require_not_true(
        "redshift-not-public",
        CRITICAL,
        WAREHOUSE,
        "publiclyAccessible",
        asks="Clusters are not publicly accessible",
        fix="Leave publiclyAccessible out",
        ids="Redshift.1 CKV_AWS_87",
        remedy=Remedy({"publiclyAccessible": False}),
    ),
    require_not_true(
        "redshift-serverless-not-public",
        CRITICAL,
        WORKGROUP,
        "publiclyAccessible",
        asks="Serverless workgroups are not publicly accessible",
        fix="Leave publiclyAccessible out",
        ids="RedshiftServerless.3",
        remedy=Remedy({"publiclyAccessible": False}),
    ),
    Rule(
        "redshift-ssl-required",
        HIGH,
        WAREHOUSE_PARAMETERS,
        tls_in_clusters,
        asks="Parameter groups refuse sessions without TLS",
        fix="Set the parameter require_ssl to true",
        ids="Redshift.2 CKV_AWS_105",
        reads="parameters",
    ),
    require_true(
        "redshift-enhanced-vpc-routing",
        HIGH,
        WAREHOUSE,
        "enhancedVpcRouting",
        asks="What clusters copy and unload stays in the network",
        fix="Set enhancedVpcRouting to true",
        ids="Redshift.7 CKV_AWS_321",
    ),
    require_true(
        "redshift-encrypted",
        HIGH,
        WAREHOUSE,
        "encrypted",
        asks="Clusters are encrypted at rest",
        fix="Set encrypted to true",
        ids="Redshift.10 CKV_AWS_64",
        remedy=Remedy({"encrypted": "true"}, create_only=True),
    ),
    stack_rule(
        "redshift-security-group-restricted",
        HIGH,
        WAREHOUSE + WORKGROUP,
        port_not_public,
        asks="The port of a warehouse is open to named groups and private ranges only",
        fix="Name a security group or a private range as the source",
        ids="Redshift.15",
        reads="vpcSecurityGroupIds securityGroupIds port",
    ),
    require_present(
        "redshift-subnet-group-explicit",
        HIGH,
        WAREHOUSE,
        "clusterSubnetGroupName",
        message="name a subnet group of your own",
        asks="Clusters name a subnet group, so that they land in the network that is meant",
        fix="Make a SubnetGroup of private subnets and name it in clusterSubnetGroupName",
        ids="CKV_AWS_154",
    ),
    Rule(
        "redshift-managed-admin-password",
        HIGH,
        WAREHOUSE + WAREHOUSE_NAMESPACE,
        password_managed,
        asks="The administrator's password is managed by Secrets Manager",
        fix="Set manageMasterPassword, or manageAdminPassword of a serverless namespace",
        reads="masterPassword manageMasterPassword adminUserPassword manageAdminPassword",
    ),
    require_min_days(
        "redshift-snapshot-retention",
        MEDIUM,
        WAREHOUSE,
        "automatedSnapshotRetentionPeriod",
        Param(7, "Fewest days that a snapshot is kept"),
        asks="Automated snapshots are kept for at least the configured days",
        fix="Set automatedSnapshotRetentionPeriod",
        ids="Redshift.3 CKV_AWS_343",
    ),
    stack_rule(
        "redshift-audit-logging",
        MEDIUM,
        WAREHOUSE,
        audit_logged,
        asks="Each cluster logs who does what",
        fix="Add a redshift.Logging for the cluster",
        ids="Redshift.4 CKV_AWS_71",
    ),
    require_not_false(
        "redshift-version-upgrade",
        MEDIUM,
        WAREHOUSE,
        "allowVersionUpgrade",
        asks="Versions are upgraded in the maintenance window",
        fix="Leave allowVersionUpgrade out",
        ids="Redshift.6 CKV_AWS_141",
        remedy=Remedy({"allowVersionUpgrade": True}),
    ),
    Rule(
        "redshift-custom-admin-username",
        MEDIUM,
        WAREHOUSE,
        check_name_not_in("masterUsername", ("awsuser",), "choose another name"),
        asks="The administrator has a name that nobody guesses first",
        fix="Set masterUsername to something other than awsuser",
        ids="Redshift.8 CKV_AWS_391",
        reads="masterUsername",
    ),
    require_true(
        "redshift-multi-az",
        MEDIUM,
        WAREHOUSE,
        "multiAz",
        asks="Clusters run in two zones",
        fix="Set multiAz to true",
        ids="Redshift.18",
    ),
    require_true(
        "redshift-serverless-vpc-routing",
        MEDIUM,
        WORKGROUP,
        "enhancedVpcRouting",
        asks="What serverless workgroups copy and unload stays in the network",
        fix="Set enhancedVpcRouting to true",
        ids="RedshiftServerless.1",
    ),
    Rule(
        "redshift-serverless-ssl-required",
        MEDIUM,
        WORKGROUP,
        tls_in_workgroups,
        asks="Serverless workgroups refuse sessions without TLS",
        fix="Set the configuration parameter require_ssl to true",
        ids="RedshiftServerless.2",
        reads="configParameters",
    ),
    require_present(
        "redshift-serverless-cmk",
        MEDIUM,
        WAREHOUSE_NAMESPACE,
        "kmsKeyId",
        message="name a customer-managed key",
        asks="Serverless namespaces use a customer-managed key",
        fix="Name a key of this region in kmsKeyId",
        ids="RedshiftServerless.4 CKV_AWS_282",
    ),
    Rule(
        "redshift-serverless-logs-exported",
        MEDIUM,
        WAREHOUSE_NAMESPACE,
        logs_exported,
        asks="Serverless namespaces export the logs of connections and users",
        fix="List connectionlog and userlog in logExports",
        ids="RedshiftServerless.6",
        reads="logExports",
    ),
)
