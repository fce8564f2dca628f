"""The CLI's own engine over the same pretend cloud, for comparison."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from rehearsal.engine.events import Step
from tests.rehearsal.lab import Lab

ROOT = Path(__file__).parents[2]


def environment(home: Path) -> dict[str, str]:
    """An environment in which the CLI keeps all that it has in a folder, and runs this interpreter."""
    backend = home / "backend"
    backend.mkdir(parents=True)
    return os.environ | {
        "PULUMI_HOME": str(home),
        "PULUMI_BACKEND_URL": backend.as_uri(),
        "PULUMI_CONFIG_PASSPHRASE": "",
        "PULUMI_SKIP_UPDATE_CHECK": "true",
        "PULUMI_PYTHON_CMD": sys.executable,
        "PULUMI_DEBUG_COMMANDS": "1",
    }


class Real:
    """A lab's project under the CLI: a backend, a cloud and a stack file of its own, the same program."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab
        self._home = lab.folder / "cli"
        self._env = environment(self._home)
        self._run("pulumi", "stack", "init", "dev")

    def do(self, *command: str) -> tuple[list[Step], int]:
        """Runs `pulumi COMMAND` on the stack. Returns its steps and its exit status."""
        log = self._home / "events.jsonl"
        log.unlink(missing_ok=True)
        attach = [sys.executable, "-m", "rehearsal", "-C", str(self._lab.folder)]
        attach += ["--state", str(self._home / "cloud"), "attach", "--"]
        run = ["pulumi", *command, "--stack", "dev", "--non-interactive", "--event-log", str(log)]
        status = self._run(*attach, *run)
        events = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
        found = [event["resourcePreEvent"]["metadata"] for event in events if "resourcePreEvent" in event]
        return [_step(metadata) for metadata in found], status

    def _run(self, *command: str) -> int:
        done = subprocess.run(
            command,
            cwd=ROOT if "-m" in command else self._lab.folder,
            env=self._env,
            capture_output=True,
            check=False,
        )
        self.said = (done.stdout + done.stderr).decode()
        return done.returncode


def _step(metadata: dict[str, object]) -> Step:
    def keys(name: str) -> tuple[str, ...]:
        found = metadata.get(name)
        return tuple(sorted(map(str, found))) if isinstance(found, list) else ()

    return Step(str(metadata["op"]), str(metadata["urn"]), keys("diffs"), keys("keys"))
