"""Fixtures of the workloads' tests: a PostgreSQL server, and its superuser."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import pytest
from pg8000.native import Connection

from tests.workloads.postgres import Server, UnavailableError, running


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """PostgreSQL server for all tests of a process; each makes roles and tables of its own."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running())
        except UnavailableError as error:
            pytest.skip(str(error))
        yield server


@pytest.fixture(scope="session")
def superuser(postgres: Server) -> Iterator[Connection]:
    """Session of the superuser, logged in once, since that takes most of the tests' time."""
    with postgres.connect() as connection:
        yield connection
