"""Changes of resources: their effects."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.mutations.changes import Change, Mutation, pointer, steps
from tests.mutations.worlds import Thing

URN = "urn:pulumi:main::castle::aws:s3/bucket:Bucket::it"
INPUTS = {
    "bucket": "logs",
    "policy": json.dumps({"Statement": [{"Action": "s3:Get"}, {"Action": "s3:Put"}]}),
    "from": 443,
    "to": 443,
    "tags": {"a/b": "x"},
    "tagsAll": {"a/b": "x", "cell": "one"},
}


def bucket() -> Thing:
    return Thing(
        stack="main",
        urn=URN,
        type="aws:s3/bucket:Bucket",
        name="it",
        inputs=INPUTS,
        outputs={**INPUTS, "arn": "arn:logs"},
        needs={"policy": ("urn:other",)},
        protect=True,
    )


def changed(*changes: Change) -> dict[str, Thing | None]:
    return Mutation(URN, changes).of({URN: bucket()})


def one(*changes: Change) -> Thing:
    (thing,) = changed(*changes).values()
    assert thing is not None
    return thing


@pytest.mark.parametrize("path", [(), ("a",), ("a/b", "c~d", 0)])
def test_a_pointer_leads_back_to_its_steps(path: tuple[str | int, ...]) -> None:
    assert steps(pointer(path)) == tuple(map(str, path))


@pytest.mark.parametrize(
    ("change", "name", "value"),
    [
        (Change("set", "/from", 22), "from", 22),
        (Change("set", "/versioned", False), "versioned", False),
        (Change("everywhere", "/from", 22), "to", 22),
        (Change("set", "/tags/a~1b", "y"), "tagsAll", {"a/b": "y", "cell": "one"}),
        (Change("drop", "/tags/a~1b"), "tagsAll", {"cell": "one"}),
    ],
)
def test_what_is_changed_shows_in_inputs_and_outputs(change: Change, name: str, value: Any) -> None:
    thing = one(change)
    assert (thing.inputs[name], thing.outputs[name]) == (value, value)
    assert thing.outputs["arn"] == "arn:logs"


def test_what_is_dropped_is_gone_from_inputs_and_outputs_with_its_link() -> None:
    thing = one(Change("drop", "/policy"))
    assert "policy" not in {*thing.inputs, *thing.outputs, *thing.needs}


def test_a_path_leads_into_json_texts() -> None:
    thing = one(Change("set", "/policy/Statement/1/Action", "*"), Change("drop", "/policy/Statement/0"))
    assert json.loads(thing.outputs["policy"]) == {"Statement": [{"Action": "*"}]}


def test_options_change_alone() -> None:
    thing = one(Change("unprotect"), Change("ignore", value="policy"))
    assert (thing.protect, thing.ignore, thing.inputs) == (False, ("policy",), INPUTS)


def test_a_resource_may_come_by_another_type() -> None:
    thing = one(Change("retype", value="aws-native:s3:Bucket"))
    assert (thing.type, thing.inputs) == ("aws-native:s3:Bucket", INPUTS)


def test_a_resource_may_go() -> None:
    assert changed(Change("remove")) == {URN: None}


def test_a_second_one_has_names_of_its_own_and_the_first_stays() -> None:
    second = one(Change("copy", value={"region": "eu-west-1"}))
    assert second.urn != URN
    assert (second.inputs["bucket"], second.outputs["arn"]) == ("logs-copy", "arn:logs-copy")
    assert second.outputs["region"] == "eu-west-1"


def test_another_may_come_beside_it() -> None:
    new = one(Change("add", "aws:iam/user:User", {"path": "/"}))
    assert (new.type, new.stack, new.inputs) == ("aws:iam/user:User", "main", {"path": "/"})
