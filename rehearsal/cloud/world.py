"""What exists: the things, and who refers to whom.

The things are in a dictionary that belongs to somebody else. `World` keeps indexes over it, so that no
question costs more as the world grows; whoever changes the dictionary does it by `apply`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import Any

from rehearsal.cloud.formats import ACCOUNT, Scope, facts, fill, leaves, look
from rehearsal.cloud.schema import Schemas, UnknownTypeError
from rehearsal.cloud.tables import Line, kinds, line
from rehearsal.cloud.verbs import Changes, Thing
from rehearsal.values import Values, reveal

GONE = "gone"  # a record of how often something was deleted; no thing
KEPT = "kept"  # what AWS keeps of something deleted


def key(type_: str, region: str, id_: str) -> str:
    """The key of a thing in the dictionary of things."""
    return f"{type_}|{region}|{id_}"


class World:
    """The living things by key, type, ARN, owner and name, and the references between them."""

    def __init__(self, things: MutableMapping[str, Thing], schemas: Schemas) -> None:
        self.things = things
        self._schemas = schemas
        self._lines: dict[str, Line] = {}
        self._reindex()

    def line(self, token: str) -> Line:
        if token not in self._lines:
            try:
                schema = self._schemas.of(token)
            except UnknownTypeError:
                schema = None
            self._lines[token] = line(token, schema)
        return self._lines[token]

    # ---- change -------------------------------------------------------------------------------------

    def apply(self, changes: Changes) -> None:
        """Makes the changes that a verb asked for."""
        self._check_index()
        for at, thing in changes.items():
            if at in self._indexed:
                self._forget(at)
            if thing is None:
                self.things.pop(at, None)
                continue
            self.things[at] = thing
            self._index(at, thing)
            self._connect(at, thing)
        self._size = len(self.things)

    def _check_index(self) -> None:
        if len(self.things) != self._size:
            self._reindex()

    def _reindex(self) -> None:
        self._indexed: dict[str, Thing] = {}
        self._types: dict[str, dict[str, None]] = {}
        self._arns: dict[str, str] = {}
        self._along: dict[str, str] = {}  # key of a thing that AWS made along with another: that one's key
        self._owned: dict[str, dict[str, None]] = {}
        self._names: dict[str, str] = {}
        self._users: dict[str, dict[str, str]] = {}  # key: {key of who refers to it: by which property}
        self._uses: dict[str, list[str]] = {}
        self._size = len(self.things)
        for at, thing in self.things.items():
            self._index(at, thing)
        for at, thing in list(self._indexed.items()):
            self._connect(at, thing)

    def _index(self, at: str, thing: Thing) -> None:
        if not _alive(at):
            return
        self._indexed[at] = thing
        self._types.setdefault(thing.type, {})[at] = None
        self._owned.setdefault(thing.urn, {})[at] = None
        if isinstance(arn := thing.outputs.get("arn"), str):
            self._arns[arn] = at
        for path, kind in self.line(thing.type).also.items():
            if made := look(thing.outputs, path):
                for type_ in kinds()[kind]:
                    self._along[key(type_, thing.region, made)] = at
        for name in self.names(thing.type, thing.region, facts(thing)):
            self._names.setdefault(name, at)

    def _connect(self, at: str, thing: Thing) -> None:
        if at not in self._indexed:
            return
        for path, kind, value in self.references(thing.type, facts(thing)):
            target = None if "~" in kind else self.resolve(kind, value, thing.region)
            if target is not None and (to := key_of(target)) != at:
                self._users.setdefault(to, {}).setdefault(at, path)
                self._uses.setdefault(at, []).append(to)

    def _forget(self, at: str) -> None:
        thing = self._indexed.pop(at)
        self._types[thing.type].pop(at, None)
        self._owned[thing.urn].pop(at, None)
        for index in (self._arns, self._along, self._names):
            for name in [name for name, owner in _claims(index, thing, at, self)]:
                if index.get(name) == at:
                    del index[name]
        for to in self._uses.pop(at, ()):
            self._users.get(to, {}).pop(at, None)

    # ---- questions ----------------------------------------------------------------------------------

    def get(self, type_: str, region: str, id_: str) -> Thing | None:
        return self.things.get(key(type_, region, id_))

    def of(self, type_: str) -> Iterator[Thing]:
        """All living things of a type."""
        self._check_index()
        return (self.things[at] for at in self._types.get(type_, ()) if at in self.things)

    def owned(self, urn: str) -> list[Thing]:
        """The living things that one resource made: two while it is being replaced."""
        self._check_index()
        return [self.things[at] for at in self._owned.get(urn, ()) if at in self.things]

    def users(self, at: str) -> list[tuple[Thing, str]]:
        """Who refers to a thing, and by which property."""
        self._check_index()
        users = self._users.get(at, {})
        return [(self.things[user], path) for user, path in users.items() if user in self.things]

    def holder(self, name: str) -> Thing | None:
        """Who has a unique name (`names`)."""
        self._check_index()
        at = self._names.get(name)
        return None if at is None else self.things.get(at)

    def names(self, type_: str, region: str, values: Values) -> Iterator[str]:
        """The names of a thing that no other may have, as one text each."""
        for paths, scope in self.line(type_).unique.items():
            parts = [look(values, path) for path in paths.split("+")]
            if any(part not in (None, "") for part in parts):
                yield f"{type_}|{region if scope == 'region' else scope}|{paths}|{parts}"

    def references(self, type_: str, values: Values) -> Iterator[tuple[str, str, str]]:
        """Every id or ARN that a thing's properties hold, with its path and the kind that it must be."""
        for path, kind in self.line(type_).refs.items():
            for exact, value in leaves(values, path):
                if isinstance(value, str) and value:
                    yield exact, kind, value

    def types(self, kind: str) -> list[str]:
        """The types that a reference of a kind may lead to."""
        return [type_ for name in kind.strip("*~").split("|") for type_ in kinds().get(name, ())]

    def resolve(self, kind: str, value: str, region: str) -> Thing | None:
        """The living thing that an id or ARN leads to, from a thing in a region. None if there is none."""
        self._check_index()
        types = self.types(kind)
        if value.startswith("arn:"):
            at = self._arns.get(value) or self._arns.get(_trimmed(value))
            thing = None if at is None else self.things.get(at)
            if thing is None or thing.type not in types:
                return None
            return thing if "*" in kind or not region or thing.region in ("", region) else None
        for type_ in types:
            if (thing := self._by_id(type_, region, value, anywhere="*" in kind or not region)) is not None:
                return thing
        return None

    def _by_id(self, type_: str, region: str, id_: str, anywhere: bool) -> Thing | None:
        for at in (key(type_, region, id_), key(type_, "", id_)):
            if (thing := self.things.get(at)) is not None:
                return thing
            if at in self._along:
                return self.things.get(self._along[at])
        if anywhere:
            return next((thing for thing in self.of(type_) if thing.id == id_), None)
        return None

    def elsewhere(self, kind: str, value: str) -> str | None:
        """The region in which an id or ARN exists, when it doesn't where it was looked for."""
        thing = self.resolve(kind.strip("~") + "*", value, "")
        return None if thing is None else thing.region

    def gather(self, query: Mapping[str, Any], scope: Scope) -> Iterator[Thing]:
        """The living things that a query of the tables finds: `of` a type, `where` property: format."""
        wanted = {path: fill(form, scope) for path, form in query.get("where", {}).items()}
        others = {path: fill(form, scope) for path, form in query.get("other", {}).items()}
        for thing in self.of(query["of"]):
            if query.get("in") == "here" and thing.region != scope.region:
                continue
            known = facts(thing)
            if all((look(known, path) or None) == (value or None) for path, value in wanted.items()) and all(
                look(known, path) != value for path, value in others.items()
            ):
                yield thing

    def times_gone(self, urn: str) -> int:
        record = self.things.get(f"{GONE}||{urn}")
        return 0 if record is None else record.inputs["times"]


def key_of(thing: Thing) -> str:
    return key(thing.type, thing.region, thing.id)


def _trimmed(arn: str) -> str:
    """The ARN of the thing that a wider one is about: a bucket's of its objects, a log group's of its streams."""
    return arn.split("/", 1)[0] if arn.startswith("arn:aws:s3:::") else arn.removesuffix(":*")


def foreign(value: str) -> bool:
    """Whether an ARN belongs to another account, of which this cloud knows nothing."""
    parts = value.split(":")
    return len(parts) > 5 and parts[0] == "arn" and parts[4] not in ("", "aws", ACCOUNT)


def _alive(at: str) -> bool:
    return not at.startswith((f"{GONE}|", f"{KEPT}|"))


def _claims(index: Mapping[str, str], thing: Thing, at: str, world: World) -> list[tuple[str, str]]:
    values = reveal(thing.outputs)
    own = {str(values.get("arn"))}
    own |= set(world.names(thing.type, thing.region, facts(thing)))
    for path, kind in world.line(thing.type).also.items():
        own |= {key(type_, thing.region, str(look(values, path))) for type_ in kinds().get(kind, ())}
    return [(name, at) for name in own if name in index]
