"""The committed program's policy documents, each changed to what never matches: the cloud refuses it by its judge.

Wrong words come from the package of the authorization reference, not from the digest.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from rehearsal.cloud import Cloud
from rehearsal.judges.reference import IAMDATA
from rehearsal.judges.statements import by_hand, documents
from rehearsal.values import Values
from tests.judges import authorization_reference
from tests.stacks.refused_inputs.recorded import Recorded, of_aws

Document = Mapping[str, Any]


def statements(one: Recorded) -> Iterator[tuple[str, Document, int]]:
    """Statements that name actions of a service, each with the path of its document and its place there."""
    for path, text in documents(one.inputs):
        document = json.loads(text)
        for number, statement in enumerate(document["Statement"]):
            if "." not in path and listed(statement.get("Action")) not in ([], ["*"]):
                yield path, document, number


def listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []


def wrong_actions(statement: Document) -> Iterator[Document]:
    """An action that its service hasn't, and a service that there isn't."""
    (first, *rest) = listed(statement["Action"])
    prefix = first.partition(":")[0]
    name = next(
        f"{prefix}:{each['name']}s"
        for each in authorization_reference.read("actions", prefix).values()
        if f"{each['name']}s".lower() not in authorization_reference.read("actions", prefix)
    )
    yield {**statement, "Action": [name, *rest]}
    strange = f"{prefix}x"
    assert strange not in authorization_reference.services()
    yield {**statement, "Action": [f"{strange}:{first.partition(':')[2]}", *rest]}


def wrong_keys(statement: Document) -> Iterator[Document]:
    """A condition on a key of another service, which no request for these actions carries."""
    actions = listed(statement["Action"])
    carried: set[str] = set()
    for pattern in actions:
        prefix, _, name = pattern.partition(":")
        for own, each in authorization_reference.read("actions", prefix).items():
            if own == name.lower() or "*" in name:
                carried |= authorization_reference.keys_of(each, prefix)
    for key in ("ec2:Region", "s3:prefix", "sns:Protocol"):
        if key not in carried:
            yield {**statement, "Condition": {"StringEquals": {key: "x"}}}
    if all(action in by_hand()["sign_ins"] for action in actions):
        yield {**statement, "Condition": {"StringEquals": {"aws:RequestedRegion": "us-east-1"}}}


def wrong_resources(statement: Document) -> Iterator[Document]:
    """A resource of a service that none of the actions is of."""
    prefixes = {action.partition(":")[0] for action in listed(statement["Action"])}
    if "Resource" in statement and "*" not in prefixes:
        for arn in ("arn:aws:polly:us-east-1:123456789012:lexicon/x", "arn:aws:braket:us-east-1:1:job/x"):
            yield {**statement, "Resource": arn}
            if "*" not in listed(statement["Resource"]):
                yield {**statement, "Resource": [*listed(statement["Resource"]), arn]}


@pytest.mark.parametrize("spoil", [wrong_actions, wrong_keys, wrong_resources])
def test_a_document_with_what_never_matches_is_refused_by_its_judge(
    cloud: Cloud, recorded: list[Recorded], spoil: Any
) -> None:
    tried, passed = 0, []
    seen: set[str] = set()
    for one in of_aws(recorded):
        for path, document, number in statements(one):
            statement = document["Statement"][number]
            kind = f"{one.target.type} {sorted(listed(statement['Action']))} {statement['Effect']}"
            if kind in seen:
                continue
            seen.add(kind)
            for wrong in spoil(statement):
                changed = [*document["Statement"][:number], wrong, *document["Statement"][number + 1 :]]
                inputs: Values = {**one.inputs, path: json.dumps({**document, "Statement": changed})}
                said = [it for it in cloud.check(one.target, None, inputs).failures if it.path == path]
                tried += 1
                if not any(IAMDATA in it.reason for it in said):
                    passed.append(f"{one.target.urn} {wrong}: {said}")
    assert passed == []
    assert tried > 50
