"""Benchmark of the policy pack alone: a process as the CLI starts it, which analyzes the program's resources."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from google.protobuf import empty_pb2
from pulumi.runtime.proto import analyzer_pb2 as pb

from rehearsal.engine import urns
from rehearsal.engine.operations import Engine
from rehearsal.engine.policies.configuration import policy_configs
from rehearsal.engine.policies.requests import analyze_request, analyze_stack_request
from rehearsal.engine.records import Resource
from rehearsal.release import release
from tests.bench.platforms import pack, platform
from tests.bench.rates import updated
from tests.policy.process import running
from tests.stacks.platform import engine

CELLS: Final = 3
SIZES: Final = (150, 600, 2400)  # each four times the one before
ALLOWED: Final = 20  # seconds for 600 resources

Owned = tuple[Resource, Resource | None]  # a resource with its provider


@dataclass(frozen=True)
class Figures:
    """Seconds of one process: to its end, from its start on; to its first answer; for the rules on resources; for
    those on the stack."""

    resources: int
    whole: float
    start: float
    each: float
    stack: float

    @property
    def per_resource(self) -> float:
        """Milliseconds of the rules on resources for one."""
        return self.each / self.resources * 1000


def policies_line(_sizes: list[int]) -> str:
    """Line on the pack over ever more resources of one platform, as if they were one stack."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with engine(folder / "state", platform(folder / "program", CELLS)) as opened:
            updated(opened, opened.stacks(), preview=False)
            release(opened)
            updated(opened, opened.stacks(), preview=False)
            found = [it for stack in opened.stacks() for it in with_providers(opened, stack)]
        config = pack(folder, CELLS).config
        runs = [measured(sampled(found, size), config) for size in SIZES]
    few, some, many = runs
    return (
        f"policies: a process of its own over {_listed(run.resources for run in runs)} resources of {CELLS} cells as "
        f"one stack: {_listed(f'{run.whole:.1f}' for run in runs)} s, of which its start takes "
        f"{min(run.start for run in runs):.1f} s; {ALLOWED} s are allowed for {SIZES[1]}; "
        f"rules on resources {_listed(f'{run.per_resource:.1f}' for run in runs)} ms a resource; "
        f"rules on stacks {_listed(f'{run.stack:.1f}' for run in runs)} s, which grew {some.stack / few.stack:.1f} "
        f"and {many.stack / some.stack:.1f} times with four times the resources; less than 16 times is allowed"
    )


def _listed(figures: Iterable[object]) -> str:
    return ", ".join(str(figure) for figure in figures)


def with_providers(opened: Engine, stack: str) -> list[Owned]:
    """Resources of a stack, each with its provider."""
    records = {record.urn: record for record in opened.records(stack)}
    return [
        (record, records.get(urns.split_reference(record.provider)[0]) if record.provider else None)
        for record in records.values()
    ]


def sampled(resources: list[Owned], size: int) -> list[Owned]:
    """Sample of `size` resources, evenly spaced; all if there are fewer."""
    step = max(1, len(resources) // size)
    return resources[::step][:size]


def measured(resources: list[Owned], config: Path | None) -> Figures:
    """Seconds of a process for these resources: for each, and for all as one stack."""
    began = time.monotonic()
    with running({}, preview=False) as process:
        policies = process.GetAnalyzerInfo(empty_pb2.Empty()).policies
        started = time.monotonic()
        process.Configure(pb.ConfigureAnalyzerRequest(policyConfig=policy_configs(policies, config)))
        ready = time.monotonic()
        for resource, provider in resources:
            process.Analyze(analyze_request(resource, provider))
        one_by_one = time.monotonic()
        process.AnalyzeStack(analyze_stack_request(resources))
        ended = time.monotonic()
    return Figures(len(resources), ended - began, started - began, one_by_one - ready, ended - one_by_one)
