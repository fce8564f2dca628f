"""Cases of the rules on containers' resources, images and service accounts."""

from __future__ import annotations

from typing import Any

from controls.language.facts import UNKNOWN

from tests.policy.asking import Res
from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.pods import pod

DEPLOYMENT = "kubernetes:apps/v1:Deployment"
ACCOUNT = "kubernetes:core/v1:ServiceAccount"
BOUNDS = {"requests": {"cpu": "1", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
LISTED = {"registries": ["*.dkr.ecr.eu-west-1.amazonaws.com"]}
IMAGE = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/castle/api@sha256:00"


def image(name: Any) -> dict[str, Any]:
    return pod({"name": "app", "image": name})


CASES = {
    "k8s-resources-bounded": Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app", "resources": BOUNDS}),
        violating=pod({"name": "app", "resources": {**BOUNDS, "limits": {"cpu": "1"}}}),
        missing=broken(pod({"name": "app"})),
        unknown=pod({"name": "app", "resources": {**BOUNDS, "limits": {"memory": UNKNOWN}}}),
        more={
            "no CPU is asked for": broken(
                pod({"name": "app", "resources": {**BOUNDS, "requests": {"memory": "1Gi"}}})
            ),
            "no memory is asked for": broken(
                pod({"name": "app", "resources": {**BOUNDS, "requests": {"cpu": "1"}}})
            ),
            "in a container that starts first": broken(
                pod({"name": "app", "resources": BOUNDS}, initContainers=[{"name": "first"}])
            ),
            "a container for debugging takes none": kept(
                pod({"name": "app", "resources": BOUNDS}, ephemeralContainers=[{"name": "debug"}])
            ),
        },
    ),
    "k8s-image-registry-allowlist": Cases(
        DEPLOYMENT,
        compliant=kept(image(IMAGE), **LISTED),
        violating=broken(image("quay.io/castle/api:1"), **LISTED),
        missing=kept(pod({"name": "app"}), **LISTED),
        unknown=undecided(image(UNKNOWN), **LISTED),
        more={
            "without a list": kept(image("nginx")),
            "another's": kept(image("quay.io/castle/api:1"), registries=["quay.io"]),
            "a folder of Docker's own is no registry": broken(image("castle/api"), registries=["castle"]),
            "one's own machine": kept(image("localhost/api"), registries=["localhost"]),
            "no registry, but a version": kept(image("nginx:1.29"), registries=["docker.io"]),
            "Docker's own, which needs no name": broken(image("library/nginx"), **LISTED),
            "Docker's own by name": kept(image("nginx"), registries=["docker.io"]),
            "by host and port": kept(image("localhost:5000/api"), registries=["localhost:5000"]),
        },
    ),
    "k8s-dedicated-service-account": Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app"}, serviceAccountName="trading-api"),
        violating=pod({"name": "app"}, serviceAccountName="default"),
        missing=broken(pod({"name": "app"})),
        unknown=pod({"name": "app"}, serviceAccountName=UNKNOWN),
        more={"by its name of old": kept(pod({"name": "app"}, serviceAccount="trading-api"))},
    ),
    "k8s-token-automount-off": Cases(
        DEPLOYMENT,
        compliant=pod({"name": "app"}, automountServiceAccountToken=False),
        violating=Res(ACCOUNT, {"automountServiceAccountToken": True}),
        missing=broken(pod({"name": "app"})),
        unknown=Res(ACCOUNT, {"automountServiceAccountToken": UNKNOWN}),
        more={
            "a pod that asks for it": kept(pod({"name": "app"}, automountServiceAccountToken=True)),
            "an account that says nothing": broken(Res(ACCOUNT, {"metadata": {"name": "trading-api"}})),
            "an account that mounts none": kept(Res(ACCOUNT, {"automountServiceAccountToken": False})),
        },
    ),
}
