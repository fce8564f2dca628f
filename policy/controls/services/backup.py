"""Rules on AWS Backup: locks and keys of vaults, cross-region copies of plans."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, any_of, arn_region
from controls.language.graph import Graph
from controls.language.rules import HIGH, MEDIUM, Config, Param, Rule, stack_rule
from controls.language.shapes import missing_companion, number, require_present
from controls.language.tokens import BACKUP_PLAN, VAULT, VAULT_LOCK
from controls.language.verdicts import Fail, Undecided, Verdicts


def vault_locked(graph: Graph, config: Config) -> Verdicts:
    for vault in graph.of(VAULT):
        locks = [
            it for it in graph.referrers(VAULT_LOCK, "backupVaultName", vault) if it.region == vault.region
        ]
        if not locks:
            message = "the vault has no lock: add a VaultLockConfiguration"
            yield missing_companion(graph, vault, VAULT_LOCK, "backupVaultName", message)
        for lock in locks:
            yield from _check_lock(lock, config)


def _check_lock(lock: Node, config: Config) -> Verdicts:
    days, least = lock.get("minRetentionDays"), config["minDays"]
    if days is UNKNOWN:
        yield Undecided("minRetentionDays", lock.urn)
    elif number(days) < least:
        yield Fail(f"`minRetentionDays` isn't {least} or more: set it, so that nobody keeps less", lock.urn)
    if config["compliance"] and not lock.has("changeableForDays"):
        yield Fail("`changeableForDays` is missing: set it, so that nobody can lift the lock", lock.urn)


def copied_cross_region(node: Node) -> Verdicts:
    """Cross-region copy of a backup plan. One rule that copies is enough: hourly recovery points may stay in the
    region while daily ones are copied."""
    found = node.find("rules.*.copyActions.*.destinationVaultArn")
    truth = any_of(*(_in_other_region(node, arn) for _, arn in found))
    if truth is UNKNOWN:
        yield Undecided("rules")
    elif truth is False:
        yield Fail("`rules` copy nothing to another region: add copyActions with a vault there")


def _in_other_region(node: Node, arn: object) -> Truth:
    region = node.region
    if UNKNOWN in (arn, region):
        return UNKNOWN
    return isinstance(arn, str) and (region is MISSING or arn_region(arn) not in ("", region))


RULES: Final = (
    stack_rule(
        "backup-vault-locked",
        HIGH,
        VAULT + VAULT_LOCK,
        vault_locked,
        asks="Each vault is locked, with a shortest retention",
        fix="Add a VaultLockConfiguration with minRetentionDays",
        reads="minRetentionDays changeableForDays backupVaultName",
        config={
            "minDays": Param(7, "Shortest retention in days that a lock may ask for"),
            "compliance": Param(
                False, "Whether nobody may lift a lock, the account's owner and AWS included"
            ),
        },
    ),
    Rule(
        "backup-cross-region-copy",
        HIGH,
        BACKUP_PLAN,
        copied_cross_region,
        asks="Each plan copies recovery points to another region",
        fix="Add copyActions with a vault of another region to a rule of the plan",
        reads="rules",
    ),
    require_present(
        "backup-vault-cmk",
        MEDIUM,
        VAULT,
        "kmsKeyArn",
        message="name a customer-managed key",
        asks="Vaults use a customer-managed key",
        fix="Name a key of this region in kmsKeyArn",
        ids="Backup.1 CKV_AWS_166",
    ),
)
