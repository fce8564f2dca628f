from __future__ import annotations

import pytest

from components.data.cache.global_cache import Cache, CacheArgs, DatastoreSizes
from components.data.cache.local_cache import LocalCache, LocalCacheArgs
from components.data.cache.users import LOCAL_USERS, MARKET_USERS
from components.data.store_security_group import StoreNetwork
from tests.unit.harness import Run, run

KEY = "arn:aws:kms:eu-west-1:123456789012:key/mrk-1"
NETWORK = StoreNetwork(
    vpc_id="vpc-1",
    data_subnet_ids={"a": "subnet-a", "b": "subnet-b"},
    client_groups={"cluster": "sg-1"},
    client_cidrs={"us-east-1-app-a": "10.0.0.0/19"},
)
# What the provider refuses beside `globalReplicationGroupId`: `ConflictsWith` in its replication_group.go.
REFUSED = {
    "numNodeGroups",
    "parameterGroupName",
    "engine",
    "engineVersion",
    "nodeType",
    "securityGroupNames",
    "transitEncryptionEnabled",
    "atRestEncryptionEnabled",
    "snapshotArns",
    "snapshotName",
}


def market(joins: str | DatastoreSizes, *, retire: bool = False) -> Run:
    args = CacheArgs(
        replication_group="castle-eu-west-1-market",
        user_group="castle-market",
        datastore_suffix="castle-market",
        datastore=joins,
        network=NETWORK,
        key_arn=KEY,
        tags={"data-set": "market"},
        replicas=2,
        log_days=400,
        alarm_topic_arn="arn:topic",
        retire=retire,
    )
    return run(lambda: Cache("market", args) and None)


def local(*, retire: bool = False) -> Run:
    args = LocalCacheArgs(
        replication_group="castle-eu-west-1-local",
        user_group="castle-local",
        network=NETWORK,
        key_arn=KEY,
        tags={"data-set": "market"},
        node_type="cache.r7g.large",
        shards=1,
        replicas=1,
        log_days=400,
        alarm_topic_arn="arn:topic",
        retire=retire,
    )
    return run(lambda: LocalCache("market", args) and None)


@pytest.fixture(scope="module")
def birth() -> Run:
    return market(DatastoreSizes(node_type="cache.r7g.large", shards=2))


@pytest.fixture(scope="module")
def joining() -> Run:
    return market("ldgnf-castle-market")


@pytest.fixture(scope="module")
def own() -> Run:
    return local()


@pytest.fixture(params=["birth", "joining", "own"])
def each(request: pytest.FixtureRequest) -> Run:
    return request.getfixturevalue(request.param)


def test_a_joining_member_sets_nothing_that_it_inherits(joining: Run) -> None:
    member = joining.one("market-member").inputs
    assert not REFUSED & member.keys()
    assert member["globalReplicationGroupId"] == "ldgnf-castle-market"
    assert joining.of("GlobalReplicationGroup") == []


def test_a_joining_member_ignores_what_it_reads_back_of_what_it_may_not_set(joining: Run) -> None:
    ignored = set(joining.one("market-member").ignore_changes)
    assert {"engine", "engineVersion", "nodeType", "numNodeGroups", "parameterGroupName"} <= ignored
    assert {"atRestEncryptionEnabled", "transitEncryptionEnabled", "automaticFailoverEnabled"} <= ignored


def test_the_datastore_is_made_of_the_birth_member_and_is_never_replaced_by_a_promotion(birth: Run) -> None:
    datastore = birth.one("market-global")
    assert datastore.inputs["primaryReplicationGroupId"] == "market-member-id"
    assert datastore.inputs["globalReplicationGroupIdSuffix"] == "castle-market"
    assert datastore.ignore_changes == ("primaryReplicationGroupId",)


def test_once_there_is_a_datastore_sizes_and_versions_change_through_it_alone(birth: Run) -> None:
    datastore = birth.one("market-global").inputs
    assert (datastore["cacheNodeType"], datastore["numNodeGroups"]) == ("cache.r7g.large", 2)
    assert datastore["engineVersion"] == birth.one("market-member").inputs["engineVersion"]
    ignored = set(birth.one("market-member").ignore_changes)
    assert {"nodeType", "numNodeGroups", "engineVersion", "automaticFailoverEnabled"} <= ignored


def test_the_birth_member_is_valkey_and_encrypted_both_ways(birth: Run, own: Run) -> None:
    for found in (birth.one("market-member").inputs, own.one("market-cache").inputs):
        assert (found["engine"], found["engineVersion"]) == ("valkey", "8.0")
        assert (found["transitEncryptionEnabled"], found["atRestEncryptionEnabled"]) == (True, True)


def test_every_cache_has_the_local_key_zones_to_fail_over_to_and_snapshots(each: Run) -> None:
    (group,) = each.of("ReplicationGroup")
    assert group.inputs["kmsKeyId"] == KEY
    assert (group.inputs["multiAzEnabled"], group.inputs["automaticFailoverEnabled"]) == (True, True)
    assert group.inputs["replicasPerNodeGroup"] >= 1
    assert group.inputs["snapshotRetentionLimit"] >= 1


def test_caches_are_in_data_subnets_and_admit_who_is_passed_in(each: Run) -> None:
    assert each.one("market-subnets").inputs["subnetIds"] == ["subnet-a", "subnet-b"]
    rules = {rule.name: rule.inputs for rule in each.of("SecurityGroupIngressRule")}
    assert rules["market-from-cluster"]["referencedSecurityGroupId"] == "sg-1"
    assert rules["market-from-us-east-1-app-a"]["cidrIpv4"] == "10.0.0.0/19"
    assert {(rule["fromPort"], rule["toPort"]) for rule in rules.values()} == {(6379, 6379)}


def test_users_sign_in_by_iam_so_that_id_and_name_are_one(each: Run) -> None:
    users = [user.inputs for user in each.of("User")]
    assert users
    for user in users:
        assert user["userId"] == user["userName"]
        assert user["authenticationMode"] == {"type": "iam"}
        assert user["engine"] == "valkey"
        assert "passwords" not in user


def test_nobody_is_the_default_user(each: Run) -> None:
    (group,) = each.of("UserGroup")
    assert group.inputs["engine"] == "valkey"
    assert set(group.inputs["userIds"]) == {user.inputs["userId"] for user in each.of("User")}
    assert "default" not in {user.inputs["userName"] for user in each.of("User")}


def test_no_user_may_do_everything(each: Run) -> None:
    for user in each.of("User"):
        words = user.inputs["accessString"].split()
        assert "+@all" not in words
        assert words[-1] == "-@dangerous"


def words(run_: Run) -> dict[str, list[str]]:
    return {
        user.name.removeprefix("market-user-"): user.inputs["accessString"].split()
        for user in run_.of("User")
    }


def test_users_are_services(birth: Run, joining: Run, own: Run) -> None:
    assert set(words(birth)) == set(words(joining)) == {"market-data", "trading-api"}
    assert set(words(own)) == {"accounts", "market-data", "payments", "trading-api"}


def test_commands_are_named_one_by_one(each: Run) -> None:
    for found in words(each).values():
        categories = {word for word in found if "@" in word}
        assert categories == {"+@connection", "-@dangerous"}


def test_only_the_service_market_data_writes_market_data(birth: Run) -> None:
    users = words(birth)
    writing = {"+set", "+hset", "+zadd", "+xadd", "+del", "+publish"}
    assert writing <= set(users["market-data"])
    assert not writing & set(users["trading-api"])
    assert "+get" in users["trading-api"]


def test_every_service_sees_its_own_limits_and_one_the_sessions(own: Run) -> None:
    keys = {user: [word for word in found if word[0] == "~"] for user, found in words(own).items()}
    assert keys.pop("accounts") == ["~limit:accounts:*", "~session:*"]
    assert keys == {user: [f"~limit:{user}:*"] for user in ("market-data", "payments", "trading-api")}


def test_the_birth_member_and_the_cells_own_cache_have_parameters_of_their_own(birth: Run, own: Run) -> None:
    for run_, name in ((birth, "market-member"), (own, "market-cache")):
        assert run_.one(name).inputs["parameterGroupName"] == "market-parameters"
        group = run_.one("market-parameters").inputs
        assert group["family"] == "valkey8"
        values = {each["name"]: each["value"] for each in group["parameters"]}
        assert values["cluster-enabled"] == "yes"
        assert values["maxmemory-policy"] == ("allkeys-lru" if run_ is birth else "volatile-ttl")


def test_a_joining_member_makes_no_parameters_that_it_couldnt_set(joining: Run) -> None:
    assert joining.of("ParameterGroup") == []


def test_slow_commands_and_the_engines_own_log_are_kept_encrypted(each: Run) -> None:
    (group,) = each.of("ReplicationGroup")
    logs = {log.name: log.inputs for log in each.of("LogGroup")}
    prefix = f"/aws/vendedlogs/elasticache/{group.inputs['replicationGroupId']}"
    assert {log["name"] for log in logs.values()} == {f"{prefix}/slow-log", f"{prefix}/engine-log"}
    assert {(log["retentionInDays"], log["kmsKeyId"]) for log in logs.values()} == {(400, KEY)}
    deliveries = {it["logType"]: it for it in group.inputs["logDeliveryConfigurations"]}
    assert {kind: it["destination"] for kind, it in deliveries.items()} == {
        kind: f"{prefix}/{kind}" for kind in ("slow-log", "engine-log")
    }
    assert {it["destinationType"] for it in deliveries.values()} == {"cloudwatch-logs"}


def test_snapshots_are_taken_when_aws_doesnt_maintain(each: Run) -> None:
    (group,) = each.of("ReplicationGroup")
    assert group.inputs["snapshotWindow"] == "02:00-03:00"
    assert group.inputs["maintenanceWindow"] == "sun:04:00-sun:05:00"


def test_memory_evictions_and_processor_of_every_cache_are_watched(each: Run) -> None:
    (group,) = each.of("ReplicationGroup")
    alarms = {it.inputs["metricName"]: it.inputs for it in each.of("MetricAlarm")}
    assert {"DatabaseMemoryUsagePercentage", "Evictions", "EngineCPUUtilization"} <= alarms.keys()
    for it in alarms.values():
        assert it["dimensions"] == {"ReplicationGroupId": group.inputs["replicationGroupId"]}
        assert it["alarmActions"] == ["arn:topic"]


def test_only_members_of_the_datastore_can_be_late(birth: Run, joining: Run, own: Run) -> None:
    def late(run_: Run) -> bool:
        return "GlobalDatastoreReplicationLag" in {it.inputs["metricName"] for it in run_.of("MetricAlarm")}

    assert (late(birth), late(joining), late(own)) == (True, True, False)


def test_the_cells_own_cache_joins_nothing(own: Run) -> None:
    assert "globalReplicationGroupId" not in own.one("market-cache").inputs
    assert own.of("GlobalReplicationGroup") == []


def test_what_holds_data_is_protected_until_it_retires(birth: Run, joining: Run, own: Run) -> None:
    kinds = ("ReplicationGroup", "GlobalReplicationGroup")
    for run_ in (birth, joining, own):
        assert all(found.protect for kind in kinds for found in run_.of(kind))
    retiring = [
        market(DatastoreSizes(node_type="cache.r7g.large", shards=2), retire=True),
        local(retire=True),
    ]
    assert not any(found.protect for run_ in retiring for found in run_.resources)


def test_what_holds_market_data_says_so() -> None:
    for made in (
        market(DatastoreSizes(node_type="cache.r7g.large", shards=1)),
        market("ldgnf-castle-market"),
        local(),
    ):
        (group,) = made.of("ReplicationGroup")
        assert group.inputs["tags"] == {"data-set": "market"}


def test_ids_of_users_are_within_elasticaches_limit_for_the_longest_name_of_a_platform() -> None:
    for cache, users in (("market", MARKET_USERS), ("local", LOCAL_USERS)):
        for user in users:
            assert len(f"{'p' * 12}-{cache}-{user}") <= 40
