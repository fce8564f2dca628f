"""Create, read, update and delete of a resource, as changes to the inventory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rehearsal.cloud.access.trials import roles_must_do, sign_ins_must_pass, unfit_roles
from rehearsal.cloud.account.caller import caller_of
from rehearsal.cloud.account.linked_roles import LINKED_ROLE, missing_linked_roles
from rehearsal.cloud.account.quotas import quotas_must_suffice
from rehearsal.cloud.images import images_must_be_there
from rehearsal.cloud.inventory import DELETIONS, RETAINED, Inventory, key_of
from rehearsal.cloud.lifecycle import refusals
from rehearsal.cloud.lifecycle.appended_statements import with_statements_of_deliveries
from rehearsal.cloud.lifecycle.diff import difference
from rehearsal.cloud.lifecycle.outputs import SEED, Outputs, as_recorded, without_empty
from rehearsal.cloud.lifecycle.read_back import added_entries
from rehearsal.cloud.provider_verbs import (
    ChangeResult,
    CloudResource,
    ReadResult,
    RefusedError,
    ResourceIdentity,
)
from rehearsal.cloud.runtime import containers_must_write
from rehearsal.cloud.types.formats import Scope, attributes, fill, value_at
from rehearsal.cloud.types.schema import Schema
from rehearsal.cloud.types.type_table import TypeRow
from rehearsal.cloud.zones import zones_must_have
from rehearsal.values import Values


@dataclass(frozen=True)
class InputChange:
    """Change of a resource's inputs, as the provider's update verb has it."""

    old_inputs: Values
    old_outputs: Values
    new_inputs: Values
    ignore_changes: Sequence[str]


class Lifecycle:
    """Lifecycle of resources, from create to delete. `row` is the type's, `region` the resource's.

    Without `strict` nothing is refused, which is of use only to measure what the refusals cost.
    """

    def __init__(self, inventory: Inventory, outputs: Outputs, strict: bool) -> None:
        self._inventory = inventory
        self._outputs = outputs
        self._strict = strict

    def seed(self, urn: str) -> str:
        """Seed of pseudo-random ids: the URN, and how many resources of it there have been."""
        return f"{urn}#{self._inventory.deletions(urn) + len(self._inventory.owned_by(urn))}"

    def create(
        self, target: ResourceIdentity, inputs: Values, region: str, row: TypeRow, schema: Schema | None
    ) -> ChangeResult:
        values = without_empty(inputs)
        scope = self._outputs.scope(target.type, values, region, self.seed(target.urn))
        self._must_be_accepted(target, "create", scope, values)
        id_ = fill(row.id, scope, "id")
        if not isinstance(id_, str):
            raise RefusedError(
                "InvalidParameterValue", f"the inputs of {target.type} don't make an id: {row.id}"
            )
        resource = CloudResource(
            target.type,
            id_,
            region,
            target.urn,
            inputs,
            self._outputs.compute(inputs, id_, scope, row, schema),
        )
        if self._strict:
            refusals.id_must_be_free(self._inventory, resource)
            refusals.names_must_be_free(self._inventory, resource)
            quotas_must_suffice(self._inventory, resource)
        changes = {key_of(resource): resource, **self._along(target, scope)}
        return ChangeResult(id_, self._outputs.visible(resource), changes)

    def read(
        self, target: ResourceIdentity, id_: str, region: str, inputs: Values, row: TypeRow
    ) -> ReadResult | None:
        resource = self._inventory.get(target.type, region, id_)
        if resource is None:
            return None
        now, added = {**resource.inputs, **resource.outputs}, added_entries(row.back)
        live = {
            name: value
            if _never_read_back(name)
            else as_recorded(now[name], value, row.out.get(name) or added.get(name))
            for name, value in (inputs or resource.inputs).items()
            if _never_read_back(name) or now.get(name) is not None
        }
        return ReadResult(id_, live, self._outputs.visible(resource))

    def update(
        self,
        target: ResourceIdentity,
        id_: str,
        region: str,
        change: InputChange,
        *,
        row: TypeRow,
        schema: Schema | None,
    ) -> ChangeResult:
        """Changes the inputs that differ and nothing else, so that drift in the others stays."""
        resource = self._inventory.get(target.type, region, id_)
        if resource is None:
            raise RefusedError(row.lost, f"{id_} doesn't exist{refusals.in_region(region)}")
        changed = difference(
            change.old_inputs,
            change.old_outputs,
            change.new_inputs,
            change.ignore_changes,
            watch=row.watch,
            whole=added_entries(row.back),
        ).changed
        inputs = {name: value for name, value in resource.inputs.items() if name not in changed}
        inputs |= {
            name: value
            for name, value in change.new_inputs.items()
            if name in changed or name.startswith("__")
        }
        scope = self._scope_of(resource, inputs)
        values = {name: value for name, value in scope.values.items() if name in changed}
        self._must_be_accepted(target, "update", scope, values, own=key_of(resource), changed=changed)
        was = self._outputs.compute(
            resource.inputs, id_, self._scope_of(resource, resource.inputs), row, schema
        )
        now = self._outputs.compute(inputs, id_, scope, row, schema)
        outputs = dict(resource.outputs)
        for name in {*was, *now, *changed}:
            if name in changed or was.get(name) != now.get(name):
                outputs[name] = now.get(name)
        renewed = replace(
            resource, inputs=inputs, outputs={k: v for k, v in outputs.items() if v is not None}
        )
        if self._strict:
            refusals.names_must_be_free(self._inventory, renewed)
            quotas_must_suffice(self._inventory, renewed, changed)
        changes = {key_of(resource): renewed, **self._along(target, scope)}
        return ChangeResult(id_, self._outputs.visible(renewed), changes)

    def _along(self, target: ResourceIdentity, scope: Scope) -> dict[str, CloudResource]:
        """Resources that AWS makes or changes along with another, by key."""
        appended = with_statements_of_deliveries(self._inventory, target.type, scope) if self._strict else {}
        return {**self._linked_roles(target, scope), **appended}

    def _linked_roles(self, target: ResourceIdentity, scope: Scope) -> dict[str, CloudResource]:
        """Service-linked roles that services make for a resource. Raises RefusedError for one that can't be had."""
        if not self._strict:
            return {}
        caller = caller_of(self._inventory, target.provider)
        services = missing_linked_roles(self._inventory, target.type, scope, caller)
        return {key_of(role): role for role in map(self._linked_role, services)}

    def _linked_role(self, service: str) -> CloudResource:
        row = self._inventory.row(LINKED_ROLE)
        inputs: Values = {"awsServiceName": service}
        scope = self._outputs.scope(LINKED_ROLE, inputs, "", service)
        id_ = str(fill(row.id, scope))
        return CloudResource(
            LINKED_ROLE, id_, "", "", inputs, self._outputs.compute(inputs, id_, scope, row, None)
        )

    def _must_be_accepted(  # noqa: PLR0917 what it takes to judge
        self,
        target: ResourceIdentity,
        verb: str,
        scope: Scope,
        values: Values,
        own: str = "",
        changed: Sequence[str] = (),
    ) -> None:
        """Raises RefusedError if AWS refuses `values`, which are among those of the scope."""
        if not self._strict:
            return
        refusals.references_must_exist(self._inventory, target.type, values, scope.region)
        refusals.principals_must_exist(self._inventory, target.type, values)
        refusals.references_must_share_a_vpc(self._inventory, target.type, scope.values, scope.region)
        refusals.no_refusal_of_the_type_may_hold(
            self._inventory, target, verb, scope, own=own, changed=changed
        )
        zones_must_have(self._inventory, target.type, values, scope.region)
        images_must_be_there(self._inventory, target.type, scope.values)
        containers_must_write(self._inventory, target.type, scope.values)
        roles_must_do(self._inventory, target.type, scope)
        sign_ins_must_pass(self._inventory, target.type, scope)

    def unfit_roles(self, resource: CloudResource) -> Iterator[str]:
        """Words on what services can't do with the roles that a resource gives them."""
        return unfit_roles(self._inventory, resource.type, self._scope_of(resource, resource.inputs))

    def _scope_of(self, resource: CloudResource, inputs: Values) -> Scope:
        seed = str(resource.outputs.get(SEED, resource.urn))
        return self._outputs.scope(resource.type, without_empty(inputs), resource.region, seed)

    def delete(self, target: ResourceIdentity, id_: str, region: str, row: TypeRow) -> ChangeResult:
        resource = self._inventory.get(target.type, region, id_)
        if resource is None:
            return ChangeResult(id_, {})  # gone already, which is what was asked for
        inside = refusals.must_be_empty(self._inventory, resource)
        scope = self._outputs.scope(
            target.type, attributes(resource), region, str(resource.outputs.get(SEED))
        )
        if self._strict:
            refusals.must_have_no_deletion_protection(self._inventory, resource)
            refusals.must_have_no_dependents(self._inventory, resource)
            refusals.no_refusal_of_the_type_may_hold(
                self._inventory, target, "delete", scope, own=key_of(resource)
            )
        times = self._inventory.deletions(resource.urn) + 1
        names = {"id": id_, "arn": attributes(resource).get("arn", id_)}
        record = CloudResource(DELETIONS, resource.urn, "", resource.urn, {"times": times, **names}, {})
        kept = self._retained_copy(resource, row, scope, times)
        gone = dict.fromkeys([key_of(resource), *map(key_of, inside)])
        return ChangeResult(id_, {}, {**gone, key_of(record): record, **kept})

    def _retained_copy(
        self, resource: CloudResource, row: TypeRow, scope: Scope, times: int
    ) -> dict[str, CloudResource]:
        keep = row.keep
        if keep is None or (keep.unless and value_at(scope.values, keep.unless) is True):
            return {}
        id_, region = fill(keep.id, scope, "keep"), fill(keep.region, scope)
        if not isinstance(id_, str) or not isinstance(region, str):
            return {}
        outputs = {**resource.outputs, "why": fill(keep.why, scope)}
        kept = replace(resource, type=keep.type or resource.type, id=id_, region=region, outputs=outputs)
        number = times if keep.id == "{id}" else 0  # a name of its own can be kept only once
        if (at := f"{RETAINED}|{number}|{key_of(kept)}") in self._inventory.resources:
            raise RefusedError(
                keep.taken, f"{id_} is kept from an earlier deletion{refusals.in_region(region)}"
            )
        return {at: kept}


def _never_read_back(name: str) -> bool:
    """Returns whether AWS never returns an input: it is the provider's own, or write-only."""
    return name.startswith("__") or name.endswith("Wo")
