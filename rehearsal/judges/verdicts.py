"""Verdicts of the judges on a resource's inputs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from rehearsal.judges.digest import BOTOCORE, CFN_LINT, Bound, Digest, TypeDigest, as_text
from rehearsal.values import UNKNOWN, Asset, Reference, Secret, Value, Values, reveal_top

_SHOWN: Final = 6  # values of an enum that a message shows
_ALL_TAGS: Final = "tagsAll"  # which hold the others


@dataclass(frozen=True)
class Verdict:
    """A refusal: the exact path, and what is wrong by which judge."""

    path: str
    wanted: str  # `have 1 to 50 characters`
    found: str  # the value, as a message may show it
    judge: str

    @property
    def reason(self) -> str:
        return f"must {self.wanted}, not {self.found}, says {self.judge}"


def verdicts(token: str, inputs: Values, region: str, digest: Digest) -> Iterator[Verdict]:
    """Refusals of a resource's inputs in a region; empty for a global type. What is unknown isn't judged.

    There are none of a type of which the judges weren't asked.
    """
    known = digest.of(token)
    if known is None:
        return
    judging = _Judging(known, digest)
    yield from judging.place(region)
    for name, value in inputs.items():
        if not name.startswith("__") and name != _ALL_TAGS:
            yield from judging.value(value, name, name)
    yield from judging.cases(inputs, region)


class _Judging:
    """Judgement of one resource."""

    def __init__(self, known: TypeDigest, digest: Digest) -> None:
        self._known = known
        self._digest = digest

    def place(self, region: str) -> Iterator[Verdict]:
        """Refusal of the region: AWS has no such region, or not this type in it."""
        if region and region not in self._digest.regions:
            yield Verdict("region", "be a region of AWS", shown(region), self._source(BOTOCORE))
        elif region in self._known.absent:
            yield Verdict("region", "be one that has the type", shown(region), self._source(CFN_LINT))

    def cases(self, inputs: Values, region: str) -> Iterator[Verdict]:
        """Refusals of values that depend on others, or on the region."""
        for case in self._known.cases:
            value = reveal_top(inputs.get(case.path))
            if (
                isinstance(value, str)
                and (case.regions is None or region in case.regions)
                and all(reveal_top(inputs.get(path)) == wanted for path, wanted in case.when.items())
                and (wanted := misfit(value, case.bound)) is not None
            ):
                yield Verdict(case.path, wanted, shown(value), self._source(case.bound.by))

    def value(self, value: Value, path: str, exact: str) -> Iterator[Verdict]:
        """Refusals of a value and of all that is in it. None shows a secret."""
        if isinstance(value, Secret):
            for verdict in self.value(value.value, path, exact):
                yield replace(verdict, found="what it secretly is")
        elif isinstance(value, list):
            yield from self._ruled(value, f"{path}[]", exact)
            for index, item in enumerate(value):
                yield from self.value(item, path, f"{exact}[{index}]")
        elif isinstance(value, dict):
            for name, item in value.items():
                at = f"{path}.{name}"
                yield from self.value(
                    item, at if at in self._known.blocks else f"{path}.*", f"{exact}.{name}"
                )
        elif not (value is None or value is UNKNOWN or value == "" or isinstance(value, (Reference, Asset))):
            yield from self._ruled(value, path, exact)  # an empty text is what isn't there

    def _ruled(self, value: Any, path: str, exact: str) -> Iterator[Verdict]:
        for bound in self._known.paths.get(path, ()):
            if (wanted := misfit(value, bound)) is not None:
                yield Verdict(exact, wanted, shown(value), self._source(bound.by))
                return

    def _source(self, by: str) -> str:
        source = self._digest.sources[by]
        place = self._known.places.get(by, "")
        return f"{by} {source.version} of {place} (digest of {self._digest.made})"


def shown(value: Any) -> str:
    """A value for a message, cut where it is long."""
    if isinstance(value, list):
        return f"{len(value)} items"
    text = as_text(value)
    return f'"{text[:57]}..." of {len(text)} characters' if len(text) > 60 else f'"{text}"'


def misfit(value: Any, bound: Bound) -> str | None:
    """Words on a value that a bound refuses, such as `have 1 to 50 characters`; None for one that fits."""
    if bound.any_of and all(found := [misfit(value, one) for one in bound.any_of]):
        return " or ".join(dict.fromkeys(text for text in found if text))
    if isinstance(value, list):
        return _range("have", len(value), bound.min_items, bound.max_items, " items")
    if bound.enum is not None and as_text(value) not in bound.enum:
        some = sorted(bound.enum)
        return f"be one of {', '.join(some[:_SHOWN])}{', ...' if len(some) > _SHOWN else ''}"
    if isinstance(value, bool):
        return None
    return _number(value, bound) or _text(as_text(value), bound)


def _number(value: Any, bound: Bound) -> str | None:
    if bound.minimum is None and bound.maximum is None:
        return None
    try:
        number = float(value)
    except ValueError:
        return "be a number"
    return _range("be", number, bound.minimum, bound.maximum, "")


def _text(text: str, bound: Bound) -> str | None:
    if bound.min_length is not None or bound.max_length is not None:
        wanted = _range("have", len(text), bound.min_length, bound.max_length, " characters")
        if wanted is not None:
            return wanted
    if bound.pattern is None:
        return None
    # A pattern of botocore's is of the whole text, one of a JSON Schema of a part.
    fits = bound.pattern.search(text) if bound.by == CFN_LINT else bound.pattern.fullmatch(text)
    return None if fits else f"match {bound.pattern.pattern}"


def _range(verb: str, number: float, least: float | None, most: float | None, unit: str) -> str | None:
    if (least is None or number >= least) and (most is None or number <= most):
        return None
    if least is not None and most is not None:
        return f"{verb} {least:g} to {most:g}{unit}"
    return f"{verb} at least {least:g}{unit}" if least is not None else f"{verb} at most {most:g}{unit}"
