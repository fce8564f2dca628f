from __future__ import annotations

import json
from typing import Any

import pytest

from components.compute.fargate.cluster import FargateCluster
from components.compute.fargate.service import FargatePlacement, FargateService
from components.service_conventions import DEREGISTRATION_SECONDS
from tests.unit.components.compute.given import DIGEST, KEY, service
from tests.unit.documents import statements
from tests.unit.harness import Run, run


def fargate(**changes: Any) -> Run:
    def program() -> None:
        place = FargatePlacement(
            cluster=FargateCluster("tasks", "castle-eu-west-1").name,
            subnet_ids={"a": "subnet-a", "b": "subnet-b", "c": "subnet-c"},
            group_id="sg-tasks",
            execution_role="castle-eu-west-1-market-data-start",
            log_group="/aws/ecs/castle-eu-west-1/market-data",
        )
        FargateService("md", service(**changes), place)

    return run(program)


@pytest.fixture(scope="module")
def made() -> Run:
    return fargate()


@pytest.fixture(scope="module")
def task(made: Run) -> dict[str, Any]:
    return made.one("md-task").inputs


@pytest.fixture(scope="module")
def container(task: dict[str, Any]) -> dict[str, Any]:
    (only,) = json.loads(task["containerDefinitions"])
    return only


@pytest.fixture(scope="module")
def runs(made: Run) -> dict[str, Any]:
    return made.one("md-service").inputs


def test_the_cluster_tells_how_its_tasks_are_and_has_both_kinds_of_capacity(made: Run) -> None:
    assert made.one("tasks-cluster").inputs["settings"] == [
        {"name": "containerInsights", "value": "enhanced"}
    ]
    assert made.one("tasks-providers").inputs["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]


def test_a_task_is_of_the_size_that_is_asked_for_and_on_graviton(task: dict[str, Any]) -> None:
    assert (task["cpu"], task["memory"]) == ("512", "1024")
    assert task["runtimePlatform"] == {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
    assert (task["networkMode"], task["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])


def test_its_container_is_nobodys_has_no_privilege_and_writes_to_its_scratch_alone(
    task: dict[str, Any], container: dict[str, Any]
) -> None:
    assert container["image"].endswith(f"/castle/market-data@{DIGEST}")
    assert container["user"] == "65532:65532"
    assert container["readonlyRootFilesystem"] is True
    assert container["linuxParameters"]["capabilities"] == {"add": [], "drop": ["ALL"]}
    assert "privileged" not in container
    # a bind mount would be root's, with mode 0755
    assert "volumes" not in task and "mountPoints" not in container
    assert [it["containerPath"] for it in container["linuxParameters"]["tmpfs"]] == ["/tmp"]


def test_no_secret_comes_by_the_environment(container: dict[str, Any]) -> None:
    assert container["environment"] == [{"name": "CELL", "value": "eu-west-1"}]
    assert "secrets" not in container


def test_a_task_may_end_what_is_under_way(container: dict[str, Any]) -> None:
    assert DEREGISTRATION_SECONDS < container["stopTimeout"] <= 120  # Fargate's limit


def test_its_log_has_key_and_retention_and_a_line_is_rather_lost_than_an_order_late(
    made: Run, container: dict[str, Any]
) -> None:
    log = made.one("md-log").inputs
    assert (log["kmsKeyId"], log["retentionInDays"]) == (KEY, 400)
    options = container["logConfiguration"]["options"]
    assert options["awslogs-group"] == log["name"]
    assert options["mode"] == "non-blocking"


def test_the_services_role_is_the_tasks_and_another_starts_it_with_exactly_its_image_and_its_log(
    made: Run, task: dict[str, Any]
) -> None:
    assert task["taskRoleArn"].endswith(":role/castle-eu-west-1-market-data")
    assert task["executionRoleArn"] == "arn:md-execution-role"
    may = statements(json.loads(made.one("md-execution-policy").inputs["policy"]))
    assert may["Registry"]["Action"] == "ecr:GetAuthorizationToken"
    assert may["Image"]["Resource"] == "arn:aws:ecr:eu-west-1:123456789012:repository/castle/market-data"
    log = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/ecs/castle-eu-west-1/market-data:*"
    assert may["Log"]["Resource"] == log
    assert may.keys() == {"Registry", "Image", "Log"}


def test_a_deployment_that_fails_is_taken_back_and_none_is_missing_meanwhile(runs: dict[str, Any]) -> None:
    assert runs["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert (runs["deploymentMinimumHealthyPercent"], runs["deploymentMaximumPercent"]) == (100, 200)
    assert runs["waitForSteadyState"] is True


def test_aws_says_how_many_there_are_and_keeps_them_in_all_zones(made: Run, runs: dict[str, Any]) -> None:
    assert made.one("md-service").ignore_changes == ("desiredCount",)
    assert runs["desiredCount"] == 3
    assert runs["availabilityZoneRebalancing"] == "ENABLED"
    assert runs["networkConfiguration"] == {
        "subnets": ["subnet-a", "subnet-b", "subnet-c"],
        "securityGroups": ["sg-tasks"],
        "assignPublicIp": False,
    }


def test_nobody_gets_into_a_task(runs: dict[str, Any]) -> None:
    assert runs["enableExecuteCommand"] is False


def test_its_tasks_are_in_every_target_group(runs: dict[str, Any]) -> None:
    assert [
        (it["targetGroupArn"], it["containerName"], it["containerPort"]) for it in runs["loadBalancers"]
    ] == [
        ("arn:api-target", "market-data", 8443),
        ("arn:stream-target", "market-data", 8443),
    ]


def test_without_spot_all_is_on_demand(runs: dict[str, Any]) -> None:
    assert runs["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE", "base": 3, "weight": 100}]


def test_spot_has_its_share_of_what_is_beyond_the_least() -> None:
    runs = fargate(spot=40).one("md-service").inputs
    assert runs["capacityProviderStrategies"] == [
        {"capacityProvider": "FARGATE", "base": 3, "weight": 60},
        {"capacityProvider": "FARGATE_SPOT", "weight": 40},
    ]


def test_it_scales_on_cpu_memory_and_the_requests_of_each_load_balancer(made: Run) -> None:
    scaled = made.one("md-scaling").inputs
    assert (scaled["minCapacity"], scaled["maxCapacity"]) == (3, 30)
    assert scaled["resourceId"] == "service/castle-eu-west-1/market-data"
    tracked = {}
    for policy in made.of("Policy"):
        assert policy.inputs["policyType"] == "TargetTrackingScaling"
        on = policy.inputs["targetTrackingScalingPolicyConfiguration"]
        metric = on["predefinedMetricSpecification"]
        tracked[metric["predefinedMetricType"], metric.get("resourceLabel")] = on["targetValue"]
    assert tracked == {
        ("ECSServiceAverageCPUUtilization", None): 60,
        ("ECSServiceAverageMemoryUtilization", None): 75,
        ("ALBRequestCountPerTarget", "app/api/2/targetgroup/api/1"): 6000,
        ("ALBRequestCountPerTarget", "app/stream/2/targetgroup/stream/1"): 6000,
    }


def test_only_load_balancers_reach_it_and_it_reaches_what_it_is_told(made: Run) -> None:
    into = {
        (it.inputs["referencedSecurityGroupId"], it.inputs["fromPort"], it.inputs["toPort"])
        for it in made.of("SecurityGroupIngressRule")
    }
    assert into == {("sg-api", 8443, 8443), ("sg-stream", 8443, 8443)}
    out = {(it.inputs["cidrIpv4"], it.inputs["toPort"]) for it in made.of("SecurityGroupEgressRule")}
    assert out == {("0.0.0.0/0", 443), ("10.1.0.0/19", 443), ("10.1.32.0/22", 6379)}
    rules = {it.urn for it in (*made.of("SecurityGroupIngressRule"), *made.of("SecurityGroupEgressRule"))}
    assert rules <= made.one("md-service").depends_on


def test_alarms_tell_when_too_few_serve_when_requests_fail_and_when_tasks_end(made: Run) -> None:
    names = {it.name.removeprefix("md-alarm-") for it in made.of("MetricAlarm")}
    assert names == {
        *("few-api", "errors-api"),
        *("few-stream", "errors-stream"),
        "tasks",
    }
    tasks = made.one("md-alarm-tasks").inputs
    assert (tasks["namespace"], tasks["metricName"]) == ("ECS/ContainerInsights", "RunningTaskCount")
    assert tasks["dimensions"] == {"ClusterName": "castle-eu-west-1", "ServiceName": "market-data"}
    assert tasks["threshold"] == 3
