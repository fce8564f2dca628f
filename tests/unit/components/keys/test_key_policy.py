from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.keys.key_policy import key_policy
from settings import DataClass
from tests.unit.documents import actions, statements

DEPLOYER = "arn:aws:iam::123456789012:role/castle-deployer"
ROOT = "arn:aws:iam::123456789012:root"
CLASSES: tuple[DataClass, ...] = ("public", "market", "customer", "ledger", "audit")


def policy(data_class: DataClass) -> dict[str, Mapping[str, Any]]:
    return statements(
        key_policy(
            data_class=data_class,
            account="123456789012",
            deployer=DEPLOYER,
            region="eu-west-1",
            log_groups=["/aws/rds/cluster/castle-*"],
            cluster_roles="cell-cluster-service-*",
        )
    )


@pytest.mark.parametrize("data_class", CLASSES)
def test_no_principal_is_a_wildcard(data_class: DataClass) -> None:
    principals = [value for each in policy(data_class).values() for value in each["Principal"].values()]
    assert principals
    assert "*" not in principals


@pytest.mark.parametrize("data_class", CLASSES)
def test_every_statement_is_narrowed_by_a_condition(data_class: DataClass) -> None:
    assert all(each["Condition"] for each in policy(data_class).values())


@pytest.mark.parametrize("data_class", CLASSES)
def test_no_statement_allows_every_action(data_class: DataClass) -> None:
    allowed = [action for each in policy(data_class).values() for action in actions(each)]
    assert not {"*", "kms:*"} & set(allowed)


def test_only_the_deployer_and_the_root_user_administer() -> None:
    condition = policy("ledger")["Administration"]["Condition"]
    assert condition == {"ArnEquals": {"aws:PrincipalArn": [DEPLOYER, ROOT]}}


def test_who_administers_can_neither_read_nor_write_with_it() -> None:
    use = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:CreateGrant"}
    assert not use & set(actions(policy("ledger")["Administration"]))


def test_the_deployer_can_always_change_the_policy_again() -> None:
    assert "kms:PutKeyPolicy" in actions(policy("ledger")["Administration"])


def test_the_ledgers_key_is_used_through_its_stores_of_its_own_region() -> None:
    equals = policy("ledger")["UseThroughServices"]["Condition"]["StringEquals"]
    assert equals["kms:CallerAccount"] == "123456789012"
    assert "rds.eu-west-1.amazonaws.com" in equals["kms:ViaService"]
    assert all(service.endswith(".eu-west-1.amazonaws.com") for service in equals["kms:ViaService"])


def test_only_the_ledgers_key_lets_redshift_take_grants_and_only_for_integrations() -> None:
    assert [each for each in CLASSES if "Integrations" in policy(each)] == ["ledger"]
    condition = policy("ledger")["Integrations"]["Condition"]
    operations = condition["ForAllValues:StringEquals"]["kms:GrantOperations"]
    assert set(operations) == {"Decrypt", "GenerateDataKey", "CreateGrant"}
    assert condition["StringEquals"]["aws:SourceAccount"] == "123456789012"


def test_only_the_ledgers_key_lets_topics_use_it_and_only_this_accounts_of_the_region() -> None:
    assert [each for each in CLASSES if "Topics" in policy(each)] == ["ledger"]
    topics = policy("ledger")["Topics"]
    assert topics["Principal"] == {"Service": "sns.amazonaws.com"}
    assert topics["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
    assert topics["Condition"]["ArnLike"] == {"aws:SourceArn": "arn:aws:sns:eu-west-1:123456789012:*"}


def test_disks_are_encrypted_by_the_customers_key_alone() -> None:
    through = {each: policy(each).get("UseThroughServices", {}) for each in CLASSES}
    disks = [
        each
        for each in CLASSES
        if "ec2.eu-west-1.amazonaws.com"
        in through[each].get("Condition", {}).get("StringEquals", {}).get("kms:ViaService", [])
    ]
    assert disks == ["customer"]


def test_the_deployer_gives_the_key_of_disks_to_what_launches_instances_and_to_nobody_else() -> None:
    launches = policy("customer")["GrantsForLaunches"]
    assert actions(launches) == ["kms:CreateGrant"]
    launcher = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    assert launches["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": DEPLOYER},
        "StringEquals": {"kms:GranteePrincipal": f"arn:aws:iam::123456789012:role/{launcher}"},
    }


def test_grants_are_for_aws_alone() -> None:
    grants = policy("ledger")["GrantsForServices"]
    assert actions(grants) == ["kms:CreateGrant"]
    assert grants["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": "true"}


def test_the_ledgers_logs_are_the_only_ones_that_use_its_key() -> None:
    logs = policy("ledger")["Logs"]
    assert logs["Principal"] == {"Service": "logs.eu-west-1.amazonaws.com"}
    assert logs["Condition"]["ArnLike"] == {
        "kms:EncryptionContext:aws:logs:arn": [
            "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/rds/cluster/castle-*"
        ]
    }


@pytest.mark.parametrize("data_class", CLASSES)
def test_no_action_stands_under_an_encryption_context_that_it_does_not_carry(data_class: DataClass) -> None:
    """DescribeKey has none: https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html"""
    under = [
        each for each in policy(data_class).values() if "kms:EncryptionContext:" in str(each.get("Condition"))
    ]
    assert [each for each in under if "kms:DescribeKey" in actions(each)] == []


def test_a_cluster_tries_the_key_of_its_secrets_as_its_own_role() -> None:
    """Not through a service: https://docs.aws.amazon.com/eks/latest/userguide/enable-kms.html"""
    tries = policy("customer")["ChecksOfClusters"]
    assert set(actions(tries)) == {"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:ListGrants"}
    assert tries["Condition"] == {
        "StringEquals": {"kms:CallerAccount": "123456789012"},
        "ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/cell-cluster-service-*"},
    }
    assert "ChecksOfClusters" not in policy("ledger")


def test_cloudfront_decrypts_public_data_for_this_accounts_distributions() -> None:
    cloudfront = policy("public")["CloudFront"]
    assert actions(cloudfront) == ["kms:Decrypt"]
    assert cloudfront["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/*"},
    }


def test_log_deliveries_of_the_region_write_with_the_audit_key() -> None:
    condition = policy("audit")["LogDeliveries"]["Condition"]
    assert condition == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:123456789012:delivery-source:*"},
    }


def test_alarms_may_publish_to_topics_with_the_audit_key() -> None:
    alarms = policy("audit")["Alarms"]
    assert alarms["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert actions(alarms) == ["kms:Decrypt", "kms:GenerateDataKey*"]
    assert alarms["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}


def test_cloudfront_cant_use_the_ledgers_key() -> None:
    assert "CloudFront" not in policy("ledger")


@pytest.mark.parametrize("data_class", ["market", "customer"])
def test_caches_use_the_keys_of_what_they_hold(data_class: DataClass) -> None:
    equals = policy(data_class)["UseThroughServices"]["Condition"]["StringEquals"]
    assert "elasticache.eu-west-1.amazonaws.com" in equals["kms:ViaService"]
    assert "GrantsForServices" in policy(data_class)


def test_only_who_creates_a_cluster_gives_eks_a_grant_and_only_through_eks() -> None:
    grants = policy("customer")["GrantsForClusters"]
    assert actions(grants) == ["kms:CreateGrant", "kms:DescribeKey"]
    assert grants["Condition"] == {
        "StringEquals": {
            "kms:CallerAccount": "123456789012",
            "kms:ViaService": "eks.eu-west-1.amazonaws.com",
        },
        "ArnEquals": {"aws:PrincipalArn": DEPLOYER},
    }


def test_no_other_class_lets_clusters_in() -> None:
    assert [each for each in CLASSES if "GrantsForClusters" in policy(each)] == ["customer"]
