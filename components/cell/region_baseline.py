"""Region baseline of a cell: the account's defaults in its region."""

from __future__ import annotations

import pulumi

from components.account.baseline import Baseline, BaselineArgs
from components.cell.inputs import CellInputs


def build_region_baseline(cell: CellInputs) -> pulumi.Resource:
    """Builds the defaults. Returns the setting for which an API stage that logs has to wait."""
    args = BaselineArgs(
        account=cell.platform.account,
        region=cell.settings.region,
        api_logs_role=cell.names.role("api-logs"),
        topic_traces_policy=cell.names.traces("topics"),
    )
    return Baseline(f"{cell.name}-baseline", args, cell.child).api_gateway_account
