"""Release in the rehearsal: images are pushed after the first update, and deployed by the next."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rehearsal.commands.cli import app
from rehearsal.project import Project, ProjectError
from rehearsal.release import images_key, paths_written, released
from tests.rehearsal.lab import Lab

SHOP = """
import json
images = json.loads(pulumi.Config("lab").get("images") or "{}")
repository = aws.ecr.Repository("api", name="shop/api", opts=o)
trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}
role = aws.iam.Role("role", assume_role_policy=json.dumps({"Version": "2012-10-17", "Statement": [trust]}), opts=o)
if "api" in images:
    uri = pulumi.Output.concat(repository.repository_url, "@", images["api"])
    aws.lambda_.Function("api", package_type="Image", image_uri=uri, role=role.arn, opts=o)
"""


@pytest.fixture
def shop(lab: Lab) -> Lab:
    lab.program(SHOP)
    (lab.folder / "Pulumi.dev.yaml").write_text("config: {}\n")
    (lab.folder / "pyproject.toml").write_text('[tool.rehearsal.release]\nimages = "lab:images"\n')
    return lab


def asked(lab: Lab, *arguments: str) -> tuple[int, str]:
    own = ("-C", str(lab.folder), "--state", str(lab.state), "--no-policies")
    done = CliRunner().invoke(app, [*own, *arguments])
    return done.exit_code, done.output


def test_a_push_before_the_first_update_is_refused(shop: Lab) -> None:
    code, said = asked(shop, "push")
    assert code == 1
    assert "no stack that is up has a repository; images are pushed after the first update" in " ".join(
        said.split()
    )


def test_what_is_pushed_is_deployed_by_the_next_update_and_stays(shop: Lab) -> None:
    assert asked(shop, "up", "--skip-preview")[0] == 0
    assert "Function api" not in shop.living()
    code, said = asked(shop, "push")
    assert code == 0, said
    assert "shop/api:rehearsed  sha256:" in said
    assert "dev: lab:images has these digests from now on" in said
    assert asked(shop, "up", "--skip-preview")[0] == 0
    assert "Function api" in shop.living()
    nothing = shop.lines()
    assert asked(shop, "up", "--skip-preview")[0] == 0
    assert shop.lines() == nothing
    project = released(Project.read(shop.folder), shop.state)
    first = json.loads(project.config("dev", {})["lab:images"])["api"]
    assert asked(shop, "push", "--tag", "next")[0] == 0
    project = released(Project.read(shop.folder), shop.state)
    assert json.loads(project.config("dev", {})["lab:images"])["api"] != first
    assert "lab:images" not in Project.read(shop.folder).config("dev", {})
    assert "lab:images" not in project.config("other", {})  # a stack that wasn't up


def test_a_digest_that_was_never_pushed_fails_where_it_is_needed(shop: Lab) -> None:
    wrong = json.dumps({"api": "sha256:" + "0" * 64})
    code, said = asked(shop, "up", "--skip-preview", "-c", f"lab:images={wrong}")
    assert code == 1
    assert "can't be pulled" in said


def test_rehearse_releases_between_two_rounds(shop: Lab) -> None:
    code, said = asked(shop, "rehearse")
    assert code == 0, said
    assert said.index("first time") < said.index("images are pushed") < said.index("next time")


def test_a_project_without_images_has_no_release(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: lab\nruntime: python\n")
    project = Project.read(tmp_path)
    assert images_key(project) == ""
    (tmp_path / "pyproject.toml").write_text("[tool.rehearsal.release]\nimages = 1\n")
    with pytest.raises(ProjectError, match=r'write a config key, for example "castle:images"'):
        images_key(project)
    (tmp_path / "pyproject.toml").write_text("[tool")
    with pytest.raises(ProjectError, match=r"pyproject\.toml: not TOML"):
        images_key(project)


def test_what_the_images_write_goes_with_them(shop: Lab) -> None:
    (shop.folder / "pyproject.toml").write_text(
        '[tool.rehearsal.release]\nimages = "lab:images"\nwrites = ["/var/run"]\n'
    )
    assert paths_written(Project.read(shop.folder)) == ["/var/run"]


@pytest.mark.parametrize("writes", ['"/tmp"', '["tmp"]', "[1]"])
def test_what_the_images_write_are_absolute_paths(shop: Lab, writes: str) -> None:
    (shop.folder / "pyproject.toml").write_text(f"[tool.rehearsal.release]\nwrites = {writes}\n")
    with pytest.raises(ProjectError, match=r"tool\.rehearsal\.release\.writes: write absolute paths"):
        paths_written(Project.read(shop.folder))
