"""A proxy before a database, and what a cluster must say for it to be looked into."""

from __future__ import annotations

from rehearsal.values import Values
from tests.rehearsal.cloud.cloud_driver import NORTH, SUBNET, CloudDriver, Made, refused

CLUSTER = "aws:rds/cluster:Cluster"
INSTANCE = "aws:rds/clusterInstance:ClusterInstance"
PROXY = "aws:rds/proxy:Proxy"
ENDPOINT = "aws:rds/proxyEndpoint:ProxyEndpoint"
TARGET = "aws:rds/proxyTarget:ProxyTarget"

ALONE: Values = {
    "clusterIdentifier": "ledger",
    "engine": "aurora-postgresql",
    "masterUsername": "castle",
    "skipFinalSnapshot": True,
}


def proxy_inputs(driver: CloudDriver) -> Values:
    vpc, subnet = driver.network(NORTH)
    other = driver.make(SUBNET, "other", {"vpcId": vpc.id, "cidrBlock": "10.0.99.0/24"}, NORTH)
    role = driver.role("role", "rds")
    return {
        "name": "reads",
        "engineFamily": "POSTGRESQL",
        "roleArn": role.arn,
        "vpcSubnetIds": [subnet.id, other.id],
    }


def proxy(driver: CloudDriver) -> tuple[Made, Values]:
    inputs = {**proxy_inputs(driver), "defaultAuthScheme": "IAM_AUTH"}
    return driver.make(PROXY, "proxy", inputs, NORTH), inputs


def test_a_proxy_without_secrets_signs_in_with_iam_or_not_at_all(driver: CloudDriver) -> None:
    inputs = proxy_inputs(driver)
    assert refused(driver, PROXY, "proxy", inputs, NORTH).code == "InvalidParameterCombination"
    made = driver.make(PROXY, "proxy", {**inputs, "defaultAuthScheme": "IAM_AUTH"}, NORTH)
    assert made.arn.startswith("arn:aws:rds:us-east-1:123456789012:db-proxy:prx-")
    assert made.outputs["endpoint"].startswith("reads.proxy-")


def test_an_endpoint_of_a_proxy_has_a_host_of_its_own(driver: CloudDriver) -> None:
    made, inputs = proxy(driver)
    asked = {"dbProxyName": made.id, "dbProxyEndpointName": "only", "vpcSubnetIds": inputs["vpcSubnetIds"]}
    endpoint = driver.make(ENDPOINT, "endpoint", {**asked, "targetRole": "READ_ONLY"}, NORTH)
    assert endpoint.outputs["endpoint"].startswith("only.endpoint.proxy-")
    assert endpoint.outputs["endpoint"].endswith(".us-east-1.rds.amazonaws.com")


def test_a_proxy_takes_no_cluster_that_has_no_instance(driver: CloudDriver) -> None:
    made, _ = proxy(driver)
    cluster = driver.make(CLUSTER, "cluster", ALONE, NORTH)
    target = {"dbProxyName": made.id, "targetGroupName": "default", "dbClusterIdentifier": cluster.id}
    assert refused(driver, TARGET, "target", target, NORTH).code == "InvalidDBInstanceStateFault"
    instance = {
        "clusterIdentifier": cluster.id,
        "engine": "aurora-postgresql",
        "instanceClass": "db.serverless",
    }
    driver.make(INSTANCE, "instance", instance, NORTH)
    assert driver.make(TARGET, "target", target, NORTH).id == "reads/default/TRACKED_CLUSTER/ledger"


def test_advanced_insights_need_what_they_keep_said(driver: CloudDriver) -> None:
    advanced = {**ALONE, "databaseInsightsMode": "advanced", "performanceInsightsEnabled": True}
    assert refused(driver, CLUSTER, "cluster", advanced, NORTH).code == "InvalidParameterCombination"
    kept = {**advanced, "performanceInsightsRetentionPeriod": 465}
    assert driver.make(CLUSTER, "cluster", kept, NORTH).id == "ledger"
