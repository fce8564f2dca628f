"""Cases of the rules on backups and secrets."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

VAULT = "aws:backup/vault:Vault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
PLAN = "aws:backup/plan:Plan"
SECRET = "aws:secretsmanager/secret:Secret"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"

ACCOUNT = "123456789012"
IRELAND = {"region": "eu-west-1"}


def key(region: str) -> str:
    return f"arn:aws:kms:{region}:{ACCOUNT}:key/mrk-1"


def locked(*locks: dict[str, Any]) -> list[Res]:
    """A vault in Ireland, and locks of it."""
    return [
        Res(VAULT, {**IRELAND, "name": "castle"}, "vault"),
        *(
            Res(LOCK, {**IRELAND, "backupVaultName": "castle", **it}, f"lock{i}")
            for i, it in enumerate(locks)
        ),
    ]


def plan(*vaults: Any) -> Res:
    """A plan in Ireland with an hourly rule that copies nothing, and a daily one that copies to these vaults."""
    rules = [
        {"ruleName": "hourly", "targetVaultName": "castle"},
        {"ruleName": "daily", "copyActions": [{"destinationVaultArn": it} for it in vaults]},
    ]
    return Res(PLAN, {"rules": rules}, provider=IRELAND)


def vault(region: str) -> str:
    return f"arn:aws:backup:{region}:{ACCOUNT}:backup-vault:castle"


def rotating(*rotations: dict[str, Any]) -> list[Res]:
    return [
        Res(SECRET, {"name": "ledger"}, "secret"),
        *(
            Res(ROTATION, {"secretId": UNKNOWN, **it}, f"r{i}", {"secretId": ["secret"]})
            for i, it in enumerate(rotations)
        ),
    ]


def replicas(*regions: Any, **props: Any) -> Res:
    listed = [{"region": it, "kmsKeyId": key(it) if isinstance(it, str) else UNKNOWN} for it in regions]
    return Res(SECRET, {"replicas": listed, **props}, provider=IRELAND)


def reads(principal: Any, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Principal": principal}
    return {"blockPublicPolicy": True, "policy": json.dumps({"Statement": [statement]}), **more}


ROLE = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/castle-eu-west-1-accounts"}

# What has no tag is needed in other regions.
ELSEWHERE = {"untagged": "global"}

CASES = {
    "backup-vault-locked": Cases(
        VAULT,
        compliant=locked({"minRetentionDays": 7, "maxRetentionDays": 400}),
        violating=locked({"minRetentionDays": 1}),
        missing=broken(locked()),
        unknown=locked({"minRetentionDays": UNKNOWN}),
        more={
            "by a name that isn't known": undecided(locked({"backupVaultName": UNKNOWN})),
            "without a shortest retention": broken(locked({"maxRetentionDays": 400})),
            "a vault of that name elsewhere": broken(
                locked({"minRetentionDays": 7, "region": "eu-central-1"})
            ),
            "one that can be lifted, where none may be": broken(
                locked({"minRetentionDays": 7}), compliance=True
            ),
            "one that nobody can lift": kept(
                locked({"minRetentionDays": 7, "changeableForDays": 3}), compliance=True
            ),
        },
    ),
    "backup-cross-region-copy": Cases(
        PLAN,
        compliant=plan(vault("eu-central-1")),
        violating=plan(vault("eu-west-1")),
        missing=broken(plan()),
        unknown=plan(UNKNOWN),
        more={
            "one of two": kept(plan(vault("eu-west-1"), vault("us-east-1"))),
            "beside an unknown one": kept(plan(UNKNOWN, vault("us-east-1"))),
            "a plan without rules": broken({}),
        },
    ),
    "backup-vault-cmk": Cases(
        VAULT,
        compliant={"kmsKeyArn": key("eu-west-1")},
        violating={"kmsKeyArn": ""},
        missing=broken({}),
        unknown=kept({"kmsKeyArn": UNKNOWN}),
    ),
    "secret-rotation-enabled": Cases(
        SECRET,
        compliant=rotating({"rotationRules": {"automaticallyAfterDays": 30}}),
        violating=rotating({"rotationEnabled": False}),
        missing=broken(rotating()),
        unknown=rotating({"rotationEnabled": UNKNOWN}),
        more={
            "by what repeats its id, not known yet": undecided(
                [
                    *rotating(),
                    Res(
                        "aws:secretsmanager/secretVersion:SecretVersion",
                        {"secretId": UNKNOWN},
                        "version",
                        {"secretId": ["secret"]},
                    ),
                    Res(ROTATION, {"secretId": UNKNOWN}, "rotation", {"secretId": ["version"]}),
                ]
            ),
            "another secret's": broken(
                [
                    *rotating(),
                    Res(SECRET, {"name": "other"}, "other"),
                    Res(ROTATION, {"secretId": UNKNOWN}, "rotation", {"secretId": ["other"]}),
                ]
            ),
        },
    ),
    "secret-replicated-to-dr": Cases(
        SECRET,
        compliant=kept(replicas("us-east-1"), **ELSEWHERE),
        violating=broken(replicas(), **ELSEWHERE),
        missing=broken({"name": "ledger"}, **ELSEWHERE),
        unknown=undecided({"replicas": UNKNOWN}, **ELSEWHERE),
        more={
            "under a key of another region": broken(
                Res(SECRET, {"replicas": [{"region": "us-east-1", "kmsKeyId": key("eu-west-1")}]}),
                **ELSEWHERE,
            ),
            "under AWS's key": broken(Res(SECRET, {"replicas": [{"region": "us-east-1"}]}), **ELSEWHERE),
            "under a key by its id": kept(
                Res(SECRET, {"replicas": [{"region": "us-east-1", "kmsKeyId": "mrk-1"}]}), **ELSEWHERE
            ),
            "under an unknown key": undecided(
                Res(SECRET, {"replicas": [{"region": "us-east-1", "kmsKeyId": UNKNOWN}]}), **ELSEWHERE
            ),
            "in fewer regions than are asked for": broken(
                replicas("us-east-1"), regions=["us-east-1", "us-west-2"], **ELSEWHERE
            ),
            "in an unknown one of those": undecided(replicas(UNKNOWN), regions=["us-east-1"], **ELSEWHERE),
            "where it lives itself": kept(
                replicas("us-east-1"), regions=["us-east-1", "eu-west-1"], **ELSEWHERE
            ),
            "meant for its region": kept({"tags": {"scope": "regional"}}, **ELSEWHERE),
            "meant for others": broken({"tags": {"scope": "global"}}),
            "of a program in one region": kept({"name": "ledger"}),
            "perhaps meant for its region": undecided({"tags": UNKNOWN}),
        },
    ),
    "secret-policy-not-public": Cases(
        POLICY,
        compliant=reads(ROLE),
        violating=reads("*"),
        missing=broken(reads(ROLE, blockPublicPolicy=None)),
        unknown=reads(ROLE, policy=UNKNOWN),
        more={
            "unchecked": broken(reads(ROLE, blockPublicPolicy=False)),
            "inline in the secret": broken(Res(SECRET, {"policy": reads("*")["policy"]})),
            "a secret without a policy": kept(Res(SECRET, {"name": "ledger"})),
        },
    ),
    "secret-rotation-interval": Cases(
        ROTATION,
        compliant={"rotationRules": {"automaticallyAfterDays": 30}},
        violating={"rotationRules": {"automaticallyAfterDays": 365}},
        missing=broken({"secretId": "ledger"}),
        unknown={"rotationRules": {"automaticallyAfterDays": UNKNOWN}},
        more={
            "every twelve hours": kept({"rotationRules": {"scheduleExpression": "rate(12 hours)"}}),
            "every hundred days": broken({"rotationRules": {"scheduleExpression": "rate(100 days)"}}),
            "every month": kept({"rotationRules": {"scheduleExpression": "cron(0 16 1 * ? *)"}}),
            "every two months": kept({"rotationRules": {"scheduleExpression": "cron(0 16 1 1/2 ? *)"}}),
            "every four months": broken({"rotationRules": {"scheduleExpression": "cron(0 16 1 */4 ? *)"}}),
            "every year": broken({"rotationRules": {"scheduleExpression": "cron(0 16 1 3 ? *)"}}),
            "no schedule": broken({"rotationRules": {"scheduleExpression": "sometimes"}}),
            "more often is asked for": broken({"rotationRules": {"automaticallyAfterDays": 30}}, maxDays=7),
        },
    ),
}
