from __future__ import annotations

import json

import pytest

from components.observability.alerts import Alerts, AlertsArgs
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"


@pytest.fixture(scope="module")
def made() -> Run:
    args = AlertsArgs(account="123456789012", region="eu-west-1", key_arn=KEY)
    return run(lambda: Alerts("alerts", args) and None)


def test_the_topic_is_encrypted_with_the_key_of_its_region(made: Run) -> None:
    topic = made.one("alerts-alarms", "Topic").inputs
    assert (topic["region"], topic["kmsMasterKeyId"]) == ("eu-west-1", KEY)


def test_alarms_of_this_account_publish_and_nobody_else(made: Run) -> None:
    (statement,) = json.loads(made.one("alerts-alarms", "TopicPolicy").inputs["policy"])["Statement"]
    assert statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": "123456789012"}
