"""Cases of the rules on IAM users, the password policy and access analyzers."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.documents import ACCOUNT, doubtful, policy
from tests.policy.subjects.regions import NETWORK, here, per_region

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
USER_POLICY = "aws:iam/userPolicy:UserPolicy"
PASSWORDS = "aws:iam/accountPasswordPolicy:AccountPasswordPolicy"
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"
BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/castle-boundary"
ROLE = "aws:iam/role:Role"
POLICY = "aws:iam/policy:Policy"
STRONG = {
    "minimumPasswordLength": 14,
    "passwordReusePrevention": 24,
    "maxPasswordAge": 90,
    "requireLowercaseCharacters": True,
    "requireUppercaseCharacters": True,
    "requireNumbers": True,
    "requireSymbols": True,
}
ANALYZER = "aws:accessanalyzer/analyzer:Analyzer"


def decrypting(resource: Any, **more: Any) -> dict[str, Any]:
    return policy(Action="kms:Decrypt", Resource=resource, **more)


BOUNDING = Res(POLICY, {"arn": BOUNDARY, **decrypting("*")}, "it")


CASES = {
    "iam-no-decrypt-on-all-keys": Cases(
        ROLE_POLICY,
        compliant=decrypting(KEY),
        violating=decrypting("*"),
        missing=kept({}),
        unknown=doubtful(Action="kms:Decrypt", Resource=[UNKNOWN]),
        more={
            "every key of an account": broken(decrypting(f"arn:aws:kms:*:{ACCOUNT}:key/*")),
            "every key there is": broken(decrypting("arn:aws:*")),
            "all of a service": broken(decrypting("arn:aws:kms:*")),
            "denied": kept(decrypting("*", Effect="Deny")),
            "inside a role": broken(Res("aws:iam/role:Role", {"inlinePolicies": [decrypting("*")]})),
            "conditions that aren't known": undecided(
                doubtful(Action="kms:Decrypt", Resource="*", Condition=UNKNOWN)
            ),
            "to encrypt anew": broken(policy(Action="kms:ReEncrypt*", Resource="*")),
            "to encrypt": kept(policy(Action="kms:Encrypt", Resource="*")),
            "keys that a condition names": kept(
                decrypting(
                    f"arn:aws:kms:*:{ACCOUNT}:key/*",
                    Condition={"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/castle"}},
                )
            ),
            "the boundary of a role": kept([BOUNDING, Res(ROLE, {"permissionsBoundary": BOUNDARY}, "role")]),
            "the boundary of a role, its ARN not known yet": kept(
                [
                    Res(POLICY, {"name": "castle-boundary", **decrypting("*")}, "it"),
                    Res(ROLE, {"permissionsBoundary": BOUNDARY}, "role"),
                ]
            ),
            "beside another boundary": broken(
                [BOUNDING, Res(ROLE, {"permissionsBoundary": f"{BOUNDARY}-2"}, "role")]
            ),
            "beside a boundary of another name": broken(
                [
                    Res(POLICY, {"name": "castle-other", **decrypting("*")}, "it"),
                    Res(ROLE, {"permissionsBoundary": BOUNDARY}, "role"),
                ]
            ),
            "beside a role without one": broken([Res(POLICY, decrypting("*"), "it"), Res(ROLE, {}, "role")]),
            "perhaps a boundary": undecided([BOUNDING, Res(ROLE, {"permissionsBoundary": UNKNOWN}, "role")]),
            "all keys but one": broken(policy(Action="kms:Decrypt", NotResource=KEY)),
        },
    ),
    "iam-policies-via-groups": Cases(
        USER_POLICY,
        compliant=Res("aws:iam/policyAttachment:PolicyAttachment", {"groups": ["traders"], "policyArn": "p"}),
        violating={"user": "someone", "policy": "{}"},
        missing=kept({}),
        unknown=broken({"user": UNKNOWN}),
        more={
            "among others": broken(Res("aws:iam/policyAttachment:PolicyAttachment", {"users": ["someone"]}))
        },
    ),
    "iam-password-policy-strong": Cases(
        PASSWORDS,
        compliant=STRONG,
        violating=STRONG | {"minimumPasswordLength": 8},
        missing=broken({}),
        unknown=STRONG | {"maxPasswordAge": UNKNOWN},
        more={
            "used again": broken(STRONG | {"passwordReusePrevention": 5}),
            "for ever": broken(STRONG | {"maxPasswordAge": 0}),
            "too long": broken(STRONG | {"maxPasswordAge": 365}),
            **{
                f"without what {it} asks": broken(STRONG | {it: False})
                for it in STRONG
                if it.startswith("require")
            },
            "longer, as configured": broken(STRONG, minLength=20),
            "for ever, as configured": kept(
                {k: v for k, v in STRONG.items() if k != "maxPasswordAge"}, maxDays=0
            ),
        },
    ),
    "iam-access-analyzer-each-region": per_region(
        ANALYZER,
        {"type": "ORGANIZATION"},
        {"type": "ACCOUNT_UNUSED_ACCESS"},
        {"type": UNKNOWN},
        **{"as AWS does when nothing is said": kept([NETWORK, here(ANALYZER)])},
    ),
}
