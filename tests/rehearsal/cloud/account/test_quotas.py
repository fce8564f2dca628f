"""Quotas: an account has as much of everything as a new one, unless it was raised."""

from __future__ import annotations

import json
from typing import Any

import botocore.session
import pytest

from rehearsal.cloud.account import quotas as module
from rehearsal.cloud.account.quotas import Quota, quotas, quotas_record
from rehearsal.cloud.account.usage import usage
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.cloud.types.formats import path_steps
from rehearsal.cloud.types.schema import Schemas
from tests.rehearsal.cloud.cloud_driver import (
    GROUP,
    ROLE,
    RULE,
    SOUTH,
    VPC,
    CloudDriver,
    Made,
    refused,
    trust,
)
from tests.root import SCHEMAS

ADDRESS = "aws:ec2/eip:Eip"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"
GATEWAY = "aws:ec2/internetGateway:InternetGateway"
GRAFANA = "aws:grafana/workspace:Workspace"
LIST = "aws:ec2/managedPrefixList:ManagedPrefixList"
SCALER = "kubernetes:keda.sh/v1alpha1:ScaledObject"
SERVICE = "aws:ecs/service:Service"


@pytest.fixture
def new(driver: CloudDriver) -> CloudDriver:
    """A driver in an account in which nothing was raised."""
    driver.apply(dict(quotas_record(region, {}) for region in ("us-east-1", "eu-west-1", "us-west-2")))
    return driver


def raised(driver: CloudDriver, **values: float) -> None:
    driver.apply(dict([quotas_record("us-east-1", values)]))


# ---- resources


def test_what_is_beyond_a_quota_is_refused_with_the_request_for_more(new: CloudDriver) -> None:
    for number in range(5):
        new.make(ADDRESS, f"address-{number}", {})
    error = refused(new, ADDRESS, "sixth", {})
    assert (error.code, error.message) == (
        "AddressLimitExceeded",
        "EC2-VPC Elastic IPs in us-east-1: 5 at most, and with this it is 6; ask for more: "
        "aws service-quotas request-service-quota-increase --service-code ec2 --quota-code L-0263D0A3 "
        "--desired-value 6 --region us-east-1",
    )


def test_another_region_has_its_own(new: CloudDriver) -> None:
    for number in range(5):
        new.make(ADDRESS, f"address-{number}", {})
    assert new.make(ADDRESS, "elsewhere", {}, SOUTH).id


def test_what_is_deleted_no_longer_counts_and_what_stays_may_change(new: CloudDriver) -> None:
    made = [new.make(ADDRESS, f"address-{number}", {}) for number in range(5)]
    assert new.change(made[0], {"tags": {"a": "b"}}).id
    new.remove(made[0])
    assert new.make(ADDRESS, "sixth", {}).id


def test_what_was_raised_is_the_quota(new: CloudDriver) -> None:
    raised(new, **{"ec2/L-0263D0A3": 6})
    for number in range(6):
        new.make(ADDRESS, f"address-{number}", {})
    assert "6 at most, and with this it is 7" in refused(new, ADDRESS, "seventh", {}).message


def test_what_a_new_account_has_counts(new: CloudDriver) -> None:
    for number in range(4):  # beside the one of the default VPC
        new.make(GATEWAY, f"gateway-{number}", {})
    assert refused(new, GATEWAY, "fifth", {}).code == "InternetGatewayLimitExceeded"


def test_what_was_there_before_the_platform_counts(new: CloudDriver) -> None:
    for number in range(3):  # beside the default VPC and the runner's
        new.make(VPC, f"vpc-{number}", {"cidrBlock": f"10.{number}.0.0/16"})
    assert refused(new, VPC, "fourth", {"cidrBlock": "10.9.0.0/16"}).code == "VpcLimitExceeded"


def test_a_service_without_regions_has_one_quota(new: CloudDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    few = Quota(
        quota="iam/L-FE177D64", name="Roles", of=(ROLE,), limit=3, code="LimitExceeded", say="quota: {limit}"
    )
    monkeypatch.setattr(module, "_by_type", lambda: {ROLE: (few,)})
    new.make(ROLE, "third", {"assumeRolePolicy": trust("ec2")})  # beside two of the baseline
    error = refused(new, ROLE, "fourth", {"assumeRolePolicy": trust("ec2")}, SOUTH)
    assert error.message.startswith("quota: 3. Roles: 3 at most")
    assert error.message.endswith("--region us-east-1")


def test_a_type_of_which_no_program_here_has_one_is_counted_too(new: CloudDriver) -> None:
    inputs = {"accountAccessType": "CURRENT_ACCOUNT", "authenticationProviders": ["SAML"]}
    inputs |= {"permissionType": "CUSTOMER_MANAGED", "roleArn": new.role("shows", "grafana").arn}
    for number in range(5):
        new.make(GRAFANA, f"board-{number}", inputs)
    assert refused(new, GRAFANA, "sixth", inputs).code == "ServiceQuotaExceededException"


# ---- parents


def open_port(group: Made, port: int, **source: Any) -> dict[str, Any]:
    ends = {"ipProtocol": "tcp", "fromPort": port, "toPort": port}
    return {"securityGroupId": group.id, **ends, **(source or {"cidrIpv4": "10.0.0.0/8"})}


def test_rules_count_for_their_group_and_for_their_kind_of_address(new: CloudDriver) -> None:
    vpc, _ = new.network()
    group, other = (new.make(GROUP, name, {"vpcId": vpc.id}) for name in ("group", "other"))
    for port in range(60):
        new.make(RULE, f"rule-{port}", open_port(group, 1 + port))
    assert refused(new, RULE, "more", open_port(group, 99)).code == "RulesPerSecurityGroupLimitExceeded"
    assert new.make(RULE, "six", open_port(group, 99, cidrIpv6="::/0")).id
    assert new.make(RULE, "beside", open_port(other, 99)).id
    referring = open_port(group, 98, referencedSecurityGroupId=other.id)  # which is for both kinds
    assert refused(new, RULE, "more", referring).code == "RulesPerSecurityGroupLimitExceeded"


def test_a_prefix_list_counts_with_the_most_that_it_may_have(new: CloudDriver) -> None:
    vpc, _ = new.network()
    group = new.make(GROUP, "group", {"vpcId": vpc.id})
    listed = new.make(LIST, "edge", {"name": "edge", "addressFamily": "IPv4", "maxEntries": 55})
    new.make(RULE, "edge", open_port(group, 443, prefixListId=listed.id))
    for port in range(5):
        new.make(RULE, f"rule-{port}", open_port(group, 1 + port))
    assert "with this it is 61" in refused(new, RULE, "more", open_port(group, 99)).message


# ---- vCPUs


@pytest.fixture
def cluster(new: CloudDriver) -> dict[str, Any]:
    """Inputs of the Kubernetes provider of a cluster in us-east-1."""
    zones, role = new.zones(), new.role("cluster", "eks")
    made = new.make("aws:eks/cluster:Cluster", "it", {"roleArn": role.arn, "vpcConfig": {"subnetIds": zones}})
    return {"clusterIdentifier": made.id, "kubeconfig": "{}"}


def pods(name: str, cpu: str, replicas: int | None = None) -> dict[str, Any]:
    container = {"name": "it", "image": "public/it", "resources": {"requests": {"cpu": cpu}}}
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [container]}}
    spec = {"selector": {"matchLabels": {"app": name}}, "template": template, "replicas": replicas}
    return {"metadata": {"name": name, "namespace": "default"}, "spec": spec}


def scaler(name: str, least: int) -> dict[str, Any]:
    kind = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject"}
    spec = {"scaleTargetRef": {"name": name}, "minReplicaCount": least, "triggers": []}
    return {**kind, "metadata": {"name": name, "namespace": "default"}, "spec": spec}


def test_pods_ask_for_no_more_vcpus_than_nodes_may_have(new: CloudDriver, cluster: dict[str, Any]) -> None:
    new.make(DEPLOYMENT, "first", pods("first", "1500m", 4), cluster)
    error = refused(new, DEPLOYMENT, "second", pods("second", "5"), cluster)
    assert error.code == "VcpuLimitExceeded"
    assert "in us-east-1: 10 at most, and with this it is 11;" in error.message  # five of each kind
    made = new.make(DEPLOYMENT, "second", pods("second", "4"), cluster)
    with pytest.raises(RefusedError, match="with this it is 14"):
        new.change(made, pods("second", "4", 2))
    raised(new, **{"ec2/L-1216C47A": 9})
    assert new.change(made, pods("second", "4", 2)).id


def test_what_scales_pods_adds_to_them(new: CloudDriver, cluster: dict[str, Any]) -> None:
    new.make(DEPLOYMENT, "first", pods("first", "2"), cluster)
    assert "with this it is 12" in refused(new, SCALER, "first", scaler("first", 6), cluster).message
    assert new.make(SCALER, "first", scaler("first", 5), cluster).id
    assert new.make(SCALER, "other", scaler("other", 500), cluster).id  # of what isn't there


def test_pods_of_a_cluster_that_is_not_known_are_not_counted(new: CloudDriver) -> None:
    assert new.make(DEPLOYMENT, "first", pods("first", "500"), {}).id


def service(driver: CloudDriver, desired: int, **more: Any) -> dict[str, Any]:
    role = driver.role(f"task-{desired}", "ecs-tasks")
    container = json.dumps([{"name": "it", "image": "public/it"}])
    fargate = {
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "1024",
        "memory": "2048",
    }
    named = {"family": "it", "containerDefinitions": container, "executionRoleArn": role.arn}
    task = driver.make("aws:ecs/taskDefinition:TaskDefinition", f"task-{desired}", {**fargate, **named})
    cluster = driver.make("aws:ecs/cluster:Cluster", f"cluster-{desired}", {})
    _, subnet = driver.network()
    on_demand = {} if "capacityProviderStrategies" in more else {"launchType": "FARGATE"}
    inputs = {"cluster": cluster.arn, "taskDefinition": task.arn, "desiredCount": desired, **on_demand}
    return {**inputs, "networkConfiguration": {"subnets": [subnet.id]}, **more}


def test_tasks_have_no_more_vcpus_than_fargate_gives(new: CloudDriver) -> None:
    error = refused(new, SERVICE, "it", service(new, 7))
    assert error.message.startswith(
        "You've reached the limit on the number of vCPUs you can run concurrently. "
    )


def test_a_deployment_starts_a_task_beside_those_that_run(new: CloudDriver) -> None:
    inputs = service(new, 6)
    made = new.make(SERVICE, "it", inputs)
    with pytest.raises(RefusedError, match="6 at most, and with this it is 7"):
        new.change(made, {**inputs, "forceNewDeployment": True})
    assert new.change(made, {**inputs, "tags": {"a": "b"}}).id
    fewer = {**inputs, "forceNewDeployment": True, "deploymentMinimumHealthyPercent": 50}
    assert new.change(made, fewer).id


@pytest.mark.parametrize(("base", "desired", "fits"), [(6, 12, True), (6, 13, False), (7, 8, False)])
def test_tasks_are_shared_out_by_base_and_weight(
    new: CloudDriver, base: int, desired: int, fits: bool
) -> None:
    on_demand = {"capacityProvider": "FARGATE", "base": base, "weight": 0}
    shares = [on_demand, {"capacityProvider": "FARGATE_SPOT", "weight": 1}]
    inputs = service(new, desired, capacityProviderStrategies=shares)
    if fits:
        assert new.make(SERVICE, "it", inputs).id
    else:
        assert refused(new, SERVICE, "it", inputs).code == "VcpuLimitExceeded"


def test_reserved_concurrency_leaves_the_others_a_hundred(new: CloudDriver) -> None:
    code = {"s3Bucket": new.make("aws:s3/bucket:Bucket", "code", {}).id, "s3Key": "x.zip"}
    inputs = {"role": new.role("runs", "lambda").arn, "runtime": "python3.13", "handler": "x.y", **code}
    first = new.make("aws:lambda/function:Function", "first", {**inputs, "reservedConcurrentExecutions": 900})
    more = {**inputs, "reservedConcurrentExecutions": 1}
    error = refused(new, "aws:lambda/function:Function", "second", more)
    assert "below its minimum value of [100]" in error.message
    assert new.make("aws:lambda/function:Function", "second", inputs).id
    assert new.change(first, {**inputs, "reservedConcurrentExecutions": 899}).id


# ---- the table


@pytest.mark.parametrize("quota", quotas(), ids=lambda it: it.quota)
def test_every_line_is_about_types_their_properties_and_an_error_of_aws(quota: Quota) -> None:
    for token in quota.of:
        schema = Schemas(SCHEMAS).of(token)
        paths = [*quota.where, *([quota.per.partition("->")[0]] if quota.per not in ("", "cluster") else [])]
        named = {str(path_steps(path)[0]) for path in paths}
        assert schema is None or named <= schema.inputs.properties.keys() | schema.outputs
    assert usage(quota.amount) and (not quota.surge or usage(quota.surge))
    assert not quota.beside or [it for it in quotas() if it.quota == quota.beside]
    if quota.call:
        assert quota.code in errors(*quota.call.split(":"))
    else:
        assert quota.quota.startswith(
            ("ec2/", "vpc/", "fargate/", "lambda/")
        )  # of which botocore has no such error


def errors(service: str, operation: str) -> set[str]:
    """Codes of an operation's errors in botocore's model."""
    loader = botocore.session.get_session().get_component("data_loader")
    model = loader.load_service_model(service, "service-2")
    names = [it["shape"] for it in model["operations"][operation]["errors"]]
    return {model["shapes"][name].get("error", {}).get("code", name) for name in names}
