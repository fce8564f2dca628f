"""README, guides, workflows and hooks: the files, headings, tasks and tools that they name are there."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.drills.registry import DRILLS
from tests import markdown
from tests.root import ROOT

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [path for path in sorted((GITHUB / "ISSUE_TEMPLATE").glob("*.yml")) if path.name != "config.yml"]
MAKEFILE = (ROOT / "Makefile").read_text()
TASKS = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
MADE = (".venv/", ".rehearsal/", ".cache/")  # folders that aren't there before a task has run
SUFFIXES = (".json", ".md", ".py", ".sql", ".svg", ".toml", ".tsv", ".txt", ".yaml", ".yml")
NAMES = {path.name for path in markdown.sources()}
LONGEST_README = 150


def recipe(task: str) -> list[str]:
    """The commands of a task, as a shell gets them."""
    found = re.search(rf"^{task}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert found is not None, f"{task} is no task of the Makefile"
    return [line.strip().removeprefix("@").replace("$(BIN)", ".venv/bin") for line in found[1].splitlines()]


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


def jobs(workflow: Path) -> Mapping[str, Mapping[str, Any]]:
    return read(workflow)["jobs"]


def commands(workflow: Path) -> Iterator[str]:
    """Commands of the steps, once for each value of the job's matrix."""
    for job in jobs(workflow).values():
        matrix: Mapping[str, list[str]] = job.get("strategy", {}).get("matrix", {})
        for step in job["steps"]:
            said = [step["run"]] if "run" in step else []
            for name, values in matrix.items():
                said = [text.replace(f"${{{{ matrix.{name} }}}}", value) for text in said for value in values]
            yield from dict.fromkeys(said)


def tasks_of(text: str) -> list[str]:
    """The tasks of `make` that a command calls; `NAME=value` before one isn't any."""
    return re.findall(r"\bmake (?:[A-Z]+=\S+ )*([a-z][\w-]*)", text)


def broken(file: Path) -> Iterator[str]:
    """The links of a file that lead nowhere; pages elsewhere aren't asked."""
    for target in markdown.links(file.read_text()):
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        path, _, anchor = target.partition("#")
        there = (file.parent / path).resolve() if path else file
        if not there.exists():
            yield f"{file.relative_to(ROOT)}: {target}: no such file"
        elif anchor and anchor not in markdown.anchors(there.read_text()):
            yield f"{file.relative_to(ROOT)}: {target}: no such heading"


def lost_paths(file: Path) -> Iterator[str]:
    """The paths in backticks that are no file or folder, neither from the project's root nor from beside the page.

    A name without its folder is that of a file anywhere.
    """
    top = {path.name for path in ROOT.iterdir()}
    for text in dict.fromkeys(markdown.code(file.read_text())):
        if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*/?", text) or text.startswith(MADE):
            continue
        whole = "/" in text
        if not (text.endswith(SUFFIXES) or (whole and text.split("/")[0] in top)):
            continue
        near = [ROOT / text, file.parent / text]
        if not any(path.exists() for path in near) and (whole or text not in NAMES):
            yield f"{file.relative_to(ROOT)}: {text}"


# Pages.


@pytest.mark.parametrize("file", markdown.files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(file: Path) -> None:
    assert [*broken(file)] == []


@pytest.mark.parametrize("file", markdown.files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_path_in_backticks_is_there(file: Path) -> None:
    assert [*lost_paths(file)] == []


@pytest.mark.parametrize("file", markdown.files(), ids=lambda file: str(file.relative_to(ROOT)))
def test_every_task_that_a_page_names_is_in_the_makefile(file: Path) -> None:
    text = file.read_text()
    said = [*markdown.code(text), *(line for block in markdown.blocks(text) for line in block.splitlines())]
    named = [task for each in said if each.startswith("make ") for task in tasks_of(each)]
    assert [task for task in named if task not in TASKS] == []


def test_links_and_paths_that_lead_nowhere_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    (tmp_path / "b.md").write_text("# One thing\n\n## One thing\n\n```\n# no heading\n```\n")
    page = tmp_path / "a.md"
    page.write_text(
        "[1](b.md#one-thing) [2](b.md#one-thing-1) [3](b.md#no-heading) [4](c.md) [5](#a) `[6](d.md)` `c.py` `b.md`"
    )
    assert [*broken(page)] == [
        "a.md: b.md#no-heading: no such heading",
        "a.md: c.md: no such file",
        "a.md: #a: no such heading",
    ]
    assert [*lost_paths(page)] == ["a.md: c.py"]


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= LONGEST_README


def test_every_page_of_docs_is_in_their_index() -> None:
    listed = {
        target.partition("#")[0] for target in markdown.links((ROOT / "docs" / "README.md").read_text())
    }
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert pages - listed == set()


def test_every_drill_is_in_the_page_of_the_rehearsal() -> None:
    rows = markdown.rows((ROOT / "docs" / "rehearsal.md").read_text(), "## Drills")
    named = [text.split()[0] for name, _ in rows for text in markdown.code(name)]
    assert sorted(named) == sorted(DRILLS)


# Workflows.


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_every_command_of_a_workflow_is_a_task_or_installs_what_tests_need(workflow: Path) -> None:
    run = [*commands(workflow)]
    assert run
    for command in run:
        tasks = tasks_of(command)
        assert [task for task in tasks if task not in TASKS] == []
        assert command in [f"make {task}" for task in tasks] or command.startswith("sudo apt-get ")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_may_only_read_and_ends_by_itself(workflow: Path) -> None:
    assert read(workflow)["permissions"] == {"contents": "read"}
    assert "secrets." not in workflow.read_text()
    for job in jobs(workflow).values():
        assert "permissions" not in job
        assert job["timeout-minutes"] <= 180
        assert job["runs-on"].startswith("ubuntu-")


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_githubs_own_at_one_version(workflow: Path) -> None:
    used = [step["uses"] for job in jobs(workflow).values() for step in job["steps"] if "uses" in step]
    assert used
    assert [each for each in used if not re.fullmatch(r"actions/[\w-]+@v\d+\.\d+\.\d+", each)] == []


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_run_on_the_oldest_python_that_the_project_takes(workflow: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    steps = [step for job in jobs(workflow).values() for step in job["steps"]]
    versions = [step["with"]["python-version"] for step in steps if "setup-python" in step.get("uses", "")]
    assert versions
    assert {f">={version}" for version in versions} == {project["requires-python"]}


def test_every_push_is_tested_and_every_night_tries_more() -> None:
    found = {
        path.stem: {task for command in commands(path) for task in tasks_of(command)} for path in WORKFLOWS
    }
    assert found == {"test": {"setup", "test", "slow"}, "nightly": {"setup", "drills", "nightly", "bench"}}


# Hooks and forms.


def hooks() -> list[Mapping[str, Any]]:
    return [hook for repo in read(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]


def test_hooks_download_nothing() -> None:
    assert {repo["repo"] for repo in read(ROOT / ".pre-commit-config.yaml")["repos"]} == {"local"}
    assert {hook["language"] for hook in hooks()} == {"system"}


def test_hooks_are_the_commands_of_lint_types_and_imports() -> None:
    entries = [hook["entry"].removeprefix("env ") for hook in hooks()]
    assert sorted(entries) == sorted(line for task in ("lint", "types", "imports") for line in recipe(task))


def test_the_tools_of_the_hooks_are_there() -> None:
    tools = [word for hook in hooks() for word in hook["entry"].split() if word.startswith(".venv/bin/")]
    assert len(tools) == len(hooks())
    assert [tool for tool in tools if not (ROOT / tool).is_file()] == []


@pytest.mark.parametrize("form", FORMS, ids=lambda path: path.stem)
def test_a_form_asks_for_something_and_calls_each_answer_by_its_own_id(form: Path) -> None:
    asked = read(form)
    assert asked["name"]
    assert asked["description"]
    ids = [field["id"] for field in asked["body"] if field["type"] != "markdown"]
    assert ids
    assert len(ids) == len(set(ids))
    assert any(field.get("validations", {}).get("required") for field in asked["body"])


def test_there_are_forms_for_bugs_rules_and_questions() -> None:
    assert [form.stem for form in FORMS] == ["bug", "question", "rule"]
