"""Options of every command: folder, state folder and policy pack; and the report of a user's error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from rehearsal.cloud import Cloud, baseline
from rehearsal.commands.report import Report
from rehearsal.engine.embedded import EmbeddedEngine
from rehearsal.engine.events import Event, FailedError
from rehearsal.engine.policies.pack import PackSource
from rehearsal.project import Project, ProjectError
from rehearsal.release import released
from rehearsal.state.journal import DamagedError
from rehearsal.state.locks import LockedError
from rehearsal.state.store import Store


@dataclass(frozen=True)
class Options:
    """Options that every command takes."""

    folder: Path
    state: Path | None
    pack: Path | None
    pack_config: Path | None

    @property
    def state_folder(self) -> Path:
        """State folder of the commands that share one, by default `.rehearsal/state`."""
        return self.state or self.folder / ".rehearsal" / "state"

    @property
    def pack_source(self) -> PackSource | None:
        """Policy pack with its config; None for no policies."""
        return PackSource(self.pack.resolve(), self.pack_config) if self.pack else None

    def engine(self, state: Path, watch: Callable[[str, Event], None]) -> EmbeddedEngine:
        """Embedded engine over a state folder. Raises ProjectError for a folder that is no project."""
        project = released(Project.read(self.folder), state)
        store = Store(state, baseline.resources())
        cloud = Cloud(store.resources, self.folder / ".cache" / "schema")
        return EmbeddedEngine(project, store, cloud, self.pack_source, watch)


@contextmanager
def reporting_user_errors(report: Report) -> Iterator[None]:
    """Reports a user's error as one line, and sets the exit status."""
    try:
        yield
    except (ProjectError, DamagedError, LockedError, FailedError) as error:
        report.error(str(error))
        raise typer.Exit(1) from None
