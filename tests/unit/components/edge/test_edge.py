from __future__ import annotations

from tests.unit.conftest import CELLS
from tests.unit.harness import Run, run_stack


def test_the_edge_is_composed_of_what_is_above_the_cells(edge: Run) -> None:
    top = edge.one("edge").urn
    assert {each.name: each.type for each in edge.resources if each.parent == top} == {
        "edge-account": "castle:account:Account",
        "edge-firewall": "castle:ingress:WebAcl",
        "edge-logs": "castle:data:LogBucket",
        "edge-web": "castle:ingress:WebDistribution",
        "edge-routing": "castle:ingress:Routing",
        **{
            f"edge-replication-{dataset}-{cell}": "castle:data:BucketReplication"
            for dataset in ("audit", "reports", "web")
            for cell in CELLS
        },
    }


def test_every_replicated_bucket_and_every_copy_is_one_that_a_cell_makes(
    edge: Run, stacks: dict[str, Run]
) -> None:
    made = {bucket.inputs["bucket"]: cell for cell in CELLS for bucket in stacks[cell].of("Bucket")}
    configs = edge.of("BucketReplicationConfig")
    assert len(configs) == 9
    for config in configs:
        assert made[config.inputs["bucket"]] == config.inputs["region"]
        for rule in config.inputs["rules"]:
            to = rule["destination"]
            region = made[to["bucket"].removeprefix("arn:aws:s3:::")]
            assert region != config.inputs["region"]
            assert f":{region}:" in to["encryptionConfiguration"]["replicaKmsKeyId"]


def test_each_rule_of_a_bucket_has_a_priority_that_stays_when_cells_come(edge: Run) -> None:
    for config in edge.of("BucketReplicationConfig"):
        found = {rule["id"].removeprefix("to-"): rule["priority"] for rule in config.inputs["rules"]}
        assert found == {cell: 1 + CELLS.index(cell) for cell in found}


def test_delays_are_told_to_the_topic_of_the_cell_that_has_the_copy(edge: Run, birth: Run) -> None:
    late = edge.one("edge-replication-web-eu-west-1-us-east-1-late").inputs
    assert late["alarmActions"] == [birth.outputs["alarmTopicArn"]]


def test_origins_are_the_web_buckets_of_the_two_cells_by_their_regional_names(
    edge: Run, birth: Run, joining: Run
) -> None:
    origins = edge.one("edge-web-distribution").inputs["origins"]
    assert [origin["domainName"] for origin in origins] == [
        f"{birth.one('cell-web-bucket').inputs['bucket']}.s3.us-east-1.amazonaws.com",
        f"{joining.one('cell-web-bucket').inputs['bucket']}.s3.eu-west-1.amazonaws.com",
    ]


def test_the_first_origin_is_the_stacks_choice(exported: dict[str, dict[str, object]]) -> None:
    turned = run_stack("global", exported, origins=["us-west-2", "us-east-1"])
    (group,) = turned.one("edge-web-distribution").inputs["originGroups"]
    assert [member["originId"] for member in group["members"]] == ["us-west-2", "us-east-1"]


def test_every_cell_takes_part_in_routing(edge: Run) -> None:
    checks = {each.inputs.get("fqdn") for each in edge.of("HealthCheck")} - {None}
    assert checks == {f"{host}-{cell}.castle.example" for host in ("api", "stream") for cell in CELLS}


def test_checked_names_are_those_that_cells_answer_for(edge: Run, joining: Run) -> None:
    answered = {each.inputs["name"] for each in joining.of("Record") if "aliases" in each.inputs}
    checked = {edge.one(f"edge-routing-check-{what}eu-west-1").inputs["fqdn"] for what in ("", "stream-")}
    assert checked == answered


def test_latency_records_lead_to_the_api_and_to_the_load_balancer_that_cells_export(
    edge: Run, joining: Run
) -> None:
    for host, exported in (("api", "api"), ("stream", "loadBalancer")):
        (alias,) = edge.one(f"edge-routing-{host}-eu-west-1").inputs["aliases"]
        assert alias["name"] == joining.outputs[f"{exported}DnsName"]
        assert alias["zoneId"] == joining.outputs[f"{exported}ZoneId"]


def test_the_shared_name_of_the_api_leads_to_its_domain_of_that_name(edge: Run, joining: Run) -> None:
    """API Gateway answers 403 for a name that it doesn't know as the domain's."""
    shared = joining.one("cell-api-hosts-shared", "DomainName")
    (alias,) = edge.one("edge-routing-api-eu-west-1").inputs["aliases"]
    assert shared.inputs["domainName"] == edge.one("edge-routing-api-eu-west-1").inputs["name"]
    assert alias["name"] == f"{shared.name}.execute-api.amazonaws.com"


def test_the_cdns_logs_are_encrypted_with_the_key_of_the_edges_region(edge: Run) -> None:
    (rule,) = edge.one("edge-logs-encryption").inputs["rules"]
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": "arn:aws:kms:us-east-1:123456789012:key/mrk-1",
    }


def test_the_cdns_logs_wait_until_the_log_bucket_lets_them_in(edge: Run) -> None:
    assert edge.one("edge-logs-policy").urn in edge.one("edge-web-log-destination").depends_on


def test_a_budget_for_orders_sets_how_often_a_check_may_fail(exported: dict[str, dict[str, object]]) -> None:
    strict = run_stack(
        "global", exported, budgets={"web": 10, "orders": 70, "services": 240, "sockets": 60, "ledger": 600}
    )
    assert strict.one("edge-routing-check-us-east-1").inputs["failureThreshold"] == 1


def test_the_cdn_is_behind_the_firewall(edge: Run) -> None:
    assert edge.one("edge-web-distribution").inputs["webAclId"] == "arn:edge-firewall-acl"
