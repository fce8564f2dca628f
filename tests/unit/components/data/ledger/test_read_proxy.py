from __future__ import annotations

import json

import pulumi
import pytest

from components.data.ledger.read_proxy import (
    LedgerReadProxy,
    LedgerReadProxyArgs,
    proxy_trust,
    sign_in_policy,
)
from components.data.store_security_group import StoreNetwork
from tests.unit.documents import each_of, statements
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        args = LedgerReadProxyArgs(
            account="123456789012",
            region="eu-west-1",
            proxy="castle-eu-west-1-ledger-proxy",
            endpoint="castle-eu-west-1-ledger-reads",
            network=StoreNetwork(
                vpc_id="vpc-1",
                data_subnet_ids={"a": "subnet-a", "b": "subnet-b"},
                client_groups={"services": "sg-1"},
                client_cidrs={},
            ),
            key_arn=KEY,
            log_days=400,
        )
        reads = LedgerReadProxy("reads", args)
        reads.target_cluster("castle-eu-west-1-ledger", "sg-ledger", [])
        pulumi.export("endpoint", reads.endpoint)

    return run(program)


def test_readers_sign_in_with_iam_all_the_way_and_no_secret(made: Run) -> None:
    proxy = made.one("reads-proxy").inputs
    assert proxy["defaultAuthScheme"] == "IAM_AUTH"
    assert "auths" not in proxy


def test_no_reader_comes_without_tls(made: Run) -> None:
    assert made.one("reads-proxy").inputs["requireTls"] is True


def test_readers_are_led_to_what_only_reads(made: Run) -> None:
    endpoint = made.one("reads-endpoint").inputs
    assert endpoint["targetRole"] == "READ_ONLY"
    assert endpoint["dbProxyName"] == "castle-eu-west-1-ledger-proxy"
    assert made.outputs["endpoint"] == "reads-endpoint.proxy.rds.amazonaws.com"


def test_the_proxy_leaves_connections_for_those_who_write(made: Run) -> None:
    assert made.one("reads-pool").inputs["connectionPoolConfig"] == {"maxConnectionsPercent": 50}


def test_the_proxy_is_reached_by_its_clients_and_reaches_the_ledger_alone(made: Run) -> None:
    (into,) = made.of("SecurityGroupIngressRule")
    (out,) = made.of("SecurityGroupEgressRule")
    assert into.inputs["referencedSecurityGroupId"] == "sg-1"
    assert out.inputs["referencedSecurityGroupId"] == "sg-ledger"
    assert {into.inputs["toPort"], out.inputs["toPort"]} == {5432}


def test_the_proxys_log_is_made_first_with_key_and_retention(made: Run) -> None:
    log = made.one("reads-log")
    assert log.inputs == {
        "name": "/aws/rds/proxy/castle-eu-west-1-ledger-proxy",
        "retentionInDays": 400,
        "kmsKeyId": KEY,
    }
    assert log.urn in made.one("reads-proxy").depends_on


def test_the_proxy_may_sign_in_before_it_is_made(made: Run) -> None:
    policy = made.one("reads-sign-in")
    assert json.loads(policy.inputs["policy"]) == sign_in_policy("123456789012", "eu-west-1")
    assert policy.urn in made.one("reads-proxy").depends_on


def test_the_proxy_signs_in_as_its_readers_and_nobody_else() -> None:
    allow = statements(sign_in_policy("123456789012", "eu-west-1"))["SignIn"]
    assert allow["Action"] == "rds-db:connect"
    assert allow["Resource"] == ["arn:aws:rds-db:eu-west-1:123456789012:dbuser:*/reader"]


def test_rds_takes_the_role_for_proxies_of_this_account_and_region() -> None:
    (trust,) = each_of(proxy_trust("123456789012", "eu-west-1"))
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": "arn:aws:rds:eu-west-1:123456789012:db-proxy:*"},
    }
