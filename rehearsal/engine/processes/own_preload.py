"""Preload of a project's own modules: those that it says are the same for every run, imported once for all runs.

A project names them in its `pyproject.toml`, by the folder that its programs are run in:

    [tool.rehearsal.preload]
    "." = ["components.cell.cell"]
    "policy" = ["controls.pack.registry"]

They, and what they import, may only define things: they must not read config, stack or environment while they are
imported. A run in another folder, or after one of the sources has changed, imports its own instead.
"""

from __future__ import annotations

import importlib
import os
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from rehearsal.engine.events import FailedError

_FILE = "pyproject.toml"
_WHERE = f"{_FILE}: tool.rehearsal.preload"


@dataclass(frozen=True)
class _Loaded:
    """Modules that were imported for the runs in one folder, with what their sources were then."""

    modules: dict[str, ModuleType]
    sources: dict[str, tuple[int, int]]

    def is_current(self) -> bool:
        return all(_stamp(file) == stamp for file, stamp in self.sources.items())


_loaded: dict[str, _Loaded] = {}  # by folder


def named(project: Path) -> dict[str, list[str]]:
    """Modules that a project names, by their folder's absolute path. Raises FailedError for a malformed table."""
    file = project / _FILE
    if not file.exists():
        return {}
    try:
        table = tomllib.loads(file.read_text()).get("tool", {}).get("rehearsal", {}).get("preload", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FailedError(f"{file}: not TOML: {error}") from None
    if not isinstance(table, dict):
        raise FailedError(f'{_WHERE}: write a table, for example "." = ["components.cell.cell"]')
    for folder, modules in table.items():
        if not (isinstance(modules, list) and all(isinstance(name, str) for name in modules)):
            raise FailedError(
                f'{_WHERE}: {folder}: write a list of modules, for example ["components.cell.cell"]'
            )
    return {str((project / folder).resolve()): modules for folder, modules in table.items()}


def load(names: Mapping[str, list[str]]) -> None:
    """Imports the modules of each folder. If one can't be, none of its folder is kept: a run tells its user why."""
    for folder, modules in names.items():
        before = set(sys.modules)
        try:
            with _in(folder):
                for name in modules:
                    importlib.import_module(name)
        except (Exception, SystemExit):  # each run imports it again, and its user sees it there
            for name in _own(folder, before):
                del sys.modules[name]
            continue
        own = _own(folder, before)
        _loaded[folder] = _Loaded(
            own, {file: _stamp(file) for module in own.values() for file in _file(module)}
        )


def keep_for(folder: str) -> None:
    """Forgets, in a fork, the modules that aren't those of a run in this folder, and those of changed sources."""
    for at, loaded in _loaded.items():
        if at != str(Path(folder).resolve()) or not loaded.is_current():
            for name in loaded.modules:
                sys.modules.pop(name, None)


@contextmanager
def _in(folder: str) -> Iterator[None]:
    """The process as a run in the folder finds it: its working directory, and the first place to import from."""
    before = Path.cwd(), sys.path[0]
    os.chdir(folder)
    sys.path[0] = folder
    try:
        yield
    finally:
        os.chdir(before[0])
        sys.path[0] = before[1]


def _own(folder: str, before: set[str]) -> dict[str, ModuleType]:
    """Modules imported since, whose sources are in the folder; in no hidden one of it, such as an environment."""
    new = {name: module for name, module in sys.modules.items() if name not in before}
    return {
        name: module
        for name, module in new.items()
        for file in _file(module)
        if Path(file).is_relative_to(folder)
        and not any(part.startswith(".") for part in Path(file).relative_to(folder).parts)
    }


def _file(module: ModuleType) -> list[str]:
    """The module's file, if it has one."""
    file = getattr(module, "__file__", None)
    return [file] if file else []


def _stamp(file: str) -> tuple[int, int]:
    """Time and size of a file, which differ after a change; zeros for a file that is gone."""
    try:
        stat = os.stat(file)  # noqa: PTH116 for each source of each run: a Path costs as much again
    except OSError:
        return 0, 0
    return stat.st_mtime_ns, stat.st_size
