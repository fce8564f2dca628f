"""Invariants of every resource of every stack, whoever wrote it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from fnmatch import fnmatchcase

from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic
from rehearsal.engine.records import Resource
from rehearsal.values import Secret, Value, has_secret, parts, reveal
from settings.catalogue import SERVICES
from tests.stacks.platform import Platform

REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"


def strings(resource: Resource) -> list[str]:
    return [part for part in parts(resource.inputs) if isinstance(part, str)]


def region_of(resource: Resource, platform: Platform) -> str:
    """The region that a resource is in: its own, or its provider's."""
    own = resource.inputs.get("region")
    if isinstance(own, str):
        return own
    provider = urns.split_reference(resource.provider)[0]
    regions = {r.urn: r.inputs.get("region") for _, r in platform.resources() if r.is_provider}
    # What is in a cluster is where the cell is.
    cell = resource.urn.removeprefix("urn:pulumi:").split("::")[0]
    return regions[provider] or cell


def test_nothing_is_warned_about(platform: Platform) -> None:
    events = [event for result in platform.results.values() for event in result.events]
    assert [event for event in events if isinstance(event, Diagnostic)] == []


def test_ignored_changes_are_written_in_the_providers_own_words(platform: Platform) -> None:
    ignored = {path for _, resource in platform.resources() for path in resource.ignore_changes}
    assert ignored
    assert not {path for path in ignored if "_" in path}


def test_no_input_is_the_text_of_an_output(platform: Platform) -> None:
    assert not [
        r.urn for _, r in platform.resources() if any("Calling __str__" in text for text in strings(r))
    ]


def test_a_replica_of_a_key_can_go_with_its_cell(platform: Platform) -> None:
    """It holds nothing that its primary doesn't, and `up` of the birth cell removes it when a cell has left."""
    assert not [r.urn for r in platform.of("aws:kms/replicaKey:ReplicaKey") if r.protect]


def test_a_joining_member_of_the_ledger_has_what_aws_asks_and_none_of_what_it_refuses(
    platform: Platform,
) -> None:
    clusters = {stack: r for stack, r in platform.resources() if r.type == "aws:rds/cluster:Cluster"}
    assert len(clusters) == 3
    joining = {stack: r for stack, r in clusters.items() if stack != "us-east-1"}
    refused = {
        "masterUsername",
        "masterPassword",
        "masterPasswordWo",
        "databaseName",
        "replicationSourceIdentifier",
    }
    for stack, cluster in joining.items():
        assert not refused & cluster.inputs.keys()
        assert cluster.inputs["sourceRegion"] == "us-east-1"
        assert f":kms:{stack}:" in cluster.inputs["kmsKeyId"]


def test_a_joining_member_of_the_cache_has_nothing_that_aws_refuses_beside_the_datastore(
    platform: Platform,
) -> None:
    refused = {
        *("numNodeGroups", "parameterGroupName", "engine", "engineVersion", "nodeType", "securityGroupNames"),
        *("transitEncryptionEnabled", "atRestEncryptionEnabled", "snapshotArns", "snapshotName"),
    }
    groups = platform.of("aws:elasticache/replicationGroup:ReplicationGroup")
    joining = [group for group in groups if "globalReplicationGroupId" in group.inputs]
    assert len(joining) == 2
    for group in joining:
        assert not refused & group.inputs.keys()
        assert refused - {"securityGroupNames", "snapshotArns", "snapshotName"} <= set(group.ignore_changes)


def test_a_promotion_never_replaces_the_datastore(platform: Platform) -> None:
    (datastore,) = platform.of("aws:elasticache/globalReplicationGroup:GlobalReplicationGroup")
    assert datastore.ignore_changes == ["primaryReplicationGroupId"]


def test_every_cluster_is_in_auto_mode_and_has_nothing_that_auto_mode_brings_itself(
    platform: Platform,
) -> None:
    clusters = platform.of("aws:eks/cluster:Cluster")
    assert len(clusters) == 3
    for cluster in clusters:
        assert cluster.inputs["accessConfig"]["authenticationMode"] == "API"
        assert cluster.inputs["bootstrapSelfManagedAddons"] is False
        enabled = [
            cluster.inputs["computeConfig"]["enabled"],
            cluster.inputs["storageConfig"]["blockStorage"]["enabled"],
            cluster.inputs["kubernetesNetworkConfig"]["elasticLoadBalancing"]["enabled"],
        ]
        assert enabled == [True, True, True]
        assert cluster.inputs["deletionProtection"] is True
    assert {it.inputs["addonName"] for it in platform.of("aws:eks/addon:Addon")} == {"metrics-server"}
    for type_ in ("eks/nodeGroup:NodeGroup", "iam/instanceProfile:InstanceProfile"):
        assert platform.of(f"aws:{type_}") == []


def test_a_cluster_outlives_no_right_that_it_needs_to_be_deleted(platform: Platform) -> None:
    """Auto Mode can't take its machines and load balancers down once the role has lost its policies."""
    for stack, cluster in platform.resources():
        if cluster.type != "aws:eks/cluster:Cluster":
            continue
        service = {
            r.urn
            for r in platform.results[stack].resources
            if r.name.startswith("cell-cluster-service-") or r.name == "cell-cluster-log"
        }
        assert len(service) == 8
        assert service <= set(cluster.dependencies)


def test_every_member_survives_a_failover_untouched(platform: Platform) -> None:
    for cluster in platform.of("aws:rds/cluster:Cluster"):
        assert {"globalClusterIdentifier", "replicationSourceIdentifier", "engineVersion"} <= set(
            cluster.ignore_changes
        )


def keys_used(value: Value, region: str = "") -> Iterator[tuple[str, str]]:
    """The regions of the keys that a value names, each with the region that it is named for.

    That is '', the resource's own, unless what names the key is about a copy in another and says where.
    """
    if isinstance(value, dict):
        there = value.get("regionName", value.get("region", region))  # of a table's replica, or of any copy
        for part in value.values():
            yield from keys_used(part, there)
    elif isinstance(value, list):
        for part in value:
            yield from keys_used(part, region)
    elif isinstance(value, str) and (key := re.fullmatch(r"arn:aws:kms:([a-z0-9-]+):\d{12}:key/.+", value)):
        yield key[1], region


def test_a_key_is_used_in_its_own_region_alone(platform: Platform) -> None:
    uses = 0
    for _, resource in platform.resources():
        if not resource.custom or resource.is_provider or resource.type.startswith(("aws:kms/", "aws:iam/")):
            continue
        if resource.type == REPLICATION:
            continue  # it names the keys of where copies go; see below
        for key, region in keys_used(reveal(resource.inputs)):
            uses += 1
            assert key == (region or region_of(resource, platform)), resource.urn
    assert uses


def test_every_encrypted_log_group_is_let_in_by_its_key(platform: Platform) -> None:
    policies = {
        str(key.outputs["arn"]): {one["Sid"]: one for one in json.loads(key.outputs["policy"])["Statement"]}
        for type_ in ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey")
        for key in platform.of(type_)
    }
    groups = [
        group for group in platform.of("aws:cloudwatch/logGroup:LogGroup") if "kmsKeyId" in group.inputs
    ]
    assert groups
    for group in groups:
        patterns = policies[group.inputs["kmsKeyId"]]["Logs"]["Condition"]["ArnLike"]
        allowed = patterns["kms:EncryptionContext:aws:logs:arn"]
        assert [it for it in allowed if fnmatchcase(group.outputs["arn"], it)], group.urn


def test_a_copy_of_an_object_is_encrypted_with_the_key_of_its_own_region(platform: Platform) -> None:
    regions = {r.inputs["bucket"]: region_of(r, platform) for r in platform.of("aws:s3/bucket:Bucket")}
    replications = platform.of(REPLICATION)
    assert replications
    for resource in replications:
        for rule in resource.inputs["rules"]:
            to = rule["destination"]
            key = to["encryptionConfiguration"]["replicaKmsKeyId"]
            assert key.split(":")[3] == regions[to["bucket"].removeprefix("arn:aws:s3:::")], resource.urn


def test_firewalls_of_the_cdn_are_in_us_east_1(platform: Platform) -> None:
    acls = {r.outputs["arn"]: r for r in platform.of("aws:wafv2/webAcl:WebAcl")}
    (distribution,) = platform.of("aws:cloudfront/distribution:Distribution")
    named = acls[distribution.inputs["webAclId"]]
    assert named.inputs["scope"] == "CLOUDFRONT"
    assert region_of(named, platform) == "us-east-1"
    assert [r.name for r in acls.values() if r.inputs["scope"] == "CLOUDFRONT"] == [named.name]


def test_certificates_of_the_cdn_are_in_us_east_1(platform: Platform) -> None:
    certificates = {
        r.outputs["arn"]: region_of(r, platform) for r in platform.of("aws:acm/certificate:Certificate")
    }
    (distribution,) = platform.of("aws:cloudfront/distribution:Distribution")
    assert certificates[distribution.inputs["viewerCertificate"]["acmCertificateArn"]] == "us-east-1"


def test_no_stack_exports_a_secret(platform: Platform) -> None:
    assert not [stack for stack, result in platform.results.items() if has_secret(result.outputs)]


def test_the_first_password_of_the_ledger_is_secret_wherever_it_is(platform: Platform) -> None:
    holders = {
        (urns.name_of(resource.urn), key)
        for _, resource in platform.resources()
        for values in (resource.inputs, resource.outputs)
        for key, value in values.items()
        if key in ("masterPassword", "masterPasswordWo", "secretString") and reveal(value)
    }
    assert holders == {
        ("cell-ledger-cluster", "masterPasswordWo"),
        ("cell-ledger-secret-first", "secretString"),
    }
    (cluster,) = [r for r in platform.of("aws:rds/cluster:Cluster") if "masterPasswordWo" in r.inputs]
    assert isinstance(cluster.inputs["masterPasswordWo"], Secret)
    (first,) = platform.of("aws:secretsmanager/secretVersion:SecretVersion")
    assert isinstance(first.inputs["secretString"], Secret)
    assert isinstance(first.outputs["secretString"], Secret)


def test_the_ledgers_secret_is_in_the_region_of_every_member(platform: Platform) -> None:
    secret = next(
        r for r in platform.of("aws:secretsmanager/secret:Secret") if r.name == "cell-ledger-secret-secret"
    )
    regions = {secret.outputs["region"], *(replica["region"] for replica in secret.inputs["replicas"])}
    assert regions == {region_of(r, platform) for r in platform.of("aws:rds/cluster:Cluster")}


def test_the_ledger_is_rotated_once_and_every_member_has_a_function_that_could(platform: Platform) -> None:
    rotations = platform.of("aws:secretsmanager/secretRotation:SecretRotation")
    assert [r.name for r in rotations if "ledger" in r.name] == ["cell-ledger-rotation-schedule"]
    functions = {
        region_of(r, platform)
        for r in platform.of("aws:lambda/function:Function")
        if r.name == "cell-rotation-function"
    }
    assert functions == {region_of(r, platform) for r in platform.of("aws:rds/cluster:Cluster")}


def test_a_first_rotation_waits_for_the_way_to_its_secret(platform: Platform) -> None:
    """It comes at once, and fails where its function doesn't reach Secrets Manager yet."""
    for stack, schedule in platform.resources():
        if schedule.type != "aws:secretsmanager/secretRotation:SecretRotation":
            continue
        names = {urns.name_of(urn) for urn in schedule.dependencies}
        function = "cell-rotation" if "ledger" in schedule.name else "cell-payments-rotation"
        assert {"cell-endpoints-secretsmanager", "cell-endpoints-from-app-a"} <= names, stack
        assert any(name.startswith(f"{function}-to-") for name in names), stack


def test_a_stack_reads_only_stacks_to_its_left(platform: Platform) -> None:
    order = list(platform.results)
    reads = {
        (stack, resource.inputs["name"].rsplit("/", 1)[-1])
        for stack, resource in platform.resources()
        if resource.type == urns.REFERENCE_TYPE
    }
    assert ("global", "eu-west-1") in reads
    assert not [(stack, other) for stack, other in reads if order.index(other) >= order.index(stack)]


def test_every_resource_is_in_the_stacks_one_component(platform: Platform) -> None:
    for stack, resource in platform.resources():
        top = "castle:index:GlobalEdge" if stack == "global" else "castle:index:Cell"
        free = resource.is_provider or resource.type in (urns.STACK_TYPE, urns.REFERENCE_TYPE)
        assert free or urns.qualified_type(resource.urn).startswith(top), resource.urn


def test_every_providers_account_is_pinned_and_tags_everything(platform: Platform) -> None:
    providers = [r for _, r in platform.resources() if r.type == "pulumi:providers:aws"]
    assert Counter(r.name for r in providers) == {"aws": len(platform.results)}
    for provider in providers:
        assert json.loads(provider.inputs["allowedAccountIds"]) == ["123456789012"]
        assert json.loads(provider.inputs["defaultTags"])["tags"].keys() >= {"platform", "cell"}


def test_the_cells_differ_only_in_what_the_birth_cell_makes(platform: Platform) -> None:
    cells = [stack for stack in platform.results if stack != "global"]

    def names(stack: str) -> set[str]:
        mine = [r for r in platform.results[stack].resources if r.custom and not r.external]
        # What is between two cells is named after the other one, and made by the later of the two.
        found = (re.sub("|".join(cells), "OTHER", r.name) for r in mine)
        # Of a table one cell has the table, and the others a replica.
        found = (re.sub(r"^(cell-table-\w+)-(table|replica)$", r"\1", name) for name in found)
        # What runs a service is each stack's own choice.
        apart = ("cell-peering-", "cell-fargate", "cell-services-")
        return {it for it in found if not it.startswith(apart) and not any(each in it for each in SERVICES)}

    assert names("eu-west-1") == names("us-west-2")
    made_once = (
        "cell-boundary-",
        "cell-image-replication-",
        "cell-key-",
        "cell-endpoint-validation-",
        "cell-ledger-",
        "cell-market-global",
        "cell-payments-",
        "cell-market-parameters",
        "cell-tokens-",
        "cell-warehouse-",
    )
    extra = names("us-east-1") - names("eu-west-1")
    assert extra
    assert not [name for name in extra if not name.startswith(made_once)]
    assert names("eu-west-1") <= names("us-east-1") | {"pulumi", "default"}
