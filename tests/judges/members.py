"""Members of the judges' inputs that a property of the SDK stands for, by the likeness of their names or by line."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rehearsal.cloud.types.schema import Declaration, Schema, Shape
from tests.judges.counterparts import Kind, at, begin, mapping, places_of, plain, words
from tests.judges.nodes import CFN_LINT, Node

DEPTH: Final = 6  # levels of blocks that are followed; web ACLs' statements hold each other

_ENDINGS: Final = (
    *("id", "arn", "name", "config", "configuration", "settings", "specification", "enable", "enabled"),
    *(
        "days",
        "minutes",
        "seconds",
        "inseconds",
        "indays",
        "inmillis",
        "expression",
        "identifier",
        "document",
        "body",
    ),
)
_BEGINNINGS: Final = ("enable", "is", "enabled")


@dataclass(frozen=True)
class _Place:
    """A structure whose members a block's properties may be, and what the judge may write before their names."""

    node: Node
    cost: float
    before: str = ""


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _stem(name: str) -> str:
    for ending in sorted(_ENDINGS, key=len, reverse=True):
        if name.endswith(ending) and len(name) > len(ending):
            return name.removesuffix(ending)
    for beginning in _BEGINNINGS:
        if name.startswith(beginning) and len(name) > len(beginning) + 3:
            return name.removeprefix(beginning)
    return name


def _without(name: str, noise: Sequence[str]) -> str:
    """The name without words that the judges write before anything of a module."""
    return "".join(word for word in words(name) if word not in noise)


@functools.lru_cache(maxsize=1 << 18)
def likeness(name: str, member: str, kind: Kind, block: str) -> float | None:
    """Cost of taking a member for a property: 0 for the same name, up to 3 for the same stem; None for neither."""
    ours, theirs = plain(name), plain(member)
    nouns = kind.nouns
    if ours == theirs:
        return 0
    if _singular(ours) == _singular(theirs):
        return 1
    for cost, before in (
        *((2, noun) for noun in nouns),
        *((2.3, noun) for noun in (block, _singular(block)) if noun),
    ):
        if before and (
            _singular(before + ours) == _singular(theirs) or _singular(before + theirs) == _singular(ours)
        ):
            return cost
    noise = kind.noise
    if noise and (kept := _without(member, noise)) and kept == _without(name, noise):
        return 2.5
    if _stem(ours) == _stem(theirs) or _singular(_stem(ours)) == _singular(_stem(theirs)):
        return 3
    return None


def _inside(node: Node) -> Node:
    """Structure of a block, or of a list's items; CloudFront's lists have a level more."""
    while node.item is not None:
        node = node.item
    if "Items" in node.members and node.members["Items"].item is not None:
        return _inside(node.members["Items"])
    return node


class _Matching:
    """Matching of one type's properties with one judge's members."""

    def __init__(self, schema: Schema, lines: Mapping[str, Any], starts: Sequence[Node]) -> None:
        self._schema = schema
        self._lines = lines
        self._starts = starts
        self._kind = Kind(schema.token)
        self.found: dict[str, Node] = {}

    def run(self) -> dict[str, Node]:
        places = [_Place(node, 0.2 * index) for index, node in enumerate(self._starts)]
        self._block(self._schema.inputs, places, "", 0)
        return self.found

    def _block(self, declared: Declaration, places: Sequence[_Place], path: str, depth: int) -> None:
        chosen: dict[str, tuple[float, Node, str]] = {}  # place of the member: cost, member, property
        by_line: dict[str, list[Node]] = {}
        for name in declared.properties:
            at_ = f"{path}.{name}" if path else name
            if at_ in self._lines:
                by_line[name] = self._by_line(at_)
                continue
            best = self._nearest(name, places, path)
            if best is not None and (best[1].where not in chosen or chosen[best[1].where][0] > best[0]):
                chosen[best[1].where] = (*best, name)
        members = {name: [node] for _, node, name in chosen.values()} | by_line
        for name, shape in declared.properties.items():
            at_ = f"{path}.{name}" if path else name
            self._value(shape, members.get(name, []), at_, places, depth)

    def _by_line(self, path: str) -> list[Node]:
        """Members that a line names, from each beginning from which there is one."""
        found: list[Node] = []
        for written in self._lines[path]:
            if ":" in written:
                found.append(begin(written))
                continue
            for start in self._starts:
                try:
                    found.append(at(start, written))
                except KeyError:
                    continue
        return found

    def _nearest(self, name: str, places: Sequence[_Place], path: str) -> tuple[float, Node] | None:
        found: list[tuple[float, Node]] = []
        block = plain(path.rsplit(".", 1)[-1].rstrip("*")) if path else ""
        for place in places:
            for member, node in place.node.members.items():
                cost = likeness(place.before + name, member, self._kind, "" if place.before else block)
                if cost is not None:
                    found.append((cost + place.cost, node))
        return min(found, key=lambda one: one[0], default=None)

    def _value(
        self, shape: Shape, nodes: Sequence[Node], path: str, places: Sequence[_Place], depth: int
    ) -> None:
        shape = _one(shape)
        if isinstance(shape, dict) and "list" in shape:
            for node in nodes[:1]:
                self.found.setdefault(f"{path}[]", node)
            self._value(shape["list"], [node.item or node for node in nodes], path, places, depth)
        elif isinstance(shape, dict) and "map" in shape:
            inner = [value for node in nodes if (value := _inside_map(node)) is not None]
            self._value(shape["map"], inner, f"{path}.*", places, depth)
        elif isinstance(shape, dict) and "object" in shape:
            if depth < DEPTH:
                inside = self._schema.objects[shape["object"]]
                self._block(inside, self._beginnings(nodes, path, places), path, depth + 1)
        elif nodes:
            self.found[path] = nodes[0]

    def _beginnings(self, nodes: Sequence[Node], path: str, places: Sequence[_Place]) -> list[_Place]:
        """Places of a block's properties: its own structure, and the one above, with its name before theirs."""
        name = path.removesuffix(".*").rsplit(".", 1)[-1]
        above = [_Place(place.node, place.cost + 1.5, place.before + name) for place in places]
        own = [_Place(_inside(node), 0) for node in nodes if _inside(node).members]
        if own:
            return [*own, *above]
        return above if nodes else [*above, *(_Place(place.node, place.cost + 3.5) for place in places)]


def _one(shape: Shape) -> Shape:
    """Of alternatives a text, which every document may be, else the first with an inside."""
    if not isinstance(shape, dict) or "union" not in shape:
        return shape
    if "string" in shape["union"]:
        return "string"
    return next((one for one in shape["union"] if isinstance(one, dict)), shape["union"][0])


def _inside_map(node: Node) -> Node | None:
    """Value of a map's keys, or of a list of pairs."""
    inner = node.item
    if inner is not None and "Value" in inner.members:
        return inner.members["Value"]
    return inner


def lines_of(token: str, judge: str) -> dict[str, list[str]]:
    """Lines of a type's properties for a judge: places, none where a rule would find a wrong one."""
    written = mapping()["types"].get(token, {}).get("properties", {})
    found: dict[str, list[str]] = {}
    for paths, places in written.items():
        ours = [
            place
            for place in places or ()
            if ":" not in place or place.startswith("AWS::") == (judge == CFN_LINT)
        ]
        for path in paths.split("|"):
            found[path] = ours
    return found


def found_members(schema: Schema) -> dict[str, dict[str, Node]]:
    """Members by path and judge. A path ending in `[]` stands for a list as a whole."""
    result: dict[str, dict[str, Node]] = {}
    for judge, places in places_of(schema.token).items():
        matching = _Matching(schema, lines_of(schema.token, judge), [begin(place) for place in places])
        for path, node in matching.run().items():
            result.setdefault(path, {})[judge] = node
    return result


def leaves(schema: Schema) -> Iterator[tuple[str, Shape]]:
    """Every leaf of a type's inputs: its path and shape."""
    yield from _leaves_of(schema, schema.inputs, "", 0)


def _leaves_of(schema: Schema, declared: Declaration, path: str, depth: int) -> Iterator[tuple[str, Shape]]:
    for name, shape in declared.properties.items():
        yield from _leaves_in(schema, shape, f"{path}.{name}" if path else name, depth)


def _leaves_in(schema: Schema, shape: Shape, path: str, depth: int) -> Iterator[tuple[str, Shape]]:
    shape = _one(shape)
    if isinstance(shape, dict) and "list" in shape:
        yield from _leaves_in(schema, shape["list"], path, depth)
    elif isinstance(shape, dict) and "map" in shape:
        yield from _leaves_in(schema, shape["map"], f"{path}.*", depth)
    elif isinstance(shape, dict) and "object" in shape:
        if depth < DEPTH:
            yield from _leaves_of(schema, schema.objects[shape["object"]], path, depth + 1)
    else:
        yield path, shape
