"""What a drill is made of: the stage that it acts on, and the scenes that it leaves to be judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rehearsal.cloud import external_changes
from rehearsal.cloud.provider_verbs import Changes, Thing
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Engine, Result
from rehearsal.values import reveal_top

EXTERNAL_JOURNAL = "outside"  # where the store keeps what no stack did


@dataclass(frozen=True)
class Expected:
    """One step that a preview has to plan after what has happened."""

    op: str
    urn: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class ByHand:
    """Something that an operator has to do, which is reported and fails no drill."""

    urn: str
    says: str


@dataclass(frozen=True)
class Scene:
    """Something has happened. Now stacks are refreshed, as far as they can be read, and previewed.

    A preview must plan what is `expected`, and nothing else.
    """

    says: str
    expected: tuple[Expected, ...] = ()
    only: tuple[str, ...] | None = None  # the stacks that are asked; all that the drill is run for if None
    refreshed: bool = True
    by_hand: tuple[ByHand, ...] = ()  # what no stack can mend and no preview shows
    config: Mapping[str, str] = field(default_factory=dict)  # what the operator has written in it meanwhile
    done: tuple[
        tuple[Result, frozenset[str]], ...
    ] = ()  # what the operator ran, and the URNs that it may change


class Stage:
    """A platform that is up, in a state folder that the drill may spoil."""

    def __init__(
        self, engine: Engine, stacks: Sequence[str], chosen: Sequence[str], argument: str = ""
    ) -> None:
        self.engine = engine
        self.stacks = tuple(stacks)  # all that are up, in the order in which they read each other
        self.chosen = tuple(chosen)  # those among them that are refreshed and previewed
        self.argument = argument

    def change_cloud(self, changes: Changes) -> None:
        """Makes a change that no stack made."""
        with self.engine.store.change():
            self.engine.store.commit(EXTERNAL_JOURNAL, {}, changes)

    @property
    def resources(self) -> Mapping[str, Thing]:
        """The whole cloud."""
        return self.engine.store.things

    def living(self, *types: str) -> list[Thing]:
        """The resources of these types that the chosen stacks made."""
        return [
            it for it in external_changes.living(self.resources, *types) if stack_of(it.urn) in self.chosen
        ]

    def only_resource(self, type_: str) -> Thing:
        """The platform's only resource of a type. Raises FailedError if there is none."""
        found = external_changes.living(self.resources, type_)
        if not found:
            raise FailedError(f"no stack that is up has a {type_}; bring up the one that makes it first")
        return found[0]

    def regions(self, stack: str) -> set[str]:
        """The regions from which a stack's providers work."""
        inputs = (it.inputs for it in self.engine.records(stack) if it.type == f"{urns.PROVIDER_PREFIX}aws")
        return {str(region) for values in inputs if (region := reveal_top(values.get("region")))}


Act = Callable[[Stage], Iterator[Scene]]


@dataclass(frozen=True)
class Drill:
    """One drill. `act` changes the cloud and yields after each change that is to be looked at."""

    name: str
    says: str  # what the cloud does
    act: Act
    parameter: str = ""  # what has to be named besides the drill: `region`
    needs: tuple[str, ...] = ()  # types of which the platform must have one
    guards: tuple[str, ...] = ()  # types that hold data, and must be protected whatever happens
    moves: tuple[str, ...] = ()  # traffic classes that go another way then: `timeline.CLASSES`
    alone: bool = False  # whether it works on all stacks, so that none can be chosen


def stack_of(urn: str) -> str:
    """The stack that a URN belongs to."""
    return urn.split(":")[2]
