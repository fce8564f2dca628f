"""Stage of a duel: one engine with a project, a state and a cloud of its own, on which acts are played."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from rehearsal.cli_engine import CliEngine
from rehearsal.cloud import baseline
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.options import EVERYTHING, OperationOptions
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.project import Project
from rehearsal.state.store import Store
from tests.engine.duel import quick_python
from tests.engine.duel.faults import FaultyCloud
from tests.engine.duel.observation import Observation, Observer
from tests.engine.duel.rendering import whole

STACK: Final = "dev"
# Of an empty passphrase: made once, since a new one costs each operation of the CLI a third of a second.
_SALT: Final = "v1:+hRCnDSTuM4=:v1:B+kiMKTVfCRDR+kt:li1oDcqfCObi+5VeGAVKKLR8coSXRA=="

_REFUSAL_DELAY: Final = 0.5  # seconds: deletions that run beside one that fails end before, in each run


@dataclass(frozen=True, kw_only=True)
class Act:
    """One operation, with the body of the program's main function and what the cloud refuses meanwhile."""

    operation: str
    program: str = ""
    options: OperationOptions = EVERYTHING
    refused: tuple[str, ...] = ()


class Stage:
    """Stage over an engine whose cloud can be made to refuse."""

    def __init__(self, engine: Engine, cloud: FaultyCloud, project: Path) -> None:
        self._engine = engine
        self._cloud = cloud
        self._project = project
        self._observer = Observer(engine, STACK, _decrypted)

    def play(self, act: Act) -> Observation:
        """Plays an act, and observes what came of it."""
        (self._project / "__main__.py").write_text(whole(act.program))
        self._cloud.refused = act.refused
        try:
            return self._observer.observe(self._result(act))
        finally:
            self._cloud.refused = ()

    def _result(self, act: Act) -> Result:
        engine, options = self._engine, act.options
        match act.operation:
            case "preview":
                return engine.preview(STACK, self._config(), options)
            case "update":
                return engine.update(STACK, self._config(), options)
            case "refresh" | "preview of refresh":
                return engine.refresh(STACK, options, preview=act.operation != "refresh")
            case "destroy" | "preview of destroy":
                return engine.destroy(STACK, options, preview=act.operation != "destroy")
            case _:
                raise ValueError(f"no engine knows the operation {act.operation}")

    def _config(self) -> dict[str, str]:
        # The CLI reads the stack's file itself.
        return {} if isinstance(self._engine, CliEngine) else self._engine.project.config(STACK, {})


@contextmanager
def embedded(folder: Path, server: ForkServer) -> Iterator[Stage]:
    """Stage of the embedded engine."""
    project = _project(folder)
    store = Store(folder / "state", baseline.resources())
    cloud = FaultyCloud(store.resources)
    with EmbeddedEngine(Project.read(project), store, cloud, server=server) as engine:
        yield Stage(engine, cloud, project)


@contextmanager
def cli(folder: Path, server: ForkServer) -> Iterator[Stage]:
    """Stage of the CLI's engine, on a stack that exists already: `stack init` would cost as much as an update."""
    project = _project(folder)
    backend = folder / "home" / "backend" / ".pulumi"
    (backend / "stacks" / "lab").mkdir(parents=True)
    (backend / "meta.yaml").write_text("version: 1\n")
    empty = {"version": 3, "checkpoint": {"stack": f"organization/lab/{STACK}"}}
    (backend / "stacks" / "lab" / f"{STACK}.json").write_text(json.dumps(empty))
    with (
        quick_python.served(server) as python,
        CliEngine(
            Project.read(project),
            folder / "home",
            cloud_over=FaultyCloud,
            env={
                "PULUMI_PYTHON_CMD": str(python),
                "PULUMI_DIY_BACKEND_DISABLE_CHECKPOINT_BACKUPS": "true",
            },
            refusal_delay=_REFUSAL_DELAY,
            server=server,
        ) as engine,
    ):
        assert isinstance(engine.cloud, FaultyCloud)
        yield Stage(engine, engine.cloud, project)


def _project(folder: Path) -> Path:
    project = folder / "project"
    project.mkdir(parents=True)
    (project / "Pulumi.yaml").write_text("name: lab\nruntime: python\n")
    (project / f"Pulumi.{STACK}.yaml").write_text(
        f"encryptionsalt: {_SALT}\nconfig:\n  aws:region: us-east-1\n"
    )
    return project


def _decrypted(ciphertext: str) -> str:
    """Text of a secret in a checkpoint of the CLI, which is encrypted with an empty passphrase."""
    _, nonce, sealed = ciphertext.split(":")
    return AESGCM(_key()).decrypt(base64.b64decode(nonce), base64.b64decode(sealed), None).decode()


@functools.cache
def _key() -> bytes:
    return hashlib.pbkdf2_hmac("sha256", b"", base64.b64decode(_SALT.split(":")[1]), 1_000_000, 32)
