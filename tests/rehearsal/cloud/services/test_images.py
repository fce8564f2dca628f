"""Images in the pretend cloud: what runs them waits for a push, and replication copies what is pushed after it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import REGISTRY, REPOSITORY
from rehearsal.cloud.provider_verbs import RefusedError
from tests.rehearsal.cloud.cloud_driver import ACCOUNT, NORTH, SOUTH, CloudDriver, Made, refused

DIGEST = "sha256:" + "ab" * 32
KUBERNETES = {"clusterIdentifier": ""}
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
NAME = "castle/api"


def of(region: str, suffix: str = f"@{DIGEST}", account: str = ACCOUNT) -> str:
    return f"{account}.dkr.ecr.{region}.amazonaws.com/{NAME}{suffix}"


@pytest.fixture
def repository(driver: CloudDriver) -> Made:
    """A repository in the region that images are pushed to, whose registry replicates to another."""
    rule = {
        "destinations": [{"region": "eu-west-1", "registryId": ACCOUNT}],
        "repositoryFilters": [{"filter": "castle/", "filterType": "PREFIX_MATCH"}],
    }
    driver.make(REGISTRY, "registry", {"replicationConfiguration": {"rules": [rule]}}, NORTH)
    return driver.make(REPOSITORY, "api", {"name": NAME}, NORTH)


def push(driver: CloudDriver, repository: Made) -> None:
    resource = driver.resources[f"{REPOSITORY}|us-east-1|{repository.id}"]
    driver.apply(external_changes.image_pushed(driver.resources, resource, DIGEST, "one"))


def task_service(driver: CloudDriver, image: str, **more: Any) -> dict[str, Any]:
    cluster = driver.make("aws:ecs/cluster:Cluster", f"c{len(driver.resources)}", {})
    containers = json.dumps([{"name": "api", "image": image, "essential": True}])
    definition = {"family": f"f{len(driver.resources)}", "containerDefinitions": containers}
    task = driver.make("aws:ecs/taskDefinition:TaskDefinition", f"t{len(driver.resources)}", definition)
    return {"name": "api", "cluster": cluster.id, "taskDefinition": task.arn, **more}


SERVICE = "aws:ecs/service:Service"


def pods(image: str, **annotations: str) -> dict[str, Any]:
    metadata = {"name": f"d{len(image)}", "namespace": "default", "annotations": annotations}
    labels = {"app": "api"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "api", "image": image}], "restartPolicy": "Always"},
    }
    return {
        "metadata": metadata,
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }


def test_a_service_that_is_waited_for_needs_its_image(driver: CloudDriver, repository: Made) -> None:
    inputs = task_service(driver, of("us-east-1"), waitForSteadyState=True)
    error = refused(driver, SERVICE, "api", inputs)
    assert error.code == "CannotPullContainerError"
    assert error.message == (
        f"{of('us-east-1')} can't be pulled: it was never pushed to {NAME} or replicated to us-east-1"
    )
    push(driver, repository)
    assert driver.make(SERVICE, "api", inputs).id


def test_a_service_that_nobody_waits_for_is_made_and_runs_nothing(driver: CloudDriver) -> None:
    assert driver.make(SERVICE, "api", task_service(driver, of("us-east-1"))).id


def test_pods_need_their_image(driver: CloudDriver, repository: Made) -> None:
    error = refused(driver, DEPLOYMENT, "api", pods(of("us-east-1")), KUBERNETES)
    assert error.code == "ImagePullBackOff"
    push(driver, repository)
    made = driver.make(DEPLOYMENT, "api", pods(of("us-east-1")), KUBERNETES)
    changed = pods(of("us-east-1", "@sha256:" + "cd" * 32))
    with pytest.raises(RefusedError, match="never pushed"):
        driver.change(made, {**changed, "metadata": made.inputs["metadata"]})


def test_an_init_container_needs_its_image_too(driver: CloudDriver) -> None:
    inputs = pods("busybox")
    inputs["spec"]["template"]["spec"]["initContainers"] = [{"name": "first", "image": of("us-east-1")}]
    assert "has no repository" in refused(driver, DEPLOYMENT, "api", inputs, KUBERNETES).message


@pytest.mark.parametrize(
    "inputs",
    [
        pods("registry.k8s.io/pause:3"),
        pods(of("us-east-1", account="210987654321")),
        pods(of("us-east-1"), **{"pulumi.com/skipAwait": "true"}),
    ],
)
def test_what_is_elsewhere_or_not_waited_for_passes(driver: CloudDriver, inputs: dict[str, Any]) -> None:
    assert driver.make(DEPLOYMENT, "api", inputs, KUBERNETES).id


def test_a_function_needs_its_image_and_finds_it_by_its_tag(driver: CloudDriver, repository: Made) -> None:
    role = driver.role("role", "lambda")
    inputs = {"packageType": "Image", "imageUri": of("us-east-1", ":one"), "role": role.arn, "name": "f"}
    error = refused(driver, "aws:lambda/function:Function", "f", inputs)
    assert error.code == "InvalidParameterValueException"
    push(driver, repository)
    assert driver.make("aws:lambda/function:Function", "f", inputs).id


def test_a_push_is_replicated_to_where_a_repository_is(driver: CloudDriver, repository: Made) -> None:
    driver.make(REPOSITORY, "copy", {"name": NAME}, SOUTH)
    push(driver, repository)
    assert driver.make(DEPLOYMENT, "api", pods(of("eu-west-1")), KUBERNETES).id
    error = refused(driver, DEPLOYMENT, "far", pods(of("us-west-2")), KUBERNETES)
    assert error.message.endswith(f"us-west-2 has no repository {NAME}")


def test_replication_makes_a_repository_of_nobody_where_there_is_none(
    driver: CloudDriver, repository: Made
) -> None:
    push(driver, repository)
    error = refused(driver, REPOSITORY, "late", {"name": NAME}, SOUTH)
    assert error.code == "RepositoryAlreadyExistsException"


def test_a_repository_with_images_goes_only_by_force(driver: CloudDriver, repository: Made) -> None:
    copy = driver.make(REPOSITORY, "copy", {"name": NAME, "forceDelete": True}, SOUTH)
    push(driver, repository)
    with pytest.raises(RefusedError, match="RepositoryNotEmptyException"):
        driver.remove(repository)
    driver.remove(copy)
    assert [it.region for it in driver.resources.values() if it.type == "aws:ecr/image:Image"] == [
        "us-east-1"
    ]
