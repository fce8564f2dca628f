from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from components.messaging.order_queue import OrderQueue, OrderQueueArgs
from tests.unit.documents import statements
from tests.unit.harness import Run, run

QUEUE = "castle-eu-west-1-orders.fifo"
DEAD = "castle-eu-west-1-orders-dead.fifo"
ARN = f"arn:aws:sqs:eu-west-1:123456789012:{QUEUE}"
ARGS = OrderQueueArgs(
    queue=QUEUE,
    dead_letter_queue=DEAD,
    account="123456789012",
    region="eu-west-1",
    key_arn="arn:key",
    senders=["castle-*-trading-api"],
    consumer_timeout_seconds=10,
    alarm_topic_arn="arn:alarms",
    late_seconds=30,
    retire=False,
)


@pytest.fixture(scope="module")
def made() -> Run:
    return run(lambda: OrderQueue("orders", ARGS) and None)


def inputs(made: Run, name: str) -> dict[str, Any]:
    return made.one(name, "Queue").inputs


def test_order_and_throughput_are_of_an_instrument(made: Run) -> None:
    for name in ("orders-orders", "orders-dead"):
        queue = inputs(made, name)
        assert queue["fifoQueue"] is True
        assert queue["deduplicationScope"] == "messageGroup"
        assert queue["fifoThroughputLimit"] == "perMessageGroupId"


def test_two_orders_that_say_the_same_are_two(made: Run) -> None:
    assert inputs(made, "orders-orders")["contentBasedDeduplication"] is False


def test_both_are_encrypted_with_the_key(made: Run) -> None:
    assert {each.inputs["kmsMasterKeyId"] for each in made.of("Queue")} == {"arn:key"}


def test_a_batch_stays_hidden_for_six_times_the_functions_timeout(made: Run) -> None:
    for name in ("orders-orders", "orders-dead"):
        assert inputs(made, name)["visibilityTimeoutSeconds"] == 60


def test_nothing_is_dropped_before_two_weeks(made: Run) -> None:
    assert {each.inputs["messageRetentionSeconds"] for each in made.of("Queue")} == {14 * 24 * 3600}


def test_what_cant_be_matched_goes_to_the_dead_letter_queue(made: Run) -> None:
    redrive = json.loads(inputs(made, "orders-orders")["redrivePolicy"])
    assert redrive["deadLetterTargetArn"] == "arn:orders-dead"


def test_orders_outlast_a_failover_of_the_ledger_in_the_queue(made: Run) -> None:
    queue = inputs(made, "orders-orders")
    tries = json.loads(queue["redrivePolicy"])["maxReceiveCount"]
    assert tries * queue["visibilityTimeoutSeconds"] > 600  # the ledger's budget


def test_the_dead_letter_queue_takes_from_this_queue_alone_and_gives_nothing_back(made: Run) -> None:
    dead = inputs(made, "orders-dead")
    assert json.loads(dead["redriveAllowPolicy"]) == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [ARN],
    }
    never = statements(json.loads(dead["policy"]))["NeverRedriven"]
    assert (never["Effect"], never["Action"], never["Principal"]) == ("Deny", "sqs:StartMessageMoveTask", "*")


def test_every_cells_trading_api_sends_and_nobody_else(made: Run) -> None:
    policy = statements(json.loads(inputs(made, "orders-orders")["policy"]))
    roles = {"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/castle-*-trading-api"]}
    allowed, denied = policy["These"], policy["NobodyElse"]
    assert (allowed["Effect"], allowed["Action"], allowed["Resource"]) == ("Allow", "sqs:SendMessage", ARN)
    assert allowed["Principal"] == {"AWS": "arn:aws:iam::123456789012:root"}
    assert allowed["Condition"] == {"ArnLike": roles}
    assert (denied["Effect"], denied["Action"], denied["Principal"]) == ("Deny", "sqs:SendMessage", "*")
    assert denied["Condition"] == {"ArnNotLike": roles}


def test_requests_without_tls_are_denied(made: Run) -> None:
    for name, arn in (("orders-orders", ARN), ("orders-dead", ARN.replace(QUEUE, DEAD))):
        tls = statements(json.loads(inputs(made, name)["policy"]))["TlsOnly"]
        assert (tls["Effect"], tls["Action"], tls["Resource"]) == ("Deny", "sqs:*", arn)
        assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_one_dead_letter_is_alarming_and_so_is_waiting(made: Run) -> None:
    alarms = {each.name: each.inputs for each in made.of("MetricAlarm")}
    dead, late = alarms["orders-dead-letters"], alarms["orders-late"]
    assert (dead["metricName"], dead["threshold"]) == ("ApproximateNumberOfMessagesVisible", 0)
    assert dead["dimensions"] == {"QueueName": DEAD}
    assert (late["metricName"], late["threshold"]) == ("ApproximateAgeOfOldestMessage", 30)
    assert late["dimensions"] == {"QueueName": QUEUE}
    assert {alarm["alarmActions"][0] for alarm in alarms.values()} == {"arn:alarms"}


def test_orders_are_protected_until_the_cell_retires(made: Run) -> None:
    assert {each.protect for each in made.of("Queue")} == {True}
    retiring = run(lambda: OrderQueue("orders", replace(ARGS, retire=True)) and None)
    assert {each.protect for each in retiring.of("Queue")} == {False}


@pytest.mark.parametrize("wrong", [{"queue": "orders"}, {"dead_letter_queue": "orders-dead"}])
def test_a_name_that_isnt_a_fifo_queues_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"must end in \.fifo"):
        replace(ARGS, **wrong)
