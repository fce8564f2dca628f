"""Cases of the rules on services and ingresses of clusters."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, broken, kept, undecided
from tests.policy.subjects.pods import noted

SERVICE = "kubernetes:core/v1:Service"
INGRESS = "kubernetes:networking.k8s.io/v1:Ingress"
ALB = "alb.ingress.kubernetes.io/"
PUBLIC = {
    f"{ALB}scheme": "internet-facing",
    f"{ALB}wafv2-acl-arn": UNKNOWN,
    f"{ALB}ssl-policy": "ELBSecurityPolicy-TLS13-1-2-2021-06",
    f"{ALB}load-balancer-attributes": "access_logs.s3.enabled=true,access_logs.s3.bucket=castle-logs",
}


CASES = {
    "k8s-service-not-node-port": Cases(
        SERVICE,
        compliant={"spec": {"type": "ClusterIP"}},
        violating={"spec": {"type": "NodePort"}},
        missing=kept({"spec": {}}),
        unknown={"spec": {"type": UNKNOWN}},
        more={
            "a public load balancer": broken({"spec": {"type": "LoadBalancer"}}),
            "an internal one": kept(
                {
                    **noted(**{"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"}),
                    "spec": {"type": "LoadBalancer"},
                }
            ),
            "an internal one as of old": kept(
                {
                    **noted(**{"service.beta.kubernetes.io/aws-load-balancer-internal": "true"}),
                    "spec": {"type": "LoadBalancer"},
                }
            ),
            "perhaps an internal one": undecided(
                {"metadata": {"annotations": UNKNOWN}, "spec": {"type": "LoadBalancer"}}
            ),
        },
    ),
    "k8s-service-no-external-ips": Cases(
        SERVICE,
        compliant={"spec": {"externalIPs": []}},
        violating={"spec": {"externalIPs": ["203.0.113.1"]}},
        missing=kept({"spec": {}}),
        unknown=broken({"spec": {"externalIPs": UNKNOWN}}),
    ),
    "k8s-ingress-tls": Cases(
        INGRESS,
        compliant={"spec": {"tls": [{"secretName": "certificate"}]}},
        violating={"spec": {"tls": []}},
        missing=broken({"spec": {}}),
        unknown={"spec": {"tls": UNKNOWN}},
        more={
            "a certificate of AWS": kept(noted(**{f"{ALB}certificate-arn": "arn:aws:acm:x"})),
            "perhaps a certificate of AWS": undecided({"metadata": {"annotations": UNKNOWN}}),
        },
    ),
    "k8s-ingress-waf-and-scheme": Cases(
        INGRESS,
        compliant=noted(**PUBLIC),
        violating=noted(**{f"{ALB}scheme": "internet-facing"}),
        missing=kept({}),
        unknown=noted(**PUBLIC | {f"{ALB}load-balancer-attributes": UNKNOWN}),
        more={
            "an internal one": kept(noted(**{f"{ALB}scheme": "internal"})),
            "perhaps an internal one": undecided({"metadata": {"annotations": UNKNOWN}}),
            "without logs": broken(noted(**PUBLIC | {f"{ALB}load-balancer-attributes": "idle_timeout=60"})),
            "without a TLS policy": broken(noted(**PUBLIC | {f"{ALB}ssl-policy": ""})),
        },
    ),
    "k8s-ingress-no-snippets": Cases(
        INGRESS,
        compliant=noted(**{f"{ALB}scheme": "internal"}),
        violating=noted(**{"nginx.ingress.kubernetes.io/configuration-snippet": "return 200;"}),
        missing=kept({}),
        unknown={"metadata": {"annotations": UNKNOWN}},
        more={"of another proxy": broken(noted(**{"nginx.org/location-snippets": "return 200;"}))},
    ),
}
