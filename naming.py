"""Physical names that another stack, region or policy must know: `{name}-{cell}-{thing}`.

Everything else is auto-named, so that it can be replaced. What AWS would refuse is refused here, before
anything is made.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


class NamingError(Exception):
    """A name that AWS would refuse; the text says which and why."""


@dataclass(frozen=True)
class Kind:
    """Limits of AWS for one kind of name: length and alphabet."""

    what: str
    longest: int
    pattern: re.Pattern[str]
    alphabet: str

    def check(self, name: str) -> str:
        """Returns the name, or raises `NamingError`."""
        if len(name) > self.longest:
            raise NamingError(
                f"{self.what} {name}: {len(name)} characters, at most {self.longest} are allowed; "
                "shorten castle:name or the cell's name"
            )
        if not self.pattern.fullmatch(name):
            raise NamingError(f"{self.what} {name}: allowed are {self.alphabet}")
        return name


# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html; dots would break TLS
BUCKET = Kind("bucket", 63, re.compile(r"[a-z0-9][a-z0-9-]+[a-z0-9]"), "small letters, digits and hyphens")
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
DATABASE = Kind(
    "database cluster", 63, re.compile(r"[a-z](-?[a-z0-9])*"), "small letters, digits and single hyphens"
)
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterSnapshot.html
SNAPSHOT = Kind(
    "snapshot", 255, re.compile(r"[a-z](-?[a-z0-9])*"), "small letters, digits and single hyphens"
)
# https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
KEY_ALIAS = Kind("key alias", 256, re.compile(r"alias/(?!aws/)[\w/-]+"), "letters, digits, _, / and hyphens")
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutDeliverySource.html
LOG_DELIVERY = Kind("log delivery", 60, re.compile(r"[\w-]+"), "letters, digits, _ and hyphens")
# https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateReplicationGroup.html
CACHE = Kind("cache", 40, re.compile(r"[a-z](-?[a-z0-9])*"), "small letters, digits and single hyphens")
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
TABLE = Kind("table", 255, re.compile(r"[\w.-]{3,}"), "letters, digits and . _ -")
# https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
CLUSTER = Kind("cluster", 100, re.compile(r"[A-Za-z0-9][\w-]*"), "letters, digits, _ and hyphens")
# https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
FUNCTION = Kind("function", 64, re.compile(r"[\w-]+"), "letters, digits, _ and hyphens")
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
QUEUE = Kind("queue", 80, re.compile(r"[\w-]+(\.fifo)?"), "letters, digits, _ and hyphens")
# https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
TOPIC = Kind("topic", 256, re.compile(r"[\w-]+"), "letters, digits, _ and hyphens")
# https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
REPOSITORY = Kind(
    "image repository", 256, re.compile(r"[a-z0-9]+(?:[._/-][a-z0-9]+)*"), "small letters, digits and . _ / -"
)
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html
POLICY = Kind("policy", 128, re.compile(r"[\w+=,.@-]+"), "letters, digits and + = , . @ _ -")
# https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateScheduleGroup.html
SCHEDULES = Kind("schedule group", 64, re.compile(r"[\w.-]+"), "letters, digits and . _ -")
# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
ROLE = Kind("role", 64, re.compile(r"[\w+=,.@-]+"), "letters, digits and + = , . @ _ -")
# https://docs.aws.amazon.com/redshift-serverless/latest/APIReference/API_CreateNamespace.html
WAREHOUSE = Kind(
    "warehouse", 64, re.compile(r"[a-z0-9][a-z0-9-]+[a-z0-9]"), "small letters, digits and hyphens"
)
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingPlanForCreate.html
RESTORE_PLAN = Kind("restore testing plan", 50, re.compile(r"\w+"), "letters, digits and _")
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_CreateLogGroup.html
LOG_GROUP = Kind("log group", 512, re.compile(r"[\w./#-]+"), "letters, digits and . _ / # -")
# https://docs.aws.amazon.com/xray/latest/api/API_PutResourcePolicy.html
TRACES = Kind("traces policy", 128, re.compile(r"[\w+=,.@-]+"), "letters, digits and + = , . @ _ -")
# WAF writes only to log groups whose names begin with `aws-waf-logs-`.
# https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html
WEB_LOG = Kind("log group", 512, re.compile(r"aws-waf-logs-[\w./#-]+"), "letters, digits and . _ / # -")


@dataclass(frozen=True)
class Names:
    """The names of one cell, or of `global`."""

    platform: str
    cell: str
    account: str

    def bucket(self, thing: str) -> str:
        """S3 bucket: unique in the world, hence with the account."""
        return BUCKET.check(f"{self.platform}-{self.cell}-{thing}-{self.account}")

    def database(self, thing: str) -> str:
        return DATABASE.check(f"{self.platform}-{self.cell}-{thing}")

    def global_database(self, thing: str) -> str:
        """Global database cluster, the same from every cell."""
        return DATABASE.check(f"{self.platform}-{thing}")

    def snapshot(self, thing: str) -> str:
        return SNAPSHOT.check(f"{self.platform}-{self.cell}-{thing}")

    def key_alias(self, family: str) -> str:
        """KMS alias of a key family, the same in every region."""
        return KEY_ALIAS.check(f"alias/{self.platform}-{family}")

    def log_delivery(self, thing: str) -> str:
        return LOG_DELIVERY.check(f"{self.platform}-{self.cell}-{thing}")

    def cache(self, thing: str) -> str:
        return CACHE.check(f"{self.platform}-{self.cell}-{thing}")

    def platform_cache(self, thing: str) -> str:
        """Users of a cache, and the global one's suffix: the same from every cell, so that one login is for all."""
        return CACHE.check(f"{self.platform}-{thing}")

    def cluster(self) -> str:
        return CLUSTER.check(f"{self.platform}-{self.cell}")

    def function(self, thing: str) -> str:
        return FUNCTION.check(f"{self.platform}-{self.cell}-{thing}")

    def role(self, thing: str) -> str:
        return ROLE.check(f"{self.platform}-{self.cell}-{thing}")

    def queue(self, thing: str) -> str:
        """SQS queue; `thing` of a FIFO queue ends in `.fifo`."""
        return QUEUE.check(f"{self.platform}-{self.cell}-{thing}")

    def traces(self, thing: str) -> str:
        """Resource policy of X-Ray."""
        return TRACES.check(f"{self.platform}-{self.cell}-{thing}")

    def topic(self, thing: str) -> str:
        return TOPIC.check(f"{self.platform}-{self.cell}-{thing}")

    def schedules(self, thing: str) -> str:
        return SCHEDULES.check(f"{self.platform}-{self.cell}-{thing}")

    def repository(self, image: str) -> str:
        """ECR repository, the same in every region, as replication names them."""
        return REPOSITORY.check(f"{self.platform}/{image}")

    def boundary(self) -> str:
        """Permissions boundary of the account: IAM has no regions."""
        return POLICY.check(f"{self.platform}-boundary")

    def table(self, thing: str) -> str:
        """DynamoDB table, the same in every region, as a global table's replicas must be called."""
        return TABLE.check(f"{self.platform}-{thing}")

    def warehouse(self) -> str:
        """Redshift namespace and workgroup; log groups and the key's policy contain it."""
        return WAREHOUSE.check(f"{self.platform}-{self.cell}-warehouse")

    def restore_plan(self) -> str:
        return RESTORE_PLAN.check(f"{self.platform}-{self.cell}".replace("-", "_"))

    def api_log(self) -> str:
        """Log group of the API's access log; the key's policy contains it."""
        return LOG_GROUP.check(f"/aws/apigateway/{self.platform}-{self.cell}")

    def web_log(self) -> str:
        return WEB_LOG.check(f"aws-waf-logs-{self.platform}-{self.cell}")
