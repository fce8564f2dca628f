"""Retiring: the cells that may be retired, and when."""

from __future__ import annotations

from tests.unit.harness import leaving
from tests.unit.settings.given import (
    CELLS,
    ONLY_BIRTH,
    cell,
    edge,
    refusal,
)


def test_a_cell_that_isnt_leaving_doesnt_retire() -> None:
    assert refusal("eu-west-1", retire=True) == (
        "castle:retire: true, but eu-west-1 isn't leaving; "
        "write castle:cells[1].leaving: true and run `pulumi up` for the other stacks first"
    )


def test_a_leaving_cell_retires() -> None:
    assert cell("eu-west-1", cells=leaving("eu-west-1"), retire="true").retire


def test_the_birth_cell_doesnt_retire_while_another_is_listed() -> None:
    assert refusal(retire=True) == (
        "castle:retire: true, but us-east-1 is the birth cell and eu-west-1, us-west-2 still listed; "
        "destroy the other cells and delete their entries in castle:cells first"
    )


def test_the_birth_cell_retires_alone() -> None:
    assert cell(cells=CELLS[:1], **ONLY_BIRTH, retire=True).retire


def test_global_retires_at_any_time() -> None:
    assert edge(retire=True).retire
