"""How a cell's /16 is divided: four slots, one for each zone, and in each an app, a data and a public subnet.

A slot is a /18. Its first half is the app subnet (/19, 8187 addresses: every pod has one); its second half
begins with the data and the public subnet (/22 each, 1019 addresses) and leaves half of itself free. AWS keeps
five addresses of each: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

from settings import SLOT_LETTERS, zone_slot


@dataclass(frozen=True)
class ZoneCidrs:
    app: str
    data: str
    public: str


def zone_cidrs(cell: str, letter: str) -> ZoneCidrs:
    """The subnets of one zone of the cell with this /16."""
    slot = list(IPv4Network(cell).subnets(new_prefix=18))[zone_slot(letter)]
    app, rest = slot.subnets(new_prefix=19)
    data, public, *_ = rest.subnets(new_prefix=22)
    return ZoneCidrs(app=str(app), data=str(data), public=str(public))


def layout(cell: str, letters: Iterable[str]) -> dict[str, ZoneCidrs]:
    """The subnets of every zone, by letter."""
    return {letter: zone_cidrs(cell, letter) for letter in letters}


def slot_letter(letter: str) -> str:
    """What a zone's slot is called: e is in the slot of a."""
    return SLOT_LETTERS[zone_slot(letter)]


def data_cidrs(cell: str) -> dict[str, str]:
    """The data subnets that the cell with this /16 has or may have, by slot."""
    return {letter: zone_cidrs(cell, letter).data for letter in SLOT_LETTERS}


def app_cidrs(cell: str) -> dict[str, str]:
    """The app subnets that the cell with this /16 has or may have, by slot: which it uses, others don't know."""
    return {letter: zone_cidrs(cell, letter).app for letter in SLOT_LETTERS}
