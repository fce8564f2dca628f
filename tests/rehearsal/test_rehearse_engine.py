"""The command `rehearse-engine`, as a person uses it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rehearsal.cli_engine import missing_cli
from rehearsal.commands.cli import app
from tests.rehearsal.lab import Lab

PROJECT = """
name: lab
runtime: python
config:
  birthCell: {type: string, default: dev}
  cells: {type: array, items: {type: object}, default: [{name: dev}]}
  retire: {type: boolean, default: false}
"""
KEYS = """
kept = not pulumi.Config("lab").require_bool("retire")
key = aws.kms.Key("key", multi_region=True, opts=O(provider=p, protect=kept))
aws.kms.ReplicaKey("replica", primary_key_arn=key.arn, region="eu-west-1", opts=o)
"""


@pytest.fixture
def project(lab: Lab) -> Lab:
    (lab.folder / "Pulumi.yaml").write_text(PROJECT)
    (lab.folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    lab.program(KEYS)
    return lab


def rehearse(lab: Lab, *arguments: str) -> Result:
    given = ["-C", str(lab.folder), "--state", str(lab.state / "engine"), *arguments]
    return CliRunner().invoke(app, given)


def tree(folder: Path) -> dict[str, str]:
    """A digest of every file of the working tree, by path; what is ignored isn't part of it."""
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file() and not {".rehearsal", ".cache", "__pycache__"} & set(file.parts)
    }


def test_without_the_cli_one_line_says_what_is_missing(
    project: Lab, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    said = rehearse(project, "rehearse-engine")
    assert said.exit_code == 1
    assert said.output.strip() == f"error: {missing_cli()}"
    assert "needs the Pulumi CLI, 3.200 or newer, on PATH" in said.output


@pytest.mark.engine
def test_a_whole_rehearsal_ends_with_nothing_left_and_the_working_tree_as_it_was(project: Lab) -> None:
    before = tree(project.folder)
    said = rehearse(project, "rehearse-engine", "--drill", "key-replica-disabled")
    assert said.exit_code == 0, said.output
    assert "the replica of mrk-" in said.output
    assert "kept by AWS: aws:kms/key:Key" in said.output
    assert "down: each stack is retired, then destroyed" in said.output
    assert tree(project.folder) == before


@pytest.mark.engine
def test_a_drill_that_there_isnt_is_refused_before_anything_is_brought_up(project: Lab) -> None:
    said = rehearse(project, "rehearse-engine", "--drill", "key-replica-disable")
    assert said.exit_code == 1
    assert said.output.strip() == "error: no drill is called key-replica-disable; is it key-replica-disabled?"
