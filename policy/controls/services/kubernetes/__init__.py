"""Rules on Kubernetes objects."""

from __future__ import annotations

from typing import Final

from controls.services.kubernetes import (
    availability,
    namespaces,
    pod_security,
    rbac,
    secrets,
    traffic,
    workloads,
)

RULES: Final = (
    *namespaces.RULES,
    *pod_security.RULES,
    *workloads.RULES,
    *secrets.RULES,
    *rbac.RULES,
    *availability.RULES,
    *traffic.RULES,
)
