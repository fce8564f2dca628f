"""Rules on Aurora clusters, alone and in a global database: encryption, passwords, TLS, zones and deletion."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, arn_region
from controls.language.graph import Graph
from controls.language.network import check_private_in_two_zones
from controls.language.remediation import Remedy
from controls.language.rules import (
    CRITICAL,
    HIGH,
    Rule,
    check_value,
    require_not_true,
    require_true,
    stack_rule,
)
from controls.language.shapes import check_setting
from controls.language.tokens import (
    CLUSTER,
    CLUSTER_INSTANCE,
    CLUSTER_PARAMETERS,
    DB_SUBNET_GROUP,
    GLOBAL_CLUSTER,
)
from controls.language.verdicts import Fail, Undecided, Verdicts


def joins_global_database(node: Node) -> bool:
    """Returns whether the cluster joins a global database that another cluster has begun.

    A joining member takes data, users and encryption from the writer: it has a source region, or no user of its
    own, and AWS refuses a master username there.
    """
    return node.has("globalClusterIdentifier") and (
        node.has("sourceRegion") or not node.has("masterUsername")
    )


def storage_encrypted(node: Node) -> Verdicts:
    """Storage encryption of a cluster. A joining member inherits it, so it may be left out there; switching it
    off is still wrong."""
    yield from check_value(
        node,
        "storageEncrypted",
        lambda it: it in (True, "true"),
        "set it to true",
        missing_ok=joins_global_database(node),
    )


def made_from_cluster(node: Node) -> Truth:
    """Returns whether a global database is made from a cluster: it takes that one's encryption, and AWS refuses both
    properties together."""
    return node.has("sourceDbClusterIdentifier")


def password_managed(node: Node) -> Verdicts:
    """Master password outside of the program and its state.

    Secrets Manager manages it, except in a global database, where AWS refuses that. There the password must be
    write-only, and ignored afterwards, so that its rotation outside of the program is no change. A joining
    member has no password, and a restored cluster keeps that of its snapshot.
    """
    if node.has("masterPassword"):
        yield Fail(
            "`masterPassword` keeps the password in the state: use manageMasterUserPassword or masterPasswordWo"
        )
    if not node.has("globalClusterIdentifier"):
        restored = any(
            node.has(it)
            for it in ("snapshotIdentifier", "replicationSourceIdentifier", "restoreToPointInTime")
        )
        yield from check_value(
            node,
            "manageMasterUserPassword",
            lambda it: it in (True, "true"),
            "set it to true",
            missing_ok=restored,
        )
    elif not joins_global_database(node):
        if node.flag("manageMasterUserPassword") is True:
            yield Fail(
                "`manageMasterUserPassword` is refused by AWS in a global database: use masterPasswordWo"
            )
        if not node.has("masterPasswordWo"):
            yield Fail("`masterPasswordWo` is missing: give the first password write-only")
        elif "masterPasswordWo" not in node.ignore_changes:
            yield Fail(
                "`masterPasswordWo` isn't ignored: add it to ignoreChanges, so that rotation isn't undone"
            )


def tls_required(node: Node) -> Verdicts:
    """TLS-only connections: `rds.force_ssl` for PostgreSQL, `require_secure_transport` for MySQL; AWS's default
    differs by version."""
    family = node.get("family")
    if family is UNKNOWN:
        yield Undecided("family")
        return
    mysql = isinstance(family, str) and "mysql" in family
    name, right = ("require_secure_transport", ("on", "1")) if mysql else ("rds.force_ssl", ("1",))
    yield from check_setting(node, "parameters", name, right)


def key_of_own_region(graph: Graph) -> Verdicts:
    """KMS key of each member of a global database, which must be one of its own region; AWS refuses any other.

    A key that is named without a region (its id, an alias) is one of the cluster's own region.
    """
    for cluster in graph.of(CLUSTER):
        key, region = cluster.get("kmsKeyId"), cluster.region
        if not cluster.has("globalClusterIdentifier"):
            continue
        if key is MISSING:
            yield Fail("`kmsKeyId` is missing: name a customer-managed key of this region", cluster.urn)
        elif key is UNKNOWN or region is UNKNOWN:
            yield Undecided("kmsKeyId", cluster.urn)
        elif region is not MISSING and arn_region(key) not in ("", region):
            yield Fail(
                "`kmsKeyId` lives in another region: use this region's replica of the key", cluster.urn
            )


def instances_in_two_zones(graph: Graph) -> Verdicts:
    """Two instances of a cluster in two zones. AWS spreads instances that name no zone over those of the subnet
    group."""
    for cluster in graph.of(CLUSTER):
        instances = graph.referrers(CLUSTER_INSTANCE, "clusterIdentifier", cluster)
        zones = [it.get("availabilityZone") for it in instances]
        if len(instances) < 2:
            yield Fail(f"the cluster has {len(instances)} instances: give it two or more", cluster.urn)
        elif MISSING not in zones and len(set(zones) - {UNKNOWN}) < 2:
            if UNKNOWN in zones:
                yield Undecided("availabilityZone", cluster.urn)
            else:
                yield Fail(
                    "all instances are in one zone: leave `availabilityZone` out, or vary it", cluster.urn
                )


def subnets_private(graph: Graph) -> Verdicts:
    yield from check_private_in_two_zones(graph, graph.of(DB_SUBNET_GROUP), "subnetIds")


RULES: Final = (
    Rule(
        "aurora-storage-encrypted",
        CRITICAL,
        CLUSTER,
        storage_encrypted,
        asks="Cluster storage is encrypted",
        fix="Set storageEncrypted to true when the cluster is created; later it would be replaced",
        narrowed="A joining member of a global database takes encryption from it.",
        ids="RDS.27 CIS-3.0:2.3.1 CIS-5.0:2.2.1 CKV_AWS_96",
        reads="storageEncrypted",
        remedy=Remedy({"storageEncrypted": True}, create_only=True),
    ),
    require_true(
        "aurora-global-encrypted",
        CRITICAL,
        GLOBAL_CLUSTER,
        "storageEncrypted",
        unless=made_from_cluster,
        asks="A global database is created encrypted",
        fix="Set storageEncrypted to true when the global cluster is created",
        narrowed="A global database that is made from a cluster takes encryption from it, and AWS refuses both"
        " together.",
        ids="CKV_AWS_140",
        remedy=Remedy({"storageEncrypted": True}, create_only=True),
    ),
    stack_rule(
        "aurora-global-regional-keys",
        HIGH,
        CLUSTER,
        key_of_own_region,
        asks="Each member of a global database uses a key that lives in its own region",
        fix="Make a replica of the multi-region key in the member's region and name its ARN in kmsKeyId",
        reads="kmsKeyId region",
    ),
    require_true(
        "aurora-deletion-protection",
        HIGH,
        CLUSTER,
        "deletionProtection",
        asks="Clusters are protected against deletion by AWS itself",
        fix="Set deletionProtection to true",
        ids="RDS.7 CKV_AWS_139",
        lifted=True,
        remedy=Remedy({"deletionProtection": True}),
    ),
    require_true(
        "aurora-global-deletion-protection",
        HIGH,
        GLOBAL_CLUSTER,
        "deletionProtection",
        asks="Global clusters are protected against deletion by AWS itself",
        fix="Set deletionProtection to true",
        lifted=True,
        remedy=Remedy({"deletionProtection": True}),
    ),
    stack_rule(
        "aurora-instances-multi-az",
        HIGH,
        CLUSTER + CLUSTER_INSTANCE,
        instances_in_two_zones,
        asks="Each cluster has instances in two or more zones",
        fix="Give the cluster a second ClusterInstance and let AWS choose the zones",
        ids="RDS.15 CIS-5.0:2.2.4",
        reads="clusterIdentifier availabilityZone",
    ),
    require_not_true(
        "aurora-instance-not-public",
        CRITICAL,
        CLUSTER_INSTANCE,
        "publiclyAccessible",
        asks="Instances are not publicly accessible",
        fix="Leave publiclyAccessible out",
        ids="RDS.2 CIS-3.0:2.3.3 CIS-5.0:2.2.3 CKV_AWS_17",
        remedy=Remedy({"publiclyAccessible": False}, create_only=True),
    ),
    Rule(
        "aurora-force-ssl",
        HIGH,
        CLUSTER_PARAMETERS,
        tls_required,
        asks="Parameter groups refuse sessions without TLS",
        fix="Set the parameter rds.force_ssl to 1 (MySQL: require_secure_transport to ON)",
        ids="RDS.38 CKV2_AWS_69",
        reads="parameters",
    ),
    Rule(
        "aurora-managed-master-password",
        HIGH,
        CLUSTER,
        password_managed,
        asks="The master password is managed by Secrets Manager, or in a global database write-only",
        fix="Set manageMasterUserPassword; in a global database masterPasswordWo with ignoreChanges on it",
        narrowed="Secrets Manager manages no password in a global database: there it is write-only, and"
        " ignored afterwards. A joining member has none.",
        reads="masterPassword manageMasterUserPassword",
    ),
    stack_rule(
        "aurora-subnets-private",
        CRITICAL,
        DB_SUBNET_GROUP,
        subnets_private,
        asks="DB subnet groups hold only private subnets, in several zones",
        fix="List subnets whose route tables have no route to an internet gateway, in two zones or more",
        ids="RDS.46",
        reads="subnetIds",
    ),
)
