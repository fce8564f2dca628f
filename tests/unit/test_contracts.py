from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import pulumi
import pytest

from contracts import CellContract, ContractError, entry, picked
from tests.unit.harness import ROOT, Run, run

OUTPUTS = {
    "contractVersion": 1,
    "vpcId": "vpc-1",
    "routeTableIds": {"data": "rtb-1"},
    "apiDnsName": "d-1.execute-api.amazonaws.com",
    "apiZoneId": "Z0API",
    "loadBalancerDnsName": "alb.elb.amazonaws.com",
    "loadBalancerZoneId": "Z1",
    "keyIds": {"ledger-global": "mrk-1"},
    "alarmTopicArn": "arn:topic",
    "servingCheckIds": {"api": ["check-1"], "stream": ["check-2"]},
    "globalCacheId": "ldgnf-castle-market",
    "ledgerEndpoint": "castle-ledger.global-1.global.rds.amazonaws.com",
    "ledgerReadEndpoint": "castle-us-east-1-ledger-reads.proxy-1.us-east-1.rds.amazonaws.com",
    "ledgerSecretArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:cell-ledger-secret-a1b2c3",
    "paymentsKeyArn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:cell-payments-key-secret-a1b2c3",
}


def read(outputs: Mapping[str, object]) -> dict[str, object]:
    """What a program that reads a cell's contract sees of it."""
    seen: dict[str, object] = {}

    def program() -> None:
        contract = CellContract.read("us-east-1")
        fields = {field.name: getattr(contract, field.name) for field in dataclasses.fields(contract)}
        pulumi.Output.all(**fields).apply(seen.update)

    run(program, stack="eu-west-1", stacks={"us-east-1": outputs})
    return seen


def test_a_cell_exports_one_flat_output_for_each_field_and_the_version(birth: Run) -> None:
    assert set(birth.outputs) == set(OUTPUTS)
    assert birth.outputs["contractVersion"] == 1


def test_global_exports_its_distribution(edge: Run) -> None:
    assert set(edge.outputs) == {"contractVersion", "distributionId", "distributionDomainName"}


def test_what_is_exported_is_what_is_read() -> None:
    assert read(OUTPUTS) == {
        "vpc_id": "vpc-1",
        "route_table_ids": {"data": "rtb-1"},
        "api_dns_name": "d-1.execute-api.amazonaws.com",
        "api_zone_id": "Z0API",
        "load_balancer_dns_name": "alb.elb.amazonaws.com",
        "load_balancer_zone_id": "Z1",
        "key_ids": {"ledger-global": "mrk-1"},
        "alarm_topic_arn": "arn:topic",
        "global_cache_id": "ldgnf-castle-market",
        "ledger_endpoint": "castle-ledger.global-1.global.rds.amazonaws.com",
        "ledger_read_endpoint": "castle-us-east-1-ledger-reads.proxy-1.us-east-1.rds.amazonaws.com",
        "ledger_secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:cell-ledger-secret-a1b2c3",
        "payments_key_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:cell-payments-key-secret-a1b2c3",
        "serving_check_ids": {"api": ["check-1"], "stream": ["check-2"]},
    }


def test_only_the_birth_cell_exports_key_ids(birth: Run, joining: Run) -> None:
    classes = ("audit", "customer", "ledger", "market", "public")
    assert set(birth.outputs["keyIds"]) == {f"{data_class}-global" for data_class in classes}
    assert joining.outputs["keyIds"] == {}


def test_only_the_birth_cell_exports_the_global_caches_id(birth: Run, joining: Run) -> None:
    assert birth.outputs["globalCacheId"] == "ldgnf-castle-market"
    assert joining.outputs["globalCacheId"] == ""


def test_only_the_birth_cell_exports_where_the_writer_and_the_ledgers_secret_are(
    birth: Run, joining: Run
) -> None:
    assert birth.outputs["ledgerEndpoint"] == "cell-ledger-global.global.rds.amazonaws.com"
    assert birth.outputs["ledgerSecretArn"].startswith("arn:aws:secretsmanager:us-east-1:")
    assert (joining.outputs["ledgerEndpoint"], joining.outputs["ledgerSecretArn"]) == ("", "")


def test_every_cell_exports_its_own_copy_of_what_payments_signs_with(birth: Run, joining: Run) -> None:
    secret = "123456789012:secret:cell-payments-key-secret-a1b2c3"
    assert birth.outputs["paymentsKeyArn"] == f"arn:aws:secretsmanager:us-east-1:{secret}"
    assert joining.outputs["paymentsKeyArn"] == f"arn:aws:secretsmanager:eu-west-1:{secret}"


def test_every_member_of_the_ledger_exports_where_it_is_read(birth: Run, joining: Run) -> None:
    for run_ in (birth, joining):
        assert run_.outputs["ledgerReadEndpoint"] == "cell-ledger-reads-endpoint.proxy.rds.amazonaws.com"


def test_the_route_tables_of_every_tier_are_exported(birth: Run) -> None:
    assert set(birth.outputs["routeTableIds"]) == {
        *("public", "data"),
        *("app-a", "app-b", "app-c", "app-d"),
    }


def test_a_missing_output_names_stack_output_and_remedy() -> None:
    renamed = {key: value for key, value in OUTPUTS.items() if key != "vpcId"} | {"vpc": "vpc-1"}
    with pytest.raises(ContractError) as raised:
        read(renamed)
    assert str(raised.value) == (
        "stack us-east-1: output vpcId is missing; "
        "run `pulumi up --stack us-east-1` with this version of the program first"
    )


def test_a_stack_of_another_version_names_both() -> None:
    with pytest.raises(ContractError) as raised:
        picked("us-east-1", OUTPUTS | {"contractVersion": 2}, "vpcId")
    assert str(raised.value) == (
        "stack us-east-1: output contractVersion is 2, not 1; "
        "run `pulumi up --stack us-east-1` with this version of the program first"
    )


def test_a_key_family_that_the_birth_cell_hasnt_made_names_it() -> None:
    with pytest.raises(ContractError) as raised:
        entry("us-east-1", "keyIds", {"ledger-global": "mrk-1"}, "audit-global")
    assert str(raised.value) == (
        "stack us-east-1: output keyIds has no audit-global; "
        "run `pulumi up --stack us-east-1` with this version of the program first"
    )


def test_a_contract_error_ends_the_program_without_a_trace() -> None:
    assert issubclass(ContractError, pulumi.RunError)


def test_nothing_else_touches_stack_references() -> None:
    users = [
        str(path.relative_to(ROOT))
        for folder in ("components", "settings")
        for path in (ROOT / folder).rglob("*.py")
        if "StackReference" in path.read_text()
    ]
    assert users == []
