from __future__ import annotations

import json
from collections import Counter

from settings.catalogue import SERVICES
from tests.unit.conftest import CELLS
from tests.unit.harness import Run, committed, run_stack


def test_a_cell_is_composed_of_its_domains(joining: Run) -> None:
    cell = joining.one("cell").urn
    assert {each.name: each.type for each in joining.resources if each.parent == cell} == {
        "cell-baseline": "castle:account:Baseline",
        "cell-logs": "castle:data:LogBucket",
        "cell-network": "castle:network:Network",
        "cell-endpoints": "castle:network:InterfaceEndpoints",
        "cell-peering-us-east-1": "castle:network:Peering",
        "cell-peering-runner": "castle:network:Peering",
        "cell-audit": "castle:data:AuditBucket",
        "cell-reports": "castle:data:ReportsBucket",
        "cell-web": "castle:data:WebBucket",
        "cell-drains": "castle:data:DrainsBucket",
        "cell-reads-drains": "castle:compute:ServiceRole",
        "cell-backups": "castle:data:Backups",
        "cell-endpoint": "castle:ingress:PublicEndpoint",
        "cell-inside": "castle:ingress:InternalBalancer",
        "cell-authorizer": "castle:compute:Function",
        "cell-authorizer-alarm-slow": "aws:cloudwatch/metricAlarm:MetricAlarm",
        "cell-api": "castle:ingress:Api",
        "cell-api-stage": "castle:ingress:ApiStage",
        "cell-api-hosts": "castle:ingress:ApiHosts",
        "cell-plans": "castle:ingress:UsagePlans",
        "cell-firewall": "castle:ingress:WebAcl",
        "cell-serving": "castle:ingress:ServingChecks",
        "cell-cluster": "castle:compute:Cluster",
        "cell-access": "castle:compute:Access",
        "cell-nodes": "castle:compute:NodePools",
        "cell-classes": "castle:compute:ClusterClasses",
        "cell-rights": "castle:compute:PeopleRights",
        "cell-namespace-trading": "castle:compute:Namespace",
        "cell-namespace-payments": "castle:compute:Namespace",
        "cell-namespace-keda": "castle:compute:Namespace",
        "cell-scaling": "castle:compute:Scaling",
        "cell-alerts": "castle:observability:Alerts",
        "cell-ledger": "castle:data:Ledger",
        "cell-ledger-rotation": "castle:data:SecretRotation",
        "cell-rotation": "castle:compute:Function",
        "cell-market": "castle:data:Cache",
        "cell-cache": "castle:data:LocalCache",
        "cell-files": "castle:data:Files",
        **{
            f"cell-{service}{part}": f"castle:compute:{component}"
            for service in SERVICES
            for part, component in (("", "TradingService"), ("-may", "ServiceRole"))
        },
        "cell-services-from-api": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "cell-services-from-stream": "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        "cell-table-balances": "castle:data:Table",
        "cell-table-idempotency": "castle:data:Table",
        "cell-table-instruments": "castle:data:Table",
        "cell-table-outcomes": "castle:data:Table",
        "cell-orders": "castle:messaging:OrderQueue",
        "cell-trades": "castle:messaging:Topic",
        "cell-order-alerts": "castle:messaging:Topic",
        "cell-matcher": "castle:compute:Function",
        "cell-order-consumer": "castle:messaging:OrderConsumer",
        "cell-relay": "castle:compute:Function",
        "cell-relay-runs": "castle:compute:EveryMinute",
        "cell-ledger-steward": "castle:compute:Function",
        "cell-images": "castle:compute:ImageRepositories",
        "cell-table-profiles": "castle:data:Table",
        "cell-table-sessions": "castle:data:Table",
    }


def test_the_birth_cell_makes_the_key_families_and_no_other_cell_does(birth: Run, joining: Run) -> None:
    assert birth.names("KeyFamily") == {
        "cell-key-audit-global",
        "cell-key-customer-global",
        "cell-key-ledger-global",
        "cell-key-market-global",
        "cell-key-public-global",
    }
    assert joining.of("KeyFamily") + joining.of("Key") + joining.of("ReplicaKey") == []


def test_every_cells_region_has_its_key_of_every_family(birth: Run) -> None:
    for family in birth.names("KeyFamily"):
        aliases = {each.inputs["region"] for each in birth.of("Alias") if each.name.startswith(family)}
        assert aliases == {"us-east-1", "eu-west-1", "us-west-2"}


def test_one_cell_makes_the_global_database_and_the_others_join_it_from_there(stacks: dict[str, Run]) -> None:
    assert [cell for cell in CELLS if stacks[cell].of("GlobalCluster")] == ["us-east-1"]
    joined = [stacks[cell].one("cell-ledger-cluster").inputs for cell in CELLS[1:]]
    assert [each["sourceRegion"] for each in joined] == ["us-east-1", "us-east-1"]
    assert [each["globalClusterIdentifier"] for each in joined] == ["castle-ledger", "castle-ledger"]


def test_the_global_database_has_the_name_by_which_it_is_joined(birth: Run) -> None:
    assert birth.one("cell-ledger-global").inputs["globalClusterIdentifier"] == "castle-ledger"


def test_a_secret_waits_for_the_keys_of_its_copies(birth: Run) -> None:
    for secret, family in (("cell-ledger-secret", "ledger"), ("cell-payments-key", "customer")):
        copies = {it["region"]: it["kmsKeyId"] for it in birth.one(f"{secret}-secret").inputs["replicas"]}
        assert set(copies) == {"eu-west-1", "us-west-2"}
        keys = {each.urn for each in birth.of("ReplicaKey") if each.name.startswith(f"cell-key-{family}-")}
        assert len(keys) == 2
        assert keys <= birth.one(f"{secret}-secret").depends_on


def test_the_first_cell_alone_makes_application_secrets(stacks: dict[str, Run]) -> None:
    assert [cell for cell in CELLS if stacks[cell].of("ApplicationSecret")] == ["us-east-1"]


def test_every_members_function_may_rotate_the_copy_beside_it(stacks: dict[str, Run]) -> None:
    for cell in CELLS:
        arn = stacks[cell].one("cell-ledger-rotation-permission").inputs["sourceArn"]
        assert arn.startswith(f"arn:aws:secretsmanager:{cell}:")
        schedules = stacks[cell].names("SecretRotation")
        assert ("cell-ledger-rotation-schedule" in schedules) == (cell == "us-east-1")


def test_the_rotation_reaches_every_member_and_secrets_manager_and_nothing_else(joining: Run) -> None:
    ways = {
        (each.inputs["cidrIpv4"], each.inputs["toPort"])
        for each in joining.of("SecurityGroupEgressRule")
        if each.inputs["securityGroupId"] == "cell-rotation-group-id"
    }
    assert ways == {*((f"10.{number}.0.0/16", 5432) for number in range(3)), ("10.1.0.0/16", 443)}


def test_a_cell_without_the_endpoint_of_secrets_manager_reaches_it_by_nat(
    exported: dict[str, dict[str, object]],
) -> None:
    far = run_stack("eu-west-1", exported, sizes={"endpoints": []})
    assert far.one("cell-rotation-to-secrets").inputs["cidrIpv4"] == "0.0.0.0/0"


def test_one_cell_makes_the_global_cache_and_the_others_join_it_by_its_id(stacks: dict[str, Run]) -> None:
    assert [cell for cell in CELLS if stacks[cell].of("GlobalReplicationGroup")] == ["us-east-1"]
    joined = [stacks[cell].one("cell-market-member").inputs["globalReplicationGroupId"] for cell in CELLS[1:]]
    assert joined == ["ldgnf-castle-market"] * 2


def test_cells_peer_with_each_other_once_and_each_with_the_runner(stacks: dict[str, Run]) -> None:
    peerings = {cell: stacks[cell].names("Peering") for cell in CELLS}
    assert peerings == {
        "us-east-1": {"cell-peering-runner"},
        "eu-west-1": {"cell-peering-runner", "cell-peering-us-east-1"},
        "us-west-2": {"cell-peering-runner", "cell-peering-us-east-1", "cell-peering-eu-west-1"},
    }


def test_a_later_cell_routes_back_from_the_tables_that_the_earlier_one_exports(
    joining: Run, birth: Run
) -> None:
    back = [
        each.inputs for each in joining.of("Route") if each.name.startswith("cell-peering-us-east-1-other-")
    ]
    exported = birth.outputs["routeTableIds"]
    assert {each["routeTableId"] for each in back} == {*exported.values()} - {exported["public"]}
    assert {each["region"] for each in back} == {"us-east-1"}


def test_ledger_and_market_data_admit_the_app_subnets_of_every_other_cell(stacks: dict[str, Run]) -> None:
    seconds = {cell: f"10.{number}." for number, cell in enumerate(CELLS)}
    for cell in CELLS:
        others = {other for other in CELLS if other != cell}
        for store in ("cell-ledger", "cell-market"):
            admitted = [
                each.inputs["cidrIpv4"]
                for each in stacks[cell].of("SecurityGroupIngressRule")
                if each.name.startswith(f"{store}-from-") and "cidrIpv4" in each.inputs
            ]
            assert len(admitted) == 4 * len(others)
            assert all(cidr.endswith("/19") for cidr in admitted)
            assert {cidr[: len("10.0.")] for cidr in admitted} == {seconds[other] for other in others}


def test_stores_admit_what_runs_in_the_cells_cluster(joining: Run) -> None:
    for store in ("ledger", "market", "cache"):
        rule = joining.one(f"cell-{store}-from-cluster").inputs
        assert rule["referencedSecurityGroupId"] == "cell-cluster-eks-group"


def test_no_other_region_reaches_the_cells_own_cache(joining: Run) -> None:
    rules = {
        each.name for each in joining.of("SecurityGroupIngressRule") if each.name.startswith("cell-cache-")
    }
    assert rules == {"cell-cache-from-cluster"}


def test_the_public_load_balancer_is_behind_the_firewall(joining: Run) -> None:
    association = joining.one("cell-firewall-before-endpoint").inputs
    assert association["resourceArn"] == "arn:cell-endpoint-alb"


def test_objects_wait_by_their_provider_for_the_way_from_the_runner(joining: Run) -> None:
    way = {each.urn for each in joining.resources if each.name.startswith("cell-peering-runner-")}
    assert way
    assert way <= joining.one("cell-cluster-kubernetes").depends_on


def test_a_cell_outside_the_residency_of_sessions_has_no_cache_of_its_own(
    exported: dict[str, dict[str, object]],
) -> None:
    datasets = json.loads(committed("us-west-2")["castle:datasets"])
    datasets["sessions"]["residency"] = "eu"
    birth = run_stack("us-east-1", datasets=datasets, vaults=["eu-central-1"])
    outside = run_stack(
        "us-west-2", {**exported, "us-east-1": birth.outputs}, datasets=datasets, vaults=["eu-central-1"]
    )
    assert outside.of("LocalCache") == []
    assert outside.of("Cache")


def test_one_cell_has_the_warehouse_and_its_own_member_of_the_ledger_feeds_it(stacks: dict[str, Run]) -> None:
    assert [cell for cell in CELLS if stacks[cell].of("Warehouse")] == ["us-east-1"]
    birth = stacks["us-east-1"]
    integration = birth.one("cell-warehouse-integration")
    assert integration.inputs["sourceArn"] == "arn:cell-ledger-cluster"
    assert {each.urn for each in birth.of("ClusterInstance")} <= integration.depends_on


def test_a_warehouse_that_must_stay_in_the_us_is_keyed_there_alone() -> None:
    datasets = json.loads(committed("us-east-1")["castle:datasets"])
    datasets["warehouse"]["residency"] = "us"
    birth = run_stack("us-east-1", datasets=datasets)
    keys = {each.inputs["region"] for each in birth.of("Alias") if "ledger-us" in each.name}
    assert keys == {"us-east-1", "us-west-2"}
    key = birth.one("cell-key-ledger-us-key").urn
    for name in ("cell-warehouse-namespace", "cell-warehouse-integration", "cell-warehouse-log-userlog"):
        assert key in birth.one(name).depends_on


def test_nothing_outside_the_warehouse_depends_on_it(birth: Run) -> None:
    inside = {each.urn for each in birth.resources if each.name.startswith("cell-warehouse")}
    assert len(inside) > 10
    for each in birth.resources:
        assert each.urn in inside or not each.depends_on & inside, each.urn


def test_a_cell_outside_the_residency_of_reports_has_neither_bucket_nor_backups_of_them(
    exported: dict[str, dict[str, object]],
) -> None:
    datasets = json.loads(committed("us-west-2")["castle:datasets"])
    datasets["reports"]["residency"] = "eu"
    facts = {"datasets": datasets, "vaults": ["eu-central-1"]}
    birth = run_stack("us-east-1", **facts)
    earlier = {**exported, "us-east-1": birth.outputs}
    for outside in (birth, run_stack("us-west-2", earlier, **facts)):
        assert outside.of("ReportsBucket") == []
        assert not [each for each in outside.of("Vault") if "customer-eu" in each.name]
    inside = run_stack("eu-west-1", earlier, **facts)
    assert inside.of("ReportsBucket")
    vaults = {
        each.inputs["region"]: each.inputs["kmsKeyArn"]
        for each in inside.of("Vault")
        if "customer-eu" in each.name
    }
    assert vaults == {
        region: f"arn:aws:kms:{region}:123456789012:key/mrk-1" for region in ("eu-west-1", "eu-central-1")
    }
    plan = inside.one("cell-backups-customer-eu-plan").inputs
    assert all(rule["copyActions"] for rule in plan["rules"])


def test_copies_of_backups_are_in_another_region_and_wait_for_its_key(stacks: dict[str, Run]) -> None:
    for stack in CELLS:
        regions = {each.inputs["region"] for each in stacks[stack].of("Vault")}
        assert regions == {stack, "eu-west-1" if stack == "us-east-1" else "us-east-1"}
    birth = stacks["us-east-1"]
    copies = birth.one("cell-backups-ledger-global-copy-vault")
    assert birth.one("cell-key-ledger-global-replica-eu-west-1").urn in copies.depends_on


def test_physical_names_are_unique_over_all_stacks(stacks: dict[str, Run]) -> None:
    names = Counter(
        each.inputs[key]
        for run in stacks.values()
        for each in run.resources
        for key in ("bucket", "clusterIdentifier", "finalSnapshotIdentifier")
        if key in each.inputs and each.type.rsplit(":", 1)[-1] in ("Bucket", "Cluster")
    )
    assert len(names) == 16 + 3 + 3  # buckets, clusters, snapshots
    assert set(names.values()) == {1}


def test_no_dns_record_has_two_owners(stacks: dict[str, Run]) -> None:
    owned = Counter(
        (each.inputs["name"], each.inputs["type"], each.inputs.get("setIdentifier"))
        for run in stacks.values()
        for each in run.of("Record")
    )
    assert owned
    assert {record: many for record, many in owned.items() if many > 1} == {}


def test_every_shared_name_has_one_validation_record(stacks: dict[str, Run]) -> None:
    names = [each.inputs["name"] for run in stacks.values() for each in run.of("Record")]
    for host in ("api", "stream", "app"):
        assert names.count(f"_proof.{host}.castle.example.") == 1


def test_vpcs_of_all_cells_are_disjoint(stacks: dict[str, Run]) -> None:
    cidrs = [stacks[cell].one("cell-network-vpc").inputs["cidrBlock"] for cell in CELLS]
    assert cidrs == ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16"]


def test_flow_and_access_logs_wait_until_the_log_bucket_lets_them_in(joining: Run) -> None:
    policy = joining.one("cell-logs-policy").urn
    assert policy in joining.one("cell-network-flow-log").depends_on
    assert policy in joining.one("cell-endpoint-alb").depends_on
