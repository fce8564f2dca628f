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
# `rehearsal.engine.processes.sdk` or `controls.pack.exported:moves`. `settings.x` may also be a property of AWS's.
NAME: Final = re.compile(
    r"(components|controls|rehearsal|workloads)(\.\w+)+(:\w+)?|(contracts|naming|settings)(\.\w+)*:\w+"
)
SOURCES: Final = sorted(
    [
        *ROOT.glob("*.py"),
        *PACK.glob("*.py"),
        *(it for folder in FOLDERS for it in (ROOT / folder).rglob("*.py")),
    ]
)


def names(text: str) -> Iterator[str]:
    """The names that a module's texts hold, and those that it puts together from a prefix and an argument."""
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and NAME.fullmatch(node.value):
            yield node.value
        elif isinstance(node, ast.FunctionDef):
            for prefix, parameter in _prefixes(node):
                yield from (prefix + value for value in _arguments(tree, node, parameter))
        elif isinstance(node, ast.keyword) and node.arg == "handler" and isinstance(node.value, ast.Constant):
            handler = str(node.value.value)
            if "." in handler and not NAME.fullmatch(handler):  # else it is among the texts, or put together
                yield handler


def _prefixes(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """The f-strings that are a name but for its end, which is one of the function's parameters."""
    for node in ast.walk(function):
        if isinstance(node, ast.JoinedStr):
            match node.values:
                case [ast.Constant(value=str(prefix)), ast.FormattedValue(value=ast.Name(id=parameter))]:
                    if NAME.fullmatch(f"{prefix}x"):
                        yield prefix, parameter


def _arguments(tree: ast.Module, function: ast.FunctionDef, parameter: str) -> list[str]:
    """The texts that the module's calls of a function pass for a parameter; at least one."""
    parameters = [it.arg for it in function.args.args if it.arg != "self"]
    found: list[str] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == function.name:
            given = dict(zip(parameters, node.args, strict=False)) | {
                it.arg: it.value for it in node.keywords
            }
            value = given[parameter]
            assert isinstance(value, ast.Constant), f"{function.name}: {parameter} isn't a text in every call"
            found.append(str(value.value))
    assert found, f"nobody calls {function.name}, which puts a name together"
    return found


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
        "controls.pack.exported:moves",  # of the pack, put together
        "rehearsal.engine.processes.program:run",  # an entry of the server of forks
        "settings:stacks",
        "workloads.matcher",  # an archive's package
        "workloads.matcher.entry.orders",  # a Lambda's handler, put together
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
