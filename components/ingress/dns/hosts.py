"""The names that cells answer for: the shared ones, and each cell's own, by which it is checked."""

from __future__ import annotations

SHARED_HOSTS = ("api", "stream")
HEALTH_PATH = "/healthz"
VERSION = "v1"  # of the API, with which every path but that one begins
API_STAGE = "live"  # API Gateway's name for what is deployed, which no client sees
STREAM_PATH = f"/{VERSION}/stream"

# TLS 1.3, and 1.2 with forward secrecy and AEAD ciphers only. Route 53's health checkers still need 1.2:
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"


def own_host(host: str, cell: str) -> str:
    """A cell's own form of a shared host: `api-eu-west-1`."""
    return f"{host}-{cell}"
