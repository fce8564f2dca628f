"""How long each traffic class is away in a drill, by what the platform declares, against its budget."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.engine.operations import Engine


@dataclass(frozen=True)
class TrafficClass:
    """Traffic that moves in one way. Its name is that of its budget in the project's config, if it has one."""

    name: str
    says: str
    mechanism: str  # as the pack names it
    host: str = ""  # what the host begins with, where one mechanism moves several classes
    waits: str = ""  # what isn't there yet and the budget is for; until then it isn't held against it


CLASSES: Final = (
    TrafficClass("web", "web UI, market snapshots", "cloudfront"),
    TrafficClass("orders", "orders, accounts, payments", "route53", "api."),
    TrafficClass("sockets", "market data sockets", "route53", "stream.", "an accelerator"),
    TrafficClass("ledger", "ledger writes", "aurora"),
    TrafficClass("cache", "market data writes", "elasticache"),
)


@dataclass(frozen=True)
class Row:
    """One class: the slowest way in which it moves. No seconds if nothing is declared that moves it."""

    traffic: TrafficClass
    budget: int | None
    detection: int | None = None
    shift: int | None = None
    where: str = ""  # the URN and property that say so
    source: str = ""

    @property
    def seconds(self) -> int | None:
        """Detection and shift together."""
        return None if self.detection is None or self.shift is None else self.detection + self.shift

    @property
    def over(self) -> bool:
        """Whether it takes longer than its budget."""
        return self.seconds is not None and self.budget is not None and self.seconds > self.budget

    @property
    def fails(self) -> bool:
        """Whether a drill fails for it."""
        return self.over and not self.traffic.waits


def rows(
    moves: Iterable[Mapping[str, Any]], budgets: Mapping[str, int], classes: Sequence[str]
) -> Iterator[Row]:
    """The rows of these classes, from what the pack read (`Engine.moves`)."""
    moves = list(moves)
    for traffic in CLASSES:
        if traffic.name not in classes:
            continue
        mine = [
            it for it in moves if it["mechanism"] == traffic.mechanism and it["name"].startswith(traffic.host)
        ]
        budget = budgets.get(traffic.name)
        if not mine:
            yield Row(traffic, budget)
            continue
        slowest = max(mine, key=lambda it: it["detection"] + it["shift"])
        yield Row(traffic, budget, slowest["detection"], slowest["shift"], slowest["urn"], slowest["source"])


def budgets(engine: Engine) -> dict[str, int]:
    """The budgets, in seconds, that the project's config has by class."""
    return json.loads(engine.project.defaults().get(f"{engine.project.name}:budgets", "{}"))
