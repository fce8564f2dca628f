"""Kills at the moments that matter: before a journal is written, in the middle of that, and after it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any

import pytest

from rehearsal.state.journal import Journal


class Moment(StrEnum):
    """Moment of a kill in a write: before it, when half of it is done, after it."""

    BEFORE = "before"
    TORN = "torn"
    AFTER = "after"


class Killed(BaseException):
    """Kill, as an exception: no `except` of the engine's catches it; a test that does opens everything anew."""


def die_by_exception() -> None:
    raise Killed


@contextmanager
def killed_at(write: int, moment: Moment, die: Callable[[], None] = die_by_exception) -> Iterator[None]:
    """Has this process die at its nth write to a journal, counted from 0; a compaction is a write, too."""
    left = write

    def deadly(writing: Callable[..., Any], tear: Callable[[Journal, Any, Any], None]) -> Callable[..., Any]:
        def write_or_die(journal: Journal, lines: Any) -> Any:
            nonlocal left
            left -= 1
            if left == -1 and moment is Moment.TORN:
                tear(journal, lines, writing)
            if left == -1 and moment is Moment.AFTER:
                writing(journal, lines)
            if left <= -1:
                die()
            return writing(journal, lines)

        return write_or_die

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "append", deadly(Journal.append, _half_a_line))
        patch.setattr(Journal, "replace", deadly(Journal.replace, _half_a_compaction))
        yield


def _half_a_line(journal: Journal, line: Any, append: Callable[..., Any]) -> None:
    before = journal.path.stat().st_size if journal.path.exists() else 0
    append(journal, line)
    os.truncate(journal.path, (before + journal.path.stat().st_size) // 2)


def _half_a_compaction(journal: Journal, lines: Any, replace: Callable[..., Any]) -> None:
    whole = journal.path.read_bytes()
    journal.path.with_suffix(".compacting").write_bytes(whole[: len(whole) // 2])
