"""CLI engine: runs the Pulumi CLI, where there is one, with the pretend cloud as its providers.

It works in a copy of the project, since the CLI edits stack files, with a backend, a home and a cloud of its
own beside it: the user's own Pulumi state is not touched, and there is no access to a network.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import yaml

from rehearsal import cli_checkpoint, cli_events, provider
from rehearsal.cloud import Cloud, baseline
from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.engine.events import Diagnostic, FailedError, Step
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.options import EVERYTHING, OperationOptions
from rehearsal.engine.policies.pack import PackSource
from rehearsal.engine.records import Resource
from rehearsal.project import Project
from rehearsal.state.store import Store

OLDEST = 200  # the CLI's minor version, of major version 3
_COMMANDS = {
    "preview": ("preview",),
    "update": ("up", "--yes", "--skip-preview"),
    "refresh": ("refresh", "--yes", "--skip-preview"),
    "destroy": ("destroy", "--yes", "--skip-preview"),
    "refresh, in preview": ("refresh", "--preview-only"),
    "destroy, in preview": ("destroy", "--preview-only"),
}
_WITH_POLICIES = ("preview", "update")  # the operations that take a policy pack


def missing_cli() -> str:
    """Reason, in one line, why the CLI engine can't run here; '' if it can."""
    if shutil.which("pulumi") is None:
        return f"the real engine needs the Pulumi CLI, 3.{OLDEST} or newer, on PATH, and there is none"
    version = subprocess.run(
        ["pulumi", "version"], capture_output=True, text=True, check=False
    ).stdout.strip()
    numbers = re.match(r"v?(\d+)\.(\d+)\.", version)  # a development build may print none
    if numbers and (int(numbers[1]), int(numbers[2])) < (3, OLDEST):
        return f"the real engine needs the Pulumi CLI, 3.{OLDEST} or newer, and the one on PATH is {version}"
    return ""


class CliEngine(Engine):
    """Engine that runs the Pulumi CLI. Use it as a context.

    `home` is a folder of its own, whose content stays: a later engine goes on where this one stopped. `cloud_over`
    makes the cloud over the home's resources, `env` is added to the CLI's environment, and `refusal_delay` is that of
    its providers (seconds).
    """

    def __init__(
        self,
        project: Project,
        home: Path,
        pack: PackSource | None = None,
        *,
        cloud_over: Callable[[MutableMapping[str, CloudResource]], Cloud] | None = None,
        env: Mapping[str, str] | None = None,
        refusal_delay: float = 0.0,
        **others: Any,
    ) -> None:
        home.mkdir(parents=True, exist_ok=True)
        store = Store(home / "cloud", baseline.resources())
        self._cloud_over = cloud_over or partial(Cloud, cache=project.folder / ".cache" / "schema")
        super().__init__(project, store, self._cloud_over(store.resources), pack, **others)
        self._home = home.resolve()
        self._copy = self._home / "project"
        self._open = ExitStack()
        self._more_env = dict(env or {})
        self._refusal_delay = refusal_delay
        self._env: dict[str, str] = {}

    def __enter__(self) -> CliEngine:
        (self._home / "backend").mkdir(exist_ok=True)
        (self._home / "pulumi").mkdir(exist_ok=True)
        attached = self._open.enter_context(
            provider.serve(self.store, self.cloud, self._fork_server(), self._refusal_delay)
        )
        self._env = {
            **{key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")},
            **attached,
            "PULUMI_HOME": str(self._home / "pulumi"),
            "PULUMI_BACKEND_URL": (self._home / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_DEBUG_COMMANDS": "true",  # without it there is no event log
            "PULUMI_PYTHON_CMD": sys.executable,  # for a project that names no virtual environment
            **self._more_env,
        }
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()
        super().__exit__(*error)

    def refresh(self, stack: str, options: OperationOptions = EVERYTHING, *, preview: bool = False) -> Result:
        operation = "refresh, in preview" if preview else "refresh"
        return replace(self._run(operation, stack, {}, _flags(options)), operation="refresh")

    def destroy(self, stack: str, options: OperationOptions = EVERYTHING, *, preview: bool = False) -> Result:
        """Destroy, after a preview that finds what is protected before the first deletion.

        The preview is a command of its own, for the CLI would write both into one event log, over each other.
        """
        previewed = self._run("destroy, in preview", stack, {}, _flags(options))
        if preview:
            return replace(previewed, operation="destroy")
        if not previewed.failed:
            return self._run("destroy", stack, {}, _flags(options))
        # Nothing was done: of the steps only refused ones are reported, as by the embedded engine.
        events = [event for event in previewed.events if not isinstance(event, Step) or event.refused]
        return replace(previewed, operation="destroy", events=events)

    def copied(self, folder: Path) -> CliEngine:
        with self.store.change():
            shutil.copytree(self._home, folder, symlinks=True)
        return CliEngine(
            self.project, folder, cloud_over=self._cloud_over, watch=self.watch, server=self._fork_server()
        )

    def beside(self) -> None:
        return None  # its providers know one engine at a time, from `Attach`

    def records(self, stack: str) -> list[Resource]:
        """State of the resources in the stack's checkpoint; encrypted values stay encrypted."""
        file = self._checkpoint(stack)
        latest = json.loads(file.read_text())["checkpoint"].get("latest") if file.exists() else None
        return [cli_checkpoint.resource(record) for record in (latest or {}).get("resources") or []]

    def _release_retained(self, before: Iterable[Resource], after: Iterable[Resource]) -> None:
        """Marks retained resources as unmanaged in the cloud: the CLI reports `retainOnDelete` to no provider."""
        kept = {(resource.type, resource.id) for resource in after}
        with self.store.change():
            for resource in before:
                if resource.retain_on_delete and resource.id and (resource.type, resource.id) not in kept:
                    self.store.commit(provider.JOURNAL, {}, self.cloud.release(resource.urn, resource.id))

    def _deploy(
        self, operation: str, stack: str, config: Mapping[str, str], options: OperationOptions
    ) -> Result:
        return self._run(operation, stack, config, _flags(options))

    # ---- running the CLI

    def _run(
        self, operation: str, stack: str, config: Mapping[str, str], options: Sequence[str] = ()
    ) -> Result:
        result = Result(operation, stack)
        began = time.monotonic()
        self._write_project(stack, config)
        if not self._checkpoint(stack).exists():
            command = ["pulumi", "stack", "init", stack]
            init = subprocess.run(
                command, **self._process_options(), capture_output=True, text=True, check=False
            )
            if init.returncode:
                raise FailedError(f"pulumi stack init {stack}:\n{init.stderr}")
        before = self.records(stack)
        log = self._home / "events.jsonl"
        log.unlink(missing_ok=True)
        command = ["pulumi", *_COMMANDS[operation], "--stack", stack, "--non-interactive"]
        command += [
            "--event-log",
            str(log),
            *options,
            *(self._policy_options() if operation in _WITH_POLICIES else ()),
        ]
        with (self._home / "output.txt").open("w+") as output:
            process = subprocess.Popen(
                command, **self._process_options(), stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            try:
                for event in cli_events.events(cli_events.records(log, process)):
                    result.events = cli_events.with_event(result.events, event)
                    self.watch(stack, event)
            finally:
                process.kill()  # whatever stopped the loop; no error if it has ended
                process.wait()
            result.failed = process.returncode != 0
            if "preview" in operation:
                result.events = cli_events.with_refusals(result.events)
            if result.failed and not any(cli_events.is_error(event) for event in result.events):
                output.seek(0)
                result.events.append(Diagnostic("error", output.read()))
        shown = self.recorded(stack)
        self._release_retained(before, shown.resources)
        result.resources, result.outputs = shown.resources, shown.outputs
        result.owners = {r.urn: r.parent if r.custom else r.urn for r in result.resources}
        result.seconds = time.monotonic() - began
        return result

    def _process_options(self) -> dict[str, Any]:
        return {"cwd": self._copy, "env": self._env}

    def _policy_options(self) -> tuple[str, ...]:
        if self.pack is None:
            return ()
        config = ("--policy-pack-config", str(self.pack.config.resolve())) if self.pack.config else ()
        folder = self.pack.folder.resolve()
        if folder.is_relative_to(self.project.folder):  # it is copied with the project
            folder = self._copy / folder.relative_to(self.project.folder)
        return ("--policy-pack", str(folder), *config)

    def _write_project(self, stack: str, config: Mapping[str, str]) -> None:
        """Copies the project as it is now. The copy's stack file gets the config that the project doesn't give."""
        shutil.rmtree(self._copy, ignore_errors=True)
        shutil.copytree(
            self.project.folder, self._copy, ignore=shutil.ignore_patterns(".*", "__pycache__"), symlinks=True
        )
        (self._copy / ".venv").symlink_to(sys.prefix)
        file = self._copy / f"Pulumi.{stack}.yaml"
        if config:
            defaults = self.project.defaults()
            own = {key: self._typed(key, text) for key, text in config.items() if defaults.get(key) != text}
            file.write_text(yaml.safe_dump({"config": own}))

    def _typed(self, key: str, text: str) -> Any:
        entry = self.project.declared.get(key.removeprefix(f"{self.project.name}:"))
        kind = entry.get("type") if isinstance(entry, dict) else None
        return json.loads(text) if kind not in (None, "string") else text

    # ---- its checkpoint

    def _checkpoint(self, stack: str) -> Path:
        return self._home / "backend" / ".pulumi" / "stacks" / self.project.name / f"{stack}.json"


def _flags(options: OperationOptions) -> list[str]:
    """Options as the CLI takes them."""
    named = {"target": options.targets, "exclude": options.excludes, "replace": options.replaces}
    flags = [f"--{name}={urn}" for name, urns in named.items() for urn in urns]
    switches = (
        "target_dependents",
        "exclude_dependents",
        "refresh",
        "continue_on_error",
        "exclude_protected",
    )
    flags += [f"--{name.replace('_', '-')}" for name in switches if getattr(options, name)]
    return [*flags, f"--parallel={options.parallel}"] if options.parallel else flags
