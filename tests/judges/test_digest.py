"""The digest is what the judges' packages say, and every line that was written by hand is needed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest

from rehearsal.judges.digest import FILE
from tests.judges import counterparts, members
from tests.judges.counterparts import at, begin, mapping, operations_by_rule, places_of, resource_by_rule
from tests.judges.making import SCHEMAS, made, readable, stale_texts, tokens
from tests.judges.members import found_members
from tests.judges.nodes import BOTOCORE, CFN_LINT

DIGEST: Mapping[str, Any] = json.loads(FILE.read_text())


def spelled(digest: Mapping[str, Any], token: str) -> dict[str, Any]:
    """Entry of a type in a digest, with its bounds instead of their numbers."""
    one = json.loads(json.dumps(digest["types"][token]))
    bounds = digest["bounds"]
    paths = {path: [list(bounds[it]) for it in numbers] for path, numbers in one["paths"].items()}
    cases = [{**case, "bound": list(bounds[case["bound"]])} for case in one.get("cases", ())]
    return {**one, "paths": paths, "cases": cases}


def differences(asked: list[str]) -> Iterator[str]:
    today = json.loads(json.dumps(made(DIGEST["made"], asked)))
    for name in ("sources", "regions"):
        if today[name] != DIGEST[name]:
            yield name
    for token in asked:
        if spelled(today, token) != spelled(DIGEST, token):
            yield token


def test_some_types_are_as_their_judges_have_them() -> None:
    asked = ["aws:kms/key:Key", "aws:sqs/queue:Queue", "aws:rds/cluster:Cluster", "aws:ec2/vpc:Vpc"]
    assert list(differences(asked)) == [], "run `make judges`"


@pytest.mark.slow
def test_every_type_is_as_its_judges_have_it() -> None:
    assert DIGEST["types"].keys() == set(tokens())
    assert list(differences(tokens())) == [], "run `make judges`"


def test_no_documentation_has_changed_since_its_bound_was_read_from_it() -> None:
    assert list(stale_texts()) == []
    assert len(mapping()["texts"]) > 50


def test_every_place_of_a_line_is_in_a_judges_input() -> None:
    astray = []
    for token, line in mapping()["types"].items():
        for places in places_of(token).values():
            for place in places:
                begin(place)  # raises KeyError
        for paths, places in line.get("properties", {}).items():
            astray += [
                f"{token} {paths}: {place}"
                for place in places
                if not any(leads(token, judge, place) for judge in (BOTOCORE, CFN_LINT))
            ]
    assert astray == [], "\n".join(astray)


def leads(token: str, judge: str, place: str) -> bool:
    """Returns whether a line's place is in the judge's input of the type, from one of the beginnings."""
    if ":" in place:
        return bool(begin(place).where)  # raises KeyError
    for start in places_of(token)[judge]:
        with suppress(KeyError):
            return bool(at(begin(start), place).where)
    return False


def test_a_pattern_that_re_cant_read_is_listed() -> None:
    """A bound without its pattern refuses less than its judge."""
    patterns: set[str] = set()
    for token in tokens():
        schema = SCHEMAS.of(token)
        assert schema is not None
        for members_ in found_members(schema).values():
            patterns |= {node.bound["pattern"] for node in members_.values() if "pattern" in node.bound}
    assert {it for it in patterns if readable(it) is None} == set(mapping()["unreadable"])


def test_a_line_of_a_type_says_what_no_rule_would() -> None:
    needless = []
    for token, line in mapping()["types"].items():
        if "cfn" in line and line["cfn"] == resource_by_rule(token):
            needless.append(f"{token}: cfn")
        by_rule = [f"{service}:{name}" for service, name in operations_by_rule(token)]
        if "operations" in line and line["operations"] == by_rule:
            needless.append(f"{token}: operations")
        if not line:
            needless.append(token)
    assert needless == [], "\n".join(needless)


@pytest.mark.slow
def test_a_line_of_a_property_says_what_no_rule_would(monkeypatch: pytest.MonkeyPatch) -> None:
    needless = []
    for token, line in mapping()["types"].items():
        schema = SCHEMAS.of(token)
        assert schema is not None
        everything = wheres(found_members(schema))
        for written in line.get("properties", {}):
            others = {paths: places for paths, places in line["properties"].items() if paths != written}
            lines = {**mapping(), "types": {**mapping()["types"], token: {**line, "properties": others}}}
            for module in (counterparts, members):
                monkeypatch.setattr(module, "mapping", lambda lines=lines: lines)
            if wheres(found_members(schema)) == everything:
                needless.append(f"{token}: {written}")
            monkeypatch.undo()
    assert needless == [], "\n".join(needless)


def wheres(found: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, str]]:
    return {path: {judge: node.where for judge, node in own.items()} for path, own in found.items()}


def test_every_wrong_word_of_a_judge_is_one_that_it_says() -> None:
    for written in mapping()["wrong"]:
        token, path, judge = written.split(" ")
        schema = SCHEMAS.of(token)
        assert schema is not None
        assert found_members(schema)[path][judge].bound, written


def test_patterns_are_put_into_the_words_of_re() -> None:
    assert readable(r"[\p{L}\p{N}_.-]*") == r"[\w\w_.-]*"
    assert readable(r"\p{Print}+") == r"[\x20-\x7e]+"
    assert readable("(unclosed") is None
