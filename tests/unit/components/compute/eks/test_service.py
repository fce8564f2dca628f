from __future__ import annotations

from typing import Any

import pulumi_aws as aws
import pulumi_kubernetes as k8s
import pytest

from components.compute.eks.service import EksPlacement, TradingService
from components.service_conventions import DEREGISTRATION_SECONDS
from tests.unit.components.compute.given import DIGEST, service
from tests.unit.harness import Run, run


@pytest.fixture(scope="module")
def made() -> Run:
    def program() -> None:
        place = EksPlacement(
            cluster="castle-eu-west-1",
            kubernetes=k8s.Provider("kube", kubeconfig="{}"),
            namespace="trading",
            confined_namespace=aws.sqs.Queue("confinement", name="trading").name,
            pool="services",
            node_pools=aws.sqs.Queue("pools"),
            priority_class=aws.sqs.Queue("priority", name="services").name,
            keda=aws.sqs.Queue("keda"),
        )
        TradingService("md", service(), place)

    return run(program)


@pytest.fixture(scope="module")
def deployment(made: Run) -> dict[str, Any]:
    return made.one("md-deployment").inputs["spec"]


@pytest.fixture(scope="module")
def pod(deployment: dict[str, Any]) -> dict[str, Any]:
    return deployment["template"]["spec"]


@pytest.fixture(scope="module")
def container(pod: dict[str, Any]) -> dict[str, Any]:
    (only,) = pod["containers"]
    return only


def test_every_object_is_in_the_services_namespace_by_the_clusters_provider(made: Run) -> None:
    objects = [it for it in made.resources if it.type.startswith("kubernetes:")]
    assert len(objects) == 9
    for each in objects:
        assert each.inputs["metadata"]["namespace"] == "trading", each.name
        assert "::kube::" in each.provider, each.name


def test_keda_alone_says_how_many_there_are(made: Run, deployment: dict[str, Any]) -> None:
    assert "replicas" not in deployment
    assert made.of("HorizontalPodAutoscaler") == []
    (scaled,) = made.of("ScaledObject")
    spec = scaled.inputs["spec"]
    assert spec["scaleTargetRef"] == {"apiVersion": "apps/v1", "kind": "Deployment", "name": "market-data"}
    assert (spec["minReplicaCount"], spec["maxReplicaCount"]) == (3, 30)
    assert made.one("md-deployment").urn in scaled.depends_on


def test_it_scales_on_cpu_memory_and_the_requests_of_each_load_balancer(made: Run) -> None:
    cpu, memory, *requests = made.one("md-scaling").inputs["spec"]["triggers"]
    assert (cpu["type"], cpu["metricType"], cpu["metadata"]) == ("cpu", "Utilization", {"value": "60"})
    assert (memory["type"], memory["metricType"], memory["metadata"]) == (
        "memory",
        "Utilization",
        {"value": "75"},
    )
    assert [it["metadata"]["dimensionValue"] for it in requests] == [
        "targetgroup/api/1",
        "targetgroup/stream/1",
    ]
    for each in requests:
        asked = each["metadata"]
        assert (each["type"], each["metricType"]) == ("aws-cloudwatch", "Value")
        assert (asked["metricName"], asked["dimensionName"]) == ("RequestCountPerTarget", "TargetGroup")
        assert (asked["targetMetricValue"], asked["metricStatPeriod"]) == ("6000", "60")  # 100 a second


def test_keda_asks_cloudwatch_as_its_operator(made: Run) -> None:
    asks = made.one("md-metrics")
    assert asks.inputs["spec"] == {"podIdentity": {"provider": "aws", "identityOwner": "keda"}}
    triggers = made.one("md-scaling").inputs["spec"]["triggers"]
    names = {it["authenticationRef"]["name"] for it in triggers if it["type"] == "aws-cloudwatch"}
    assert names == {asks.inputs["metadata"]["name"]}


def test_the_image_is_by_digest(container: dict[str, Any]) -> None:
    assert container["image"].endswith(f"/castle/market-data@{DIGEST}")


def test_a_pod_meets_the_restricted_standard(pod: dict[str, Any], container: dict[str, Any]) -> None:
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] >= 10000
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    within = container["securityContext"]
    assert within["allowPrivilegeEscalation"] is False
    assert within["privileged"] is False
    assert within["capabilities"] == {"drop": ["ALL"]}
    assert not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    assert [volume.keys() - {"name"} for volume in pod["volumes"]] == [{"emptyDir"}]


def test_a_pod_writes_to_its_scratch_alone(pod: dict[str, Any], container: dict[str, Any]) -> None:
    assert container["securityContext"]["readOnlyRootFilesystem"] is True
    (mount,) = container["volumeMounts"]
    (volume,) = pod["volumes"]
    assert (mount["name"], mount["mountPath"]) == (volume["name"], "/tmp")
    assert volume["emptyDir"]["sizeLimit"]


def test_a_pod_has_no_token_of_the_cluster_and_a_role_before_it_starts(
    made: Run, pod: dict[str, Any]
) -> None:
    assert pod["automountServiceAccountToken"] is False
    assert made.one("md-account").inputs["automountServiceAccountToken"] is False
    identity = made.one("md-identity")
    assert (identity.inputs["namespace"], identity.inputs["serviceAccount"]) == ("trading", "market-data")
    assert identity.inputs["roleArn"].endswith(":role/castle-eu-west-1-market-data")
    assert pod["serviceAccountName"] == "market-data"
    needs = made.one("md-deployment").depends_on
    assert {identity.urn, made.one("md-account").urn, made.one("md-ways").urn} <= needs


def test_pods_wait_for_nodes_and_their_priority_but_not_for_what_scales_them(made: Run) -> None:
    needs = made.one("md-deployment").depends_on
    assert {made.one("pools").urn, made.one("priority").urn} <= needs
    assert made.one("keda").urn not in needs


def test_what_scales_pods_waits_for_keda_and_for_them(made: Run) -> None:
    """KEDA's chart has the kinds, and its webhook refuses a ScaledObject on CPU whose Deployment isn't there."""
    authentication = made.one("md-metrics")
    assert made.one("keda").urn in authentication.depends_on
    assert {authentication.urn, made.one("md-deployment").urn} <= made.one("md-scaling").depends_on


def test_pods_alone_wait_for_what_confines_them(made: Run) -> None:
    confinement = made.one("confinement").urn
    waiting = [it.name for it in made.resources if confinement in it.depends_on]
    assert waiting == ["md-deployment"]


def test_a_binding_waits_for_nothing_but_its_service(made: Run) -> None:
    for binding in made.of("TargetGroupBinding"):
        assert made.one("md-service").urn in binding.depends_on
        assert not {made.one("pools").urn, made.one("keda").urn} & binding.depends_on


def test_probes_ask_for_health_at_the_services_port(container: dict[str, Any]) -> None:
    assert container["ports"] == [{"name": "https", "containerPort": 8443}]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"path": "/healthz", "port": "https", "scheme": "HTTPS"}

    def patience(probe: str) -> float:
        return container[probe]["periodSeconds"] * container[probe]["failureThreshold"]

    assert patience("readinessProbe") < patience("livenessProbe") < patience("startupProbe")


def test_a_pod_serves_until_load_balancers_have_let_go_of_it_and_then_ends_what_is_under_way(
    pod: dict[str, Any], container: dict[str, Any]
) -> None:
    slept = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert slept > DEREGISTRATION_SECONDS
    assert pod["terminationGracePeriodSeconds"] >= slept + 15


def test_no_deployment_and_no_node_takes_too_many_at_once(made: Run, deployment: dict[str, Any]) -> None:
    assert deployment["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    budget = made.one("md-budget").inputs["spec"]
    assert budget["maxUnavailable"] == "20%"
    assert budget["selector"] == deployment["selector"]


def test_the_loss_of_a_zone_takes_no_more_than_its_share(pod: dict[str, Any]) -> None:
    spread = {it["topologyKey"]: it for it in pod["topologySpreadConstraints"]}
    zone = spread["topology.kubernetes.io/zone"]
    assert (zone["maxSkew"], zone["whenUnsatisfiable"]) == (1, "DoNotSchedule")
    assert spread["kubernetes.io/hostname"]["whenUnsatisfiable"] == "ScheduleAnyway"


def test_it_runs_on_its_own_pool_and_before_what_may_wait(pod: dict[str, Any]) -> None:
    assert pod["nodeSelector"] == {"castle/pool": "services"}
    assert pod["tolerations"] == [
        {"key": "castle/pool", "operator": "Equal", "value": "services", "effect": "NoSchedule"}
    ]
    assert pod["priorityClassName"] == "services"


def test_memory_is_bounded_and_cpu_is_asked_for_but_never_held_back(container: dict[str, Any]) -> None:
    assert container["resources"] == {
        "requests": {"cpu": "500m", "memory": "1024Mi"},
        "limits": {"memory": "1024Mi"},
    }


def test_selectors_find_its_pods(made: Run, deployment: dict[str, Any]) -> None:
    labels = deployment["template"]["metadata"]["labels"]
    selectors = [
        deployment["selector"]["matchLabels"],
        made.one("md-service").inputs["spec"]["selector"],
        made.one("md-ways").inputs["spec"]["podSelector"]["matchLabels"],
        made.one("md-budget").inputs["spec"]["selector"]["matchLabels"],
    ]
    assert all(selector == labels for selector in selectors)


def test_its_pods_are_in_every_target_group(made: Run) -> None:
    bindings = {it.name: it for it in made.of("TargetGroupBinding")}
    assert bindings.keys() == {"md-binding-api", "md-binding-stream"}
    for balancer in ("api", "stream"):
        binding = bindings[f"md-binding-{balancer}"]
        assert binding.type == "kubernetes:eks.amazonaws.com/v1:TargetGroupBinding"
        assert binding.inputs["spec"] == {
            "targetGroupARN": f"arn:{balancer}-target",
            "targetType": "ip",
            "serviceRef": {"name": "market-data", "port": 8443},
        }
    assert made.one("md-service").inputs["spec"]["type"] == "ClusterIP"


def test_only_load_balancers_reach_it_on_its_port(made: Run) -> None:
    (rule,) = made.one("md-ways").inputs["spec"]["ingress"]
    assert {peer["ipBlock"]["cidr"] for peer in rule["from"]} == {
        *("10.1.0.0/19", "10.1.64.0/19"),
        "10.1.36.0/22",
    }
    assert [port["port"] for port in rule["ports"]] == [8443]


def test_it_reaches_what_it_is_told_and_the_internet_is_no_way_into_networks(made: Run) -> None:
    spec = made.one("md-ways").inputs["spec"]
    assert set(spec["policyTypes"]) == {"Ingress", "Egress"}
    ways = {rule["ports"][0]["port"]: [peer["ipBlock"] for peer in rule["to"]] for rule in spec["egress"]}
    assert ways[6379] == [{"cidr": "10.1.32.0/22"}]
    assert ways[80] == [{"cidr": "169.254.170.23/32"}]  # where its role's credentials come from
    anywhere, endpoints = ways[443]
    assert anywhere["cidr"] == "0.0.0.0/0"
    assert {"10.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16"} <= set(anywhere["except"])
    assert endpoints == {"cidr": "10.1.0.0/19"}
    assert ways.keys() == {80, 443, 6379}


def test_no_secret_comes_by_the_environment(container: dict[str, Any]) -> None:
    assert container["env"] == [{"name": "CELL", "value": "eu-west-1"}]
    assert "envFrom" not in container


def test_alarms_tell_when_too_few_serve_and_when_requests_fail(made: Run) -> None:
    few = made.one("md-alarm-few-api").inputs
    assert (few["metricName"], few["statistic"], few["threshold"]) == ("HealthyHostCount", "Minimum", 3)
    few_streams = made.one("md-alarm-few-stream").inputs["dimensions"]
    assert few_streams == {"LoadBalancer": "app/stream/2", "TargetGroup": "targetgroup/stream/1"}
    errors = made.one("md-alarm-errors-api").inputs
    assert (errors["metricName"], errors["threshold"]) == ("HTTPCode_Target_5XX_Count", 180)
    assert {tuple(it.inputs["alarmActions"]) for it in made.of("MetricAlarm")} == {("arn:topic",)}
