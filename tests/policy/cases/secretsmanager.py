"""Cases of the rules on Secrets Manager secrets."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.regions import key

SECRET = "aws:secretsmanager/secret:Secret"
ROTATION = "aws:secretsmanager/secretRotation:SecretRotation"
POLICY = "aws:secretsmanager/secretPolicy:SecretPolicy"
ACCOUNT = "123456789012"
IRELAND = {"region": "eu-west-1"}


def rotating(*rotations: dict[str, Any]) -> list[Res]:
    return [
        Res(SECRET, {"name": "ledger"}, "secret"),
        *(
            Res(ROTATION, {"secretId": UNKNOWN, **it}, f"r{i}", {"secretId": ["secret"]})
            for i, it in enumerate(rotations)
        ),
    ]


def replicas(*regions: Any, **props: Any) -> Res:
    listed = [{"region": it, "kmsKeyId": key(it) if isinstance(it, str) else UNKNOWN} for it in regions]
    return Res(SECRET, {"replicas": listed, **props}, provider=IRELAND)


def reads(principal: Any, **more: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Principal": principal}
    return {"blockPublicPolicy": True, "policy": json.dumps({"Statement": [statement]}), **more}


ROLE = {"AWS": f"arn:aws:iam::{ACCOUNT}:role/castle-eu-west-1-accounts"}
# What has no tag is needed in other regions.
ELSEWHERE = {"untagged": "global"}


CASES = {
    "secret-rotation-enabled": Cases(
        SECRET,
        compliant=rotating({"rotationRules": {"automaticallyAfterDays": 30}}),
        violating=rotating({"rotationEnabled": False}),
        missing=broken(rotating()),
        unknown=rotating({"rotationEnabled": UNKNOWN}),
        more={
            "by what repeats its id, not known yet": undecided(
                [
                    *rotating(),
                    Res(
                        "aws:secretsmanager/secretVersion:SecretVersion",
                        {"secretId": UNKNOWN},
                        "version",
                        {"secretId": ["secret"]},
                    ),
                    Res(ROTATION, {"secretId": UNKNOWN}, "rotation", {"secretId": ["version"]}),
                ]
            ),
            "another secret's": broken(
                [
                    *rotating(),
                    Res(SECRET, {"name": "other"}, "other"),
                    Res(ROTATION, {"secretId": UNKNOWN}, "rotation", {"secretId": ["other"]}),
                ]
            ),
        },
    ),
    "secret-replicated-to-dr": Cases(
        SECRET,
        compliant=kept(replicas("us-east-1"), **ELSEWHERE),
        violating=broken(replicas(), **ELSEWHERE),
        missing=broken({"name": "ledger"}, **ELSEWHERE),
        unknown=undecided({"replicas": UNKNOWN}, **ELSEWHERE),
        more={
            "under a key of another region": broken(
                Res(SECRET, {"replicas": [{"region": "us-east-1", "kmsKeyId": key("eu-west-1")}]}),
                **ELSEWHERE,
            ),
            "under AWS's key": broken(Res(SECRET, {"replicas": [{"region": "us-east-1"}]}), **ELSEWHERE),
            "under a key by its id": kept(
                Res(SECRET, {"replicas": [{"region": "us-east-1", "kmsKeyId": "mrk-1"}]}), **ELSEWHERE
            ),
            "under an unknown key": undecided(
                Res(SECRET, {"replicas": [{"region": "us-east-1", "kmsKeyId": UNKNOWN}]}), **ELSEWHERE
            ),
            "in fewer regions than are asked for": broken(
                replicas("us-east-1"), regions=["us-east-1", "us-west-2"], **ELSEWHERE
            ),
            "in an unknown one of those": undecided(replicas(UNKNOWN), regions=["us-east-1"], **ELSEWHERE),
            "where it lives itself": kept(
                replicas("us-east-1"), regions=["us-east-1", "eu-west-1"], **ELSEWHERE
            ),
            "meant for its region": kept({"tags": {"scope": "regional"}}, **ELSEWHERE),
            "meant for others": broken({"tags": {"scope": "global"}}),
            "of a program in one region": kept({"name": "ledger"}),
            "perhaps meant for its region": undecided({"tags": UNKNOWN}),
        },
    ),
    "secret-policy-not-public": Cases(
        POLICY,
        compliant=reads(ROLE),
        violating=reads("*"),
        missing=broken(reads(ROLE, blockPublicPolicy=None)),
        unknown=reads(ROLE, policy=UNKNOWN),
        more={
            "unchecked": broken(reads(ROLE, blockPublicPolicy=False)),
            "inline in the secret": broken(Res(SECRET, {"policy": reads("*")["policy"]})),
            "a secret without a policy": kept(Res(SECRET, {"name": "ledger"})),
        },
    ),
    "secret-rotation-interval": Cases(
        ROTATION,
        compliant={"rotationRules": {"automaticallyAfterDays": 30}},
        violating={"rotationRules": {"automaticallyAfterDays": 365}},
        missing=broken({"secretId": "ledger"}),
        unknown={"rotationRules": {"automaticallyAfterDays": UNKNOWN}},
        more={
            "every twelve hours": kept({"rotationRules": {"scheduleExpression": "rate(12 hours)"}}),
            "every hundred days": broken({"rotationRules": {"scheduleExpression": "rate(100 days)"}}),
            "every month": kept({"rotationRules": {"scheduleExpression": "cron(0 16 1 * ? *)"}}),
            "every two months": kept({"rotationRules": {"scheduleExpression": "cron(0 16 1 1/2 ? *)"}}),
            "every four months": broken({"rotationRules": {"scheduleExpression": "cron(0 16 1 */4 ? *)"}}),
            "every year": broken({"rotationRules": {"scheduleExpression": "cron(0 16 1 3 ? *)"}}),
            "no schedule": broken({"rotationRules": {"scheduleExpression": "sometimes"}}),
            "more often is asked for": broken({"rotationRules": {"automaticallyAfterDays": 30}}, maxDays=7),
        },
    ),
}
