"""Runs a drill: after each scene the stacks are refreshed and previewed, and their plans are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from rehearsal.cloud import external_changes
from rehearsal.drills import judge
from rehearsal.drills.drill import Drill, Scene, Stage, stack_of
from rehearsal.drills.judge import Finding
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Result
from rehearsal.engine.options import OperationOptions

Progress = Callable[[str, str], AbstractContextManager[None]]


@dataclass
class StackOutcome:
    """Refresh and preview of one stack after one scene, with the findings."""

    stack: str
    excluded: list[str] = field(default_factory=list)  # URNs that the refresh had to leave out
    refreshed: Result | None = None
    previewed: Result | None = None
    findings: list[Finding] = field(default_factory=list)


@dataclass
class JudgedScene:
    """Scene that has been judged, with the outcome of each stack."""

    scene: Scene
    outcomes: list[StackOutcome] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """Findings of all stacks."""
        return [finding for look in self.outcomes for finding in look.findings]


def play(
    drill: Drill, stage: Stage, progress: Progress, begins: Callable[[Scene], None] = lambda _: None
) -> Iterator[JudgedScene]:
    """Runs the drill, and yields each scene when it has been judged. Raises FailedError if it can't be run.

    `begins` is called with each scene before the stacks are refreshed.
    """
    for type_ in drill.needs:
        if not external_changes.resources_of(stage.resources, type_):
            raise FailedError(f"{drill.name} needs a {type_}, and no stack that is up has one")
    for scene in drill.act(stage):
        begins(scene)
        played = JudgedScene(scene)
        for result, allowed in scene.operations:
            findings = list(judge.operation_findings(result, allowed))
            played.outcomes.append(StackOutcome(result.stack, previewed=result, findings=findings))
        for fault in scene.health_faults:
            finding = Finding(fault.kind, stack_of(fault.urn), fault.urn, fault.cause)
            played.outcomes.append(StackOutcome(finding.stack, findings=[finding]))
        for stack in stage.chosen if scene.stacks is None else scene.stacks:
            played.outcomes.append(_looked_at(drill, stage, scene, stack, progress))
        yield played


def _looked_at(drill: Drill, stage: Stage, scene: Scene, stack: str, progress: Progress) -> StackOutcome:
    engine, look = stage.engine, StackOutcome(stack)
    if scene.refreshed:
        look.excluded = engine.unreadable(stack)
        with progress("refresh", stack):
            look.refreshed = engine.refresh(stack, OperationOptions(excludes=tuple(look.excluded)))
        look.findings += judge.error_findings(look.refreshed)
    with progress("preview", stack):
        look.previewed = engine.preview(stack, engine.project.config(stack, scene.config))
    expected = [step for step in scene.expected if stack_of(step.urn) == stack]
    look.findings += judge.preview_findings(look.previewed, expected, drill.protected_types)
    return look
