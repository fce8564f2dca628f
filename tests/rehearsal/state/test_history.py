"""The history of operations, a file that grows by a line."""

from __future__ import annotations

from pathlib import Path

from rehearsal.state import history
from rehearsal.state.history import Entry


def entry(stack: str, kind: str = "update") -> Entry:
    return Entry(stack=stack, kind=kind, began=1.0, seconds=2.5, result="succeeded", changes={"create": 1})


def test_a_stack_has_its_own_entries_in_their_order(tmp_path: Path) -> None:
    assert history.read(tmp_path, "dev") == []
    entries = [entry("dev"), entry("next"), entry("dev", "destroy")]
    for one in entries:
        history.append(tmp_path, one)
    assert history.read(tmp_path, "dev") == [entries[0], entries[2]]


def test_a_line_that_a_kill_cut_off_is_passed_over(tmp_path: Path) -> None:
    history.append(tmp_path, entry("dev"))
    with (tmp_path / history.FILE).open("a") as file:
        file.write('{"stack": "dev", "ki\n')
    history.append(tmp_path, entry("dev", "destroy"))
    assert history.read(tmp_path, "dev") == [entry("dev"), entry("dev", "destroy")]
