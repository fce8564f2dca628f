"""Region baseline of a cell: the account's defaults in its region."""

from __future__ import annotations

import pulumi

from components.account.baseline import Baseline
from components.cell.inputs import CellInputs


def build_region_baseline(cell: CellInputs) -> pulumi.Resource:
    """Builds the defaults. Returns the setting for which an API stage that logs has to wait."""
    return Baseline(f"{cell.name}-baseline", cell.names.role("api-logs"), cell.child).api_gateway_account
