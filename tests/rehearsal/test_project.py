"""Config of a stack, from the project's files."""

from pathlib import Path

import pytest

from rehearsal.project import Project, ProjectError

PROJECT = """
name: lab
config:
  pulumi:disable-default-providers: {value: ["aws"]}
  size: {type: integer, default: 3}
  cells: {type: array, items: {type: object}, default: [{name: a}]}
  zone: {type: string}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "Pulumi.yaml").write_text(PROJECT)
    return tmp_path


def test_a_stack_inherits_overrides_and_is_overridden(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text("config: {lab:zone: z, lab:size: '5', aws:region: r}")
    assert Project.read(folder).config("dev", {"lab:zone": "y"}) == {
        "pulumi:disable-default-providers": '["aws"]',
        "lab:size": "5",
        "lab:cells": '[{"name": "a"}]',
        "lab:zone": "y",
        "aws:region": "r",
    }


def test_a_declared_key_without_value_is_refused(folder: Path) -> None:
    with pytest.raises(
        ProjectError, match="Stack 'dev' is missing configuration value 'lab:zone'; add it to"
    ):
        Project.read(folder).config("dev", {})


@pytest.mark.parametrize("value", ["true", "1.5", "x", "[]"])
def test_a_value_of_another_type_is_refused(folder: Path, value: str) -> None:
    with pytest.raises(ProjectError, match="'lab:size' must be of type 'integer', not"):
        Project.read(folder).config("dev", {"lab:zone": "z", "lab:size": value})


def test_a_folder_without_project_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"Pulumi.yaml: no such file; run this where Pulumi.yaml is"):
        Project.read(tmp_path)


@pytest.mark.parametrize("text", ["[", "- a", "runtime: python"])
def test_a_project_file_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "Pulumi.yaml").write_text(text)
    with pytest.raises(ProjectError, match=r"Pulumi\.yaml: "):
        Project.read(tmp_path)
