"""Place of a method in a REST API, for whatever builds one."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

JSON = "application/json"


@dataclass(frozen=True, kw_only=True)
class MethodPlace:
    """API, region and resource of a method, and the options of what it is made of."""

    api_id: pulumi.Input[str]
    region: str
    resource_id: pulumi.Input[str]
    opts: pulumi.ResourceOptions
