"""Rules on KMS keys: rotation, key policies, deletion windows."""

from __future__ import annotations

from typing import Final

from controls.language.facts import MISSING, Node, Truth
from controls.language.iam.documents import forbid_statements, open_to_all
from controls.language.remediation import Remedy
from controls.language.rules import CRITICAL, HIGH, Param, Rule, check_value, means_true, require_not_true
from controls.language.shapes import require_min_days
from controls.language.tokens import KEY, KEY_POLICY, KEYS
from controls.language.verdicts import Verdicts


def symmetric(node: Node) -> Truth:
    """Returns whether AWS can rotate the key by itself: it rotates no asymmetric, HMAC or imported key."""
    spec, usage = node.get("customerMasterKeySpec"), node.get("keyUsage")
    if spec is MISSING and usage in (MISSING, "ENCRYPT_DECRYPT"):
        return True
    return (
        spec if not isinstance(spec, str) and spec is not MISSING else spec in (MISSING, "SYMMETRIC_DEFAULT")
    )


def rotates(node: Node) -> Verdicts:
    """Rotation of a KMS key. Asymmetric and HMAC keys can't rotate; a key store's keys rotate outside of AWS."""
    if symmetric(node) is not False and not node.has("customKeyStoreId"):
        yield from check_value(node, "enableKeyRotation", means_true, "set it to true")


def policy_not_public(node: Node) -> Verdicts:
    """Key policies don't admit everyone. A key without a policy of its own gets AWS's, which names the account."""
    yield from forbid_statements(
        node, ("policy",), open_to_all, "lets anyone use the key: name the account or its roles"
    )


RULES: Final = (
    Rule(
        "kms-key-rotation",
        HIGH,
        KEY,
        rotates,
        asks="Symmetric keys rotate by themselves",
        fix="Set enableKeyRotation to true",
        narrowed="AWS rotates neither asymmetric nor HMAC keys, nor those of another key store.",
        ids="KMS.4 CIS-3.0:3.6 CIS-5.0:3.6 CKV_AWS_7",
        reads="enableKeyRotation",
        remedy=Remedy({"enableKeyRotation": True}),
    ),
    Rule(
        "kms-policy-no-public-principal",
        CRITICAL,
        KEYS + KEY_POLICY,
        policy_not_public,
        asks="Key policies name no wildcard principal",
        fix='Name the account or its roles in Principal, or tie "*" to them by a condition on aws:PrincipalArn',
        ids="KMS.5 CIS-7.0:2.21 CKV_AWS_33",
        reads="policy",
    ),
    require_min_days(
        "kms-deletion-window",
        HIGH,
        KEYS,
        "deletionWindowInDays",
        Param(30, "Shortest waiting period before a key is gone, in days (7 to 30)"),
        missing_ok=True,  # AWS waits its longest period, 30 days
        asks="A deleted key can be rescued for at least the configured days",
        fix="Set deletionWindowInDays to 30",
        ids="KMS.3",
        remedy=Remedy({"deletionWindowInDays": 30}),
    ),
    require_not_true(
        "kms-no-lockout-bypass",
        CRITICAL,
        KEYS + KEY_POLICY,
        "bypassPolicyLockoutSafetyCheck",
        asks="AWS's check that a key policy doesn't lock everyone out stays on",
        fix="Leave bypassPolicyLockoutSafetyCheck out",
        remedy=Remedy({"bypassPolicyLockoutSafetyCheck": False}),
    ),
)
