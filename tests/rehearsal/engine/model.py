"""Model of one stack: the resources that must exist, and the updates that must be refused, whatever came before.

After a kill or a refusal some resources may be as they were, or as they were to be. The model knows all that each
place may hold, and holds the engine to what follows from every one of these.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import product

from tests.rehearsal.engine.declared import SLOTS, Node, Program, vpc_of

May = Node | None
World = dict[str, May]


@dataclass
class Model:
    """Possible contents of each slot, ids that are known, and slots whose resource may have been replaced."""

    may: dict[str, set[May]] = field(default_factory=lambda: {slot: {None} for slot in SLOTS})
    ids: dict[str, str] = field(default_factory=dict)
    loose: set[str] = field(default_factory=set)

    def surely(self, slot: str) -> May:
        """Content of a slot, if there is only one possibility; None else, and for an empty slot."""
        return next(iter(self.may[slot])) if len(self.may[slot]) == 1 else None

    # ---- what must come of an update

    def refused(self, program: Program) -> set[bool]:
        """Returns whether an update must be refused because of what is protected: one answer, or both."""
        answers = [
            {_refused(slot, program, world) for world in self._worlds(slot)} | self._held(slot, program)
            for slot in SLOTS
        ]
        if {True} in answers:
            return {True}
        return set.union(*answers)

    def _held(self, slot: str, program: Program) -> set[bool]:
        """Both answers for a protected group whose VPC an earlier, refused update may have made anew already."""
        new = program.get(slot)
        protected = any(old is not None and old.protect for old in self.may[slot])
        held = vpc_of(slot) in self.loose and new is not None and new.protect and protected
        return {True, False} if held else set()

    def replaced(self, slot: str, program: Program) -> set[bool]:
        """Returns whether an update makes anew what is in a place."""
        answers = {_replaced(slot, program, world) for world in self._worlds(slot)}
        return answers | {True, False} if slot in self.loose else answers

    # ---- what happened

    def begun(self, program: Program) -> None:
        """An update that didn't come to its end: each place is as it was, or as it was to be."""
        self.loose |= {slot for slot in SLOTS if slot in program and True in self.replaced(slot, program)}
        for slot in SLOTS:
            self.may[slot] |= {program.get(slot)}

    def done(self, program: Program, ids: dict[str, str]) -> None:
        """An update that came to its end, and the ids that there are now."""
        self.may = {slot: {program.get(slot)} for slot in SLOTS}
        self.ids, self.loose = ids, set()

    def drifted(self, slot: str, tag: int) -> None:
        """Somebody changed a tag, and a refresh took that over."""
        self.may[slot] = {node and replace(node, tag=tag) for node in self.may[slot]}

    def gone(self, slot: str) -> None:
        """Somebody deleted something, and a refresh took that over."""
        self.may[slot] = {None}

    def falling(self) -> None:
        """A destroy that didn't come to its end."""
        for slot in SLOTS:
            self.may[slot] |= {None}

    def protected(self) -> set[bool]:
        """Returns whether anything is protected: one answer, or both."""
        answers = [{node is not None and node.protect for node in self.may[slot]} for slot in SLOTS]
        return {True} if {True} in answers else set.union(*answers)

    def _worlds(self, slot: str) -> Iterator[World]:
        """Possible contents of a slot together with those that it depends on."""
        number = slot[-1]
        together = [slot] if slot.startswith("topic") else [f"vpc{number}", f"group{number}"]
        for nodes in product(*(self.may[other] for other in together)):
            yield dict(zip(together, nodes, strict=True))


def _replaced(slot: str, program: Program, world: World) -> bool:
    old, new = world[slot], program.get(slot)
    if old is None or new is None:
        return False
    vpc = vpc_of(slot)
    return (
        old.fixed != new.fixed
        or (new.forced and old.tag != new.tag)
        or (vpc != "" and (world[vpc] is None or _replaced(vpc, program, world)))
    )


def _refused(slot: str, program: Program, world: World) -> bool:
    old, new = world[slot], program.get(slot)
    if old is None or not old.protect:
        return False
    if new is None:
        return True
    vpc = vpc_of(slot)
    falls = vpc != "" and program[vpc].first and _replaced(vpc, program, world)
    return falls or (new.protect and _replaced(slot, program, world))
