"""The verbs. Each finds the type's schema and line and hands over; none knows any type."""

from __future__ import annotations

import json
from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

from rehearsal.cloud import baseline, invokes, outages
from rehearsal.cloud.coverage import Coverage, coverage
from rehearsal.cloud.inventory import DELETIONS, RELEASED, RETAINED, World, key_of
from rehearsal.cloud.lifecycle.check import input_failures, texts
from rehearsal.cloud.lifecycle.crud import Lifecycle
from rehearsal.cloud.lifecycle.diff import difference
from rehearsal.cloud.lifecycle.outputs import Outputs, previewed_create, previewed_update
from rehearsal.cloud.lifecycle.provider_defaults import provider_setting, with_defaults
from rehearsal.cloud.provider_verbs import (
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
from rehearsal.cloud.types.formats import ACCOUNT
from rehearsal.cloud.types.option_paths import unknown_paths
from rehearsal.cloud.types.schema import Schema, Schemas, UnknownTypeError
from rehearsal.cloud.types.type_table import TypeRow
from rehearsal.values import UNKNOWN, Value, Values, reveal, reveal_top


class Cloud:
    """A cloud over a dictionary of resources that its owner keeps.

    No verb changes the dictionary: each answers with changes, which the owner records and makes. `cache` is a
    folder for what has been read from the SDK, which makes a later start fast. `strict` is false only where
    it is measured what all the checks and refusals cost.
    """

    def __init__(
        self, resources: MutableMapping[str, Thing], cache: Path | None = None, *, strict: bool = True
    ) -> None:
        for at, resource in baseline.things().items():
            resources.setdefault(at, resource)
        self._schemas = Schemas(cache)
        self._world = World(resources, self._schemas)
        self._life = Lifecycle(self._world, Outputs(self._world, baseline.regions()), strict)
        self._strict = strict

    def living(self) -> list[Thing]:
        """What exists and some resource made: no seeds, nothing kept, nothing that its stack has let go."""
        return [
            t
            for at, t in self._world.resources.items()
            if t.urn and not at.startswith((f"{DELETIONS}|", f"{RETAINED}|")) and RELEASED not in t.outputs
        ]

    def kept(self) -> list[Thing]:
        """What AWS keeps of what was deleted (keys pending deletion, final snapshots), or was let go by its stack."""
        resources = self._world.resources.items()
        return [t for at, t in resources if at.startswith(f"{RETAINED}|") or RELEASED in t.outputs]

    def coverage(self, token: str) -> Coverage:
        """How much is known of a type."""
        schema, about = self._known(token)
        return coverage(token, about, schema)

    # ---- before anything happens --------------------------------------------------------------------

    def check_config(self, package: str, inputs: Values) -> Checked:
        """The inputs of a provider: names and types. Values that aren't text arrive as JSON."""
        try:
            schema = self._schemas.of(f"pulumi:providers:{package}")
        except UnknownTypeError as error:
            return Checked(inputs, (Failure("", str(error)),))
        if schema is None:
            return Checked(inputs)
        shapes = schema.inputs.properties
        plain = {
            name: value if shapes.get(name) == "string" else _unpacked(value)
            for name, value in inputs.items()
            if name not in ("version", "pluginDownloadURL")
        }
        return Checked(inputs, input_failures(plain, schema, self._world.row(f"pulumi:providers:{package}")))

    def diff_config(self, package: str, old: Values, new: Values) -> Difference:
        """What changes in a provider, and whether what went through it has to be made anew."""
        about = self._world.row(f"pulumi:providers:{package}")
        found = difference(old, {}, new, ("version",), fixed=about.fixed)
        if about.steady and about.steady not in found.changed and new.get(about.steady) is not None:
            return Difference(found.changed)
        return Difference(found.changed, found.replaces)

    def check(self, target: Target, old: Values | None, new: Values) -> Checked:
        """The inputs as they will be recorded, or what is wrong with them."""
        try:
            schema, about = self._known(target.type)
        except UnknownTypeError as error:
            return Checked(new, (Failure("", str(error)),))
        if self._strict and (found := input_failures(new, schema, about)):
            return Checked(new, found)
        self._world.sync()
        return Checked(with_defaults(new, old, self._life.seed(target.urn), target, about, schema))

    def check_paths(self, token: str, paths: Sequence[str]) -> tuple[Failure, ...]:
        """What is wrong with property paths of a type, as the options `ignoreChanges` and the like hold them."""
        try:
            schema = self._schemas.of(token) if paths and self._strict else None
        except UnknownTypeError as error:
            return (Failure("", str(error)),)
        return () if schema is None else tuple(unknown_paths(paths, schema))

    def diff(  # noqa: PLR0917 the verb's own arguments
        self,
        target: Target,
        id_: str,  # noqa: ARG002 the verb's own argument
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,
        ignore_changes: Sequence[str] = (),
    ) -> Difference:
        """What an update would change, and what it can only replace."""
        schema, about = self._known(target.type)
        if target.type.startswith("kubernetes:"):
            old_outputs = {}  # what the cluster adds to an object is no difference
        fixed, now = about.fixed, self._region(target, new_inputs, schema)
        if schema is not None and schema.regional and now:
            fixed = (*fixed, "region")
            new_inputs = {**new_inputs, "region": now}
            old_inputs = {**old_inputs, "region": old_outputs.get("region", now)}
        return difference(
            old_inputs,
            old_outputs,
            new_inputs,
            ignore_changes,
            fixed=fixed,
            watch=about.watch,
            name=about.name.of if about.name else "",
        )

    # ---- what happens -------------------------------------------------------------------------------

    def create(self, target: Target, inputs: Values, preview: bool) -> Done:
        schema, about = self._known(target.type)
        self._world.sync()
        self._admit(target)
        region = self._region(target, inputs, schema)
        if preview:
            return Done(UNKNOWN, previewed_create(inputs, region, about, schema))
        self._reach(target, region)
        if schema is not None and schema.regional:
            baseline.region_facts(region)
        return self._life.create(target, inputs, region, about, schema)

    def read(self, target: Target, id_: str, inputs: Values, outputs: Values) -> Found | None:
        schema, about = self._known(target.type)
        self._world.sync()
        region = self._region(target, {**inputs, **outputs}, schema)
        outages.must_be_reachable(self._world, target, region)
        return self._life.read(target, id_, region, inputs, about)

    def update(  # noqa: PLR0917 the verb's own arguments
        self,
        target: Target,
        id_: str,
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,
        ignore_changes: Sequence[str],
        preview: bool,
    ) -> Done:
        schema, about = self._known(target.type)
        self._world.sync()
        self._admit(target)
        if preview:
            found = difference(old_inputs, old_outputs, new_inputs, ignore_changes, watch=about.watch)
            return Done(id_, previewed_update(old_outputs, new_inputs, found.changed, about))
        region = self._region(target, {**new_inputs, **old_outputs}, schema)
        self._reach(target, region)
        return self._life.update(
            target,
            id_,
            region,
            old_inputs,
            old_outputs,
            new_inputs,
            ignore_changes,
            about=about,
            schema=schema,
        )

    def delete(self, target: Target, id_: str, inputs: Values, outputs: Values) -> Done:
        schema, about = self._known(target.type)
        self._world.sync()
        self._admit(target)
        region = self._region(target, {**inputs, **outputs}, schema)
        self._reach(target, region)
        return self._life.delete(target, id_, region, about)

    def let_go(self, urn: str, id_: str) -> Changes:
        """What is a resource's stays as it is, and its stack has it no longer: `retainOnDelete`."""
        self._world.sync()
        return {
            key_of(resource): replace(resource, outputs={**resource.outputs, RELEASED: True})
            for resource in self._world.owned_by(urn)
            if resource.id == id_
        }

    def invoke(self, token: str, args: Values, provider: Values) -> Values:
        """What a function of a provider answers. RefusedError for one that nobody answers."""
        self._world.sync()
        if found := texts(args):
            raise RefusedError("ValidationError", f"{found[0].path}: {found[0].reason}")
        if token not in invokes.ANSWERED_WITHOUT_AWS:
            outages.must_be_reachable(self._world, Target("", token, provider), _text(args, "region"))
        return invokes.answer(token, reveal(args), _text(provider, "region"), self._world)

    def silent(self, target: Target, inputs: Values, outputs: Values) -> bool:
        """Whether what a resource needs in order to be read doesn't answer now."""
        schema, _ = self._known(target.type)
        self._world.sync()
        return outages.is_unreachable(
            self._world, target, self._region(target, {**inputs, **outputs}, schema)
        )

    # ---- who and where ------------------------------------------------------------------------------

    def _known(self, token: str) -> tuple[Schema | None, TypeRow]:
        return self._schemas.of(token), self._world.row(token)

    def _region(self, target: Target, values: Values, schema: Schema | None) -> str:
        if target.type.startswith("kubernetes:"):
            return _text(target.provider, "clusterIdentifier") or _text(target.provider, "context")
        if schema is None or not schema.regional:
            return ""
        own = reveal_top(values.get("region"))
        return own if isinstance(own, str) and own else _text(target.provider, "region")

    def _admit(self, target: Target) -> None:
        """Raises RefusedError if the provider may not work in this account."""
        allowed = provider_setting(target.provider, "allowedAccountIds")
        if isinstance(allowed, list) and ACCOUNT not in allowed:
            others = ", ".join(allowed)
            raise RefusedError(
                "AccountNotAllowed", f"this is account {ACCOUNT}; the provider allows {others}"
            )
        forbidden = provider_setting(target.provider, "forbiddenAccountIds")
        if isinstance(forbidden, list) and ACCOUNT in forbidden:
            raise RefusedError("AccountNotAllowed", f"this is account {ACCOUNT}, which the provider forbids")

    def _reach(self, target: Target, region: str) -> None:
        """Raises RefusedError if what has to do it doesn't answer, or the provider's cluster isn't there."""
        outages.must_be_reachable(self._world, target, region)
        if target.type.startswith("kubernetes:"):
            cluster = _text(target.provider, "clusterIdentifier")
            if cluster and self._world.resolve("eksCluster*", cluster, "") is None:
                raise RefusedError("Unreachable", f"the provider's cluster {cluster} doesn't exist")


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
