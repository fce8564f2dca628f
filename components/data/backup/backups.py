"""Backups of a cell by AWS Backup: vaults, plans, copies in another region, weekly restore tests and alarms."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.alarms import AlarmSpec, alarm
from components.data.backup.plan import CopyDestination, RetentionDays, bucket_rules, store_rules
from components.data.backup.restore_tests import restore_tests
from components.data.backup.vault import VaultLock, locked_vault

_BUCKET_ARNS = "arn:aws:s3:::*"
# https://docs.aws.amazon.com/aws-backup/latest/devguide/security-iam-awsmanpol.html
_MANAGED_POLICIES = {
    "backup": "service-role/AWSBackupServiceRolePolicyForBackup",
    "restore": "service-role/AWSBackupServiceRolePolicyForRestores",
    "bucket-backup": "AWSBackupServiceRolePolicyForS3Backup",
    "bucket-restore": "AWSBackupServiceRolePolicyForS3Restore",
}
FAILURE_SECONDS = 300  # the period in which one failure is alarming
NO_BACKUP_SECONDS = (
    24 * 3600
)  # every store has a daily backup at least; a day is the longest period of an alarm
_FAILURES = {
    "NumberOfBackupJobsFailed": "A backup failed",
    "NumberOfBackupJobsExpired": "A backup didn't begin in time",
    "NumberOfCopyJobsFailed": "A backup wasn't copied to the other region",
    "NumberOfRestoreJobsFailed": "A restore failed, a tried one perhaps: what is in the vault may be of no use",
}


@dataclass(frozen=True, kw_only=True)
class CopyRegion:
    """Region of the same residency that has copies of the backups."""

    region: str
    key_arn: pulumi.Input[str]  # of that region
    hourly: bool  # whether hourly backups are copied too


@dataclass(frozen=True, kw_only=True)
class FamilyBackups:
    """Backups of the stores that one family of keys encrypts."""

    key_arn: pulumi.Input[str]  # of this region
    copy: CopyRegion | None
    buckets: bool  # whether there are buckets among the stores


@dataclass(frozen=True, kw_only=True)
class BackupsArgs:
    account: str
    region: str
    deployer: str  # a role's ARN

    tag: str  # the key of the tag by which stores are selected; its value is the name of the family
    families: Mapping[str, FamilyBackups]  # by name
    restore_plan: str  # the name of the restore testing plan
    # For the databases that restore tests restore; none for a cell without a database.
    restore_subnet_ids: Sequence[pulumi.Input[str]]

    lock: VaultLock
    retention: RetentionDays

    alarm_topic_arn: pulumi.Input[str]

    retire: bool


class Backups(pulumi.ComponentResource):
    """A locked vault and a plan for each family of keys, so that no backup leaves its data's residency or family.

    A store is selected by its tag. The copies are in a vault of their own in the other region, which this cell makes
    and which is destroyed with it.
    """

    vault_arns: dict[str, pulumi.Output[str]]  # by family

    def __init__(self, name: str, args: BackupsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("castle:data:Backups", name, None, opts)
        self._name, self._args = name, args
        self._child = pulumi.ResourceOptions(parent=self)

        role_arn = self._role()
        self.vault_arns = {
            family: self._family(family, backups, role_arn) for family, backups in args.families.items()
        }
        restore_tests(
            name,
            plan_name=args.restore_plan,
            vault_arns=list(self.vault_arns.values()),
            subnet_ids=args.restore_subnet_ids,
            role_arn=role_arn,
            parent=self,
        )
        self.register_outputs({"vault_arns": self.vault_arns})

    def _role(self) -> pulumi.Output[str]:
        """The ARN of the role that AWS Backup assumes; it waits for the role's policies."""
        role = aws.iam.Role(
            f"{self._name}-role",
            assume_role_policy=json.dumps(backup_trust(self._args.account)),
            opts=self._child,
        )
        attachment_ids = [
            aws.iam.RolePolicyAttachment(
                f"{self._name}-may-{action}",
                role=role.name,
                policy_arn=f"arn:aws:iam::aws:policy/{policy}",
                opts=self._child,
            ).id
            for action, policy in _MANAGED_POLICIES.items()
        ]
        return pulumi.Output.all(role.arn, *attachment_ids).apply(lambda values: str(values[0]))

    def _family(
        self, family: str, backups: FamilyBackups, role_arn: pulumi.Output[str]
    ) -> pulumi.Output[str]:
        """The ARN of the vault of a family. Its buckets have a plan of their own."""
        name, args = f"{self._name}-{family}", self._args
        vault = self._vault(name, args.region, backups.key_arn)
        copy = None
        if backups.copy is not None:
            region = backups.copy.region
            copy_vault = self._vault(f"{name}-copy", region, backups.copy.key_arn)
            copy = CopyDestination(vault_arn=copy_vault.arn, hourly=backups.copy.hourly)
        self._plan(name, store_rules(vault.name, args.retention, copy), family, role_arn)
        if backups.buckets:
            rules = bucket_rules(vault.name, args.retention, copy)
            self._plan(f"{name}-s3", rules, family, role_arn, buckets=True)
        self._alarms(name, family, vault.name)
        return vault.arn

    def _vault(self, name: str, region: str, key_arn: pulumi.Input[str]) -> aws.backup.Vault:
        return locked_vault(
            name,
            region=region,
            key_arn=key_arn,
            lock=self._args.lock,
            deployer=self._args.deployer,
            retire=self._args.retire,
            parent=self,
        )

    def _plan(
        self,
        name: str,
        rules: Sequence[aws.backup.PlanRuleArgs],
        family: str,
        role_arn: pulumi.Output[str],
        *,
        buckets: bool = False,
    ) -> None:
        plan = aws.backup.Plan(f"{name}-plan", rules=rules, opts=self._child)
        tag = aws.backup.SelectionConditionStringEqualArgs(
            key=f"aws:ResourceTag/{self._args.tag}", value=family
        )
        aws.backup.Selection(
            f"{name}-selection",
            plan_id=plan.id,
            iam_role_arn=role_arn,
            resources=[_BUCKET_ARNS if buckets else "*"],
            not_resources=None if buckets else [_BUCKET_ARNS],
            conditions=[aws.backup.SelectionConditionArgs(string_equals=[tag])],
            opts=self._child,
        )

    def _alarms(self, name: str, family: str, vault: pulumi.Output[str]) -> None:
        # https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html
        specs = {
            metric: AlarmSpec(
                description=f"{description} ({family})",
                namespace="AWS/Backup",
                metric=metric,
                dimensions={"BackupVaultName": vault},
                statistic="Sum",
                comparison="above",
                threshold=0,
                seconds=FAILURE_SECONDS,
                periods=1,
            )
            for metric, description in _FAILURES.items()
        }
        specs["NumberOfBackupJobsCompleted"] = AlarmSpec(
            description=f"No backup was made for a day ({family})",
            namespace="AWS/Backup",
            metric="NumberOfBackupJobsCompleted",
            dimensions={"BackupVaultName": vault},
            statistic="Sum",
            comparison="below",
            threshold=1,
            seconds=NO_BACKUP_SECONDS,
            periods=1,
            missing="breaching",
        )
        for metric, spec in specs.items():
            ending = metric.removeprefix("NumberOf").lower()
            alarm(f"{name}-{ending}", spec, self._args.alarm_topic_arn, self._child)


def backup_trust(account: str) -> dict[str, object]:
    """Trusts AWS Backup on behalf of this account."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "backup.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        ],
    }
