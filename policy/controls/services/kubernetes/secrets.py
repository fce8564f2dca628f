"""Rules on Kubernetes Secrets, credentials in environments, storage encryption, IAM roles of service accounts."""

from __future__ import annotations

from typing import Final

from controls.language.credentials import check_no_credential
from controls.language.facts import MISSING, UNKNOWN, Node, among, as_list, comparable
from controls.language.graph import Graph
from controls.language.rules import CRITICAL, HIGH, MEDIUM, Rule, check_value, means_true, stack_rule
from controls.language.tokens import ROLE, SECRET_OBJECT, SERVICE_ACCOUNT, STORAGE_CLASS, WORKLOAD, whole
from controls.language.verdicts import Fail, Undecided, Verdicts
from controls.services.kubernetes.pods import containers

_ROLE: Final = "eks.amazonaws.com/role-arn"

# Provisioners of disks. Shared files and buckets are encrypted where they are made.
_DISKS: Final = ("ebs.csi.aws.com", "ebs.csi.eks.amazonaws.com", "kubernetes.io/aws-ebs")


def environment_clean(node: Node) -> Verdicts:
    for where, container in containers(node):
        settings = container.get("env", MISSING) if isinstance(container, dict) else container
        if settings is UNKNOWN:
            yield Undecided(f"{where}.env")
            continue
        for index, it in enumerate(as_list(settings)):
            if it is UNKNOWN:
                yield Undecided(f"{where}.env.{index}")
            elif isinstance(it, dict):
                value = it.get("value", MISSING)
                yield from check_no_credential(f"{where}.env.{index}.value", str(it.get("name", "")), value)


def no_inline_values(node: Node) -> Verdicts:
    """No values in a Kubernetes Secret, known or not: they would end in the state of the program and in the
    cluster's."""
    for name in ("data", "stringData"):
        if node.get(name) not in (MISSING, {}):
            yield Fail(f"`{name}` holds a secret: keep it in Secrets Manager, and let the pod's role read it")


def disks_encrypted(node: Node) -> Verdicts:
    provisioner = node.get("provisioner")
    if provisioner not in (*_DISKS, UNKNOWN):
        return
    if provisioner is UNKNOWN:
        yield Undecided("provisioner")
        return
    yield from check_value(node, "parameters.encrypted", means_true, 'set it to "true"')
    if not node.has("parameters.kmsKeyId"):
        yield Fail("`parameters.kmsKeyId` is missing: name a key of your own")


def roles_known(graph: Graph) -> Verdicts:
    for account in graph.of(SERVICE_ACCOUNT):
        notes = account.get("metadata.annotations")
        role = notes.get(_ROLE, MISSING) if isinstance(notes, dict) else notes
        known = comparable(it.get("arn") for it in graph.of(ROLE))
        if role is MISSING or among(role, known) or graph.targets(account, "metadata", ROLE):
            continue
        if role is UNKNOWN or UNKNOWN in known or MISSING in known:
            yield Undecided("metadata.annotations", account.urn)
        else:
            yield Fail(
                f"`metadata.annotations.{_ROLE}` is no role of this stack: take it from one",
                account.urn,
            )


RULES: Final = (
    Rule(
        "k8s-no-literal-secret-env",
        CRITICAL,
        WORKLOAD,
        environment_clean,
        asks="Environment variables of containers hold no credentials, and none is called like one",
        fix="Let the pod's role read it from Secrets Manager; revoke the one that was written down",
        reads="spec",
    ),
    Rule(
        "k8s-no-secret-manifests",
        MEDIUM,
        SECRET_OBJECT,
        no_inline_values,
        asks="Secrets come from an external store, not from the program",
        fix="Keep it in Secrets Manager and let the pod's role, or the secrets store driver, read it",
        ids="EKS-1.8:4.4.2",
        reads="data stringData",
    ),
    Rule(
        "k8s-storage-class-encrypted",
        HIGH,
        whole(STORAGE_CLASS),
        disks_encrypted,
        asks="Classes of disks encrypt with a customer-managed key",
        fix='Set parameters.encrypted to "true" and parameters.kmsKeyId to a key\'s ARN',
        reads="parameters provisioner",
        narrowed="Classes of shared files and buckets name no key: there the file system or the bucket has one.",
    ),
    stack_rule(
        "k8s-service-account-iam-scoped",
        MEDIUM,
        SERVICE_ACCOUNT,
        roles_known,
        asks="Service accounts take roles that the program declares",
        fix=f"Take {_ROLE} from the Role's arn, or use a PodIdentityAssociation",
        ids="EKS-1.8:5.2.1",
        reads="metadata",
    ),
)
