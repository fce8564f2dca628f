"""Provider verbs of the pretend cloud: check, diff, create, read, update, delete and invoke.

Each finds the schema and the row of the resource's type and passes them on; nothing here is about one type alone.
"""

from __future__ import annotations

import json
from collections.abc import MutableMapping, Sequence
from dataclasses import replace
from pathlib import Path

from rehearsal.cloud import baseline, invokes, outages
from rehearsal.cloud.account.caller import caller_of, kubeconfig_must_be_usable
from rehearsal.cloud.coverage import Coverage, PropertyCoverage, coverage, property_coverage
from rehearsal.cloud.inventory import DELETIONS, RELEASED, RETAINED, Inventory, key_of
from rehearsal.cloud.lifecycle.check import input_failures, output_text_failures
from rehearsal.cloud.lifecycle.crud import InputChange, Lifecycle
from rehearsal.cloud.lifecycle.diff import difference
from rehearsal.cloud.lifecycle.outputs import Outputs, previewed_create, previewed_update
from rehearsal.cloud.lifecycle.provider_defaults import overlong_name, with_defaults
from rehearsal.cloud.lifecycle.read_back import added_entries
from rehearsal.cloud.partners.browser import calls_that_fail
from rehearsal.cloud.partners.deliveries import deliveries_that_fail
from rehearsal.cloud.provider_verbs import (
    ChangeResult,
    Changes,
    CheckResult,
    CloudResource,
    DiffResult,
    Failure,
    Naming,
    ReadResult,
    RefusedError,
    ResourceIdentity,
    provider_setting,
)
from rehearsal.cloud.types.formats import ACCOUNT
from rehearsal.cloud.types.option_paths import unknown_paths
from rehearsal.cloud.types.schema import Schema, Schemas, UnknownTypeError
from rehearsal.cloud.types.type_table import TypeRow
from rehearsal.judges.digest import digest as judges
from rehearsal.judges.reference import reference
from rehearsal.judges.statements import document_verdicts
from rehearsal.judges.verdicts import verdicts
from rehearsal.values import UNKNOWN, Value, Values, reveal, reveal_top


class Cloud:
    """A cloud over a dictionary of resources that belongs to the caller.

    No verb changes the dictionary: each answers with changes, which the caller records and makes. `cache` is a
    folder for the schemas read from the SDK, which makes a later start fast. `strict` is false only where the
    cost of checks and refusals is measured.
    """

    def __init__(
        self, resources: MutableMapping[str, CloudResource], cache: Path | None = None, *, strict: bool = True
    ) -> None:
        for at, resource in baseline.resources().items():
            resources.setdefault(at, resource)
        self.schema_cache = cache
        self._schemas = Schemas(cache)
        self._inventory = Inventory(resources, self._schemas)
        self._lifecycle = Lifecycle(self._inventory, Outputs(self._inventory, baseline.regions()), strict)
        self._strict = strict

    def living(self) -> list[CloudResource]:
        """Resources that a stack has: none of the baseline, none that is retained or released by its stack."""
        return [
            t
            for at, t in self._inventory.resources.items()
            if t.urn and not at.startswith((f"{DELETIONS}|", f"{RETAINED}|")) and RELEASED not in t.outputs
        ]

    def retained(self) -> list[CloudResource]:
        """Resources retained after deletion (keys pending deletion, final snapshots), or released by their stack."""
        resources = self._inventory.resources.items()
        return [t for at, t in resources if at.startswith(f"{RETAINED}|") or RELEASED in t.outputs]

    def without_effect(self) -> list[tuple[CloudResource, str]]:
        """Resources that AWS takes and that can't do what they are for, and why.

        Those are roles with which a service can't do its work, deliveries that the other side refuses, and APIs that
        a page can't call.
        """
        self._inventory.sync()
        roles = ((it, why) for it in self.living() for why in self._lifecycle.unfit_roles(it))
        return [*roles, *deliveries_that_fail(self._inventory), *calls_that_fail(self._inventory)]

    def coverage(self, token: str) -> Coverage:
        """Coverage of a type: how much the cloud knows of it."""
        schema, row = self._known(token)
        return coverage(token, row, schema)

    def property_coverage(self, token: str, inputs: Values) -> list[PropertyCoverage]:
        """Coverage of the properties that the inputs of a resource of AWS's set; none for another's."""
        schema, row = self._known(token)
        if schema is None or not token.startswith("aws:"):
            return []
        return list(property_coverage(token, inputs, row, schema, judges()))

    # ---- check and diff, which change nothing --------------------------------------------------------

    def check_config(self, package: str, inputs: Values) -> CheckResult:
        """Checks the inputs of a provider, their names and types. Values that aren't text arrive as JSON."""
        try:
            schema = self._schemas.of(f"pulumi:providers:{package}")
        except UnknownTypeError as error:
            return CheckResult(inputs, (Failure("", str(error)),))
        if schema is None:
            return CheckResult(inputs)
        shapes = schema.inputs.properties
        plain = {
            name: value if shapes.get(name) == "string" else _unpacked(value)
            for name, value in inputs.items()
            if name not in ("version", "pluginDownloadURL")
        }
        return CheckResult(
            inputs, input_failures(plain, schema, self._inventory.row(f"pulumi:providers:{package}"))
        )

    def diff_config(self, package: str, old: Values, new: Values) -> DiffResult:
        """Diff of a provider's inputs, and whether its resources have to be replaced."""
        row = self._inventory.row(f"pulumi:providers:{package}")
        found = difference(old, {}, new, ("version",), fixed=row.fixed)
        if row.steady and row.steady not in found.changed and new.get(row.steady) is not None:
            return DiffResult(found.changed)
        return DiffResult(found.changed, found.replaces, detailed=found.detailed)

    def check(
        self, target: ResourceIdentity, old: Values | None, new: Values, asked: Naming | None = None
    ) -> CheckResult:
        """Checks the inputs of a resource: as they will be recorded, or the failures."""
        try:
            schema, row = self._known(target.type)
        except UnknownTypeError as error:
            return CheckResult(new, (Failure("", str(error)),))
        if self._strict and (found := input_failures(new, schema, row)):
            return CheckResult(new, found)
        self._inventory.sync()
        completed = with_defaults(new, old, self._lifecycle.seed(target.urn), target, row, schema, asked)
        if not self._strict:
            return CheckResult(completed)
        overlong = overlong_name(completed, row)
        return CheckResult(completed, (overlong,) if overlong else self._judged(target, completed, schema))

    def _judged(self, target: ResourceIdentity, inputs: Values, schema: Schema | None) -> tuple[Failure, ...]:
        """Failures of the inputs by the judges from outside."""
        if not target.type.startswith("aws:"):
            return ()
        found = (
            *verdicts(target.type, inputs, self._region(target, inputs, schema), judges()),
            *document_verdicts(inputs, reference()),
        )
        return tuple(Failure(verdict.path, verdict.reason) for verdict in found)

    def check_paths(self, token: str, paths: Sequence[str]) -> tuple[Failure, ...]:
        """Failures of the property paths in the options `ignoreChanges` and the like."""
        try:
            schema = self._schemas.of(token) if paths and self._strict else None
        except UnknownTypeError as error:
            return (Failure("", str(error)),)
        return () if schema is None else tuple(unknown_paths(paths, schema))

    def diff(  # noqa: PLR0917 the verb's own arguments
        self,
        target: ResourceIdentity,
        id_: str,  # noqa: ARG002 the verb's own argument
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,
        ignore_changes: Sequence[str] = (),
    ) -> DiffResult:
        """Diff of a resource: the inputs that an update would change, and those that only a replacement can."""
        schema, row = self._known(target.type)
        if target.type.startswith("kubernetes:"):
            old_outputs = {}  # additions of the cluster to an object are no difference
        fixed, now = row.fixed, self._region(target, new_inputs, schema)
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
            watch=row.watch,
            whole=added_entries(row.back),
            name=row.name.of if row.name else "",
        )

    # ---- create, read, update, delete and invoke -----------------------------------------------------

    def create(self, target: ResourceIdentity, inputs: Values, preview: bool) -> ChangeResult:
        schema, row = self._known(target.type)
        self._inventory.sync()
        self._admit(target)
        region = self._region(target, inputs, schema)
        if preview:
            return ChangeResult(UNKNOWN, previewed_create(inputs, region, row, schema))
        self._reach(target, region)
        if schema is not None and schema.regional:
            baseline.region_facts(region)
        return self._lifecycle.create(target, inputs, region, row, schema)

    def read(self, target: ResourceIdentity, id_: str, inputs: Values, outputs: Values) -> ReadResult | None:
        schema, row = self._known(target.type)
        self._inventory.sync()
        region = self._region(target, {**inputs, **outputs}, schema)
        self._admit(target)
        outages.must_be_reachable(self._inventory, target, region)
        return self._lifecycle.read(target, id_, region, inputs, row)

    def update(  # noqa: PLR0917 the verb's own arguments
        self,
        target: ResourceIdentity,
        id_: str,
        old_inputs: Values,
        old_outputs: Values,
        new_inputs: Values,
        ignore_changes: Sequence[str],
        preview: bool,
    ) -> ChangeResult:
        schema, row = self._known(target.type)
        self._inventory.sync()
        self._admit(target)
        if preview:
            found = difference(
                old_inputs,
                old_outputs,
                new_inputs,
                ignore_changes,
                watch=row.watch,
                whole=added_entries(row.back),
            )
            return ChangeResult(id_, previewed_update(old_outputs, new_inputs, found.changed, row))
        region = self._region(target, {**new_inputs, **old_outputs}, schema)
        self._reach(target, region)
        return self._lifecycle.update(
            target,
            id_,
            region,
            InputChange(old_inputs, old_outputs, new_inputs, ignore_changes),
            row=row,
            schema=schema,
        )

    def delete(self, target: ResourceIdentity, id_: str, inputs: Values, outputs: Values) -> ChangeResult:
        schema, row = self._known(target.type)
        self._inventory.sync()
        self._admit(target)
        region = self._region(target, {**inputs, **outputs}, schema)
        self._reach(target, region)
        return self._lifecycle.delete(target, id_, region, row)

    def release(self, urn: str, id_: str) -> Changes:
        """Releases a resource from its stack without a change to it: `retainOnDelete`."""
        self._inventory.sync()
        found = [resource for resource in self._inventory.owned_by(urn) if resource.id == id_]
        if not found:  # made under another URN, before it was renamed
            type_ = urn.split("::", 3)[2].rsplit("$", 1)[-1]
            found = [resource for resource in self._inventory.of_type(type_) if resource.id == id_]
        return {
            key_of(resource): replace(resource, outputs={**resource.outputs, RELEASED: True})
            for resource in found
        }

    def adopt(self, target: ResourceIdentity, id_: str, inputs: Values, outputs: Values) -> Changes:
        """Adopts into a stack, without a change to it, what belongs to none; nothing for what a stack has already."""
        schema, _ = self._known(target.type)
        self._inventory.sync()
        region = self._region(target, {**inputs, **outputs}, schema)
        resource = self._inventory.get(target.type, region, id_)
        if resource is None or (resource.urn and RELEASED not in resource.outputs):
            return {}
        kept = {name: value for name, value in resource.outputs.items() if name != RELEASED}
        return {key_of(resource): replace(resource, urn=resource.urn or target.urn, outputs=kept)}

    def invoke(self, token: str, args: Values, provider: Values) -> Values:
        """Answer of a provider's function. RefusedError for one that the cloud doesn't have."""
        self._inventory.sync()
        if found := output_text_failures(args):
            raise RefusedError("ValidationError", f"{found[0].path}: {found[0].reason}")
        if token not in invokes.ANSWERED_WITHOUT_AWS:
            outages.must_be_reachable(
                self._inventory, ResourceIdentity("", token, provider), _text(args, "region")
            )
        caller = caller_of(self._inventory, provider)
        return invokes.answer(token, reveal(args), _text(provider, "region"), self._inventory, caller)

    def is_unreachable(self, target: ResourceIdentity, inputs: Values, outputs: Values) -> bool:
        """Returns whether an outage keeps a resource from being read now."""
        schema, _ = self._known(target.type)
        self._inventory.sync()
        return outages.is_unreachable(
            self._inventory, target, self._region(target, {**inputs, **outputs}, schema)
        )

    # ---- schema, region and account of a call --------------------------------------------------------

    def _known(self, token: str) -> tuple[Schema | None, TypeRow]:
        return self._schemas.of(token), self._inventory.row(token)

    def _region(self, target: ResourceIdentity, values: Values, schema: Schema | None) -> str:
        if target.type.startswith("kubernetes:"):
            return _text(target.provider, "clusterIdentifier") or _text(target.provider, "context")
        if schema is None or not schema.regional:
            return ""
        own = reveal_top(values.get("region"))
        return own if isinstance(own, str) and own else _text(target.provider, "region")

    def _admit(self, target: ResourceIdentity) -> None:
        """Raises RefusedError if the provider may not work in this account, or can't assume its role."""
        caller_of(self._inventory, target.provider)
        allowed = provider_setting(target.provider, "allowedAccountIds")
        if isinstance(allowed, list) and ACCOUNT not in allowed:
            others = ", ".join(allowed)
            raise RefusedError(
                "AccountNotAllowed", f"this is account {ACCOUNT}; the provider allows {others}"
            )
        forbidden = provider_setting(target.provider, "forbiddenAccountIds")
        if isinstance(forbidden, list) and ACCOUNT in forbidden:
            raise RefusedError("AccountNotAllowed", f"this is account {ACCOUNT}, which the provider forbids")

    def _reach(self, target: ResourceIdentity, region: str) -> None:
        """Raises RefusedError in an outage of the service, or without the provider's cluster."""
        outages.must_be_reachable(self._inventory, target, region)
        if target.type.startswith("kubernetes:"):
            cluster = _text(target.provider, "clusterIdentifier")
            if cluster and self._inventory.resolve("eksCluster*", cluster, "") is None:
                raise RefusedError("Unreachable", f"the provider's cluster {cluster} doesn't exist")
            kubeconfig_must_be_usable(self._inventory, target.provider)


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
