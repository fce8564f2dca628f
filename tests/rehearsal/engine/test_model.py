"""Random edits, kills, drifts and destroys of small programs: the engine does what a plain model predicts."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rehearsal.cloud import Cloud, baseline
from rehearsal.cloud.account.quotas import quotas_record
from rehearsal.engine import urns
from rehearsal.engine.operations import Result
from rehearsal.engine.processes.forkserver import ForkServer
from rehearsal.project import Project
from rehearsal.state.store import Store
from tests.effort import examples
from tests.rehearsal.engine.declared import SLOTS, TYPES, Node, Program, logical, run, vpc_of
from tests.rehearsal.engine.model import Model
from tests.rehearsal.engine.replay import Scripted
from tests.rehearsal.kills import Killed, Moment, killed_at
from tests.rehearsal.lab import errors
from tests.root import SCHEMAS

CACHE = SCHEMAS
PROTECTION = "protect"  # in every refusal because of it, and in no other
IN_USE = "DependencyViolation"  # in AWS's refusal to delete a VPC in which a group is left
Kill = tuple[int, Moment] | None


class Stack:
    """One stack in a state folder, its program, and the model that it is held to."""

    def __init__(self, folder: Path, server: ForkServer) -> None:
        self.folder = folder
        self.server = server
        self.program: dict[str, Node] = {}
        self.model = Model()
        (folder / "Pulumi.yaml").write_text("name: lab\nruntime: python\n")

    # ---- what may happen

    def edit(self, slot: str, node: Node | None) -> None:
        """Puts something else into a place of the program, or takes it out; a group goes with its VPC."""
        self.program.pop(slot, None)
        if node is not None:
            self.program[slot] = node
        self.program = {
            it: n for it, n in self.program.items() if not vpc_of(it) or vpc_of(it) in self.program
        }

    def up(self, kill: Kill) -> None:
        awaits_deletion = any(record.get("condemned") for record in self._store().state("dev").values())
        result = self._attempt(kill, lambda engine: engine.update("dev", {}))
        refused = self.model.refused(self.program)
        if result is None:
            self.model.begun(self.program)
        elif result.failed:
            # A replaced group that an earlier, refused update left is deleted last, and till then it holds its VPC.
            if not (awaits_deletion and all(IN_USE in message for message in errors(result))):
                assert True in refused, errors(result)
                assert all(PROTECTION in message for message in errors(result)), errors(result)
            self.model.begun(self.program)
        else:
            assert False in refused, "it should have been refused"
            self._must_be(self.program)

    def destroy(self, kill: Kill) -> None:
        result = self._attempt(kill, lambda engine: engine.destroy("dev"))
        protected = self.model.protected()
        if result is None:
            self.model.falling()
        elif result.failed:
            assert True in protected, errors(result)
            assert all(PROTECTION in message for message in errors(result)), errors(result)
            assert not result.steps
        else:
            assert False in protected, "it should have been refused"
            self._must_be({})
            assert not self._store().state("dev")

    def drift(self, slot: str, tag: int | None, kill: Kill) -> None:
        """Somebody changes a tag, or deletes the thing; then comes a refresh, which may be killed and is repeated."""
        if self.model.surely(slot) is None or (tag is None and slot.startswith("vpc")):
            return
        if slot in self.model.loose:  # an update that was refused may have made it anew, with another id
            return
        store = self._store()
        (key,) = [at for at, thing in store.resources.items() if thing.id == self.model.ids[slot]]
        thing = store.resources[key]
        tags = {"tags": {"tag": str(tag)}, "tagsAll": {"tag": str(tag)}}
        moved = None if tag is None else replace(thing, outputs=thing.outputs | tags)
        with store.change():
            store.commit("outside", {}, {key: moved})
        for last in (kill, None):
            self._attempt(last, lambda engine: engine.refresh("dev"))
        if tag is None:
            self.model.gone(slot)
        else:
            self.model.drifted(slot, tag)

    def settle(self) -> None:
        """Lifts all protection, and has the next update, and the one after it, come to an end."""
        self.program = {slot: replace(node, protect=False) for slot, node in self.program.items()}
        for slot in SLOTS:  # what is protected in the records only is taken up again first
            held = next((n for n in self.model.may[slot] if n is not None and n.protect), None)
            if held is not None and slot not in self.program:
                self.program[slot] = replace(held, protect=False)
                if vpc := vpc_of(slot):
                    self.program.setdefault(vpc, Node())
        self.up(None)

    # ---- what must be

    def _must_be(self, program: Program) -> None:
        """The stack and the cloud hold this program, once; what needed no replacement is what it was."""
        store = self._store()
        records = {r["urn"]: r for r in store.state("dev").values()}
        assert len(records) == len(store.state("dev"))
        assert not [r for r in records.values() if r.get("condemned") or r.get("pending_replacement")]
        mine = {urns.name_of(urn): r for urn, r in records.items() if urns.type_of(urn) in TYPES.values()}
        assert mine.keys() == {logical(slot, node.name) for slot, node in program.items()}
        things = {thing.id: thing for thing in Cloud(store.resources, CACHE).living()}
        assert len(things) == len(program)
        ids = {slot: mine[logical(slot, node.name)]["id"] for slot, node in program.items()}
        assert set(ids.values()) == things.keys()
        for slot, node in program.items():
            record = mine[logical(slot, node.name)]
            assert record.get("protect", False) == node.protect
            assert record["inputs"]["tags"] == record["outputs"]["tags"] == {"tag": str(node.tag)}
            assert things[ids[slot]].outputs["tags"] == {"tag": str(node.tag)}
            if vpc := vpc_of(slot):
                assert things[ids[slot]].inputs["vpcId"] == ids[vpc]
            if slot in self.model.ids and None not in self.model.may[slot]:
                assert (ids[slot] != self.model.ids[slot]) in self.model.replaced(slot, program), slot
        self.model.done(program, ids)

    # ---- how

    def _store(self) -> Store:
        raised = quotas_record("us-east-1", {"vpc/L-F678F1CE": 1000})  # old VPCs may stay beside new ones
        return Store(self.folder / "state", {**baseline.resources(), **dict([raised])})

    def _attempt(self, kill: Kill, operation: Callable[[Scripted], Result]) -> Result | None:
        """Result of an operation in a process of its own; None if it was killed."""
        store = self._store()
        cloud, project = Cloud(store.resources, CACHE), Project.read(self.folder)
        engine = Scripted(project, store, cloud, server=self.server, script=partial(run, dict(self.program)))
        deadly: AbstractContextManager[None] = killed_at(*kill) if kill else nullcontext()
        try:
            with deadly:
                return operation(engine)
        except Killed:
            return None


PLAIN = Node()
kills = st.none() | st.tuples(st.integers(0, 12), st.sampled_from(Moment))
bits = st.integers(0, 1)
often_not = st.sampled_from([False, False, True])
nodes = st.builds(Node, name=bits, fixed=bits, tag=bits, protect=often_not, first=often_not, forced=often_not)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("edit"), st.sampled_from(SLOTS), st.none() | nodes | nodes),
        st.tuples(st.just("edit"), st.sampled_from(SLOTS), nodes),
        st.tuples(st.just("up"), kills),
        st.tuples(st.just("up"), kills),
        st.tuples(st.just("drift"), st.sampled_from(SLOTS), st.none() | st.just(9), kills),
        st.tuples(st.just("destroy"), kills),
    ),
    min_size=3,
    max_size=14,
)


# A refused update has made a VPC anew. The protected group in the old one is refused as long as it must go along.
@example(
    {"vpc1": PLAIN, "group1": replace(PLAIN, protect=True)},
    [
        ("edit", "vpc1", replace(PLAIN, tag=1, forced=True)),
        ("up", None),
        ("edit", "vpc1", replace(PLAIN, tag=1)),
        ("up", None),
    ],
)
@examples(200)
@given(st.dictionaries(st.sampled_from(SLOTS), nodes), steps)
def test_the_engine_does_what_the_model_says(
    tmp_path_factory: pytest.TempPathFactory,
    server: ForkServer,
    first: dict[str, Node],
    steps: list[tuple[str, ...]],
) -> None:
    stack = Stack(tmp_path_factory.mktemp("model"), server)
    for slot in SLOTS:
        stack.edit(slot, first.get(slot))
    stack.up(None)
    for step, *how in steps:
        getattr(stack, step)(*how)
    stack.settle()
