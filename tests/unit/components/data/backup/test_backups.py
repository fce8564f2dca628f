from __future__ import annotations

import json
from typing import Any

import pytest

from components.data.backup.backups import Backups, BackupsArgs, CopyRegion, FamilyBackups
from components.data.backup.plan import RetentionDays
from components.data.backup.vault import VaultLock
from tests.unit.documents import statements
from tests.unit.harness import Run, run

HERE = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
THERE = "arn:aws:kms:eu-central-1:123456789012:key/mrk-1"
DEPLOYER = "arn:aws:iam::123456789012:role/castle-deployer"


def backups(
    *,
    retire: bool = False,
    mode: Any = "governance",
    hourly: bool = False,
    monthly: int = 400,
    database: bool = True,
) -> Run:
    copy = CopyRegion(region="eu-central-1", key_arn=THERE, hourly=hourly)
    args = BackupsArgs(
        account="123456789012",
        region="eu-west-1",
        deployer=DEPLOYER,
        tag="backup",
        families={
            "customer-eu": FamilyBackups(key_arn=HERE, copy=copy, buckets=True),
            "ledger-global": FamilyBackups(key_arn=HERE, copy=None, buckets=False),
        },
        restore_plan="castle_eu_west_1",
        restore_subnet_ids=["subnet-a", "subnet-b"] if database else [],
        lock=VaultLock(mode=mode, min_days=7, max_days=400),
        retention=RetentionDays(hourly=7, daily=35, monthly=monthly),
        alarm_topic_arn="arn:topic",
        retire=retire,
    )
    return run(lambda: Backups("backups", args) and None)


@pytest.fixture(scope="module")
def made() -> Run:
    return backups()


def rules(made: Run, plan: str) -> dict[str, dict[str, Any]]:
    return {rule["ruleName"]: rule for rule in made.one(f"backups-{plan}-plan").inputs["rules"]}


def test_each_family_has_a_vault_with_its_own_key_and_its_copies_have_one_in_the_other_region(
    made: Run,
) -> None:
    vaults = {each.name: (each.inputs["region"], each.inputs["kmsKeyArn"]) for each in made.of("Vault")}
    assert vaults == {
        "backups-customer-eu-vault": ("eu-west-1", HERE),
        "backups-customer-eu-copy-vault": ("eu-central-1", THERE),
        "backups-ledger-global-vault": ("eu-west-1", HERE),
    }


def test_every_vault_is_locked_and_has_a_policy_in_its_own_region(made: Run) -> None:
    regions = {each.name for each in made.of("Vault")}
    for type_ in ("VaultLockConfiguration", "VaultPolicy"):
        assert {each.inputs["backupVaultName"] for each in made.of(type_)} == regions
        for each in made.of(type_):
            vault = made.one(each.inputs["backupVaultName"], "Vault")
            assert each.inputs["region"] == vault.inputs["region"]
    for each in made.of("VaultLockConfiguration"):
        assert (each.inputs["minRetentionDays"], each.inputs["maxRetentionDays"]) == (7, 400)


def test_a_lock_can_be_lifted_only_in_governance_mode(made: Run) -> None:
    assert not [each for each in made.of("VaultLockConfiguration") if "changeableForDays" in each.inputs]
    locks = backups(mode="compliance").of("VaultLockConfiguration")
    assert {each.inputs["changeableForDays"] for each in locks} == {3}


def test_nobody_deletes_a_backup_and_only_the_deployer_changes_a_vault(made: Run) -> None:
    document = statements(json.loads(made.one("backups-customer-eu-policy").inputs["policy"]))
    nobody, deployer = document["NobodyDeletes"], document["DeployerAdministers"]
    assert (nobody["Effect"], nobody["Principal"]) == ("Deny", "*")
    assert "backup:DeleteRecoveryPoint" in nobody["Action"]
    assert "Condition" not in nobody
    assert deployer["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": DEPLOYER}}
    assert "backup:PutBackupVaultAccessPolicy" in deployer["Action"]


def test_vaults_are_protected_until_the_cell_retires(made: Run) -> None:
    assert {(each.protect, each.inputs["forceDestroy"]) for each in made.of("Vault")} == {(True, False)}
    retired = backups(retire=True).of("Vault")
    assert {(each.protect, each.inputs["forceDestroy"]) for each in retired} == {(False, True)}


def test_stores_are_backed_up_every_hour_day_and_month(made: Run) -> None:
    found = rules(made, "ledger-global")
    assert {name: rule["lifecycle"]["deleteAfter"] for name, rule in found.items()} == {
        "hourly": 7,
        "daily": 35,
        "monthly": 400,
    }
    assert {rule["targetVaultName"] for rule in found.values()} == {"backups-ledger-global-vault"}


def test_of_buckets_every_moment_is_kept_for_at_most_35_days(made: Run) -> None:
    found = rules(made, "customer-eu-s3")
    assert found["continuous"]["enableContinuousBackup"] is True
    assert found["continuous"]["lifecycle"] == {"deleteAfter": 35}


def test_no_cluster_is_backed_up_continuously_past_the_program(made: Run) -> None:
    for plan in ("customer-eu", "ledger-global"):
        assert not any(rule["enableContinuousBackup"] for rule in rules(made, plan).values())


def test_only_monthly_backups_go_to_cold_storage_and_only_if_they_stay_there_long_enough(made: Run) -> None:
    cold = {
        name: rule["lifecycle"].get("coldStorageAfter") for name, rule in rules(made, "customer-eu").items()
    }
    assert cold == {"hourly": None, "daily": None, "monthly": 30}
    short = rules(backups(monthly=119), "customer-eu")["monthly"]
    assert short["lifecycle"] == {"deleteAfter": 119}


def test_daily_and_monthly_backups_are_copied_and_hourly_ones_where_nothing_else_leaves_the_region(
    made: Run,
) -> None:
    def copied(made: Run) -> dict[str, list[str]]:
        return {
            name: [copy["destinationVaultArn"] for copy in rule.get("copyActions", [])]
            for name, rule in rules(made, "customer-eu").items()
        }

    there = ["arn:backups-customer-eu-copy-vault"]
    assert copied(made) == {"hourly": [], "daily": there, "monthly": there}
    assert copied(backups(hourly=True)) == dict.fromkeys(("hourly", "daily", "monthly"), there)


def test_a_copy_is_kept_as_long_as_its_backup(made: Run) -> None:
    for plan in ("customer-eu", "customer-eu-s3"):
        for rule in rules(made, plan).values():
            assert all(copy["lifecycle"] == rule["lifecycle"] for copy in rule.get("copyActions", []))


def test_a_family_without_a_second_home_has_no_copies(made: Run) -> None:
    assert not any(rule.get("copyActions") for rule in rules(made, "ledger-global").values())


def test_stores_are_selected_by_the_tag_whose_value_is_the_family(made: Run) -> None:
    for family in ("customer-eu", "ledger-global"):
        chosen = made.one(f"backups-{family}-selection").inputs
        (condition,) = chosen["conditions"]
        assert condition["stringEquals"] == [{"key": "aws:ResourceTag/backup", "value": family}]


def test_each_plan_selects_what_the_other_leaves_out(made: Run) -> None:
    stores = made.one("backups-customer-eu-selection").inputs
    buckets = made.one("backups-customer-eu-s3-selection").inputs
    assert (stores["resources"], stores["notResources"]) == (["*"], ["arn:aws:s3:::*"])
    assert buckets["resources"] == ["arn:aws:s3:::*"]
    assert "notResources" not in buckets
    assert stores["conditions"] == buckets["conditions"]


def test_the_role_is_for_aws_backup_alone_and_may_be_used_once_it_has_its_rights(made: Run) -> None:
    trust = json.loads(made.one("backups-role").inputs["assumeRolePolicy"])
    (statement,) = trust["Statement"]
    assert statement["Principal"] == {"Service": "backup.amazonaws.com"}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    rights = {each.urn for each in made.of("RolePolicyAttachment")}
    assert len(rights) == 4
    assert rights <= made.one("backups-customer-eu-selection").depends_on


def test_failed_backups_copies_and_restores_are_alarming_and_so_is_a_day_without_any(made: Run) -> None:
    watched = {
        each.inputs["metricName"]: each.inputs
        for each in made.of("MetricAlarm")
        if each.inputs["dimensions"] == {"BackupVaultName": "backups-ledger-global-vault"}
    }
    assert set(watched) == {
        "NumberOfBackupJobsFailed",
        "NumberOfBackupJobsExpired",
        "NumberOfCopyJobsFailed",
        "NumberOfRestoreJobsFailed",
        "NumberOfBackupJobsCompleted",
    }
    silence = watched.pop("NumberOfBackupJobsCompleted")
    assert (silence["period"], silence["treatMissingData"]) == (86400, "breaching")
    assert {each["threshold"] for each in watched.values()} == {0}
    assert {each["comparisonOperator"] for each in watched.values()} == {"GreaterThanThreshold"}


def test_every_week_the_latest_backup_of_each_kind_of_store_in_the_cells_own_vaults_is_restored(
    made: Run,
) -> None:
    plan = made.one("backups-restore-plan").inputs
    assert plan["name"] == "castle_eu_west_1"
    assert plan["recoveryPointSelection"]["algorithm"] == "LATEST_WITHIN_WINDOW"
    assert plan["recoveryPointSelection"]["includeVaults"] == [
        "arn:backups-customer-eu-vault",
        "arn:backups-ledger-global-vault",
    ]
    kinds = {each.inputs["protectedResourceType"] for each in made.of("RestoreTestingSelection")}
    assert kinds == {"Aurora", "DynamoDB", "EFS", "S3"}


def test_a_database_is_restored_into_the_data_subnets(made: Run) -> None:
    assert made.one("backups-restore-subnets").inputs["subnetIds"] == ["subnet-a", "subnet-b"]
    aurora = made.one("backups-restore-aurora").inputs["restoreMetadataOverrides"]
    assert aurora == {"dbSubnetGroupName": "backups-restore-subnets"}


def test_a_cell_without_a_database_tries_to_restore_none() -> None:
    without = backups(database=False)
    kinds = {each.inputs["protectedResourceType"] for each in without.of("RestoreTestingSelection")}
    assert kinds == {"DynamoDB", "EFS", "S3"}
    assert without.of("SubnetGroup") == []
