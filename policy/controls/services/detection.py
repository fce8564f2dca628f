"""Rules on Config, GuardDuty, Security Hub, Inspector and the security contact of an account."""

from __future__ import annotations

from typing import Final

from controls.language.facts import UNKNOWN, Node, Truth, Value, all_of, any_of, as_list
from controls.language.graph import Graph, Platform
from controls.language.rules import HIGH, MEDIUM, platform_rule, stack_rule
from controls.language.shapes import check_each_region, require_in_each_region
from controls.language.tokens import (
    ACCOUNT_CONTACT,
    DETECTOR,
    DETECTOR_FEATURE,
    INSPECTOR,
    RECORDER,
    RECORDER_STATUS,
    SECURITY_HUB,
    SECURITY_STANDARD,
    VPC,
)
from controls.language.verdicts import Fail, Undecided, Verdicts

_FEATURES: Final = (
    "S3_DATA_EVENTS",
    "EKS_AUDIT_LOGS",
    "RDS_LOGIN_EVENTS",
    "LAMBDA_NETWORK_LOGS",
    "EBS_MALWARE_PROTECTION",
    "RUNTIME_MONITORING",
)
_SCANNED: Final = ("EC2", "ECR", "LAMBDA", "LAMBDA_CODE")
_FOUNDATIONAL: Final = "/aws-foundational-security-best-practices/"


def not_off(node: Node, path: str) -> Truth:
    """Returns whether a switch is on that AWS turns on by default."""
    flag = node.flag(path)
    return UNKNOWN if flag is UNKNOWN else flag is not False


def detector_on(_: Graph, detector: Node) -> Truth:
    return not_off(detector, "enable")


def features_on(graph: Graph) -> Verdicts:
    for detector in graph.of(DETECTOR):
        features = graph.referrers(DETECTOR_FEATURE, "detectorId", detector)
        on = [it.get("name") for it in features if it.get("status") == "ENABLED"]
        missing = [it for it in _FEATURES if it not in on]
        doubtful = any(UNKNOWN in (it.get("name"), it.get("status")) for it in features)
        if missing and (doubtful or graph.may_reference(DETECTOR_FEATURE, "detectorId", detector)):
            yield Undecided("status", detector.urn)
        elif missing:
            yield Fail(f"it lacks {', '.join(missing)}: add a DetectorFeature for each", detector.urn)


def has_foundational_standard(graph: Graph, hub: Node) -> Truth:
    """Returns whether a Security Hub has the foundational standard. AWS subscribes a new hub to it when
    `enableDefaultStandards` isn't written."""
    return any_of(
        not_off(hub, "enableDefaultStandards"),
        *(
            all_of(_same(it.region, hub.region), _contains(it.get("standardsArn"), _FOUNDATIONAL))
            for it in graph.of(SECURITY_STANDARD)
        ),
    )


def _same(one: Value, other: Value) -> Truth:
    return UNKNOWN if UNKNOWN in (one, other) else one == other


def _contains(value: Value, part: str) -> Truth:
    return UNKNOWN if value is UNKNOWN else part in str(value)


def scans_all(_: Graph, inspector: Node) -> Truth:
    kinds = as_list(inspector.get("resourceTypes"))
    missing = [it for it in _SCANNED if it not in kinds]
    return True if not missing else UNKNOWN if UNKNOWN in kinds else False


def records_all(graph: Graph, recorder: Node) -> Truth:
    """Returns whether a Config recorder runs and records every type of its region. AWS records all of them when
    no group is written, once the recorder is switched on.
    """
    running = any_of(
        *(
            all_of(_same(it.region, recorder.region), not_off(it, "isEnabled"))
            for it in graph.of(RECORDER_STATUS)
        )
    )
    return all_of(not_off(recorder, "recordingGroup.allSupported"), running)


def resources_recorded(platform: Platform) -> Verdicts:
    """Config recorder in each region. One of them records global resources too: each further copy is paid for."""
    yield from _recorded_each(platform)
    recorders = platform.graph.of(RECORDER)
    flags = [it.flag("recordingGroup.includeGlobalResourceTypes") for it in recorders]
    if recorders and True not in flags:
        message = (
            "no recorder includes what has no region: set recordingGroup.includeGlobalResourceTypes in one"
            " region"
        )
        yield (
            Undecided("recordingGroup", recorders[0].urn)
            if UNKNOWN in flags
            else Fail(message, recorders[0].urn)
        )


def security_contact_present(platform: Platform) -> Verdicts:
    kinds = [it.get("alternateContactType") for it in platform.graph.of(ACCOUNT_CONTACT)]
    if "SECURITY" in kinds:
        return
    if UNKNOWN in kinds:
        yield Undecided("alternateContactType")
    else:
        yield Fail("nobody is named whom AWS tells of abuse: add an AlternativeContact of type SECURITY")


_recorded_each = check_each_region(
    RECORDER, records_all, "add a Recorder of all supported types, and a RecorderStatus that is enabled"
)

RULES: Final = (
    platform_rule(
        "config-recorder-all-resources",
        MEDIUM,
        VPC + RECORDER + RECORDER_STATUS,
        resources_recorded,
        asks="Each region in use records all types of resources, and one of them those without a region",
        fix="Add a Recorder of all supported types and an enabled RecorderStatus in each region",
        narrowed="What has no region is recorded in one region: each further copy is paid for and says nothing"
        " new.",
        ids="Config.1 CIS-3.0:3.3 CIS-5.0:3.3 CKV_AWS_121 CKV2_AWS_45 CKV2_AWS_48",
        reads="recordingGroup isEnabled",
    ),
    require_in_each_region(
        "guardduty-each-region",
        HIGH,
        DETECTOR,
        detector_on,
        message="add a Detector that is enabled",
        asks="GuardDuty is on in each region in use",
        fix="Add a Detector in each region",
        narrowed="A region is in use when it has a network.",
        ids="GuardDuty.1 CKV_AWS_238 CKV2_AWS_3",
        reads="enable region",
    ),
    stack_rule(
        "guardduty-features-on",
        HIGH,
        DETECTOR + DETECTOR_FEATURE,
        features_on,
        asks="GuardDuty watches buckets, clusters, databases, functions, disks and what runs",
        fix="Add a DetectorFeature with status ENABLED for each",
        ids="GuardDuty.5 GuardDuty.6 GuardDuty.8 GuardDuty.9 GuardDuty.10 GuardDuty.11",
        reads="name status detectorId",
    ),
    require_in_each_region(
        "securityhub-enabled",
        MEDIUM,
        SECURITY_HUB,
        has_foundational_standard,
        beside=SECURITY_STANDARD,
        message="add a securityhub Account that is subscribed to the foundational standard",
        asks="Security Hub judges each region in use by AWS's foundational standard",
        fix="Add a securityhub Account in each region, and a StandardsSubscription",
        ids="CIS-3.0:4.16 CIS-5.0:4.16",
        reads="enableDefaultStandards standardsArn",
    ),
    require_in_each_region(
        "inspector-enabled",
        HIGH,
        INSPECTOR,
        scans_all,
        message=f"add an Enabler for {', '.join(_SCANNED)}",
        asks="Inspector scans machines, images and functions in each region in use",
        fix=f"Add an Enabler with resourceTypes {', '.join(_SCANNED)} in each region",
        ids="Inspector.1 Inspector.2 Inspector.3 Inspector.4",
        reads="resourceTypes region",
    ),
    platform_rule(
        "account-security-contact",
        MEDIUM,
        VPC + ACCOUNT_CONTACT,
        security_contact_present,
        asks="The account names whom AWS tells of abuse",
        fix="Add an AlternativeContact with alternateContactType SECURITY",
        ids="Account.1 CIS-3.0:1.2 CIS-5.0:1.2",
        reads="alternateContactType",
    ),
)
