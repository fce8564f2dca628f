from __future__ import annotations

import json
import re
from dataclasses import replace

import pulumi_aws as aws
import pytest

from components.ingress.api.custom_domains import ApiHosts, ApiHostsArgs
from components.ingress.api.methods import METHODS
from components.ingress.api.stage import ApiStage, ApiStageArgs
from components.ingress.api.usage_plans import Allowance, UsagePlans, UsagePlansArgs, usage_key
from tests.unit.harness import Run, run

(ORDERS,) = (each for each in METHODS if each.name == "POST /v1/orders")


def stage(*, cache_gb: str | None = "0.5", rate: int = 1000, burst: int = 500) -> Run:
    def program() -> None:
        may_log = aws.sns.Topic("may-log")
        args = ApiStageArgs(
            api_id="api-1",
            api_name="castle",
            deployment_id="deployment-1",
            methods=METHODS,
            latency_promised=ORDERS,
            rate=rate,
            burst=burst,
            cache_gb=cache_gb,
            access_log_group="/aws/apigateway/castle-us-east-1",
            log_days=400,
            key_arn="arn:key",
            alarm_topic_arn="arn:alarms",
            may_log=may_log,
        )
        ApiStage("stage", args)

    return run(program)


@pytest.fixture(scope="module")
def made() -> Run:
    return stage()


def settings(made: Run) -> dict[str, dict[str, object]]:
    return {each.inputs["methodPath"]: each.inputs["settings"] for each in made.of("MethodSettings")}


def test_requests_are_traced_and_logged(made: Run) -> None:
    inputs = made.one("stage-stage").inputs
    assert inputs["xrayTracingEnabled"] is True
    assert inputs["accessLogSettings"]["destinationArn"] == "arn:stage-access-log"
    assert {made.one("may-log").urn, made.one("stage-execution-log").urn} <= made.one(
        "stage-stage"
    ).depends_on


def test_a_line_of_the_log_has_nothing_that_a_client_keeps_to_itself(made: Run) -> None:
    said = json.loads(made.one("stage-stage").inputs["accessLogSettings"]["format"])
    asked = {variable for text in said.values() for variable in re.findall(r"\$context\.([\w.]+)", text)}
    assert "requestId" in asked and "status" in asked
    # of a token, its owner's id alone; of a path, what it is called and not what is in it
    assert not {
        one for one in asked if re.search("token|header|claims|apiKey$|querystring|^path$|caller", one)
    }


def test_logs_are_encrypted_and_kept_for_as_long_as_is_set(made: Run) -> None:
    logs = {each.inputs["name"]: each.inputs for each in made.of("LogGroup")}
    assert set(logs) == {"/aws/apigateway/castle-us-east-1", "API-Gateway-Execution-Logs_api-1/live"}
    assert {(each["kmsKeyId"], each["retentionInDays"]) for each in logs.values()} == {("arn:key", 400)}


def test_every_method_has_a_throttle_of_its_own(made: Run) -> None:
    found = settings(made)
    assert set(found) == {"*/*", *(f"{each.path[1:].replace('/', '~1')}/{each.verb}" for each in METHODS)}
    orders, sessions = found["v1~1orders/POST"], found["v1~1sessions/POST"]
    assert (orders["throttlingRateLimit"], orders["throttlingBurstLimit"]) == (1000, 500)
    assert (sessions["throttlingRateLimit"], sessions["throttlingBurstLimit"]) == (50, 25)


def test_a_small_api_lets_somebody_sign_in_all_the_same() -> None:
    found = settings(stage(rate=1, burst=1))["v1~1sessions/POST"]
    assert (found["throttlingRateLimit"], found["throttlingBurstLimit"]) == (1, 1)


def test_errors_are_logged_and_bodies_never(made: Run) -> None:
    for path, each in settings(made).items():
        assert (each["loggingLevel"], each["dataTraceEnabled"]) == ("ERROR", False), path
        assert each["metricsEnabled"] is True, path


def test_only_markets_are_cached_and_encrypted_and_no_client_empties_the_cache(made: Run) -> None:
    cached = {path for path, each in settings(made).items() if each["cachingEnabled"]}
    assert cached == {
        "v1~1markets/GET",
        "v1~1markets~1{instrument}~1book/GET",
        "v1~1markets~1{instrument}~1trades/GET",
    }
    for each in settings(made).values():
        assert each["cacheDataEncrypted"] is True
        assert each["requireAuthorizationForCacheControl"] is True


def test_an_api_without_a_cache_keeps_nothing() -> None:
    made = stage(cache_gb=None)
    assert made.one("stage-stage").inputs["cacheClusterEnabled"] is False
    assert not [path for path, each in settings(made).items() if each["cachingEnabled"]]


def test_the_promise_is_watched_where_it_is_made(made: Run) -> None:
    watch = made.one("stage-alarm-latency").inputs
    assert (watch["extendedStatistic"], watch["threshold"]) == ("p99", 100)
    assert watch["dimensions"] == {
        "ApiName": "castle",
        "Stage": "live",
        "Resource": "/v1/orders",
        "Method": "POST",
    }
    assert "statistic" not in watch


def test_errors_and_refusals_are_told_of(made: Run) -> None:
    watched = {each.inputs["metricName"] for each in made.of("MetricAlarm")}
    assert watched == {"5XXError", "4XXError", "Latency"}
    assert {each.inputs["alarmActions"][0] for each in made.of("MetricAlarm")} == {"arn:alarms"}


# ---- names ----


def test_both_names_are_regional_and_want_tls_1_2() -> None:
    args = ApiHostsArgs(
        cell="eu-west-1",
        domain="castle.example",
        certificate_arn="arn:certificate",
        api_id="api-1",
        stage_name="live",
    )
    made = run(lambda: ApiHosts("hosts", args) and None)
    names = {each.inputs["domainName"]: each.inputs for each in made.of("DomainName")}
    assert set(names) == {"api.castle.example", "api-eu-west-1.castle.example"}
    for name, inputs in names.items():
        assert inputs["endpointConfiguration"] == {"types": "REGIONAL"}, name
        assert (inputs["securityPolicy"], inputs["regionalCertificateArn"]) == ("TLS_1_2", "arn:certificate")
    mapped = {
        (each.inputs["domainName"], each.inputs["restApi"], each.inputs["stageName"])
        for each in made.of("BasePathMapping")
    }
    assert mapped == {(name, "api-1", "live") for name in names}


# ---- plans ----

PLANS = UsagePlansArgs(
    platform="castle",
    api_id="api-1",
    stage_name="live",
    partners={"broker": Allowance(rate=5, burst=10, daily=1000)},
)


@pytest.fixture(scope="module")
def plans() -> Run:
    return run(lambda: UsagePlans("plans", PLANS) and None)


def test_a_partner_has_a_plan_with_its_allowance(plans: Run) -> None:
    plan = plans.one("plans-partner-broker", "UsagePlan").inputs
    assert plan["throttleSettings"] == {"rateLimit": 5, "burstLimit": 10}
    assert plan["quotaSettings"] == {"limit": 1000, "period": "DAY"}
    assert plan["apiStages"] == [{"apiId": "api-1", "stage": "live"}]


def test_all_others_share_a_plan_without_limits(plans: Run) -> None:
    plan = plans.one("plans-everyone", "UsagePlan").inputs
    assert not {"throttleSettings", "quotaSettings"} & set(plan)


def test_each_plan_has_a_key_of_its_own(plans: Run) -> None:
    linked = {(each.inputs["usagePlanId"], each.inputs["keyId"]) for each in plans.of("UsagePlanKey")}
    assert linked == {
        ("plans-everyone-id", "plans-everyone-id"),
        ("plans-partner-broker-id", "plans-partner-broker-id"),
    }


def test_a_token_is_counted_in_every_cell_since_keys_are_the_same(plans: Run) -> None:
    elsewhere = run(lambda: UsagePlans("plans", replace(PLANS, api_id="api-2")) and None)
    values = {each.inputs["value"]["value"] for each in plans.of("ApiKey")}
    assert values == {each.inputs["value"]["value"] for each in elsewhere.of("ApiKey")}
    assert len(values) == 2
    assert usage_key("castle", "everyone") in values


@pytest.mark.parametrize("who", ["a", "everyone", "x" * 40])
def test_a_key_is_one_that_aws_takes(who: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9]{20,128}", usage_key("castle", who))
