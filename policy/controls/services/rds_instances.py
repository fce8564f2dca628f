"""Rules on RDS instances outside of a cluster."""

from __future__ import annotations

from typing import Final

from controls.language.backup_selections import in_backup_plan
from controls.language.facts import UNKNOWN, Node, Truth
from controls.language.rules import (
    CRITICAL,
    HIGH,
    MEDIUM,
    Param,
    Rule,
    check_value,
    means_true,
    require_not_false,
    require_not_true,
    require_true,
    stack_rule,
)
from controls.language.shapes import check_name_not_in, require_min_days, require_present
from controls.language.tokens import DB_INSTANCE
from controls.language.verdicts import Fail, Verdicts

# Engines that know sign-in by IAM (Amazon RDS user guide, IAM database authentication).
_WITH_IAM: Final = ("mysql", "mariadb", "postgres")

_SOURCES: Final = ("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime")


def has_source(node: Node) -> bool:
    """Returns whether an instance is restored or a replica, and has encryption, users and passwords from its
    source.
    """
    return any(node.has(it) for it in _SOURCES)


def is_read_replica(node: Node) -> bool:
    """Returns whether an instance is a read replica of another one, which is the one that has backups and a
    second zone.
    """
    return node.has("replicateSourceDb")


def lacks_iam_authentication(node: Node) -> Truth:
    engine = node.get("engine")
    return UNKNOWN if engine is UNKNOWN else isinstance(engine, str) and not engine.startswith(_WITH_IAM)


def password_managed(node: Node) -> Verdicts:
    if node.has("password"):
        yield Fail("`password` keeps the password in the state: use manageMasterUserPassword")
    elif not node.has("passwordWo"):
        message = "set it to true"
        yield from check_value(
            node, "manageMasterUserPassword", means_true, message, missing_ok=has_source(node)
        )


RULES: Final = (
    require_true(
        "rds-instance-encrypted",
        CRITICAL,
        DB_INSTANCE,
        "storageEncrypted",
        unless=has_source,
        asks="Instances are encrypted at rest",
        fix="Set storageEncrypted to true when the instance is created; later it would be replaced",
        ids="RDS.3 CIS-3.0:2.3.1 CIS-5.0:2.2.1 CKV_AWS_16",
        narrowed="A replica, and what is restored, takes encryption from its source.",
    ),
    require_not_true(
        "rds-instance-not-public",
        CRITICAL,
        DB_INSTANCE,
        "publiclyAccessible",
        asks="Instances have no public address",
        fix="Leave publiclyAccessible out",
        ids="RDS.2 CIS-3.0:2.3.3 CIS-5.0:2.2.3 CKV_AWS_17",
    ),
    require_true(
        "rds-instance-deletion-protection",
        HIGH,
        DB_INSTANCE,
        "deletionProtection",
        asks="Instances are protected against deletion by AWS itself",
        fix="Set deletionProtection to true",
        ids="RDS.8 CKV_AWS_293",
        lifted=True,
    ),
    Rule(
        "rds-instance-managed-password",
        HIGH,
        DB_INSTANCE,
        password_managed,
        asks="The master password is managed by Secrets Manager, or write-only",
        fix="Set manageMasterUserPassword to true",
        narrowed="A replica, and what is restored, has the password of its source.",
        reads="password manageMasterUserPassword",
    ),
    require_min_days(
        "rds-instance-backup-retention-min",
        MEDIUM,
        DB_INSTANCE,
        "backupRetentionPeriod",
        Param(7, "Fewest days that an automated backup is kept"),
        unless=is_read_replica,
        asks="Automated backups are kept for at least the configured days",
        fix="Set backupRetentionPeriod",
        ids="RDS.11 CKV_AWS_133",
        narrowed="A replica can be made anew from its source, which has the backups.",
    ),
    require_true(
        "rds-instance-multi-az",
        MEDIUM,
        DB_INSTANCE,
        "multiAz",
        unless=is_read_replica,
        asks="Instances have a standby in a second zone",
        fix="Set multiAz to true",
        ids="RDS.5 CIS-5.0:2.2.4 CKV_AWS_157",
        narrowed="A replica is a second machine itself.",
    ),
    require_not_false(
        "rds-instance-minor-upgrades",
        MEDIUM,
        DB_INSTANCE,
        "autoMinorVersionUpgrade",
        asks="Minor versions are applied by themselves",
        fix="Leave autoMinorVersionUpgrade out",
        ids="RDS.13 CIS-3.0:2.3.2 CIS-5.0:2.2.2 CKV_AWS_226",
    ),
    require_true(
        "rds-instance-iam-authentication",
        MEDIUM,
        DB_INSTANCE,
        "iamDatabaseAuthenticationEnabled",
        unless=lacks_iam_authentication,
        asks="Roles may sign in to the database, without a password",
        fix="Set iamDatabaseAuthenticationEnabled to true",
        ids="RDS.10 CKV_AWS_161",
        narrowed="MySQL, MariaDB and PostgreSQL know sign-in by IAM, and other engines don't.",
    ),
    require_present(
        "rds-instance-logs-exported",
        MEDIUM,
        DB_INSTANCE,
        "enabledCloudwatchLogsExports",
        message="list the logs of its engine",
        asks="The database's logs go to CloudWatch",
        fix="List the logs of its engine in enabledCloudwatchLogsExports, for example postgresql, or error",
        ids="RDS.9 CKV_AWS_129",
    ),
    Rule(
        "rds-instance-custom-admin-username",
        MEDIUM,
        DB_INSTANCE,
        check_name_not_in("username", ("admin", "postgres", "root", "sa"), "choose another name"),
        asks="The administrator has a name that nobody guesses first",
        fix="Set username to something other than admin, postgres, root or sa",
        ids="RDS.25",
        reads="username",
    ),
    stack_rule(
        "rds-instance-in-backup-plan",
        MEDIUM,
        DB_INSTANCE,
        in_backup_plan(DB_INSTANCE),
        asks="A backup plan selects each instance",
        fix="Give the instance the tag by which a backup selection selects",
        ids="RDS.26 CKV2_AWS_8",
    ),
)
