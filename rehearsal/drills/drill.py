"""Parts of a drill: the stage, a platform that it changes, and the scenes, after each of which stacks are judged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rehearsal.cloud import external_changes
from rehearsal.cloud.provider_verbs import Changes, CloudResource
from rehearsal.engine import urns
from rehearsal.engine.events import FailedError
from rehearsal.engine.operations import Engine, Result
from rehearsal.values import reveal_top


@dataclass(frozen=True)
class Expected:
    """Step that a preview has to plan after a scene."""

    op: str
    urn: str
    changed: tuple[str, ...] = ()


@dataclass(frozen=True)
class HealthFault:
    """Health check, or record that follows one, whose status isn't what it should be."""

    urn: str
    kind: str  # `stays` if it stays healthy without what it is for, `leaves` if it turns unhealthy for no reason
    cause: str  # what was lost


@dataclass(frozen=True)
class ManualStep:
    """Task of an operator, which is reported and fails no drill."""

    urn: str
    instructions: str


@dataclass(frozen=True)
class Scene:
    """Change of the cloud, after which stacks are refreshed, as far as they can be read, and previewed.

    A preview must plan the `expected` steps, and nothing else.
    """

    description: str
    expected: tuple[Expected, ...] = ()
    stacks: tuple[str, ...] | None = (
        None  # the stacks that are previewed; None for all that the drill is run for
    )
    refreshed: bool = True
    manual_steps: tuple[ManualStep, ...] = ()  # for what no stack can repair and no preview shows
    config: Mapping[str, str] = field(default_factory=dict)  # that the operator has changed meanwhile
    operations: tuple[
        tuple[Result, frozenset[str]], ...
    ] = ()  # that the operator ran, and the URNs that each may change
    health_faults: tuple[HealthFault, ...] = ()


class Stage:
    """Platform that is up, in a state folder that the drill may change."""

    def __init__(
        self, engine: Engine, stacks: Sequence[str], chosen: Sequence[str], argument: str = ""
    ) -> None:
        self.engine = engine
        self.stacks = tuple(stacks)  # all that are up, in the order in which they read each other
        self.chosen = tuple(chosen)  # those among them that are refreshed and previewed
        self.argument = argument

    def change_cloud(self, changes: Changes) -> None:
        """Makes a change of the cloud that no stack makes."""
        self.engine.change_cloud(changes)

    @property
    def resources(self) -> Mapping[str, CloudResource]:
        """All resources of the cloud, by key."""
        return self.engine.store.resources

    def living(self, *types: str) -> list[CloudResource]:
        """Resources of these types in the chosen stacks."""
        return [
            it
            for it in external_changes.resources_of(self.resources, *types)
            if stack_of(it.urn) in self.chosen
        ]

    def only_resource(self, type_: str) -> CloudResource:
        """First resource of a type in the platform. Raises FailedError if there is none."""
        found = external_changes.resources_of(self.resources, type_)
        if not found:
            raise FailedError(f"no stack that is up has a {type_}; bring up the one that makes it first")
        return found[0]

    def regions(self, stack: str) -> set[str]:
        """Regions of a stack's AWS providers."""
        inputs = (it.inputs for it in self.engine.records(stack) if it.type == f"{urns.PROVIDER_PREFIX}aws")
        return {str(region) for values in inputs if (region := reveal_top(values.get("region")))}


Act = Callable[[Stage], Iterator[Scene]]


@dataclass(frozen=True)
class Drill:
    """Drill: `act` changes the cloud, and yields a scene after each change that is to be judged."""

    name: str
    description: str  # of the change of the cloud
    act: Act
    parameter: str = ""  # of the command line beside the drill's name: `region`
    needs: tuple[str, ...] = ()  # types of which the platform must have one
    protected_types: tuple[str, ...] = ()  # types that hold data, and must stay protected
    traffic_classes: tuple[str, ...] = ()  # traffic classes that are rerouted: `timeline.CLASSES`
    needs_every_stack: bool = False  # whether it works on all stacks, so that none can be chosen


def stack_of(urn: str) -> str:
    """Stack of a URN."""
    return urn.split(":")[2]
