"""Project of the flat program: `flat_program` in a folder, as the CLI and the embedded engine run it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import yaml
from pulumi.runtime.proto import resource_pb2 as pb

from rehearsal.cloud import Cloud, baseline
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.engine.records import Resource
from rehearsal.project import Project
from rehearsal.release import images_key, release
from rehearsal.state.store import Store
from tests.bench.lifecycle import passed
from tests.bench.preview.flat_program import flat_program
from tests.rehearsal.engine.replay import Recorder
from tests.root import ROOT


def recorded(
    project: Project, stack: str, state: Path, server: ForkServer
) -> tuple[list[pb.RegisterResourceRequest], list[Resource]]:
    """Requests of a program in an update with images, in their order, and the resources that they led to."""
    store = Store(state, baseline.resources())
    cloud = Cloud(store.resources, ROOT / ".cache" / "schema")
    with Recorder(project, store, cloud, server=server) as opened:
        passed(opened.update(stack, project.config(stack, {})))
        if images_key(project):
            release(opened)
        resources = passed(opened.update(stack, opened.project.config(stack, {}))).resources
    messages = (request.message for request in opened.requests[stack])
    return [it for it in messages if isinstance(it, pb.RegisterResourceRequest)], resources


def write_project(
    folder: Path, stack: str, requests: Iterable[pb.RegisterResourceRequest], resources: Iterable[Resource]
) -> Project:
    """Writes the flat program of a recording into a new folder, as a module that Python compiles once."""
    folder.mkdir()
    (folder / "resources.py").write_text(flat_program(requests, resources))
    (folder / "__main__.py").write_text("import resources  # noqa: F401 it makes them\n")
    ours = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
    disabled = "pulumi:disable-default-providers"
    (folder / "Pulumi.yaml").write_text(
        yaml.safe_dump(ours | {"config": {disabled: ours["config"][disabled]}})
    )
    (folder / f"Pulumi.{stack}.yaml").write_text("config: {}\n")
    for name, target in (
        ("workloads", ROOT / "workloads"),
        (".venv", Path(sys.prefix)),
    ):  # what functions run
        (folder / name).symlink_to(target)
    return Project.read(folder)
