"""What the pack's README shows is what the pack has."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from textwrap import indent

import pytest
import yaml
from controls.pack import registry
from controls.pack.configuration import complaints
from controls.pack.exceptions import load

from tests.root import PACK, ROOT

README = (ROOT / "policy" / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^ *```{language}\n(.*?)^ *```$", README, re.DOTALL | re.MULTILINE)


def test_the_rule_that_is_shown_stands_so_in_its_files() -> None:
    shown = re.findall(r"^`([\w/.]+)`\n\n```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    assert [file for file, _ in shown] == [
        "policy/controls/services/ecr.py",
        "policy/controls/services/ecr.py",
        "tests/policy/cases/ecr.py",
    ]
    for file, code in shown:
        text = (ROOT / file).read_text()
        assert code in text or indent(code.rstrip(), "    ") in text


def test_the_configuration_that_is_shown_is_taken() -> None:
    shown = blocks("json")
    assert shown
    assert [it for text in shown for it in complaints(json.loads(text))] == []


def test_the_exception_that_is_shown_is_taken(tmp_path: Path) -> None:
    (shown,) = blocks("yaml")
    file = tmp_path / "exceptions.yaml"
    file.write_text(shown)
    ends: date = yaml.safe_load(shown)[0]["expires"]
    assert [it.id for it in load(registry.rules(), ends, file)] == ["EX-1"]


@pytest.mark.parametrize("folder", ["language", "services", "pack"])
def test_every_module_of_a_folder_that_is_named_is_there(folder: str) -> None:
    (row,) = re.findall(rf"^\| `{folder}/` \| (.*) \|$", README, re.MULTILINE)
    named = [it.rstrip("/") for it in re.findall(r"`([\w/]+)`", row)]
    assert named
    home = PACK / "controls" / folder
    assert [it for it in named if not (home / it).is_dir() and not (home / f"{it}.py").exists()] == []


def test_every_module_and_task_that_is_named_is_there() -> None:
    modules = set(re.findall(r"python -m (controls[.\w]+)", README))
    assert modules
    assert [it for it in modules if not (PACK / f"{it.replace('.', '/')}.py").exists()] == []
    tasks = set(re.findall(r"make\s+([a-z-]+)", README))
    assert tasks == {"policies-page", "coverage", "mutations"}
    assert [it for it in tasks if f"\n{it}: " not in (ROOT / "Makefile").read_text()] == []
