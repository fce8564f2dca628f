"""ACM certificates with their DNS validation records in Route 53."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

VALIDATION_TTL_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class CertificateArgs:
    names: Mapping[
        str, str
    ]  # domain names by key, which ends a validation record's logical name; the first is first
    recorded: Sequence[str]  # the keys of the names whose validation records are made here
    zone_id: pulumi.Input[str]
    region: str | None = None  # the provider's if left out


def build_certificate(name: str, args: CertificateArgs, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """ARN of a certificate for all names, known once it is valid.

    The validation record of a name is the same in every region of an account, so that one stack makes it for all.
    """
    first, *others = args.names.values()
    certificate = aws.acm.Certificate(
        f"{name}-certificate",
        region=args.region,
        domain_name=first,
        subject_alternative_names=others or None,
        validation_method="DNS",
        key_algorithm="RSA_2048",
        tags={"Name": name},
        opts=opts,
    )
    records = {key: _validation_record(certificate, domain) for key, domain in args.names.items()}
    for key in args.recorded:
        aws.route53.Record(
            f"{name}-validation-{key}",
            zone_id=args.zone_id,
            name=records[key].name,
            type=records[key].type,
            records=[records[key].value],
            ttl=VALIDATION_TTL_SECONDS,
            opts=opts,
        )
    return aws.acm.CertificateValidation(
        f"{name}-certificate-valid",
        region=args.region,
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.name for record in records.values()],
        opts=opts,
    ).certificate_arn


@dataclass(frozen=True)
class _ValidationRecord:
    name: pulumi.Output[str]
    type: pulumi.Output[str]
    value: pulumi.Output[str]


def _validation_record(certificate: aws.acm.Certificate, domain: str) -> _ValidationRecord:
    """Validation record of one name, selected by the name: ACM's list has no order."""
    option = certificate.domain_validation_options.apply(
        lambda options: next(option for option in options if option.domain_name == domain)
    )
    return _ValidationRecord(
        name=option.apply(lambda record: record.resource_record_name or ""),
        type=option.apply(lambda record: record.resource_record_type or ""),
        value=option.apply(lambda record: record.resource_record_value or ""),
    )
