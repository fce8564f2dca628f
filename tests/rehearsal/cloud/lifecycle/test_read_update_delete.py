"""Read, update and delete."""

from dataclasses import replace

import pytest

from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.provider_verbs import RefusedError
from rehearsal.values import UNKNOWN, Secret
from tests.rehearsal.cloud.cloud_driver import (
    ALLOW,
    BUCKET,
    KEY,
    ROLE,
    SOUTH,
    SUBNET,
    TRUST,
    VPC,
    CloudDriver,
    Made,
)

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
REPLICA = "aws:kms/replicaKey:ReplicaKey"


def refusal(driver: CloudDriver, made: Made) -> RefusedError:
    before = dict(driver.resources)
    with pytest.raises(RefusedError) as caught:
        driver.remove(made)
    assert driver.resources == before
    return caught.value


def drift(driver: CloudDriver, made: Made, **outputs: object) -> None:
    """Somebody changes a resource by hand."""
    at = resource_key(made.target.type, made.outputs.get("region", ""), made.id)
    resource = driver.resources[at]
    changed = {name: value for name, value in (resource.outputs | outputs).items() if value is not None}
    driver.resources[at] = replace(resource, outputs=changed)


# ---- read


def test_read_of_what_nobody_touched_gives_what_was_recorded(driver: CloudDriver) -> None:
    for made in driver.network():
        found = driver.read(made)
        assert found is not None
        assert (found.inputs, found.outputs) == (made.inputs, made.outputs)


def test_read_of_what_is_gone_gives_nothing(driver: CloudDriver) -> None:
    _, subnet = driver.network()
    driver.remove(subnet)
    assert driver.read(subnet) is None


def test_read_shows_drift_in_inputs_and_outputs(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    drift(driver, vpc, enableDnsSupport=False)
    found = driver.read(vpc)
    assert found is not None
    assert (found.inputs["enableDnsSupport"], found.outputs["enableDnsSupport"]) == (False, False)


def test_read_takes_only_the_inputs_that_were_recorded(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    drift(driver, vpc, enableDnsHostnames=True)
    found = driver.read(vpc)
    assert found is not None
    assert "enableDnsHostnames" not in found.inputs and found.outputs["enableDnsHostnames"] is True


def test_read_leaves_out_an_input_that_somebody_removed(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
    drift(driver, made, enableDnsHostnames=None)
    at = resource_key(VPC, "us-east-1", made.id)
    resource = driver.resources[at]
    driver.resources[at] = replace(
        resource, inputs={n: v for n, v in resource.inputs.items() if n != "enableDnsHostnames"}
    )
    found = driver.read(made)
    assert found is not None and "enableDnsHostnames" not in found.inputs


def test_read_shows_a_tag_that_somebody_added(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    drift(driver, made, tags={"a": "b", "by": "hand"})
    found = driver.read(made)
    assert found is not None and found.inputs["tags"] == {"a": "b", "by": "hand"}


def test_read_keeps_secrets_marked(driver: CloudDriver) -> None:
    made = driver.make(ROLE, "role", {"assumeRolePolicy": Secret(TRUST)})
    found = driver.read(made)
    assert found is not None
    assert found.inputs["assumeRolePolicy"] == found.outputs["assumeRolePolicy"] == Secret(TRUST)


def test_seeded_thing_can_be_read_by_its_id_alone(driver: CloudDriver) -> None:
    target = driver.target(ROLE, "deployer")
    found = driver.cloud.read(target, "castle-deployer", {}, {})
    assert found is not None and found.outputs["arn"].endswith(":role/castle-deployer")


# ---- update


def test_update_changes_the_thing_and_leaves_its_id_and_arn(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    changed = driver.change(vpc, {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "tags": {"a": "b"}})
    assert changed.outputs == {
        **vpc.outputs,
        "enableDnsHostnames": True,
        "tags": {"a": "b"},
        "tagsAll": {"a": "b"},
    }
    found = driver.read(changed)
    assert found is not None and found.outputs == changed.outputs and found.inputs == changed.inputs


def test_update_takes_away_an_input_that_was_removed(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
    assert "enableDnsHostnames" not in driver.change(made, {"cidrBlock": "10.0.0.0/16"}).outputs


def test_update_leaves_alone_what_it_ignores_though_aws_changed_it(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    drift(driver, vpc, enableDnsSupport=False)
    found = driver.read(vpc)
    assert found is not None
    seen = Made(vpc.target, vpc.id, vpc.inputs, found.outputs)
    changed = driver.change(seen, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, "enableDnsSupport")
    assert changed.outputs["enableDnsSupport"] is False


def test_update_works_out_again_what_follows_from_an_input(driver: CloudDriver) -> None:
    one, other = driver.make(KEY, "one", {}), driver.make(KEY, "other", {})
    alias = driver.make("aws:kms/alias:Alias", "alias", {"name": "alias/castle", "targetKeyId": one.id})
    moved = driver.change(alias, {"name": "alias/castle", "targetKeyId": other.id})
    assert moved.outputs["targetKeyArn"] == other.arn
    assert "in use" in refusal(driver, other).message
    driver.remove(one)


def test_update_to_what_does_not_exist_is_refused(driver: CloudDriver) -> None:
    key_ = driver.make(KEY, "one", {})
    alias = driver.make("aws:kms/alias:Alias", "alias", {"name": "alias/castle", "targetKeyId": key_.id})
    with pytest.raises(RefusedError, match="targetKeyId: key alias/nowhere doesn't exist"):
        driver.change(alias, {"name": "alias/castle", "targetKeyId": "alias/nowhere"})


def test_update_to_a_name_that_is_taken_is_refused(driver: CloudDriver) -> None:
    balancer = driver.make(BALANCER, "alb", {"subnets": driver.zones()})
    action = [{"type": "fixed-response"}]
    for port in (80, 81):
        inputs = {"loadBalancerArn": balancer.arn, "port": port, "defaultActions": action}
        made = driver.make("aws:lb/listener:Listener", f"on-{port}", inputs)
    with pytest.raises(RefusedError, match="DuplicateListener"):
        driver.change(made, {"loadBalancerArn": balancer.arn, "port": 80, "defaultActions": action})


def test_update_of_what_is_gone_is_refused(driver: CloudDriver) -> None:
    _, subnet = driver.network()
    driver.remove(subnet)
    with pytest.raises(RefusedError, match=r"InvalidSubnetID\.NotFound"):
        driver.change(subnet, {**subnet.inputs, "tags": {"a": "b"}})


def test_previewed_update_changes_nothing_and_knows_all_but_the_unknown(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    new = driver.checked(vpc.target, {"cidrBlock": "10.0.0.0/16", "tags": {"a": UNKNOWN}}, vpc.inputs)
    done = driver.cloud.update(vpc.target, vpc.id, vpc.inputs, vpc.outputs, new, (), preview=True)
    assert (done.id, done.changes) == (vpc.id, {})
    assert done.outputs == {**vpc.outputs, "tags": {"a": UNKNOWN}, "tagsAll": {"a": UNKNOWN}}


# ---- delete


def test_delete_of_what_others_use_is_refused_with_who(driver: CloudDriver) -> None:
    vpc, subnet = driver.network()
    error = refusal(driver, vpc)
    assert error.code == "DependencyViolation"
    assert error.message == f"{vpc.id} is in use by {subnet.target.urn} (vpcId)"
    driver.make(GROUP, "group", {"vpcId": vpc.id})
    assert refusal(driver, vpc).message.endswith(", and 1 more")


def test_delete_goes_once_nobody_uses_the_thing(driver: CloudDriver) -> None:
    vpc, subnet = driver.network()
    driver.remove(subnet)
    driver.remove(vpc)
    assert driver.cloud.living() == []


def test_reference_that_was_changed_away_no_longer_holds(driver: CloudDriver) -> None:
    vpc, subnet = driver.network()
    other = driver.make(SUBNET, "other", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})
    third = driver.make(SUBNET, "third", {"vpcId": vpc.id, "cidrBlock": "10.0.2.0/24"})
    balancer = driver.make(BALANCER, "alb", {"subnets": [subnet.id, other.id, third.id]})
    driver.change(balancer, {"subnets": [other.id, third.id]})
    driver.remove(subnet)
    assert refusal(driver, other).code == "DependencyViolation"


def test_rule_in_the_default_group_holds_the_vpc(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    group = vpc.outputs["defaultSecurityGroupId"]
    rule = {"securityGroupId": group, "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/16"}
    driver.make("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "rule", rule)
    assert "SecurityGroupEgressRule" in refusal(driver, vpc).message


def test_delete_of_what_is_gone_is_done(driver: CloudDriver) -> None:
    _, subnet = driver.network()
    driver.remove(subnet)
    driver.remove(subnet)


def test_deletion_protection_is_obeyed_until_it_is_turned_off(driver: CloudDriver) -> None:
    subnets = driver.zones()
    balancer = driver.make(BALANCER, "alb", {"subnets": subnets, "enableDeletionProtection": True})
    assert refusal(driver, balancer).code == "OperationNotPermitted"
    driver.remove(driver.change(balancer, {"subnets": subnets, "enableDeletionProtection": False}))


def test_topic_may_go_though_an_alarm_names_it_but_must_have_been_there(driver: CloudDriver) -> None:
    topic = driver.make("aws:sns/topic:Topic", "alerts", {})
    alarm = {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 1,
        "alarmActions": [topic.arn],
    }
    driver.make("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", alarm)
    driver.remove(topic)
    with pytest.raises(RefusedError, match=f"was deleted; it belonged to {topic.target.urn}"):
        driver.make("aws:cloudwatch/metricAlarm:MetricAlarm", "late", alarm)


def test_role_with_policies_attached_is_not_deleted(driver: CloudDriver) -> None:
    role = driver.make(ROLE, "role", {"assumeRolePolicy": TRUST})
    driver.make("aws:iam/rolePolicy:RolePolicy", "inline", {"role": role.id, "policy": ALLOW})
    assert refusal(driver, role).code == "DeleteConflict"


def test_role_that_a_service_works_with_is_deleted_all_the_same(driver: CloudDriver) -> None:
    role = driver.make(ROLE, "role", {"assumeRolePolicy": TRUST})
    profile = {"role": role.id, "name": "profile"}
    held = driver.make("aws:iam/instanceProfile:InstanceProfile", "profile", profile)
    assert refusal(driver, role).code == "DeleteConflict"
    driver.remove(held)
    pipeline = driver.role("delivery", "vpc-flow-logs")
    vpc, _ = driver.network()
    group = driver.make("aws:cloudwatch/logGroup:LogGroup", "log", {})
    flow = {"vpcId": vpc.id, "trafficType": "ALL", "iamRoleArn": pipeline.arn, "logDestination": group.arn}
    driver.make("aws:ec2/flowLog:FlowLog", "flow", flow)
    driver.remove(role)
    driver.remove(group)


def test_internet_gateway_is_not_detached_under_a_public_address(driver: CloudDriver) -> None:
    vpc, subnet = driver.network()
    gateway = driver.make("aws:ec2/internetGateway:InternetGateway", "gateway", {"vpcId": vpc.id})
    address = driver.make("aws:ec2/eip:Eip", "address", {"domain": "vpc"})
    nat = driver.make(
        "aws:ec2/natGateway:NatGateway", "nat", {"subnetId": subnet.id, "allocationId": address.id}
    )
    assert "mapped public address" in refusal(driver, gateway).message
    driver.remove(nat)
    driver.remove(gateway)


def test_primary_key_with_replicas_is_not_deleted(driver: CloudDriver) -> None:
    primary = driver.make(KEY, "key", {"multiRegion": True})
    replica = driver.make(REPLICA, "copy", {"primaryKeyArn": primary.arn}, SOUTH)
    assert replica.target.urn in refusal(driver, primary).message
    driver.remove(replica)
    driver.remove(primary)


def test_deleted_keys_are_kept_by_name_until_their_window_ends(driver: CloudDriver) -> None:
    made = driver.make(KEY, "key", {"deletionWindowInDays": 7})
    driver.remove(made)
    (kept,) = driver.cloud.retained()
    assert (kept.type, kept.id, kept.region) == (KEY, made.id, "us-east-1")
    assert kept.outputs["why"] == "pending deletion for 7 days"
    assert driver.read(made) is None and driver.cloud.living() == []


def test_key_deleted_twice_is_kept_twice(driver: CloudDriver) -> None:
    for _ in range(2):
        driver.remove(driver.make(KEY, "key", {}))
    assert len({resource.id for resource in driver.cloud.retained()}) == 2


def test_thing_that_somebody_deleted_by_hand_is_not_missed_by_name(driver: CloudDriver) -> None:
    made = driver.make(BUCKET, "web", {"bucket": "castle-web"})
    driver.resources.pop(resource_key(BUCKET, "us-east-1", made.id))
    assert driver.read(made) is None
    assert driver.make(BUCKET, "web", {"bucket": "castle-web"}).id == "castle-web"


def test_name_stays_with_its_first_holder_when_a_second_one_goes(driver: CloudDriver) -> None:
    made = driver.make(BUCKET, "web", {"bucket": "castle-web"})
    at = resource_key(BUCKET, "us-east-1", made.id)
    driver.resources["by hand"] = replace(driver.resources[at], region="eu-west-1")
    driver.read(made)
    del driver.resources["by hand"]
    with pytest.raises(RefusedError, match="BucketAlreadyExists"):
        driver.make(BUCKET, "other", {"bucket": "castle-web"}, SOUTH)


def test_what_the_owner_changes_at_once_is_seen_at_once(driver: CloudDriver) -> None:
    vpc, subnet = driver.network()
    before = dict(driver.resources)
    driver.remove(subnet)
    driver.remove(vpc)
    driver.resources.clear()
    driver.resources.update(reversed(before.items()))
    assert refusal(driver, vpc).code == "DependencyViolation"
    drift(driver, subnet, vpcId="vpc-0d15ea5e0d15ea5e0")
    driver.remove(vpc)
