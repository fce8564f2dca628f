"""Vault of AWS Backup with a vault lock and a policy, so that no backup is deleted before its retention ends."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Literal

import pulumi
import pulumi_aws as aws

# For so long a lock in compliance mode can still be removed: the shortest time that AWS allows.
GRACE_DAYS = 3


@dataclass(frozen=True, kw_only=True)
class VaultLock:
    mode: Literal["compliance", "governance"]
    min_days: (
        int  # a backup with a retention that is shorter than this, or longer than `max_days`, is refused
    )
    max_days: int


def locked_vault(
    name: str,
    *,
    region: str,
    key_arn: pulumi.Input[str],
    lock: VaultLock,
    deployer: str,
    retire: bool,
    parent: pulumi.Resource,
) -> aws.backup.Vault:
    """Makes the vault `{name}-vault` with its lock and its policy, as children of `parent`.

    `key_arn` is of the vault's region. With `retire` the vault may be destroyed with its backups, which AWS allows
    only once the lock is gone or everything has expired.
    """
    child = pulumi.ResourceOptions(parent=parent)
    vault = aws.backup.Vault(
        f"{name}-vault",
        region=region,
        kms_key_arn=key_arn,
        force_destroy=retire,
        opts=pulumi.ResourceOptions(parent=parent, protect=not retire),
    )
    aws.backup.VaultLockConfiguration(
        f"{name}-lock",
        region=region,
        backup_vault_name=vault.name,
        min_retention_days=lock.min_days,
        max_retention_days=lock.max_days,
        changeable_for_days=GRACE_DAYS if lock.mode == "compliance" else None,
        opts=child,
    )
    aws.backup.VaultPolicy(
        f"{name}-policy",
        region=region,
        backup_vault_name=vault.name,
        policy=json.dumps(vault_policy(deployer)),
        opts=child,
    )
    return vault


def vault_policy(deployer: str) -> dict[str, object]:
    """Denies everybody to delete a backup or shorten its life, and all but the deployer to change the vault.

    The deployer has to, since destroying a retired cell takes this policy and the lock away first. The actions of a
    plan are AWS's own, to which the policy doesn't apply.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html
    """
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "NobodyDeletes",
                "Effect": "Deny",
                "Principal": "*",
                "Action": [
                    "backup:DeleteRecoveryPoint",
                    "backup:DisassociateRecoveryPoint",
                    "backup:UpdateRecoveryPointLifecycle",
                ],
                "Resource": "*",
            },
            {
                "Sid": "DeployerAdministers",
                "Effect": "Deny",
                "Principal": "*",
                "Action": [
                    "backup:DeleteBackupVault",
                    "backup:DeleteBackupVaultAccessPolicy",
                    "backup:DeleteBackupVaultLockConfiguration",
                    "backup:PutBackupVaultAccessPolicy",
                    "backup:PutBackupVaultLockConfiguration",
                ],
                "Resource": "*",
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": deployer}},
            },
        ],
    }
