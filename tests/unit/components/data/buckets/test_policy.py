from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from components.data.buckets.policy import (
    LogSource,
    closed_bucket_policy,
    log_bucket_policy,
    web_bucket_policy,
)
from tests.unit.documents import actions, statements

ACCOUNT = "123456789012"
WEB = web_bucket_policy("web", ACCOUNT)
LOGS = log_bucket_policy("logs", ACCOUNT, "eu-west-1", ("alb", "flow", "s3", "cloudfront"))


def allowing(document: Mapping[str, object]) -> list[Mapping[str, Any]]:
    return [each for each in statements(document).values() if each["Effect"] == "Allow"]


@pytest.mark.parametrize(
    ("document", "bucket"), [(WEB, "web"), (LOGS, "logs"), (closed_bucket_policy("reports"), "reports")]
)
def test_what_comes_without_tls_is_denied_for_bucket_and_objects(
    document: Mapping[str, object], bucket: str
) -> None:
    denial = statements(document)["TlsOnly"]
    assert (denial["Effect"], denial["Principal"], denial["Action"]) == ("Deny", "*", "s3:*")
    assert denial["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    assert denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


@pytest.mark.parametrize("document", [WEB, LOGS])
def test_only_services_are_allowed_and_only_for_this_account(document: Mapping[str, object]) -> None:
    for each in allowing(document):
        assert list(each["Principal"]) == ["Service"]
        assert each["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT


def test_cloudfront_reads_objects_and_nothing_else() -> None:
    (read,) = allowing(WEB)
    assert read["Principal"] == {"Service": "cloudfront.amazonaws.com"}
    assert actions(read) == ["s3:GetObject"]
    assert read["Condition"]["ArnLike"] == {
        "aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/*"
    }


def test_load_balancers_of_the_region_write_under_their_prefix() -> None:
    write = statements(LOGS)["LoadBalancersWrite"]
    assert write["Principal"] == {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}
    assert write["Resource"] == "arn:aws:s3:::logs/alb/AWSLogs/123456789012/*"
    assert write["Condition"]["ArnLike"] == {
        "aws:SourceArn": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/*"
    }


def test_buckets_write_under_their_prefix() -> None:
    write = statements(LOGS)["BucketsWrite"]
    assert write["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    assert write["Resource"] == "arn:aws:s3:::logs/s3/*"


def test_deliveries_write_flow_and_cloudfront_logs_that_the_account_owns() -> None:
    write = statements(LOGS)["AWSLogDeliveryWrite"]
    assert write["Resource"] == [
        "arn:aws:s3:::logs/cloudfront/AWSLogs/123456789012/*",
        "arn:aws:s3:::logs/flow/AWSLogs/123456789012/*",
    ]
    assert write["Condition"] == {
        "StringEquals": {
            "aws:SourceAccount": ACCOUNT,
            "s3:x-amz-acl": "bucket-owner-full-control",
        },
        "ArnLike": {"aws:SourceArn": "arn:aws:logs:eu-west-1:123456789012:*"},
    }


@pytest.mark.parametrize(
    ("source", "sids"),
    [
        ("alb", {"TlsOnly", "LoadBalancersWrite"}),
        ("s3", {"TlsOnly", "BucketsWrite"}),
        ("flow", {"TlsOnly", "AWSLogDeliveryAclCheck", "AWSLogDeliveryWrite"}),
        ("cloudfront", {"TlsOnly", "AWSLogDeliveryAclCheck", "AWSLogDeliveryWrite"}),
    ],
)
def test_a_source_that_isnt_named_may_not_write(source: LogSource, sids: set[str]) -> None:
    assert set(statements(log_bucket_policy("logs", ACCOUNT, "eu-west-1", [source]))) == sids
