"""Search for mutations: what it finds, and what it doesn't."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from controls.language.rules import Rule

from rehearsal.cloud import Cloud
from rehearsal.cloud.types.schema import Schemas
from tests.mutations import documented, samples, table
from tests.mutations.changes import Change, Mutation
from tests.mutations.judging import Judge
from tests.mutations.operators import Operators
from tests.mutations.search import Searcher
from tests.mutations.table import SAMPLE, Judges, Row
from tests.mutations.worlds import World
from tests.policy.asking import rule_named
from tests.stacks.platform import ROOT

SCHEMAS = ROOT / ".cache" / "schema"


def found(rule: Rule, beside: Iterable[Rule] = ()) -> Row | None:
    """Mutation that is found for a rule where the program has nothing."""
    judges = Judges(Judge(World({}, {}), [rule, *beside]), Cloud({}, SCHEMAS))
    row = Searcher(judges, Schemas(SCHEMAS)).search(rule)
    assert row is None or table.holds(row, judges)
    return row


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("kms-key-rotation", (Change("drop", "/enableKeyRotation"),)),
        ("lambda-url-authenticated", (Change("set", "/authorizationType", "NONE"),)),
        ("stateful-resources-protected", (Change("unprotect"),)),
        ("ecr-policy-not-public", (Change("set", "/policy/Statement/0/Principal/AWS", "*"),)),
    ],
)
def test_a_rule_finds_a_change_of_its_small_sample(rule: str, changes: tuple[Change, ...]) -> None:
    row = found(rule_named(rule))
    assert row is not None
    assert (row.of, row.mutation.changes, row.also) == (SAMPLE, changes, ())


def test_a_rule_on_several_resources_finds_one_that_is_gone() -> None:
    row = found(rule_named("vpc-flow-logs-enabled"))
    assert row is not None
    assert row.mutation.changes == (Change("remove"),)


def test_nothing_is_found_for_a_rule_that_says_nothing() -> None:
    assert found(replace(rule_named("kms-key-rotation"), check=lambda _: ())) is None


@pytest.mark.slow
def test_a_rule_that_finds_only_what_another_finds_needs_a_reason() -> None:
    rule = rule_named("kms-key-rotation")
    row = found(rule, [replace(rule, name="twin")])
    assert row is not None
    assert row.also == ("twin",)
    assert "twin" in table.wrong({rule.name: row}, [rule])[rule.name]


def test_a_rule_without_a_row_is_wrong() -> None:
    rule = rule_named("kms-key-rotation")
    assert table.wrong({}, [rule]).keys() == {rule.name}


def test_a_row_whose_path_is_gone_holds_no_more() -> None:
    rule = rule_named("kms-key-rotation")
    row = found(rule)
    assert row is not None
    gone = replace(row, mutation=replace(row.mutation, changes=(Change("drop", "/gone/0/x"),)))
    assert not table.holds(gone, Judges(Judge(World({}, {}), [rule]), Cloud({}, SCHEMAS)))


def test_rows_are_read_as_they_were_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "TABLE", tmp_path / "table.tsv")
    changes = (Change("set", "/name", ""), Change("remove"), Change("set", "/deep/0", {"on": False}))
    row = Row("kms-key-rotation", SAMPLE, Mutation("urn", changes), ("a-rule", "another"))
    table.write([row])
    assert table.read() == {row.rule: row}


def test_what_the_documentation_lists_is_tried() -> None:
    listed = documented.of_type("aws", "aws:ecr/repository:Repository")["imageTagMutability"]
    assert {"MUTABLE", "IMMUTABLE"} <= set(listed)
    world = samples.compliant("ecr-tags-immutable")
    assert world is not None
    (thing,) = world.things.values()
    changes = Operators(Schemas(SCHEMAS), [thing]).changes(thing, ["imageTagMutability"])
    assert Change("set", "/imageTagMutability", "MUTABLE") in list(changes)


def test_a_policy_stays_a_document() -> None:
    world = samples.compliant("ecr-policy-not-public")
    assert world is not None
    (thing,) = world.things.values()
    changes = list(Operators(Schemas(SCHEMAS), [thing]).changes(thing, ["policy"]))
    assert Change("drop", "/policy/Statement/0/Principal") in changes
    assert not {it.at for it in changes} & {"/policy", "/policy/Statement", "/policy/Statement/0"}
