"""Watch over the cost of tests: CPU seconds of each one's call, child processes included.

A plugin of pytest. The run ends with the tests over `ALLOWED`, the dearest first, each with the reason that
`costly_tests.yaml` gives for it. A test that isn't listed fails nothing: seconds depend on the machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
import yaml

ALLOWED: Final = 20.0  # CPU seconds
REASONS: Final = Path(__file__).with_name("costly_tests.yaml")

_PROPERTY: Final = "cpu_seconds"
_TICKS: Final = os.sysconf("SC_CLK_TCK")


def cpu_seconds() -> float:
    """CPU seconds that this process, its children and theirs have used, those that have ended included.

    A child counts once whoever waited for it has ended or still lives. Where the system has no `/proc`, children
    count only once they have ended.
    """
    own = os.times()
    used = own.user + own.system + own.children_user + own.children_system
    return used + sum(_used(child) for child in _children(os.getpid()))


def _used(pid: int) -> float:
    """CPU seconds of a process and all its descendants; 0 for one that has just ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime, stime, cutime and cstime, fields 14 to 17 of proc_pid_stat(5); the first after the name is the third.
    return sum(map(int, fields[11:15])) / _TICKS + sum(_used(child) for child in _children(pid))


def _children(pid: int) -> list[int]:
    """Processes that a process started and that still live; none where the system doesn't list them."""
    found: list[int] = []
    try:
        threads = list(Path(f"/proc/{pid}/task").glob("*/children"))
    except OSError:  # a process that has just ended
        return found
    for thread in threads:
        try:
            found += map(int, thread.read_text().split())
        except OSError:  # a thread that has just ended
            continue
    return found


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Measures a test's call."""
    before = cpu_seconds()
    try:
        return (yield)
    finally:
        item.user_properties.append((_PROPERTY, cpu_seconds() - before))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints the tests that took more than is allowed."""
    found: dict[str, float] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport) and report.when == "call":
                found[report.nodeid] = sum(
                    float(str(v)) for name, v in report.user_properties if name == _PROPERTY
                )
    costly = sorted((seconds, test) for test, seconds in found.items() if seconds > ALLOWED)
    if not costly:
        return
    reasons = yaml.safe_load(REASONS.read_text()) or {}
    terminalreporter.section(f"tests over {ALLOWED:g} s of CPU")
    for seconds, test in reversed(costly):
        reason = reasons.get(
            test.partition("[")[0], f"not listed in {REASONS.name}: make it cheaper, or say why not"
        )
        terminalreporter.line(f"{seconds:6.0f} s  {test}: {reason}")
