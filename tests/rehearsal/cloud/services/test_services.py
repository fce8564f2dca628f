"""Runtimes of services in the pretend cloud: tasks on Fargate, and Kubernetes objects with rules of their own."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rehearsal.cloud.cloud_driver import ACCOUNT, GROUP, CloudDriver, Made, refused

CLUSTER = "aws:ecs/cluster:Cluster"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
SCALED = "aws:appautoscaling/target:Target"
TRACKED = "aws:appautoscaling/policy:Policy"
BEHIND = "aws:lb/targetGroup:TargetGroup"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
BINDING = "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"


@pytest.fixture
def cluster(driver: CloudDriver) -> Made:
    return driver.make(CLUSTER, "cluster", {"name": "castle"})


@pytest.fixture
def task(driver: CloudDriver) -> dict[str, Any]:
    role = driver.role("role", "ecs-tasks")
    return {"family": "castle-api", "containerDefinitions": "[]", "taskRoleArn": role.arn, "cpu": "1024"}


def test_a_task_definition_that_changes_is_another_revision_of_the_family(
    driver: CloudDriver, task: dict[str, Any]
) -> None:
    first = driver.make(TASK, "task", task)
    assert first.arn.startswith(f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/castle-api:")
    assert driver.diff(first, {**task, "cpu": "2048"}).replaces == ("cpu",)
    second = driver.make(TASK, "again", {**task, "cpu": "2048"})
    assert second.arn != first.arn
    assert second.outputs["arnWithoutRevision"] == first.outputs["arnWithoutRevision"]


def service(driver: CloudDriver, cluster: Made, task: dict[str, Any], **more: object) -> dict[str, Any]:
    return {
        "name": "api",
        "cluster": cluster.id,
        "taskDefinition": driver.make(TASK, "task", task).arn,
        "desiredCount": 3,
        **more,
    }


def test_a_service_changes_its_tasks_in_place_and_its_name_never(
    driver: CloudDriver, cluster: Made, task: dict[str, Any]
) -> None:
    inputs = service(driver, cluster, task)
    made = driver.make(SERVICE, "api", inputs)
    assert made.id == f"arn:aws:ecs:us-east-1:{ACCOUNT}:service/castle/api"
    assert driver.diff(made, {**inputs, "desiredCount": 9}).replaces == ()
    assert driver.diff(made, {**inputs, "name": "other"}).replaces == ("name",)


def test_a_revision_that_a_service_runs_cant_go(
    driver: CloudDriver, cluster: Made, task: dict[str, Any]
) -> None:
    inputs = service(
        driver, cluster, task, taskDefinition=f"arn:aws:ecs:us-east-1:{ACCOUNT}:task-definition/x:1"
    )
    assert refused(driver, SERVICE, "api", inputs).code == "ClientException"


def test_a_revision_that_a_service_runs_is_deregistered(
    driver: CloudDriver, cluster: Made, task: dict[str, Any]
) -> None:
    revision = driver.make(TASK, "revision", task)
    made = driver.make(SERVICE, "api", service(driver, cluster, task, taskDefinition=revision.arn))
    driver.remove(revision)
    assert driver.read(made)


def test_a_target_group_that_no_rule_leads_to_takes_no_tasks(
    driver: CloudDriver, cluster: Made, task: dict[str, Any]
) -> None:
    vpc, subnet = driver.network()
    group = driver.make(GROUP, "group", {"vpcId": vpc.id})
    behind = driver.make(
        BEHIND, "behind", {"vpcId": vpc.id, "port": 8080, "protocol": "HTTP", "targetType": "ip"}
    )
    inputs = service(
        driver,
        cluster,
        task,
        loadBalancers=[{"targetGroupArn": behind.arn, "containerName": "api", "containerPort": 8080}],
        networkConfiguration={"subnets": [subnet.id], "securityGroups": [group.id]},
    )
    found = refused(driver, SERVICE, "api", inputs)
    assert found.code == "InvalidParameterException"
    assert "does not have an associated load balancer" in str(found)


def test_a_scaling_policy_needs_what_it_scales(driver: CloudDriver) -> None:
    resource = {
        "resourceId": "service/castle/api",
        "scalableDimension": "ecs:service:DesiredCount",
        "serviceNamespace": "ecs",
    }
    assert refused(driver, TRACKED, "cpu", resource).code == "ObjectNotFoundException"
    driver.make(SCALED, "scaled", {**resource, "minCapacity": 3, "maxCapacity": 30})
    policy = driver.make(TRACKED, "cpu", {**resource, "name": "cpu"})
    assert policy.arn.endswith(":resource/ecs/service/castle/api:policyName/cpu")


def test_a_deployment_cant_change_whom_it_selects(driver: CloudDriver) -> None:
    inputs = {
        "metadata": {"name": "api"},
        "spec": {"selector": {"matchLabels": {"app": "api"}}, "template": {}},
    }
    made = driver.make(DEPLOYMENT, "api", inputs, {})
    other = {**inputs, "spec": {"selector": {"matchLabels": {"app": "other"}}, "template": {}}}
    assert driver.diff(made, other).replaces == ("spec",)
    assert driver.diff(made, {**inputs, "spec": {**inputs["spec"], "paused": True}}).replaces == ()


def test_a_binding_leads_to_a_target_group_that_is_there_and_to_no_other_later(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    first, second = (
        driver.make(BEHIND, name, {"vpcId": vpc.id, "port": 8080, "protocol": "HTTP", "targetType": "ip"})
        for name in ("first", "second")
    )

    def binding(arn: str) -> dict[str, Any]:
        spec = {"targetGroupARN": arn, "targetType": "ip", "serviceRef": {"name": "api", "port": 8080}}
        return {
            "apiVersion": "eks.amazonaws.com/v1",
            "kind": "TargetGroupBinding",
            "metadata": {"name": "api"},
            "spec": spec,
        }

    gone = first.arn.replace("first", "gone")
    assert refused(driver, BINDING, "api", binding(gone), {}).code == "TargetGroupNotFound"
    made = driver.make(BINDING, "api", binding(first.arn), {})
    assert driver.diff(made, binding(second.arn)).replaces == ("spec",)
