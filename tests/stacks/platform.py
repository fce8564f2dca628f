"""The committed program, all stacks of it, brought up once in the embedded engine."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from rehearsal.cloud import Cloud, baseline
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.events import Violation
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.policies.pack import PackSource
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.processes.sdk_preload import preload_of
from rehearsal.engine.records import Resource
from rehearsal.project import Project
from rehearsal.release import release, released
from rehearsal.state.store import Store
from tests.rehearsal.engine.replay import Recorder, Request
from tests.root import PACK as FOLDER
from tests.root import ROOT

PACK = PackSource(FOLDER, FOLDER / "castle.json")


@cache
def forks() -> ForkServer:
    """One warm server for the program and all its copies, as long as the process lives: a start takes seconds."""
    server = ForkServer(preload_of(ROOT))
    atexit.register(server.close)
    return server


@contextmanager
def engine(
    state: Path,
    folder: Path = ROOT,
    pack: PackSource | None = None,
    *,
    strict: bool = True,
    warm: bool = True,
) -> Iterator[Engine]:
    """An engine over a copy of the program, or the program itself, with a state folder of the test's own.

    One that isn't `warm` starts a server of its own, as every new process does.
    """
    store = Store(state, baseline.resources())
    cloud = Cloud(store.resources, ROOT / ".cache" / "schema", strict=strict)
    server = forks() if warm else None
    with EmbeddedEngine(released(Project.read(folder), state), store, cloud, pack, server=server) as opened:
        yield opened


def update(opened: Engine, stack: str, **config: str) -> Result:
    """An update that must succeed."""
    result = opened.update(stack, opened.project.config(stack, config))
    assert not result.failed, [event for event in result.events if event.__class__.__name__ == "Diagnostic"]
    return result


@dataclass(frozen=True)
class Platform:
    """Every stack's update, by stack, in the order of their references, and all that then exists.

    The one of `brought_up` has more: previews from nothing, the updates before images could be pushed, what the
    programs of those after it asked of the engine, and what platform rules found.
    """

    results: dict[str, Result]
    things: dict[str, CloudResource]
    empty: dict[str, Result] = field(default_factory=dict)
    previews: dict[str, Result] = field(default_factory=dict)
    requests: dict[str, list[Request]] = field(default_factory=dict)
    violations: list[Violation] | None = None

    def resources(self) -> Iterator[tuple[str, Resource]]:
        """Every resource with its stack."""
        for stack, result in self.results.items():
            for resource in result.resources:
                yield stack, resource

    def of(self, type_: str) -> list[Resource]:
        """Every resource of a type."""
        return [resource for _, resource in self.resources() if resource.type == type_]


def brought_up(state: Path) -> Platform:
    """The platform, brought up in a state folder: first without images, then with them."""
    store = Store(state, baseline.resources())
    cloud = Cloud(store.resources, ROOT / ".cache" / "schema")
    with Recorder(Project.read(ROOT), store, cloud, PACK, server=forks()) as opened:
        previews, empty = {}, {}
        for stack in opened.stacks():
            previews[stack] = opened.preview(stack, opened.project.config(stack, {}))
            opened.pack = None  # which has judged it in the preview, and does again with images
            empty[stack] = update(opened, stack)
            opened.pack = PACK
        release(opened)
        results = {stack: update(opened, stack) for stack in opened.stacks()}
        violations = opened.platform(opened.stacks())
        return Platform(results, dict(store.resources), empty, previews, opened.requests, violations)
