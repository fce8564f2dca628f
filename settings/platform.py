"""Platform: the facts that all stacks share, which stand once, in the `config:` block of `Pulumi.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from settings.model import Model
from settings.placement import STRONG_DATASETS
from settings.regions import EDGE_REGION, LOCATION_OF_REGION, Residency, resides

DataClass = Literal["public", "market", "customer", "ledger", "audit"]
Consistency = Literal["eventual", "strong"]


def _private_16(text: str) -> str:
    network = IPv4Network(text)
    if network.prefixlen != 16 or not network.is_private:
        raise ValueError
    return text


def _known_region(text: str) -> str:
    if text not in LOCATION_OF_REGION:
        raise ValueError
    return text


Cidr16 = Annotated[str, AfterValidator(_private_16)]
Region = Annotated[str, AfterValidator(_known_region)]
# Physical names are made of both, and a bucket's has at most 63 characters: see `naming.py`.
PlatformName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=12)]
CellName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=16)]
ShortName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=32)]
RoleArn = Annotated[str, Field(pattern=r"^arn:aws:iam::\d{12}:role/[\w+=,.@/-]+$")]
Host = Annotated[str, Field(pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$")]
ZoneId = Annotated[str, Field(pattern=r"^Z[0-9A-Z]{1,31}$")]
Seconds = Annotated[int, Field(ge=1, le=86400)]


class Runner(Model):
    """The network from which `pulumi up` reaches private clusters. It exists before the platform."""

    vpc: str = Field(pattern=r"^vpc-[0-9a-f]+$", description="a VPC's id", examples=["vpc-0123456789abcdef0"])
    region: Region = Field(description="an AWS region that has an entry in settings", examples=["us-east-1"])
    cidr: Cidr16 = Field(description="a private /16", examples=["10.255.0.0/16"])
    route_tables: tuple[Annotated[str, Field(pattern=r"^rtb-[0-9a-f]+$")], ...] = Field(
        min_length=1, description="a list of route tables' ids", examples=[["rtb-0123456789abcdef0"]]
    )


class CellFacts(Model):
    """One cell as every stack knows it. `leaving` makes it absent for all stacks but its own."""

    name: CellName = Field(
        description="at most 16 small letters, digits and single hyphens", examples=["us-east-1"]
    )
    region: Region = Field(description="an AWS region that has an entry in settings", examples=["us-east-1"])
    cidr: Cidr16 = Field(description="a private /16", examples=["10.0.0.0/16"])
    leaving: bool = Field(default=False, description="true or false", examples=[True])


class Dataset(Model):
    """Data set: its class (who may see it) and its residency (where it may be)."""

    data_class: DataClass = Field(
        alias="class", description="one of public, market, customer, ledger, audit", examples=["ledger"]
    )
    residency: Residency = Field(description="one of global, us, eu", examples=["global"])


class Budgets(Model):
    """Seconds until a traffic class is served again after a loss: of a region, or of a cell's services."""

    # Two attempts of 2 s, then CloudFront asks the other origin: see `components/ingress/web_distribution.py`.
    web: int = Field(ge=4, le=86400, description="a whole number from 4 to 86400", examples=[10])
    # Route 53 checks every 10 s at most and an alias lives 60 s, so that one failed check already takes 70.
    orders: int = Field(ge=70, le=86400, description="a whole number from 70 to 86400", examples=[90])
    # A metric is a minute late, its alarm takes two (`components/ingress/dns/serving_checks.py`), an alias lives one.
    services: int = Field(ge=240, le=86400, description="a whole number from 240 to 86400", examples=[240])
    sockets: Seconds = Field(description="a whole number from 1 to 86400", examples=[60])
    ledger: Seconds = Field(description="a whole number from 1 to 86400", examples=[600])


class Partner(Model):
    """A business whose programs call the API, in every cell alike: how much it may call.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
    """

    name: ShortName = Field(
        description="at most 32 small letters, digits and single hyphens", examples=["example-broker"]
    )
    rate: int = Field(
        ge=1, le=10000, description="requests a second, a whole number from 1 to 10000", examples=[50]
    )
    burst: int = Field(
        ge=1, le=5000, description="requests at once, a whole number from 1 to 5000", examples=[100]
    )
    daily: int = Field(
        ge=1,
        le=1_000_000_000,
        description="requests a day, a whole number from 1 to 1000000000",
        examples=[1000000],
    )


class TokenKey(Model):
    """A key that signs tokens, or did. `leaving` once its last token has expired, and then it is deleted."""

    name: ShortName = Field(
        description="at most 32 small letters, digits and single hyphens", examples=["first"]
    )
    leaving: bool = Field(default=False, description="true or false", examples=[True])


@dataclass(frozen=True)
class Family:
    """One multi-region key: for one class of data in one residency.

    `primary` is the region of the residency's first cell in config order. It stays while the platform lives,
    since moving it replaces the key.
    """

    data_class: DataClass
    residency: Residency
    primary: str
    replicas: tuple[str, ...]

    @property
    def regions(self) -> tuple[str, ...]:
        return (self.primary, *self.replicas)

    @property
    def name(self) -> str:
        return f"{self.data_class}-{self.residency}"


class Platform(Model):
    """Everything that all stacks share."""

    name: PlatformName = Field(
        description="at most 12 small letters, digits and single hyphens", examples=["castle"]
    )
    account: str = Field(
        pattern=r"^\d{12}$", description="twelve digits in quotes", examples=["123456789012"]
    )
    deployer: RoleArn = Field(
        description="a role's ARN", examples=["arn:aws:iam::123456789012:role/castle-deployer"]
    )
    people: tuple[RoleArn, ...] = Field(
        min_length=1,
        description="a list of roles' ARNs",
        examples=[["arn:aws:iam::123456789012:role/people"]],
    )
    domain: Host = Field(description="a domain name", examples=["castle.example"])
    zone: Host = Field(description="the name of a hosted zone", examples=["castle.example"])
    zone_id: ZoneId = Field(description="a hosted zone's id", examples=["Z0123456789ABCDEFGHIJ"])
    runner: Runner = Field(
        description="an object with vpc, region, cidr and routeTables",
        examples=[{"vpc": "vpc-0123456789abcdef0", "region": "us-east-1", "cidr": "10.255.0.0/16"}],
    )
    birth_cell: CellName = Field(description="the name of a cell", examples=["us-east-1"])
    cells: tuple[CellFacts, ...] = Field(
        min_length=1,
        description="a list of cells",
        examples=[[{"name": "us-east-1", "region": "us-east-1", "cidr": "10.0.0.0/16"}]],
    )
    ledger_members: tuple[CellName, ...] = Field(
        description="a list of cells' names", examples=[["us-east-1"]]
    )
    cache_members: tuple[CellName, ...] = Field(
        description="a list of cells' names", examples=[["us-east-1"]]
    )
    origins: tuple[CellName, ...] = Field(
        description="a list of cells' names", examples=[["us-east-1", "eu-west-1"]]
    )
    vaults: tuple[Region, ...] = Field(
        description="a list of AWS regions that have an entry in settings", examples=[["eu-central-1"]]
    )
    datasets: dict[str, Dataset] = Field(
        description="an object of data sets with class and residency",
        examples=[{"ledger": {"class": "ledger", "residency": "global"}}],
    )
    consistency: Consistency = Field(
        default="eventual", description="one of eventual, strong", examples=["eventual"]
    )
    budgets: Budgets = Field(
        description="an object with web, orders, services, sockets and ledger",
        examples=[{"web": 10, "orders": 90, "services": 240, "sockets": 60, "ledger": 600}],
    )

    partners: tuple[Partner, ...] = Field(
        default=(),
        description="a list of partners with name, rate, burst and daily",
        examples=[[{"name": "example-broker", "rate": 50, "burst": 100, "daily": 1000000}]],
    )
    token_keys: tuple[TokenKey, ...] = Field(
        min_length=1, description="a list of keys with name", examples=[[{"name": "first"}]]
    )
    token_signer: ShortName = Field(description="the name of a key that signs tokens", examples=["first"])

    def present(self, viewer: str) -> tuple[CellFacts, ...]:
        """The cells that the stack `viewer` counts with, in config order: a leaving one counts itself."""
        return tuple(cell for cell in self.cells if not cell.leaving or cell.name == viewer)

    def others(self, viewer: str) -> tuple[CellFacts, ...]:
        """The cells besides `viewer` that it counts with, in config order."""
        return tuple(cell for cell in self.present(viewer) if cell.name != viewer)

    def earlier(self, viewer: str) -> tuple[CellFacts, ...]:
        """Those of them that come before it: the ones whose contracts it reads, and whose networks it joins."""
        order = [cell.name for cell in self.cells]
        return tuple(cell for cell in self.others(viewer) if order.index(cell.name) < order.index(viewer))

    def homes(self, residency: Residency, viewer: str) -> tuple[str, ...]:
        """The regions that hold data of this residency: of cells in config order, of vaults, and the edge's.

        Data that may be anywhere is also where CloudFront and Route 53 leave theirs.
        """
        regions = [*(cell.region for cell in self.present(viewer)), *self.vaults]
        if residency == "global":
            regions.append(EDGE_REGION)
        return tuple(region for region in dict.fromkeys(regions) if resides(region, residency))

    def families(self, viewer: str) -> tuple[Family, ...]:
        """One key family for each pair of class and residency in use, sorted by name.

        A residency without a home has none; that is refused elsewhere while the platform isn't taken down.
        """
        pairs: set[tuple[DataClass, Residency]] = {
            (each.data_class, each.residency) for each in self.datasets.values()
        }
        families = (
            Family(data_class, residency, homes[0], homes[1:])
            for data_class, residency in pairs
            if (homes := self.homes(residency, viewer))
        )
        return tuple(sorted(families, key=lambda family: family.name))

    def family_of(self, dataset: str) -> str:
        """The name of the key family that encrypts a data set."""
        return f"{self.datasets[dataset].data_class}-{self.datasets[dataset].residency}"

    def first_possible_holder(self, dataset: str) -> CellFacts | None:
        """The cell that makes what others join of a data set: the first in config order that may hold it."""
        return next((cell for cell in self.cells if self.may_hold(cell.region, dataset)), None)

    def possible_holders(self, dataset: str, viewer: str) -> tuple[CellFacts, ...]:
        """The cells that may hold a data set, of those that the stack `viewer` counts with."""
        return tuple(cell for cell in self.present(viewer) if self.may_hold(cell.region, dataset))

    def is_strong(self, dataset: str) -> bool:
        """Returns whether a data set's table is strongly consistent over regions."""
        return self.consistency == "strong" and dataset in STRONG_DATASETS

    def second_home(self, region: str, dataset: str, viewer: str) -> str | None:
        """Second home of a data set of a region: the first home that isn't the region itself.

        The first, so that a cell that is added moves nobody's copy. None if there is no other home, which is
        refused elsewhere but for a platform of one cell whose data may be anywhere.
        """
        homes = self.homes(self.datasets[dataset].residency, viewer)
        return next((home for home in homes if home != region), None)

    def may_hold(self, region: str, dataset: str) -> bool:
        """Returns whether a region may hold a copy of a data set."""
        return resides(region, self.datasets[dataset].residency)
