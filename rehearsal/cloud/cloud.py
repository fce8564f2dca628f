"""The verbs. Each finds the type's schema and line and hands over; none knows any type."""

from __future__ import annotations

import json
from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

from rehearsal.cloud import check as checking
from rehearsal.cloud import invokes, seed
from rehearsal.cloud.check import setting
from rehearsal.cloud.diffs import difference
from rehearsal.cloud.formats import ACCOUNT
from rehearsal.cloud.life import Life
from rehearsal.cloud.schema import Schema, Schemas, UnknownTypeError
from rehearsal.cloud.tables import Line
from rehearsal.cloud.verbs import (
    Changes,
    Checked,
    Difference,
    Done,
    Failure,
    Found,
    RefusedError,
    Target,
    Thing,
)
from rehearsal.cloud.world import GONE, KEPT, World
from rehearsal.values import UNKNOWN, Value, Values, reveal, reveal_top


class Cloud:
    """A cloud over a dictionary of things that its owner keeps.

    No verb changes the dictionary: each answers with changes, which the owner records and then hands to
    `apply`. `cache` is a folder for what has been read from the SDK, which makes a later start fast.
    """

    def __init__(self, things: MutableMapping[str, Thing], cache: Path | None = None) -> None:
        for at, thing in seed.things().items():
            things.setdefault(at, thing)
        self._schemas = Schemas(cache)
        self._world = World(things, self._schemas)
        self._life = Life(self._world, seed.regions())

    def apply(self, changes: Changes) -> None:
        """Makes the changes that a verb answered with."""
        self._world.apply(changes)

    def living(self) -> list[Thing]:
        """What exists and some resource made: no seeds, nothing kept."""
        return [
            t for at, t in self._world.things.items() if t.urn and not at.startswith((f"{GONE}|", f"{KEPT}|"))
        ]

    def kept(self) -> list[Thing]:
        """What AWS keeps of things that were deleted: keys pending deletion, final snapshots."""
        return [t for at, t in self._world.things.items() if at.startswith(f"{KEPT}|")]

    # ---- before anything happens --------------------------------------------------------------------

    def check_config(self, package: str, inputs: Values) -> Checked:
        """The inputs of a provider: names and types. Values that aren't text arrive as JSON."""
        schema = self._schemas.of(f"pulumi:providers:{package}")
        if schema is None:
            return Checked(inputs)
        shapes = schema.inputs.properties
        plain = {
            name: value if shapes.get(name) == "string" else _unpacked(value)
            for name, value in inputs.items()
            if name not in ("version", "pluginDownloadURL")
        }
        return Checked(inputs, checking.failures(plain, schema))

    def diff_config(self, package: str, old: Values, new: Values) -> Difference:
        """What a changed provider means: another region or account can't take over what is there."""
        keys = sorted((old.keys() | new.keys()) - {"version", "pluginDownloadURL"})
        changed = tuple(key for key in keys if key not in old or key not in new or old[key] != new[key])
        elsewhere = {"aws": ("region",), "kubernetes": ("clusterIdentifier", "context", "cluster")}
        return Difference(changed, tuple(key for key in changed if key in elsewhere.get(package, ())))

    def check(self, target: Target, old: Values | None, new: Values) -> Checked:
        """The inputs as they will be recorded, or what is wrong with them."""
        try:
            schema, about = self._known(target.type)
        except UnknownTypeError as error:
            return Checked(new, (Failure("", str(error)),))
        if schema is None:
            return Checked(new, checking.untyped_failures(new))
        found = checking.failures(new, schema)
        tags = setting(target.provider, "defaultTags")
        defaults: Value = (
            {} if tags is None else UNKNOWN if tags is UNKNOWN else reveal(tags.get("tags")) or {}
        )
        inputs = checking.completed(
            new, old, self._life.seed(target.urn), target.urn, about, schema, defaults
        )
        return Checked(inputs, found)

    def diff(
        self,
        target: Target,
        id: str,
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,  # noqa: A002
        ignore_changes: Sequence[str] = (),
    ) -> Difference:
        """What an update would change, and what it can only replace."""
        schema, about = self._known(target.type)
        name = about.name.of if about.name else ""
        if schema is None or target.type.startswith("kubernetes:"):
            return difference(old_inputs, {}, new_inputs, ignore_changes, about.fixed, (), name)
        found = difference(
            old_inputs, old_outputs, new_inputs, ignore_changes, about.fixed, about.watch, name
        )
        now, before = self._region(target, new_inputs, schema), old_outputs.get("region")
        if schema.regional and before is not None and now != before and "region" not in ignore_changes:
            changed = tuple(dict.fromkeys((*found.changed, "region")))
            found = replace(
                found, changed=changed, replaces=tuple(dict.fromkeys((*found.replaces, "region")))
            )
        return found

    # ---- what happens -------------------------------------------------------------------------------

    def create(self, target: Target, inputs: Values, preview: bool) -> Done:
        schema, about = self._known(target.type)
        self._admit(target)
        region = self._region(target, inputs, schema)
        if preview:
            return Done(UNKNOWN, self._life.foreseen(inputs, region, about, schema))
        return self._life.create(target, inputs, region, about, schema)

    def read(self, target: Target, id: str, inputs: Values, outputs: Values) -> Found | None:  # noqa: A002
        schema, about = self._known(target.type)
        region = self._region(target, {**inputs, **outputs}, schema)
        return self._life.read(target, id, region, inputs, about)

    def update(
        self,
        target: Target,
        id: str,
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,  # noqa: A002
        ignore_changes: Sequence[str],
        preview: bool,
    ) -> Done:
        schema, about = self._known(target.type)
        self._admit(target)
        if preview:
            return Done(
                id, self._life.foreseen_update(old_inputs, old_outputs, new_inputs, ignore_changes, about)
            )
        region = self._region(target, {**new_inputs, **old_outputs}, schema)
        return self._life.update(
            target, id, region, old_inputs, old_outputs, new_inputs, ignore_changes, about, schema
        )

    def delete(self, target: Target, id: str, inputs: Values, outputs: Values) -> Done:  # noqa: A002
        schema, about = self._known(target.type)
        self._admit(target)
        return self._life.delete(target, id, self._region(target, {**inputs, **outputs}, schema), about)

    def invoke(self, token: str, args: Values, provider: Values) -> Values:
        """What a function of a provider answers. RefusedError for one that nobody answers."""
        return invokes.answer(token, reveal(args), _text(provider, "region"), self._world)

    # ---- who and where ------------------------------------------------------------------------------

    def _known(self, token: str) -> tuple[Schema | None, Line]:
        return self._schemas.of(token), self._world.line(token)

    def _region(self, target: Target, values: Values, schema: Schema | None) -> str:
        if target.type.startswith("kubernetes:"):
            return _text(target.provider, "clusterIdentifier") or _text(target.provider, "context")
        if schema is None or not schema.regional:
            return ""
        own = reveal_top(values.get("region"))
        return own if isinstance(own, str) and own else _text(target.provider, "region")

    def _admit(self, target: Target) -> None:
        allowed = setting(target.provider, "allowedAccountIds")
        if isinstance(allowed, list) and UNKNOWN not in allowed and ACCOUNT not in reveal(allowed):
            raise RefusedError(
                "AccountNotAllowed", f"this is account {ACCOUNT}; the provider allows {', '.join(allowed)}"
            )
        forbidden = setting(target.provider, "forbiddenAccountIds")
        if isinstance(forbidden, list) and ACCOUNT in forbidden:
            raise RefusedError("AccountNotAllowed", f"this is account {ACCOUNT}, which the provider forbids")


def _text(values: Values, name: str) -> str:
    value = reveal_top(values.get(name))
    return value if isinstance(value, str) else ""


def _unpacked(value: Value) -> Value:
    plain = reveal_top(value)
    if not isinstance(plain, str):
        return value
    try:
        return json.loads(plain)
    except ValueError:
        return value
