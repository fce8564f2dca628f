"""What the tests of workloads share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest

from tests.workloads.postgres import Server, UnavailableError, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """One server for all tests of a process; each makes roles and tables of its own."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running())
        except UnavailableError as error:
            pytest.skip(str(error))
        yield server
