"""Diff: what counts as a change, and what can only be replaced."""

from typing import Any

import pytest

from rehearsal.cloud.lifecycle.diff import difference
from rehearsal.values import UNKNOWN, Secret, Values
from tests.rehearsal.cloud.cloud_driver import BUCKET, NORTH, ROLE, SOUTH, TRUST, VPC, CloudDriver, Made


def diff(old: Values, state: Values, new: Values, *ignore: str, **knowledge: Any) -> tuple[str, ...]:
    return difference(old, state, new, ignore, **knowledge).changed


def test_same_inputs_are_no_change() -> None:
    assert diff({"a": 1}, {"a": 1, "computed": 2}, {"a": 1}) == ()


def test_input_is_compared_with_the_state_and_not_with_the_old_input() -> None:
    assert diff({"a": 1}, {"a": 2}, {"a": 1}) == ("a",)


def test_input_that_the_state_never_shows_is_compared_with_the_old_input() -> None:
    assert diff({"passwordWo": Secret("x")}, {}, {"passwordWo": Secret("x")}) == ()
    assert diff({"passwordWo": Secret("x")}, {}, {"passwordWo": Secret("y")}) == ("passwordWo",)


def test_removed_input_is_a_change_nested_too() -> None:
    assert diff({"a": 1}, {"a": 1}, {}) == ("a",)
    assert diff({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 2}}, {"a": {"b": 1}}) == ("a",)


def test_what_aws_added_inside_an_input_is_no_change() -> None:
    assert diff({"a": {"b": 1}}, {"a": {"b": 1, "computed": 2}}, {"a": {"b": 1}}) == ()


def test_unknown_counts_as_changed() -> None:
    assert diff({"a": [1, 2]}, {"a": [1, 2]}, {"a": [1, UNKNOWN]}) == ("a",)


def test_nothing_and_empty_are_the_same() -> None:
    assert diff({}, {}, {"a": [], "b": {}, "c": None, "d": ""}) == ()
    assert diff({"a": []}, {"a": []}, {}) == ()


def test_false_and_nothing_are_not_the_same() -> None:
    assert diff({"a": True}, {"a": True}, {"a": False}) == ("a",)
    assert diff({"a": 1}, {"a": 1}, {"a": True}) == ("a",)


def test_json_documents_are_compared_by_what_they_say() -> None:
    assert diff({"p": '{"a": 1}'}, {"p": '{"a":1}'}, {"p": '{ "a": 1 }'}) == ()
    assert diff({"p": '{"a": 1}'}, {"p": '{"a":1}'}, {"p": '{"a": 2}'}) == ("p",)
    assert diff({"p": "{a"}, {"p": "{a"}, {"p": "{b"}) == ("p",)


def test_list_of_another_length_is_a_change() -> None:
    assert diff({"a": [1]}, {"a": [1]}, {"a": [1, 2]}) == ("a",)


def test_ignored_paths_do_not_count() -> None:
    old: Values = {"tags": {"x": 1, "y": 1}, "rules": [{"y": 1, "z": 1}]}
    new: Values = {"tags": {"x": 2, "y": 1}, "rules": [{"y": 2, "z": 1}]}
    assert diff(old, old, new) == ("tags", "rules")
    assert diff(old, old, new, "tags.x", "rules[0].y") == ()
    assert diff(old, old, new, 'tags["x"]', "rules[*].y") == ()
    assert diff(old, old, new, "tags.y", "rules[1].y") == ("tags", "rules")
    assert diff(old, old, new, "*") == ()
    assert diff(old, old, {**old, "rules": []}, "rules[0].y") == ("rules",)


def test_what_only_the_state_has_counts_where_the_table_watches_it() -> None:
    assert diff({}, {"source": "arn"}, {}) == ()
    assert diff({}, {"source": "arn"}, {}, watch=["source"]) == ("source",)
    assert diff({}, {"source": "arn"}, {}, "source", watch=["source"]) == ()


def test_fixed_input_replaces_and_another_does_not() -> None:
    old: Values = {"a": {"b": 1, "c": 1}, "d": 1}
    found = difference(old, old, {"a": {"b": 1, "c": 2}, "d": 1}, (), fixed=["a.b", "d"])
    assert (found.changed, found.replaces) == (("a",), ())
    found = difference(old, old, {"a": {"b": 2, "c": 1}, "d": 1}, (), fixed=["a.b", "d"])
    assert (found.changed, found.replaces) == (("a",), ("a",))
    assert difference(old, old, {"d": 1}, (), fixed=["a.b"]).replaces == ("a",)


def test_provider_adds_nothing_that_differs(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    assert driver.diff(made, {"cidrBlock": "10.0.0.0/16"}).changed == ()


def test_cidr_of_a_vpc_replaces_it_and_its_tags_do_not(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    assert driver.diff(made, {"cidrBlock": "10.1.0.0/16"}).replaces == ("cidrBlock",)
    tagged = driver.diff(made, {"cidrBlock": "10.0.0.0/16", "tags": {"a": "b"}})
    assert (set(tagged.changed), tagged.replaces) == ({"tags", "tagsAll"}, ())


def test_unknown_in_a_fixed_input_replaces(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    assert driver.diff(made, {"cidrBlock": UNKNOWN}).replaces == ("cidrBlock",)


def test_another_region_replaces_whoever_says_it(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"}, NORTH)
    assert driver.diff(made, {"cidrBlock": "10.0.0.0/16", "region": "eu-west-1"}).replaces == ("region",)
    moved = Made(driver.target(VPC, "vpc", SOUTH), made.id, made.inputs, made.outputs)
    assert driver.diff(moved, {"cidrBlock": "10.0.0.0/16"}).replaces == ("region",)
    assert driver.diff(moved, {"cidrBlock": "10.0.0.0/16", "region": "us-east-1"}).replaces == ()


def test_region_still_unknown_is_no_other_region(driver: CloudDriver) -> None:
    made = driver.make(VPC, "vpc", {"cidrBlock": "10.0.0.0/16"})
    later = Made(driver.target(VPC, "vpc", {"region": UNKNOWN}), made.id, made.inputs, made.outputs)
    assert driver.diff(later, {"cidrBlock": "10.0.0.0/16"}).changed == ()


def test_thing_with_a_chosen_name_goes_before_its_replacement_comes(driver: CloudDriver) -> None:
    policy = TRUST
    auto = driver.make(ROLE, "auto", {"assumeRolePolicy": policy, "path": "/a/"})
    assert not driver.diff(auto, {"assumeRolePolicy": policy, "path": "/b/"}).delete_before_replace
    chosen = driver.make(ROLE, "chosen", {"assumeRolePolicy": policy, "name": "castle", "path": "/a/"})
    moved = {"assumeRolePolicy": policy, "name": "castle", "path": "/b/"}
    assert driver.diff(chosen, moved).delete_before_replace
    assert not driver.diff(chosen, {**moved, "name": "other"}).delete_before_replace


def test_object_in_a_cluster_is_compared_by_its_inputs_alone(driver: CloudDriver) -> None:
    map_: Values = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "data": {"a": "b"}}
    made = driver.make("kubernetes:core/v1:ConfigMap", "x", map_, {})
    assert driver.diff(made, map_).changed == ()
    assert driver.diff(made, {**map_, "data": {"a": "c"}}).changed == ("data",)
    assert driver.diff(made, {**map_, "metadata": {"name": "y"}}).replaces == ("metadata",)
    defaulted = Made(made.target, made.id, made.inputs, made.outputs | {"data": {"a": "normalised"}})
    assert driver.diff(defaulted, map_).changed == ()


def test_default_that_is_now_given_as_it_was_is_no_change(driver: CloudDriver) -> None:
    made = driver.make(BUCKET, "web", {})
    assert driver.diff(made, {"forceDestroy": False}).changed == ()


# ---- what is read back is more than was given


SETTINGS = "aws:backup/regionSettings:RegionSettings"
PARAMETERS = "aws:rds/clusterParameterGroup:ClusterParameterGroup"


def test_a_map_that_comes_back_whole_is_a_difference_until_it_is_ignored(driver: CloudDriver) -> None:
    given: Values = {"resourceTypeOptInPreference": {"DynamoDB": True, "EC2": False}}
    made = driver.make(SETTINGS, "settings", given)
    assert made.outputs["resourceTypeOptInPreference"]["EC2"] is False
    assert made.outputs["resourceTypeOptInPreference"]["RDS"] is True
    assert driver.diff(made, given).changed == ("resourceTypeOptInPreference",)
    assert driver.diff(made, given, "resourceTypeOptInPreference").changed == ()
    read = driver.read(made)
    assert read is not None
    assert read.inputs["resourceTypeOptInPreference"] == given["resourceTypeOptInPreference"]


def test_a_map_of_which_all_is_given_is_no_difference(driver: CloudDriver) -> None:
    first = driver.make(SETTINGS, "settings", {"resourceTypeOptInPreference": {}})
    every: Values = {"resourceTypeOptInPreference": first.outputs["resourceTypeOptInPreference"]}
    made = driver.change(first, every)
    assert driver.diff(made, every).changed == ()


@pytest.mark.parametrize(
    ("name", "value", "method", "differs"),
    [
        ("rds.force_ssl", "1", "immediate", True),
        ("rds.force_ssl", "1", "pending-reboot", False),
        ("rds.force_ssl", "0", "immediate", False),
        ("log_statement", "ddl", "immediate", False),
    ],
)
def test_a_value_that_is_the_default_loses_its_method(
    driver: CloudDriver, name: str, value: str, method: str, differs: bool
) -> None:
    parameter = {"name": name, "value": value, "applyMethod": method}
    given: Values = {"family": "aurora-postgresql17", "parameters": [parameter]}
    made = driver.make(PARAMETERS, "parameters", given)
    assert bool(driver.diff(made, given).changed) is differs
