"""Release of a project's images: what a pipeline does between two updates, for none can be pushed before the first.

A project that deploys images by digest names the config key that takes them, by the last part of their repositories'
names, in its `pyproject.toml`:

    [tool.rehearsal.release]
    images = "castle:images"
    writes = ["/tmp"]           # paths that their processes write; none if left out
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from rehearsal.cloud import external_changes
from rehearsal.cloud.external_changes import REGISTRY, REPOSITORY, resources_of
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Engine
from rehearsal.project import Project, ProjectError

TAG: Final = "rehearsed"
_PROJECT: Final = "pyproject.toml"
FILE: Final = "release.json"  # in the state folder: the config that a release has set there


def images_key(project: Project) -> str:
    """Config key that takes the digests of a project's images; '' for a project that has none.

    Raises ProjectError for a key that isn't a text, and for a file that can't be read.
    """
    key = _table(project).get("images", "")
    if not isinstance(key, str):
        raise ProjectError(
            f'{_PROJECT}: tool.rehearsal.release.images: write a config key, for example "castle:images"'
        )
    return key


def paths_written(project: Project) -> list[str]:
    """Paths that the processes of a project's images write. Raises ProjectError for anything but absolute ones."""
    paths = _table(project).get("writes", [])
    if not isinstance(paths, list) or not all(isinstance(it, str) and it.startswith("/") for it in paths):
        raise ProjectError(
            f'{_PROJECT}: tool.rehearsal.release.writes: write absolute paths, for example ["/tmp"]'
        )
    return paths


def _table(project: Project) -> dict[str, Any]:
    file = project.folder / _PROJECT
    if not file.exists():
        return {}
    try:
        table = tomllib.loads(file.read_text()).get("tool", {}).get("rehearsal", {}).get("release", {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ProjectError(f"{file}: not TOML: {error}") from None
    if not isinstance(table, dict):
        raise ProjectError(f"{_PROJECT}: tool.rehearsal.release: write a table with images")
    return table


def release(engine: Engine, tag: str = TAG) -> dict[str, str]:
    """Pushes an image to each repository, sets the digests for stacks that are up, and returns them by repository.

    From then on the engine's project has them in these stacks' config, as if their files had them; so has one that
    `released` reads. A stack that joins later has none until the next push, which is replicated to it.
    Raises FailedError where there is no repository yet.
    """
    key, writes = images_key(engine.project), paths_written(engine.project)
    repositories = _pushed_to(engine)
    if not repositories:
        raise FailedError("no stack that is up has a repository; images are pushed after the first update")
    digests: dict[str, str] = {}
    for repository in repositories:
        digest = f"sha256:{hashlib.sha256(f'{repository.id}:{tag}'.encode()).hexdigest()}"
        pushed = external_changes.image_pushed(engine.store.resources, repository, digest, tag, writes)
        engine.change_cloud(pushed)
        digests[repository.id] = digest
    if key:
        by_name = {name.rpartition("/")[2]: digest for name, digest in digests.items()}
        stacks = [stack for stack in engine.stacks() if engine.records(stack)]
        config = {stack: {key: json.dumps(by_name)} for stack in stacks}
        (engine.store.folder / FILE).write_text(json.dumps(config))
        engine.project = replace(engine.project, released=config)
    return digests


def released(project: Project, state: Path) -> Project:
    """The project with the config that a release has set in a state folder, if there was one."""
    file = state / FILE
    return replace(project, released=json.loads(file.read_text())) if file.exists() else project


def _pushed_to(engine: Engine) -> list[CloudResource]:
    """Repositories that images are pushed to: those of the region whose registry replicates, or all."""
    resources = engine.store.resources
    repositories = resources_of(resources, REPOSITORY)
    replicating = {it.region for it in resources_of(resources, REGISTRY)}
    return [it for it in repositories if not replicating or it.region in replicating]
