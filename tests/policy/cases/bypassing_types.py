"""Cases of the rules on types that hide resources from the rules."""

from __future__ import annotations

from tests.policy.asking import Res
from tests.policy.case import Cases, Never, broken, kept

BUCKET = "aws:s3/bucket:Bucket"


CASES = {
    "type-seen-by-rules": Cases(
        BUCKET,
        compliant={},
        violating=Res("aws-native:s3:Bucket"),
        missing=kept(Res("castle:data:Files")),
        unknown=Never("a resource's type is known before the program ends, unlike its inputs"),
        more={
            "any type by Cloud Control": broken(Res("aws:cloudcontrol/resource:Resource")),
            "a template": broken(Res("aws:cloudformation/stack:Stack")),
            "a type that no rule is on": kept(Res("aws:ec2/placementGroup:PlacementGroup")),
            "an older name of a type": broken(Res("aws:kms/keyV2:KeyV2")),
            "an older version of a kind": broken(Res("kubernetes:extensions/v1beta1:Deployment")),
            "a list of objects": broken(Res("kubernetes:core/v1:PodList")),
            "a patch of an object": kept(Res("kubernetes:core/v1:PodPatch")),
            "a custom resource that is called like one": kept(
                Res("kubernetes:serving.knative.dev/v1:Service")
            ),
            "a release of Helm": broken(Res("kubernetes:helm.sh/v3:Release")),
            "a chart, whose objects are resources": kept(Res("kubernetes:helm.sh/v4:Chart")),
            "a manifest, whose objects are resources": kept(Res("kubernetes:yaml/v2:ConfigFile")),
            "a provider in the program itself": broken(Res("pulumi-python:dynamic:Resource")),
            "what is allowed": kept(Res("kubernetes:helm.sh/v3:Release"), allowed=["kubernetes:helm.sh/*"]),
        },
    ),
}
