"""Rules on EFS file systems: encryption, backups, access points, mount targets, file system policies."""

from __future__ import annotations

from typing import Final

from controls.language.backup_selections import backed_up
from controls.language.facts import UNKNOWN, Truth, Value, all_of, any_of, negate
from controls.language.graph import Graph
from controls.language.iam.documents import action_matches, open_to_all, parse, refuses_plaintext
from controls.language.network import check_private_subnets
from controls.language.remediation import Remedy
from controls.language.rules import HIGH, MEDIUM, require_absent, require_true, require_value, stack_rule
from controls.language.shapes import missing_companion, require_present
from controls.language.tokens import FILE_ACCESS_POINT, FILE_BACKUP, FILE_POLICY, FILE_SYSTEM, MOUNT_TARGET
from controls.language.verdicts import Undecided, Verdicts


def backups_enabled(graph: Graph) -> Verdicts:
    """Backups of a file system, by AWS's own daily ones or by a plan that selects it; with both it is paid twice."""
    for files in graph.of(FILE_SYSTEM):
        policies = graph.referrers(FILE_BACKUP, "fileSystemId", files)
        daily = (_enabled(it.get("backupPolicy.status")) for it in policies)
        covered = any_of(*daily, backed_up(graph, files))
        if covered is UNKNOWN:
            yield Undecided("tags", files.urn)
        elif covered is False:
            message = (
                "nothing backs it up: add a BackupPolicy that is ENABLED, or the tag of a backup selection"
            )
            yield missing_companion(graph, files, FILE_BACKUP, "fileSystemId", message)


def _enabled(status: Value) -> Truth:
    return UNKNOWN if status is UNKNOWN else status == "ENABLED"


def mount_targets_private(graph: Graph) -> Verdicts:
    yield from check_private_subnets(graph, graph.of(MOUNT_TARGET), "subnetId")


def policy_secure(graph: Graph) -> Verdicts:
    """File system policy that refuses mounts without TLS and anonymous clients. Without a policy, every client
    that reaches a mount target may mount."""
    for files in graph.of(FILE_SYSTEM):
        documents = [it.get("policy") for it in graph.referrers(FILE_POLICY, "fileSystemId", files)]
        closed = any_of(*(all_of(_tls_only(it), negate(_allows_anonymous(it))) for it in documents))
        if closed is UNKNOWN:
            yield Undecided("policy", files.urn)
        elif closed is False:
            message = (
                "no FileSystemPolicy closes it: deny everyone all where aws:SecureTransport is false, and"
                " allow nobody without a condition on the caller"
            )
            yield missing_companion(graph, files, FILE_POLICY, "fileSystemId", message)


def _tls_only(document: Value) -> Truth:
    return refuses_plaintext(document, lambda it: action_matches(it, "elasticfilesystem:ClientMount"))


def _allows_anonymous(document: Value) -> Truth:
    """Returns whether the policy lets anonymous clients mount. A condition on access through a mount target doesn't
    identify the client."""
    statements = parse(document)
    if not isinstance(statements, tuple):
        return UNKNOWN
    return any_of(*(open_to_all(it) for it in statements))


RULES: Final = (
    require_true(
        "efs-encrypted",
        HIGH,
        FILE_SYSTEM,
        "encrypted",
        asks="File systems are encrypted at rest",
        fix="Set encrypted to true when the file system is created",
        ids="EFS.1 EFS.8 CIS-3.0:2.4.1 CIS-5.0:2.3.1 CKV_AWS_42",
        remedy=Remedy({"encrypted": True}, create_only=True),
    ),
    require_absent(
        "efs-regional-storage",
        HIGH,
        FILE_SYSTEM,
        "availabilityZoneName",
        asks="File systems are kept in several zones",
        fix="Leave availabilityZoneName out",
    ),
    stack_rule(
        "efs-backup-enabled",
        MEDIUM,
        FILE_SYSTEM,
        backups_enabled,
        asks="Each file system is backed up, by its backup policy or by a plan that selects it",
        fix="Give it the tag by which a backup selection selects, or a BackupPolicy that is ENABLED",
        ids="EFS.2 EFS.7 CKV2_AWS_18",
    ),
    require_value(
        "efs-access-point-root-directory",
        MEDIUM,
        FILE_ACCESS_POINT,
        "rootDirectory.path",
        lambda it: str(it).strip("/") != "",
        message="name a directory of its own",
        asks="Access points are rooted below the top directory",
        fix="Set rootDirectory.path to a directory of its own",
        ids="EFS.3 CKV_AWS_329",
    ),
    require_present(
        "efs-access-point-user-identity",
        MEDIUM,
        FILE_ACCESS_POINT,
        "posixUser",
        message="set uid and gid",
        asks="Access points force an identity on their clients",
        fix="Set posixUser",
        ids="EFS.4 CKV_AWS_330",
    ),
    stack_rule(
        "efs-mount-target-private",
        MEDIUM,
        MOUNT_TARGET,
        mount_targets_private,
        asks="Mount targets are in private subnets",
        fix="Name subnets whose route tables have no route to an internet gateway",
        ids="EFS.6",
        reads="subnetId",
    ),
    stack_rule(
        "efs-policy-secure",
        MEDIUM,
        FILE_SYSTEM + FILE_POLICY,
        policy_secure,
        asks="A policy of each file system refuses mounts without TLS and allows nobody anonymous",
        fix="Add a FileSystemPolicy that denies everyone all where aws:SecureTransport is false",
        ids="CIS-7.0:2.21",
        reads="policy",
    ),
)
