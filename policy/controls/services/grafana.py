"""Rules on Managed Grafana workspaces: sign-in."""

from __future__ import annotations

from typing import Final

from controls.language.rules import HIGH, require_value
from controls.language.tokens import GRAFANA

RULES: Final = (
    require_value(
        "grafana-sso-only",
        HIGH,
        GRAFANA,
        "authenticationProviders.*",
        lambda it: it in ("AWS_SSO", "SAML"),
        message="use AWS_SSO or SAML",
        asks="People sign in to Grafana through the identity provider only",
        fix="Set authenticationProviders to AWS_SSO or SAML",
    ),
)
