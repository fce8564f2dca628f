"""Rules on resources of every type: regions, KMS keys, credentials, `protect`, providers, `ignoreChanges`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from controls.language.credentials import holds_credential
from controls.language.facts import MISSING, UNKNOWN, Node, arn_region, decode_provider_input
from controls.language.ignored_changes import may_ignore
from controls.language.rules import CRITICAL, HIGH, MEDIUM, Config, Param, Rule, require_absent
from controls.language.tokens import ANY, AWS_PROVIDER, STATEFUL
from controls.language.verdicts import Fail, Undecided, Verdicts

# Inputs that name a key, at whatever depth.
_KEY_INPUT: Final = re.compile(r"kms|encryptionkey|key(arn|id)$", re.IGNORECASE)
_KEY_ARN: Final = re.compile(r"^arn:[a-z-]+:kms:")

# Inputs that name a key of another region on purpose: a replica's primary, and the far end of a copy.
_KEYS_ELSEWHERE: Final = re.compile(
    r"^(primaryKeyArn|replicas?\..*|rules\.\d+\.destination\..*|destination\..*|rules\.\d+\.copyActions\..*)$"
)

# Inputs whose purpose is to carry a secret: Pulumi shows secrets to a policy in clear, so that one that is
# marked as such can't be told from one that isn't.
_SECRET_INPUTS: Final = frozenset({"secretString", "privateKey", "password", "masterPassword", "authToken"})


def in_listed_regions(node: Node, config: Config) -> Verdicts:
    """Allow-list of regions. Without a list every region is allowed. Resources without a region, and those that
    some AWS services keep in one place for the whole world, are not judged."""
    listed = config["regions"]
    region = node.get("region") if node.type in AWS_PROVIDER else node.region
    if not listed or not node.type.startswith(("aws:", *AWS_PROVIDER)):
        return
    if region is UNKNOWN:
        yield Undecided("region")
    elif isinstance(region, str) and region not in listed:
        yield Fail(f"`region` isn't on the list: use one of {', '.join(listed)}")


def keys_of_own_region(node: Node) -> Verdicts:
    """KMS keys are of the resource's own region. AWS finds keys in the region of the request only; a multi-region
    key has one ARN in each region."""
    region = node.region
    for path, value in node.leaves:
        name = next((part for part in reversed(path.split(".")) if not part.isdigit()), "")
        if not _KEY_INPUT.search(name) or _KEYS_ELSEWHERE.match(path):
            continue
        if value is UNKNOWN:
            yield Undecided(path)
        elif not isinstance(value, str) or not _KEY_ARN.match(value) or region is MISSING:
            continue
        elif region is UNKNOWN:
            yield Undecided("region")
        elif arn_region(value) != region:
            yield Fail(f"`{path}` is a key of another region: name this region's replica of it")


def no_credentials(node: Node) -> Verdicts:
    """No credential in an input, except in inputs that are made to carry a secret, `...Wo` ones included."""
    for path, value in node.leaves:
        last = path.rpartition(".")[2]
        if not isinstance(value, str) or last in _SECRET_INPUTS or last.endswith("Wo"):
            continue
        if holds_credential(value):
            yield Fail(f"`{path}` holds a credential: keep it in Secrets Manager and name it there")


def protected(node: Node) -> Verdicts:
    if not node.protect:
        yield Fail("the option `protect` isn't set: set it to true")


def account_listed(node: Node) -> Verdicts:
    """Allow-list of accounts of a provider, so that credentials of another account stop a deployment."""
    listed = decode_provider_input(node.get("allowedAccountIds"))
    if listed is UNKNOWN:
        yield Undecided("allowedAccountIds")
    elif listed in (MISSING, [], ""):
        yield Fail("`allowedAccountIds` is missing: list the account that the program is for")


def ignored_inputs_rule(rules: Iterable[Rule]) -> Rule:
    """Builds the rule that no input which a mandatory rule judges by is ignored.

    `rules` are all the others. Inputs that AWS itself changes afterwards may be ignored, from a list per type.
    """
    guarded: dict[str, set[str]] = {}
    for it in rules:
        for token in it.types if it.mandatory else ():
            guarded.setdefault(token, set()).update(it.reads.split())

    def check(node: Node) -> Verdicts:
        yield from _not_ignored(node, guarded)

    return Rule(
        "no-ignore-changes-on-guarded-inputs",
        HIGH,
        ANY,
        check,
        asks="No input that a mandatory rule judges by is ignored",
        fix="Take the input out of ignoreChanges",
    )


def _not_ignored(node: Node, guarded: Mapping[str, set[str]]) -> Verdicts:
    for ignored in node.ignore_changes:
        path = ignored.replace("[", ".").replace("]", "").strip(".")
        if ignored == "*" or (path in _related(node.type, guarded, path) and not may_ignore(node, path)):
            yield Fail(
                f"`{ignored}` is ignored, and a mandatory rule judges by it: take it out of ignoreChanges"
            )


def _related(token: str, guarded: Mapping[str, set[str]], path: str) -> set[str]:
    """The path itself, if it is a judged one, or lies above or below one."""
    judged = guarded.get(token, set()) | guarded.get("*", set())
    related = any(it == path or it.startswith(f"{path}.") or path.startswith(f"{it}.") for it in judged)
    return {path} if related else set()


RULES: Final = (
    Rule(
        "region-allowlist",
        HIGH,
        ANY,
        in_listed_regions,
        asks="Resources and providers use listed regions only",
        fix="Use a listed region, or list this one in the rule's configuration",
        reads="region",
        config={"regions": Param([], "Regions that may be used; without any, all may")},
    ),
    Rule(
        "cross-region-key-locality",
        HIGH,
        ANY,
        keys_of_own_region,
        asks="A resource's key belongs to the resource's own region",
        fix="Name the ARN of the key, or of its replica, in this region",
    ),
    Rule(
        "no-plaintext-secrets",
        CRITICAL,
        ANY,
        no_credentials,
        asks="No input looks like a credential",
        fix="Keep it in Secrets Manager, and pass its name; revoke the one that was written down",
        ids="CKV_AWS_41 CKV_AWS_45 CKV_AWS_46",
    ),
    Rule(
        "stateful-resources-protected",
        HIGH,
        STATEFUL,
        protected,
        asks="Databases, keys, buckets, tables and file systems are protected from deletion by Pulumi",
        fix="Set the option protect to true",
        lifted=True,
    ),
    Rule(
        "provider-account-allowlisted",
        MEDIUM,
        AWS_PROVIDER,
        account_listed,
        asks="Providers deploy to listed accounts only",
        fix="List the account that the program is for in allowedAccountIds",
        reads="allowedAccountIds",
    ),
    require_absent(
        "provider-no-static-credentials",
        CRITICAL,
        AWS_PROVIDER,
        "accessKey secretKey token",
        asks="Providers hold no access keys",
        fix="Let the provider assume a role, or take credentials from the environment",
        ids="CKV_AWS_41",
    ),
)
