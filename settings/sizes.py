"""What one stack decides for itself: money, and how long things are kept. It stands in `Pulumi.<stack>.yaml`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.model import Model

# The retentions that a CloudWatch log group accepts, from 30 days on.
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_LOG_DAYS = (30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)


def _log_days(days: int) -> int:
    if days not in _LOG_DAYS:
        raise ValueError
    return days


LogDays = Annotated[int, AfterValidator(_log_days)]
_LOG_DAYS_ALLOWED = f"one of {', '.join(map(str, _LOG_DAYS))} days"


ZONE_SLOTS = 4  # of a cell's /16; a region with more than four zones shares some, and a cell uses three


def zone_slot(letter: str) -> int:
    """Which slot of the cell's /16 a zone has: by its letter, so that no other zone's coming or going moves it."""
    return (ord(letter) - ord("a")) % ZONE_SLOTS


class LedgerSizes(Model):
    """Aurora capacity units per instance: half steps, at most 256, and a maximum below 1 is refused by AWS.

    AWS also knows a minimum of 0, which pauses the instance. No member may, since each may become the writer.
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
    """

    min_acu: float = Field(
        ge=0.5, le=256, multiple_of=0.5, description="0.5 to 256 in steps of 0.5", examples=[8]
    )
    max_acu: float = Field(
        ge=1, le=256, multiple_of=0.5, description="1 to 256 in steps of 0.5", examples=[64]
    )


class CellSizes(Model):
    """The sizes of a cell."""

    zones: tuple[Annotated[str, Field(pattern=r"^[a-z]$")], ...] = Field(
        description="a list of availability zones' letters", examples=[["a", "b", "c"]]
    )
    nat: Literal["one", "perZone"] = Field(description="one of one, perZone", examples=["perZone"])
    flow_log_days: int = Field(ge=1, le=3653, description="a whole number from 1 to 3653", examples=[90])
    log_days: LogDays = Field(description=_LOG_DAYS_ALLOWED, examples=[400])
    ledger: LedgerSizes | None = Field(
        default=None, description="an object with minAcu and maxAcu", examples=[{"minAcu": 8, "maxAcu": 64}]
    )


class EdgeSizes(Model):
    """The sizes of the stack `global`."""

    log_days: LogDays = Field(description=_LOG_DAYS_ALLOWED, examples=[400])
    price_class: Literal["100", "200", "all"] = Field(
        description="one of 100, 200, all in quotes", examples=["all"]
    )
