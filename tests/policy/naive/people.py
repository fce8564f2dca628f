"""People, and what they and the machines may do."""

import json

import pulumi_aws as aws
from databases import payment_key


def document(*statements: dict[str, object]) -> str:
    """A policy of AWS's."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


passwords = aws.iam.AccountPasswordPolicy("passwords", minimum_password_length=8)

deployer = aws.iam.User("deployer")
deployer_key = aws.iam.AccessKey("deployer-key", user=deployer.name)
deployer_rights = aws.iam.UserPolicyAttachment(
    "deployer-rights", user=deployer.name, policy_arn="arn:aws:iam::aws:policy/AdministratorAccess"
)

all_rights = aws.iam.Policy(
    "all-rights", policy=document({"Effect": "Allow", "Action": "*", "Resource": "*"})
)
all_of_storage = aws.iam.Policy(
    "all-of-storage",
    policy=document({"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::shop-*"}),
)
any_secret = aws.iam.Policy(
    "any-secret",
    policy=document({"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}),
)
any_role = aws.iam.Policy(
    "any-role",
    policy=document(
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "arn:aws:iam::123456789012:role/shop-*"}
    ),
)
any_queue = aws.iam.Policy(
    "any-queue", policy=document({"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"})
)
any_key = aws.iam.Policy(
    "any-key",
    policy=document(
        {
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": "arn:aws:kms:eu-west-1:123456789012:key/*",
        }
    ),
)
one_secret = aws.iam.Policy(
    "one-secret",
    policy=payment_key.arn.apply(
        lambda arn: document({"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": arn})
    ),
)

anyone = aws.iam.Role(
    "anyone",
    assume_role_policy=document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}),
)
events = aws.iam.Role(
    "events",
    assume_role_policy=document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "events.amazonaws.com"},
            "Action": "sts:AssumeRole",
        }
    ),
)
robots = aws.iam.Role(
    "robots",
    assume_role_policy=document(
        {
            "Effect": "Allow",
            "Principal": {
                "Federated": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
            },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
        }
    ),
)
