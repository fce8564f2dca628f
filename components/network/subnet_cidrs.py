"""Subnet CIDRs of a cell: its /16 has four slots, one for each zone, with an app, a data and a public subnet each.

A slot is a /18. Its first half is the app subnet (/19, 8187 addresses: every pod has one); its second half
begins with the data and the public subnet (/22 each, 1019 addresses) and leaves half of itself free. AWS keeps
five addresses of each: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network

from settings.placement import SLOT_LETTERS, zone_slot


@dataclass(frozen=True)
class ZoneCidrs:
    """CIDRs of the subnets of one zone."""

    app: str
    data: str
    public: str


def zone_cidrs(cell: str, letter: str) -> ZoneCidrs:
    """CIDRs of one zone's subnets in the cell with this /16."""
    slot = list(IPv4Network(cell).subnets(new_prefix=18))[zone_slot(letter)]
    app, rest = slot.subnets(new_prefix=19)
    data, public, *_ = rest.subnets(new_prefix=22)
    return ZoneCidrs(app=str(app), data=str(data), public=str(public))


def cidrs_by_zone(cell: str, letters: Iterable[str]) -> dict[str, ZoneCidrs]:
    """CIDRs of every zone's subnets, by letter."""
    return {letter: zone_cidrs(cell, letter) for letter in letters}


def slot_letter(letter: str) -> str:
    """Name of a zone's slot: e is in the slot of a."""
    return SLOT_LETTERS[zone_slot(letter)]


def possible_data_cidrs(cell: str) -> dict[str, str]:
    """CIDRs of the data subnets that the cell with this /16 has or may have, by slot."""
    return {letter: zone_cidrs(cell, letter).data for letter in SLOT_LETTERS}


def possible_app_cidrs(cell: str) -> dict[str, str]:
    """CIDRs of the app subnets that the cell with this /16 has or may have, by slot.

    Other cells have all of them in their routes and rules, since its zones are in its own settings only.
    """
    return {letter: zone_cidrs(cell, letter).app for letter in SLOT_LETTERS}
