"""Rules on ElastiCache replication groups, alone and in a global datastore: encryption, users, failover, regions."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, as_bool, as_list
from controls.language.graph import Graph, Platform
from controls.language.ignored_changes import joins_datastore
from controls.language.network import check_private_in_two_zones
from controls.language.remediation import Remedy
from controls.language.rules import (
    HIGH,
    MEDIUM,
    Check,
    Param,
    Rule,
    check_value,
    means_true,
    platform_rule,
    require_not_false,
    require_value,
    stack_rule,
)
from controls.language.shapes import require_min_days
from controls.language.tokens import (
    CACHE_CLUSTER,
    CACHE_SUBNET_GROUP,
    CACHE_USER,
    GLOBAL_DATASTORE,
    REPLICATION_GROUP,
    SERVERLESS_CACHE,
)
from controls.language.verdicts import Fail, Undecided, Verdicts

_ALL_COMMANDS: Final = {"+@all", "allcommands"}
_ALL_KEYS: Final = {"~*", "allkeys"}


def on_or_inherited(name: str) -> Check:
    """Check that a switch is on. A member that joins a global datastore takes it from there, and AWS refuses it
    among its own settings; switching it off is wrong all the same."""

    def check(node: Node) -> Verdicts:
        yield from check_value(node, name, means_true, "set it to true", missing_ok=joins_datastore(node))

    return check


def authentication_required(node: Node) -> Verdicts:
    """User group or auth token of a replication group. Users are regional: a member that joins a global datastore
    needs a group of its own."""
    if node.has("authToken") or node.has("authTokenWo"):
        return
    groups = node.get("userGroupIds")
    if groups is UNKNOWN:
        yield Undecided("userGroupIds")
    elif not as_list(groups):
        yield Fail("`userGroupIds` is missing: name a user group of this region")


def least_privilege(node: Node) -> Verdicts:
    """Access string and password of a cache user. A user that is switched off needs no password: a user group
    must have one named `default`, and off is the least that it can be."""
    access = node.get("accessString")
    words = access.split() if isinstance(access, str) else []
    if words[:1] == ["off"]:
        return
    if access is UNKNOWN:
        yield Undecided("accessString")
    elif (
        _ALL_COMMANDS & set(words) and _ALL_KEYS & set(words) and not any(it.startswith("-@") for it in words)
    ):
        yield Fail("`accessString` allows every command on every key: name commands and keys")
    open_to_all, mode = node.flag("noPasswordRequired"), node.get("authenticationMode.type")
    if open_to_all is True or mode == "no-password-required":
        yield Fail("the user needs no password: use authenticationMode iam or password")
    elif not any(node.has(it) for it in ("authenticationMode", "passwords", "passwordsWo")):
        yield Fail("`authenticationMode` is missing: use iam or password")
    elif UNKNOWN in (open_to_all, mode):
        yield Undecided("authenticationMode.type")


def subnets_private(graph: Graph) -> Verdicts:
    yield from check_private_in_two_zones(graph, graph.of(CACHE_SUBNET_GROUP), "subnetIds")


def members(platform: Platform, datastore: Node) -> list[Node]:
    """Replication groups of a global datastore, of all stacks: the first one and those that joined."""
    first = platform.graph.targets(datastore, "primaryReplicationGroupId", REPLICATION_GROUP)
    joined = platform.graph.referrers(REPLICATION_GROUP, "globalReplicationGroupId", datastore)
    return list({it.urn: it for it in (*first, *joined)}.values())


def datastore_in_two_regions(platform: Platform) -> Verdicts:
    for datastore in platform.graph.of(GLOBAL_DATASTORE):
        regions = {it.region for it in members(platform, datastore)}
        unknown = any(
            it.get("globalReplicationGroupId") is UNKNOWN for it in platform.graph.of(REPLICATION_GROUP)
        )
        if len(regions - {UNKNOWN, MISSING}) >= 2:
            continue
        if unknown or UNKNOWN in regions:
            yield Undecided("globalReplicationGroupId", datastore.urn)
        else:
            yield Fail(f"the datastore is in {len(regions)} regions: add a member elsewhere", datastore.urn)


def encryption_consistent(platform: Platform) -> Verdicts:
    """Encryption and users agree among members of a global datastore. A joining member inherits encryption, but
    not users."""
    for datastore in platform.graph.of(GLOBAL_DATASTORE):
        groups = members(platform, datastore)
        for name in ("atRestEncryptionEnabled", "transitEncryptionEnabled"):
            values = [as_bool(it.get(name)) for it in groups]
            if UNKNOWN in values:
                yield Undecided(name, datastore.urn)
            elif {True, False} <= set(values):
                yield Fail(f"`{name}` differs between its members: use one for all", datastore.urn)
        protected = {_has_users(it) for it in groups}
        if {True, False} <= protected:
            yield Fail(
                "`userGroupIds` is missing in some of its members: name a group in each", datastore.urn
            )


def _has_users(node: Node) -> Truth:
    groups = node.get("userGroupIds")
    return (
        UNKNOWN
        if groups is UNKNOWN
        else bool(as_list(groups)) or node.has("authToken") or node.has("authTokenWo")
    )


RULES: Final = (
    Rule(
        "elasticache-at-rest-encrypted",
        HIGH,
        REPLICATION_GROUP,
        on_or_inherited("atRestEncryptionEnabled"),
        asks="Replication groups are encrypted at rest",
        fix="Set atRestEncryptionEnabled to true when the group is created",
        narrowed="A joining member takes it from the global datastore, and AWS refuses it among the member's"
        " own settings.",
        ids="ElastiCache.4 CKV_AWS_29",
        reads="atRestEncryptionEnabled",
        remedy=Remedy({"atRestEncryptionEnabled": True}, create_only=True, unless="globalReplicationGroupId"),
    ),
    Rule(
        "elasticache-transit-encrypted",
        HIGH,
        REPLICATION_GROUP,
        on_or_inherited("transitEncryptionEnabled"),
        asks="Traffic of clients and nodes is encrypted",
        fix="Set transitEncryptionEnabled to true",
        narrowed="A joining member takes it from the global datastore, and AWS refuses it among the member's"
        " own settings.",
        ids="ElastiCache.5 CKV_AWS_30",
        reads="transitEncryptionEnabled",
        remedy=Remedy(
            {"transitEncryptionEnabled": True}, create_only=True, unless="globalReplicationGroupId"
        ),
    ),
    Rule(
        "elasticache-auth-required",
        HIGH,
        REPLICATION_GROUP,
        authentication_required,
        asks="A user group or a token guards each replication group",
        fix="Make a UserGroup in this region and name it in userGroupIds",
        ids="ElastiCache.6 CKV_AWS_31",
        reads="userGroupIds authToken",
    ),
    Rule(
        "elasticache-user-least-privilege",
        HIGH,
        CACHE_USER,
        least_privilege,
        asks="Users have a password or sign in by IAM, and may do less than everything",
        fix="Use authenticationMode iam, and name commands and keys in accessString",
        narrowed="A user that is off needs no password: a group must have one named `default`, and off is the"
        " least that it can be.",
        reads="accessString authenticationMode noPasswordRequired",
    ),
    Rule(
        "elasticache-automatic-failover",
        HIGH,
        REPLICATION_GROUP,
        on_or_inherited("automaticFailoverEnabled"),
        asks="A replica takes over by itself",
        fix="Set automaticFailoverEnabled to true, with a replica in each shard",
        ids="ElastiCache.3 CKV2_AWS_50",
        reads="automaticFailoverEnabled",
    ),
    require_min_days(
        "elasticache-snapshot-retention",
        HIGH,
        REPLICATION_GROUP + SERVERLESS_CACHE,
        "snapshotRetentionLimit",
        Param(1, "Fewest days that a snapshot is kept"),
        asks="Snapshots are kept for at least the configured days",
        fix="Set snapshotRetentionLimit",
        ids="ElastiCache.1 CKV_AWS_134",
    ),
    require_not_false(
        "elasticache-minor-upgrades",
        MEDIUM,
        REPLICATION_GROUP + CACHE_CLUSTER,
        "autoMinorVersionUpgrade",
        asks="Minor versions are applied by themselves",
        fix="Leave autoMinorVersionUpgrade out",
        ids="ElastiCache.2 CKV_AWS_322",
        remedy=Remedy({"autoMinorVersionUpgrade": True}),
    ),
    require_value(
        "elasticache-custom-subnet-group",
        HIGH,
        REPLICATION_GROUP + CACHE_CLUSTER,
        "subnetGroupName",
        lambda it: it != "default",
        message="name a subnet group of your own",
        asks="Caches are placed by a subnet group of one's own",
        fix="Make a SubnetGroup of private subnets and name it in subnetGroupName",
        ids="ElastiCache.7 CKV_AWS_323",
    ),
    stack_rule(
        "elasticache-private-subnets",
        HIGH,
        CACHE_SUBNET_GROUP,
        subnets_private,
        asks="Caches are placed in private subnets of several zones",
        fix="List subnets whose route tables have no route to an internet gateway",
        reads="subnetIds",
    ),
    platform_rule(
        "elasticache-global-secondary-region",
        HIGH,
        GLOBAL_DATASTORE + REPLICATION_GROUP,
        datastore_in_two_regions,
        asks="A global datastore has members in at least two regions",
        fix="Add a replication group with globalReplicationGroupId in another region",
        reads="globalReplicationGroupId",
    ),
    platform_rule(
        "elasticache-global-encryption-consistent",
        HIGH,
        GLOBAL_DATASTORE + REPLICATION_GROUP,
        encryption_consistent,
        asks="Members of a global datastore are encrypted and guarded alike",
        fix="Encrypt the first member, and name a user group in each",
    ),
)
