"""Preload of a project's own modules: which runs have them, and that Castle's are the same for every run."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from rehearsal.engine.events import FailedError
from rehearsal.engine.processes import own_preload
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.processes.sdk_preload import Preload
from tests.root import ROOT

TABLE = '[tool.rehearsal.preload]\n"." = ["shown"]\n'
# Says that it is imported, and has what it was given.
SHOWN = 'import os\nos.write(2, b"imported")\ndef shown():\n    return "{}"\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(TABLE)
    (tmp_path / "shown.py").write_text(SHOWN.format("first"))
    return tmp_path


@contextmanager
def server(project: Path) -> Iterator[ForkServer]:
    """A server that has loaded the project's modules, which it has done once it forks."""
    forks = ForkServer(Preload([], [], own_preload.named(project)))
    with closing(forks):
        forks.ask("os:getpid", project, {})
        yield forks


def run(forks: ForkServer, folder: Path) -> tuple[str, str]:
    """Result of `shown` in a run in a folder, and what was written when it was imported."""
    child = forks.fork("shown:shown", folder, {}, {})
    output, report = child.output.read().decode(), child.report.read().decode()
    child.kill()
    return report.strip('"'), output


def test_runs_have_the_modules_without_importing_them(project: Path) -> None:
    with server(project) as forks:
        assert [run(forks, project), run(forks, project)] == [("first", "")] * 2


def test_a_run_after_a_change_of_a_source_imports_it(project: Path) -> None:
    with server(project) as forks:
        (project / "shown.py").write_text(SHOWN.format("changed"))
        assert run(forks, project) == ("changed", "imported")


def test_a_run_in_another_folder_has_its_own(project: Path) -> None:
    other = project / "other"
    other.mkdir()
    (other / "shown.py").write_text(SHOWN.format("other"))
    with server(project) as forks:
        assert run(forks, other) == ("other", "imported")
        (other / "shown.py").unlink()
        assert "No module named 'shown'" in run(forks, other)[1]


@pytest.mark.parametrize(
    ("ends", "words"), [('ValueError("broken")', "ValueError: broken"), ('SystemExit("broken")', "broken")]
)
def test_a_module_that_can_not_be_imported_is_the_runs_to_tell(project: Path, ends: str, words: str) -> None:
    (project / "shown.py").write_text(f"import os\nimport beside\nraise {ends}\n")
    (project / "beside.py").write_text("")
    with server(project) as forks:
        assert words in run(forks, project)[1]
        (project / "shown.py").write_text(SHOWN.format("mended"))
        assert run(forks, project) == ("mended", "imported")


def test_modules_of_an_environment_in_the_folder_are_not_its_own(project: Path) -> None:
    (project / ".env").mkdir()
    (project / ".env" / "installed.py").write_text("")
    (project / "shown.py").write_text(
        "import sys\nsys.path.append('.env')\nimport installed\n" + SHOWN.format("first")
    )
    with server(project) as forks:
        (project / ".env" / "installed.py").write_text("raise ValueError")
        assert run(forks, project) == ("first", "")


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("[tool.rehearsal]\npreload = 3\n", r"write a table"),
        ('[tool.rehearsal.preload]\n"." = "settings"\n', r"\.: write a list of modules"),
        ("[tool\n", r"not TOML"),
    ],
)
def test_a_malformed_table_is_refused(project: Path, table: str, words: str) -> None:
    (project / "pyproject.toml").write_text(table)
    with pytest.raises(FailedError, match=words):
        own_preload.named(project)


def test_a_project_without_the_table_has_none(tmp_path: Path) -> None:
    assert own_preload.named(tmp_path) == {}
    (tmp_path / "pyproject.toml").write_text("[tool.other]\n")
    assert own_preload.named(tmp_path) == {}


def test_castles_own_are_the_same_for_every_run() -> None:
    """They ask for no config, no stack and no variable of Pulumi's while they are imported."""
    names = own_preload.named(ROOT)
    assert {Path(folder).name for folder in names} == {ROOT.name, "policy"}
    guarded = f"""
        import importlib, os, sys
        import pulumi, pulumi_policy, pulumi.runtime

        def refused(*_, **__):
            raise AssertionError("a module asks for something of the run while it is imported")

        pulumi.Config.__init__ = pulumi.Config.get = refused
        for name in ("get_stack", "get_project", "get_organization", "export", "get_root_directory"):
            setattr(pulumi, name, refused)
        for name in ("get_config_env", "is_dry_run", "get_root_resource"):
            assert getattr(pulumi.runtime, name)
            setattr(pulumi.runtime, name, refused)

        class Environment(dict):
            def __getitem__(self, key):
                return refused() if key.startswith("PULUMI_") else super().__getitem__(key)

            def get(self, key, default=None):
                return refused() if key.startswith("PULUMI_") else super().get(key, default)

        os.environ = Environment(os.environ)
        sys.path.insert(0, "")
        for folder, modules in {names!r}.items():
            os.chdir(folder)
            for module in modules:
                importlib.import_module(module)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(guarded)], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
