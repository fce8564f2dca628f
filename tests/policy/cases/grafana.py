"""Cases of the rules on Grafana workspaces."""

from __future__ import annotations

from controls.language.facts import UNKNOWN

from tests.policy.case import Cases, Never, kept, undecided

GRAFANA = "aws:grafana/workspace:Workspace"


CASES = {
    "grafana-sso-only": Cases(
        GRAFANA,
        compliant={"authenticationProviders": ["AWS_SSO"]},
        violating={"authenticationProviders": ["SAML", "PASSWORD"]},
        missing=Never("the SDK refuses a workspace without authenticationProviders"),
        unknown={"authenticationProviders": UNKNOWN},
        more={
            "by SAML": kept({"authenticationProviders": ["SAML"]}),
            "one that isn't known": undecided({"authenticationProviders": [UNKNOWN]}),
        },
    ),
}
