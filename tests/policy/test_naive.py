"""A program that is not ours: on a beginner's web shop the pack finds every mistake, and nothing else.

The table beside the program was written before the pack saw it. Its `control` is an id of a benchmark, or the rule's
own name where no benchmark asks the same.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from controls.language.rules import Scope
from controls.pack import coverage, exports, registry

from rehearsal.cloud import Cloud, baseline
from rehearsal.engine import export, urns
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.policies.pack import PackSource
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.project import Project
from rehearsal.state.store import Store
from tests.root import PACK, ROOT

SHOP = Path(__file__).with_name("naive")
RULES = {rule.name: rule for rule in registry.rules()}
PLATFORM = {name for name, rule in RULES.items() if rule.scope is Scope.PLATFORM}

ACCOUNT = "(account)"  # whose mistakes belong to no resource
PROVIDER = "(provider)"  # the one that Pulumi makes for a program that makes none; its name has a version
Found = set[tuple[str, str]]  # rules, and the names of the resources that they speak of


@dataclass(frozen=True)
class Mistake:
    """One line of the table: what is wrong with a resource, by which control, and the rules that say so."""

    resource: str
    control: str
    rules: str
    mistake: str


def table() -> list[Mistake]:
    with (SHOP / "mistakes.tsv").open(newline="") as file:
        return [Mistake(**row) for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)]


MISTAKES = table()
EXPECTED: Found = {(rule, it.resource) for it in MISTAKES for rule in it.rules.split()}


@dataclass(frozen=True)
class Runs:
    """The shop as the pack saw it: before it was there, as it was made, and once it was."""

    preview: Result
    update: Result
    platform: Found


@pytest.fixture(scope="module")
def runs(server: ForkServer, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """A preview with the pack as it comes, and an update in which its findings only advise, so that it goes on."""
    folder = tmp_path_factory.mktemp("shop")
    advisory = folder / "advisory.json"
    advisory.write_text(json.dumps({"all": "advisory"}))
    project = Project.read(SHOP)
    config = project.config("dev", {})
    store = Store(folder / "state", baseline.resources())
    cloud = Cloud(store.resources, ROOT / ".cache" / "schema")

    def engine(levels: Path | None) -> Engine:
        return EmbeddedEngine(project, store, cloud, PackSource(PACK, levels), server=server)

    preview = engine(None).preview("dev", config)
    update = engine(advisory).update("dev", config)
    state = folder / "dev.json"
    state.write_text(json.dumps(export.deployment(engine(None).recorded("dev").resources)))
    platform = exports.findings({"dev": str(state)})
    assert not [it for it in platform if it["undecided"]]
    return Runs(preview, update, {(it["rule"], _name(it["urn"])) for it in platform})


def _name(urn: str) -> str:
    if not urn:
        return ACCOUNT
    return PROVIDER if urns.is_default_provider(urn) else urns.name_of(urn)


def found(result: Result) -> Found:
    assert result.verdicts is not None
    return {(rule, _name(it.urn)) for rule, listed in result.verdicts.failed.items() for it in listed}


def undecided(result: Result) -> dict[str, set[str]]:
    assert result.verdicts is not None
    return result.verdicts.undecided


def test_the_table_has_sixty_mistakes_and_more_and_none_twice() -> None:
    assert len(MISTAKES) >= 60
    pairs = Counter((rule, it.resource) for it in MISTAKES for rule in it.rules.split())
    assert [pair for pair, times in pairs.items() if times > 1] == []
    assert {it.mistake for it in MISTAKES if not it.mistake[0].isupper() or it.mistake.endswith(".")} == set()


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda it: f"{it.resource}-{it.control}")
def test_a_mistake_names_a_control_of_the_rules_that_find_it(mistake: Mistake) -> None:
    rules = [RULES[name] for name in mistake.rules.split()]
    controls = {part for it in rules for part in coverage.every_part(it.ids)}
    assert mistake.control in controls | {it.name for it in rules if not _of_a_benchmark(it.ids)}


def _of_a_benchmark(ids: str) -> bool:
    return any(not it.startswith("CKV") for it in ids.split())


def test_the_pack_finds_every_mistake_and_nothing_else(runs: Runs) -> None:
    everything = found(runs.update) | runs.platform
    assert sorted(everything - EXPECTED) == []
    assert sorted(EXPECTED - everything) == []


def test_nothing_is_undecided_once_the_shop_is_there(runs: Runs) -> None:
    assert not runs.update.failed
    assert undecided(runs.update) == {}


def test_before_it_is_there_a_mistake_is_found_or_undecided_and_never_passed(runs: Runs) -> None:
    assert runs.preview.failed
    early = found(runs.preview)
    assert sorted(early - EXPECTED) == []
    later = {(rule, it) for rule, it in EXPECTED - early if rule not in PLATFORM}
    assert sorted(pair for pair in later if pair[0] not in undecided(runs.preview)) == []


def test_what_is_undecided_names_the_property_that_is_not_known(runs: Runs) -> None:
    reasons = [reason for told in undecided(runs.preview).values() for reason in told]
    assert reasons
    assert [it for it in reasons if not re.search(r"`[\w.*-]+` of [\w-]+", it)] == []


def test_the_shop_knows_nothing_of_the_platform_beside_it() -> None:
    texts = {path.name: path.read_text().lower() for path in SHOP.iterdir() if path.is_file()}
    assert "__main__.py" in texts
    assert [name for name, text in texts.items() if re.search(r"castle|components", text)] == []
