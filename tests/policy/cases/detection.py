"""Cases of the rules on GuardDuty, Security Hub, Config and Inspector."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.regions import NETWORK, here, per_region

VPC = "aws:ec2/vpc:Vpc"
RECORDER = "aws:cfg/recorder:Recorder"
STATUS = "aws:cfg/recorderStatus:RecorderStatus"
DETECTOR = "aws:guardduty/detector:Detector"
FEATURE = "aws:guardduty/detectorFeature:DetectorFeature"
HUB = "aws:securityhub/account:Account"
STANDARD = "aws:securityhub/standardsSubscription:StandardsSubscription"
INSPECTOR = "aws:inspector2/enabler:Enabler"
CONTACT = "aws:account/alternativeContact:AlternativeContact"


def recorder(enabled: Any = True, **group: Any) -> list[Res]:
    group = {"allSupported": True, "includeGlobalResourceTypes": True, **group}
    return [NETWORK, here(RECORDER, recordingGroup=group), here(STATUS, "status", isEnabled=enabled)]


FEATURES = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RUNTIME_MONITORING",
)


def features(*names: Any, status: Any = "ENABLED", detector: str = "it") -> list[Res]:
    needs = {"detectorId": [detector]} if detector else {}
    return [
        here(DETECTOR),
        *(
            Res(FEATURE, {"detectorId": UNKNOWN, "name": name, "status": status}, f"f{i}", needs)
            for i, name in enumerate(names)
        ),
    ]


FOUNDATIONAL = "arn:aws:securityhub:eu-west-1::standards/aws-foundational-security-best-practices/v/1.0.0"
SCANNED = ("EC2", "ECR", "LAMBDA", "LAMBDA_CODE")


CASES = {
    "config-recorder-all-resources": Cases(
        VPC,
        compliant=recorder(),
        violating=recorder(allSupported=False),
        missing=broken([NETWORK]),
        unknown=recorder(enabled=UNKNOWN),
        more={
            "not running": broken(recorder(enabled=False)),
            "running elsewhere": broken(
                [*recorder()[:2], Res(STATUS, {"region": "us-east-1", "isEnabled": True}, "status")]
            ),
            "without what runs it": broken(recorder()[:2]),
            "without what has no region": broken(recorder(includeGlobalResourceTypes=False)),
            "perhaps without what has no region": undecided(recorder(includeGlobalResourceTypes=UNKNOWN)),
            "what has no region, in one of two": kept(
                [
                    *recorder(),
                    Res(VPC, {"region": "us-east-1"}, "vpc-2"),
                    Res(RECORDER, {"region": "us-east-1"}, "recorder-2"),
                    Res(STATUS, {"region": "us-east-1", "isEnabled": True}, "status-2"),
                ]
            ),
        },
    ),
    "guardduty-each-region": per_region(DETECTOR, {"enable": True}, {"enable": False}, {"enable": UNKNOWN}),
    "guardduty-features-on": Cases(
        DETECTOR,
        compliant=features(*FEATURES),
        violating=features(*FEATURES[1:]),
        missing=broken([here(DETECTOR)]),
        unknown=features(*FEATURES[1:], UNKNOWN),
        more={
            **{
                f"without {it}": broken(features(*(other for other in FEATURES if other != it)))
                for it in FEATURES
            },
            "all of them, beside another": kept(features(*FEATURES, UNKNOWN)),
            "switched off": broken(features(*FEATURES, status="DISABLED")),
            "of a detector that isn't known": undecided(features(*FEATURES, detector="")),
        },
    ),
    "securityhub-enabled": per_region(
        HUB,
        {"enableDefaultStandards": True},
        {"enableDefaultStandards": False},
        {"enableDefaultStandards": UNKNOWN},
        **{
            "as AWS does when nothing is said": kept([NETWORK, here(HUB)]),
            "subscribed": kept(
                [
                    NETWORK,
                    here(HUB, enableDefaultStandards=False),
                    here(STANDARD, "s", standardsArn=FOUNDATIONAL),
                ]
            ),
            "subscribed elsewhere": broken(
                [
                    NETWORK,
                    here(HUB, enableDefaultStandards=False),
                    Res(STANDARD, {"region": "us-east-1", "standardsArn": FOUNDATIONAL}, "s"),
                ]
            ),
            "subscribed to something else": broken(
                [
                    NETWORK,
                    here(HUB, enableDefaultStandards=False),
                    here(STANDARD, "s", standardsArn="arn:aws:securityhub:::ruleset/cis/v/1.2.0"),
                ]
            ),
        },
    ),
    "inspector-enabled": per_region(
        INSPECTOR,
        {"resourceTypes": ["EC2", "ECR", "LAMBDA", "LAMBDA_CODE"]},
        {"resourceTypes": ["EC2", "ECR"]},
        {"resourceTypes": UNKNOWN},
        **{
            f"without {it}": broken(
                [NETWORK, here(INSPECTOR, resourceTypes=[kind for kind in SCANNED if kind != it])]
            )
            for it in SCANNED
        },
    ),
    "account-security-contact": Cases(
        CONTACT,
        compliant=[Res(CONTACT, {"alternateContactType": "SECURITY"})],
        violating=[Res(CONTACT, {"alternateContactType": "BILLING"})],
        missing=broken([NETWORK]),
        unknown=[Res(CONTACT, {"alternateContactType": UNKNOWN})],
    ),
}
