"""Create: what a resource looks like when it is there, and when AWS refuses to make it."""

import re

from rehearsal.values import UNKNOWN, Secret, Values, has_unknown
from tests.rehearsal.cloud.cloud_driver import (
    ACCOUNT,
    BALANCER,
    BUCKET,
    DISTRIBUTION,
    GROUP,
    KEY,
    NORTH,
    READABLE,
    ROLE,
    RULE,
    SOUTH,
    SUBNET,
    TRUST,
    VPC,
    CloudDriver,
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


def zone_id(driver: CloudDriver) -> str:
    return next(resource.id for resource in driver.resources.values() if resource.type == ZONE)


# ---- ids, ARNs, computed outputs


def test_vpc_has_an_id_an_arn_and_what_aws_makes_along_with_it(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    assert re.fullmatch(r"vpc-[0-9a-f]{17}", vpc.id)
    assert vpc.arn == f"arn:aws:ec2:us-east-1:{ACCOUNT}:vpc/{vpc.id}"
    assert re.fullmatch(r"sg-[0-9a-f]{17}", vpc.outputs["defaultSecurityGroupId"])
    assert (
        vpc.outputs["mainRouteTableId"] == vpc.outputs["defaultRouteTableId"] != vpc.outputs["dhcpOptionsId"]
    )


def test_ids_are_the_same_in_every_rehearsal_and_differ_between_resources(
    driver: CloudDriver, schemas
) -> None:
    again = CloudDriver(schemas)
    assert driver.network()[1].id == again.network()[1].id
    assert (
        driver.make(VPC, "other", {"cidrBlock": "10.9.0.0/16"}).id
        != driver.make(VPC, "b", {"cidrBlock": "10.8.0.0/16"}).id
    )


def test_replacement_gets_a_new_id_beside_the_old_thing_and_after_it(driver: CloudDriver) -> None:
    first = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    second = driver.make(VPC, "vpc", {"cidrBlock": "10.1.0.0/16"})
    driver.remove(first)
    third = driver.make(VPC, "vpc", {"cidrBlock": "10.2.0.0/16"})
    assert len({first.id, second.id, third.id}) == 3


def test_thing_without_a_line_in_the_tables_works_from_its_declarations(driver: CloudDriver) -> None:
    ip_set = {"addressFamily": "IPv4", "maxEntries": 3}
    made = driver.make("aws:ec2/managedPrefixList:ManagedPrefixList", "list", ip_set)
    assert made.arn.startswith(f"arn:aws:ec2:us-east-1:{ACCOUNT}:managed-prefix-list/{made.id}")
    assert made.outputs["maxEntries"] == 3
    assert made.outputs["name"] == made.inputs["name"]


def test_region_of_a_thing_is_its_own_before_its_providers(driver: CloudDriver) -> None:
    made = driver.make(VPC, "far", {"cidrBlock": "10.0.0.0/16", "region": "eu-west-1"}, NORTH)
    assert made.outputs["region"] == "eu-west-1" and ":eu-west-1:" in made.arn
    assert driver.make(ROLE, "role", {"assumeRolePolicy": TRUST}).arn.startswith(
        f"arn:aws:iam::{ACCOUNT}:role/"
    )


def test_balancer_has_the_zone_of_its_region(driver: CloudDriver) -> None:
    subnets = driver.zones(SOUTH)
    balancer = driver.make(BALANCER, "alb", {"subnets": subnets}, SOUTH)
    assert balancer.outputs["zoneId"] == "Z32O12XQLNTSW2"
    assert balancer.outputs["dnsName"].endswith(".eu-west-1.elb.amazonaws.com")
    assert balancer.outputs["arnSuffix"] == balancer.arn.split("loadbalancer/")[1]
    inner = driver.make(BALANCER, "inner", {"subnets": subnets, "internal": True}, SOUTH)
    assert inner.outputs["dnsName"].startswith("internal-")


def test_listener_is_named_after_its_balancer(driver: CloudDriver) -> None:
    balancer = driver.make(BALANCER, "alb", {"subnets": driver.zones()})
    listener = driver.make(
        LISTENER,
        "web",
        {"loadBalancerArn": balancer.arn, "port": 80, "defaultActions": [{"type": "fixed-response"}]},
    )
    assert listener.id.startswith(balancer.arn.replace(":loadbalancer/", ":listener/") + "/")


def test_validation_record_of_one_name_is_the_same_in_every_region(driver: CloudDriver) -> None:
    names = {
        "domainName": "castle.example",
        "subjectAlternativeNames": ["*.castle.example", "api.castle.example"],
    }
    options = driver.make(CERTIFICATE, "north", names, NORTH).outputs["domainValidationOptions"]
    assert options == driver.make(CERTIFICATE, "south", names, SOUTH).outputs["domainValidationOptions"]
    assert [option["domainName"] for option in options] == [
        "castle.example",
        "*.castle.example",
        "api.castle.example",
    ]
    apex, wild, api = (option["resourceRecordName"] for option in options)
    assert apex == wild != api
    assert api.startswith("_") and api.endswith(".api.castle.example.")


def test_nat_gateway_shows_the_address_that_it_was_given(driver: CloudDriver) -> None:
    _, subnet = driver.network()
    address = driver.make("aws:ec2/eip:Eip", "eip", {"domain": "vpc"})
    gateway = driver.make(
        "aws:ec2/natGateway:NatGateway", "nat", {"allocationId": address.id, "subnetId": subnet.id}
    )
    assert gateway.outputs["publicIp"] == address.outputs["publicIp"]


def test_replica_key_has_the_id_of_its_primary_in_another_region(driver: CloudDriver) -> None:
    primary = driver.make(KEY, "key", {"multiRegion": True, "enableKeyRotation": True})
    assert re.fullmatch(r"mrk-[0-9a-f]{32}", primary.id)
    replica = driver.make(REPLICA, "copy", {"primaryKeyArn": primary.arn}, SOUTH)
    assert replica.arn == primary.arn.replace("us-east-1", "eu-west-1")
    assert replica.outputs["keyRotationEnabled"] is True


def test_write_only_input_is_never_an_output_and_a_secret_one_stays_secret(driver: CloudDriver) -> None:
    cluster = {"engine": "aurora-postgresql", "masterUsername": "m", "masterPasswordWo": Secret("p" * 20)}
    made = driver.make("aws:rds/cluster:Cluster", "db", cluster)
    assert "masterPasswordWo" not in made.outputs
    made = driver.make(ROLE, "role", {"assumeRolePolicy": Secret(TRUST)})
    assert made.outputs["assumeRolePolicy"] == Secret(TRUST)


# ---- previews


def test_preview_knows_the_inputs_and_nothing_that_aws_fills_in(driver: CloudDriver) -> None:
    done = driver.preview(VPC, "vpc", {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    assert done.id is UNKNOWN and not done.changes
    assert done.outputs["arn"] is UNKNOWN and done.outputs["defaultSecurityGroupId"] is UNKNOWN
    assert (done.outputs["cidrBlock"], done.outputs["tagsAll"]) == ("10.0.0.0/16", {"a": "b"})
    assert done.outputs["region"] == "us-east-1"


def test_preview_takes_unknown_inputs_and_refers_to_what_is_not_there_yet(driver: CloudDriver) -> None:
    done = driver.preview(SUBNET, "subnet", {"vpcId": UNKNOWN, "cidrBlock": "10.0.0.0/24"})
    assert done.outputs["vpcId"] is UNKNOWN
    driver.preview(SUBNET, "subnet", {"vpcId": "vpc-00000000000000000", "cidrBlock": "10.0.0.0/24"})


def test_outputs_of_the_real_thing_hold_nothing_unknown_and_nothing_of_ours(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    assert not has_unknown(vpc.outputs)
    assert not [name for name in vpc.outputs if name.startswith("__")]


# ---- refusals


def test_reference_to_nothing_is_refused_with_the_path(driver: CloudDriver) -> None:
    error = refused(driver, SUBNET, "subnet", {"vpcId": "vpc-00000000000000000", "cidrBlock": "10.0.0.0/24"})
    assert error.code == "InvalidVpcID.NotFound"
    assert error.message == "vpcId: vpc vpc-00000000000000000 doesn't exist in us-east-1"


def test_reference_to_what_was_deleted_is_refused(driver: CloudDriver) -> None:
    vpc, subnet = driver.network()
    driver.remove(subnet)
    assert refused(driver, BALANCER, "alb", {"subnets": [subnet.id]}).code == "InvalidSubnetID.NotFound"
    driver.remove(vpc)
    assert (
        refused(driver, SUBNET, "s", {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"}).code
        == "InvalidVpcID.NotFound"
    )


def test_reference_into_another_region_is_refused_with_both(driver: CloudDriver) -> None:
    key = driver.make(KEY, "key", {}, SOUTH)
    error = refused(driver, "aws:cloudwatch/logGroup:LogGroup", "logs", {"kmsKeyId": key.arn})
    assert error.message == (
        f"kmsKeyId: key {key.arn} is in eu-west-1, not in us-east-1; it belongs to {key.target.urn}"
    )
    vpc, _ = driver.network(SOUTH)
    assert (
        "is in eu-west-1"
        in refused(driver, SUBNET, "s", {"vpcId": vpc.id, "cidrBlock": "10.0.0.0/24"}).message
    )


def test_reference_of_the_wrong_kind_is_refused(driver: CloudDriver) -> None:
    role = driver.make(ROLE, "role", {"assumeRolePolicy": TRUST})
    attach = {"role": "castle-deployer", "policyArn": role.arn}
    error = refused(driver, "aws:iam/rolePolicyAttachment:RolePolicyAttachment", "attach", attach)
    assert error.message == f"policyArn: iamPolicy {role.arn} doesn't exist"


def test_every_item_of_a_list_is_looked_up(driver: CloudDriver) -> None:
    _, subnet = driver.network()
    error = refused(driver, BALANCER, "alb", {"subnets": [subnet.id, "subnet-00000000000000000"]})
    assert error.message.startswith("subnets[1]: ")


def test_certificate_of_a_distribution_must_be_in_us_east_1(driver: CloudDriver) -> None:
    certificate = driver.make(CERTIFICATE, "cert", {"domainName": "castle.example"}, SOUTH)
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
    error = refused(driver, DISTRIBUTION, "cdn", distribution)
    assert error.message.startswith("viewerCertificate.acmCertificateArn: certificate ")
    assert f"is in eu-west-1, not in us-east-1; it belongs to {certificate.target.urn}" in error.message
    good = driver.make(CERTIFICATE, "good", {"domainName": "castle.example", "region": "us-east-1"}, SOUTH)
    made = driver.make(
        DISTRIBUTION, "cdn", {**distribution, "viewerCertificate": {"acmCertificateArn": good.arn}}, SOUTH
    )
    assert made.outputs["hostedZoneId"] == "Z2FDTNDATAQYW2"
    assert made.arn == f"arn:aws:cloudfront::{ACCOUNT}:distribution/{made.id}"


def test_reference_into_another_account_is_refused_with_both(driver: CloudDriver) -> None:
    theirs = "arn:aws:kms:us-east-1:210987654321:key/x"
    error = refused(driver, "aws:cloudwatch/logGroup:LogGroup", "logs", {"kmsKeyId": theirs})
    assert (
        error.message == f"kmsKeyId: key {theirs} is in account 210987654321, and this is account {ACCOUNT}"
    )


def test_what_aws_makes_along_with_a_thing_can_be_referred_to(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    rule = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "cidrIpv4": "10.0.0.0/16"}
    assert driver.make(RULE, "rule", {**rule, "securityGroupId": vpc.outputs["defaultSecurityGroupId"]}).id
    adopted = driver.make("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default", {"vpcId": vpc.id})
    assert adopted.id == vpc.outputs["defaultSecurityGroupId"]


def test_built_in_names_need_not_be_made(driver: CloudDriver) -> None:
    assert driver.make("aws:sns/topic:Topic", "alerts", {"kmsMasterKeyId": "alias/aws/sns"}).id


def test_managed_policy_must_exist(driver: CloudDriver) -> None:
    driver.make(ROLE, "role", {"assumeRolePolicy": TRUST, "name": "r"})
    attach = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
    driver.make(attach, "good", {"role": "r", "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"})
    wrong = {"role": "r", "policyArn": "arn:aws:iam::aws:policy/AmazonEKSClustrPolicy"}
    assert refused(driver, attach, "bad", wrong).code == "NoSuchEntity"


def test_bucket_name_is_taken_in_the_whole_world(driver: CloudDriver) -> None:
    first = driver.make(BUCKET, "a", {"bucket": "castle-web"}, NORTH)
    error = refused(driver, BUCKET, "b", {"bucket": "castle-web"}, SOUTH)
    assert error.code == "BucketAlreadyExists"
    assert first.target.urn in error.message


def test_role_name_is_taken_in_the_account_and_balancer_name_in_the_region(driver: CloudDriver) -> None:
    driver.make(ROLE, "a", {"assumeRolePolicy": TRUST, "name": "castle"})
    assert (
        refused(driver, ROLE, "b", {"assumeRolePolicy": TRUST, "name": "castle"}).code
        == "EntityAlreadyExists"
    )
    subnets = {p["region"]: driver.zones(p) for p in (NORTH, SOUTH)}
    driver.make(BALANCER, "a", {"name": "castle", "subnets": subnets["us-east-1"]}, NORTH)
    driver.make(BALANCER, "b", {"name": "castle", "subnets": subnets["eu-west-1"]}, SOUTH)
    error = refused(driver, BALANCER, "c", {"name": "castle", "subnets": subnets["us-east-1"]}, NORTH)
    assert error.code == "DuplicateLoadBalancerName"


def test_name_is_free_again_when_its_holder_is_gone(driver: CloudDriver) -> None:
    driver.remove(driver.make(BUCKET, "a", {"bucket": "castle-web"}))
    assert driver.make(BUCKET, "b", {"bucket": "castle-web"}).id == "castle-web"


def test_same_rule_twice_is_refused(driver: CloudDriver) -> None:
    vpc, _ = driver.network()
    group = driver.make(GROUP, "g", {"vpcId": vpc.id})
    rule = {
        "securityGroupId": group.id,
        "ipProtocol": "tcp",
        "fromPort": 443,
        "toPort": 443,
        "cidrIpv4": "10.0.0.0/16",
    }
    driver.make(RULE, "a", rule)
    assert refused(driver, RULE, "b", rule).code == "InvalidPermission.Duplicate"
    driver.make(RULE, "c", {**rule, "cidrIpv4": "10.1.0.0/16"})


def test_second_owner_of_a_bucket_policy_is_refused_with_both(driver: CloudDriver) -> None:
    bucket = driver.make(BUCKET, "web", {})
    first = driver.make(POLICY, "mine", {"bucket": bucket.id, "policy": READABLE})
    error = refused(driver, POLICY, "yours", {"bucket": bucket.id, "policy": READABLE})
    assert error.code == "BucketPolicyAlreadyOwned" and first.target.urn in error.message


def test_second_replication_configuration_of_a_bucket_is_refused(driver: CloudDriver) -> None:
    source, copy = driver.make(BUCKET, "web", {}, NORTH), driver.make(BUCKET, "copy", {}, SOUTH)
    for each, where in ((source, NORTH), (copy, SOUTH)):
        versioned = {"bucket": each.id, "versioningConfiguration": {"status": "Enabled"}}
        driver.make("aws:s3/bucketVersioning:BucketVersioning", each.id, versioned, where)
    role = driver.role("role", "s3")
    rules = [{"status": "Enabled", "destination": {"bucket": copy.arn}}]
    replication = {"bucket": source.id, "role": role.arn, "rules": rules}
    driver.make(REPLICATION, "a", replication)
    assert refused(driver, REPLICATION, "b", replication).code == "ReplicationConfigurationAlreadyOwned"


def test_dns_record_has_one_owner_for_its_name_type_and_set(driver: CloudDriver) -> None:
    zone = zone_id(driver)
    record = {"zoneId": zone, "name": "api.castle.example", "type": "A", "records": ["10.0.0.1"], "ttl": 60}
    driver.make(RECORD, "a", record)
    assert (
        refused(driver, RECORD, "b", {**record, "name": "API.castle.example."}).code == "InvalidChangeBatch"
    )
    driver.make(RECORD, "aaaa", {**record, "type": "AAAA"})
    latency = {**record, "name": "app.castle.example"}
    for region in ("us-east-1", "eu-west-1"):
        policy = {"setIdentifier": region, "latencyRoutingPolicies": [{"region": region}]}
        driver.make(RECORD, region, {**latency, **policy})


def test_account_that_the_provider_does_not_allow_is_refused(driver: CloudDriver) -> None:
    other = {"region": "us-east-1", "allowedAccountIds": '["210987654321"]'}
    assert refused(driver, VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, other).code == "AccountNotAllowed"
    unknown: Values = {"region": "us-east-1", "allowedAccountIds": UNKNOWN}
    assert driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, unknown).id


def test_second_thing_of_one_resource_under_the_same_name_is_refused(driver: CloudDriver) -> None:
    driver.make(ROLE, "role", {"assumeRolePolicy": TRUST, "name": "castle"})
    assert (
        refused(driver, ROLE, "role", {"assumeRolePolicy": TRUST, "name": "castle"}).code
        == "EntityAlreadyExists"
    )


def test_region_must_be_named_and_exist(driver: CloudDriver) -> None:
    cidr = {"cidrBlock": "10.0.0.0/16"}
    assert refused(driver, VPC, "vpc", cidr, {"skipMetadataApiCheck": "true"}).code == "MissingRegion"
    (failure,) = driver.cloud.check(driver.target(VPC, "vpc"), None, {**cidr, "region": "us-esat-1"}).failures
    assert failure.path == "region"
    assert failure.reason.startswith('must be a region of AWS, not "us-esat-1", says botocore')


def test_alias_leads_to_its_key(driver: CloudDriver) -> None:
    key = driver.make(KEY, "key", {})
    alias = driver.make(ALIAS, "alias", {"name": "alias/castle", "targetKeyId": key.id})
    assert alias.outputs["targetKeyArn"] == key.arn
    assert driver.make("aws:sns/topic:Topic", "alerts", {"kmsMasterKeyId": "alias/castle"}).id
