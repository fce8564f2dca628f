"""Changes that people, or AWS itself, make outside the program: drift, losses, switchovers, failovers, pushes.

Each function answers with changes, as the cloud's own verbs do; the owner of the resources records and makes them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from rehearsal.cloud.account.quotas import quotas_record
from rehearsal.cloud.health.traffic import OBJECT, STOPPED
from rehearsal.cloud.images import IMAGE, WRITES
from rehearsal.cloud.inventory import DELETIONS, RETAINED, key_of, resource_key
from rehearsal.cloud.outages import ALL_SERVICES, outage_record
from rehearsal.cloud.provider_verbs import Changes, CloudResource
from rehearsal.cloud.zones import zones_record
from rehearsal.values import Value, Values, reveal

GLOBAL_CLUSTER = "aws:rds/globalCluster:GlobalCluster"
CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
DATASTORE = "aws:elasticache/globalReplicationGroup:GlobalReplicationGroup"
CACHE = "aws:elasticache/replicationGroup:ReplicationGroup"
TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
INTEGRATION = "aws:rds/integration:Integration"
BUCKET = "aws:s3/bucket:Bucket"
REPOSITORY = "aws:ecr/repository:Repository"
REGISTRY = "aws:ecr/replicationConfiguration:ReplicationConfiguration"

_LEFT_BEHIND = "needs_attention"

Resources = Mapping[str, CloudResource]


def resources_of(resources: Resources, *types: str) -> list[CloudResource]:
    """Resources of some types that a program made, in the order of their URNs."""
    found = (
        it
        for at, it in resources.items()
        if it.type in types and it.urn and not at.startswith(f"{RETAINED}|")
    )
    return sorted(found, key=lambda resource: resource.urn)


# ---- drift of any resource


def edited(resource: CloudResource, **properties: Value) -> Changes:
    """Sets properties by hand; None removes one."""
    inputs, outputs = dict(resource.inputs), dict(resource.outputs)
    for name, value in properties.items():
        if value is None:
            inputs.pop(name, None)
            outputs.pop(name, None)
        else:
            outputs[name] = value
            if name in inputs:
                inputs[name] = value
    return {key_of(resource): replace(resource, inputs=inputs, outputs=outputs)}


def secret_rotated(resource: CloudResource, **secrets: Value) -> Changes:
    """Sets inputs that can be written and never read: `masterPasswordWo`, for example."""
    return {key_of(resource): replace(resource, inputs={**resource.inputs, **secrets})}


def deleted(resources: Resources, resource: CloudResource) -> Changes:
    """Deletes a resource by hand."""
    before = resources.get(f"{DELETIONS}||{resource.urn}")
    times = 1 + (before.inputs["times"] if before else 0)
    record = CloudResource(DELETIONS, resource.urn, "", resource.urn, {"times": times}, {})
    return {key_of(resource): None, key_of(record): record}


# ---- regions


def region_lost(region: str, service: str = ALL_SERVICES) -> Changes:
    """Outage of a region, or of one service (`rds`) in it. Its resources stay as they are."""
    at, resource = outage_record(region, service)
    return {at: resource}


def region_restored(region: str, service: str = ALL_SERVICES) -> Changes:
    """End of the outage."""
    return {outage_record(region, service)[0]: None}


def stopped(resource: CloudResource) -> Changes:
    """End of what a workload, a load balancer or an API serves, though it is there and unchanged."""
    return edited(resource, **{STOPPED: True})


def started(resource: CloudResource) -> Changes:
    """Return of what was stopped."""
    return edited(resource, **{STOPPED: None})


def quotas_raised(region: str, values: Mapping[str, float]) -> Changes:
    """Another account's quotas in a region, by `service/code`: those that were raised there, all of them."""
    at, record = quotas_record(region, values)
    return {at: record}


def zones_named(region: str, letters: Mapping[str, str]) -> Changes:
    """Another account's zones: the id that each letter of a region stands for there."""
    at, record = zones_record(region, letters)
    return {at: record}


# ---- the ledger
# What AWS reports after each: Aurora user guide, "Using switchover or failover in Amazon Aurora Global Database".


def ledger_members(resources: Resources, database: CloudResource) -> list[CloudResource]:
    """Clusters of a global database."""
    return [
        it
        for it in resources_of(resources, CLUSTER)
        if it.outputs.get("globalClusterIdentifier") == database.id
    ]


def ledger_writer(resources: Resources, database: CloudResource) -> CloudResource | None:
    """Member that replicates from no other; None for a global database that has none."""
    return next((it for it in ledger_members(resources, database) if not _source(it)), None)


def ledger_switched_over(
    resources: Resources, database: CloudResource, to: CloudResource, unreachable: Collection[str] = ()
) -> Changes:
    """Switchover or failover: `to` is the writer, and the others replicate from it.

    Members whose keys are `unreachable` stay as they are.
    """
    changes: dict[str, CloudResource | None] = {}
    for member in ledger_members(resources, database):
        if key_of(member) not in unreachable:
            source = None if member == to else str(to.outputs["arn"])
            changes |= edited(member, replicationSourceIdentifier=source)
            changes |= _roles(resources, member, source)
    return {**changes, **_left_behind(resources, to)}


def deactivated_integrations(resources: Resources) -> list[CloudResource]:
    """Zero-ETL integrations that AWS has deactivated, which none of their properties shows."""
    return [it for it in resources_of(resources, INTEGRATION) if it.outputs.get("__status") == _LEFT_BEHIND]


def _left_behind(resources: Resources, writer: CloudResource) -> Changes:
    """Deactivates the integrations of former writers: they stay so even after a switchover back.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/zero-etl.html#zero-etl.reqs-lims
    """
    changes: dict[str, CloudResource | None] = {}
    for it in resources_of(resources, INTEGRATION):
        if it.outputs["sourceArn"] != writer.outputs["arn"]:
            changes |= edited(it, __status=_LEFT_BEHIND)
    return changes


def former_writer_rejoined(resources: Resources, database: CloudResource, old: CloudResource) -> Changes:
    """Return of the former writer after a failover: as a replica of the present one, under its old name."""
    now = next(it for it in ledger_members(resources, database) if not _source(it) and it.id != old.id)
    source = str(now.outputs["arn"])
    return {**edited(old, replicationSourceIdentifier=source), **_roles(resources, old, source)}


def ledger_member_detached(resources: Resources, member: CloudResource) -> Changes:
    """Detaches a member from its global database: it is a writer of its own."""
    alone = edited(member, globalClusterIdentifier=None, replicationSourceIdentifier=None)
    return {**alone, **_roles(resources, member, None, __global=None)}


def _source(member: CloudResource) -> Value:
    return member.outputs.get("replicationSourceIdentifier")


def _roles(resources: Resources, member: CloudResource, source: str | None, **more: Value) -> Changes:
    """Sets which instance of a cluster is the writer: none if the cluster replicates from another."""
    changes: dict[str, CloudResource | None] = {}
    for number, instance in enumerate(_instances(resources, member)):
        changes |= edited(instance, writer=source is None and number == 0, __source=source, **more)
    return changes


def _instances(resources: Resources, member: CloudResource) -> Iterator[CloudResource]:
    for it in resources_of(resources, INSTANCE):
        if it.region == member.region and it.outputs.get("clusterIdentifier") == member.id:
            yield it


# ---- the global cache
# ElastiCache user guide, "Promoting a secondary cluster in a Global Datastore".


def cache_members(resources: Resources, datastore: CloudResource) -> list[CloudResource]:
    """Replication groups of a global datastore."""
    return [
        it
        for it in resources_of(resources, CACHE)
        if it.outputs.get("globalReplicationGroupId") == datastore.id or _is_primary(it, datastore)
    ]


def cache_primary_moved(resources: Resources, datastore: CloudResource, to: CloudResource) -> Changes:
    """Promotes another member to primary, whose id the datastore reads back; the former one replicates from it."""
    changes = dict(edited(datastore, primaryReplicationGroupId=to.id))
    for member in cache_members(resources, datastore):
        changes |= edited(member, globalReplicationGroupId=datastore.id)
    return changes


def _is_primary(group: CloudResource, datastore: CloudResource) -> bool:
    return datastore.outputs.get("primaryReplicationGroupId") == group.id


# ---- objects


def object_put(resources: Resources, bucket: str, key: str) -> Changes:
    """Put of an object by hand. Raises KeyError for a bucket that isn't there."""
    region = {it.id: it.region for it in resources_of(resources, BUCKET)}[bucket]
    item = CloudResource(OBJECT, f"{bucket}/{key}", region, "", {"bucket": bucket, "key": key}, {})
    return {key_of(item): item}


def object_deleted(resources: Resources, bucket: str, key: str) -> Changes:
    """Deletion of an object by hand."""
    return dict.fromkeys(object_put(resources, bucket, key))


# ---- images
# ECR user guide, "Private image replication in Amazon ECR": what is pushed is copied, what was there before is not.


def image_pushed(
    resources: Resources, repository: CloudResource, digest: str, tag: str, writes: Sequence[str] = ()
) -> Changes:
    """Push of an image, and its replication to the regions that the registry of the repository's region names.

    Where a region has no such repository, replication makes one, which belongs to no stack. `writes` are paths that
    the image's process writes, without which it ends.
    """
    image: Values = {"imageDigest": digest, "imageTags": [tag], WRITES: list(writes)}
    changes = dict(_image(repository.id, repository.region, image))
    for region in _replicated_to(resources, repository):
        at = resource_key(REPOSITORY, region, repository.id)
        if at not in resources:
            changes[at] = replace(
                repository, region=region, urn="", inputs={"name": repository.id}, outputs={}
            )
        changes |= _image(repository.id, region, image)
    return changes


def _image(repository: str, region: str, image: Values) -> Changes:
    inputs = {"repositoryName": repository, **image}
    made = CloudResource(IMAGE, f"{repository}@{image['imageDigest']}", region, "", inputs, {})
    return {key_of(made): made}


def _replicated_to(resources: Resources, repository: CloudResource) -> Iterator[str]:
    for it in resources_of(resources, REGISTRY):
        configuration = reveal(it.inputs["replicationConfiguration"])
        for rule in configuration.get("rules", ()) if it.region == repository.region else ():
            filters = [one["filter"] for one in rule.get("repositoryFilters", ())]
            if not filters or any(repository.id.startswith(prefix) for prefix in filters):
                yield from (one["region"] for one in rule["destinations"])
