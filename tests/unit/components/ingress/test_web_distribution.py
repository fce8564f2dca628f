from __future__ import annotations

from typing import Any

import pytest

from components.ingress.web_distribution import WebDistribution, WebDistributionArgs
from tests.unit.harness import Run, committed, run

BUCKETS = {"us": "us.s3.us-east-1.amazonaws.com", "eu": "eu.s3.eu-west-1.amazonaws.com"}
WEB_ACL = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/edge/1"


@pytest.fixture(scope="module")
def made() -> Run:
    args = WebDistributionArgs(
        region="us-east-1",
        host="app.castle.example",
        zone_id="Z1",
        buckets=BUCKETS,
        price_class="100",
        connects=["https://api.castle.example", "wss://stream.castle.example"],
        web_acl_arn=WEB_ACL,
        log_delivery="castle-global-web",
        log_bucket_arn="arn:aws:s3:::logs",
    )
    return run(lambda: WebDistribution("web", args) and None)


@pytest.fixture(scope="module")
def distribution(made: Run) -> dict[str, Any]:
    return made.one("web-distribution").inputs


def test_the_origin_group_fails_over_from_the_first_bucket_to_the_second(
    distribution: dict[str, Any],
) -> None:
    (group,) = distribution["originGroups"]
    assert [member["originId"] for member in group["members"]] == ["us", "eu"]
    assert {origin["originId"]: origin["domainName"] for origin in distribution["origins"]} == BUCKETS


def test_a_lost_region_is_a_reason_to_fail_over(distribution: dict[str, Any]) -> None:
    (group,) = distribution["originGroups"]
    assert {500, 502, 503, 504} <= set(group["failoverCriteria"]["statusCodes"])


def test_viewers_ask_the_group_by_methods_that_fail_over(distribution: dict[str, Any]) -> None:
    behaviour = distribution["defaultCacheBehavior"]
    assert behaviour["targetOriginId"] == distribution["originGroups"][0]["originId"]
    assert behaviour["allowedMethods"] == ["GET", "HEAD", "OPTIONS"]


def test_a_lost_origin_is_given_up_within_the_budget(distribution: dict[str, Any]) -> None:
    budget = 10
    assert f'"web": {budget}' in committed("global")["castle:budgets"]
    for origin in distribution["origins"]:
        assert origin["connectionAttempts"] * origin["connectionTimeout"] <= budget


def test_buckets_are_read_by_signed_requests_only(made: Run, distribution: dict[str, Any]) -> None:
    access = made.one("web-access").inputs
    assert (access["originAccessControlOriginType"], access["signingBehavior"]) == ("s3", "always")
    assert {origin["originAccessControlId"] for origin in distribution["origins"]} == {"web-access-id"}


def test_an_origin_with_access_control_has_no_access_identity(distribution: dict[str, Any]) -> None:
    assert not [origin for origin in distribution["origins"] if "s3OriginConfig" in origin]


def test_viewers_are_sent_to_https_with_tls_1_2_or_newer(distribution: dict[str, Any]) -> None:
    assert distribution["defaultCacheBehavior"]["viewerProtocolPolicy"] == "redirect-to-https"
    assert distribution["viewerCertificate"]["minimumProtocolVersion"] == "TLSv1.2_2021"


def test_the_certificate_is_in_us_east_1_and_valid_before_it_is_used(made: Run) -> None:
    assert made.one("web-certificate").inputs["region"] == "us-east-1"
    assert made.one("web-certificate-valid").inputs["region"] == "us-east-1"
    assert made.one("web-certificate-valid").urn in made.one("web-distribution").depends_on


def test_the_page_may_call_the_api_and_the_stream_and_nobody_else(made: Run) -> None:
    """Without connect-src a browser lets it call its own host alone, and no socket."""
    policy = made.one("web-headers").inputs["securityHeadersConfig"]["contentSecurityPolicy"]
    assert policy["contentSecurityPolicy"] == (
        "default-src 'self'; connect-src 'self' https://api.castle.example wss://stream.castle.example; "
        "frame-ancestors 'none'"
    )


def test_browsers_get_security_headers(made: Run, distribution: dict[str, Any]) -> None:
    config = made.one("web-headers").inputs["securityHeadersConfig"]
    assert config["strictTransportSecurity"]["accessControlMaxAgeSec"] >= 31536000
    assert config["frameOptions"]["frameOption"] == "DENY"
    assert distribution["defaultCacheBehavior"]["responseHeadersPolicyId"] == "web-headers-id"


def test_requests_are_logged_by_a_delivery_in_us_east_1(made: Run) -> None:
    source, destination = made.one("web-log-source").inputs, made.one("web-log-destination").inputs
    assert source["resourceArn"] == "arn:aws:cloudfront::123456789012:distribution/E1"
    assert source["logType"] == "ACCESS_LOGS"
    assert destination["deliveryDestinationConfiguration"] == {
        "destinationResourceArn": "arn:aws:s3:::logs/cloudfront"
    }
    regions = {made.one(f"web-log-{part}").inputs["region"] for part in ("source", "destination", "delivery")}
    assert regions == {"us-east-1"}


def test_logging_needs_no_acl_on_the_bucket(distribution: dict[str, Any]) -> None:
    assert "loggingConfig" not in distribution


def test_app_leads_to_the_distribution_over_both_protocols(made: Run) -> None:
    records = {each.inputs["type"]: each.inputs for each in made.of("Record") if "aliases" in each.inputs}
    assert set(records) == {"A", "AAAA"}
    for record in records.values():
        assert record["name"] == "app.castle.example"
        assert record["aliases"][0]["name"] == "d1.cloudfront.net"


def test_the_price_class_is_the_stacks_choice(distribution: dict[str, Any]) -> None:
    assert distribution["priceClass"] == "PriceClass_100"


def test_the_root_is_a_page(distribution: dict[str, Any]) -> None:
    assert distribution["defaultRootObject"] == "index.html"


def test_the_firewall_is_named_by_the_distribution_itself(made: Run, distribution: dict[str, Any]) -> None:
    assert distribution["webAclId"] == WEB_ACL
    assert made.of("WebAclAssociation") == []
