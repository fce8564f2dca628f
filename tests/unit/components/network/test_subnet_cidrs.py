from __future__ import annotations

from ipaddress import IPv4Network
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from components.network.subnet_cidrs import cidrs_by_zone, possible_app_cidrs, slot_letter, zone_cidrs

CELLS = st.integers(0, 255).map(lambda second: f"10.{second}.0.0/16")
LETTERS = st.sets(st.sampled_from("abcdef"), min_size=1).filter(
    lambda letters: len({ord(letter) % 4 for letter in letters}) == len(letters)
)


def networks(cell: str, letters: set[str]) -> list[IPv4Network]:
    return [
        IPv4Network(cidr) for zone in cidrs_by_zone(cell, letters).values() for cidr in vars(zone).values()
    ]


def test_the_first_zone_of_a_cell_is_laid_out_so() -> None:
    zone = zone_cidrs("10.7.0.0/16", "a")
    assert (zone.app, zone.data, zone.public) == ("10.7.0.0/19", "10.7.32.0/22", "10.7.36.0/22")


def test_the_third_zone_begins_two_slots_later() -> None:
    zone = zone_cidrs("10.7.0.0/16", "c")
    assert (zone.app, zone.data, zone.public) == ("10.7.128.0/19", "10.7.160.0/22", "10.7.164.0/22")


@given(CELLS, LETTERS)
def test_subnets_never_overlap(cell: str, letters: set[str]) -> None:
    assert not [pair for pair in combinations(networks(cell, letters), 2) if pair[0].overlaps(pair[1])]


@given(CELLS, LETTERS)
def test_subnets_stay_in_their_cell(cell: str, letters: set[str]) -> None:
    assert all(network.subnet_of(IPv4Network(cell)) for network in networks(cell, letters))


@given(CELLS, LETTERS)
def test_app_is_a_19_and_the_others_are_22(cell: str, letters: set[str]) -> None:
    for zone in cidrs_by_zone(cell, letters).values():
        assert [IPv4Network(cidr).prefixlen for cidr in (zone.app, zone.data, zone.public)] == [19, 22, 22]


@given(CELLS, LETTERS, LETTERS)
def test_a_zone_keeps_its_subnets_whatever_other_zones_do(
    cell: str, before: set[str], after: set[str]
) -> None:
    old, new = cidrs_by_zone(cell, before), cidrs_by_zone(cell, after)
    assert all(old[letter] == new[letter] for letter in before & after)


@given(CELLS, LETTERS)
def test_others_admit_every_app_subnet_that_a_cell_may_have_and_nothing_else(
    cell: str, letters: set[str]
) -> None:
    admitted = possible_app_cidrs(cell)
    for letter, zone in cidrs_by_zone(cell, letters).items():
        assert admitted[slot_letter(letter)] == zone.app
        for other in (zone.data, zone.public):
            assert not any(IPv4Network(other).overlaps(IPv4Network(cidr)) for cidr in admitted.values())
