"""Hooks at the effects of a rotation: calls to Secrets Manager, and SQL statements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from botocore.client import BaseClient
from pg8000.native import Connection


class KilledError(BaseException):
    """Process that was killed. Not an Exception, so that nothing goes on after it."""


def kill() -> None:
    raise KilledError


@contextmanager
def before_effect(number: int, act: Callable[[], None]) -> Iterator[list[str]]:
    """Calls `act` right before the effect of that number, from 1, of those inside; yields the effects' names.

    Before the next effect is also right after the one before: nothing outside changes in between.
    """
    names: list[str] = []
    call, run = BaseClient._make_api_call, Connection.run

    with pytest.MonkeyPatch.context() as patch:

        def count(name: str) -> None:
            names.append(name)
            if len(names) == number:
                patch.undo()  # what `act` does isn't counted, and nothing needs to be from here on
                act()

        def calling(self: BaseClient, operation: str, asked: dict[str, object]) -> object:
            count(operation)
            return call(self, operation, asked)

        def running(self: Connection, statement: str) -> object:
            count(" ".join(statement.partition("(")[0].split()[:3]))
            return run(self, statement)

        patch.setattr(BaseClient, "_make_api_call", calling)
        patch.setattr(Connection, "run", running)
        yield names
