"""ignoreChanges of keys, indexes and wildcards."""

import pytest

from rehearsal.engine.steps.differences.ignore_changes import with_ignored_changes


@pytest.mark.parametrize(
    ("ignored", "new", "old", "result"),
    [
        (["a"], {"a": 2, "b": 2}, {"a": 1, "b": 1}, {"a": 1, "b": 2}),
        (["a"], {"b": 2}, {"a": 1, "b": 1}, {"a": 1, "b": 2}),
        (["a"], {"a": 2}, {}, {}),
        (["t.x"], {"t": {"x": 2, "y": 2}}, {"t": {"x": 1, "y": 1}}, {"t": {"x": 1, "y": 2}}),
        (["r[0].v"], {"r": [{"v": 2}, {"v": 2}]}, {"r": [{"v": 1}]}, {"r": [{"v": 1}, {"v": 2}]}),
        (["r[*].v"], {"r": [{"v": 2}, {"v": 2}]}, {"r": [{"v": 1}, {"v": 3}]}, {"r": [{"v": 1}, {"v": 3}]}),
        (["*"], {"a": 2, "c": 2}, {"a": 1, "b": 1}, {"a": 1, "b": 1}),
        (["no.such"], {"a": 2}, {"a": 1}, {"a": 2}),
    ],
)
def test_ignored_paths_are_as_they_were(
    ignored: list[str], new: dict[str, object], old: dict[str, object], result: dict[str, object]
) -> None:
    assert with_ignored_changes(new, old, ignored)[0] == result
