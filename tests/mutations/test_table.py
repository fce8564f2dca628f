"""Every rule finds a mutation of the recorded program, or of a small sample: those of the table, made again."""

from __future__ import annotations

import pytest
from controls.pack import registry

from rehearsal.cloud import Cloud
from tests.mutations import table, worlds
from tests.mutations.judging import Judge
from tests.mutations.table import Judges, Row
from tests.stacks.platform import ROOT, Platform

RULES = registry.rules()
ROWS = table.read()


@pytest.fixture(scope="module")
def judges(platform: Platform) -> Judges:
    return Judges(Judge(worlds.program(platform)), Cloud({}, ROOT / ".cache" / "schema"))


def test_every_rule_finds_a_mutation_and_shares_it_only_for_a_reason() -> None:
    assert table.wrong(ROWS, RULES) == {}
    assert ROWS.keys() == {rule.name for rule in RULES}


def test_no_reason_is_left_that_nothing_needs() -> None:
    assert table.stale(ROWS.values()) == []
    assert all(len(reason) > 20 for reason in table.overlaps().values())


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_rule_finds_its_mutation_and_only_those_that_share_it_do_too(row: Row, judges: Judges) -> None:
    assert sorted(judges.broken(row)) == sorted((row.rule, *row.also)), "run `make mutations`"
