"""Requirements files: pins alone, everything that they need, and nothing else."""

from __future__ import annotations

import ast
import functools
import itertools
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.root import PACK, ROOT

PROGRAM: Final = "requirements.txt"
REHEARSAL: Final = "requirements-rehearsal.txt"
CHECKS: Final = "requirements-dev.txt"
PARTS: Final = {  # whose imports a file has, beside those of the file before it
    PROGRAM: ("components", "settings", "policy", "workloads", "__main__.py", "contracts.py", "naming.py"),
    REHEARSAL: ("rehearsal",),
    CHECKS: ("tests",),
}
OF_LAMBDA: Final = {"boto3", "botocore"}  # part of its runtime
COMMANDS: Final = {"pip", "basedpyright", "import-linter", "pytest-xdist", "ruff"}  # called, not imported
# On which Pythons and systems a package may need another.
PLACES: Final[list[dict[str, str]]] = [
    {"extra": "", "python_version": version, "python_full_version": f"{version}.0", "sys_platform": system}
    for version, system in itertools.product(("3.11", "3.12", "3.13"), ("linux", "darwin"))
]


def lines(file: str) -> list[str]:
    """The lines of a requirements file and of the one that it starts from, without comments."""
    found: list[str] = []
    for line in (ROOT / file).read_text().splitlines():
        found += lines(line.removeprefix("-r ")) if line.startswith("-r ") else [line]
    return [line for line in found if line and not line.startswith("#")]


def pins(file: str) -> dict[str, str]:
    return {
        canonicalize_name(name): version for name, _, version in (it.partition("==") for it in lines(file))
    }


def needs(name: str) -> Iterator[Requirement]:
    """The requirements of an installed package, on any of the places."""
    for each in map(Requirement, metadata.requires(name) or []):
        if each.marker is None or any(each.marker.evaluate(place) for place in PLACES):
            yield each


def unmet(pinned: Mapping[str, str]) -> list[str]:
    """Requirements of the pinned packages that no pin meets."""
    return [
        f"{name} needs {need}"
        for name in pinned
        for need in needs(name)
        if not need.specifier.contains(pinned.get(canonicalize_name(need.name), "missing"))
    ]


def sources(parts: Iterable[str]) -> Iterator[Path]:
    for path in (ROOT / part for part in parts):
        yield from [path] if path.is_file() else path.rglob("*.py")


def statements(body: Iterable[ast.AST], typing: bool) -> Iterator[ast.AST]:
    """The statements of a body and those inside them, with or without what is for the type checker alone."""
    for node in body:
        yield node
        checked = (
            isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        )
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            if typing or not checked or field != "body":
                yield from statements(getattr(node, field, ()), typing)


@functools.cache
def parsed(source: Path) -> ast.Module:
    return ast.parse(source.read_text())


def imported(source: Path, typing: bool = True) -> set[str]:
    """The packages of others that a source imports: their first names. `typing`: for the type checker, too."""
    names: set[str] = set()
    for node in statements(parsed(source).body, typing):
        if isinstance(node, ast.Import):
            names |= {it.name.partition(".")[0] for it in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    names -= sys.stdlib_module_names
    return {it for it in names if not any(ours(home / it) for home in (ROOT, PACK, source.parent))}


def ours(path: Path) -> bool:
    return path.is_dir() or path.with_suffix(".py").is_file()


@functools.cache
def distributions() -> Mapping[str, list[str]]:
    return metadata.packages_distributions()


def providers(name: str) -> set[str]:
    """The packages that bring what is imported under a name, such as PyYAML for `yaml`."""
    return {canonicalize_name(it) for it in distributions().get(name, [])}


@pytest.mark.parametrize("file", PARTS)
def test_every_line_pins_one_version(file: str) -> None:
    assert [line for line in lines(file) if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert len(pins(file)) == len(lines(file))


def test_each_file_starts_from_the_one_before() -> None:
    assert pins(PROGRAM).items() < pins(REHEARSAL).items() < pins(CHECKS).items()


@pytest.mark.parametrize("file", PARTS)
def test_a_file_has_everything_that_its_packages_need(file: str) -> None:
    assert unmet(pins(file)) == []


def test_a_need_that_no_pin_meets_is_found() -> None:
    pinned = pins(PROGRAM)
    assert unmet({it: version for it, version in pinned.items() if it != "dill"}) == [
        "pulumi needs dill~=0.4"
    ]
    assert unmet({**pinned, "dill": "1.0"}) == ["pulumi needs dill~=0.4"]


@pytest.mark.parametrize(("file", "parts"), PARTS.items())
def test_a_file_has_everything_that_its_part_of_the_project_imports(
    file: str, parts: tuple[str, ...]
) -> None:
    allowed = pins(file).keys() | OF_LAMBDA
    lacking = {
        f"{source.relative_to(ROOT)}: {name}"
        for source in sources(parts)
        for name in imported(source, typing=False)
        if not providers(name) & allowed
    }
    assert lacking == set()


def test_imports_of_others_are_found(tmp_path: Path) -> None:
    source = tmp_path / "a.py"
    (tmp_path / "beside.py").touch()
    source.write_text(
        "import os, yaml.nodes, beside, components.cell\nfrom controls import pack\nfrom . import b\n"
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import rich\ndef f():\n    from google import rpc\n"
    )
    assert imported(source) == {"yaml", "rich", "google"}
    assert imported(source, typing=False) == {"yaml", "google"}
    assert providers("yaml") == {"pyyaml"}


def test_a_file_has_nothing_that_its_part_of_the_project_can_do_without() -> None:
    before: dict[str, str] = {}
    for file, parts in PARTS.items():
        pinned = pins(file)
        used = {it for source in sources(parts) for name in imported(source) for it in providers(name)}
        used |= {canonicalize_name(need.name) for name in pinned for need in needs(name)}
        assert pinned.keys() - before.keys() - used - COMMANDS == set(), file
        before = pinned
