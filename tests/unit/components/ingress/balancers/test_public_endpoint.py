from __future__ import annotations

import pytest

from components.ingress.balancers.public_endpoint import PublicEndpoint, PublicEndpointArgs
from tests.unit.harness import Run, run


def endpoint(*, owner: bool, retire: bool = False) -> Run:
    args = PublicEndpointArgs(
        cell="eu-west-1",
        domain="castle.example",
        zone_id="Z1",
        owns_shared_validation=owner,
        vpc_id="vpc-1",
        public_subnet_ids={"a": "subnet-a", "b": "subnet-b", "c": "subnet-c"},
        app_cidrs={"a": "10.1.0.0/19", "b": "10.1.64.0/19"},
        cluster="castle-eu-west-1",
        streams="market-data",
        log_bucket="logs",
        alarm_topic_arn="arn:alarms",
        retire=retire,
    )
    return run(
        lambda: PublicEndpoint("way", args).add_alias_record("api", "d-1.execute-api.amazonaws.com", "Z0API")
    )


@pytest.fixture(scope="module")
def birth() -> Run:
    return endpoint(owner=True)


@pytest.fixture(scope="module")
def joining() -> Run:
    return endpoint(owner=False)


def validations(each: Run) -> dict[str, str]:
    return {
        record.name: record.inputs["name"] for record in each.of("Record") if "-validation-" in record.name
    }


def test_the_certificate_covers_the_shared_hosts_and_the_cells_own(joining: Run) -> None:
    inputs = joining.one("way-certificate").inputs
    assert {inputs["domainName"], *inputs["subjectAlternativeNames"]} == {
        "api.castle.example",
        "stream.castle.example",
        "api-eu-west-1.castle.example",
        "stream-eu-west-1.castle.example",
    }


def test_the_certificate_is_validated_by_dns(joining: Run) -> None:
    assert joining.one("way-certificate").inputs["validationMethod"] == "DNS"


def test_the_birth_cell_owns_the_validation_of_every_name(birth: Run) -> None:
    assert validations(birth) == {
        "way-validation-api": "_proof.api.castle.example.",
        "way-validation-stream": "_proof.stream.castle.example.",
        "way-validation-api-eu-west-1": "_proof.api-eu-west-1.castle.example.",
        "way-validation-stream-eu-west-1": "_proof.stream-eu-west-1.castle.example.",
    }


def test_a_joining_cell_owns_the_validation_of_its_own_names_only(joining: Run) -> None:
    assert validations(joining) == {
        "way-validation-api-eu-west-1": "_proof.api-eu-west-1.castle.example.",
        "way-validation-stream-eu-west-1": "_proof.stream-eu-west-1.castle.example.",
    }


def test_a_joining_cell_waits_for_every_name(joining: Run) -> None:
    assert set(joining.one("way-certificate-valid").inputs["validationRecordFqdns"]) == {
        "_proof.api.castle.example.",
        "_proof.stream.castle.example.",
        "_proof.api-eu-west-1.castle.example.",
        "_proof.stream-eu-west-1.castle.example.",
    }


def test_a_validation_record_proves_the_name_that_it_is_for(birth: Run) -> None:
    record = birth.one("way-validation-stream").inputs
    assert record["records"] == ["_stream.castle.example.acm-validations.aws."]
    assert record["type"] == "CNAME"


def test_https_waits_until_the_certificate_is_valid(joining: Run) -> None:
    assert joining.one("way-certificate-valid").urn in joining.one("way-https").depends_on


def test_https_needs_tls_1_2_or_1_3(joining: Run) -> None:
    inputs = joining.one("way-https").inputs
    assert (inputs["port"], inputs["protocol"]) == (443, "HTTPS")
    assert inputs["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-Res")


def test_http_only_redirects(joining: Run) -> None:
    inputs = joining.one("way-http").inputs
    assert inputs["port"] == 80
    assert inputs["defaultActions"] == [
        {"type": "redirect", "redirect": {"protocol": "HTTPS", "port": "443", "statusCode": "HTTP_301"}}
    ]


def test_an_unknown_path_is_not_found(joining: Run) -> None:
    (action,) = joining.one("way-https").inputs["defaultActions"]
    assert (action["type"], action["fixedResponse"]["statusCode"]) == ("fixed-response", "404")


def test_healthz_says_200_to_get_and_tells_nothing(joining: Run) -> None:
    rule = joining.one("way-health").inputs
    assert {"pathPattern": {"values": ["/healthz"]}} in rule["conditions"]
    assert {"httpRequestMethod": {"values": ["GET"]}} in rule["conditions"]
    assert rule["actions"] == [
        {"type": "fixed-response", "fixedResponse": {"contentType": "text/plain", "statusCode": "200"}}
    ]


def test_the_load_balancer_spans_all_zones_and_drops_bad_headers(joining: Run) -> None:
    inputs = joining.one("way-alb").inputs
    assert inputs["subnets"] == ["subnet-a", "subnet-b", "subnet-c"]
    assert inputs["dropInvalidHeaderFields"] is True


def test_the_load_balancer_logs_to_the_cells_bucket(joining: Run) -> None:
    assert joining.one("way-alb").inputs["accessLogs"] == {"enabled": True, "bucket": "logs", "prefix": "alb"}


def test_the_load_balancer_cant_be_deleted() -> None:
    assert endpoint(owner=False).one("way-alb").inputs["enableDeletionProtection"] is True
    assert endpoint(owner=False, retire=True).one("way-alb").inputs["enableDeletionProtection"] is False


def test_the_load_balancer_is_tagged_as_a_public_entry(joining: Run) -> None:
    inputs = joining.one("way-alb").inputs
    assert (inputs["internal"], inputs["tags"]) == (False, {"public-entry": "true"})


def test_the_internet_reaches_ports_80_and_443_only(joining: Run) -> None:
    rules = {
        (each.inputs["fromPort"], each.inputs["toPort"], each.inputs["cidrIpv4"])
        for each in joining.of("SecurityGroupIngressRule")
    }
    assert rules == {(80, 80, "0.0.0.0/0"), (443, 443, "0.0.0.0/0")}


def test_the_load_balancer_connects_to_services_in_app_subnets_alone(joining: Run) -> None:
    assert "egress" not in joining.one("way-group").inputs
    rules = {
        (each.inputs["fromPort"], each.inputs["toPort"], each.inputs["cidrIpv4"])
        for each in joining.of("SecurityGroupEgressRule")
    }
    assert rules == {(8443, 8443, "10.1.0.0/19"), (8443, 8443, "10.1.64.0/19")}


def test_sockets_have_one_way_which_leads_to_the_service_that_streams(joining: Run) -> None:
    rule = joining.one("way-to-stream").inputs
    assert {"hostHeader": {"values": ["stream.castle.example", "stream-eu-west-1.castle.example"]}} in rule[
        "conditions"
    ]
    assert {"pathPattern": {"values": ["/v1/stream"]}} in rule["conditions"]
    assert {"httpRequestMethod": {"values": ["GET"]}} in rule["conditions"]
    assert rule["actions"] == [{"type": "forward", "targetGroupArn": "arn:stream-targets"}]


def test_any_target_takes_any_socket(joining: Run) -> None:
    group = joining.one("stream-targets").inputs
    assert group["stickiness"] == {"type": "lb_cookie", "enabled": False}
    assert group["loadBalancingAlgorithmType"] == "least_outstanding_requests"


def test_a_socket_is_held_longer_than_its_pings_are_apart_and_let_go_before_an_accelerator_does(
    joining: Run,
) -> None:
    assert 30 * 3 < joining.one("way-alb").inputs["idleTimeout"] < 340


def test_alarms_tell_of_errors_of_clients_turned_away_and_of_ill_targets(joining: Run) -> None:
    watched = {each.inputs["metricName"]: each.inputs for each in joining.of("MetricAlarm")}
    assert set(watched) == {"HTTPCode_ELB_5XX_Count", "RejectedConnectionCount", "UnHealthyHostCount"}
    assert watched["UnHealthyHostCount"]["dimensions"] == {
        "LoadBalancer": "app/way-alb",
        "TargetGroup": "targetgroup/stream-targets",
    }
    assert {each["alarmActions"][0] for each in watched.values()} == {"arn:alarms"}


def test_the_cells_own_names_lead_each_to_what_answers_for_it(joining: Run) -> None:
    for host, name, zone in (
        ("stream", "way-alb.elb.amazonaws.com", "Z0ELB"),
        ("api", "d-1.execute-api.amazonaws.com", "Z0API"),
    ):
        record = joining.one(f"way-alias-{host}-eu-west-1").inputs
        assert record["name"] == f"{host}-eu-west-1.castle.example"
        assert record["aliases"] == [{"name": name, "zoneId": zone, "evaluateTargetHealth": False}]


def test_a_cell_never_owns_a_shared_name(birth: Run) -> None:
    names = {each.inputs["name"] for each in birth.of("Record")}
    assert not {"api.castle.example", "stream.castle.example", "app.castle.example"} & names


def test_alias_records_have_no_ttl(joining: Run) -> None:
    assert not [each for each in joining.of("Record") if "aliases" in each.inputs and "ttl" in each.inputs]
