"""Refusals of AWS beyond a name that is taken: other networks, strangers in policies, what is full or in use."""

import json

import pytest

from rehearsal.cloud.inventory import resource_key
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.values import Value, Values
from tests.rehearsal.cloud.cloud_driver import (
    ACCOUNT,
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
    CloudDriver,
    Made,
    refused,
)

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
QUEUE = "aws:sqs/queue:Queue"
TABLE = "aws:dynamodb/table:Table"
USER = "aws:iam/user:User"


def kept(driver: CloudDriver, made: Made) -> RefusedError:
    with pytest.raises(RefusedError) as caught:
        driver.remove(made)
    return caught.value


# ---- one VPC


@pytest.fixture
def two(driver: CloudDriver) -> dict[str, Made]:
    """Two VPCs of one region, each with a subnet and a security group."""
    found: dict[str, Made] = {}
    for index, name in enumerate(("a", "b")):
        vpc = driver.make(VPC, f"vpc-{name}", {"cidrBlock": f"10.{index}.0.0/16"})
        found[f"vpc-{name}"] = vpc
        subnet = {"vpcId": vpc.id, "cidrBlock": f"10.{index}.0.0/24"}
        found[f"subnet-{name}"] = driver.make(SUBNET, f"subnet-{name}", subnet)
        found[f"group-{name}"] = driver.make(GROUP, f"group-{name}", {"vpcId": vpc.id})
    return found


def test_subnet_of_another_vpc_is_refused_with_both_ends(driver: CloudDriver, two: dict[str, Made]) -> None:
    error = refused(driver, BALANCER, "alb", {"subnets": [two["subnet-a"].id, two["subnet-b"].id]})
    assert error.code == "InvalidConfigurationRequest"
    assert error.message == (
        f"subnets[1]: {two['subnet-b'].id} is in {two['vpc-b'].id}, and subnets[0] {two['subnet-a'].id} in "
        f"{two['vpc-a'].id}; it belongs to {two['subnet-b'].target.urn}"
    )


@pytest.mark.parametrize(
    ("type_", "code", "inputs"),
    [
        (BALANCER, "InvalidConfigurationRequest", {"subnets": ["subnet-a"], "securityGroups": ["group-b"]}),
        ("aws:rds/subnetGroup:SubnetGroup", "InvalidSubnet", {"subnetIds": ["subnet-a", "subnet-b"]}),
        ("aws:elasticache/subnetGroup:SubnetGroup", "InvalidSubnet", {"subnetIds": ["subnet-a", "subnet-b"]}),
        (
            "aws:ec2/vpcEndpoint:VpcEndpoint",
            "InvalidParameter",
            {"vpcId": "vpc-a", "serviceName": "s", "securityGroupIds": ["group-b"]},
        ),
        (
            "aws:eks/cluster:Cluster",
            "InvalidParameterException",
            {
                "roleArn": f"arn:aws:iam::{ACCOUNT}:role/castle-deployer",
                "vpcConfig": {"subnetIds": ["subnet-a"], "securityGroupIds": ["group-b"]},
            },
        ),
    ],
)
def test_what_lies_in_another_vpc_is_refused(
    driver: CloudDriver, two: dict[str, Made], type_: str, code: str, inputs: Values
) -> None:
    def ids(value: Value) -> Value:
        if isinstance(value, list):
            return [ids(item) for item in value]
        if isinstance(value, dict):
            return {name: ids(item) for name, item in value.items()}
        return two[value].id if value in two else value

    assert refused(driver, type_, "x", ids(inputs)).code == code


def test_subnet_group_and_security_group_of_a_cluster_share_a_vpc(
    driver: CloudDriver, two: dict[str, Made]
) -> None:
    subnets = driver.make("aws:rds/subnetGroup:SubnetGroup", "s", {"subnetIds": [two["subnet-a"].id]})
    cluster: Values = {"engine": "aurora-postgresql", "masterUsername": "m", "dbSubnetGroupName": subnets.id}
    other = {**cluster, "vpcSecurityGroupIds": [two["group-b"].id]}
    assert refused(driver, "aws:rds/cluster:Cluster", "db", other).code == "InvalidParameterCombination"
    same = {**cluster, "vpcSecurityGroupIds": [two["group-a"].id]}
    assert driver.make("aws:rds/cluster:Cluster", "db", same).id


def test_security_group_of_another_vpc_is_a_source_only_once_they_are_peered(
    driver: CloudDriver, two: dict[str, Made]
) -> None:
    rule: Values = {
        "securityGroupId": two["group-a"].id,
        "referencedSecurityGroupId": two["group-b"].id,
        "ipProtocol": "-1",
    }
    assert refused(driver, RULE, "rule", rule).code == "InvalidGroup.NotFound"
    ends = {"vpcId": two["vpc-b"].id, "peerVpcId": two["vpc-a"].id, "autoAccept": True}
    driver.make("aws:ec2/vpcPeeringConnection:VpcPeeringConnection", "peering", ends)
    assert driver.make(RULE, "rule", rule).id


def test_security_group_of_another_region_is_no_source(driver: CloudDriver) -> None:
    groups = {
        provider["region"]: driver.make(GROUP, "group", {"vpcId": driver.network(provider)[0].id}, provider)
        for provider in (NORTH, SOUTH)
    }
    north, south = groups["us-east-1"], groups["eu-west-1"]
    rule = {"securityGroupId": north.id, "referencedSecurityGroupId": south.id, "ipProtocol": "-1"}
    error = refused(driver, RULE, "rule", rule)
    assert error.code == "InvalidGroup.NotFound"
    assert f"{south.id} is in eu-west-1, not in us-east-1; it belongs to {south.target.urn}" in error.message


def test_change_into_another_vpc_is_refused(driver: CloudDriver, two: dict[str, Made]) -> None:
    subnets = driver.zones()
    balancer = driver.make(BALANCER, "alb", {"subnets": subnets})
    with pytest.raises(RefusedError, match="InvalidConfigurationRequest: securityGroups"):
        driver.change(balancer, {"subnets": subnets, "securityGroups": [two["group-b"].id]})


# ---- principals


def naming(principal: Value) -> str:
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": principal}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


NOBODY = f"arn:aws:iam::{ACCOUNT}:role/nobody"


def policies(driver: CloudDriver) -> dict[str, tuple[str, Values, str]]:
    """Each kind of resource policy: its type, its inputs but the policy, and AWS's code for a stranger in it."""
    bucket = driver.make(BUCKET, "bucket", {})
    topic = driver.make("aws:sns/topic:Topic", "topic", {})
    queue = driver.make(QUEUE, "queue", {})
    secret = driver.make("aws:secretsmanager/secret:Secret", "secret", {})
    malformed = "MalformedPolicyDocumentException"
    return {
        "bucket": ("aws:s3/bucketPolicy:BucketPolicy", {"bucket": bucket.id}, "MalformedPolicy"),
        "key": (KEY, {}, malformed),
        "queue": ("aws:sqs/queuePolicy:QueuePolicy", {"queueUrl": queue.id}, "InvalidAttributeValue"),
        "topic": ("aws:sns/topicPolicy:TopicPolicy", {"arn": topic.arn}, "InvalidParameter"),
        "secret": ("aws:secretsmanager/secretPolicy:SecretPolicy", {"secretArn": secret.arn}, malformed),
        "role": (ROLE, {}, "MalformedPolicyDocument"),
    }


@pytest.mark.parametrize("kind", ["bucket", "key", "queue", "topic", "secret", "role"])
def test_policy_that_names_a_principal_that_does_not_exist_is_refused(driver: CloudDriver, kind: str) -> None:
    type_, inputs, code = policies(driver)[kind]
    path = "assumeRolePolicy" if kind == "role" else "policy"
    error = refused(driver, type_, "x", {**inputs, path: naming({"AWS": [f"{ACCOUNT}", NOBODY]})})
    assert (error.code, error.message) == (code, f"{path}: the principal {NOBODY} doesn't exist")
    driver.make(ROLE, "nobody", {"name": "nobody", "assumeRolePolicy": TRUST})
    assert driver.make(type_, "x", {**inputs, path: naming({"AWS": NOBODY})}).id


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        {"AWS": "*"},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        {"AWS": ["210987654321", "arn:aws:iam::210987654321:role/theirs"]},
        {"AWS": f"arn:aws:iam::{ACCOUNT}:role/castle-deployer"},
        {"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/castle-deployer/rehearsal"},
        {"Service": "delivery.logs.amazonaws.com"},
    ],
)
def test_everybody_services_accounts_and_roles_that_exist_are_principals(
    driver: CloudDriver, principal: Value
) -> None:
    assert driver.make(KEY, "key", {"policy": naming(principal)}).id


def test_user_is_a_principal_until_it_is_deleted(driver: CloudDriver) -> None:
    user = driver.make(USER, "user", {})
    made = driver.make(KEY, "key", {"policy": naming({"AWS": user.arn})})
    driver.remove(user)
    error = refused(driver, KEY, "other", {"policy": naming({"AWS": user.arn})})
    assert error.message == (
        f"policy: the principal {user.arn} was deleted; it belonged to {user.target.urn}"
    )
    assert driver.change(made, {**made.inputs, "description": "stays"}).id


def test_session_of_a_role_that_does_not_exist_is_no_principal(driver: CloudDriver) -> None:
    session = f"arn:aws:sts::{ACCOUNT}:assumed-role/nobody/me"
    assert session in refused(driver, KEY, "key", {"policy": naming({"AWS": session})}).message


# ---- names and owners


@pytest.mark.parametrize(
    ("type_", "inputs", "code", "scope"),
    [
        (QUEUE, {"name": "orders"}, "QueueAlreadyExists", "region"),
        (TABLE, {"name": "orders"}, "ResourceInUseException", "region"),
        ("aws:secretsmanager/secret:Secret", {"name": "orders"}, "ResourceExistsException", "region"),
        ("aws:ecr/registryPolicy:RegistryPolicy", {"policy": naming("*")}, "ResourceAlreadyExists", "region"),
        ("aws:guardduty/detector:Detector", {}, "BadRequestException", "region"),
        (USER, {"name": "orders"}, "EntityAlreadyExists", "account"),
        (
            "aws:backup/globalSettings:GlobalSettings",
            {"globalSettings": {}},
            "ResourceAlreadyExists",
            "account",
        ),
    ],
)
def test_second_one_in_its_scope_is_refused_with_the_first(
    driver: CloudDriver, type_: str, inputs: Values, code: str, scope: str
) -> None:
    first = driver.make(type_, "first", inputs, NORTH)
    error = refused(driver, type_, "second", inputs, NORTH if scope == "region" else SOUTH)
    assert error.code == code
    assert error.message.endswith(f"it belongs to {first.target.urn}")
    if scope == "region":
        assert driver.make(type_, "south", inputs, SOUTH).id


def test_alias_of_a_key_has_one_owner(driver: CloudDriver) -> None:
    made = driver.make(KEY, "key", {})
    alias = {"name": "alias/castle", "targetKeyId": made.id}
    first = driver.make("aws:kms/alias:Alias", "first", alias)
    error = refused(driver, "aws:kms/alias:Alias", "second", alias)
    assert (error.code, first.target.urn in error.message) == ("AlreadyExistsException", True)


def test_name_that_one_distribution_serves_is_refused_to_another(driver: CloudDriver) -> None:
    names = {"domainName": "a.example", "subjectAlternativeNames": ["b.example", "*.c.example"]}
    certificate = driver.make("aws:acm/certificate:Certificate", "web", names, NORTH)
    distribution: Values = {
        "enabled": True,
        "origins": [{"originId": "o", "domainName": "o.example"}],
        "defaultCacheBehavior": {
            "allowedMethods": ["GET"],
            "cachedMethods": ["GET"],
            "targetOriginId": "o",
            "viewerProtocolPolicy": "https-only",
        },
        "restrictions": {"geoRestriction": {"restrictionType": "none"}},
        "viewerCertificate": {"acmCertificateArn": certificate.arn, "sslSupportMethod": "sni-only"},
    }
    first = driver.make(DISTRIBUTION, "first", {**distribution, "aliases": ["a.example", "b.example"]})
    error = refused(driver, DISTRIBUTION, "second", {**distribution, "aliases": ["w.c.example", "b.example"]})
    assert (error.code, first.target.urn in error.message) == ("CNAMEAlreadyExists", True)
    assert driver.make(DISTRIBUTION, "second", {**distribution, "aliases": ["W.c.example"]}).id
    for stranger in ("c.example", "v.w.c.example"):
        error = refused(driver, DISTRIBUTION, "third", {**distribution, "aliases": [stranger]})
        assert error.code == "InvalidViewerCertificate"


# ---- deleting


def put(driver: CloudDriver, bucket: Made, name: str) -> None:
    """Somebody puts an object, or another version of one, into a bucket."""
    resource = CloudResource(
        OBJECT, f"{bucket.id}/{name}", "us-east-1", "", {}, {"bucket": bucket.id, "key": name}
    )
    driver.resources[resource_key(OBJECT, "us-east-1", resource.id)] = resource


def test_bucket_with_versions_in_it_is_not_deleted(driver: CloudDriver) -> None:
    bucket = driver.make(BUCKET, "web", {"bucket": "castle-web"})
    versioning = {"bucket": bucket.id, "versioningConfiguration": {"status": "Enabled"}}
    versioned = driver.make("aws:s3/bucketVersioning:BucketVersioning", "web", versioning)
    for name in ("index.html", "app.js"):
        put(driver, bucket, name)
    driver.remove(versioned)
    error = kept(driver, bucket)
    assert error.code == "BucketNotEmpty"
    assert error.message == "castle-web isn't empty: it has castle-web/index.html and 1 more"


def test_bucket_that_may_be_emptied_goes_with_all_that_is_in_it(driver: CloudDriver) -> None:
    bucket = driver.make(BUCKET, "web", {"forceDestroy": True})
    put(driver, bucket, "index.html")
    driver.remove(bucket)
    assert not [resource for resource in driver.resources.values() if resource.type in (BUCKET, OBJECT)]


def test_vpc_of_an_accelerators_endpoint_is_not_deleted(driver: CloudDriver) -> None:
    vpc, subnet = driver.network()
    balancer = driver.make(BALANCER, "nlb", {"subnets": [subnet.id], "loadBalancerType": "network"})
    accelerator = driver.make("aws:globalaccelerator/accelerator:Accelerator", "stream", {})
    ports = [{"fromPort": 443, "toPort": 443}]
    listener = driver.make(
        "aws:globalaccelerator/listener:Listener",
        "stream",
        {"acceleratorArn": accelerator.id, "portRanges": ports, "protocol": "TCP"},
    )
    group = driver.make(
        "aws:globalaccelerator/endpointGroup:EndpointGroup",
        "north",
        {"listenerArn": listener.id, "endpointConfigurations": [{"endpointId": balancer.arn}]},
    )
    for made in (balancer, subnet):
        driver.remove(made)
    error = kept(driver, vpc)
    assert (error.code, "accelerator" in error.message) == ("DependencyViolation", True)
    assert kept(driver, accelerator).code == "AssociatedListenerFoundException"
    for made in (group, vpc, listener, accelerator):
        driver.remove(made)


def test_protected_table_is_not_deleted(driver: CloudDriver) -> None:
    table = {"name": "orders", "deletionProtectionEnabled": True}
    made = driver.make(TABLE, "orders", table)
    assert kept(driver, made).code == "ValidationException"
    driver.remove(driver.change(made, {**table, "deletionProtectionEnabled": False}))


# ---- values that depend on others


KEYS = {"hashKey": "id", "attributes": [{"name": "id", "type": "S"}]}
INDEX = {"name": "by-kind", "hashKey": "kind", "projectionType": "ALL"}
RETAINED = {
    "startWindow": 60,
    "schedule": "cron(0 5 * * ? *)",
    "ruleName": "daily",
    "targetVaultName": "Default",
}


@pytest.mark.parametrize(
    ("type_", "taken", "wrong"),
    [
        ("aws:sqs/queue:Queue", {"name": "a.fifo", "fifoQueue": True}, {"name": "a"}),
        ("aws:sqs/queue:Queue", {"name": "a"}, {"name": "a.fifo"}),
        (TABLE, {**KEYS, "billingMode": "PAY_PER_REQUEST"}, {"rangeKey": "at"}),
        (TABLE, {**KEYS, "billingMode": "PAY_PER_REQUEST"}, {"globalSecondaryIndexes": [INDEX]}),
        (TABLE, {**KEYS, "billingMode": "PAY_PER_REQUEST"}, {"readCapacity": 1}),
        (TABLE, {**KEYS, "readCapacity": 1, "writeCapacity": 1}, {"writeCapacity": 0}),
        (
            "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
            {
                "bucket": "castle-web",
                "rules": [
                    {"id": "a", "status": "Enabled", "transitions": [{"days": 7, "storageClass": "GLACIER"}]},
                    {"id": "b", "status": "Enabled", "expiration": {"days": 7}},
                ],
            },
            {
                "rules": [
                    {"id": "a", "status": "Enabled", "expiration": {"days": 7}},
                    {"id": "b", "status": "Enabled"},
                ]
            },
        ),
        (
            "aws:backup/plan:Plan",
            {
                "rules": [
                    {**RETAINED, "lifecycle": {"deleteAfter": 7}},
                    {**RETAINED, "lifecycle": {"coldStorageAfter": 30, "deleteAfter": 120}},
                ]
            },
            {
                "rules": [
                    {**RETAINED, "lifecycle": {"deleteAfter": 7}},
                    {**RETAINED, "lifecycle": {"coldStorageAfter": 30, "deleteAfter": 119}},
                ]
            },
        ),
    ],
)
def test_value_that_another_forbids_is_refused(
    driver: CloudDriver, type_: str, taken: Values, wrong: Values
) -> None:
    driver.make(BUCKET, "web", {"bucket": "castle-web"})
    driver.make("aws:backup/vault:Vault", "vault", {"name": "Default"})
    assert refused(driver, type_, "x", {**taken, **wrong}).code
    made = driver.make(type_, "x", taken)
    if type_ != "aws:sqs/queue:Queue" and "rangeKey" not in wrong and "globalSecondaryIndexes" not in wrong:
        with pytest.raises(RefusedError):
            driver.change(made, {**taken, **wrong})


def test_subnet_is_in_one_of_the_blocks_of_its_vpc(driver: CloudDriver) -> None:
    vpc = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    outside = {"vpcId": vpc.id, "cidrBlock": "10.1.0.0/24"}
    assert refused(driver, SUBNET, "outside", outside).code == "InvalidSubnet.Range"
    second = {"vpcId": vpc.id, "cidrBlock": "10.1.0.0/16"}
    driver.make("aws:ec2/vpcIpv4CidrBlockAssociation:VpcIpv4CidrBlockAssociation", "second", second)
    assert driver.make(SUBNET, "outside", outside).id


def test_name_that_is_made_up_for_a_fifo_queue_ends_like_one(driver: CloudDriver) -> None:
    queue = driver.make("aws:sqs/queue:Queue", "orders", {"fifoQueue": True})
    assert queue.arn.endswith(".fifo")
