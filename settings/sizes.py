"""Sizes of one stack, `castle:sizes` in `Pulumi.<stack>.yaml`: capacity, rates, retention, and so what it costs."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field

from settings.catalogue import SERVICES
from settings.model import Model
from settings.service_sizes import ServicesSizes

# The retentions that a CloudWatch log group accepts, from 30 days on.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_LOG_DAYS = (30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


def _log_days(days: int) -> int:
    if days not in _LOG_DAYS:
        raise ValueError
    return days


LogDays = Annotated[int, AfterValidator(_log_days)]
_LOG_DAYS_ALLOWED = f"one of {', '.join(map(str, _LOG_DAYS))} days"


# AWS's services with an interface endpoint for which `components/network/endpoint_policy.py` has a policy.
Endpoint = Literal[
    "ecr.api",
    "ecr.dkr",
    "eks-auth",
    "kms",
    "logs",
    "monitoring",
    "secretsmanager",
    "sns",
    "sqs",
    "sts",
    "xray",
]

# Node types of which a global datastore can be: M5, R5 and younger, and none of the burstable ones.
# https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Redis-Global-Datastores-Getting-Started.html
GLOBAL_CACHE_FAMILIES = ("c7gn", "m5", "m6g", "m7g", "r5", "r6g", "r6gd", "r7g")


class AuditSizes(Model):
    """Retention of audit records, which nobody deletes earlier: in compliance mode not even the account's root user.

    A record keeps what it was written with, whatever is set later. The policies refuse governance mode.
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """

    mode: Literal["compliance", "governance"] = Field(
        default="compliance", description="one of compliance, governance", examples=["compliance"]
    )
    years: int = Field(default=7, ge=1, le=100, description="a whole number from 1 to 100", examples=[7])


class BackupSizes(Model):
    """Retention of backups, and whether the lock on them can be lifted.

    In governance mode whoever may administer vaults lifts it, which is what destroying a retired cell does. In
    compliance mode nobody does once three days have passed, and a cell can be destroyed only after its last backup
    has expired.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
    """

    lock: Literal["compliance", "governance"] = Field(
        default="governance", description="one of compliance, governance", examples=["governance"]
    )
    hourly_days: int = Field(
        default=7, ge=7, le=365, description="a whole number from 7 to 365", examples=[7]
    )
    # Of buckets every moment is kept for as long, and AWS does that for at most 35 days.
    # https://docs.aws.amazon.com/aws-backup/latest/devguide/point-in-time-recovery.html
    daily_days: int = Field(default=35, ge=7, le=35, description="a whole number from 7 to 35", examples=[35])
    monthly_days: int = Field(
        default=400, ge=90, le=3653, description="a whole number from 90 to 3653", examples=[400]
    )


class LedgerSizes(Model):
    """Aurora capacity units per instance: half steps, at most 256, and a maximum below 1 is refused by AWS.

    AWS also knows a minimum of 0, which pauses the instance. No member may, since each may become the writer.
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
    """

    min_acu: float = Field(
        default=8, ge=0.5, le=256, multiple_of=0.5, description="0.5 to 256 in steps of 0.5", examples=[8]
    )
    max_acu: float = Field(
        default=64, ge=1, le=256, multiple_of=0.5, description="1 to 256 in steps of 0.5", examples=[64]
    )


class CacheSizes(Model):
    """A Valkey replication group. A replica takes over when its shard's zone is lost, so one is the least."""

    node_type: str = Field(
        default="cache.r7g.large",
        pattern=r"^cache\.[a-z0-9]+\.[a-z0-9]+$",
        description="an ElastiCache node type",
        examples=["cache.r7g.large"],
    )
    shards: int = Field(default=1, ge=1, le=90, description="a whole number from 1 to 90", examples=[2])
    # https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Replication.Redis.Groups.html
    replicas: int = Field(default=1, ge=1, le=5, description="a whole number from 1 to 5", examples=[1])

    @property
    def family(self) -> str:
        return self.node_type.split(".")[1]


class MatchingSizes(Model):
    """Nodes on which matching can run as a pod, side by side in one zone. Their AMI is for Graviton."""

    zone: str = Field(
        default="a", pattern=r"^[a-z]$", description="an availability zone's letter", examples=["a"]
    )
    instance_type: str = Field(
        default="c7g.2xlarge",
        pattern=r"^[cmr]\d+g[a-z]*\.[a-z0-9]+$",
        description="a Graviton instance type of c, m or r",
        examples=["c7g.2xlarge"],
    )
    # More of them than a placement group takes at once are refused by EC2 for want of capacity, if at all.
    nodes: int = Field(default=2, ge=1, le=20, description="a whole number from 1 to 20", examples=[2])


class OrderSizes(Model):
    """Order path: memory and concurrency of the matcher, the age of a waiting order that alarms, and code signing.

    Lambda gives a whole processor from 1,769 MB on. Two of the functions that may run at once are for orders that
    failed too often; of the account's thousand a region, AWS wants a hundred left unreserved.
    https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    """

    memory: int = Field(
        default=1769, ge=512, le=10240, description="a whole number from 512 to 10240", examples=[1769]
    )
    concurrency: int = Field(
        default=50, ge=4, le=800, description="a whole number from 4 to 800", examples=[50]
    )
    late_seconds: int = Field(
        default=5, ge=1, le=3600, description="a whole number from 1 to 3600", examples=[5]
    )
    signing_profiles: tuple[
        Annotated[str, Field(pattern=r"^arn:aws:signer:[a-z0-9-]+:\d{12}:/signing-profiles/\w+/\w+$")], ...
    ] = Field(
        default=(),
        description="a list of ARNs of versions of signing profiles",
        examples=[["arn:aws:signer:us-east-1:123456789012:/signing-profiles/castle/a1b2c3d4e5"]],
    )


class EdgeWafSizes(Model):
    """Requests of one address in five minutes, from which on it is blocked.

    AWS allows 10 to 2,000,000,000; what is more than 10,000 limits nobody, and the policies refuse it.
    https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html
    """

    rate: int = Field(
        default=2000, ge=10, le=10000, description="a whole number from 10 to 10000", examples=[2000]
    )


class WafSizes(EdgeWafSizes):
    """Rates of the cell's firewall: requests of one address as at the edge, and of these the ones that open a socket.

    A client opens one and keeps it; an office of a hundred behind one address may come back all at once.
    """

    handshakes: int = Field(
        default=300, ge=10, le=10000, description="a whole number from 10 to 10000", examples=[300]
    )


class ApiSizes(Model):
    """Throttles of each API method, in requests a second and at once, and the cache for its public answers.

    An order burst of ten times what is cleared goes to the queues, so that the API has to let it in. AWS's own limit
    is 10,000 a second and 5,000 at once, for all APIs of the account in a region, unless it was raised.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
    """

    rate: int = Field(
        default=5000, ge=1, le=10000, description="a whole number from 1 to 10000", examples=[5000]
    )
    burst: int = Field(
        default=5000, ge=1, le=5000, description="a whole number from 1 to 5000", examples=[5000]
    )
    cache_gb: Literal["none", "0.5", "1.6", "6.1", "13.5", "28.4", "58.2", "118", "237"] = Field(
        default="0.5",
        description="one of none, 0.5, 1.6, 6.1, 13.5, 28.4, 58.2, 118, 237 in quotes",
        examples=["0.5"],
    )


class WarehouseSizes(Model):
    """Redshift processing units: what a query gets at least and at most, and hours of them in a day.

    When the hours are used up the warehouse stops until midnight UTC, so that a day costs no more than they do.
    Every load of what the ledger has written wakes it for a minute at least.
    https://docs.aws.amazon.com/redshift/latest/mgmt/serverless-capacity.html
    """

    base_rpu: int = Field(
        default=8, ge=8, le=512, multiple_of=8, description="8 to 512 in steps of 8", examples=[8]
    )
    max_rpu: int = Field(
        default=32, ge=8, le=512, multiple_of=8, description="8 to 512 in steps of 8", examples=[32]
    )
    daily_rpu_hours: int = Field(
        default=100, ge=1, le=12288, description="a whole number from 1 to 12288", examples=[100]
    )
    # https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_DATABASE.html
    refresh_seconds: int = Field(
        default=900, ge=0, le=432000, description="a whole number from 0 to 432000", examples=[900]
    )


class CellSizes(Model):
    """The sizes of a cell. A stack file may leave all of it out: the defaults are a cell that can go live."""

    zones: tuple[Annotated[str, Field(pattern=r"^[a-z]$")], ...] = Field(
        default=("a", "b", "c"),
        description="a list of availability zones' letters",
        examples=[["a", "b", "c"]],
    )
    nat: Literal["one", "perZone"] = Field(
        default="perZone", description="one of one, perZone", examples=["perZone"]
    )
    endpoints: tuple[Endpoint, ...] = Field(
        default=("ecr.api", "ecr.dkr", "eks-auth", "kms", "logs", "secretsmanager", "sts"),
        description=f"a list of {', '.join(get_args(Endpoint))}",
        examples=[["kms", "sts"]],
    )
    audit: AuditSizes = Field(
        default=AuditSizes(),
        description="an object with mode and years",
        examples=[{"mode": "compliance", "years": 7}],
    )
    backups: BackupSizes = Field(
        default=BackupSizes(),
        description="an object with lock, hourlyDays, dailyDays and monthlyDays",
        examples=[{"lock": "governance", "hourlyDays": 7, "dailyDays": 35, "monthlyDays": 400}],
    )
    flow_log_days: int = Field(
        default=90, ge=1, le=3653, description="a whole number from 1 to 3653", examples=[90]
    )
    log_days: LogDays = Field(default=400, description=_LOG_DAYS_ALLOWED, examples=[400])
    ledger: LedgerSizes | None = Field(
        default=None, description="an object with minAcu and maxAcu", examples=[{"minAcu": 8, "maxAcu": 64}]
    )
    global_cache: CacheSizes | None = Field(
        default=None,
        description="an object with nodeType, shards and replicas",
        examples=[{"nodeType": "cache.r7g.large", "shards": 2, "replicas": 1}],
    )
    local_cache: CacheSizes = Field(
        default=CacheSizes(),
        description="an object with nodeType, shards and replicas",
        examples=[{"nodeType": "cache.r7g.large", "shards": 1, "replicas": 1}],
    )
    matching: MatchingSizes | None = Field(
        default=None,
        description="an object with zone, instanceType and nodes",
        examples=[{"zone": "a", "instanceType": "c7g.2xlarge", "nodes": 2}],
    )
    orders: OrderSizes = Field(
        default=OrderSizes(),
        description="an object with memory, concurrency, lateSeconds and signingProfiles",
        examples=[{"memory": 1769, "concurrency": 50, "lateSeconds": 5}],
    )
    services: ServicesSizes = Field(
        default=ServicesSizes(),
        description=f"an object with {', '.join(list(SERVICES)[:-1])} and {list(SERVICES)[-1]}",
        examples=[{"trading-api": {"runtime": "eks", "least": 3, "most": 30}}],
    )
    waf: WafSizes = Field(
        default=WafSizes(),
        description="an object with rate and handshakes",
        examples=[{"rate": 2000, "handshakes": 300}],
    )
    api: ApiSizes = Field(
        default=ApiSizes(),
        description="an object with rate, burst and cacheGb",
        examples=[{"rate": 5000, "burst": 5000, "cacheGb": "0.5"}],
    )
    warehouse: WarehouseSizes | None = Field(
        default=None,
        description="an object with baseRpu, maxRpu, dailyRpuHours and refreshSeconds",
        examples=[{"baseRpu": 8, "maxRpu": 32, "dailyRpuHours": 100, "refreshSeconds": 900}],
    )


class EdgeSizes(Model):
    """The sizes of the stack `global`."""

    log_days: LogDays = Field(default=400, description=_LOG_DAYS_ALLOWED, examples=[400])
    price_class: Literal["100", "200", "all"] = Field(
        default="all", description="one of 100, 200, all in quotes", examples=["all"]
    )
    waf: EdgeWafSizes = Field(
        default=EdgeWafSizes(), description="an object with rate", examples=[{"rate": 2000}]
    )
