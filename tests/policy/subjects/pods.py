"""Pods of Kubernetes, in each kind of workload, and annotations."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
POD = "kubernetes:core/v1:Pod"
CRON_JOB = "kubernetes:batch/v1:CronJob"
PATCH = "kubernetes:apps/v1:DeploymentPatch"


def pod(*containers: Any, **spec: Any) -> dict[str, Any]:
    """A Deployment of a pod with these containers."""
    return {"spec": {"template": {"spec": {"containers": list(containers), **spec}}}}


def anywhere(setting: dict[str, Any]) -> dict[str, Any]:
    """A container with the setting in each place and kind of workload that a rule must find it in."""
    bad = {"name": "bad", **setting}
    return {
        "in a container that starts first": broken(pod({"name": "app"}, initContainers=[bad])),
        "in a container for debugging": broken(pod({"name": "app"}, ephemeralContainers=[bad])),
        "in a pod itself": broken(Res(POD, {"spec": {"containers": [bad]}})),
        "in a job of a schedule": broken(
            Res(CRON_JOB, {"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": [bad]}}}}}})
        ),
    }


def forbidding(setting: dict[str, Any], unknown: dict[str, Any], good: dict[str, Any], **more: Any) -> Cases:
    """The cases of a rule that forbids a setting of a container."""
    return Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app", **good}),
        violating=pod({"name": "app", **setting}),
        missing=kept(pod({"name": "app"})),
        unknown=pod({"name": "app", **unknown}),
        more={
            **anywhere(setting),
            "in a patch": broken(Res(PATCH, pod({"name": "app", **setting}))),
            "containers that aren't known": undecided(
                {"spec": {"template": {"spec": {"containers": UNKNOWN}}}}
            ),
            **more,
        },
    )


def noted(**notes: Any) -> dict[str, Any]:
    """Metadata with these annotations."""
    return {"metadata": {"annotations": notes}}
