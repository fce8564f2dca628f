"""Property paths."""

import pytest

from rehearsal.property_paths import contains, parse


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


def test_a_path_contains_itself_and_what_is_inside() -> None:
    assert contains(parse("a[*].b"), parse("a[3].b.c"))
    assert not contains(parse("a.b"), parse("a"))
    assert not contains(parse("a.b"), parse("a.c"))
