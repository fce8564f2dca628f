"""Benchmark of a preview of one cell: a flat program of the same resources, ours, and ours with the policy pack.

What engine and SDK take for any pack is seen from ours with a pack of one rule that looks at nothing. The cloud is
an echo of inputs, and the stack doesn't exist yet. The four take turns, after one turn that isn't counted, so that
what else the machine does falls on all of them. They run on the CLI where it is on PATH, and there the CPU time of
its processes is counted, too, which a busy machine changes little. Else they run on the embedded engine, whose
programs are forks of a process that has the SDK loaded.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.cli_engine import CliEngine, missing_cli
from rehearsal.cloud import baseline
from rehearsal.engine import urns
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.operations import Result
from rehearsal.engine.policies.pack import PackSource
from rehearsal.project import Project
from rehearsal.release import released
from rehearsal.state.store import Store
from tests.bench.lifecycle import passed
from tests.bench.preview.echo import Echo
from tests.bench.preview.flat_project import recorded, write_project
from tests.stacks.platform import PACK, ROOT, forks

STACK: Final = "us-east-1"
TURNS: Final = 5
OURS, JUDGED = 1.3, 1.15  # times the flat program, and times ours, that are wanted at most
IDLE_PACK: Final = """
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy as Rule

rule = Rule("idle", "Looks at nothing", lambda args, report: None, enforcement_level=EnforcementLevel.ADVISORY)
PolicyPack("idle", policies=[rule])
"""


@dataclass(frozen=True)
class Cost:
    """Seconds of one preview; None of CPU time where it isn't counted."""

    wall: float
    cpu: float | None = None


class EchoedCli(CliEngine):
    """The CLI, with an echo for its cloud."""

    def __init__(self, project: Project, folder: Path, pack: PackSource | None) -> None:
        super().__init__(project, folder, pack, server=forks())
        self.cloud = Echo(self.store.resources)

    def cost(self, stack: str) -> Cost:
        """Cost of the CLI alone, for one more preview of a stack that has been previewed."""
        command = ["pulumi", "preview", "--stack", stack, "--non-interactive", *self._policy_options()]
        began = time.monotonic()
        with subprocess.Popen(command, **self._process_options(), stdout=subprocess.DEVNULL) as process:
            _, status, used = os.wait4(process.pid, 0)
            wall = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)} ended with exit status {process.returncode}")
        return Cost(wall, used.ru_utime + used.ru_stime)


class EchoedEmbedded(EmbeddedEngine):
    """The embedded engine, with an echo for its cloud."""

    def __init__(self, project: Project, folder: Path, pack: PackSource | None) -> None:
        store = Store(folder, baseline.resources())
        super().__init__(project, store, Echo(store.resources), pack, server=forks())

    def cost(self, stack: str) -> Cost:
        """Cost of one preview, to the result."""
        return Cost(passed(self.preview(stack, self.project.config(stack, {}))).seconds)


def preview_line(_sizes: list[int]) -> str:
    """Line on the preview of a cell."""
    reason = missing_cli()
    kind = EchoedEmbedded if reason else EchoedCli
    ours = Project.read(ROOT)
    with tempfile.TemporaryDirectory() as name, ExitStack() as open_:
        folder = Path(name)
        requests, resources = recorded(ours, STACK, folder / "recording", forks())
        ours = released(ours, folder / "recording")
        flat = write_project(folder / "flat", STACK, requests, resources)
        idle = _idle_pack(folder / "idle")
        programs = (("a", flat, None), ("b", ours, None), ("c", ours, idle), ("d", ours, PACK))
        arms = [kind(project, folder / home, pack) for home, project, pack in programs]
        for arm in arms:
            open_.enter_context(arm)
            _check(passed(arm.preview(STACK, arm.project.config(STACK, {}))), requests)
        turns = [[arm.cost(STACK) for arm in arms] for _ in range(TURNS)]
    count = sum(request.custom for request in requests)
    return (
        f"preview: {STACK} from nothing, {count} resources, "
        f"{f'on the embedded engine ({reason})' if reason else 'on the CLI'}, an echo for the cloud, medians of "
        f"{TURNS}: {told(turns)}; at most {OURS} times the flat program is wanted, and {JUDGED} with policies"
    )


def told(turns: list[list[Cost]]) -> str:
    """Medians and ratios of all turns; each has the costs of the flat program, and of ours: alone, with a pack that
    looks at nothing, and with policies."""
    said = _ratios([median(cost.wall for cost in arm) for arm in zip(*turns, strict=True)])
    times = [[cost.cpu for cost in arm if cost.cpu is not None] for arm in zip(*turns, strict=True)]
    return f"{said}; of CPU time, {_ratios([median(arm) for arm in times])}" if all(times) else said


def _ratios(seconds: list[float]) -> str:
    flat, ours, idle, judged = seconds
    return (
        f"a flat program {flat:.1f} s, ours {ours:.1f} s, {ours / flat:.2f} times as much, with policies "
        f"{judged:.1f} s, {judged / ours:.2f} times as much (a pack that looks at nothing: {idle / ours:.2f} times)"
    )


def _idle_pack(folder: Path) -> PackSource:
    folder.mkdir()
    (folder / "__main__.py").write_text(IDLE_PACK)
    runtime = {"name": "python", "options": {"virtualenv": sys.prefix}}
    (folder / "PulumiPolicy.yaml").write_text(json.dumps({"runtime": runtime}))
    return PackSource(folder)


def _check(result: Result, requests: list[pb.RegisterResourceRequest]) -> None:
    """Ends the process if a preview made other resources than were recorded, components aside."""
    wanted = {(it.type, it.name) for it in requests if it.custom}
    components = {(it.type, it.name) for it in requests if not it.custom}
    found = {(urns.type_of(step.urn), urns.name_of(step.urn)) for step in result.steps}
    if other := (found ^ wanted) - components:
        sys.exit(f"{result.stack}: {len(other)} resources are in one program only, for example {min(other)}")
