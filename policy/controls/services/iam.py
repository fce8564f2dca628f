"""Rules on IAM policies and roles: wildcards, privilege escalation, trust policies, users and access keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Unpack

from pulumi_policy import Severity

from controls.language.facts import UNKNOWN, Node, Truth, all_of, any_of, negate
from controls.language.iam import actions
from controls.language.iam.documents import Statement, any_matches, forbid_statements, open_to_all, parse
from controls.language.rules import CRITICAL, HIGH, Check, Config, Meta, Param, Rule, forbid_type
from controls.language.tokens import ACCESS_KEY, IAM_POLICY, IAM_USER, POLICY_ATTACHMENT, ROLE
from controls.language.verdicts import Fail, Undecided, Verdicts

# A role may carry policies of its own, inline.
_DOCUMENTS: Final = ("policy", "inlinePolicies.*.policy")
_HOLDERS: Final = (*IAM_POLICY, *ROLE)
_READS: Final = "policy inlinePolicies"
_TRUST: Final = ("assumeRolePolicy",)

_ADMIN_POLICIES: Final = ("/AdministratorAccess", "/IAMFullAccess", "/PowerUserAccess")


StatementTest = Callable[[Statement], Truth]


def forbidden_in_policies(broken: StatementTest, message: str) -> Check:
    """Check that no statement of an IAM policy is broken."""

    def check(node: Node) -> Verdicts:
        yield from forbid_statements(node, _DOCUMENTS, broken, message)

    return check


def full_admin(statement: Statement) -> Truth:
    every = True if statement.not_action else any_matches(statement.actions, lambda it: it in ("*", "*:*"))
    return all_of(statement.allows, every, statement.all_resources)


def wildcard_actions(statement: Statement) -> Truth:
    wide = (
        True
        if statement.not_action
        else any_matches(statement.actions, lambda it: it == "*" or it.endswith(":*"))
    )
    return all_of(statement.allows, wide)


def wildcard_resource_write(statement: Statement) -> Truth:
    """Returns whether a statement allows writes on every resource. Actions that AWS can't limit to a resource
    don't count (service authorization reference).
    """
    writes = True if statement.not_action else any_matches(statement.actions, actions.writes)
    return all_of(statement.unbounded, writes)


def grants_on_every_resource(names: Iterable[str]) -> StatementTest:
    """Builds the test whether a statement allows one of the actions on every resource."""
    chosen = tuple(names)
    return lambda statement: all_of(statement.unbounded, statement.includes_action(*chosen))


def pass_role_open(statement: Statement) -> Truth:
    to_service = any_of(
        *(
            key == "iam:passedtoservice" or UNKNOWN
            for _, key, _ in statement.binding_conditions()
            if key in ("iam:passedtoservice", "?")
        )
    )
    return all_of(
        statement.allows,
        statement.includes_action("iam:PassRole"),
        any_of(statement.all_resources, negate(to_service)),
    )


def no_escalation(node: Node) -> Verdicts:
    """No privilege escalation by the unbounded statements of a policy taken together."""
    for path in _DOCUMENTS:
        for where, document in node.find(path):
            statements = parse(document)
            if statements is UNKNOWN:
                yield Undecided(where)
            if not isinstance(statements, tuple):
                continue
            granted = {it: _granted(statements, it) for it in actions.ESCALATIONS}
            if escalation := next((it for it, truth in granted.items() if truth is True), None):
                yield Fail(f"`{where}` grants {' with '.join(escalation)} on every resource: name resources")
            elif UNKNOWN in granted.values():
                yield Undecided(where)


def _granted(statements: Iterable[Statement], needed: Iterable[str]) -> Truth:
    """Returns whether all of the actions are allowed on every resource, by one statement or another."""
    return all_of(
        *(
            any_of(*(all_of(it.unbounded, it.includes_action(action)) for it in statements))
            for action in needed
        )
    )


def trust_not_public(node: Node) -> Verdicts:
    yield from forbid_statements(node, _TRUST, open_to_all, "lets anyone assume the role: name principals")


def no_confused_deputy(node: Node, config: Config) -> Verdicts:
    """Trust policies protect against the confused deputy: a service that acts for many accounts names the one for
    which it assumes the role.

    Some services send no source with the call, so that a condition on it would lock them out: those that hand
    the role to code of the same account, and that only a caller with iam:PassRole can make do so.
    """
    exempt = config["exemptServices"]

    def confused(statement: Statement) -> Truth:
        service = any_matches(statement.principal("Service"), lambda it: it not in exempt)
        return all_of(statement.allows, service, negate(statement.restricts_source))

    message = "trusts a service for any account: add a condition on aws:SourceAccount or aws:SourceArn"
    yield from forbid_statements(node, _TRUST, confused, message)


def federation_pinned(node: Node) -> Verdicts:
    yield from forbid_statements(
        node, _TRUST, _unpinned, "trusts every login of the provider: pin its aud and its sub"
    )


def _unpinned(statement: Statement) -> Truth:
    """Returns whether a federated principal isn't limited to an audience and a subject. SAML has no subject."""
    providers = statement.principal("Federated")
    saml = any_matches(providers, lambda it: ":saml-provider/" in it)
    tests = list(statement.binding_conditions())
    ends = (":aud",) if saml is True else (":aud", ":sub")
    pinned = all_of(
        *(
            any_of(
                *(
                    UNKNOWN if values is UNKNOWN else any_matches(values, lambda it: it.strip("*") != "")
                    for _, key, values in tests
                    if key.endswith(end) or key == "?"
                )
            )
            for end in ends
        )
    )
    federated = any_matches(providers, bool) if providers else False
    return all_of(statement.allows, federated, negate(pinned))


def no_admin_policy(node: Node) -> Verdicts:
    for path in ("policyArn", "managedPolicyArns.*"):
        for where, arn in node.find(path):
            if arn is UNKNOWN:
                yield Undecided(where)
            elif isinstance(arn, str) and arn.endswith(_ADMIN_POLICIES):
                yield Fail(f"`{where}` is a policy for administrators: write one with what is needed")


def _policy_rule(name: str, check: Check, severity: Severity = HIGH, **meta: Unpack[Meta]) -> Rule:
    return Rule(name, severity, _HOLDERS, check, reads=_READS, **meta)


RULES: Final = (
    _policy_rule(
        "iam-no-full-admin",
        forbidden_in_policies(full_admin, "allows everything on everything: name actions and resources"),
        asks="No statement allows every action on every resource",
        fix="Name the actions and the resources that are needed",
        ids="IAM.1 CIS-3.0:1.16 CIS-5.0:1.15 CKV_AWS_1 CKV_AWS_62 CKV2_AWS_40",
        severity=CRITICAL,
    ),
    _policy_rule(
        "iam-no-wildcard-actions",
        forbidden_in_policies(
            wildcard_actions, "allows all actions of a service: name the ones that are needed"
        ),
        asks="No statement allows every action of a service",
        fix="Name the actions that are needed",
        ids="IAM.21 CKV_AWS_49 CKV_AWS_63",
    ),
    _policy_rule(
        "iam-no-wildcard-resource-write",
        forbidden_in_policies(
            wildcard_resource_write,
            "allows a write on every resource: name resources, or add a condition on them",
        ),
        asks="Write actions never target every resource",
        fix="Name resources, or narrow the statement by a condition",
        narrowed="Actions that AWS can't limit to a resource, or that Lambda tries without one, may target all, and a"
        " condition narrows the others.",
        ids="CKV_AWS_111 CKV_AWS_290 CKV_AWS_355 CKV_AWS_356",
    ),
    _policy_rule(
        "iam-no-privilege-escalation",
        no_escalation,
        asks="No policy holds a known way to gain further rights",
        fix="Limit IAM's and PassRole's actions to named resources",
        ids="CKV_AWS_110 CKV_AWS_286",
    ),
    _policy_rule(
        "iam-no-credentials-exposure",
        forbidden_in_policies(
            grants_on_every_resource(actions.CREDENTIALS),
            "makes or reads credentials at large: name resources",
        ),
        asks="No policy can mint or read credentials at large",
        fix="Name the roles, users or clusters",
        ids="CKV_AWS_107 CKV_AWS_287",
    ),
    _policy_rule(
        "iam-no-data-exfiltration",
        forbidden_in_policies(
            grants_on_every_resource(actions.DATA), "reads data stores without a limit: name resources"
        ),
        asks="No policy reads data stores without a limit on resources",
        fix="Name the buckets, tables, secrets and keys",
        ids="CKV_AWS_108 CKV_AWS_288",
    ),
    _policy_rule(
        "iam-no-open-permissions-management",
        forbidden_in_policies(
            grants_on_every_resource(actions.PERMISSIONS), "changes permissions at large: name resources"
        ),
        asks="Actions that change permissions are limited to named resources",
        fix="Name the resources whose permissions may be changed",
        ids="CKV_AWS_109 CKV_AWS_289",
    ),
    _policy_rule(
        "iam-pass-role-scoped",
        forbidden_in_policies(
            pass_role_open, "passes roles openly: name them, with a condition on iam:PassedToService"
        ),
        asks="PassRole names roles and the service that they are passed to",
        fix="Name the roles in Resource, and the service in a condition on iam:PassedToService",
    ),
    Rule(
        "iam-trust-not-wildcard",
        CRITICAL,
        ROLE,
        trust_not_public,
        asks="Trust policies never admit every principal",
        fix="Name the roles, accounts or services that may assume the role",
        ids="CKV_AWS_60 CKV_AWS_61",
        reads="assumeRolePolicy",
    ),
    Rule(
        "iam-trust-confused-deputy",
        HIGH,
        ROLE,
        no_confused_deputy,
        asks="Trust in a service carries a condition on the source account or ARN",
        fix="Add StringEquals aws:SourceAccount with your account id",
        narrowed="Services that hand a role to code of the same account send no source when they assume it.",
        reads="assumeRolePolicy",
        config={
            "exemptServices": Param(
                list(actions.SOURCELESS), "Services that send no source when they assume a role"
            )
        },
    ),
    Rule(
        "iam-oidc-trust-scoped",
        HIGH,
        ROLE,
        federation_pinned,
        asks="Federated trust pins audience and subject",
        fix="Add StringEquals conditions on the provider's aud and sub",
        ids="CKV_AWS_358 CKV_AWS_393",
        reads="assumeRolePolicy",
    ),
    Rule(
        "iam-no-managed-admin-attachment",
        CRITICAL,
        POLICY_ATTACHMENT + ROLE,
        no_admin_policy,
        asks="AWS's policies for administrators are not attached",
        fix="Attach a policy with what is needed",
        ids="IAM.1 CIS-3.0:1.16 CIS-5.0:1.15 CKV_AWS_274 CKV_AWS_275 CKV2_AWS_56",
        reads="policyArn managedPolicyArns",
    ),
    forbid_type(
        "iam-no-users",
        HIGH,
        IAM_USER,
        asks="No IAM users or console logins are created",
        fix="Use roles, and people's logins from an identity provider",
        ids="IAM.5 CIS-3.0:1.21 CIS-5.0:1.20 CKV_AWS_273 CKV2_AWS_22",
    ),
    forbid_type(
        "iam-no-access-keys",
        HIGH,
        ACCESS_KEY,
        asks="No long-lived access keys are created",
        fix="Use roles, whose credentials expire",
        ids="IAM.3 CIS-3.0:1.14 CIS-5.0:1.13 CKV_AWS_348",
    ),
)
