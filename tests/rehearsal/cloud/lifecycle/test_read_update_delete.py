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
    Hands,
    Made,
)

BALANCER = "aws:lb/loadBalancer:LoadBalancer"
GROUP = "aws:ec2/securityGroup:SecurityGroup"
REPLICA = "aws:kms/replicaKey:ReplicaKey"


def refusal(hands: Hands, made: Made) -> RefusedError:
    before = dict(hands.resources)
    with pytest.raises(RefusedError) as caught:
        hands.remove(made)
    assert hands.resources == before
    return caught.value


def drift(hands: Hands, made: Made, **outputs: object) -> None:
    """Somebody changes a resource by hand."""
    at = resource_key(made.target.type, made.outputs.get("region", ""), made.id)
    resource = hands.resources[at]
    changed = {name: value for name, value in (resource.outputs | outputs).items() if value is not None}
    hands.resources[at] = replace(resource, outputs=changed)


# ---- read


def test_read_of_what_nobody_touched_gives_what_was_recorded(hands: Hands) -> None:
    for made in hands.network():
        found = hands.read(made)
        assert found is not None
        assert (found.inputs, found.outputs) == (made.inputs, made.outputs)


def test_read_of_what_is_gone_gives_nothing(hands: Hands) -> None:
    _, subnet = hands.network()
    hands.remove(subnet)
    assert hands.read(subnet) is None


def test_read_shows_drift_in_inputs_and_outputs(hands: Hands) -> None:
    vpc, _ = hands.network()
    drift(hands, vpc, enableDnsSupport=False)
    found = hands.read(vpc)
    assert found is not None
    assert (found.inputs["enableDnsSupport"], found.outputs["enableDnsSupport"]) == (False, False)


def test_read_takes_only_the_inputs_that_were_recorded(hands: Hands) -> None:
    vpc, _ = hands.network()
    drift(hands, vpc, enableDnsHostnames=True)
    found = hands.read(vpc)
    assert found is not None
    assert "enableDnsHostnames" not in found.inputs and found.outputs["enableDnsHostnames"] is True


def test_read_leaves_out_an_input_that_somebody_removed(hands: Hands) -> None:
    made = hands.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
    drift(hands, made, enableDnsHostnames=None)
    at = resource_key(VPC, "us-east-1", made.id)
    resource = hands.resources[at]
    hands.resources[at] = replace(
        resource, inputs={n: v for n, v in resource.inputs.items() if n != "enableDnsHostnames"}
    )
    found = hands.read(made)
    assert found is not None and "enableDnsHostnames" not in found.inputs


def test_read_shows_a_tag_that_somebody_added(hands: Hands) -> None:
    made = hands.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    drift(hands, made, tags={"a": "b", "by": "hand"})
    found = hands.read(made)
    assert found is not None and found.inputs["tags"] == {"a": "b", "by": "hand"}


def test_read_keeps_secrets_marked(hands: Hands) -> None:
    made = hands.make(ROLE, "role", {"assumeRolePolicy": Secret(TRUST)})
    found = hands.read(made)
    assert found is not None
    assert found.inputs["assumeRolePolicy"] == found.outputs["assumeRolePolicy"] == Secret(TRUST)


def test_seeded_thing_can_be_read_by_its_id_alone(hands: Hands) -> None:
    target = hands.target(ROLE, "deployer")
    found = hands.cloud.read(target, "castle-deployer", {}, {})
    assert found is not None and found.outputs["arn"].endswith(":role/castle-deployer")


# ---- update


def test_update_changes_the_thing_and_leaves_its_id_and_arn(hands: Hands) -> None:
    vpc, _ = hands.network()
    changed = hands.change(vpc, {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True, "tags": {"a": "b"}})
    assert changed.outputs == {
        **vpc.outputs,
        "enableDnsHostnames": True,
        "tags": {"a": "b"},
        "tagsAll": {"a": "b"},
    }
    found = hands.read(changed)
    assert found is not None and found.outputs == changed.outputs and found.inputs == changed.inputs


def test_update_takes_away_an_input_that_was_removed(hands: Hands) -> None:
    made = hands.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "enableDnsHostnames": True})
    assert "enableDnsHostnames" not in hands.change(made, {"cidrBlock": "10.0.0.0/16"}).outputs


def test_update_leaves_alone_what_it_ignores_though_aws_changed_it(hands: Hands) -> None:
    vpc, _ = hands.network()
    drift(hands, vpc, enableDnsSupport=False)
    found = hands.read(vpc)
    assert found is not None
    seen = Made(vpc.target, vpc.id, vpc.inputs, found.outputs)
    changed = hands.change(seen, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}}, "enableDnsSupport")
    assert changed.outputs["enableDnsSupport"] is False


def test_update_works_out_again_what_follows_from_an_input(hands: Hands) -> None:
    one, other = hands.make(KEY, "one", {}), hands.make(KEY, "other", {})
    alias = hands.make("aws:kms/alias:Alias", "alias", {"name": "alias/castle", "targetKeyId": one.id})
    moved = hands.change(alias, {"name": "alias/castle", "targetKeyId": other.id})
    assert moved.outputs["targetKeyArn"] == other.arn
    assert "in use" in refusal(hands, other).message
    hands.remove(one)


def test_update_to_what_does_not_exist_is_refused(hands: Hands) -> None:
    key_ = hands.make(KEY, "one", {})
    alias = hands.make("aws:kms/alias:Alias", "alias", {"name": "alias/castle", "targetKeyId": key_.id})
    with pytest.raises(RefusedError, match="targetKeyId: key alias/nowhere doesn't exist"):
        hands.change(alias, {"name": "alias/castle", "targetKeyId": "alias/nowhere"})


def test_update_to_a_name_that_is_taken_is_refused(hands: Hands) -> None:
    _, subnet = hands.network()
    balancer = hands.make(BALANCER, "alb", {"subnets": [subnet.id]})
    action = [{"type": "fixed-response"}]
    for port in (80, 81):
        inputs = {"loadBalancerArn": balancer.arn, "port": port, "defaultActions": action}
        made = hands.make("aws:lb/listener:Listener", f"on-{port}", inputs)
    with pytest.raises(RefusedError, match="DuplicateListener"):
        hands.change(made, {"loadBalancerArn": balancer.arn, "port": 80, "defaultActions": action})


def test_update_of_what_is_gone_is_refused(hands: Hands) -> None:
    _, subnet = hands.network()
    hands.remove(subnet)
    with pytest.raises(RefusedError, match=r"InvalidSubnetID\.NotFound"):
        hands.change(subnet, {**subnet.inputs, "tags": {"a": "b"}})


def test_previewed_update_changes_nothing_and_knows_all_but_the_unknown(hands: Hands) -> None:
    vpc, _ = hands.network()
    new = hands.checked(vpc.target, {"cidrBlock": "10.0.0.0/16", "tags": {"a": UNKNOWN}}, vpc.inputs)
    done = hands.cloud.update(vpc.target, vpc.id, vpc.inputs, vpc.outputs, new, (), preview=True)
    assert (done.id, done.changes) == (vpc.id, {})
    assert done.outputs == {**vpc.outputs, "tags": {"a": UNKNOWN}, "tagsAll": {"a": UNKNOWN}}


# ---- delete


def test_delete_of_what_others_use_is_refused_with_who(hands: Hands) -> None:
    vpc, subnet = hands.network()
    error = refusal(hands, vpc)
    assert error.code == "DependencyViolation"
    assert error.message == f"{vpc.id} is in use by {subnet.target.urn} (vpcId)"
    hands.make(GROUP, "group", {"vpcId": vpc.id})
    assert refusal(hands, vpc).message.endswith(", and 1 more")


def test_delete_goes_once_nobody_uses_the_thing(hands: Hands) -> None:
    vpc, subnet = hands.network()
    hands.remove(subnet)
    hands.remove(vpc)
    assert hands.cloud.living() == []


def test_reference_that_was_changed_away_no_longer_holds(hands: Hands) -> None:
    vpc, subnet = hands.network()
    other = hands.make(SUBNET, "other", {"vpcId": vpc.id, "cidrBlock": "10.0.1.0/24"})
    balancer = hands.make(BALANCER, "alb", {"subnets": [subnet.id, other.id]})
    hands.change(balancer, {"subnets": [other.id]})
    hands.remove(subnet)
    assert refusal(hands, other).code == "DependencyViolation"


def test_rule_in_the_default_group_holds_the_vpc(hands: Hands) -> None:
    vpc = hands.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    group = vpc.outputs["defaultSecurityGroupId"]
    rule = {"securityGroupId": group, "ipProtocol": "-1", "cidrIpv4": "10.0.0.0/16"}
    hands.make("aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", "rule", rule)
    assert "SecurityGroupEgressRule" in refusal(hands, vpc).message


def test_delete_of_what_is_gone_is_done(hands: Hands) -> None:
    _, subnet = hands.network()
    hands.remove(subnet)
    hands.remove(subnet)


def test_deletion_protection_is_obeyed_until_it_is_turned_off(hands: Hands) -> None:
    _, subnet = hands.network()
    balancer = hands.make(BALANCER, "alb", {"subnets": [subnet.id], "enableDeletionProtection": True})
    assert refusal(hands, balancer).code == "OperationNotPermitted"
    hands.remove(hands.change(balancer, {"subnets": [subnet.id], "enableDeletionProtection": False}))


def test_topic_may_go_though_an_alarm_names_it_but_must_have_been_there(hands: Hands) -> None:
    topic = hands.make("aws:sns/topic:Topic", "alerts", {})
    alarm = {
        "comparisonOperator": "GreaterThanThreshold",
        "evaluationPeriods": 1,
        "alarmActions": [topic.arn],
    }
    hands.make("aws:cloudwatch/metricAlarm:MetricAlarm", "alarm", alarm)
    hands.remove(topic)
    with pytest.raises(RefusedError, match=f"was deleted; it belonged to {topic.target.urn}"):
        hands.make("aws:cloudwatch/metricAlarm:MetricAlarm", "late", alarm)


def test_role_with_policies_attached_is_not_deleted(hands: Hands) -> None:
    role = hands.make(ROLE, "role", {"assumeRolePolicy": TRUST})
    hands.make("aws:iam/rolePolicy:RolePolicy", "inline", {"role": role.id, "policy": ALLOW})
    assert refusal(hands, role).code == "DeleteConflict"


def test_primary_key_with_replicas_is_not_deleted(hands: Hands) -> None:
    primary = hands.make(KEY, "key", {"multiRegion": True})
    replica = hands.make(REPLICA, "copy", {"primaryKeyArn": primary.arn}, SOUTH)
    assert replica.target.urn in refusal(hands, primary).message
    hands.remove(replica)
    hands.remove(primary)


def test_deleted_keys_are_kept_by_name_until_their_window_ends(hands: Hands) -> None:
    made = hands.make(KEY, "key", {"deletionWindowInDays": 7})
    hands.remove(made)
    (kept,) = hands.cloud.kept()
    assert (kept.type, kept.id, kept.region) == (KEY, made.id, "us-east-1")
    assert kept.outputs["why"] == "pending deletion for 7 days"
    assert hands.read(made) is None and hands.cloud.living() == []


def test_key_deleted_twice_is_kept_twice(hands: Hands) -> None:
    for _ in range(2):
        hands.remove(hands.make(KEY, "key", {}))
    assert len({resource.id for resource in hands.cloud.kept()}) == 2


def test_thing_that_somebody_deleted_by_hand_is_not_missed_by_name(hands: Hands) -> None:
    made = hands.make(BUCKET, "web", {"bucket": "castle-web"})
    hands.resources.pop(resource_key(BUCKET, "us-east-1", made.id))
    assert hands.read(made) is None
    assert hands.make(BUCKET, "web", {"bucket": "castle-web"}).id == "castle-web"


def test_name_stays_with_its_first_holder_when_a_second_one_goes(hands: Hands) -> None:
    made = hands.make(BUCKET, "web", {"bucket": "castle-web"})
    at = resource_key(BUCKET, "us-east-1", made.id)
    hands.resources["by hand"] = replace(hands.resources[at], region="eu-west-1")
    hands.read(made)
    del hands.resources["by hand"]
    with pytest.raises(RefusedError, match="BucketAlreadyExists"):
        hands.make(BUCKET, "other", {"bucket": "castle-web"}, SOUTH)


def test_what_the_owner_changes_at_once_is_seen_at_once(hands: Hands) -> None:
    vpc, subnet = hands.network()
    before = dict(hands.resources)
    hands.remove(subnet)
    hands.remove(vpc)
    hands.resources.clear()
    hands.resources.update(reversed(before.items()))
    assert refusal(hands, vpc).code == "DependencyViolation"
    drift(hands, subnet, vpcId="vpc-0d15ea5e0d15ea5e0")
    hands.remove(vpc)
