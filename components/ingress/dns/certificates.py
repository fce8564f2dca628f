"""What proves to ACM that a name is ours."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class Proof:
    """One validation record: the same for one name in every region of an account."""

    name: pulumi.Output[str]
    type: pulumi.Output[str]
    value: pulumi.Output[str]


def proof(certificate: aws.acm.Certificate, host: str) -> Proof:
    """The record that validates one name of a certificate. Found by its name: ACM's list has no order."""
    found = certificate.domain_validation_options.apply(
        lambda options: next(option for option in options if option.domain_name == host)
    )
    return Proof(
        name=found.apply(lambda option: option.resource_record_name or ""),
        type=found.apply(lambda option: option.resource_record_type or ""),
        value=found.apply(lambda option: option.resource_record_value or ""),
    )
