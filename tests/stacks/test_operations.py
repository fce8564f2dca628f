"""The committed program through its life in the rehearsal: up, up again, refused, retired, destroyed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from rehearsal.cloud import Cloud
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Violation
from rehearsal.engine.operations import Engine, Result
from tests.program_copy import copy_program, edit_source
from tests.stacks.platform import PACK, ROOT, Platform, engine, update

STACKS = ["us-east-1", "eu-west-1", "us-west-2"]

# What AWS tells of a cluster or table changes when others join it, and of a peering when the other side accepts it;
# only a refresh shows it, and no input depends on it.
JOINED_SINCE = {
    ("refresh", "globalClusterMembers"),
    ("refresh", "clusterMembers"),
    ("refresh", "acceptStatus"),
    ("refresh", "replicas"),
}


def errors(result: Result) -> list[str]:
    return [e.message for e in result.events if isinstance(e, Diagnostic) and e.severity == "error"]


def preview(opened: Engine, stack: str, **config: str) -> Result:
    return opened.preview(stack, opened.project.config(stack, config))


def test_a_preview_from_nothing_passes_every_policy_that_can_be_decided(platform: Platform) -> None:
    for stack, found in platform.previews.items():
        assert not found.failed, errors(found)
        assert found.verdicts
        assert not found.verdicts.failed
        assert found.verdicts.undecided, stack  # from nothing, no id is known yet
        assert not [e for e in found.events if isinstance(e, Violation)]


def test_up_passes_every_policy_with_nothing_undecided(platform: Platform) -> None:
    for done in platform.results.values():
        assert done.verdicts
        assert not done.verdicts.failed
        assert not done.verdicts.undecided
    assert platform.violations == []


def test_up_creates_everything_once_as_previewed(platform: Platform) -> None:
    for stack, done in platform.empty.items():
        assert {step.op for step in done.steps} <= {"create", "read"}
        assert {step.urn for step in done.steps} == {step.urn for step in platform.previews[stack].steps}


def test_a_release_creates_what_has_images_and_changes_only_the_checks_of_it(
    platform: Platform,
) -> None:
    for done in platform.results.values():
        assert {step.op for step in done.steps} <= {"create", "read", "same", "update"}
        updated = {urns.name_of(step.urn) for step in done.steps if step.op == "update"}
        assert all(name.startswith("cell-serving-") for name in updated), updated


def test_services_can_do_their_work_with_the_roles_that_they_are_given(platform: Platform) -> None:
    cloud = Cloud(dict(platform.things), ROOT / ".cache" / "schema")
    assert [(it.urn, why) for it, why in cloud.without_effect()] == []


@pytest.mark.parametrize("stack", [*(pytest.param(it, marks=pytest.mark.slow) for it in STACKS), "global"])
def test_the_second_time_nothing_changes_nor_after_a_refresh(
    platform_state: Path, tmp_path: Path, stack: str
) -> None:
    state = shutil.copytree(platform_state, tmp_path / "state")
    with engine(state) as opened:
        journals = {file.name: file.read_bytes() for file in state.glob("*.journal")}
        assert preview(opened, stack).changes == 0
        assert update(opened, stack).changes == 0
        assert {file.name: file.read_bytes() for file in state.glob("*.journal")} == journals
        refreshed = opened.refresh(stack)
        assert not refreshed.failed
        assert {(s.op, *s.found) for s in refreshed.steps} <= {("refresh",), *JOINED_SINCE}
        assert preview(opened, stack).changes == 0


def test_a_preview_without_its_left_neighbour_is_refused_in_the_clis_words(tmp_path: Path) -> None:
    with engine(tmp_path) as opened:
        result = preview(opened, "eu-west-1")
        assert errors(result) == ['unknown stack "organization/castle/us-east-1"']


def test_a_violation_fails_the_preview_names_rule_and_resource_and_leaves_the_state(
    platform_state: Path, tmp_path: Path
) -> None:
    program = copy_program(tmp_path / "program")
    with engine(shutil.copytree(platform_state, tmp_path / "state"), program, PACK) as opened:
        before = (tmp_path / "state" / "us-east-1.journal").read_bytes()
        edit_source(
            program, "components/data/ledger/parameters.py", '"rds.force_ssl": "1"', '"rds.force_ssl": "0"'
        )
        result = preview(opened, "us-east-1")
    assert (tmp_path / "state" / "us-east-1.journal").read_bytes() == before
    assert result.failed
    assert result.verdicts
    (violation,) = result.verdicts.mandatory
    assert violation.rule == "aurora-force-ssl"
    assert urns.name_of(violation.urn) == "cell-ledger-parameters"


def test_a_renamed_output_is_one_clear_error_in_its_reader(tmp_path: Path) -> None:
    program = copy_program(tmp_path / "program")
    with engine(tmp_path / "state", program) as opened:
        edit_source(
            program,
            "contracts.py",
            "pulumi.export(to_camel(field.name)",
            'pulumi.export(to_camel(field.name).replace("keyIds", "keys")',
        )
        update(opened, "us-east-1")
        (message,) = errors(preview(opened, "eu-west-1"))
    assert message == (
        "stack us-east-1: output keyIds is missing; run `pulumi up --stack us-east-1` with this version of the "
        "program first"
    )


def test_a_stack_is_destroyed_only_once_it_is_retired(platform_state: Path, tmp_path: Path) -> None:
    with engine(shutil.copytree(platform_state, tmp_path / "state")) as opened:
        refused = opened.destroy("us-west-2")
        assert "because it is protected" in errors(refused)[0]
        assert not refused.steps


@pytest.mark.parametrize("stack", [*STACKS, "eu-north-1"])
def test_retiring_what_is_in_use_is_refused(tmp_path: Path, stack: str) -> None:
    with engine(tmp_path) as opened:
        (message,) = errors(preview(opened, stack, **{"castle:retire": "true"}))
    assert message.startswith("castle:retire: " if stack in STACKS else "stack eu-north-1: ")
