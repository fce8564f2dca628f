"""Property values and their wire form."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.values import (
    ASSET,
    OUTPUT,
    SECRET,
    SIGNATURE,
    UNKNOWN,
    Asset,
    Reference,
    Secret,
    decode,
    encode,
    has_secret,
    has_unknown,
    reveal,
)

leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=10)
    | st.just(UNKNOWN)
    | st.builds(
        Reference, st.text(min_size=1, max_size=5), st.just(UNKNOWN) | st.text(max_size=5) | st.none()
    )
    | st.just(Asset(ASSET, (("text", "x"),)))
)
keys = st.text(max_size=5).filter(lambda key: key != SIGNATURE)
plain = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3)
)
values = st.dictionaries(keys, plain | st.builds(Secret, plain), max_size=4)


@given(values)
def test_what_is_encoded_decodes_to_the_same(sent: dict[str, object]) -> None:
    assert decode(encode(sent)) == sent


@given(values)
def test_revealing_leaves_no_secret_and_the_same_unknowns(sent: dict[str, object]) -> None:
    assert not has_secret(reveal(sent))
    assert has_unknown(reveal(sent)) == has_unknown(sent)


@pytest.mark.parametrize(
    ("output", "value"),
    [
        ({"value": 1}, 1),
        ({"value": 1, "secret": True}, Secret(1)),
        ({}, UNKNOWN),
        ({"secret": True}, Secret(UNKNOWN)),
        ({"value": {SIGNATURE: SECRET, "value": 1}, "secret": True}, Secret(1)),
    ],
)
def test_an_output_value_is_its_value_or_unknown_or_a_secret_of_either(
    output: dict[str, object], value: object
) -> None:
    assert decode(encode({"a": {SIGNATURE: OUTPUT, **output}})) == {"a": value}


def test_an_unknown_signature_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown signature abc"):
        decode(encode({"a": {SIGNATURE: "abc"}}))


def test_the_truth_of_an_unknown_is_refused() -> None:
    with pytest.raises(TypeError):
        bool(UNKNOWN)


def test_a_secret_does_not_show_itself() -> None:
    assert repr({"a": Secret("hunter")}) == "{'a': [secret]}"
