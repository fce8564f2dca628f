"""The watch over the cost of tests counts what children do, and ends a run with what was dear."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests import cpu_watch
from tests.root import ROOT

SPIN = "import time\nend = time.process_time() + 0.3\nwhile time.process_time() < end: pass\n"


def test_the_cpu_seconds_of_a_child_that_has_ended_count() -> None:
    before = cpu_watch.cpu_seconds()
    subprocess.run([sys.executable, "-c", SPIN], check=True)
    assert cpu_watch.cpu_seconds() - before >= 0.25  # the system counts in hundredths


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="only /proc tells of children that live")
def test_a_process_that_ends_while_it_is_looked_at_has_no_children(monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(path: Path, pattern: str) -> Iterator[Path]:
        raise FileNotFoundError(path)

    monkeypatch.setattr(Path, "glob", gone)
    assert cpu_watch.cpu_seconds() > 0


def test_the_cpu_seconds_of_a_child_that_lives_count_and_those_of_its_children() -> None:
    program = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {SPIN!r}])\nprint(flush=True)\ninput()"
    before = cpu_watch.cpu_seconds()
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout
        assert child.stdin
        child.stdout.readline()
        assert cpu_watch.cpu_seconds() - before >= 0.25  # the system counts in hundredths
        child.stdin.close()


def run_of_tests(folder: Path, allowed: float) -> str:
    """Output of a run of two tests, one of which is dear."""
    (folder / "test_these.py").write_text(f"def test_cheap(): pass\n\ndef test_dear():\n    exec({SPIN!r})\n")
    program = (
        "import sys, pytest\nfrom tests import cpu_watch\n"
        f"cpu_watch.ALLOWED = {allowed}\n"
        f"sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', {str(folder)!r}], plugins=[cpu_watch]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_a_run_ends_with_its_dear_tests_and_what_to_do_about_them(tmp_path: Path) -> None:
    printed = run_of_tests(tmp_path, 0.2)
    (line,) = [line for line in printed.splitlines() if "test_dear" in line]
    assert "not listed in costly_tests.yaml" in line
    assert "test_cheap" not in printed


def test_a_run_of_cheap_tests_says_nothing_of_cost(tmp_path: Path) -> None:
    assert "of CPU" not in run_of_tests(tmp_path, 1e6)


@pytest.mark.parametrize("test", yaml.safe_load(cpu_watch.REASONS.read_text()) or {})
def test_each_listed_test_is_still_there(test: str) -> None:
    file, _, name = test.partition("::")
    assert f"def {name}(" in (ROOT / file).read_text()
