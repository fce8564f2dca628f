from collections.abc import Iterator

import pytest

from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.processes.sdk_preload import Preload
from tests.engine.duel import quick_python


@pytest.fixture(scope="session")
def duel_server() -> Iterator[ForkServer]:
    """Server of the programs of both engines."""
    modules = ["pulumi", "rehearsal.engine.processes.language_host", quick_python.__name__]
    server = ForkServer(Preload(modules, []))
    yield server
    server.close()
