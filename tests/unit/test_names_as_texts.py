"""Modules, functions and sources that are named in texts, which no type checker follows: each is still there."""

from __future__ import annotations

import ast
import importlib
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.engine.journey import LATER
from tests.program_copy import edit_source
from tests.root import PACK, ROOT
from tests.stacks.drills.test_protection import OPTIONS

FOLDERS: Final = ("components", "policy/controls", "rehearsal", "settings", "workloads")
# `workloads.matcher.entry.orders`, or `settings:stacks`; `settings.x` may also be a property of AWS's.
NAME: Final = re.compile(
    r"(components|controls|rehearsal|workloads)(\.\w+)+(:\w+)?|(contracts|naming|settings)(\.\w+)*:\w+"
)
LIKELY: Final = re.compile(rf"[\"']({NAME.pattern})[\"']|\bhandler=")
SOURCES: Final = sorted(
    [
        *ROOT.glob("*.py"),
        *PACK.glob("*.py"),
        *(it for folder in FOLDERS for it in (ROOT / folder).rglob("*.py")),
    ]
)


def names(text: str) -> Iterator[str]:
    """Names that a module's texts hold, and the handlers of its functions, whatever they look like."""
    if not LIKELY.search(text):  # most modules, whose parsing costs a second of every collection
        return
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg == "handler" and isinstance(node.value, ast.Constant):
            handler = str(node.value.value)
            if "." in handler and not NAME.fullmatch(handler):  # else it is among the texts
                yield handler


def found(name: str) -> object:
    """The module, or what a module has under its last name. ImportError or AttributeError without one."""
    module, _, attribute = name.partition(":")
    if attribute:
        return getattr(importlib.import_module(module), attribute)
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        module, _, attribute = name.rpartition(".")
        return getattr(importlib.import_module(module), attribute)


NAMED: Final = sorted(
    {(it.relative_to(ROOT).as_posix(), name) for it in SOURCES for name in names(it.read_text())}
)


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_what_a_source_names_in_a_text_can_be_imported(file: str, name: str) -> None:
    assert found(name), f"{file} names {name}"


def test_all_kinds_of_names_in_texts_are_found() -> None:
    assert {
        "rehearsal.engine.processes.language_host:run",  # an entry of the fork server
        "settings:stacks",
        "workloads.matcher",  # an archive's package
        "workloads.matcher.entry.orders",  # a Lambda's handler
        "workloads.rotation.handler.handler",
    } <= {name for _, name in NAMED}


@pytest.mark.parametrize("handler", ["workloads.rotation.gone.handler", "rotation.handler.handler"])
def test_the_handler_of_a_function_that_isnt_there_is_found_and_fails(handler: str) -> None:
    (name,) = names(f"Function('rotation', handler='{handler}')")
    assert name == handler
    with pytest.raises(ImportError):
        found(name)


@pytest.mark.parametrize("project", [ROOT / "Pulumi.yaml", PACK / "PulumiPolicy.yaml"])
def test_the_program_that_a_project_file_names_is_there(project: Path) -> None:
    main = project.parent / yaml.safe_load(project.read_text()).get("main", ".")
    assert (main / "__main__.py" if main.is_dir() else main).is_file()


def test_the_sources_that_tests_edit_have_the_texts_that_they_replace(tmp_path: Path) -> None:
    edits = [(file, old, new) for file, old, new, *_ in OPTIONS.values()]
    for number, (file, old, new) in enumerate(edits):
        copy = tmp_path / str(number)
        (copy / file).parent.mkdir(parents=True)
        shutil.copy(ROOT / file, copy / file)
        edit_source(copy, file, old, new)
    for file, replaced in LATER.items():  # one after another, in one copy
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)
        for old, new in replaced:
            edit_source(tmp_path, file, old, new)
