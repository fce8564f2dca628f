"""Rules on account-wide IAM: KMS decryption by policies, users' own rights, the password policy, access analyzers."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from controls.language.facts import MISSING, UNKNOWN, Node, Truth, Value, all_of, any_of, negate
from controls.language.graph import Graph
from controls.language.iam.documents import Statement, any_matches, forbid_statements
from controls.language.rules import MEDIUM, Config, Param, Rule, check_value, means_true, stack_rule
from controls.language.shapes import number, require_in_each_region
from controls.language.tokens import ACCESS_ANALYZER, IAM_POLICY, IAM_USER, PASSWORD_POLICY, ROLE, USER_GRANT
from controls.language.verdicts import Fail, Undecided, Verdicts

_DECRYPTING: Final = ("kms:Decrypt", "kms:ReEncryptFrom")


# A condition on aliases names keys; `?` is one that isn't known yet.
_NAMING: Final = ("kms:resourcealiases", "?")


def decrypts_with_every_key(statement: Statement) -> Truth:
    """Returns whether a statement decrypts with every KMS key, or every one of an account (a wildcard after
    `key/`). A condition may name the keys.
    """
    keys = (
        True
        if statement.not_resource
        else any_matches(
            statement.resources, lambda it: it in ("*", "arn:aws:*") or it.endswith((":key/*", ":kms:*"))
        )
    )
    named = any_of(
        *(
            key == "kms:resourcealiases" or UNKNOWN
            for _, key, _ in statement.binding_conditions()
            if key in _NAMING
        )
    )
    return all_of(statement.allows, statement.includes_action(*_DECRYPTING), keys, negate(named))


def decryption_keys_named(graph: Graph) -> Verdicts:
    """Policies name the KMS keys that they decrypt with. A permissions boundary grants nothing: it must allow
    what all policies under it together need."""
    bounds = [it.get("permissionsBoundary") for it in graph.of(ROLE + IAM_USER)]
    message = "decrypts with every key: name the keys"
    for node in graph.of((*IAM_POLICY, *ROLE)):
        broken = list(
            forbid_statements(node, ("policy", "inlinePolicies.*.policy"), decrypts_with_every_key, message)
        )
        bounding = any_of(*(_is_boundary(it, node) for it in bounds)) if broken else False
        for verdict in broken if bounding is not True else ():
            unsure = bounding is UNKNOWN and isinstance(verdict, Fail)
            yield Undecided("permissionsBoundary", node.urn) if unsure else replace(verdict, urn=node.urn)


def _is_boundary(boundary: Value, policy: Node) -> Truth:
    """Returns whether a boundary is a policy: by its ARN, or before that is known by the name in it."""
    if boundary is UNKNOWN:
        return UNKNOWN
    name = policy.get("name")
    by_name = isinstance(name, str) and str(boundary).endswith(f"/{name}")
    return boundary is not MISSING and (by_name or boundary == policy.get("arn"))


def no_user_grants(node: Node) -> Verdicts:
    for name in ("user", "users"):
        if node.get(name) not in (MISSING, "", []):
            yield Fail(f"`{name}` is given rights of its own: give them to a group, or to a role")


def strong_passwords(node: Node, config: Config) -> Verdicts:
    least, kept, days = config["minLength"], config["reuse"], config["maxDays"]
    yield from check_value(
        node, "minimumPasswordLength", lambda it: number(it) >= least, f"set it to {least} or more"
    )
    yield from check_value(
        node, "passwordReusePrevention", lambda it: number(it) >= kept, f"set it to {kept} or more"
    )
    if days:
        message = f"set it to {days} or less"
        yield from check_value(node, "maxPasswordAge", lambda it: 0 < number(it) <= days, message)
    for kind in ("LowercaseCharacters", "UppercaseCharacters", "Numbers", "Symbols"):
        yield from check_value(node, f"require{kind}", means_true, "set it to true")


def finds_external_access(_: Graph, node: Node) -> Truth:
    """Returns whether an access analyzer finds external access, as AWS's do when no type is written."""
    kind = node.get("type")
    return UNKNOWN if kind is UNKNOWN else kind in (MISSING, "ACCOUNT", "ORGANIZATION")


RULES: Final = (
    stack_rule(
        "iam-no-decrypt-on-all-keys",
        MEDIUM,
        (*IAM_POLICY, *ROLE),
        decryption_keys_named,
        asks="No policy decrypts with every key",
        fix="Name the keys in Resource",
        narrowed="A condition on kms:ResourceAliases names keys as well as an ARN does. A policy that is the"
        " boundary of a role grants nothing, and allows what all such roles together need.",
        ids="KMS.1 KMS.2",
        reads="policy inlinePolicies",
    ),
    Rule(
        "iam-policies-via-groups",
        MEDIUM,
        USER_GRANT,
        no_user_grants,
        asks="Users get their rights from groups only",
        fix="Attach the policy to a group or to a role",
        ids="IAM.2 CIS-3.0:1.15 CIS-5.0:1.14 CKV_AWS_40",
        reads="user users",
    ),
    Rule(
        "iam-password-policy-strong",
        MEDIUM,
        PASSWORD_POLICY,
        strong_passwords,
        asks="Passwords are long, of several kinds of characters, short-lived and not used again",
        fix="Set minimumPasswordLength, passwordReusePrevention, maxPasswordAge and the four require... switches",
        ids="IAM.7 IAM.10 CIS-3.0:1.8,1.9 CIS-5.0:1.7,1.8 CKV_AWS_9 CKV_AWS_10 CKV_AWS_11 CKV_AWS_12"
        " CKV_AWS_13 CKV_AWS_14 CKV_AWS_15",
        reads="minimumPasswordLength passwordReusePrevention maxPasswordAge requireLowercaseCharacters"
        " requireUppercaseCharacters requireNumbers requireSymbols",
        config={
            "minLength": Param(14, "Fewest characters"),
            "reuse": Param(24, "How many earlier passwords are refused"),
            "maxDays": Param(90, "Most days that a password lasts; 0 lets it last"),
        },
    ),
    require_in_each_region(
        "iam-access-analyzer-each-region",
        MEDIUM,
        ACCESS_ANALYZER,
        finds_external_access,
        message="add an Analyzer of type ACCOUNT",
        asks="Each region in use has an analyzer of access from outside",
        fix="Add an accessanalyzer Analyzer of type ACCOUNT or ORGANIZATION in each region",
        ids="CIS-3.0:1.20 CIS-5.0:1.19",
        reads="type region",
    ),
)
