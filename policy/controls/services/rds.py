"""Rules on Aurora operations: backups, logs, upgrades, users, snapshots and RDS proxies."""

from __future__ import annotations

from typing import Final

from controls.language.backup_selections import in_backup_plan
from controls.language.facts import UNKNOWN, Node
from controls.language.remediation import Remedy
from controls.language.rules import (
    CRITICAL,
    MEDIUM,
    Param,
    Rule,
    require_not_false,
    require_true,
    require_value,
    stack_rule,
)
from controls.language.shapes import check_name_not_in, require_min_days, require_present
from controls.language.tokens import CLUSTER, CLUSTER_INSTANCE, CLUSTER_SNAPSHOT, DB_PROXY, SNAPSHOT_COPY
from controls.language.verdicts import Fail, Undecided, Verdicts


def logs_exported(node: Node) -> Verdicts:
    """Log exports of a cluster: PostgreSQL has one log; of MySQL's, the audit log is required."""
    engine, exports = node.get("engine"), node.get("enabledCloudwatchLogsExports")
    wanted = "audit" if isinstance(engine, str) and "mysql" in engine else "postgresql"
    listed = exports if isinstance(exports, list) else []
    if wanted in listed:
        return
    if UNKNOWN in (engine, exports, *listed):
        yield Undecided("enabledCloudwatchLogsExports")
    else:
        yield Fail(f"`enabledCloudwatchLogsExports` lacks {wanted}: add it")


RULES: Final = (
    require_value(
        "aurora-snapshot-not-public",
        CRITICAL,
        CLUSTER_SNAPSHOT + SNAPSHOT_COPY,
        "sharedAccounts.*",
        lambda it: it != "all",
        message="name accounts",
        asks="Snapshots are not shared with every account",
        fix="Name the accounts that may have it in sharedAccounts",
        ids="RDS.1 CKV_AWS_302",
    ),
    require_present(
        "aurora-snapshot-encrypted",
        MEDIUM,
        SNAPSHOT_COPY,
        "kmsKeyId",
        message="name a customer-managed key",
        asks="Copies of snapshots are encrypted with a customer-managed key",
        fix="Name a key of the copy's region in kmsKeyId",
        ids="RDS.4 CKV_AWS_146 CKV_AWS_266",
    ),
    require_min_days(
        "aurora-backup-retention-min",
        MEDIUM,
        CLUSTER,
        "backupRetentionPeriod",
        Param(7, "Fewest days that an automated backup is kept"),
        asks="Automated backups are kept for at least the configured days",
        fix="Set backupRetentionPeriod",
        ids="RDS.50 CKV_AWS_133",
    ),
    require_true(
        "aurora-iam-authentication",
        MEDIUM,
        CLUSTER,
        "iamDatabaseAuthenticationEnabled",
        asks="Roles may sign in to the database, without a password",
        fix="Set iamDatabaseAuthenticationEnabled to true",
        ids="RDS.12 CKV_AWS_162",
        remedy=Remedy({"iamDatabaseAuthenticationEnabled": True}),
    ),
    require_not_false(
        "aurora-minor-upgrades",
        MEDIUM,
        CLUSTER_INSTANCE + CLUSTER,
        "autoMinorVersionUpgrade",
        asks="Minor versions are applied by themselves",
        fix="Leave autoMinorVersionUpgrade out",
        ids="RDS.13 RDS.35 CIS-3.0:2.3.2 CIS-5.0:2.2.2 CKV_AWS_226",
        remedy=Remedy({"autoMinorVersionUpgrade": True}),
    ),
    Rule(
        "aurora-logs-exported",
        MEDIUM,
        CLUSTER,
        logs_exported,
        asks="The database's log goes to CloudWatch",
        fix="List postgresql (MySQL: audit) in enabledCloudwatchLogsExports",
        ids="RDS.37 CKV_AWS_324",
        reads="enabledCloudwatchLogsExports",
    ),
    Rule(
        "aurora-custom-admin-username",
        MEDIUM,
        CLUSTER,
        check_name_not_in("masterUsername", ("admin", "postgres"), "choose another name"),
        asks="The administrator has a name that nobody guesses first",
        fix="Set masterUsername to something other than admin or postgres",
        ids="RDS.24",
        reads="masterUsername",
    ),
    stack_rule(
        "aurora-in-backup-plan",
        MEDIUM,
        CLUSTER,
        in_backup_plan(CLUSTER),
        asks="A backup plan selects each cluster",
        fix="Give the cluster the tag by which a backup selection selects",
        ids="RDS.26 CKV2_AWS_8",
    ),
    require_true(
        "rds-proxy-requires-tls",
        MEDIUM,
        DB_PROXY,
        "requireTls",
        asks="Proxies refuse clients without TLS",
        fix="Set requireTls to true",
        ids="RDS.43",
        remedy=Remedy({"requireTls": True}),
    ),
)
