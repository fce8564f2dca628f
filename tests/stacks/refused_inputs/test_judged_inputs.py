"""The committed program's inputs, each changed to what its judges refuse: the cloud refuses it, too, by their name.

Wrong values come from the judges' packages, so that a digest which lost a bound would be found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from rehearsal.cloud import Cloud
from rehearsal.cloud.coverage import OWN
from rehearsal.judges.digest import digest
from rehearsal.judges.verdicts import verdicts
from rehearsal.values import Value, Values, reveal_top
from tests.judges.counterparts import mapping
from tests.judges.making import bound_of, readable
from tests.judges.members import found_members
from tests.judges.nodes import CFN_LINT, Bound, Node
from tests.stacks.refused_inputs.recorded import SCHEMAS, Recorded, of_aws
from tests.stacks.refused_inputs.spoiling import spoiled

# Texts of many kinds, of which a pattern of an alphabet or a form takes few.
STRANGE = ("~ '\"<>|`^\u00e9", "-", "not one of them", "a", "A_1", "0", "arn:aws:x", "é" * 300)


def wrong_values(bound: Bound, judge: str) -> Iterator[Value]:
    """Values of the right type that a bound refuses, in the words of the judge's own package."""
    if "enum" in bound:
        yield "not-one-of-them"
    if "maxLength" in bound:
        yield "a" * (bound["maxLength"] + 1)
    if "minimum" in bound:
        yield bound["minimum"] - 1
    if "maximum" in bound:
        yield bound["maximum"] + 1
    if "pattern" in bound and (pattern := readable(bound["pattern"])) is not None:
        matches = re.search if judge == CFN_LINT else re.fullmatch
        yield from (text for text in STRANGE if not matches(pattern, text))


def distinct(recorded: list[Recorded]) -> Iterator[tuple[Recorded, str, Mapping[str, Node]]]:
    """Every property of every type, with a resource that sets it and the members that stand for it."""
    seen: set[tuple[str, str]] = set()
    members: dict[str, dict[str, dict[str, Node]]] = {}
    for one in of_aws(recorded):
        token = one.target.type
        if token not in members:
            schema = SCHEMAS.of(token)
            assert schema is not None
            members[token] = found_members(schema)
        for path, nodes in members[token].items():
            if (token, path) not in seen and not path.endswith("[]") and spoiled(one.inputs, path, ""):
                seen.add((token, path))
                yield one, path, nodes


def test_what_a_judge_refuses_the_cloud_refuses_and_a_judge_is_named(
    cloud: Cloud, recorded: list[Recorded]
) -> None:
    tried, passed = 0, []
    for one, path, nodes in distinct(recorded):
        for judge, node in nodes.items():
            for wrong in wrong_values(bound_of(one.target.type, path, judge, node), judge):
                made = spoiled(one.inputs, path, wrong)
                assert made is not None
                exact, inputs = made
                if _is_number(one.inputs, path) and isinstance(wrong, str):
                    continue  # of another type, which is refused as such
                said = {it.path: it.reason for it in cloud.check(one.target, None, inputs).failures}
                tried += 1
                region = one.target.provider.get("region") or ""
                named = {it.path for it in verdicts(one.target.type, inputs, region, digest())}
                if exact not in said or exact not in named:
                    passed.append(f"{one.target.urn} {exact}: {wrong!r}, which {judge} refuses: {said}")
    assert passed == []
    assert tried > 1000


def _is_number(inputs: Values, path: str) -> bool:
    made = spoiled(inputs, path, None)
    assert made is not None
    value: Any = inputs
    for step in re.findall(r"\w[\w-]*|\[\d+\]", made[0]):
        value = reveal_top(value)
        value = value[int(step[1:-1])] if step.startswith("[") else value.get(step)
        if value is None:
            return False
    return isinstance(reveal_top(value), (int, float))


def test_a_share_of_the_properties_is_judged(cloud: Cloud, recorded: list[Recorded]) -> None:
    covered = {
        (one.target.type, it.path): it
        for one in of_aws(recorded)
        for it in cloud.property_coverage(one.target.type, one.inputs)
    }
    assert len(covered) > 800
    known = sum(it.known for it in covered.values()) / len(covered)
    judged = sum(it.judged for it in covered.values()) / len(covered)
    assert known >= 0.957, f"{known:.3f}"
    assert judged >= 0.616, f"{judged:.3f}"


def test_what_no_judge_knows_is_listed_with_its_reason(cloud: Cloud, recorded: list[Recorded]) -> None:
    found = {
        f"{one.target.type} {it.path}"
        for one in of_aws(recorded)
        for it in cloud.property_coverage(one.target.type, one.inputs)
        if it.why == OWN
    }
    assert found == mapping()["own"].keys(), "\n".join(sorted(found ^ mapping()["own"].keys()))
