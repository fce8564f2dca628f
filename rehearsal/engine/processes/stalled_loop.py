"""Event loop that notices when a program waits for itself: a resource that depends on what depends on it.

The SDK finds most such circles, but not those that lead through an output: there, each registration waits for a value
that another has to give, and the program would wait for ever.
"""

from __future__ import annotations

import asyncio
import selectors
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

_PATIENCE: Final = 1.0  # seconds in which nothing can have happened
_LOOK: Final = 0.5  # seconds between two looks


class StalledError(Exception):
    """The program waits for nothing that can happen."""


class CountingExecutor(ThreadPoolExecutor):
    """Thread pool that knows how many calls are under way: those to the engine."""

    def __init__(self, max_workers: int) -> None:
        super().__init__(max_workers=max_workers, thread_name_prefix="engine-call")
        self._under_way: set[Future[Any]] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future = super().submit(fn, *args, **kwargs)
        self._under_way.add(future)
        future.add_done_callback(self._under_way.discard)
        return future

    @property
    def is_idle(self) -> bool:
        """Idleness: no call is under way."""
        return not self._under_way


class _Selector(selectors.DefaultSelector):
    """Selector that raises StalledError where an event loop without timers has nothing to wait for but itself."""

    def __init__(self, executor: CountingExecutor) -> None:
        super().__init__()
        self._executor = executor
        self._own_files = 0  # of the loop, by which threads wake it

    def begin(self) -> None:
        """Takes the files that are watched now for the loop's own."""
        self._own_files = len(self.get_map())

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None:
            return super().select(timeout)
        quiet_since = time.monotonic()
        while not (events := super().select(_LOOK)):
            if not self._executor.is_idle or len(self.get_map()) > self._own_files or _other_threads():
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > _PATIENCE:
                raise StalledError
        return events


def new_loop(executor: CountingExecutor) -> asyncio.AbstractEventLoop:
    """Event loop whose run ends with StalledError when the program waits for itself."""
    selector = _Selector(executor)
    loop = asyncio.SelectorEventLoop(selector)
    loop.set_default_executor(executor)
    selector.begin()
    return loop


def waiting_resources(loop: asyncio.AbstractEventLoop) -> list[str]:
    """Types and names of the resources whose registrations wait, as far as the SDK's coroutines tell."""
    found = set()
    for task in asyncio.all_tasks(loop):
        coroutine: Any = task.get_coro()
        while coroutine is not None and hasattr(coroutine, "cr_frame"):
            frame = coroutine.cr_frame
            if frame is not None and frame.f_code.co_name == "do_register":
                values = frame.f_locals
                found.add(f"{values.get('ty')} {values.get('name')}")
            coroutine = coroutine.cr_await
    return sorted(found)


def _other_threads() -> bool:
    """Returns whether the program has threads of its own, that may yet do something."""
    known = threading.main_thread()
    return any(
        it is not known and not it.daemon and not it.name.startswith("engine-call")
        for it in threading.enumerate()
    )
