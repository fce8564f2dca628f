"""Alarms of a member of the ledger: lag, capacity, connections, deadlocks and memory; the same in every member."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from components.alarms import AlarmSpec

# A serverless instance allows at least so many connections for each ACU of its maximum, and never more than 5000, or
# than 2000 with a minimum of 0.5 ACU.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
CONNECTIONS_PER_ACU = 189
CONNECTIONS_MAX = 5000
CONNECTIONS_MAX_AT_HALF_ACU = 2000
BYTES_PER_ACU = 2 * 1024**3

MAX_LAG_MILLISECONDS = 1000  # of a copy that is usually well below a second behind
MAX_RPO_LAG_MILLISECONDS = 10_000  # of writes that a failover would lose
MAX_CAPACITY_PERCENT = 90  # of the maximum ACUs
MAX_CONNECTIONS_SHARE = 0.8  # of those that an instance allows
MAX_DEADLOCKS = 0  # a minute
MIN_MEMORY_SHARE = 0.05  # of the memory at the maximum ACUs


def max_connections(min_acu: float, max_acu: float) -> int:
    """Connections that an instance allows at least."""
    most = CONNECTIONS_MAX_AT_HALF_ACU if min_acu <= 0.5 else CONNECTIONS_MAX
    return min(int(CONNECTIONS_PER_ACU * max_acu), most)


def alarm_specs(cluster: str, *, min_acu: float, max_acu: float) -> Mapping[str, AlarmSpec]:
    """Alarms by the ends of their names. Only members that copy report a lag: of the writer, silence is no alarm.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
    """

    def above(metric: str, threshold: float, description: str) -> AlarmSpec:
        return AlarmSpec(
            description=description,
            namespace="AWS/RDS",
            metric=metric,
            dimensions={"DBClusterIdentifier": cluster},
            statistic="Maximum",
            comparison="above",
            threshold=threshold,
        )

    memory = AlarmSpec(
        description=f"{cluster} has hardly any memory left",
        namespace="AWS/RDS",
        metric="FreeableMemory",
        dimensions={"DBClusterIdentifier": cluster},
        statistic="Minimum",
        comparison="below",
        threshold=MIN_MEMORY_SHARE * max_acu * BYTES_PER_ACU,
    )
    return {
        "lag": above(
            "AuroraGlobalDBReplicationLag",
            MAX_LAG_MILLISECONDS,
            f"{cluster} is a second behind what it copies",
        ),
        "rpo-lag": above(
            "AuroraGlobalDBRPOLag",
            MAX_RPO_LAG_MILLISECONDS,
            f"a failover to {cluster} would lose ten seconds",
        ),
        "capacity": above(
            "ACUUtilization", MAX_CAPACITY_PERCENT, f"{cluster} has nearly grown to its maximum capacity"
        ),
        "connections": above(
            "DatabaseConnections",
            MAX_CONNECTIONS_SHARE * max_connections(min_acu, max_acu),
            f"{cluster} has nearly all the connections that it takes",
        ),
        "deadlocks": replace(
            above(
                "Deadlocks", MAX_DEADLOCKS, f"transactions in {cluster} wait for each other and are undone"
            ),
            periods=1,
        ),
        "memory": memory,
    }
