"""Methods of the REST API: those of every service in the catalogue, and those that health checks call."""

from __future__ import annotations

from typing import Final

from components.ingress.dns.hosts import DRAINED_PATH, PUBLIC_HEALTH_PATH
from settings.catalogue import SERVICES, ApiMethod

# Called by Route 53's checkers, from everywhere. API Gateway answers the first by itself, the second by an object.
HEALTH: Final = ApiMethod(verb="GET", path=PUBLIC_HEALTH_PATH, scope=None)
DRAINED: Final = ApiMethod(verb="GET", path=f"{DRAINED_PATH}/{{cell}}", scope=None)

METHODS: Final = tuple(method for service in SERVICES.values() for method in service.methods)


def logical_name(method: ApiMethod) -> str:
    """Logical name of a method's resources: `get-v1-orders-orderId`."""
    return f"{method.verb.lower()}{logical_path(method.path)}"


def logical_path(path: str) -> str:
    """Path as part of a logical name: `-v1-orders-orderId`."""
    return path.replace("{", "").replace("}", "").replace("/", "-")
