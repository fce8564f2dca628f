"""Folders, imports and paths that are named in documents and settings: what holds them together as files move."""

from __future__ import annotations

import ast
import graphlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import grimp
import pytest

from tests.root import PACK, ROOT

PROJECT: Final[Mapping[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
MOST: Final = 15  # modules beside each other: what a reader takes in at a glance
ONE_A_SERVICE: Final = {"policy/controls/services", "tests/policy/cases"}  # as many as AWS has services
SKIPPED: Final = re.compile(r"\.(?!github)|__pycache__")  # folders that hold no sources of ours
TOP: Final = sorted(it.name for it in ROOT.iterdir() if it.is_dir() and not SKIPPED.match(it.name))
# In documents a path is a whole text in backticks, in the Makefile a word.
QUOTED: Final = re.compile(rf"`((?:{'|'.join(map(re.escape, [*TOP, 'controls']))})/[^`\s]*)`")
WORD: Final = re.compile(rf"(?<![\w./-])((?:{'|'.join(map(re.escape, TOP))})/[\w./-]*\w)")
DOCUMENTS: Final = sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md"), PACK / "README.md"])


def alternatives(pattern: str) -> Iterator[str]:
    """The patterns that one with braces stands for: `a/{b,c}.py` for `a/b.py` and `a/c.py`."""
    braces = re.search(r"\{([^{}]*)\}", pattern)
    if braces is None:
        yield pattern
        return
    for each in braces[1].split(","):
        yield from alternatives(pattern[: braces.start()] + each + pattern[braces.end() :])


def missing(pattern: str, root: Path = ROOT) -> list[str]:
    """Paths of a pattern that lead nowhere. `<name>` stands for any name, `...` for any path."""
    globs = [re.sub(r"<[^>]*>", "*", it).replace("...", "**").rstrip("/") for it in alternatives(pattern)]
    return [it for it in globs if next(root.glob(it), None) is None]


def named(text: str, paths: re.Pattern[str]) -> set[str]:
    """The paths of ours that a text names, without the line or the test that may follow them."""
    return {re.split(r":{1,2}(?=\w)", it)[0] for it in paths.findall(text)}


def lost(text: str, paths: re.Pattern[str]) -> list[str]:
    """The paths that a text names and that aren't there."""
    return [
        it for it in sorted(named(text, paths)) if missing(it, PACK if it.startswith("controls/") else ROOT)
    ]


def crowded(root: Path) -> dict[str, int]:
    """The folders with more than `MOST` modules beside each other, and how many they have."""
    counts: dict[str, int] = {}
    for path in root.rglob("*.py"):
        folder = path.parent.relative_to(root)
        if path.name != "__init__.py" and not any(SKIPPED.match(part) for part in folder.parts):
            counts[folder.as_posix()] = counts.get(folder.as_posix(), 0) + 1
    return {it: count for it, count in counts.items() if count > MOST and it not in ONE_A_SERVICE}


def imports() -> dict[str, set[str]]:
    """The modules that each of our modules imports; the single modules at the root are among both."""
    graph = grimp.build_graph(
        *PROJECT["importlinter"]["root_packages"], include_external_packages=True, cache_dir=None
    )
    found = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    single = {it.stem: it for it in ROOT.glob("*.py")}  # which to grimp are external
    return found | {
        module: set(_imported(path, found.keys() | single.keys())) for module, path in single.items()
    }


def _imported(path: Path, ours: set[str]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            for name in node.names:
                whole = f"{node.module}.{name.name}"
                yield from (it for it in [whole if whole in ours else str(node.module)] if it in ours)
        elif isinstance(node, ast.Import):
            yield from (it.name for it in node.names if it.name in ours)


def circle(edges: Mapping[str, set[str]]) -> list[str]:
    """Modules that import each other in a circle; none if there is no circle."""
    try:
        graphlib.TopologicalSorter(edges).prepare()
    except graphlib.CycleError as error:
        return error.args[1]
    return []


@pytest.mark.parametrize("pattern", PROJECT["ruff"]["lint"]["per-file-ignores"])
def test_every_pattern_of_ruffs_settings_matches_a_file(pattern: str) -> None:
    assert missing(pattern) == []


@pytest.mark.parametrize("document", [it.relative_to(ROOT).as_posix() for it in DOCUMENTS])
def test_every_path_that_a_document_names_is_there(document: str) -> None:
    assert lost((ROOT / document).read_text(), QUOTED) == []


def test_every_path_that_the_makefile_names_is_there() -> None:
    text = (ROOT / "Makefile").read_text()
    assert "tests/stacks/test_golden.py" in named(text, WORD)
    assert lost(text, WORD) == []


def test_a_path_that_leads_nowhere_is_found() -> None:
    there = "`tests/root.py`, `tests/<any>.py`, `components/.../cell.py`, `controls/pack/`, `elsewhere/a.py`"
    gone = "`tests/{root,gone}.py`, `controls/gone/`"
    assert lost(there, QUOTED) == []
    assert lost(f"{there}, {gone}", QUOTED) == ["controls/gone/", "tests/{root,gone}.py"]


def test_no_folder_has_more_modules_than_a_reader_takes_in() -> None:
    assert crowded(ROOT) == {}


def test_a_crowded_folder_is_found(tmp_path: Path) -> None:
    for number in range(MOST + 1):
        (tmp_path / f"module_{number}.py").touch()
    (tmp_path / "__init__.py").touch()
    assert crowded(tmp_path) == {".": MOST + 1}


def test_no_modules_import_each_other_in_a_circle() -> None:
    edges = imports()
    assert {
        "contracts",
        "components.cell.cell",
        "controls.pack.registry",
        "rehearsal.cloud.cloud",
    } <= edges.keys()
    assert "naming" in edges["components.edge.edge"]
    assert "components.edge.edge" in edges["__main__"]
    assert circle(edges) == []


def test_a_circle_is_found() -> None:
    assert set(circle({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}


WITHHOLDING: Final = re.compile(r"(What|Who|How|Which|Where|When|Why|All that|The same|Of)\b")


def withheld(text: str) -> list[str]:
    """Docstrings of a source whose first line begins with a question instead of a noun or a verb."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, documented)]
    first_lines = [(ast.get_docstring(node) or "").partition("\n")[0] for node in nodes]
    return [line for line in first_lines if WITHHOLDING.match(line)]


def test_docstrings_begin_with_the_noun_or_the_verb_that_a_search_finds() -> None:
    folders = [ROOT / name for name in PROJECT["importlinter"]["root_packages"] if name != "controls"]
    sources = [
        *ROOT.glob("*.py"),
        *PACK.rglob("*.py"),
        *(it for each in folders for it in each.rglob("*.py")),
    ]
    assert len(sources) > 300
    lines = {it.relative_to(ROOT).as_posix(): withheld(it.read_text()) for it in sources}
    assert {file: found for file, found in lines.items() if found} == {}


def test_a_docstring_that_withholds_its_noun_is_found() -> None:
    assert withheld('"""What is kept."""\ndef f():\n    """Keeps."""\nclass C:\n    """Who keeps."""\n') == [
        "What is kept.",
        "Who keeps.",
    ]
