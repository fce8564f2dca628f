"""Locks of a state folder: `flock` on files, so that they end with the process that holds them."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(Exception):
    """Another process holds the lock."""


@contextmanager
def emptied_folder(folder: Path) -> Iterator[None]:
    """Empties a state folder, and keeps every other process from emptying it for as long as the context lasts."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockedError(f"another process is rehearsing in {folder}; wait for it to end") from None
        shutil.rmtree(folder, ignore_errors=True)
        yield


@contextmanager
def stack_lock(folder: Path, stack: str) -> Iterator[None]:
    """Lock of one stack, for a whole operation. Raises LockedError, with the holder's process id."""
    with (folder / f"{stack}.lock").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            raise LockedError(
                f"the stack {stack} is being worked on by process {file.read() or '?'}; wait for it to end"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield
        file.truncate(0)


@contextmanager
def cloud_lock(folder: Path) -> Iterator[None]:
    """Lock of the whole cloud, for one step. Waits for it."""
    with (folder / "cloud.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
