"""Check: what is refused before anything is made, and what a provider adds."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.cloud.lifecycle.check import input_failures
from rehearsal.cloud.provider_verbs import Failure
from rehearsal.cloud.types.schema import Declaration, Schema
from rehearsal.cloud.types.type_table import TypeRow
from rehearsal.values import UNKNOWN, Asset, Reference, Secret, Values
from tests.rehearsal.cloud.cloud_driver import BUCKET, NORTH, READABLE, ROLE, TRUST, VPC, CloudDriver

ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
RECORD = "aws:route53/record:Record"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"


def only(driver: CloudDriver, type_: str, inputs: Values) -> Failure:
    found = driver.cloud.check(driver.target(type_, "x"), None, inputs).failures
    assert len(found) == 1, found
    return found[0]


def test_unknown_input_is_refused_with_the_nearest_valid_name(driver: CloudDriver) -> None:
    assert only(driver, VPC, {"cidrBlok": "10.0.0.0/16"}) == Failure(
        "cidrBlok", "is no input; did you mean cidrBlock (cidr_block in Python)?"
    )


def test_python_spelling_of_an_input_is_refused_with_its_wire_name(driver: CloudDriver) -> None:
    assert "did you mean enableDnsSupport" in only(driver, VPC, {"enable_dns_support": True}).reason


def test_unknown_nested_input_is_refused_with_its_path(driver: CloudDriver) -> None:
    record = {
        "zoneId": "Z",
        "name": "a",
        "type": "A",
        "aliases": [{"name": "b", "zoneId": "Z", "evaluate": 1}],
    }
    found = driver.cloud.check(driver.target(RECORD, "x"), None, record).failures
    assert (
        Failure("aliases[0].evaluateTargetHealth", "is missing (evaluate_target_health in Python)") in found
    )
    assert any(f.path == "aliases[0].evaluate" and "evaluateTargetHealth" in f.reason for f in found)


def test_output_given_as_input_is_said_to_be_an_output(driver: CloudDriver) -> None:
    assert only(driver, VPC, {"arn": "arn:aws:x"}) == Failure("arn", "is an output, and no input")


def test_missing_required_input_is_refused(driver: CloudDriver) -> None:
    assert only(driver, ROLE, {}) == Failure("assumeRolePolicy", "is missing (assume_role_policy in Python)")


@pytest.mark.parametrize(
    ("inputs", "path", "reason"),
    [
        ({"cidrBlock": 5}, "cidrBlock", "must be a string, not the number 5"),
        ({"enableDnsSupport": "yes"}, "enableDnsSupport", 'must be true or false, not the string "yes"'),
        ({"ipv4NetmaskLength": "16"}, "ipv4NetmaskLength", 'must be a whole number, not the string "16"'),
        ({"ipv4NetmaskLength": True}, "ipv4NetmaskLength", "must be a whole number, not true"),
        ({"tags": ["a"]}, "tags", "must be a dictionary, not a list"),
        ({"tags": {"a": 1}}, "tags.a", "must be a string, not the number 1"),
    ],
)
def test_wrong_type_is_refused_with_what_was_expected(
    driver: CloudDriver, inputs: Values, path: str, reason: str
) -> None:
    assert only(driver, VPC, inputs) == Failure(path, reason)


def test_dictionary_where_a_list_is_expected_is_refused(driver: CloudDriver) -> None:
    assert only(driver, BALANCER, {"subnets": {"a": "subnet-1"}}).reason == "must be a list, not a dictionary"


def test_value_outside_an_enum_is_refused_with_the_nearest_one(driver: CloudDriver) -> None:
    found = only(driver, "aws:rds/cluster:Cluster", {"engine": "aurora-postgres"})
    assert found.path == "engine"
    assert found.reason.endswith('not the string "aurora-postgres"; did you mean aurora-postgresql?')


def test_enum_of_the_sdk_that_lags_behind_aws_is_not_held_against_a_value(driver: CloudDriver) -> None:
    instance = {"clusterIdentifier": "c", "engine": "aurora-postgresql", "instanceClass": "db.serverless"}
    target = driver.target("aws:rds/clusterInstance:ClusterInstance", "x")
    assert not driver.cloud.check(target, None, instance).failures


def test_name_and_prefix_at_once_are_refused(driver: CloudDriver) -> None:
    two = {"bucket": "castle-web", "bucketPrefix": "castle-"}
    assert only(driver, BUCKET, two) == Failure(
        "bucketPrefix", "can't be given beside bucket; leave one of them out"
    )


def test_unknown_type_is_refused_with_the_nearest_one(driver: CloudDriver) -> None:
    assert only(driver, "aws:ec2/vpc:Vpcc", {}).reason.endswith("did you mean aws:ec2/vpc:Vpc?")


def test_unknown_satisfies_any_type_and_any_requirement(driver: CloudDriver) -> None:
    inputs: Values = {"assumeRolePolicy": UNKNOWN, "maxSessionDuration": UNKNOWN, "tags": {"a": UNKNOWN}}
    assert not driver.cloud.check(driver.target(ROLE, "x"), None, inputs).failures


def test_secret_is_checked_by_its_value_and_stays_marked(driver: CloudDriver) -> None:
    assert only(driver, ROLE, {"assumeRolePolicy": Secret(5)}).reason.startswith("must be a string")
    inputs = driver.checked(driver.target(ROLE, "x"), {"assumeRolePolicy": Secret(TRUST)})
    assert inputs["assumeRolePolicy"] == Secret(TRUST)


def test_text_of_an_output_is_refused_with_what_to_write_instead(driver: CloudDriver) -> None:
    text = "arn:aws:s3:::Calling __str__ on an Output[T] is not supported."
    assert "pulumi.Output.format" in only(driver, ROLE, {"assumeRolePolicy": text}).reason
    assert only(driver, ROLE, {"assumeRolePolicy": TRUST, "tags": {"of": text}}).path == "tags.of"


def test_text_of_an_output_is_found_where_no_type_is_declared(driver: CloudDriver) -> None:
    pool = {"metadata": {"name": "x"}, "spec": {"role": ["Calling __str__ on an Output[T]"]}}
    assert only(driver, "kubernetes:karpenter.sh/v1:NodePool", pool).path == "spec.role[0]"


def test_value_that_fits_neither_form_of_a_document_is_refused(driver: CloudDriver) -> None:
    assert only(driver, ROLE, {"assumeRolePolicy": ["not", "a", "document"]}).path == "assumeRolePolicy"


def test_reference_and_asset_are_taken_where_they_belong(driver: CloudDriver) -> None:
    inputs: Values = {"name": Reference("urn:x", "id"), "code": "x", "runtime": "cloudfront-js-2.0"}
    assert not driver.cloud.check(
        driver.target("aws:cloudfront/function:Function", "x"), None, inputs
    ).failures
    assert only(driver, VPC, {"cidrBlock": Asset("x", ())}).reason == "must be a string, not an asset"


FIELDS = st.dictionaries(
    st.text(string.ascii_letters, min_size=1, max_size=8),
    st.sampled_from(["string", "boolean", "nested"]),
    min_size=1,
)


@given(FIELDS, st.integers(0, 3), st.data())
def test_only_and_every_undeclared_name_is_refused_at_any_depth(
    fields: dict[str, str], depth: int, data: st.DataObject
) -> None:
    shapes = {n: {"list": {"object": "o"}} if s == "nested" else s for n, s in fields.items()} | {
        "deep": {"object": "o"}
    }
    schema = Schema("t", Declaration(shapes, ()), {"o": Declaration(shapes, ())}, frozenset(), frozenset())
    stranger = data.draw(
        st.text(string.ascii_letters, min_size=1, max_size=8).filter(lambda n: n not in shapes)
    )
    empty: Values = {
        "nested": [],
        "string": "",
        "boolean": True,
    }  # the empty text fits whatever the name asks
    valid: Values = {n: empty[s] for n, s in fields.items()}
    inputs: Values = {**valid, stranger: 1}
    for _ in range(depth):
        inputs = {**valid, "deep": inputs}
    assert [f.path for f in input_failures(inputs, schema, TypeRow())] == [
        ".".join(["deep"] * depth + [stranger])
    ]


# ---- what a provider adds


def test_default_tags_are_merged_and_the_own_tag_wins(driver: CloudDriver) -> None:
    provider = {**NORTH, "defaultTags": '{"tags": {"platform": "castle", "owner": "all"}}'}
    inputs = driver.checked(
        driver.target(VPC, "x", provider), {"cidrBlock": "10.0.0.0/16", "tags": {"owner": "me"}}
    )
    assert inputs["tagsAll"] == {"platform": "castle", "owner": "me"}


def test_unknown_default_tags_make_all_tags_unknown(driver: CloudDriver) -> None:
    target = driver.target(VPC, "x", {**NORTH, "defaultTags": UNKNOWN})
    assert driver.checked(target, {})["tagsAll"] is UNKNOWN


def test_type_without_tags_gets_none(driver: CloudDriver) -> None:
    provider = {**NORTH, "defaultTags": '{"tags": {"platform": "castle"}}'}
    target = driver.target("aws:s3/bucketPolicy:BucketPolicy", "x", provider)
    assert "tagsAll" not in driver.checked(target, {"bucket": "b", "policy": READABLE})


def test_auto_name_of_a_bucket_is_lower_case(driver: CloudDriver) -> None:
    assert driver.checked(driver.target(BUCKET, "WebAssets"), {})["bucket"].startswith("webassets-")


def test_auto_name_is_the_same_in_preview_and_update(driver: CloudDriver) -> None:
    target = driver.target(ALARM, "x")
    alarm: Values = {"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1}
    assert driver.checked(target, alarm) == driver.checked(target, alarm)


def test_auto_name_is_reused_and_a_name_that_was_given_is_not(driver: CloudDriver) -> None:
    made = driver.make(BUCKET, "web", {})
    assert driver.checked(made.target, {}, made.inputs)["bucket"] == made.id
    given_ = driver.make(BUCKET, "given", {"bucket": "castle-given"})
    assert driver.checked(given_.target, {}, given_.inputs)["bucket"] != "castle-given"


def test_replacement_gets_another_auto_name_every_time(driver: CloudDriver) -> None:
    names: set[str] = set()
    for _ in range(3):
        made = driver.make(BUCKET, "web", {})
        names.add(made.id)
        names.add(driver.checked(made.target, {})["bucket"])
        driver.remove(made)
    assert len(names) == 4


def test_name_prefix_makes_a_name_that_begins_with_it(driver: CloudDriver) -> None:
    assert driver.checked(driver.target(BUCKET, "x"), {"bucketPrefix": "castle-"})["bucket"].startswith(
        "castle-"
    )


def test_defaults_of_the_provider_are_recorded_and_said_to_be_defaults(driver: CloudDriver) -> None:
    inputs = driver.checked(driver.target(VPC, "x"), {"cidrBlock": "10.0.0.0/16", "enableDnsSupport": False})
    assert inputs["enableDnsSupport"] is False
    assert inputs["instanceTenancy"] == "default"
    assert inputs["__defaults"] == ["instanceTenancy"]


# ---- providers


def test_inputs_of_a_provider_are_checked_though_they_arrive_as_json(driver: CloudDriver) -> None:
    good: Values = {
        "region": "us-east-1",
        "defaultTags": '{"tags": {"a": "b"}}',
        "version": "7.51.1",
        "maxRetries": "5",
    }
    assert not driver.cloud.check_config("aws", good).failures
    bad = driver.cloud.check_config("aws", {"regin": "us-east-1", "defaultTags": '{"tag": {}}'}).failures
    assert {(f.path, f.reason.split(" ")[-4]) for f in bad} == {
        ("regin", "region"),
        ("defaultTags.tag", "tags"),
    }


def test_package_that_no_provider_answers_for_is_refused(driver: CloudDriver) -> None:
    (found,) = driver.cloud.check_config("random", {}).failures
    assert found.reason == "no provider answers for pulumi:providers:random; there are aws, eks, kubernetes"


def test_kubernetes_provider_with_another_cluster_replaces_its_objects(driver: CloudDriver) -> None:
    diff = driver.cloud.diff_config
    old = {"kubeconfig": "a", "clusterIdentifier": "castle"}
    assert diff("kubernetes", old, {**old, "kubeconfig": "b"}).replaces == ()
    assert diff("kubernetes", old, {**old, "clusterIdentifier": "other"}).replaces == ("clusterIdentifier",)
    assert diff("kubernetes", {"kubeconfig": "a"}, {"kubeconfig": "b"}).replaces == ("kubeconfig",)


def test_an_automatic_name_that_is_too_long_is_refused_and_never_cut(driver: CloudDriver) -> None:
    """pulumi/pulumi, sdk/go/common/resource/resource_id.go: no provider cuts a name that it makes up."""
    table = "aws:lb/targetGroup:TargetGroup"  # of 32 characters
    inputs = {"port": 443, "protocol": "HTTPS", "vpcId": f"vpc-{'0' * 17}", "targetType": "ip"}
    for length, fits in ((24, True), (25, False)):
        checked = driver.cloud.check(driver.target(table, "t" * length), None, inputs)
        name = checked.inputs["name"]
        assert name.startswith("t" * length + "-")
        assert len(name) == length + 8
        assert checked.failures == (
            ()
            if fits
            else (
                Failure(
                    "name",
                    f"{name} has 33 characters, of which the last eight were added, and AWS takes 32; give the "
                    "resource a shorter logical name, or a name of its own",
                ),
            )
        )
    own = driver.cloud.check(driver.target(table, "t" * 40), None, {**inputs, "name": "short"})
    assert own.failures == ()
