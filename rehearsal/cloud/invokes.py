"""Invokes: the functions of AWS's provider (`get...`) that a program calls while it runs."""

from __future__ import annotations

import difflib
import json
import string
from collections.abc import Callable

from rehearsal.cloud import baseline
from rehearsal.cloud.account.caller import Caller
from rehearsal.cloud.inventory import Inventory
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.cloud.types.formats import pseudo_random
from rehearsal.cloud.zones import zones_of
from rehearsal.values import Secret, Values


def answer(token: str, args: Values, region: str, inventory: Inventory, caller: Caller) -> Values:
    """Answer of a function to a caller, under camelCase names."""
    if token == _IDENTITY:
        return _identity(caller)
    respond = _ANSWERS.get(token)
    if respond is None:
        near = difflib.get_close_matches(token, (*_ANSWERS, _IDENTITY), n=1)
        raise RefusedError(
            "UnknownOperation", f"nobody answers {token}" + (f"; {near[0]} is answered" if near else "")
        )
    return respond(args, args.get("region") or region, inventory)


def _availability_zones(args: Values, region: str, inventory: Inventory) -> Values:
    baseline.region_facts(region)  # raises RefusedError
    zones = zones_of(inventory, region)
    left_out = {*args.get("excludeNames", ()), *args.get("excludeZoneIds", ())}
    kept = {letter: zone for letter, zone in zones.items() if not {region + letter, zone} & left_out}
    return {
        **args,
        "id": region,
        "region": region,
        "names": [region + letter for letter in kept],
        "zoneIds": list(kept.values()),
        "groupNames": [f"{region}-zg-1"],
    }


def _zone(args: Values, region: str, inventory: Inventory) -> Values:
    wanted = str(args.get("name", "")).rstrip(".")
    for resource in inventory.of_type("aws:route53/zone:Zone"):
        if args.get("zoneId") == resource.id or (wanted and resource.outputs["name"].rstrip(".") == wanted):
            return {"id": resource.id, "zoneId": resource.id, "privateZone": False, **resource.outputs}
    raise RefusedError("NoSuchHostedZone", f"there is no hosted zone {wanted or args.get('zoneId')}")


def _global_cluster(args: Values, region: str, inventory: Inventory) -> Values:
    wanted = args.get("identifier")
    found = next(
        (t for t in inventory.of_type("aws:rds/globalCluster:GlobalCluster") if t.id == wanted), None
    )
    if found is None:
        raise RefusedError("GlobalClusterNotFoundFault", f"there is no global cluster {wanted}")
    members = [
        t.outputs
        for t in inventory.of_type("aws:rds/cluster:Cluster")
        if t.outputs.get("globalClusterIdentifier") == wanted
    ]
    arns = [str(member["arn"]) for member in members]
    return {
        "id": wanted,
        "identifier": wanted,
        "resourceId": found.outputs.get("globalClusterResourceId"),
        "region": region,
        **{name: found.outputs.get(name) for name in _GLOBAL_CLUSTER},
        "members": [
            {
                "dbClusterArn": arn,
                "isWriter": writes,
                "readers": [other for other in arns if other != arn] if writes else [],
                "globalWriteForwardingStatus": "disabled",
            }
            for arn, writes in zip(
                arns, (not member.get("replicationSourceIdentifier") for member in members), strict=True
            )
        ],
        "tags": found.outputs.get("tagsAll", {}),
    }


_GLOBAL_CLUSTER = (
    "arn",
    "databaseName",
    "deletionProtection",
    "endpoint",
    "engine",
    "engineLifecycleSupport",
    "engineVersion",
    "storageEncrypted",
)


_DATASTORE = "AWS::ElastiCache::GlobalReplicationGroup"


def _by_cloud_control(args: Values, region: str, inventory: Inventory) -> Values:
    """A resource as Cloud Control describes it: of the types that programs have asked for."""
    if args.get("typeName") != _DATASTORE:
        raise RefusedError(
            "TypeNotFoundException", f"this cloud describes only {_DATASTORE}, not {args.get('typeName')}"
        )
    wanted = args.get("identifier")
    found = inventory.resolve("globalCache*", str(wanted), "")
    if found is None:
        raise RefusedError("ResourceNotFoundException", f"there is no global datastore {wanted}")
    primary = found.outputs.get("primaryReplicationGroupId")
    members = [
        {
            "ReplicationGroupId": group.id,
            "ReplicationGroupRegion": group.region,
            "Role": "PRIMARY" if group.id == primary else "SECONDARY",
        }
        for group in inventory.of_type("aws:elasticache/replicationGroup:ReplicationGroup")
        if group.id == primary or group.outputs.get("globalReplicationGroupId") == wanted
    ]
    properties = json.dumps({"GlobalReplicationGroupId": wanted, "Members": members})
    return {**args, "id": wanted, "properties": properties}


def _random_password(args: Values, region: str, inventory: Inventory) -> Values:
    length = int(args.get("passwordLength") or 32)
    left_out = set(args.get("excludeCharacters") or "")
    classes = {
        "excludeLowercase": string.ascii_lowercase,
        "excludeUppercase": string.ascii_uppercase,
        "excludeNumbers": string.digits,
        "excludePunctuation": string.punctuation,
    }
    allowed = [c for name, group in classes.items() if not args.get(name) for c in group if c not in left_out]
    if not allowed:
        raise RefusedError("InvalidParameterException", "every character is excluded")
    # AWS makes another one at every call. Here it is another one as soon as the cloud has changed, so that every
    # rehearsal from nothing is alike.
    digits = pseudo_random(
        f"password|{region}|{len(inventory.resources)}|{sorted(map(str, args.items()))}", 2 * length
    )
    picked = "".join(allowed[int(digits[2 * i : 2 * i + 2], 16) % len(allowed)] for i in range(length))
    return {**args, "id": "password", "region": region, "randomPassword": Secret(picked)}


def _identity(caller: Caller) -> Values:
    return {
        "id": caller.account,
        "accountId": caller.account,
        "arn": caller.arn,
        "userId": f"AROA{pseudo_random(caller.name, 17, 'upper')}:{caller.session}",
    }


def _region(args: Values, region: str, inventory: Inventory) -> Values:
    region = args.get("name") or region
    return {
        "id": region,
        "name": region,
        "region": region,
        "description": baseline.region_facts(region)["name"],
        "endpoint": f"ec2.{region}.amazonaws.com",
    }


def _partition(args: Values, region: str, inventory: Inventory) -> Values:
    return {
        "id": "aws",
        "partition": "aws",
        "dnsSuffix": "amazonaws.com",
        "reverseDnsPrefix": "com.amazonaws",
    }


# Functions that the provider answers without a call of AWS.
ANSWERED_WITHOUT_AWS = ("aws:index/getRegion:getRegion", "aws:index/getPartition:getPartition")

_IDENTITY = "aws:index/getCallerIdentity:getCallerIdentity"
_ANSWERS: dict[str, Callable[[Values, str, Inventory], Values]] = {
    "aws:cloudcontrol/getResource:getResource": _by_cloud_control,
    "aws:index/getAvailabilityZones:getAvailabilityZones": _availability_zones,
    "aws:index/getRegion:getRegion": _region,
    "aws:index/getPartition:getPartition": _partition,
    "aws:rds/getGlobalCluster:getGlobalCluster": _global_cluster,
    "aws:route53/getZone:getZone": _zone,
    "aws:secretsmanager/getRandomPassword:getRandomPassword": _random_password,
}
