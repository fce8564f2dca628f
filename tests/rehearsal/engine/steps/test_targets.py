"""Targets: what an operation isn't about stays as it is recorded, also what awaits its deletion."""

from __future__ import annotations

from dataclasses import replace

from rehearsal.engine.options import OperationOptions
from tests.rehearsal.lab import Lab, errors

VPCS = 'for n in "ab": aws.ec2.Vpc(n, cidr_block="10.0.0.0/16", opts=o)\n'


def test_what_awaits_its_deletion_stays_beside_its_successor_if_neither_is_a_target(lab: Lab) -> None:
    lab.program(VPCS)
    lab.up()
    engine = lab.engine()
    (living,) = (it for it in engine.records("dev") if it.name == "b")
    replaced = replace(living, id="vpc-0123456789abcdef0", pending_deletion=True)
    with engine.store.change():
        engine.store.commit("dev", {replaced.key: replaced.record()}, {})
    lab.program(VPCS.replace('"ab"', '"a"'))
    target = living.urn.replace("::b", "::a")
    result = lab.engine().update("dev", {}, OperationOptions(targets=(target,)))
    assert not result.failed, errors(result)
    left = {it.key for it in lab.engine().records("dev") if it.name == "b"}
    assert left == {living.key, replaced.key}
