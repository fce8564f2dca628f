"""Mistakes that AWS is documented to refuse, in the committed program's own inputs: the pretend cloud refuses each.

`documented_refusals.yaml` has them, each with the page or the thread that tells of it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from rehearsal.cloud import Cloud
from rehearsal.cloud.provider_verbs import CloudResource, RefusedError
from rehearsal.values import Value, Values
from tests.stacks.refused_inputs.recorded import Recorded, of_aws
from tests.stacks.refused_inputs.spoiling import spoiled, written


@dataclass(frozen=True, kw_only=True)
class DocumentedRefusal:
    """Row of the file."""

    type: str
    set: Mapping[str, Any]
    says: str
    source: str

    @property
    def service(self) -> str:
        return self.type.partition("/")[0]


ROWS = [
    DocumentedRefusal(**row)
    for row in yaml.safe_load(Path(__file__).with_name("documented_refusals.yaml").read_text())
]


@pytest.fixture(scope="module")
def first(recorded: list[Recorded]) -> dict[str, Recorded]:
    """The first resource of each type by its URN, in us-east-1 where there is one."""
    found: dict[str, Recorded] = {}
    for one in sorted(
        of_aws(recorded), key=lambda one: ("us-east-1::" not in one.target.urn, one.target.urn)
    ):
        found.setdefault(one.target.type, one)
    return found


def mistaken(inputs: Values, values: Mapping[str, Value]) -> tuple[list[str], Values]:
    """The inputs with all values of a row, and the exact path of each."""
    paths: list[str] = []
    for path, wrong in values.items():
        place = None if wrong is None or isinstance(wrong, (list, dict)) else spoiled(inputs, path, wrong)
        exact, inputs = place or written(inputs, path, wrong)
        paths.append(exact)
    return paths, inputs


def passed(cloud: Cloud, one: Recorded, things: dict[str, CloudResource], row: DocumentedRefusal) -> str:
    """Answer of the cloud to a row's mistake which it doesn't refuse there; empty where it does."""
    paths, inputs = mistaken(one.inputs, row.set)
    checked = cloud.check(one.target, None, inputs)
    if checked.failures:
        here = [it for it in checked.failures if any(_is_in(it.path, path) for path in paths)]
        return "" if here else str(checked.failures)
    itself = things.pop(one.thing)
    try:
        return f"creates {cloud.create(one.target, checked.inputs, preview=False).id}"
    except RefusedError:
        return ""
    finally:
        things[one.thing] = itself


def _is_in(path: str, block: str) -> bool:
    return path == block or path.startswith((f"{block}.", f"{block}["))


def test_what_aws_is_documented_to_refuse_the_cloud_refuses(
    cloud: Cloud, things: dict[str, CloudResource], first: dict[str, Recorded]
) -> None:
    unrefused = [
        f"{row.type} {dict(row.set)} ({row.says}): {said}"
        for row in ROWS
        if (said := passed(cloud, first[row.type], things, row))
    ]
    score = 1 - len(unrefused) / len(ROWS)
    assert score == 1, f"{score:.1%} of {len(ROWS)} refused, but not\n" + "\n".join(unrefused)


def test_what_the_mistakes_are_made_in_is_taken_as_it_is(
    cloud: Cloud, things: dict[str, CloudResource], first: dict[str, Recorded]
) -> None:
    """The refusal of a mistake is due to the mistake alone."""
    refused = [
        f"{one.target.urn} {it.path}: {it.reason}"
        for one in (first[type_] for type_ in {row.type for row in ROWS})
        for it in cloud.check(one.target, None, one.inputs).failures
    ]
    tried = {row.type for row in ROWS if not _is_refused_by_check(cloud, first[row.type], row)}
    for one in (first[type_] for type_ in tried):
        itself = things.pop(one.thing)
        try:
            cloud.create(one.target, cloud.check(one.target, None, one.inputs).inputs, preview=False)
        except RefusedError as error:
            refused.append(f"{one.target.urn}: {error}")
        things[one.thing] = itself
    assert refused == []
    assert len(tried) > 10


def _is_refused_by_check(cloud: Cloud, one: Recorded, row: DocumentedRefusal) -> bool:
    return bool(cloud.check(one.target, None, mistaken(one.inputs, row.set)[1]).failures)


def test_rows_are_many_and_each_has_a_source_and_is_there_once() -> None:
    assert len(ROWS) >= 50
    assert [row for row in ROWS if not row.source.startswith("https://") or not row.says] == []
    spelled = Counter(json.dumps([row.type, dict(row.set)], sort_keys=True) for row in ROWS)
    assert [text for text, count in spelled.items() if count > 1] == []
    services = Counter(row.service for row in ROWS)
    assert max(services.values()) <= len(ROWS) / 3, services
