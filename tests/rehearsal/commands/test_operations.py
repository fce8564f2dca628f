"""Options of up, preview, refresh and destroy: what reaches the engine, and on which stacks."""

from __future__ import annotations

from typing import Any

import pytest

from rehearsal.commands.operation_options import options_by_stack
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Result
from rehearsal.engine.options import EVERYTHING, OperationOptions
from tests.rehearsal.commands.stacks.command_line import SUBNET, VPC, asked, run, two_stacks
from tests.rehearsal.lab import Lab

THERE = SUBNET.replace(":dev:", ":next:")
RECORDS = {"dev": [VPC, SUBNET], "next": [THERE]}


class Asked:
    """Engine's operations in the order in which they were asked for, each with its stack, options and preview."""

    def __init__(self) -> None:
        self.operations: list[tuple[str, str, OperationOptions, bool]] = []
        self.fail = ""  # the operation whose preview fails

    def refresh(self, stack: str, options: OperationOptions, *, preview: bool) -> Result:
        return self._done("refresh", stack, options, preview)

    def destroy(self, stack: str, options: OperationOptions, *, preview: bool) -> Result:
        return self._done("destroy", stack, options, preview)

    def deploy(self, operation: str, stack: str, _config: Any, options: OperationOptions) -> Result:
        return self._done("update", stack, options, operation == "preview")

    def _done(self, operation: str, stack: str, options: OperationOptions, preview: bool) -> Result:
        self.operations.append((operation, stack, options, preview))
        return Result(operation, stack, failed=preview and operation == self.fail)


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """An engine that notes what it is asked for, and does nothing; both stacks have records."""
    engine = Asked()
    monkeypatch.setattr(EmbeddedEngine, "refresh", lambda _, *given, **more: engine.refresh(*given, **more))
    monkeypatch.setattr(EmbeddedEngine, "destroy", lambda _, *given, **more: engine.destroy(*given, **more))
    monkeypatch.setattr(EmbeddedEngine, "_deploy", lambda _, *given: engine.deploy(*given))
    return engine


def put(lab: Lab) -> Lab:
    """Two stacks with records, of which no program has ever run."""
    store = two_stacks(lab).engine().store
    for stack, urns in RECORDS.items():
        with store.change():
            store.commit(
                stack, {urn: {"urn": urn, "type": "t", "custom": True, "id": "i"} for urn in urns}, {}
            )
    return lab


@pytest.mark.parametrize("operation", ["update", "refresh", "destroy"])
def test_an_operation_is_previewed_before_it_acts(lab: Lab, engine: Asked, operation: str) -> None:
    command = {"update": "up"}.get(operation, operation)
    run(put(lab), command, "dev")
    assert [(it[0], it[3]) for it in engine.operations] == [(operation, True), (operation, False)]
    engine.operations.clear()
    run(lab, command, "dev", "--skip-preview")
    assert [it[3] for it in engine.operations] == [False]
    engine.operations.clear()
    engine.fail = operation
    assert asked(lab, command, "dev")[0] == 1
    assert [it[3] for it in engine.operations] == [True]


@pytest.mark.parametrize("operation", ["refresh", "destroy"])
def test_a_preview_alone_acts_on_nothing(lab: Lab, engine: Asked, operation: str) -> None:
    assert f"preview of {operation}" in run(put(lab), operation, "dev", "--preview-only")
    assert [(it[0], it[3]) for it in engine.operations] == [(operation, True)]


@pytest.mark.parametrize(
    ("line", "options"),
    [
        (
            f"up -t {SUBNET} --target-dependents --replace {SUBNET} -r -p 3 --continue-on-error",
            OperationOptions(
                targets=(SUBNET,),
                target_dependents=True,
                replaces=(SUBNET,),
                refresh=True,
                parallel=3,
                continue_on_error=True,
            ),
        ),
        (f"up --target-replace {SUBNET}", OperationOptions(targets=(SUBNET,), replaces=(SUBNET,))),
        (
            f"preview -x {SUBNET} --exclude-dependents --refresh",
            OperationOptions(excludes=(SUBNET,), exclude_dependents=True, refresh=True),
        ),
        (f"refresh --exclude {VPC} -x {SUBNET}", OperationOptions(excludes=(VPC, SUBNET))),
        (f"refresh --target {VPC} --parallel 1", OperationOptions(targets=(VPC,), parallel=1)),
        (
            "destroy --exclude-protected --continue-on-error -r",
            OperationOptions(exclude_protected=True, continue_on_error=True, refresh=True),
        ),
        (f"destroy -t {VPC} --target-dependents", OperationOptions(targets=(VPC,), target_dependents=True)),
        ("up", EVERYTHING),
    ],
)
def test_an_option_reaches_the_engine(lab: Lab, engine: Asked, line: str, options: OperationOptions) -> None:
    command, *given = line.split()
    run(put(lab), command, "dev", *given)
    assert {it[2] for it in engine.operations} == {options}


def test_what_is_named_in_one_stack_leaves_the_others_alone(lab: Lab, engine: Asked) -> None:
    run(put(lab), "up", "--target", THERE, "--skip-preview")
    assert [it[1] for it in engine.operations] == ["next"]


def test_targets_are_all_that_an_operation_is_about(lab: Lab) -> None:
    run(two_stacks(lab), "up", "dev", "--target", "**:Vpc::vpc")
    assert lab.living() == {"Vpc vpc"}
    run(lab, "up", "dev", "--skip-preview")
    run(lab, "destroy", "--target", SUBNET)
    assert lab.living() == {"Vpc vpc"}


# ---- which stacks, and which options for each ---------------------------------------------------------


def by_stack(**options: Any) -> dict[str, tuple[tuple[str, ...], ...]]:
    found = options_by_stack(RECORDS, OperationOptions(**options)).items()
    return {stack: (own.targets, own.excludes, own.replaces) for stack, own in found}


def test_each_stack_gets_what_is_about_its_own_resources() -> None:
    assert by_stack(excludes=(VPC, THERE)) == {"dev": ((), (VPC,), ()), "next": ((), (THERE,), ())}


def test_a_pattern_is_for_the_stacks_that_have_what_it_matches() -> None:
    assert by_stack(targets=("**:Vpc::*",)) == {"dev": (("**:Vpc::*",), (), ())}
    assert by_stack(targets=("urn:pulumi:*::lab::**::subnet",)).keys() == {"dev", "next"}
    assert by_stack(replaces=("*::lab",)).keys() == {"dev", "next"}, "it matches nothing, and says nothing"


def test_targets_decide_over_replacements() -> None:
    assert by_stack(targets=(VPC,), replaces=(THERE,)) == {"dev": ((VPC,), (), ())}


def test_a_target_may_be_about_to_be_made() -> None:
    assert by_stack(targets=(f"{VPC}2",)) == {"dev": ((f"{VPC}2",), (), ())}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"targets": (VPC.replace("dev", "prod"),)}, "no such resource in dev, next"),
        ({"excludes": (f"{VPC}2",)}, "no such resource in dev, next"),
        ({"replaces": (f"{VPC}2",)}, "no such resource in dev, next"),
        ({"targets": (VPC,), "excludes": (SUBNET,)}, "--target and --exclude can't be used together"),
        (
            {"targets": (VPC,), "exclude_protected": True},
            "you cannot specify --target and --exclude-protected",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(FailedError, match=says):
        options_by_stack(RECORDS, OperationOptions(**options))
