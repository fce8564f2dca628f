"""The state folder, shared by processes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rehearsal.cloud.provider_verbs import CloudResource
from rehearsal.state.store import Store
from rehearsal.values import UNKNOWN, Secret
from tests.effort import examples

SEED = {"seed": CloudResource("t", "seed", "", "", {}, {})}


def thing(value: object) -> CloudResource:
    return CloudResource("t", "id", "r", "urn", {"secret": Secret(value)}, {})


def commit(
    store: Store, name: str, cloud: dict[str, CloudResource | None], **state: dict[str, object] | None
) -> None:
    with store.change():
        store.commit(name, state, cloud)


def test_what_one_store_commits_another_sees(tmp_path: Path) -> None:
    one, other = Store(tmp_path, SEED), Store(tmp_path, SEED)
    commit(one, "a", {"k": thing(1)}, x={"v": 1})
    other.catch_up()
    assert (other.resources["k"], other.state("a")) == (thing(1), {"x": {"v": 1}})
    commit(other, "b", {"k": thing(2)})
    one.catch_up()
    assert one.resources == other.resources == {**SEED, "k": thing(2)}


def test_the_later_of_two_journals_holds_also_after_compaction_and_in_any_order_of_reading(
    tmp_path: Path,
) -> None:
    one = Store(tmp_path, SEED)
    commit(one, "z", {"k": thing(1), "l": thing(1)})
    commit(one, "a", {"k": None, "l": thing(2)})
    for name in ("a", "z", "a"):
        one.compact(name)
        assert Store(tmp_path, SEED).resources == one.resources == {**SEED, "l": thing(2)}


def test_seeds_are_there_again_after_a_reload_and_written_nowhere(tmp_path: Path) -> None:
    one, other = Store(tmp_path, SEED), Store(tmp_path, SEED)
    commit(one, "a", {"k": thing(1)})
    one.compact("a")
    other.catch_up()
    assert other.resources.keys() == {"seed", "k"}
    assert "seed" not in (tmp_path / "a.journal").read_text()


def test_an_unknown_value_is_never_recorded(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="unknown"):
        commit(Store(tmp_path, {}), "a", {}, x={"v": UNKNOWN})


steps = st.lists(
    st.tuples(
        st.sampled_from(["commit", "compact", "reopen"]),
        st.sampled_from("ab"),
        st.sampled_from("kl"),
        st.none() | st.integers(0, 3),
    ),
    max_size=12,
)


@examples(50)
@given(steps)
def test_any_mix_of_commits_and_compactions_reads_as_the_last_word_on_each_thing(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, str, str, int | None]]
) -> None:
    folder = tmp_path_factory.mktemp("store")
    store = Store(folder, {})
    model: dict[str, CloudResource] = {}
    for step, name, key, value in steps:
        if step == "commit":
            commit(store, name, {key: None if value is None else thing(value)})
            model.pop(key, None)
            if value is not None:
                model[key] = thing(value)
        elif step == "compact":
            store.compact(name)
        else:
            store = Store(folder, {})
        assert store.resources == model
    assert Store(folder, {}).resources == model
