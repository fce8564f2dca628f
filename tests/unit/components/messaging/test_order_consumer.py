from __future__ import annotations

from dataclasses import replace

import pytest

from components.messaging.order_consumer import OrderConsumer, OrderConsumerArgs, receive_statements
from tests.unit.harness import Run, run

ARGS = OrderConsumerArgs(
    function_name="castle-eu-west-1-matcher",
    function_concurrency=50,
    queue_arn="arn:orders",
    dead_letter_arn="arn:dead",
)


@pytest.fixture(scope="module")
def made() -> Run:
    return run(lambda: OrderConsumer("matcher", ARGS) and None)


def test_one_function_takes_from_both_queues_and_a_batch_may_fail_in_part(made: Run) -> None:
    for name, queue in (("matcher-orders", "arn:orders"), ("matcher-dead", "arn:dead")):
        mapping = made.one(name).inputs
        assert (mapping["eventSourceArn"], mapping["functionName"]) == (queue, "castle-eu-west-1-matcher")
        assert mapping["functionResponseTypes"] == ["ReportBatchItemFailures"]
        assert mapping["batchSize"] == 10


def test_the_queues_ask_for_no_more_than_is_reserved(made: Run) -> None:
    asked = [each.inputs["scalingConfig"]["maximumConcurrency"] for each in made.of("EventSourceMapping")]
    assert sorted(asked) == [2, 48]


@pytest.mark.parametrize("concurrency", [0, 1, 3])
def test_less_than_aws_takes_is_refused(concurrency: int) -> None:
    with pytest.raises(ValueError, match=f"function_concurrency {concurrency}; it must be at least 4"):
        replace(ARGS, function_concurrency=concurrency)


def test_it_takes_from_its_queues_and_decrypts_for_them_alone() -> None:
    take, read = receive_statements(["arn:orders", "arn:dead"], "arn:key", "eu-west-1")
    assert take["Resource"] == ["arn:orders", "arn:dead"]
    assert (read["Action"], read["Resource"]) == ("kms:Decrypt", "arn:key")
    assert read["Condition"] == {"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}}
