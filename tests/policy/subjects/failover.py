"""Records and origins that fail over."""

from __future__ import annotations

from typing import Any

BUCKET_DOMAIN = "web.s3.eu-west-1.amazonaws.com"


def latency(region: Any, **props: Any) -> dict[str, Any]:
    policy = [{"region": region}]
    return {
        "name": "api.castle.example",
        "type": "A",
        "setIdentifier": str(region),
        "latencyRoutingPolicies": policy,
        **props,
    }


def bucket_origin(domain: Any = BUCKET_DOMAIN, **more: Any) -> dict[str, Any]:
    return {"origins": [{"originId": "o", "domainName": domain, **more}]}
