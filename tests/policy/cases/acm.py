"""Cases of the rules on ACM certificates."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, broken, kept

CERTIFICATE = "aws:acm/certificate:Certificate"


CASES = {
    "acm-dns-validated": Cases(
        CERTIFICATE,
        compliant={"validationMethod": "DNS"},
        violating={"validationMethod": "EMAIL"},
        missing=broken({}),
        unknown={"validationMethod": UNKNOWN},
        more={
            "imported": kept({"privateKey": UNKNOWN}),
            "of a private authority": kept({"certificateAuthorityArn": UNKNOWN}),
        },
    ),
    "acm-strong-key-algorithm": Cases(
        "aws:acm/certificate:Certificate",
        compliant={"keyAlgorithm": "EC_prime256v1"},
        violating={"keyAlgorithm": "RSA_1024"},
        missing=kept({}),
        unknown={"keyAlgorithm": UNKNOWN},
    ),
}
