"""Cases of the rules on DynamoDB tables and their replicas."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects import backup_selections

TABLE = "aws:dynamodb/table:Table"
REPLICA = "aws:dynamodb/tableReplica:TableReplica"
POLICY = "aws:dynamodb/resourcePolicy:ResourcePolicy"
TARGET = "aws:appautoscaling/target:Target"
MOVES = "aws:appautoscaling/policy:Policy"
ACCOUNT = "123456789012"
ARN = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/balances"
OWN = {"allowedAccountIds": json.dumps([ACCOUNT])}


def table(**props: Any) -> Res:
    return Res(TABLE, {"name": "balances", "arn": ARN, "region": "us-east-1", **props}, "table")


def replica(region: Any, of: Any = ARN) -> Res:
    return Res(REPLICA, {"globalTableArn": of, "region": region}, "replica")


def policy(principal: Any, account: bool = True) -> Res:
    document = {"Statement": [{"Effect": "Allow", "Action": "dynamodb:GetItem", "Principal": principal}]}
    return Res(POLICY, {"policy": json.dumps(document)}, provider=OWN if account else {})


def scaled(*dimensions: Any, of: str = "table") -> list[Res]:
    """A provisioned table, and for each of these dimensions a target and a policy, of it or of another one."""
    return [
        table(billingMode="PROVISIONED"),
        *(
            it
            for i, dimension in enumerate(dimensions)
            for it in (
                Res(TARGET, {"resourceId": UNKNOWN}, f"target{i}", {"resourceId": [of]}),
                Res(
                    MOVES,
                    {"resourceId": UNKNOWN, "scalableDimension": dimension},
                    f"moves{i}",
                    {"resourceId": [f"target{i}"]},
                ),
            )
        ),
    ]


READS, WRITES = "dynamodb:table:ReadCapacityUnits", "dynamodb:table:WriteCapacityUnits"
# What has no tag is needed in other regions.
ELSEWHERE = {"untagged": "global"}


CASES = {
    "dynamodb-point-in-time-recovery": Cases(
        TABLE,
        compliant={"pointInTimeRecovery": {"enabled": True}},
        violating={"pointInTimeRecovery": {"enabled": False}},
        missing=broken({"name": "balances"}),
        unknown={"pointInTimeRecovery": {"enabled": UNKNOWN}},
    ),
    "dynamodb-replica-recovery": Cases(
        REPLICA,
        compliant={"pointInTimeRecovery": True},
        violating={"pointInTimeRecovery": False},
        missing=broken({"globalTableArn": ARN}),
        unknown={"pointInTimeRecovery": UNKNOWN},
        more={
            "written in its table": kept(
                Res(TABLE, {"replicas": [{"regionName": "eu-west-1", "pointInTimeRecovery": True}]})
            ),
            "one of several in its table": broken(
                Res(
                    TABLE,
                    {
                        "replicas": [
                            {"regionName": "eu-west-1", "pointInTimeRecovery": True},
                            {"regionName": "us-west-2"},
                        ]
                    },
                )
            ),
            "a table without replicas": kept(Res(TABLE, {"name": "balances"})),
        },
    ),
    "dynamodb-global-min-regions": Cases(
        TABLE,
        compliant=kept({"a": [table()], "b": [replica("eu-west-1")]}, **ELSEWHERE),
        violating=broken({"a": [table()], "b": [replica("us-east-1")]}, **ELSEWHERE),
        missing=broken({"a": [table()]}, **ELSEWHERE),
        unknown=undecided({"a": [table()], "b": [replica("eu-west-1", of=UNKNOWN)]}, **ELSEWHERE),
        more={
            "written in its table": kept({"a": [table(replicas=[{"regionName": "eu-west-1"}])]}, **ELSEWHERE),
            "written in its table, in an unknown region": undecided(
                {"a": [table(replicas=[{"regionName": UNKNOWN}])]}, **ELSEWHERE
            ),
            "another table's replica": broken(
                {"a": [table()], "b": [replica("eu-west-1", of=ARN.replace("balances", "profiles"))]},
                **ELSEWHERE,
            ),
            "meant for its region": kept({"a": [table(tags={"scope": "regional"})]}, **ELSEWHERE),
            "meant for others": broken({"a": [table(tags={"scope": "global"})]}),
            "of a program in one region": kept({"a": [table()]}),
            "perhaps meant for its region": undecided({"a": [table(tags={"scope": UNKNOWN})]}),
            "in fewer regions than are asked for": broken(
                {"a": [table()], "b": [replica("eu-west-1")]}, minRegions=3, **ELSEWHERE
            ),
        },
    ),
    "dynamodb-policy-no-cross-account": Cases(
        POLICY,
        compliant=policy({"AWS": f"arn:aws:iam::{ACCOUNT}:role/castle-us-east-1-accounts"}),
        violating=policy({"AWS": "arn:aws:iam::210987654321:root"}),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
        more={
            "everyone": broken(policy("*")),
            "an account, and none is known for one's own": undecided(
                policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, account=False)
            ),
        },
    ),
    "dynamodb-deletion-protection": Cases(
        TABLE,
        compliant={"deletionProtectionEnabled": True},
        violating={"deletionProtectionEnabled": False},
        missing=broken({}),
        unknown={"deletionProtectionEnabled": UNKNOWN},
    ),
    "dynamodb-scales-with-demand": Cases(
        TABLE,
        compliant=[table(billingMode="PAY_PER_REQUEST")],
        violating=[table(billingMode="PROVISIONED")],
        missing=broken([table()]),
        unknown=[table(billingMode=UNKNOWN)],
        more={
            "provisioned and scaled": kept(scaled(READS, WRITES)),
            "provisioned and scaled for reads": broken(scaled(READS)),
            "provisioned and scaled for what isn't known": undecided(scaled(READS, UNKNOWN)),
            "another table is scaled": broken(
                [
                    Res(TABLE, {"name": "profiles", "billingMode": "PAY_PER_REQUEST"}, "other"),
                    *scaled(READS, WRITES, of="other"),
                ]
            ),
            "another table is scaled by its name": broken(
                [
                    table(),
                    *(
                        Res(MOVES, {"resourceId": "table/profiles", "scalableDimension": it}, it)
                        for it in (READS, WRITES)
                    ),
                ]
            ),
            "scaled by its name": kept(
                [
                    table(),
                    *(
                        Res(MOVES, {"resourceId": "table/balances", "scalableDimension": it}, it)
                        for it in (READS, WRITES)
                    ),
                ]
            ),
        },
    ),
    "dynamodb-in-backup-plan": backup_selections.cases(TABLE),
}
