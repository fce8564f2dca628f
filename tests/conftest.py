import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rehearsal.cli_engine import missing_cli
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.processes.sdk_preload import Preload
from tests import cpu_watch, effort
from tests.rehearsal.lab import Lab

effort.register()

# One process brings the platform up, for which the others of its folder wait; they do what comes next meanwhile.
# Files with whole platforms take longest: were one of them last, it would run alone. The quickest ones come last.
ORDER = (
    "tests/stacks/test_operations.py",
    "tests/engine/",
    "tests/unit/",
    "tests/workloads/",
    "tests/stacks/",
)

gc.set_threshold(1_000_000)  # as in the rehearsal itself: what a run makes, it mostly keeps
# A copy of the program is edited faster than the time of a file tells: its bytecode would stay what it was.
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
os.environ.pop("PYTHONUNBUFFERED", None)  # set on some machines, and then it hides what isn't flushed


def pytest_configure(config: pytest.Config) -> None:
    """Adds the watch over the cost of tests."""
    config.pluginmanager.register(cpu_watch)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the files into an order that keeps all processes busy, and skips what needs the Pulumi CLI without one."""
    items.sort(
        key=lambda item: next((n for n, it in enumerate(ORDER) if item.nodeid.startswith(it)), len(ORDER))
    )
    why = missing_cli()
    for item in items:
        if why and item.get_closest_marker("engine"):
            item.add_marker(pytest.mark.skip(reason=why))


@pytest.fixture(scope="session")
def server() -> Iterator[ForkServer]:
    """One warm server for all the small programs of a test process."""
    modules = [
        "pulumi",
        "pulumi_policy",
        "rehearsal.engine.processes.language_host",
        "pulumi_aws.ec2",
        "pulumi_aws.sns",
    ]
    forks = ForkServer(Preload(modules, []))
    yield forks
    forks.close()


@pytest.fixture
def lab(tmp_path: Path, server: ForkServer) -> Lab:
    return Lab(tmp_path, server)
