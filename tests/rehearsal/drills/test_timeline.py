"""Traffic classes against their budgets."""

from __future__ import annotations

from typing import Any

from rehearsal.drills.timeline import CLASSES, RecoveryTime, rows


def move(mechanism: str, name: str, detection: int, shift: int) -> dict[str, Any]:
    return {
        "mechanism": mechanism,
        "name": name,
        "urn": f"urn of {name}",
        "detection": detection,
        "shift": shift,
        "source": f"{detection} + {shift}",
    }


def row(name: str, moves: list[dict[str, Any]], **budgets: int) -> RecoveryTime:
    (found,) = rows(moves, budgets, [name])
    return found


def test_a_class_takes_as_long_as_its_slowest_way() -> None:
    moves = [move("route53", "api.castle.example", 30, 60), move("route53", "api.castle.example", 10, 60)]
    found = row("orders", moves, orders=90)
    assert (found.detection, found.shift, found.seconds, found.where) == (
        30,
        60,
        90,
        "urn of api.castle.example",
    )
    assert not found.over


def test_a_class_over_its_budget_fails() -> None:
    found = row("orders", [move("route53", "api.castle.example", 31, 60)], orders=90)
    assert found.over and found.fails


def test_hosts_tell_classes_apart_that_move_in_the_same_way() -> None:
    moves = [move("route53", "api.castle.example", 30, 60), move("route53", "stream.castle.example", 10, 20)]
    assert row("orders", moves).seconds == 90
    assert row("sockets", moves).seconds == 30


def test_a_budget_that_waits_is_shown_and_fails_nothing() -> None:
    found = row("sockets", [move("route53", "stream.castle.example", 30, 60)], sockets=60)
    assert found.over and not found.fails


def test_a_class_that_nothing_moves_has_no_seconds() -> None:
    found = row("ledger", [], ledger=600)
    assert (found.seconds, found.budget, found.over) == (None, 600, False)


def test_only_the_classes_that_are_asked_for_have_rows() -> None:
    assert [it.traffic.name for it in rows([], {}, [it.name for it in CLASSES])] == [
        it.name for it in CLASSES
    ]
    assert list(rows([], {}, [])) == []
