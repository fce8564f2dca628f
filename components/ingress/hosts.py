"""The names that cells answer for: the shared ones, and each cell's own, by which it is checked."""

from __future__ import annotations

SHARED_HOSTS = ("api", "stream")
HEALTH_PATH = "/healthz"


def own_host(host: str, cell: str) -> str:
    """A cell's own form of a shared host: `api-eu-west-1`."""
    return f"{host}-{cell}"
