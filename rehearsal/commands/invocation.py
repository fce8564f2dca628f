"""What every command of the rehearsal takes, and how it tells of a mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import typer

from rehearsal.cloud import Cloud, baseline
from rehearsal.commands.report import Report
from rehearsal.engine.events import Event, FailedError
from rehearsal.engine.operations import Engine
from rehearsal.engine.policies.pack import PackSource
from rehearsal.project import Project, ProjectError
from rehearsal.state.journal import DamagedError
from rehearsal.state.store import LockedError, Store


@dataclass(frozen=True)
class Options:
    """What every command takes."""

    folder: Path
    state: Path | None
    pack: Path | None
    pack_config: Path | None

    @property
    def remembered(self) -> Path:
        """The folder in which commands find what earlier ones left."""
        return self.state or self.folder / ".rehearsal" / "state"

    @property
    def source(self) -> PackSource | None:
        """The pack with its config, if there is to be one."""
        return PackSource(self.pack.resolve(), self.pack_config) if self.pack else None

    def engine(self, state: Path, watch: Callable[[str, Event], None]) -> Engine:
        """An engine over a state folder. Raises ProjectError for a folder that is no project."""
        project = Project.read(self.folder)
        store = Store(state, baseline.things())
        cloud = Cloud(store.things, self.folder / ".cache" / "schema")
        return Engine(project, store, cloud, self.source, watch)


@contextmanager
def mistakes(report: Report) -> Iterator[None]:
    """Shows a user's mistake as one line, and sets the exit status."""
    try:
        yield
    except (ProjectError, DamagedError, LockedError, FailedError) as error:
        report.error(str(error))
        raise typer.Exit(1) from None
