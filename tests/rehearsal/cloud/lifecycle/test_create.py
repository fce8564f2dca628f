"""Create: what a resource looks like when it is there, and when AWS refuses to make it."""

import re

from rehearsal.values import UNKNOWN, Secret, Values, has_unknown
from tests.rehearsal.cloud.cloud_driver import (
    ACCOUNT,
    ALLOW,
    BALANCER,
    BUCKET,
    DISTRIBUTION,
    GROUP,
    KEY,
    NORTH,
    ROLE,
    RULE,
    SOUTH,
    SUBNET,
    TRUST,
    VPC,
    Hands,
    refused,
)

ALIAS = "aws:kms/alias:Alias"
CERTIFICATE = "aws:acm/certificate:Certificate"
LISTENER = "aws:lb/listener:Listener"
POLICY = "aws:s3/bucketPolicy:BucketPolicy"
RECORD = "aws:route53/record:Record"
REPLICA = "aws:kms/replicaKey:ReplicaKey"
REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig"
ZONE = "aws:route53/zone:Zone"


def zone_id(hands: Hands) -> str:
    return next(resource.id for resource in hands.resources.values() if resource.type == ZONE)


# ---- ids, ARNs, computed outputs


def test_vpc_has_an_id_an_arn_and_what_aws_makes_along_with_it(hands: Hands) -> None:
    vpc, _ = hands.network()
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", vpc.id)
    assert vpc.arn == f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/{vpc.id}"
    assert re.fullmatch(r"sg-[0-9a-f]{17}", vpc.outputs["defaultSecurityGroupId"])
    assert (
        vpc.outputs["mainRouteTableId"] == vpc.outputs["defaultRouteTableId"] != vpc.outputs["dhcpOptionsId"]
    )


def test_ids_are_the_same_in_every_rehearsal_and_differ_between_resources(hands: Hands, schemas) -> None:
    again = Hands(schemas)
    assert hands.network()[1].id == again.network()[1].id
    assert (
        hands.make(VPC, "other", {"cidrBlock": "10.9.0.0/16"}).id
        != hands.make(VPC, "b", {"cidrBlock": "10.8.0.0/16"}).id
    )


def test_replacement_gets_a_new_id_beside_the_old_thing_and_after_it(hands: Hands) -> None:
    first = hands.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    second = hands.make(VPC, "vpc", {"cidrBlock": "10.1.0.0/16"})
    hands.remove(first)
    third = hands.make(VPC, "vpc", {"cidrBlock": "10.2.0.0/16"})
    assert len({first.id, second.id, third.id}) == 3


def test_thing_without_a_line_in_the_tables_works_from_its_declarations(hands: Hands) -> None:
    ip_set = {"addressFamily": "IPv4", "maxEntries": 3}
    made = hands.make("aws:ec2/managedPrefixList:ManagedPrefixList", "list", ip_set)
    assert made.arn.startswith(f"arn:aws:ec2:us-east-1:{ACCOUNT}:managed-prefix-list/{made.id}")
    assert made.outputs["maxEntries"] == 3
    assert made.outputs["name"] == made.inputs["name"]


def test_region_of_a_thing_is_its_own_before_its_providers(hands: Hands) -> None:
    made = hands.make(VPC, "far", {"cidrBlock": "10.0.0.0/16", "region": "eu-west-1"}, NORTH)
    assert made.outputs["region"] == "eu-west-1" and ":eu-west-1:" in made.arn
    assert hands.make(ROLE, "role", {"assumeRolePolicy": TRUST}).arn.startswith(
        f"arn:aws:iam::{ACCOUNT}:role/"
    )


def test_balancer_has_the_zone_of_its_region(hands: Hands) -> None:
    _, subnet = hands.network(SOUTH)
    balancer = hands.make(BALANCER, "alb", {"subnets": [subnet.id]}, SOUTH)
    assert balancer.outputs["zoneId"] == "Z32O12XQLNTSW2"
    assert balancer.outputs["dnsName"].endswith(".eu-west-1.elb.amazonaws.com")
    assert balancer.outputs["arnSuffix"] == balancer.arn.split("loadbalancer/")[1]
    inner = hands.make(BALANCER, "inner", {"subnets": [subnet.id], "internal": True}, SOUTH)
    assert inner.outputs["dnsName"].startswith("internal-")


def test_listener_is_named_after_its_balancer(hands: Hands) -> None:
    _, subnet = hands.network()
    balancer = hands.make(BALANCER, "alb", {"subnets": [subnet.id]})
    listener = hands.make(
        LISTENER,
        "web",
        {"loadBalancerArn": balancer.arn, "port": 80, "defaultActions": [{"type": "fixed-response"}]},
    )
    assert listener.id.startswith(balancer.arn.replace(":loadbalancer/", ":listener/") + "/")


def test_validation_record_of_one_name_is_the_same_in_every_region(hands: Hands) -> None:
    names = {
        "domainName": "castle.example",
        "subjectAlternativeNames": ["*.castle.example", "api.castle.example"],
    }
    options = hands.make(CERTIFICATE, "north", names, NORTH).outputs["domainValidationOptions"]
    assert options == hands.make(CERTIFICATE, "south", names, SOUTH).outputs["domainValidationOptions"]
    assert [option["domainName"] for option in options] == [
        "castle.example",
        "*.castle.example",
        "api.castle.example",
    ]
    apex, wild, api = (option["resourceRecordName"] for option in options)
    assert apex == wild != api
    assert api.startswith("_") and api.endswith(".api.castle.example.")


def test_nat_gateway_shows_the_address_that_it_was_given(hands: Hands) -> None:
    _, subnet = hands.network()
    address = hands.make("aws:ec2/eip:Eip", "eip", {"domain": "vpc"})
    gateway = hands.make(
        "aws:ec2/natGateway:NatGateway", "nat", {"allocationId": address.id, "subnetId": subnet.id}
    )
    assert gateway.outputs["publicIp"] == address.outputs["publicIp"]


def test_replica_key_has_the_id_of_its_primary_in_another_region(hands: Hands) -> None:
    primary = hands.make(KEY, "key", {"multiRegion": True, "enableKeyRotation": True})
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", primary.id)
    replica = hands.make(REPLICA, "copy", {"primaryKeyArn": primary.arn}, SOUTH)
    assert replica.arn == primary.arn.replace("us-east-1", "eu-west-1")
    assert replica.outputs["keyRotationEnabled"] is True


def test_write_only_input_is_never_an_output_and_a_secret_one_stays_secret(hands: Hands) -> None:
    cluster = {"engine": "aurora-postgresql", "masterUsername": "m", "masterPasswordWo": Secret("p")}
    made = hands.make("aws:rds/cluster:Cluster", "db", cluster)
    assert "masterPasswordWo" not in made.outputs
    made = hands.make(ROLE, "role", {"assumeRolePolicy": Secret(TRUST)})
    assert made.outputs["assumeRolePolicy"] == Secret(TRUST)


# ---- previews


def test_preview_knows_the_inputs_and_nothing_that_aws_fills_in(hands: Hands) -> None:
    done = hands.preview(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    assert done.id is UNKNOWN and not done.changes
    assert done.outputs["arn"] is UNKNOWN and done.outputs["defaultSecurityGroupId"] is UNKNOWN
    assert (done.outputs["cidrBlock"], done.outputs["tagsAll"]) == ("10.0.0.0/16", {"a": "b"})
    assert done.outputs["region"] == "us-east-1"


def test_preview_takes_unknown_inputs_and_refers_to_what_is_not_there_yet(hands: Hands) -> None:
    done = hands.preview(SUBNET, "subnet", {"vpcId": UNKNOWN, "cidrBlock": "10.0.0.0/24"})
    assert done.outputs["vpcId"] is UNKNOWN
    hands.preview(SUBNET, "subnet", {"vpcId": "vpc-00000000000000000", "cidrBlock": "10.0.0.0/24"})


def test_outputs_of_the_real_thing_hold_nothing_unknown_and_nothing_of_ours(hands: Hands) -> None:
    vpc, _ = hands.network()
    assert not has_unknown(vpc.outputs)
    assert not [name for name in vpc.outputs if name.startswith("__")]


# ---- refusals


def test_reference_to_nothing_is_refused_with_the_path(hands: Hands) -> None:
    error = refused(hands, SUBNET, "subnet", {"vpcId": "vpc-00000000000000000", "cidrBlock": "10.0.0.0/24"})
    assert error.code == "InvalidVpcID.NotFound"
    assert error.message == "vpcId: vpc vpc-00000000000000000 doesn't exist in us-east-1"


def test_reference_to_what_was_deleted_is_refused(hands: Hands) -> None:
    vpc, subnet = hands.network()
    hands.remove(subnet)
    assert refused(hands, BALANCER, "alb", {"subnets": [subnet.id]}).code == "InvalidSubnetID.NotFound"
    hands.remove(vpc)
    assert (
        refused(hands, SUBNET, "s", {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"}).code
        == "InvalidVpcID.NotFound"
    )


def test_reference_into_another_region_is_refused_with_both(hands: Hands) -> None:
    key = hands.make(KEY, "key", {}, SOUTH)
    error = refused(hands, "aws:cloudwatch/logGroup:LogGroup", "logs", {"kmsKeyId": key.arn})
    assert error.message == (
        f"kmsKeyId: key {key.arn} is in eu-west-1, not in us-east-1; it belongs to {key.target.urn}"
    )
    vpc, _ = hands.network(SOUTH)
    assert (
        "is in eu-west-1"
        in refused(hands, SUBNET, "s", {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"}).message
    )


def test_reference_of_the_wrong_kind_is_refused(hands: Hands) -> None:
    role = hands.make(ROLE, "role", {"assumeRolePolicy": TRUST})
    attach = {"role": "castle-deployer", "policyArn": role.arn}
    error = refused(hands, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attach", attach)
    assert error.message == f"policyArn: iamPolicy {role.arn} doesn't exist"


def test_every_item_of_a_list_is_looked_up(hands: Hands) -> None:
    _, subnet = hands.network()
    error = refused(hands, BALANCER, "alb", {"subnets": [subnet.id, "subnet-00000000000000000"]})
    assert error.message.startswith("subnets[1]: ")


def test_certificate_of_a_distribution_must_be_in_us_east_1(hands: Hands) -> None:
    certificate = hands.make(CERTIFICATE, "cert", {"domainName": "castle.example"}, SOUTH)
    distribution: Values = {
        "enabled": True,
        "origins": [{"originId": "o", "domainName": "o.example"}],
        "defaultCacheBehavior": {
            "allowedMethods": ["GET"],
            "cachedMethods": ["GET"],
            "targetOriginId": "o",
            "viewerProtocolPolicy": "https-only",
            "cachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
        },
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {"acmCertificateArn": certificate.arn},
    }
    error = refused(hands, DISTRIBUTION, "cdn", distribution)
    assert error.message.startswith("viewerCertificate.acmCertificateArn: certificate ")
    assert f"is in eu-west-1, not in us-east-1; it belongs to {certificate.target.urn}" in error.message
    good = hands.make(CERTIFICATE, "good", {"domainName": "castle.example", "region": "us-east-1"}, SOUTH)
    made = hands.make(
        DISTRIBUTION, "cdn", {**distribution, "viewerCertificate": {"acmCertificateArn": good.arn}}, SOUTH
    )
    assert made.outputs["hostedZoneId"] == "Z2FDTNDATAQYW2"
    assert made.arn == f"arn:aws:cloudfront::{ACCOUNT}:distribution/{made.id}"


def test_reference_into_another_account_is_refused_with_both(hands: Hands) -> None:
    theirs = "arn:aws:kms:us-east-1:210987654321:key/x"
    error = refused(hands, "aws:cloudwatch/logGroup:LogGroup", "logs", {"kmsKeyId": theirs})
    assert (
        error.message == f"kmsKeyId: key {theirs} is in account 210987654321, and this is account {ACCOUNT}"
    )


def test_what_aws_makes_along_with_a_thing_can_be_referred_to(hands: Hands) -> None:
    vpc, _ = hands.network()
    rule = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/16"}
    assert hands.make(RULE, "rule", {**rule, "securityGroupId": vpc.outputs["defaultSecurityGroupId"]}).id
    adopted = hands.make("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", {"vpcId": vpc.id})
    assert adopted.id == vpc.outputs["defaultSecurityGroupId"]


def test_built_in_names_need_not_be_made(hands: Hands) -> None:
    assert hands.make("aws:sns/topic:Topic", "alerts", {"kmsMasterKeyId": "alias/aws/sns"}).id


def test_managed_policy_must_exist(hands: Hands) -> None:
    hands.make(ROLE, "role", {"assumeRolePolicy": TRUST, "name": "r"})
    attach = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    hands.make(attach, "good", {"role": "r", "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"})
    wrong = {"role": "r", "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClustrPolicy"}
    assert refused(hands, attach, "bad", wrong).code == "NoSuchEntity"


def test_bucket_name_is_taken_in_the_whole_world(hands: Hands) -> None:
    first = hands.make(BUCKET, "a", {"bucket": "castle-web"}, NORTH)
    error = refused(hands, BUCKET, "b", {"bucket": "castle-web"}, SOUTH)
    assert error.code == "BucketAlreadyExists"
    assert first.target.urn in error.message


def test_role_name_is_taken_in_the_account_and_balancer_name_in_the_region(hands: Hands) -> None:
    hands.make(ROLE, "a", {"assumeRolePolicy": TRUST, "name": "castle"})
    assert (
        refused(hands, ROLE, "b", {"assumeRolePolicy": TRUST, "name": "castle"}).code == "EntityAlreadyExists"
    )
    subnets = {p["region"]: [hands.network(p)[1].id] for p in (NORTH, SOUTH)}
    hands.make(BALANCER, "a", {"name": "castle", "subnets": subnets["us-east-1"]}, NORTH)
    hands.make(BALANCER, "b", {"name": "castle", "subnets": subnets["eu-west-1"]}, SOUTH)
    error = refused(hands, BALANCER, "c", {"name": "castle", "subnets": subnets["us-east-1"]}, NORTH)
    assert error.code == "DuplicateLoadBalancerName"


def test_name_is_free_again_when_its_holder_is_gone(hands: Hands) -> None:
    hands.remove(hands.make(BUCKET, "a", {"bucket": "castle-web"}))
    assert hands.make(BUCKET, "b", {"bucket": "castle-web"}).id == "castle-web"


def test_same_rule_twice_is_refused(hands: Hands) -> None:
    vpc, _ = hands.network()
    group = hands.make(GROUP, "g", {"vpcId": vpc.id})
    rule = {
        "securityGroupId": group.id,
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "10.0.0.0/16",
    }
    hands.make(RULE, "a", rule)
    assert refused(hands, RULE, "b", rule).code == "InvalidPermission.Duplicate"
    hands.make(RULE, "c", {**rule, "cidrIpv4": "10.1.0.0/16"})


def test_second_owner_of_a_bucket_policy_is_refused_with_both(hands: Hands) -> None:
    bucket = hands.make(BUCKET, "web", {})
    first = hands.make(POLICY, "mine", {"bucket": bucket.id, "policy": ALLOW})
    error = refused(hands, POLICY, "yours", {"bucket": bucket.id, "policy": ALLOW})
    assert error.code == "BucketPolicyAlreadyOwned" and first.target.urn in error.message


def test_second_replication_configuration_of_a_bucket_is_refused(hands: Hands) -> None:
    source, copy = hands.make(BUCKET, "web", {}, NORTH), hands.make(BUCKET, "copy", {}, SOUTH)
    for each, where in ((source, NORTH), (copy, SOUTH)):
        versioned = {"bucket": each.id, "versioningConfiguration": {"status": "Enabled"}}
        hands.make("aws:s3/bucketVersioning:BucketVersioning", each.id, versioned, where)
    role = hands.make(ROLE, "role", {"assumeRolePolicy": TRUST})
    rules = [{"status": "Enabled", "destination": {"bucket": copy.arn}}]
    replication = {"bucket": source.id, "role": role.arn, "rules": rules}
    hands.make(REPLICATION, "a", replication)
    assert refused(hands, REPLICATION, "b", replication).code == "ReplicationConfigurationAlreadyOwned"


def test_dns_record_has_one_owner_for_its_name_type_and_set(hands: Hands) -> None:
    zone = zone_id(hands)
    record = {"zoneId": zone, "name": "api.castle.example", "type": "A", "records": ["10.0.0.1"], "ttl": 60}
    hands.make(RECORD, "a", record)
    assert refused(hands, RECORD, "b", {**record, "name": "API.castle.example."}).code == "InvalidChangeBatch"
    hands.make(RECORD, "aaaa", {**record, "type": "AAAA"})
    latency = {**record, "name": "app.castle.example"}
    for region in ("us-east-1", "eu-west-1"):
        policy = {"setIdentifier": region, "latencyRoutingPolicies": [{"region": region}]}
        hands.make(RECORD, region, {**latency, **policy})


def test_account_that_the_provider_does_not_allow_is_refused(hands: Hands) -> None:
    other = {"region": "us-east-1", "allowedAccountIds": '["210987654321"]'}
    assert refused(hands, VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, other).code == "AccountNotAllowed"
    unknown: Values = {"region": "us-east-1", "allowedAccountIds": UNKNOWN}
    assert hands.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, unknown).id


def test_second_thing_of_one_resource_under_the_same_name_is_refused(hands: Hands) -> None:
    hands.make(ROLE, "role", {"assumeRolePolicy": TRUST, "name": "castle"})
    assert (
        refused(hands, ROLE, "role", {"assumeRolePolicy": TRUST, "name": "castle"}).code
        == "EntityAlreadyExists"
    )


def test_region_must_be_named_and_exist(hands: Hands) -> None:
    cidr = {"cidrBlock": "10.0.0.0/16"}
    assert refused(hands, VPC, "vpc", cidr, {"skipMetadataApiCheck": "true"}).code == "MissingRegion"
    assert refused(hands, VPC, "vpc", {**cidr, "region": "us-esat-1"}).code == "InvalidRegion"


def test_alias_leads_to_its_key(hands: Hands) -> None:
    key = hands.make(KEY, "key", {})
    alias = hands.make(ALIAS, "alias", {"name": "alias/castle", "targetKeyId": key.id})
    assert alias.outputs["targetKeyArn"] == key.arn
    assert hands.make("aws:sns/topic:Topic", "alerts", {"kmsMasterKeyId": "alias/castle"}).id
