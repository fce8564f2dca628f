from __future__ import annotations

import json
from typing import Any

import pytest

from components.messaging.topic import Subscription, Topic, TopicArgs
from tests.unit.documents import statements
from tests.unit.harness import Run, run

TOPIC = "arn:aws:sns:eu-west-1:123456789012:castle-eu-west-1-trades"
QUEUES = "arn:aws:sqs:eu-west-1:123456789012"


@pytest.fixture(scope="module")
def made() -> Run:
    args = TopicArgs(
        topic="castle-eu-west-1-trades",
        account="123456789012",
        region="eu-west-1",
        key_arn="arn:key",
        publishers=["castle-*-matcher"],
        subscriptions={
            "market": Subscription(
                queue="castle-eu-west-1-market", filter_policy={"kind": ["trade", "book"]}
            ),
            "audit": Subscription(queue="castle-eu-west-1-audit", filter_policy={}),
        },
        alarm_topic_arn="arn:alarms",
        retire=False,
    )
    return run(lambda: Topic("trades", args) and None)


def policy(made: Run, name: str, type_: str = "Queue") -> dict[str, Any]:
    return dict(statements(json.loads(made.one(name, type_).inputs["policy"])))


def test_the_topic_and_its_queues_are_encrypted_with_the_key(made: Run) -> None:
    assert {each.inputs["kmsMasterKeyId"] for each in made.of("Topic") + made.of("Queue") if each.custom} == {
        "arn:key"
    }


def test_the_matchers_publish_and_nobody_else_and_by_tls(made: Run) -> None:
    found = policy(made, "trades-topic", "Topic")
    roles = {"aws:PrincipalArn": ["arn:aws:iam::123456789012:role/castle-*-matcher"]}
    assert found["These"]["Condition"] == {"ArnLike": roles}
    assert (found["NobodyElse"]["Effect"], found["NobodyElse"]["Condition"]) == (
        "Deny",
        {"ArnNotLike": roles},
    )
    assert found["TlsOnly"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert {each["Resource"] for each in found.values()} == {TOPIC}


def test_a_subscriber_gets_what_it_wants(made: Run) -> None:
    subscription = made.one("trades-market-subscription").inputs
    assert (subscription["protocol"], subscription["endpoint"]) == ("sqs", "arn:trades-market-queue")
    assert subscription["topic"] == "arn:trades-topic"
    assert json.loads(subscription["filterPolicy"]) == {"kind": ["trade", "book"]}
    assert subscription["filterPolicyScope"] == "MessageAttributes"


def test_one_that_wants_all_has_no_filter(made: Run) -> None:
    assert "filterPolicy" not in made.one("trades-audit-subscription").inputs


def test_what_cant_be_delivered_or_handled_is_kept(made: Run) -> None:
    delivery = json.loads(made.one("trades-market-subscription").inputs["redrivePolicy"])
    handling = json.loads(made.one("trades-market-queue").inputs["redrivePolicy"])
    assert delivery["deadLetterTargetArn"] == handling["deadLetterTargetArn"] == "arn:trades-market-dead"
    kept = {
        name: made.one(name).inputs["messageRetentionSeconds"]
        for name in ("trades-market-queue", "trades-market-dead")
    }
    assert kept["trades-market-dead"] > kept["trades-market-queue"]


def test_the_topic_alone_sends_into_a_subscribers_queues(made: Run) -> None:
    for name, queue in (("trades-market-queue", "market"), ("trades-market-dead", "market-dead")):
        found = policy(made, name)
        sends = found["FromTopic"]
        assert sends["Principal"] == {"Service": "sns.amazonaws.com"}
        assert sends["Resource"] == f"{QUEUES}:castle-eu-west-1-{queue}"
        assert sends["Condition"] == {
            "StringEquals": {"aws:SourceAccount": "123456789012"},
            "ArnEquals": {"aws:SourceArn": TOPIC},
        }
        assert found["TlsOnly"]["Effect"] == "Deny"
        assert [sid for sid, each in found.items() if each["Effect"] == "Allow"] == ["FromTopic"]


def test_each_subscribers_dead_letters_are_alarming(made: Run) -> None:
    watched = {
        each.inputs["dimensions"]["QueueName"]: each.inputs["threshold"] for each in made.of("MetricAlarm")
    }
    assert watched == {"castle-eu-west-1-market-dead": 0, "castle-eu-west-1-audit-dead": 0}


def test_queues_are_protected(made: Run) -> None:
    assert {each.protect for each in made.of("Queue")} == {True}


def test_subscribers_queues_have_no_order(made: Run) -> None:
    for each in made.of("Queue"):
        assert not {"fifoQueue", "deduplicationScope", "fifoThroughputLimit"} & set(each.inputs), each.name


def test_the_dead_letters_of_a_subscriber_come_from_its_queue_alone(made: Run) -> None:
    allowed = json.loads(made.one("trades-market-dead").inputs["redriveAllowPolicy"])
    assert allowed == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [f"{QUEUES}:castle-eu-west-1-market"],
    }
