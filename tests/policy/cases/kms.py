"""Cases of the rules on KMS keys."""

from __future__ import annotations

import json
from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

KEY = "aws:kms/key:Key"
ACCOUNT = "123456789012"


def document(**statement: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def key_policy(principal: Any, **more: Any) -> dict[str, Any]:
    return {"policy": document(Action="kms:Decrypt", Resource="*", Principal=principal, **more)}


CASES = {
    "kms-key-rotation": Cases(
        KEY,
        compliant={"enableKeyRotation": True},
        violating={"enableKeyRotation": False},
        missing=broken({}),
        unknown={"enableKeyRotation": UNKNOWN},
        more={
            "true as text": kept({"enableKeyRotation": "true"}),
            "a key that signs can't rotate": kept(
                {"keyUsage": "SIGN_VERIFY", "customerMasterKeySpec": "ECC_NIST_P256"}
            ),
            "a symmetric key by name": broken({"customerMasterKeySpec": "SYMMETRIC_DEFAULT"}),
        },
    ),
    "kms-policy-no-public-principal": Cases(
        KEY,
        compliant=key_policy({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        violating=key_policy("*"),
        missing=kept({}),
        unknown={"policy": UNKNOWN},
        more={
            "everyone under AWS": broken(key_policy({"AWS": ["*"]})),
            "everyone of one account": kept(
                key_policy("*", Condition={"StringEquals": {"kms:CallerAccount": ACCOUNT}})
            ),
            "roles of one account": kept(
                key_policy(
                    "*", Condition={"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::{ACCOUNT}:role/castle-*"}}
                )
            ),
            "roles of any account": broken(
                key_policy("*", Condition={"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/castle-*"}})
            ),
            "a condition that an absent key passes": broken(
                key_policy("*", Condition={"StringEqualsIfExists": {"aws:PrincipalAccount": ACCOUNT}})
            ),
            "a principal that is unknown": undecided(
                {
                    "policy": {
                        "Statement": [{"Effect": "Allow", "Action": "kms:*", "Principal": {"AWS": UNKNOWN}}]
                    }
                }
            ),
            "a replica": broken(Res("aws:kms/replicaKey:ReplicaKey", key_policy("*"))),
            "no document": broken({"policy": "allow all"}),
        },
    ),
    "kms-deletion-window": Cases(
        KEY,
        compliant={"deletionWindowInDays": 30},
        violating={"deletionWindowInDays": 7},
        missing=kept({}),
        unknown={"deletionWindowInDays": UNKNOWN},
        more={"a shorter one is asked for": kept({"deletionWindowInDays": 7}, minDays=7)},
    ),
    "kms-no-lockout-bypass": Cases(
        KEY,
        compliant={"bypassPolicyLockoutSafetyCheck": False},
        violating={"bypassPolicyLockoutSafetyCheck": True},
        missing=kept({}),
        unknown={"bypassPolicyLockoutSafetyCheck": UNKNOWN},
        more={"true as text": broken({"bypassPolicyLockoutSafetyCheck": "true"})},
    ),
}
