"""Property paths."""

import pytest

from rehearsal.property_paths import contains, parse, with_old_values


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tags", ("tags",)),
        ("a.b[0].c", ("a", "b", 0, "c")),
        ('tags["k8s.io/x"]', ("tags", "k8s.io/x")),
        ('["a\\"b"].c', ('a"b', "c")),
        ("rules[*].id", ("rules", "*", "id")),
    ],
)
def test_a_path_is_parsed_into_keys_and_indexes(text: str, path: tuple[str | int, ...]) -> None:
    assert parse(text) == path


@pytest.mark.parametrize("text", ["a[", "a]b", "[x"])
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no property path"):
        parse(text)


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
    assert with_old_values(new, old, ignored) == result


def test_a_path_contains_itself_and_what_is_inside() -> None:
    assert contains(parse("a[*].b"), parse("a[3].b.c"))
    assert not contains(parse("a.b"), parse("a"))
    assert not contains(parse("a.b"), parse("a.c"))
