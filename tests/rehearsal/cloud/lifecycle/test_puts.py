"""Puts: what is there once for its parent is written over when it is created, and deleted by that parent."""

import re

import pytest

from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.types.type_table import FILE, load_yaml
from rehearsal.engine.options import OperationOptions
from tests.judges.service_models import service_model
from tests.rehearsal.cloud.cloud_driver import BUCKET, READABLE, CloudDriver, Made, refused
from tests.rehearsal.lab import Lab, ops

QUEUE = "aws:sqs/queue:Queue"
QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy"
NOTIFICATION = "aws:s3/bucketNotification:BucketNotification"
TABLE = load_yaml(FILE)
PUTS = {token: row["put"] for token, row in TABLE.items() if row and "put" in row}


def living(driver: CloudDriver, made: Made) -> bool:
    return driver.cloud.read(made.target, made.id, made.inputs, made.outputs) is not None


@pytest.fixture
def policy(driver: CloudDriver) -> Made:
    """A policy of a queue, which no stack of the program has in a resource of its own."""
    queue = driver.make(QUEUE, "queue", {})
    return driver.make(QUEUE_POLICY, "policy", {"queueUrl": queue.id, "policy": READABLE})


def test_it_is_written_over_by_its_replacement(driver: CloudDriver, policy: Made) -> None:
    again = driver.make(QUEUE_POLICY, "policy", {**policy.inputs, "policy": READABLE.replace("Get", "Put")})
    assert again.id == policy.id
    there = driver.resources[resource_key(QUEUE_POLICY, "us-east-1", policy.id)]
    assert "PutObject" in there.inputs["policy"]


def test_the_deletion_of_the_old_one_takes_the_new_one(driver: CloudDriver, policy: Made) -> None:
    again = driver.make(QUEUE_POLICY, "policy", policy.inputs)
    driver.remove(policy)
    assert not living(driver, again)


def test_it_isnt_written_over_by_another_resource(driver: CloudDriver, policy: Made) -> None:
    error = refused(driver, QUEUE_POLICY, "other", policy.inputs)
    assert error.code == "QueuePolicyAlreadyOwned"
    assert "::policy" in str(error)


def test_what_a_stack_retained_is_taken_over(driver: CloudDriver) -> None:
    bucket = driver.make(BUCKET, "bucket", {})
    kept = driver.make(NOTIFICATION, "kept", {"bucket": bucket.id, "eventbridge": True})
    driver.apply(driver.cloud.release(kept.target.urn, kept.id))
    driver.make(NOTIFICATION, "other", {"bucket": bucket.id})
    assert driver.cloud.retained() == []


def test_replaced_by_force_it_is_lost_unless_it_goes_first(lab: Lab) -> None:
    program = (
        'q = aws.sqs.Queue("queue", opts=o)\n'
        f'aws.sqs.QueuePolicy("policy", queue_url=q.url, policy={READABLE!r}, opts=O(provider=p, MORE))\n'
    )
    for more, left in (("protect=False", {"Queue queue"}), ("delete_before_replace=True", None)):
        lab.program(program.replace("MORE", more))
        lab.up()
        before = lab.living()
        engine = lab.engine()
        urn = "urn:pulumi:dev::lab::aws:sqs/queuePolicy:QueuePolicy::policy"
        result = engine.update("dev", engine.project.config("dev", {}), OperationOptions(replaces=(urn,)))
        assert not result.failed
        assert "create-replacement policy" in ops(result)
        assert lab.living() == (left or before)
        lab.refresh()


@pytest.mark.parametrize("token", PUTS)
def test_its_operation_has_no_error_for_one_that_exists(token: str) -> None:
    service, _, name = PUTS[token].partition(".")
    errors = [one["shape"] for one in service_model(service)["operations"][name].get("errors", ())]
    assert [error for error in errors if re.search("AlreadyExist|NameExists|Duplicate", error)] == []
