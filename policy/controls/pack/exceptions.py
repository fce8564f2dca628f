"""Exceptions from rules: for one rule and the resources of a glob, with a reason, an owner, a ticket and an end.

They stand in `exceptions.yaml` at the pack's root:

    - id: EX-1
      rule: alb-access-logs
      urn: "urn:pulumi:*::aws:lb/loadBalancer:LoadBalancer::spare"
      reason: The balancer of the drill has no bucket for its logs
      owner: platform
      ticket: OPS-123
      expires: 2027-01-31

How far ahead an exception may end depends on how severe its rule is. One that has ended is a violation that
stops a deployment, one that nothing needs any more is an advisory one, and a file that is wrong stops the pack
when it starts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import yaml
from pulumi_policy import Severity

from controls.language.rules import HIGH, LOW, Rule, Scope
from controls.language.tokens import ANY
from controls.language.verdicts import Fail, Verdicts


def _pack() -> Path:
    """The pack's root: the nearest folder above with a PulumiPolicy.yaml. Raises FileNotFoundError without one."""
    for folder in Path(__file__).parents:
        if (folder / "PulumiPolicy.yaml").is_file():
            return folder
    raise FileNotFoundError(f"{__file__}: no PulumiPolicy.yaml above it; keep `controls` inside its pack")


FILE: Final = _pack() / "exceptions.yaml"

# How many days ahead an exception may end.
LIFE: Final[Mapping[Severity, int]] = {
    Severity.CRITICAL: 30,
    Severity.HIGH: 90,
    Severity.MEDIUM: 180,
    Severity.LOW: 365,
}


class MalformedError(Exception):
    """Error for a wrong file: every place, and what to write instead."""


@dataclass(frozen=True)
class Waiver:
    """Exception from one rule. It holds through the day on which it expires."""

    id: str
    rule: str
    urn: str
    reason: str
    owner: str
    ticket: str
    expires: date

    def covers(self, rule: str, urn: str) -> bool:
        """Returns whether it is for this rule and this resource."""
        return rule == self.rule and fnmatchcase(urn, self.urn)

    def ended(self, today: date) -> bool:
        """Returns whether it holds no more."""
        return today > self.expires


def today() -> date:
    """Today's date in UTC, by which exceptions end."""
    return datetime.now(UTC).date()


def load(rules: Iterable[Rule], on: date, file: Path = FILE) -> tuple[Waiver, ...]:
    """Reads the exceptions of the file; none without a file. Raises MalformedError."""
    if not file.exists():
        return ()
    try:
        entries = yaml.safe_load(file.read_text()) or []
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise MalformedError(f"{file.name}: not YAML: {error}") from None
    if not isinstance(entries, list):
        raise MalformedError(f"{file.name}: write a list of exceptions")
    wrong = list(_complaints(entries, {rule.name: rule for rule in rules}, on))
    if wrong:
        raise MalformedError("\n".join(f"{file.name}: {it}" for it in wrong))
    return tuple(Waiver(**entry) for entry in entries)


def _complaints(entries: Sequence[Any], rules: Mapping[str, Rule], on: date) -> Iterator[str]:
    names = [it.name for it in fields(Waiver)]
    seen: set[str] = set()
    for index, entry in enumerate(entries):
        place = f"[{index}]"
        if not isinstance(entry, dict) or set(entry) != set(names):
            yield f"{place}: write an object with {', '.join(names)}, and nothing else"
            continue
        blank = [name for name in names[:-1] if not isinstance(entry[name], str) or not entry[name].strip()]
        yield from (f"{place}.{name}: write a text" for name in blank)
        if blank:
            continue
        if entry["id"] in seen:
            yield f"{place}.id: another exception has it; use one of its own"
        seen.add(entry["id"])
        yield from _bounds(place, entry, rules, on)


def _bounds(place: str, entry: Mapping[str, Any], rules: Mapping[str, Rule], on: date) -> Iterator[str]:
    if set(entry["urn"]) <= {"*", "?"}:
        yield f"{place}.urn: it is for everything; name resources"
    rule = rules.get(entry["rule"])
    if rule is None:
        nearest = get_close_matches(entry["rule"], rules, n=1)
        yield f"{place}.rule: no rule is called so" + (f"; write {nearest[0]}" if nearest else "")
    # A point in time is a date to Python too, and compares with none.
    if not isinstance(entry["expires"], date) or isinstance(entry["expires"], datetime):
        yield f"{place}.expires: write a day, for example {on.isoformat()}"
    elif rule is not None and (entry["expires"] - on).days > LIFE[rule.severity]:
        yield (
            f"{place}.expires: an exception from a {rule.severity.value} rule ends within"
            f" {LIFE[rule.severity]} days; write an earlier day"
        )


class Waivers:
    """Exceptions of a run, and which of them a resource has needed."""

    def __init__(self, waivers: Iterable[Waiver] = (), on: date | None = None) -> None:
        self.all = tuple(waivers)
        self.today = on or today()
        self.used: set[str] = set()  # policies run on several threads; adding to a set is one step

    def spares(self, rule: str, urn: str) -> Waiver | None:
        """The exception under which this resource may break this rule, if there is one; it counts as used."""
        found = next((it for it in self.all if not it.ended(self.today) and it.covers(rule, urn)), None)
        if found is not None:
            self.used.add(found.id)
        return found

    def ended(self) -> list[Waiver]:
        """Exceptions that hold no more."""
        return [it for it in self.all if it.ended(self.today)]

    def unneeded(self, urns: Iterable[str]) -> list[Waiver]:
        """Exceptions in force for one of these resources, none of which broke the rule."""
        known = tuple(urns)
        return [
            it
            for it in self.all
            if not it.ended(self.today)
            and it.id not in self.used
            and any(it.covers(it.rule, urn) for urn in known)
        ]

    def rules(self) -> tuple[Rule, ...]:
        """Rules on the exceptions themselves. They come last, after all others have been judged."""

        def current(_: Any) -> Verdicts:
            for it in self.ended():
                yield Fail(
                    f"the exception {it.id} from {it.rule} ended on {it.expires}: mend it, or ask anew"
                )

        def needed(graph: Any) -> Verdicts:
            for it in self.unneeded(node.urn for node in graph.nodes):
                yield Fail(f"nothing needs the exception {it.id} from {it.rule}: take it out")

        return (
            Rule(
                "exceptions-current",
                HIGH,
                ANY,
                current,
                asks="No exception has ended",
                fix="Mend what it was for and take it out of exceptions.yaml, or let its owner ask anew",
                scope=Scope.STACK,
            ),
            Rule(
                "exceptions-needed",
                LOW,
                ANY,
                needed,
                asks="Every exception is needed",
                fix="Take it out of exceptions.yaml",
                scope=Scope.STACK,
            ),
        )
