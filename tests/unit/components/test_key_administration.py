from __future__ import annotations

from components.key_administration import administration_statement

DEPLOYER = "arn:aws:iam::123456789012:role/castle-deployer"
ROOT = "arn:aws:iam::123456789012:root"


def test_only_the_deployer_and_the_root_user_administer() -> None:
    statement = administration_statement("123456789012", DEPLOYER)
    assert statement["Principal"] == {"AWS": ROOT}
    assert statement["Condition"] == {"ArnEquals": {"aws:PrincipalArn": [DEPLOYER, ROOT]}}


def test_who_administers_uses_no_key_of_any_kind() -> None:
    found = administration_statement("123456789012", DEPLOYER)["Action"]
    assert isinstance(found, list)
    uses = (
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:ReEncrypt",
        "kms:Sign",
        "kms:CreateGrant",
    )
    assert not [action for action in found if action.startswith(uses) or "*" in action]
