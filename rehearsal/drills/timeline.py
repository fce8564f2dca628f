"""Recovery time of each traffic class in a drill, by the platform's declared settings, against its budget."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.engine.operations import Engine


@dataclass(frozen=True)
class TrafficClass:
    """Traffic that one mechanism reroutes. Its name is that of its budget in the project's config, if it has one."""

    name: str
    description: str
    mechanism: str  # as the pack names it
    host: str = ""  # beginning of the host, where one mechanism reroutes several classes
    waits_for: str = ""  # on what isn't built yet; until then the budget isn't enforced


CLASSES: Final = (
    TrafficClass("web", "web UI, market snapshots", "cloudfront"),
    TrafficClass("orders", "orders, accounts, payments", "route53", "api."),
    TrafficClass("services", "services of a cell that are gone", "route53 services"),
    TrafficClass("sockets", "market data sockets", "route53", "stream.", "an accelerator"),
    TrafficClass("ledger", "ledger writes", "aurora"),
    TrafficClass("cache", "market data writes", "elasticache"),
)


@dataclass(frozen=True)
class RecoveryTime:
    """Recovery time of a class: that of its slowest mechanism. No seconds if nothing is declared that reroutes it."""

    traffic: TrafficClass
    budget: int | None
    detection: int | None = None
    shift: int | None = None
    where: str = ""  # the URN and property that declare it
    source: str = ""

    @property
    def seconds(self) -> int | None:
        """Detection and shift together."""
        return None if self.detection is None or self.shift is None else self.detection + self.shift

    @property
    def over(self) -> bool:
        """Returns whether it takes longer than its budget."""
        return self.seconds is not None and self.budget is not None and self.seconds > self.budget

    @property
    def fails(self) -> bool:
        """Returns whether the drill fails because of it."""
        return self.over and not self.traffic.waits_for


def rows(
    moves: Iterable[Mapping[str, Any]], budgets: Mapping[str, int], classes: Sequence[str]
) -> Iterator[RecoveryTime]:
    """Rows of these classes, from the pack's answer (`Engine.moves`)."""
    moves = list(moves)
    for traffic in CLASSES:
        if traffic.name not in classes:
            continue
        mine = [
            it for it in moves if it["mechanism"] == traffic.mechanism and it["name"].startswith(traffic.host)
        ]
        budget = budgets.get(traffic.name)
        if not mine:
            yield RecoveryTime(traffic, budget)
            continue
        slowest = max(mine, key=lambda it: it["detection"] + it["shift"])
        yield RecoveryTime(
            traffic, budget, slowest["detection"], slowest["shift"], slowest["urn"], slowest["source"]
        )


def budgets(engine: Engine) -> dict[str, int]:
    """Budgets by class, in seconds, from the project's config."""
    return json.loads(engine.project.defaults().get(f"{engine.project.name}:budgets", "{}"))
