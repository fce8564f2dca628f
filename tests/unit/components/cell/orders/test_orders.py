"""The order path of each cell: who may send, who signs in where, and what the functions are told."""

from __future__ import annotations

import json
from typing import Any

from tests.unit.conftest import CELLS
from tests.unit.documents import statements
from tests.unit.harness import Run, committed, run_stack

ACCOUNT = "123456789012"
FUNCTIONS = ("matcher", "relay", "ledger-steward")


def policy(made: Run, function: str) -> dict[str, Any]:
    return dict(statements(json.loads(made.one(f"cell-{function}-policy").inputs["policy"])))


def told(made: Run, function: str) -> dict[str, str]:
    return made.one(f"cell-{function}-function").inputs["environment"]["variables"]


def test_every_cells_trading_api_may_send_to_every_cells_queue_and_nobody_else(
    stacks: dict[str, Run],
) -> None:
    for cell in CELLS:
        queue = stacks[cell].one("cell-orders-orders").inputs
        assert queue["name"] == f"castle-{cell}-orders.fifo"
        allowed = statements(json.loads(queue["policy"]))["These"]
        assert allowed["Action"] == "sqs:SendMessage"
        assert allowed["Condition"]["ArnLike"]["aws:PrincipalArn"] == [
            f"arn:aws:iam::{ACCOUNT}:role/castle-{other}-trading-api" for other in CELLS
        ]


def test_a_batch_is_hidden_for_six_times_the_matchers_timeout(birth: Run) -> None:
    timeout = birth.one("cell-matcher-function").inputs["timeout"]
    assert birth.one("cell-orders-orders").inputs["visibilityTimeoutSeconds"] == 6 * timeout


def test_matcher_and_relay_sign_in_as_themselves_in_every_members_region(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        for user in ("matcher", "relay"):
            assert policy(stacks[cell], user)["SignIn"]["Resource"] == [
                f"arn:aws:rds-db:{region}:{ACCOUNT}:dbuser:*/{user}" for region in CELLS
            ]
            assert told(stacks[cell], user)["LEDGER_USER"] == user


def test_all_know_the_global_writer_endpoint_and_the_members_regions(stacks: dict[str, Run]) -> None:
    hosts = {
        (cell, function): told(stacks[cell], function)["LEDGER_HOST"]
        for cell in CELLS
        for function in FUNCTIONS
    }
    assert all(hosts.values())
    for cell in CELLS:
        for function in FUNCTIONS:
            variables = told(stacks[cell], function)
            assert (variables["CELL"], variables["LEDGER_REGIONS"]) == (cell, ",".join(CELLS))
            assert (variables["LEDGER_PORT"], variables["LEDGER_DATABASE"]) == ("5432", "trading")


def test_the_ledger_lets_the_functions_of_its_cell_in(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        for function in FUNCTIONS:
            rule = stacks[cell].one(f"cell-ledger-from-{function}").inputs
            assert rule["referencedSecurityGroupId"] == f"cell-{function}-group-id"
            assert (rule["fromPort"], rule["toPort"]) == (5432, 5432)


def test_the_matcher_connects_to_the_ledger_alone(birth: Run) -> None:
    ways = [
        each.inputs for each in birth.of("SecurityGroupEgressRule") if each.name.startswith("cell-matcher-to")
    ]
    assert {(way["cidrIpv4"], way["fromPort"]) for way in ways} == {
        ("10.0.0.0/16", 5432),
        ("10.1.0.0/16", 5432),
        ("10.2.0.0/16", 5432),
    }


def test_the_relay_writes_the_projections_of_its_own_region_and_publishes_to_its_own_topics(
    stacks: dict[str, Run],
) -> None:
    for cell in CELLS:
        allowed = policy(stacks[cell], "relay")
        assert allowed["Project"]["Resource"] == [
            f"arn:aws:dynamodb:{cell}:{ACCOUNT}:table/castle-{table}"
            for table in ("balances", "outcomes", "instruments")
        ]
        assert allowed["Publish"]["Resource"] == ["arn:cell-trades-topic", "arn:cell-order-alerts-topic"]
        for topic in ("trades", "order-alerts"):
            may = statements(json.loads(stacks[cell].one(f"cell-{topic}-topic").inputs["policy"]))["These"]
            assert may["Condition"]["ArnLike"]["aws:PrincipalArn"] == [
                f"arn:aws:iam::{ACCOUNT}:role/castle-{cell}-relay"
            ]


def test_subscribers_get_what_they_ask_for_and_no_more(birth: Run) -> None:
    for name, wanted in (
        ("cell-trades-market-data-subscription", {"kind": ["trade"]}),
        ("cell-order-alerts-accounts-subscription", {"kind": ["rejected", "lost"]}),
    ):
        assert json.loads(birth.one(name).inputs["filterPolicy"]) == wanted


def test_only_the_steward_reads_the_administrators_login(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        readers = [each for each in FUNCTIONS if "ReadLogin" in policy(stacks[cell], each)]
        assert readers == ["ledger-steward"]
        assert (
            f":{cell}:" in policy(stacks[cell], "ledger-steward")["ReadLogin"]["Resource"] or cell == CELLS[0]
        )
    secret = statements(json.loads(stacks[CELLS[0]].one("cell-ledger-secret-policy").inputs["policy"]))
    assert any("role/castle-*-ledger-steward" in json.dumps(each) for each in secret.values())


def test_a_cell_outside_the_ledger_matches_too_and_has_no_steward(stacks: dict[str, Run]) -> None:
    earlier = {cell: stacks[cell].outputs for cell in CELLS[:2]}
    outside = run_stack(
        "us-west-2", earlier, ledgerMembers=["us-east-1", "eu-west-1"], sizes={"globalCache": {}}
    )
    assert told(outside, "matcher")["LEDGER_REGIONS"] == "us-east-1,eu-west-1"
    assert outside.names("Function") >= {"cell-matcher", "cell-relay"}
    assert "cell-ledger-steward" not in outside.names("Function")
    assert not [each for each in outside.resources if each.name.startswith("cell-ledger-from-")]


def test_a_cell_that_may_not_hold_what_comes_of_orders_has_no_order_path() -> None:
    datasets = json.loads(committed("global")["castle:datasets"])
    datasets["outcomes"]["residency"] = "eu"
    birth = run_stack("us-east-1", datasets=datasets, vaults=["eu-central-1"])
    parts = ("cell-orders", "cell-order-", "cell-matcher", "cell-relay", "cell-trades")
    assert not [each.name for each in birth.resources if each.name.startswith(parts)]


def test_images_are_in_every_cell_and_come_from_the_birth_cell(stacks: dict[str, Run]) -> None:
    services = {"castle/trading-api", "castle/market-data", "castle/accounts", "castle/payments"}
    for cell in CELLS:
        repositories = [each.inputs for each in stacks[cell].of("Repository")]
        assert {each["name"] for each in repositories} == services
        assert {each["imageTagMutability"] for each in repositories} == {"IMMUTABLE"}
    (rule,) = (
        stacks["us-east-1"].one("cell-image-replication-registry").inputs["replicationConfiguration"]["rules"]
    )
    assert [each["region"] for each in rule["destinations"]] == ["eu-west-1", "us-west-2"]
    for cell in CELLS[1:]:
        assert "cell-image-replication" not in stacks[cell].names("ImageReplication")
