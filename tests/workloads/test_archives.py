"""Archives of the Lambdas, as components name them: each holds all modules of `workloads` that it imports."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pulumi import AssetArchive

from components.compute.functions.archive import lambda_archive
from tests.root import ROOT

PACKAGES = {path.parent.name for path in (ROOT / "workloads").glob("*/__init__.py")}
LIBRARIES = {"ledger_login"}  # in others' archives only
HANDLERS = (
    "workloads.authorizer.handler.handler",
    "workloads.matcher.entry.orders",
    "workloads.matcher.entry.relay",
    "workloads.matcher.entry.steward",
    "workloads.rotation.handler.handler",
    "workloads.signing_key.handler.handler",
)


def calls() -> dict[str, AssetArchive]:
    """Archives by their package, from the calls of `lambda_archive` in components; the arguments are literals."""
    return {
        ast.literal_eval(node.args[0]): lambda_archive(*map(ast.literal_eval, node.args))
        for path in (ROOT / "components").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lambda_archive"
    }


def imported(source: str) -> Iterator[str]:
    """Modules and names that a source imports, anywhere in it, as dotted names."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def file_of(name: str) -> str:
    """File of a module, or of the module that has the name."""
    for dotted in (name, name.rpartition(".")[0]):
        path = Path(*dotted.split("."))
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if (ROOT / file).is_file():
                return file.as_posix()
    raise AssertionError(f"{name}: no such module")


def test_every_package_but_the_libraries_is_deployed() -> None:
    assert set(calls()) == {f"workloads.{name}" for name in PACKAGES - LIBRARIES}


@pytest.mark.parametrize("package", sorted(PACKAGES - LIBRARIES))
def test_archive_holds_every_module_of_the_project_that_it_imports(package: str) -> None:
    files = calls()[f"workloads.{package}"].assets
    for file in (name for name in files if name.startswith("workloads/") and name.endswith(".py")):
        own = {
            name
            for name in imported((ROOT / file).read_text(encoding="utf-8"))
            if name.startswith("workloads.")
        }
        assert {file_of(name) for name in own} <= set(files), file


@pytest.mark.parametrize("handler", HANDLERS)
def test_handler_is_a_function(handler: str) -> None:
    module, _, function = handler.rpartition(".")
    assert callable(getattr(importlib.import_module(module), function))
