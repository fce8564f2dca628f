"""Cases of the rules on IAM policies and roles."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, Never, broken, kept, undecided
from tests.policy.subjects.documents import ACCOUNT, document, doubtful, policy

ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy"
ROLE = "aws:iam/role:Role"


def trust(**statement: Any) -> dict[str, Any]:
    return {"assumeRolePolicy": document({"Action": "sts:AssumeRole", **statement})}


STS = "token.actions.githubusercontent.com"
PROVIDER = {"Federated": f"arn:aws:iam::{ACCOUNT}:oidc-provider/{STS}"}


CASES = {
    "iam-no-full-admin": Cases(
        ROLE_POLICY,
        compliant=policy(Action="s3:GetObject", Resource="*"),
        violating=policy(Action="*", Resource="*"),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
        more={
            "inside a role": broken(Res(ROLE, {"inlinePolicies": [policy(Action="*", Resource=["*"])]})),
            "everything but one action": broken(policy(NotAction="iam:*", Resource="*")),
            "denied": kept(policy(Effect="Deny", Action="*", Resource="*")),
            "on a resource that is unknown": undecided(doubtful(Action="*", Resource=[UNKNOWN])),
            "not the actions, whatever the resource": kept(
                doubtful(Action="s3:GetObject", Resource=[UNKNOWN])
            ),
        },
    ),
    "iam-no-wildcard-actions": Cases(
        ROLE_POLICY,
        compliant=policy(Action=["s3:Get*"], Resource="*"),
        violating=policy(Action=["s3:*"], Resource="arn:aws:s3:::web/*"),
        missing=kept({}),
        unknown=doubtful(Action=[UNKNOWN], Resource="*"),
    ),
    "iam-no-wildcard-resource-write": Cases(
        ROLE_POLICY,
        compliant=policy(Action=["ec2:DescribeSubnets", "xray:PutTraceSegments"], Resource="*"),
        violating=policy(Action=["logs:CreateLogStream"], Resource="*"),
        missing=kept({}),
        unknown=doubtful(Action=["logs:CreateLogStream"], Resource=[UNKNOWN]),
        more={
            "narrowed by a condition": kept(
                policy(
                    Action="ec2:RunInstances",
                    Resource="*",
                    Condition={"StringEquals": {"aws:RequestTag/app": "castle"}},
                )
            ),
            "a condition that narrows nothing": broken(
                policy(
                    Action="ec2:RunInstances",
                    Resource="*",
                    Condition={"StringLike": {"aws:RequestTag/app": "*"}},
                )
            ),
            "named resources": kept(policy(Action="s3:PutObject", Resource="arn:aws:s3:::web/*")),
            "what Lambda tries without one": kept(policy(Action="ec2:DeleteNetworkInterface", Resource="*")),
            "an interface for anybody": broken(policy(Action="ec2:CreateNetworkInterface", Resource="*")),
        },
    ),
    "iam-no-privilege-escalation": Cases(
        ROLE_POLICY,
        compliant=policy(Action="iam:PassRole", Resource="*"),
        violating=policy(
            Action=["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"], Resource="*"
        ),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
        more={
            "over two statements": broken(
                {
                    "policy": document(
                        {"Action": "iam:Pass*", "Resource": "*"}, {"Action": "ec2:Run*", "Resource": "*"}
                    )
                }
            ),
            "beside an unknown statement": broken(
                {"policy": {"Statement": [UNKNOWN, {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]}}
            ),
            "on a named role": kept(
                policy(Action="iam:AttachRolePolicy", Resource=f"arn:aws:iam::{ACCOUNT}:role/x")
            ),
            "in a policy that is no policy": kept({"policy": "{}"}),
        },
    ),
    "iam-no-credentials-exposure": Cases(
        ROLE_POLICY,
        compliant=policy(Action="sts:AssumeRole", Resource=f"arn:aws:iam::{ACCOUNT}:role/x"),
        violating=policy(Action="sts:AssumeRole", Resource="*"),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
    ),
    "iam-no-data-exfiltration": Cases(
        ROLE_POLICY,
        compliant=policy(Action="s3:GetObject", Resource="arn:aws:s3:::web/*"),
        violating=policy(Action="secretsmanager:Get*", Resource="*"),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
    ),
    "iam-no-open-permissions-management": Cases(
        ROLE_POLICY,
        compliant=policy(Action="kms:CreateGrant", Resource=f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/1"),
        violating=policy(Action="kms:CreateGrant", Resource="*"),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
    ),
    "iam-pass-role-scoped": Cases(
        ROLE_POLICY,
        compliant=policy(
            Action="iam:PassRole",
            Resource=f"arn:aws:iam::{ACCOUNT}:role/task",
            Condition={"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        ),
        violating=policy(Action="iam:PassRole", Resource=f"arn:aws:iam::{ACCOUNT}:role/task"),
        missing=kept({}),
        unknown=doubtful(
            Action="iam:PassRole", Resource=[f"arn:aws:iam::{ACCOUNT}:role/task"], Condition=UNKNOWN
        ),
        more={
            "every role to one service": broken(
                policy(
                    Action="iam:PassRole",
                    Resource="*",
                    Condition={"StringEquals": {"iam:PassedToService": "x"}},
                )
            )
        },
    ),
    "iam-trust-not-wildcard": Cases(
        ROLE,
        compliant=trust(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        violating=trust(Principal={"AWS": "*"}),
        missing=kept({}),
        unknown={"assumeRolePolicy": UNKNOWN},
    ),
    "iam-trust-confused-deputy": Cases(
        ROLE,
        compliant=trust(
            Principal={"Service": "vpc-flow-logs.amazonaws.com"},
            Condition={"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        ),
        violating=trust(Principal={"Service": "vpc-flow-logs.amazonaws.com"}),
        missing=kept({}),
        unknown={"assumeRolePolicy": UNKNOWN},
        more={
            "an instance sends no source": kept(trust(Principal={"Service": "ec2.amazonaws.com"})),
            "nor does an API": kept(trust(Principal={"Service": "apigateway.amazonaws.com"})),
            "a role is no service": kept(trust(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:role/x"})),
            "any source": broken(
                trust(
                    Principal={"Service": "sns.amazonaws.com"}, Condition={"ArnLike": {"aws:SourceArn": "*"}}
                )
            ),
        },
    ),
    "iam-oidc-trust-scoped": Cases(
        ROLE,
        compliant=trust(
            Principal=PROVIDER,
            Condition={
                "StringEquals": {
                    f"{STS}:aud": "sts.amazonaws.com",
                    f"{STS}:sub": "repo:castle/castle:ref:refs/heads/main",
                }
            },
        ),
        violating=trust(Principal=PROVIDER, Condition={"StringEquals": {f"{STS}:aud": "sts.amazonaws.com"}}),
        missing=kept({}),
        unknown={"assumeRolePolicy": UNKNOWN},
        more={
            "any subject": broken(
                trust(
                    Principal=PROVIDER,
                    Condition={"StringEquals": {f"{STS}:aud": "x"}, "StringLike": {f"{STS}:sub": "*"}},
                )
            ),
            "SAML has no subject": kept(
                trust(
                    Principal={"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"},
                    Condition={"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}},
                )
            ),
        },
    ),
    "iam-no-managed-admin-attachment": Cases(
        "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
        compliant={"policyArn": "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"},
        violating={"policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
        missing=kept({}),
        unknown={"policyArn": UNKNOWN},
        more={
            "inside a role": broken(
                Res(ROLE, {"managedPolicyArns": ["arn:aws:iam::aws:policy/IAMFullAccess"]})
            )
        },
    ),
    "iam-no-users": Cases(
        "aws:iam/user:User",
        compliant=Never("the rule forbids the type, so that no resource of it complies"),
        violating={"name": "someone"},
        missing=broken({}),
        unknown=broken({"name": UNKNOWN}),
    ),
    "iam-no-access-keys": Cases(
        "aws:iam/accessKey:AccessKey",
        compliant=Never("the rule forbids the type, so that no resource of it complies"),
        violating={"user": "someone"},
        missing=broken({}),
        unknown=broken({"user": UNKNOWN}),
    ),
}
