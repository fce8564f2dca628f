"""Host names and paths of the API and the socket stream: the shared hosts, and each cell's own for health checks."""

from __future__ import annotations

SHARED_HOSTS = ("api", "stream")
WEB_HOST = "app"  # of the page, whose browser calls the others
PUBLIC_HEALTH_PATH = "/healthz"
DRAINED_PATH = "/drained"  # before a cell's name: whether that cell is drained, as another one tells
API_VERSION = "v1"  # of the API, with which every path but the health check's begins
API_STAGE = "live"  # API Gateway's name of the stage, which no client sees
STREAM_PATH = f"/{API_VERSION}/stream"


def own_host(host: str, cell: str) -> str:
    """Own host name of a cell beside a shared one: `api-eu-west-1`."""
    return f"{host}-{cell}"


def web_origin(domain: str) -> str:
    """Origin of the page, as browsers send it."""
    return f"https://{WEB_HOST}.{domain}"
