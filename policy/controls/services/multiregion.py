"""Rules on several regions of a platform: members of global databases, replicas of KMS keys, parity of regions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Value, shown_region
from controls.language.graph import Graph, Platform
from controls.language.rules import HIGH, Config, Param, platform_rule
from controls.language.tokens import ANY, CLUSTER, GLOBAL_CLUSTER, KEY, REPLICA_KEY, VPC
from controls.language.verdicts import Fail, Undecided, Verdicts

# Types that a platform has once although it serves all regions, or by the order of its regions: the
# global parts that the first region makes, the warehouse, which is on no recovery path, and peerings and copies
# of files and of images, which belong to one of two.
_ONCE: Final = (
    "aws:dynamodb/table:Table",
    "aws:dynamodb/tableReplica:TableReplica",
    "aws:dynamodb/resourcePolicy:ResourcePolicy",
    "aws:ec2/peeringConnectionOptions:PeeringConnectionOptions",
    "aws:ec2/route:Route",
    "aws:ec2/vpcPeeringConnection:VpcPeeringConnection",
    "aws:ec2/vpcPeeringConnectionAccepter:VpcPeeringConnectionAccepter",
    "aws:ecr/replicationConfiguration:ReplicationConfiguration",
    "aws:efs/replicationConfiguration:ReplicationConfiguration",
    "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup",
    "aws:kms/alias:Alias",
    "aws:kms/key:Key",
    "aws:kms/replicaKey:ReplicaKey",
    "aws:rds/globalCluster:GlobalCluster",
    "aws:rds/integration:Integration",
    "aws:redshift/resourcePolicy:ResourcePolicy",
    "aws:redshiftdata/statement:Statement",
    "aws:redshiftserverless/namespace:Namespace",
    "aws:redshiftserverless/resourcePolicy:ResourcePolicy",
    "aws:redshiftserverless/usageLimit:UsageLimit",
    "aws:redshiftserverless/workgroup:Workgroup",
    "aws:secretsmanager/secret:Secret",
    "aws:secretsmanager/secretPolicy:SecretPolicy",
    "aws:secretsmanager/secretRotation:SecretRotation",
    "aws:secretsmanager/secretVersion:SecretVersion",
)

# Entry points and the clusters behind them: a region with fewer of them carries less when it has to take over.
_COUNTED: Final = (
    "aws:apigateway/restApi:RestApi",
    "aws:ec2/vpc:Vpc",
    "aws:eks/cluster:Cluster",
    "aws:lb/listener:Listener",
    "aws:lb/loadBalancer:LoadBalancer",
)


def members(platform: Platform, database: Node) -> list[Node]:
    """Clusters of a global database, of all stacks."""
    return platform.graph.referrers(CLUSTER, "globalClusterIdentifier", database)


def database_in_two_regions(platform: Platform) -> Verdicts:
    for database in platform.graph.of(GLOBAL_CLUSTER):
        clusters = members(platform, database)
        regions = {it.region for it in clusters}
        unknown = [it for it in platform.graph.of(CLUSTER) if it.get("globalClusterIdentifier") is UNKNOWN]
        if len(regions - {UNKNOWN, MISSING}) >= 2:
            continue
        if unknown or UNKNOWN in regions:
            yield Undecided("globalClusterIdentifier", database.urn)
        else:
            yield Fail(
                f"the database has clusters in {len(regions)} regions: add a member elsewhere", database.urn
            )


def engine_consistent(platform: Platform) -> Verdicts:
    for database in platform.graph.of(GLOBAL_CLUSTER):
        for name in ("engine", "engineVersion"):
            values = [(it, it.get(name)) for it in (database, *members(platform, database))]
            for node, value in values:
                if value is UNKNOWN:
                    yield Undecided(name, node.urn)
            known = {value for _, value in values if isinstance(value, str)}
            if len(known) > 1:
                yield Fail(f"`{name}` differs between its members: use one for all", database.urn)


def keys_replicated(platform: Platform, config: Config) -> Verdicts:
    """Replicas of multi-region KMS keys: in each region of the key's residency, and in none outside of it."""
    for key in platform.graph.of(KEY):
        if key.flag("multiRegion") is not True:
            continue
        replicas = platform.graph.referrers(REPLICA_KEY, "primaryKeyArn", key)
        present = {it.region for it in (key, *replicas)}
        label = key.tag(config["residencyTag"])
        wanted = _residency(label, config["residencies"], config["regions"] or platform.regions)
        if wanted is None or UNKNOWN in present:
            yield Undecided("tags" if wanted is None else "region", key.urn)
            continue
        if missing := sorted(shown_region(it) for it in wanted - present):
            yield Fail(f"the key has no replica in {', '.join(missing)}: add a ReplicaKey there", key.urn)
        if label is not MISSING and label in config["residencies"]:
            for it in replicas:
                if it.region not in config["residencies"][label]:
                    yield Fail("the replica lies outside of its key's residency: take it away", it.urn)


def _residency(label: Value, residencies: dict[str, list[str]], regions: Iterable[str]) -> set[str] | None:
    if label is UNKNOWN:
        return None
    within = residencies.get(label) if isinstance(label, str) else None
    return set(regions) if within is None else set(regions) & set(within)


def regions_alike(platform: Platform, config: Config) -> Verdicts:
    """Parity of regions: the stacks of one region each (those with a VPC) are compared by the types that live there.

    Numbers of resources are compared for entry points only: zones, sizes and memberships of global data differ
    between regions on purpose, and AWS limits the last.
    """
    homes = {region: graph for graph in platform.stacks.values() if (region := _region_of(graph))}
    once = {*config["once"], *config["alsoOnce"]}
    counts = {region: _types(graph, region, once) for region, graph in homes.items()}
    everything = sorted({token for count in counts.values() for token in count})
    for region, count in sorted(counts.items()):
        urn = homes[region].of(VPC)[0].urn
        for token in everything:
            if not count[token]:
                yield Fail(
                    f"{shown_region(region)} has no {token}, and other regions have: add it, or list the type",
                    urn,
                )
            elif token in config["counted"] and count[token] < max(it[token] for it in counts.values()):
                yield Fail(
                    f"{shown_region(region)} has fewer {token} than other regions: add the missing ones", urn
                )


def _region_of(graph: Graph) -> str:
    regions = {it.region for it in graph.of(VPC)} - {UNKNOWN, MISSING}
    return str(next(iter(regions))) if len(regions) == 1 else ""


def _types(graph: Graph, region: str, excluded: Container[str]) -> Counter[str]:
    return Counter(
        it.type
        for it in graph.nodes
        if it.type.startswith("aws:") and it.region == region and it.type not in excluded
    )


RULES: Final = (
    platform_rule(
        "aurora-global-secondary-region",
        HIGH,
        GLOBAL_CLUSTER,
        database_in_two_regions,
        asks="A global database has member clusters in at least two regions",
        fix="Add a cluster with the same globalClusterIdentifier in another region",
        reads="globalClusterIdentifier region",
    ),
    platform_rule(
        "aurora-global-engine-consistent",
        HIGH,
        GLOBAL_CLUSTER + CLUSTER,
        engine_consistent,
        asks="Members of a global database agree on engine and version",
        fix="Take engine and version of all members from one setting",
        reads="engine engineVersion",
    ),
    platform_rule(
        "kms-replica-in-each-region",
        HIGH,
        KEY,
        keys_replicated,
        asks="Multi-region keys have a replica in each region of their residency, and nowhere else",
        fix="Add a ReplicaKey with region set, or keep the key out of the region",
        reads="multiRegion region",
        config={
            "regions": Param([], "Regions of the platform; without any, those that have a VPC"),
            "residencyTag": Param("residency", "Tag that names a key's residency"),
            "residencies": Param({}, "Regions by residency; a residency that isn't listed spans all"),
        },
    ),
    platform_rule(
        "region-parity",
        HIGH,
        ANY,
        regions_alike,
        asks="Every region of the platform has the same types of resources, and as many ways in",
        fix="Make what is missing, or list the type as one that exists once",
        config={
            "once": Param(list(_ONCE), "Types that need not be in every region"),
            "alsoOnce": Param([], "Further ones, of which this platform has no more"),
            "counted": Param(list(_COUNTED), "Types of which every region has as many"),
        },
    ),
)
