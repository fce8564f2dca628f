"""`docs/access.md`: whom people can act as, from the roles that they take to the IAM roles of pods, by the graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from rehearsal.engine import urns
from rehearsal.engine.records import Resource
from rehearsal.iam.documents import Statement, statements
from rehearsal.values import reveal
from tests.stacks.access.effective_access import (
    RIGHTS,
    RIGHTS_IN_CLUSTER,
    Account,
    Cluster,
    Entry,
)
from tests.stacks.access.rbac_rules import KNOWN
from tests.stacks.platform import Platform

CLUSTER = "aws:eks/cluster:Cluster"
ROLE = "aws:iam/role:Role"
ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"

Row = tuple[str, ...]
PEOPLE = ("role", "taken by", "groups", "access policy: scope", "may in AWS")
RIGHTS_OF_PEOPLE = ("role", "namespaces", "may", "acts as pods of")
PODS = ("service account", "IAM role", "may in AWS", "open to")

HEAD = """# Who can act as what

Made by `make access-page` from the access entries, RBAC objects, Pod Identity associations and IAM policies in the
graph of all stacks; a test holds it to them, so that whatever grants more fails until this page says it. Where
Kubernetes leaves doubt, somebody counts as having the right.

## Roles of people

"""
NO_LIMIT = """
These may take every one of the roles: {}.
For them the roles prevent mistakes and are no limit, unless a policy of their own denies them one.
"""
MAKER = """
The deployer makes the clusters, and is their administrator by EKS itself, in {}.
"""
IN_KUBERNETES = """
## In Kubernetes

Rights come from the RBAC objects of the program and from [EKS's access policies][policies]. Who changes workloads or
enters pods in a namespace, or mints tokens there, can act as each of its service accounts, and has the IAM roles of
their pods. A pod that no pod security standard keeps in its container reaches its node, and with it every pod there.

- To enter pods is `pods/exec`, `pods/attach` or an ephemeral container.
- To mint tokens is `serviceaccounts/token`, or a secret that Kubernetes writes a token into.
- To grant rights is `bind` or `escalate` on roles. It counts as having them all.
- The namespaces `default` and `kube-system` stand for all that the program doesn't make. What is in no namespace is
  in the rows of the *cluster*.

Not followed: what a controller does for whoever writes an object for it, and the RBAC objects that AWS and KEDA's
chart bring along, which aren't in the graph.

[policies]: https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html

"""
OF_PODS = """
## IAM roles of pods

What the policies of each role allow, by the data sets of [the data page](data.md), and who of the above can act as
it. Keys that go with data aren't listed. The boundary of all roles and the policies of stores may allow less.

"""


def page(platform: Platform) -> str:
    """The whole page."""
    found = cells(platform)
    people = _table(PEOPLE, {name: _people(cell) for name, cell in found.items()})
    rights = _table(RIGHTS_OF_PEOPLE, {name: _in_kubernetes(cell) for name, cell in found.items()}, joined=1)
    pods = _table(PODS, {name: _of_pods(cell) for name, cell in found.items()})
    makers = _where([name for name, cell in found.items() if cell.makes_admins], found)
    free = _texts(f"`{it}`" for it in sorted(set.intersection(*(cell.free for cell in found.values()))))
    return (
        f"{HEAD}{people}{NO_LIMIT.format(free)}{MAKER.format(makers)}{IN_KUBERNETES}{rights}{OF_PODS}{pods}"
    )


def cells(platform: Platform) -> dict[str, Cell]:
    """Every stack that has a cluster."""
    made: dict[str, list[Resource]] = defaultdict(list)
    for stack, it in platform.resources():
        made[stack].append(it)
    return {
        stack: Cell(stack, own, platform)
        for stack, own in sorted(made.items())
        if any(it.type == CLUSTER for it in own)
    }


class Cell:
    """One cell: its cluster, its IAM roles, and the names of what they are about."""

    def __init__(self, name: str, resources: Sequence[Resource], platform: Platform) -> None:
        self.name, self.resources = name, resources
        self.cluster = Cluster(resources)
        self._platform = platform

    @property
    def makes_admins(self) -> bool:
        (cluster,) = [it for it in self.resources if it.type == CLUSTER]
        return cluster.inputs["accessConfig"]["bootstrapClusterCreatorAdminPermissions"]

    @property
    def free(self) -> set[str]:
        """Principals that may take every role of people."""
        return set.intersection(*({*self.takers(it.role)} for it in self.cluster.entries()))

    def role(self, arn: str) -> Resource:
        return next(it for it in self.resources if it.type == ROLE and it.outputs["arn"] == arn)

    def role_name(self, arn: str) -> str:
        """Name of a role, the same in every cell."""
        role = self.role(arn)
        name, logical = role.inputs["name"], urns.name_of(role.urn)
        return f"`{logical}-...`" if name.startswith(logical) else f"`{name.replace(self.name, '<cell>')}`"

    def takers(self, arn: str) -> list[str]:
        """Principals that the trust policy of a role names."""
        return sorted(
            principal.name
            for it in statements(reveal(self.role(arn).inputs["assumeRolePolicy"]))
            if it.allows
            for principal in it.principals or ()
        )

    def allowed(self, arn: str) -> list[Statement]:
        """Statements of a role's own policies. Managed ones would be beyond this page."""
        role = self.role(arn)
        name = role.inputs["name"]
        assert not role.inputs.get("managedPolicyArns") and not role.inputs.get("inlinePolicies"), name
        assert not any(it.type == ATTACHMENT and it.inputs["role"] == name for it in self.resources), name
        return [
            statement
            for it in self.resources
            if it.type == ROLE_POLICY and it.inputs["role"] == name
            for statement in statements(reveal(it.inputs["policy"]))
        ]

    def told(self, arn: str) -> str:
        """Words on what a role's policies allow."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for statement in self.allowed(arn):
            assert statement.allows and statement.actions and statement.resources, statement
            for word, service, things in self._told(statement):
                found[word, service].update(things)
        return "; ".join(_phrase(*each, sorted(things)) for each, things in sorted(found.items())) or "-"

    def _told(self, statement: Statement) -> Iterator[tuple[str, str, set[str]]]:
        actions, resources = list(statement.actions or ()), statement.resources or ()
        if any(it.key == "kms:ViaService" for it in statement.conditions):
            return
        aliases = [
            value for it in statement.conditions if it.key == "kms:ResourceAliases" for value in it.values
        ]
        known = [word for action, word in KNOWN["words"].items() if action in actions]
        if known:
            service = KNOWN["services"][actions[0].partition(":")[0]]
            things = {self._thing(it) for it in aliases or resources if ":user:" not in it}
            yield known[0], service, things - {"*"}
            return
        for action in actions:
            if action not in KNOWN["untold"]:
                yield f"`{action}`", "", {self._thing(it) for it in resources}

    def _thing(self, resource: str) -> str:
        """The data set that is kept in a resource, or the resource's own name without what all names have."""
        if held := self._datasets.get(_anywhere(resource)):
            return held
        name = resource.replace("/", ":").rpartition(":")[2].removesuffix(".fifo").removeprefix("castle-")
        for cell in self._regions:
            name = name.removeprefix(f"{cell}-")
        return "the cell's own" if name == self.name else name

    @cached_property
    def _regions(self) -> list[str]:
        return [stack for stack in self._platform.results if stack != "global"]

    @cached_property
    def _datasets(self) -> Mapping[str, str]:
        return {
            _anywhere(it.outputs["arn"]): it.inputs["tags"]["data-set"]
            for _, it in self._platform.resources()
            if "data-set" in it.inputs.get("tags", {}) and "arn" in it.outputs
        }


def _phrase(word: str, service: str, things: Sequence[str]) -> str:
    if not things:
        return f"{word} {service}"
    return f"{word} {', '.join(things)} in {service}" if service else f"{word} on {', '.join(things)}"


def _anywhere(arn: str) -> str:
    """An ARN without its region: what is replicated has the same name in each."""
    parts = arn.split(":", 5)
    return ":".join([*parts[:3], "", *parts[4:]]) if len(parts) == 6 else arn


def _people(cell: Cell) -> Iterator[Row]:
    for entry in cell.cluster.entries():
        yield (
            cell.role_name(entry.role),
            _texts(f"`{it}`" for it in cell.takers(entry.role)),
            _texts(f"`{it}`" for it in entry.groups),
            _texts(
                f"{name}: {'all' if where is None else ', '.join(where)}" for name, where in entry.policies
            ),
            cell.told(entry.role),
        )


def _in_kubernetes(cell: Cell) -> Iterator[Row]:
    for entry in cell.cluster.entries():
        access = cell.cluster.access(entry)
        for namespace in (*cell.cluster.namespaces, None):
            theirs = sorted(it.name for it in access.accounts if it.namespace == namespace)
            if namespace is None and access.nodes:
                theirs = ["the nodes themselves"]
            rights = access.rights(namespace)
            every = RIGHTS_IN_CLUSTER if namespace is None else RIGHTS
            yield (
                cell.role_name(entry.role),
                namespace or "*cluster*",
                "everything" if rights == every else _texts(rights),
                _texts(theirs),
            )


def _of_pods(cell: Cell) -> Iterator[Row]:
    entries = cell.cluster.entries()
    for account in cell.cluster.accounts:
        for role in account.roles:
            yield (
                f"{account.namespace}/{account.name}",
                cell.role_name(role),
                cell.told(role),
                _texts(sorted(_open_to(cell, entries, account))),
            )


def _open_to(cell: Cell, entries: Iterable[Entry], account: Account) -> Iterator[str]:
    for entry in entries:
        if account in cell.cluster.access(entry).accounts:
            yield cell.role_name(entry.role)


def _table(columns: Row, rows: Mapping[str, Iterable[Row]], joined: int | None = None) -> str:
    """A table of the rows of all cells, with a last column that says in which; the rows that differ in one column are
    joined to one.
    """
    where: dict[Row, list[str]] = defaultdict(list)
    for cell, found in rows.items():
        for row in found:
            where[row].append(cell)
    told = {(*row, _where(of, rows)) for row, of in where.items()}
    if joined is not None:
        told = _joined(told, joined)
    lines = [(*columns, "in"), ("---",) * (len(columns) + 1), *sorted(told)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _where(some: Sequence[str], every: Iterable[str]) -> str:
    if not some:
        return "no cell"
    return "every cell" if set(some) == set(every) else ", ".join(some)


def _joined(rows: Iterable[Row], at: int) -> set[Row]:
    alike: dict[tuple[Row, Row], list[str]] = defaultdict(list)
    for row in rows:
        alike[row[:at], row[at + 1 :]].append(row[at])
    return {(*before, ", ".join(sorted(each)), *after) for (before, after), each in alike.items()}


def _texts(found: Iterable[str]) -> str:
    return ", ".join(found) or "-"
