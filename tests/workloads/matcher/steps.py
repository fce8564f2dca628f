"""Hooks at each statement of a session: to kill a matcher there, or to interleave the statements of two."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pg8000.exceptions import InterfaceError

from workloads.matcher.session import Session

WAIT = 20.0  # seconds, only ever passed where a test fails


class KilledError(BaseException):
    """Process that was killed. Not an Exception, so that nothing goes on after it."""


@contextmanager
def killed_at(number: int, after: bool = False) -> Iterator[list[str]]:
    """Raises KilledError before or after the statement of that number, from 1, of those that are run inside.

    Yields the first words of the statements.
    """
    seen: list[str] = []
    run = Session.run

    def running(self: Session, statement: str, **values: Any) -> list[list[Any]]:
        seen.append(" ".join(statement.split()[:2]))
        if len(seen) != number:
            return run(self, statement, **values)
        if after:
            run(self, statement, **values)
        raise KilledError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "run", running)
        yield seen


WAITING = "SELECT FROM pg_stat_activity WHERE pid = :pid AND wait_event_type = 'Lock'"


class Actor:
    """Thread that runs one statement for each `step`."""

    def __init__(self, watch: Session, work: Callable[[], object]) -> None:
        """`watch` queries whether a statement waits for a lock; no other thread may use it meanwhile."""
        self.error: BaseException | None = None
        self._watch, self._work = watch, work
        self._turn, self._rests = threading.Semaphore(0), threading.Semaphore(0)
        self._ended = self._waits = False
        self._pid = 0  # of the server's process that does its statement
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self._rest()

    @property
    def ended(self) -> bool:
        return self._ended

    def step(self) -> bool:
        """Lets the thread run one statement. False if that waits for a lock, or there are no more."""
        if self._ended:
            return False
        if not self._waits:
            self._turn.release()
        return self._rest()

    def _rest(self) -> bool:
        """Waits until the statement has ended: true; or waits for a lock: false."""
        until = time.monotonic() + WAIT
        while not self._rests.acquire(timeout=0.005):
            assert time.monotonic() < until, "a statement neither ends nor waits for a lock"
            if self._watch.run(WAITING, pid=self._pid):
                self._waits = True
                return False
        self._waits = False
        return True

    def _run(self) -> None:
        gates[threading.get_ident()] = self._gate
        self._gate()
        try:
            self._work()
        except (Exception, KilledError) as error:
            self.error = error
        del gates[threading.get_ident()]
        self._ended = True
        self._rests.release()

    def join(self) -> None:
        """Waits for the thread's end, and raises its error."""
        self._thread.join(WAIT)
        if self.error is not None:
            raise self.error

    def _gate(self, pid: int = 0) -> None:
        """Blocks the thread until its turn."""
        self._pid = pid
        self._rests.release()
        assert self._turn.acquire(timeout=WAIT), "it was never its turn"


gates: dict[int, Callable[[int], None]] = {}


@contextmanager
def in_turns() -> Iterator[None]:
    """Makes actors stop before each statement that is run inside."""
    run = Session.run
    pids: dict[Session, int] = {}

    def running(self: Session, statement: str, **values: Any) -> list[list[Any]]:
        if gate := gates.get(threading.get_ident()):
            if self not in pids:
                ((pids[self],),) = run(self, "SELECT pg_backend_pid()")
            gate(pids[self])
        return run(self, statement, **values)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "run", running)
        yield


def lose_answers(patch: pytest.MonkeyPatch, times: int = 1) -> None:
    """Loses the connection right after the next commits, which the server has done."""
    run, left = Session.run, [times]

    def running(self: Session, statement: str, **values: Any) -> list[list[Any]]:
        answer = run(self, statement, **values)
        if statement == "COMMIT" and left[0]:
            left[0] -= 1
            raise InterfaceError("network error")
        return answer

    patch.setattr(Session, "run", running)
