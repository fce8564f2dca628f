"""Rules on ACM certificates: validation by DNS and key algorithms."""

from __future__ import annotations

from typing import Final

from controls.language.facts import Node
from controls.language.rules import HIGH, MEDIUM, Rule, check_value, require_value
from controls.language.tokens import CERTIFICATE
from controls.language.verdicts import Verdicts

# RSA 1024 is refused by clients; AWS issues the others, and RSA_2048 when nothing is said.
_STRONG: Final = ("RSA_2048", "RSA_3072", "RSA_4096", "EC_prime256v1", "EC_secp384r1", "EC_secp521r1")


def validated_by_dns(node: Node) -> Verdicts:
    """DNS validation of certificates. AWS validates neither an imported one nor one of a private authority."""
    if node.has("privateKey") or node.has("certificateAuthorityArn"):
        return
    yield from check_value(node, "validationMethod", lambda it: it == "DNS", "use DNS")


RULES: Final = (
    Rule(
        "acm-dns-validated",
        MEDIUM,
        CERTIFICATE,
        validated_by_dns,
        asks="Certificates are validated by DNS, so that AWS renews them unattended",
        fix="Set validationMethod to DNS, and keep the validation record",
        ids="ACM.1",
        reads="validationMethod",
    ),
    require_value(
        "acm-strong-key-algorithm",
        HIGH,
        CERTIFICATE,
        "keyAlgorithm",
        lambda it: it in _STRONG,
        message="use RSA_2048 or longer, or EC_prime256v1 or larger",
        missing_ok=True,
        asks="Certificates use RSA 2048 or stronger, or P-256 and up",
        fix="Leave keyAlgorithm out, or use EC_prime256v1",
        ids="ACM.2",
    ),
)
