"""Cases of the rules on backup vaults and plans."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.regions import key

VAULT = "aws:backup/vault:Vault"
LOCK = "aws:backup/vaultLockConfiguration:VaultLockConfiguration"
PLAN = "aws:backup/plan:Plan"
ACCOUNT = "123456789012"
IRELAND = {"region": "eu-west-1"}


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
}
