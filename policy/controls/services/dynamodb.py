"""Rules on DynamoDB tables and their replicas: recovery, regions, resource policies, capacity, deletion."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from controls.language.backup_selections import in_backup_plan
from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, any_of
from controls.language.graph import Graph, Platform
from controls.language.iam.documents import Statement, cross_account, forbid_statements, open_to_all
from controls.language.remediation import Remedy
from controls.language.rules import (
    HIGH,
    MEDIUM,
    Config,
    Param,
    Rule,
    check_value,
    means_true,
    platform_rule,
    require_true,
    stack_rule,
)
from controls.language.shapes import SCOPE, regional
from controls.language.tokens import SCALING_POLICY, SCALING_TARGET, TABLE, TABLE_POLICY, TABLE_REPLICA
from controls.language.verdicts import Fail, Undecided, Verdicts

_DIMENSIONS: Final = ("dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits")


def replicas_recoverable(node: Node) -> Verdicts:
    """Point-in-time recovery of replicas. A replica has backups of its own, or none. In the older kind of global
    table each replica is a table, and judged as one."""
    path = "pointInTimeRecovery" if node.type in TABLE_REPLICA else "replicas.*.pointInTimeRecovery"
    yield from check_value(node, path, means_true, "set it to true")


def policy_own_accounts_only(node: Node, config: Config) -> Verdicts:
    other = cross_account(node, config["accounts"])

    def admits(statement: Statement) -> Truth:
        return any_of(open_to_all(statement), other(statement))

    yield from forbid_statements(
        node, ("policy",), admits, "admits others than one's own accounts: name roles of these"
    )


def in_min_regions(platform: Platform, config: Config) -> Verdicts:
    for table in platform.graph.of(TABLE):
        only_here = regional(table, config)
        regions = {table.region, *_replica_regions(platform.graph, table)} - {MISSING}
        if only_here is True or len(regions - {UNKNOWN}) >= config["minRegions"]:
            continue
        doubtful = any(it.get("globalTableArn") is UNKNOWN for it in platform.graph.of(TABLE_REPLICA))
        if only_here is UNKNOWN or UNKNOWN in regions or doubtful:
            yield Undecided("replicas", table.urn)
        else:
            yield Fail(
                f"the table is in {len(regions)} regions: add a replica elsewhere, or tag it as regional",
                table.urn,
            )


def _replica_regions(graph: Graph, table: Node) -> Iterator[Value]:
    for replica in graph.referrers(TABLE_REPLICA, "globalTableArn", table):
        yield replica.region
    for _, region in table.find("replicas.*.regionName"):
        if region is UNKNOWN or isinstance(region, str):
            yield region


def capacity_scales(graph: Graph) -> Verdicts:
    """Capacity of a table is on demand, or scaled by policies for reads and writes. AWS provisions a table when
    no billing mode is written."""
    for table in graph.of(TABLE):
        mode = table.get("billingMode")
        if mode is UNKNOWN:
            yield Undecided("billingMode", table.urn)
        elif mode != "PAY_PER_REQUEST":
            moved = [it for it in graph.of(SCALING_POLICY) if _scales_table(graph, it, table)]
            scaled = [it.get("scalableDimension") for it in moved]
            if UNKNOWN in scaled:
                yield Undecided("scalableDimension", table.urn)
            elif any(dimension not in scaled for dimension in _DIMENSIONS):
                yield Fail(
                    "`billingMode` provisions it, and nothing scales it: use PAY_PER_REQUEST, or add targets and"
                    " policies for reads and writes",
                    table.urn,
                )


def _scales_table(graph: Graph, policy: Node, table: Node) -> bool:
    """Returns whether a scaling policy moves the table's capacity, by name or through its scalable target."""
    name = table.get("name")
    named = isinstance(name, str) and policy.get("resourceId") == f"table/{name}"
    targets = graph.targets(policy, "resourceId", SCALING_TARGET)
    return named or any(table in graph.targets(it, "resourceId", TABLE) for it in (policy, *targets))


RULES: Final = (
    require_true(
        "dynamodb-point-in-time-recovery",
        HIGH,
        TABLE,
        "pointInTimeRecovery.enabled",
        asks="Tables can be restored to any second of the last weeks",
        fix="Set pointInTimeRecovery.enabled to true",
        ids="DynamoDB.2 CKV_AWS_28",
        remedy=Remedy({"pointInTimeRecovery.enabled": True}),
    ),
    Rule(
        "dynamodb-replica-recovery",
        HIGH,
        TABLE_REPLICA + TABLE,
        replicas_recoverable,
        asks="Each replica of a table can be restored to any second of the last weeks",
        fix="Set pointInTimeRecovery of the replica to true",
        ids="CKV_AWS_165",
        reads="pointInTimeRecovery replicas",
        remedy=Remedy({"pointInTimeRecovery": True, "replicas.*.pointInTimeRecovery": True}),
    ),
    platform_rule(
        "dynamodb-global-min-regions",
        HIGH,
        TABLE + TABLE_REPLICA,
        in_min_regions,
        asks="Tables that other regions need have replicas in so many regions",
        fix="Add a TableReplica in another region, or tag the table as regional",
        narrowed="Which tables other regions need is told by a tag, and by the configuration for those without it.",
        reads="globalTableArn",
        config={"minRegions": Param(2, "Fewest regions that a table is in"), **SCOPE},
    ),
    Rule(
        "dynamodb-policy-no-cross-account",
        HIGH,
        TABLE_POLICY,
        policy_own_accounts_only,
        asks="Resource policies of tables admit only known accounts",
        fix="Name roles of your own account, or list the other one in the rule's configuration",
        ids="CIS-7.0:2.21",
        reads="policy",
        config={
            "accounts": Param([], "Account ids that count as one's own, beside the provider's allow-list")
        },
    ),
    require_true(
        "dynamodb-deletion-protection",
        MEDIUM,
        TABLE,
        "deletionProtectionEnabled",
        asks="Tables are protected against deletion by AWS itself",
        fix="Set deletionProtectionEnabled to true",
        ids="DynamoDB.6",
        lifted=True,
        remedy=Remedy({"deletionProtectionEnabled": True}),
    ),
    stack_rule(
        "dynamodb-scales-with-demand",
        MEDIUM,
        TABLE,
        capacity_scales,
        asks="Tables are on demand, or scale by themselves",
        fix="Set billingMode to PAY_PER_REQUEST",
        ids="DynamoDB.1 CKV2_AWS_16",
        reads="billingMode",
    ),
    stack_rule(
        "dynamodb-in-backup-plan",
        MEDIUM,
        TABLE,
        in_backup_plan(TABLE),
        asks="A backup plan selects each table",
        fix="Give the table the tag by which a backup selection selects",
        ids="DynamoDB.4",
    ),
)
