"""What is watched of a member of the ledger. Every member has all of it, since each may copy and each may write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from components.alarms import Watch

# A serverless instance takes at least so many connections for each ACU of its maximum, and never more than 5000; a
# minimum of 0.5 ACU holds it to 2000.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
CONNECTIONS_PER_ACU = 189
CONNECTIONS_MAX = 5000
CONNECTIONS_MAX_OF_THE_SMALLEST = 2000
BYTES_PER_ACU = 2 * 1024**3


def max_connections(min_acu: float, max_acu: float) -> int:
    """How many an instance takes, at least."""
    most = CONNECTIONS_MAX_OF_THE_SMALLEST if min_acu <= 0.5 else CONNECTIONS_MAX
    return min(int(CONNECTIONS_PER_ACU * max_acu), most)


def alarm_specs(cluster: str, *, min_acu: float, max_acu: float) -> Mapping[str, Watch]:
    """By the ends of the alarms' names. Lags come from members that copy: of a writer, silence is no alarm.

    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html
    """

    def above(metric: str, threshold: float, tells: str) -> Watch:
        return Watch(
            tells=tells,
            namespace="AWS/RDS",
            metric=metric,
            dimensions={"DBClusterIdentifier": cluster},
            statistic="Maximum",
            is_="above",
            threshold=threshold,
        )

    memory = above("FreeableMemory", 0.05 * max_acu * BYTES_PER_ACU, f"{cluster} has hardly any memory left")
    return {
        "lag": above("AuroraGlobalDBReplicationLag", 1000, f"{cluster} is a second behind what it copies"),
        "rpo-lag": above("AuroraGlobalDBRPOLag", 10_000, f"a failover to {cluster} would lose ten seconds"),
        "capacity": above("ACUUtilization", 90, f"{cluster} has nearly grown to its maximum capacity"),
        "connections": above(
            "DatabaseConnections",
            0.8 * max_connections(min_acu, max_acu),
            f"{cluster} has nearly all the connections that it takes",
        ),
        "deadlocks": replace(
            above("Deadlocks", 0, f"transactions in {cluster} wait for each other and are undone"), periods=1
        ),
        "memory": replace(memory, statistic="Minimum", is_="below"),
    }
