"""Containers that no program here has: whether their process can write where it must, on ECS and in pods."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import REPOSITORY
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, CloudDriver, refused

DIGEST = "sha256:" + "ef" * 32
IMAGE = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/shop/baskets@{DIGEST}"
SERVICE = "aws:ecs/service:Service"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
KUBERNETES = {"clusterIdentifier": ""}
LOCKED = {"runAsUser": 1000, "readOnlyRootFilesystem": True}


@pytest.fixture
def shop(driver: CloudDriver) -> CloudDriver:
    """A cloud to which an image was pushed whose process writes below `/var/run`."""
    repository = driver.make(REPOSITORY, "baskets", {"name": "shop/baskets"})
    there = driver.resources[f"{REPOSITORY}|us-east-1|{repository.id}"]
    pushed = external_changes.image_pushed(driver.resources, there, DIGEST, "one", ["/var/run/baskets"])
    driver.apply(pushed)
    return driver


def task_service(driver: CloudDriver, task: dict[str, Any], **container: Any) -> dict[str, Any]:
    cluster = driver.make("aws:ecs/cluster:Cluster", "cluster", {})
    containers = json.dumps([{"name": "baskets", "image": IMAGE, "essential": True, **container}])
    definition = {"family": "baskets", "containerDefinitions": containers, **task}
    made = driver.make("aws:ecs/taskDefinition:TaskDefinition", "baskets", definition)
    return {"name": "api", "cluster": cluster.id, "taskDefinition": made.arn, "waitForSteadyState": True}


SCRATCH = {"volumes": [{"name": "scratch"}]}
MOUNTED = {"mountPoints": [{"sourceVolume": "scratch", "containerPath": "/var/run"}]}
TASKS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a root file system": ({}, {"user": "1000"}, ""),
    "a read-only one": ({}, {"readonlyRootFilesystem": True}, "the root file system is read-only"),
    "a tmpfs": (
        {},
        {
            "readonlyRootFilesystem": True,
            "linuxParameters": {"tmpfs": [{"containerPath": "/var/run", "size": 8}]},
        },
        "",
    ),
    "a read-only tmpfs": (
        {},
        {"linuxParameters": {"tmpfs": [{"containerPath": "/var/run", "size": 8, "mountOptions": ["ro"]}]}},
        "the tmpfs is read-only",
    ),
    "a bind mount, as root": (SCRATCH, {"readonlyRootFilesystem": True, **MOUNTED}, ""),
    "a bind mount, as somebody": (
        SCRATCH,
        {"user": "1000:1000", **MOUNTED},
        "the volume scratch is root's, and it runs as 1000",
    ),
    "a read-only mount": (
        SCRATCH,
        {"mountPoints": [{**MOUNTED["mountPoints"][0], "readOnly": True}]},
        "the volume scratch is read-only",
    ),
    "a mount elsewhere": (
        SCRATCH,
        {
            "readonlyRootFilesystem": True,
            "mountPoints": [{"sourceVolume": "scratch", "containerPath": "/var/running"}],
        },
        "the root file system is read-only",
    ),
}


@pytest.mark.parametrize("what", TASKS)
def test_a_task_writes_where_its_user_and_mounts_let_it(shop: CloudDriver, what: str) -> None:
    task, container, hindrance = TASKS[what]
    inputs = task_service(shop, task, **container)
    if not hindrance:
        assert shop.make(SERVICE, "baskets", inputs).id
        return
    error = refused(shop, SERVICE, "baskets", inputs)
    assert error.code == "EssentialContainerExited"
    assert error.message == f"baskets can't write /var/run/baskets, which {IMAGE} must: {hindrance}"


def pods(spec: dict[str, Any], **container: Any) -> dict[str, Any]:
    labels = {"app": "baskets"}
    containers = [{"name": "baskets", "image": IMAGE, **container}]
    template = {"metadata": {"labels": labels}, "spec": {"containers": containers, **spec}}
    return {
        "metadata": {"name": "baskets", "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


MOUNT = {"volumeMounts": [{"name": "scratch", "mountPath": "/var/run"}]}
CLAIM = {"volumes": [{"name": "scratch", "persistentVolumeClaim": {"claimName": "baskets"}}]}
PODS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "a read-only root file system": ({}, {"securityContext": LOCKED}, "the root file system is read-only"),
    "an emptyDir": (
        {"volumes": [{"name": "scratch", "emptyDir": {}}]},
        {"securityContext": LOCKED, **MOUNT},
        "",
    ),
    "a config map": (
        {"volumes": [{"name": "scratch", "configMap": {"name": "x"}}]},
        MOUNT,
        "the volume scratch is read-only",
    ),
    "a claim without a group": (
        CLAIM,
        {"securityContext": LOCKED, **MOUNT},
        "the volume scratch is root's, and it runs as 1000 without an fsGroup",
    ),
    "a claim with a group": (
        {**CLAIM, "securityContext": {"fsGroup": 1000}},
        {"securityContext": LOCKED, **MOUNT},
        "",
    ),
    "a claim, as the pod's user": (
        {**CLAIM, "securityContext": {"runAsUser": 7}},
        MOUNT,
        "the volume scratch is root's, and it runs as 7 without an fsGroup",
    ),
}


@pytest.mark.parametrize("what", PODS)
def test_a_pod_writes_where_its_user_and_volumes_let_it(shop: CloudDriver, what: str) -> None:
    spec, container, hindrance = PODS[what]
    inputs = pods(spec, **container)
    if not hindrance:
        assert shop.make(DEPLOYMENT, "baskets", inputs, KUBERNETES).id
        return
    error = refused(shop, DEPLOYMENT, "baskets", inputs, KUBERNETES)
    assert error.code == "CrashLoopBackOff"
    assert error.message.endswith(f"must: {hindrance}")


def test_of_an_image_that_writes_nothing_nothing_is_asked(driver: CloudDriver) -> None:
    repository = driver.make(REPOSITORY, "baskets", {"name": "shop/baskets"})
    there = driver.resources[f"{REPOSITORY}|us-east-1|{repository.id}"]
    driver.apply(external_changes.image_pushed(driver.resources, there, DIGEST, "one"))
    assert driver.make(DEPLOYMENT, "baskets", pods({}, securityContext=LOCKED), KUBERNETES).id
