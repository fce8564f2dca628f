"""Patterns of actions and ARNs: what they match, and which of them a text can satisfy both."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.iam.patterns import matches, overlap


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("s3:Get*", "s3:GetObject", True),
        ("s3:Get*", "s3:PutObject", False),
        ("s3:Get?bject", "s3:GetObject", True),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a/c", True),
        ("arn:aws:s3:::b", "arn:aws:s3:::b/a", False),
        ("arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:user/anna", True),
        ("a${*}", "a*", True),
        ("a${*}", "ab", False),
        ("*", "*", True),
        ("arn:*", "*", False),
        ("a.c", "abc", False),
    ],
)
def test_a_pattern_stands_for_texts(pattern: str, text: str, fits: bool) -> None:
    assert matches(pattern, text) is fits


def test_the_case_of_actions_does_not_matter() -> None:
    assert matches("S3:getOBJECT", "s3:GetObject", case=False)
    assert not matches("S3:getOBJECT", "s3:GetObject")


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        ("arn:aws:sqs:*:*:orders*", "arn:*:sqs:*:*:*", True),
        ("arn:aws:sqs:eu-west-1:1:orders", "arn:*:sns:*:*:*", False),
        ("arn:aws:s3:::b/*", "arn:*:s3:::*/*", True),
        ("arn:aws:s3:::b", "arn:*:s3:::*/*", False),
        ("*", "arn:*:s3:::*", True),
        # A star stands for no colon of the parts before the resource.
        ("arn:aws:*:role/x", "arn:*:iam::*:role/*", False),
    ],
)
def test_two_patterns_overlap_where_a_text_satisfies_both(one: str, other: str, both: bool) -> None:
    assert overlap(one, other) is overlap(other, one) is both


LETTERS = "ab*?"
TEXTS = ["".join(it) for length in range(5) for it in itertools.product("ab", repeat=length)]


@given(st.text(LETTERS, max_size=3), st.text(LETTERS, max_size=3))
def test_overlap_is_what_trying_all_texts_finds(one: str, other: str) -> None:
    tried = any(matches(one, text) and matches(other, text) for text in [*TEXTS, "abab" * 2])
    long = one.count("*") + other.count("*")  # a text of both may be longer than those tried
    assert overlap(one, other) is tried or long > 2
