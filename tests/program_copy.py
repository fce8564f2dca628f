"""Copies of the committed program, for tests that change its sources or run it elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.root import ROOT

PROGRAM: Final = (
    "__main__.py",
    "contracts.py",
    "naming.py",
    "pyproject.toml",  # which says how images are deployed
    "settings",
    "components",
    "workloads",
)


def copy_program(folder: Path, more: Sequence[str] = ()) -> Path:
    """Copies the program and its stack files into a new folder. `more` are other files and folders of the project."""
    folder.mkdir()
    for name in [*PROGRAM, *more, *(path.name for path in ROOT.glob("Pulumi*.yaml"))]:
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    return folder


def edit_source(folder: Path, file: str, old: str, new: str) -> None:
    """Replaces a text in a file of a copy. AssertionError with file and text unless it stands there exactly once."""
    path = folder / file
    assert path.is_file(), (
        f"{file} isn't there any more, in which {old!r} was to be replaced; it may have moved"
    )
    text = path.read_text()
    assert text.count(old) == 1, f"{file} has {text.count(old)} times {old!r}, which is to be replaced once"
    path.write_text(text.replace(old, new))
