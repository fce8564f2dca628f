"""One journey of the committed platform, for both engines, and what either did on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from rehearsal.commands.takedown import down
from rehearsal.engine import urns
from rehearsal.engine.events import Diagnostic, Step
from rehearsal.engine.operations import Engine, Result
from rehearsal.engine.records import Resource
from rehearsal.project import Project
from tests.program_copy import edit_source

RECORDED = Path(__file__).parent / "recorded"

Told = tuple[str, str, tuple[str, ...], tuple[str, ...]]  # operation, URN, changed keys, replacing keys

# A later version of the program: it updates in place, renames with an alias, and replaces with what depends on it.
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
    """One operation on one stack. `title` is what it is called in the records; `later` says which program runs."""

    title: str
    operation: str
    stack: str
    config: dict[str, str] = field(default_factory=dict)
    later: bool = False


def acts(project: Project, stacks: Sequence[str]) -> Iterator[Act]:
    """Up, up again, the later program, and down; the stacks in the order of their references."""
    for stack in stacks:
        yield Act("preview", "preview", stack)
        yield Act("up", "update", stack)
    for stack in stacks:
        yield Act("up again", "update", stack)
    for stack in stacks:
        yield Act("preview of the later program", "preview", stack, later=True)
        yield Act("up to the later program", "update", stack, later=True)
    for stack, config in down(project, stacks):
        yield Act("retired", "update", stack, {**config, "castle:retire": "true"}, later=True)
        yield Act("destroyed", "destroy", stack)


def travelled(opened: Engine, program: Path) -> Iterator[tuple[Act, Result]]:
    """Runs the journey, on a copy of the program, and tells each act with what came of it."""
    now_later = False
    for act in acts(opened.project, opened.stacks()):
        if act.later and not now_later:
            _rewrite(program)
            now_later = True
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
    for file, edits in LATER.items():
        for old, new in edits:
            edit_source(program, file, old, new)


# ---- what was done ----------------------------------------------------------------------------------


def told(steps: Sequence[Step]) -> set[Told]:
    """The steps as a set: engines may take them in any order that their dependencies allow."""
    return {(s.op, s.urn, tuple(sorted(s.changed)), tuple(sorted(s.replaces))) for s in steps}


def recorded(act: Act, steps: Sequence[Step]) -> list[str]:
    """The set as lines for a file; what stayed the same is only counted."""
    lines = [f"{sum(step.op == 'same' for step in steps)} same"]
    for op, urn, changed, replaces in sorted(told(steps)):
        if op != "same":
            keys = f"  changed {' '.join(changed)}" if changed else ""
            keys += f"  replaces {' '.join(replaces)}" if replaces else ""
            lines.append(f"{op} {urn.split('::', 2)[2]}{keys}")
    return [f"== {act.title}", *lines]


def misplaced(steps: Sequence[Step], resources: Sequence[Resource]) -> list[str]:
    """The steps that were taken before what they need was made, or after what they need was deleted."""
    made = {s.urn: i for i, s in enumerate(steps) if s.op in ("create", "create-replacement")}
    gone = {s.urn: i for i, s in enumerate(steps) if s.op in ("delete", "delete-replaced")}
    wrong = []
    for resource in resources:
        for needed in resource.needs():
            late_made = made.get(resource.urn, len(steps)) < made.get(needed, -1)
            early_gone = gone.get(needed, len(steps)) < gone.get(resource.urn, -1)
            if late_made or early_gone:
                wrong.append(f"{urns.name_of(resource.urn)} and {urns.name_of(needed)}, which it needs")
    return wrong
