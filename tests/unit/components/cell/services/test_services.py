"""The services as a cell has them: what each may do, whom it reaches, and on what it runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from components.data.cache.users import LOCAL_USERS, MARKET_USERS
from components.data.tables.primary_keys import TABLE_KEYS
from settings.catalogue import SERVICES
from tests.unit.conftest import CELLS
from tests.unit.documents import actions, statements
from tests.unit.harness import Run, committed, run_stack

HERE = "arn:aws:{}:eu-west-1:123456789012:{}"


def may(run: Run, service: str) -> dict[str, Mapping[str, Any]]:
    return statements(json.loads(run.one(f"cell-{service}-may-policy").inputs["policy"]))


def every_resource(run: Run, service: str) -> set[str]:
    return {resource for it in may(run, service).values() for resource in it["Resource"]}


def environment(run: Run, service: str) -> dict[str, str]:
    pod = run.one(f"cell-{service}-deployment").inputs["spec"]["template"]["spec"]
    return {it["name"]: it["value"] for it in pod["containers"][0]["env"]}


def ways_out(run: Run, service: str) -> dict[int, set[str]]:
    egress = run.one(f"cell-{service}-ways").inputs["spec"]["egress"]
    return {int(it["ports"][0]["port"]): {to["ipBlock"]["cidr"] for to in it["to"]} for it in egress}


def test_a_row_of_the_catalogue_names_tables_topics_and_cache_users_that_there_are() -> None:
    for service, facts in SERVICES.items():
        assert {*facts.reads_tables, *facts.writes_tables} <= TABLE_KEYS.keys()
        assert facts.subscribes.keys() <= {"trades", "order-alerts"}
        assert service in LOCAL_USERS
        assert (facts.market_cache is not None) == (service in MARKET_USERS)


def test_every_service_runs_in_every_cell_on_the_runtime_that_its_stack_says(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        pods = {f"cell-{it}" for it in SERVICES}
        tasks = {"cell-trading-api", "cell-market-data"} if cell == "us-west-2" else set[str]()
        assert stacks[cell].names("FargateService") == tasks
        assert stacks[cell].names("TradingService") == pods - tasks


def test_a_service_has_the_same_role_on_either_runtime(stacks: dict[str, Run]) -> None:
    principals = {}
    for cell in CELLS:
        role = stacks[cell].one("cell-trading-api-may-role").inputs
        assert role["name"] == f"castle-{cell}-trading-api"
        (trust,) = json.loads(role["assumeRolePolicy"])["Statement"]
        principals[cell] = trust["Principal"]["Service"]
    pods, tasks = "pods.eks.amazonaws.com", "ecs-tasks.amazonaws.com"
    assert principals == {"us-east-1": pods, "eu-west-1": pods, "us-west-2": tasks}


def test_a_service_without_an_image_isnt_there_yet(exported: dict[str, dict[str, object]]) -> None:
    images = json.loads(committed("eu-west-1")["castle:images"])
    del images["payments"]
    run = run_stack("eu-west-1", exported, images=images)
    assert run.names("TradingService") == {"cell-trading-api", "cell-market-data", "cell-accounts"}
    assert [it.name for it in run.resources if it.name.startswith("cell-payments-may")] == []


def test_no_service_may_do_anything_or_anything_to_everything(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        for service in SERVICES:
            for statement in may(stacks[cell], service).values():
                assert not [it for it in actions(statement) if "*" in it]
                assert "*" not in statement["Resource"]


def test_trading_api_reads_projections_and_writes_what_it_answered(joining: Run) -> None:
    found = may(joining, "trading-api")
    table = HERE.format("dynamodb", "table/castle-{}")
    assert found["ReadTables"]["Resource"] == [
        table.format(name) for name in ("balances", "instruments", "outcomes")
    ]
    assert {it.split(":")[1] for it in actions(found["ReadTables"])} == {"BatchGetItem", "GetItem", "Query"}
    assert found["WriteTables"]["Resource"] == [table.format("idempotency")]


def test_trading_api_sends_orders_to_every_cell_and_no_other_service_does(stacks: dict[str, Run]) -> None:
    queues = [f"arn:aws:sqs:{cell}:123456789012:castle-{cell}-orders.fifo" for cell in CELLS]
    for cell in CELLS:
        found = may(stacks[cell], "trading-api")
        assert found["SendOrders"]["Action"] == ["sqs:SendMessage"]
        assert found["SendOrders"]["Resource"] == queues
        regions = {arn.split(":")[3] for arn in found["KeysOfQueues"]["Resource"]}
        assert regions == set(CELLS)
        for other in SERVICES.keys() - {"trading-api"}:
            assert "SendOrders" not in may(stacks[cell], other)


def test_a_service_takes_from_its_own_queue_of_what_became_of_orders(stacks: dict[str, Run]) -> None:
    own = {"market-data": "trades-market-data", "accounts": "order-alerts-accounts"}
    for cell in CELLS:
        for service in SERVICES:
            found = may(stacks[cell], service).get("Take", {}).get("Resource", [])
            queue = own.get(service)
            assert found == ([f"arn:aws:sqs:{cell}:123456789012:castle-{cell}-{queue}"] if queue else [])


def test_only_trading_api_reads_the_ledger_and_nobody_signs_in_to_write_there(joining: Run) -> None:
    found = may(joining, "trading-api")["LedgerReads"]
    assert (found["Action"], found["Resource"]) == (
        ["rds-db:connect"],
        [HERE.format("rds-db", "dbuser:*/reader")],
    )
    for other in SERVICES.keys() - {"trading-api"}:
        assert not [it for it in every_resource(joining, other) if ":rds-db:" in it]


def test_market_data_signs_in_to_every_member_of_the_cache_since_any_may_be_the_one_that_writes(
    joining: Run,
) -> None:
    mine, of_orders = (
        {it for it in every_resource(joining, service) if it.endswith("-market") and "replicationgroup" in it}
        for service in ("market-data", "trading-api")
    )
    assert mine == {
        f"arn:aws:elasticache:{cell}:123456789012:replicationgroup:castle-{cell}-market" for cell in CELLS
    }
    assert of_orders == {HERE.format("elasticache", "replicationgroup:castle-eu-west-1-market")}


def test_each_signs_in_to_caches_as_itself(joining: Run) -> None:
    for service, facts in SERVICES.items():
        users = {it.rsplit(":", 1)[-1] for it in every_resource(joining, service) if ":user:" in it}
        assert users == {
            f"castle-local-{service}",
            *({f"castle-market-{service}"} if facts.market_cache else ()),
        }


def test_accounts_alone_signs_tokens_by_the_alias_and_the_one_algorithm(joining: Run) -> None:
    found = may(joining, "accounts")["SignTokens"]
    assert found["Action"] == ["kms:Sign"]
    assert found["Condition"] == {
        "StringEquals": {"kms:SigningAlgorithm": "RSASSA_PKCS1_V1_5_SHA_256"},
        "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/castle-token-signing"},
    }
    for other in SERVICES.keys() - {"accounts"}:
        assert not [it for each in may(joining, other).values() for it in actions(each) if it == "kms:Sign"]


def test_keys_are_used_only_through_what_stores_with_them(stacks: dict[str, Run]) -> None:
    seen = 0
    for cell in CELLS:
        for service in SERVICES:
            for statement in may(stacks[cell], service).values():
                if "kms:Decrypt" in actions(statement):
                    seen += 1
                    assert statement["Condition"]["StringEquals"]["kms:ViaService"]
    assert seen >= 2 * len(SERVICES)


def test_payments_alone_reads_what_it_signs_with_each_in_its_region(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        (secret,) = may(stacks[cell], "payments")["PaymentsKey"]["Resource"]
        assert secret.startswith(
            f"arn:aws:secretsmanager:{cell}:123456789012:secret:cell-payments-key-secret"
        )
        for other in SERVICES.keys() - {"payments"}:
            assert secret not in every_resource(stacks[cell], other)


def test_payments_is_apart(joining: Run) -> None:
    pod = joining.one("cell-payments-deployment").inputs
    assert pod["metadata"]["namespace"] == "payments"
    assert pod["spec"]["template"]["spec"]["nodeSelector"] == {"castle/pool": "payments"}
    out, of_orders = ways_out(joining, "payments"), ways_out(joining, "trading-api")
    assert 5432 not in out
    assert 5432 in of_orders
    inside = {cidr for cidrs in out.values() for cidr in cidrs if cidr.startswith("10.")}
    assert all(cidr.startswith("10.1.") for cidr in inside), "no other cell's network"


def test_stores_are_reached_where_they_are(joining: Run) -> None:
    out = ways_out(joining, "trading-api")
    data = {"10.1.32.0/22", "10.1.96.0/22", "10.1.160.0/22"}
    assert out[5432] == data
    assert out[6379] == data
    to_members = ways_out(joining, "market-data")[6379]
    assert data < to_members
    assert {cidr.split(".")[1] for cidr in to_members} == {"0", "1", "2"}


def test_load_balancers_are_let_into_the_cluster_once_each(joining: Run, stacks: dict[str, Run]) -> None:
    for run, balancers in ((joining, {"api", "stream"}), (stacks["us-west-2"], {"api"})):
        rules = [it for it in run.of("SecurityGroupIngressRule") if "services-from" in it.name]
        assert {it.name for it in rules} == {f"cell-services-from-{balancer}" for balancer in balancers}
        for rule in rules:
            assert rule.inputs["securityGroupId"] == "cell-cluster-eks-group"
            assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (8443, 8443)


def test_stores_let_in_the_tasks_that_reach_them(stacks: dict[str, Run]) -> None:
    west = stacks["us-west-2"]
    assert (
        west.one("cell-ledger-from-trading-api").inputs["referencedSecurityGroupId"]
        == "cell-trading-api-group-id"
    )
    (service,) = [it for it in west.of("Service") if it.name == "cell-trading-api-service"]
    assert service.inputs["networkConfiguration"]["securityGroups"] == ["cell-trading-api-group-id"]


def test_market_data_is_behind_both_load_balancers_and_the_others_behind_one(joining: Run) -> None:
    bound = {it.name for it in joining.of("TargetGroupBinding")}
    assert bound == {
        *(f"cell-{service}-binding-api" for service in SERVICES),
        "cell-market-data-binding-stream",
    }


def test_the_environment_names_what_is_reached_and_holds_no_secret(joining: Run) -> None:
    found = environment(joining, "trading-api")
    assert found["LEDGER_READS"] == "cell-ledger-reads-endpoint.proxy.rds.amazonaws.com"
    assert found["MARKET_CACHES"] == "eu-west-1=castle-eu-west-1-market"
    west = "us-west-2=https://sqs.us-west-2.amazonaws.com/123456789012/castle-us-west-2-orders.fifo"
    assert west in found["ORDER_QUEUES"].split()
    assert environment(joining, "accounts")["TOKEN_KEY"] == "alias/castle-token-signing"
    assert environment(joining, "payments")["PAYMENTS_KEY"].startswith("arn:aws:secretsmanager:eu-west-1:")
    assert not {"LEDGER_READS", "ORDER_QUEUES", "MARKET_CACHES"} & environment(joining, "payments").keys()


def test_logs_of_tasks_are_encrypted_by_a_key_that_allows_it(birth: Run) -> None:
    (policy,) = [it.inputs["policy"] for it in birth.of("Key") if it.name.startswith("cell-key-audit-")]
    (groups,) = statements(json.loads(policy))["Logs"]["Condition"]["ArnLike"].values()
    assert "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ecs/castle-*" in groups
