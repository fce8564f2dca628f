"""Journey of the committed platform: one sequence of operations for both engines, and the record of their steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.commands.takedown import takedown_order
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Step
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.records import Resource
from rehearsal.project import Project
from rehearsal.release import release
from tests.program_copy import edit_source

RELEASED = "up with images"
RECORDED = Path(__file__).parent / "recorded"

StepKey = tuple[str, str, tuple[str, ...], tuple[str, ...]]  # operation, URN, changed keys, replacing keys

# A later version of the program, as edits of its sources: updates in place, aliases, a replacement with dependents.
LATER = {
    "components/network/interface_endpoints.py": [
        ('f"{name}-from-app-{zone}"', 'f"{name}-from-{zone}"'),
        (
            "cidr_ipv4=cidr,\n                opts=child,",
            "cidr_ipv4=cidr,\n                opts=pulumi.ResourceOptions(\n"
            '                    parent=self, aliases=[pulumi.Alias(name=f"{name}-from-app-{zone}")]\n'
            "                ),",
        ),
        ('description="Interface endpoints"', 'description="Endpoints"'),
        ('tags={"Name": f"{name}-{service}"}', 'tags={"Name": service}'),
    ],
    "components/ingress/web_acl.py": [
        (
            'f"{self._name}-log-policy",\n            region=args.region,',
            'f"{self._name}-delivery",\n            region=args.region,',
        ),
        (
            "log_policy(args.log_group, args.account, args.region)),\n            opts=self._child,",
            "log_policy(args.log_group, args.account, args.region)),\n            opts=pulumi.ResourceOptions(\n"
            '                parent=self, aliases=[pulumi.Alias(name=f"{self._name}-log-policy")]\n            ),',
        ),
        ("retention_in_days=args.log_days", "retention_in_days=731"),
    ],
}


@dataclass(frozen=True)
class Act:
    """One operation on one stack, with its title in the records; `later` if the later program runs."""

    title: str
    operation: str
    stack: str
    config: dict[str, str] = field(default_factory=dict)
    later: bool = False


def acts(project: Project, stacks: Sequence[str]) -> Iterator[Act]:
    """Up, up with images, up again, the later program, and down; the stacks in the order of their references."""
    for stack in stacks:
        yield Act("preview", "preview", stack)
        yield Act("up", "update", stack)
    for stack in stacks:
        yield Act(RELEASED, "update", stack)
    for stack in stacks:
        yield Act("up again", "update", stack)
    for stack in stacks:
        yield Act("preview of the later program", "preview", stack, later=True)
        yield Act("up to the later program", "update", stack, later=True)
    for stack, config in takedown_order(project, stacks):
        yield Act("retired", "update", stack, {**config, "castle:retire": "true"}, later=True)
        yield Act("destroyed", "destroy", stack)


def travel(opened: Engine, program: Path) -> Iterator[tuple[Act, Result]]:
    """Runs the journey on a copy of the program. Yields each act with its result."""
    rewritten = released = False
    for act in acts(opened.project, opened.stacks()):
        if act.later and not rewritten:
            _rewrite(program)
            rewritten = True
        if act.title == RELEASED and not released:
            release(opened)
            released = True
        config = opened.project.config(act.stack, act.config)
        match act.operation:
            case "preview":
                result = opened.preview(act.stack, config)
            case "update":
                result = opened.update(act.stack, config)
            case _:
                result = opened.destroy(act.stack)
        assert not result.failed, (act, [e for e in result.events if isinstance(e, Diagnostic)])
        yield act, result


def _rewrite(program: Path) -> None:
    """Makes the edits of the later program."""
    for file, edits in LATER.items():
        for old, new in edits:
            edit_source(program, file, old, new)


# ---- the steps --------------------------------------------------------------------------------------


def step_set(steps: Sequence[Step]) -> set[StepKey]:
    """Steps as a set: engines may take them in any order that their dependencies allow."""
    return {(s.op, s.urn, tuple(sorted(s.changed)), tuple(sorted(s.replaces))) for s in steps}


def recorded(act: Act, steps: Sequence[Step]) -> list[str]:
    """Lines for a file of records; steps without a change are only counted."""
    lines = [f"{sum(step.op == 'same' for step in steps)} same"]
    for op, urn, changed, replaces in sorted(step_set(steps)):
        if op != "same":
            keys = f"  changed {' '.join(changed)}" if changed else ""
            keys += f"  replaces {' '.join(replaces)}" if replaces else ""
            lines.append(f"{op} {urn.split('::', 2)[2]}{keys}")
    return [f"== {act.title}", *lines]


def misplaced(steps: Sequence[Step], resources: Sequence[Resource]) -> list[str]:
    """Steps taken before a resource that they need was created, or after it was deleted."""
    created = {s.urn: i for i, s in enumerate(steps) if s.op in ("create", "create-replacement")}
    deleted = {s.urn: i for i, s in enumerate(steps) if s.op in ("delete", "delete-replaced")}
    wrong = []
    for resource in resources:
        for needed in resource.needs():
            created_early = created.get(resource.urn, len(steps)) < created.get(needed, -1)
            deleted_late = deleted.get(needed, len(steps)) < deleted.get(resource.urn, -1)
            if created_early or deleted_late:
                wrong.append(f"{urns.name_of(resource.urn)} and {urns.name_of(needed)}, which it needs")
    return wrong
