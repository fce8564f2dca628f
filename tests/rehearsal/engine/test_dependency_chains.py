"""Dependency chains of small graphs: what is a link, who asks for it, and which chains are the longest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rehearsal.engine import urns
from rehearsal.engine.dependency_chains import Chain, Dependencies
from rehearsal.engine.records import Resource


def urn(name: str, type_: str = "aws:a/b:C") -> str:
    return urns.make("dev", "lab", "", type_, name)


def custom(
    name: str,
    inputs: Mapping[str, Sequence[str]] | None = None,
    *,
    depends_on: Sequence[str] = (),
    parent: str = "",
    provider: str = "",
    deleted_with: str = "",
    type_: str = "aws:a/b:C",
) -> Resource:
    """A resource whose `inputs` name the resources that each of them needs."""
    named = {key: list(needed) for key, needed in (inputs or {}).items()}
    return Resource(
        urn=urn(name, type_),
        type=type_,
        custom=True,
        parent=parent,
        provider=f"{provider}::id" if provider else "",
        deleted_with=deleted_with,
        dependencies=sorted({*depends_on, *(it for needed in named.values() for it in needed)}),
        property_dependencies=named,
    )


def component(name: str, parent: str = "") -> Resource:
    return Resource(urn=urn(name, "lab:a:Box"), type="lab:a:Box", custom=False, parent=parent)


def box(name: str) -> str:
    return urn(name, "lab:a:Box")


def asked_by(*resources: Resource) -> dict[str, tuple[str, ...]]:
    """Askers of each link of the last resource, by the name of what is needed, out of chains of two."""
    found = {}
    *before, last = resources
    for each in before:
        (chain,) = Dependencies([each, last]).chains(1)
        found |= {urns.name_of(link.needed): link.asked_by for link in chain.links}
    return found


def names(chain: Chain) -> list[str]:
    return [urns.name_of(it) for it in chain.urns]


def test_every_kind_of_link_says_who_asks_for_it() -> None:
    provider = custom("provider", type_="pulumi:providers:aws")
    needed = [component("box"), provider, custom("key"), custom("policy"), custom("whole")]
    last = custom(
        "last",
        {"keyId": [urn("key")]},
        depends_on=[urn("policy")],
        parent=box("box"),
        provider=provider.urn,
        deleted_with=urn("whole"),
    )
    assert asked_by(*needed, last) == {
        "box": ("parent",),
        "provider": ("provider",),
        "key": ("keyId",),
        "policy": ("depends_on",),
        "whole": ("deletedWith",),
    }


def test_all_inputs_that_ask_for_one_link_are_named() -> None:
    last = custom("last", {"a": [urn("key")], "b": [urn("key")]})
    assert asked_by(custom("key"), last) == {"key": ("a", "b")}


def test_default_providers_make_nobody_wait() -> None:
    default = custom("default_7_0_0", type_="pulumi:providers:aws")
    dependencies = Dependencies([default, custom("one", provider=default.urn)])
    assert (dependencies.resource_count, dependencies.link_count, dependencies.longest) == (1, 0, 1)


def test_links_to_what_another_stack_has_are_left_out() -> None:
    assert Dependencies([custom("one", depends_on=[urn("elsewhere")])]).link_count == 0


def test_the_longest_chain_goes_from_the_first_registration_to_the_last() -> None:
    one, two, three = custom("one"), custom("two", {"a": [urn("one")]}), custom("three", {"a": [urn("two")]})
    (chain,) = Dependencies([three, one, two]).chains(1)
    assert names(chain) == ["one", "two", "three"]


def test_a_chain_goes_through_the_components_that_children_wait_for() -> None:
    box_in_box = Resource(
        urn=box("inner"), type="lab:a:Box", custom=False, parent=box("outer"), dependencies=[urn("first")]
    )
    dependencies = Dependencies(
        [component("outer"), custom("first"), box_in_box, custom("child", parent=box("inner"))]
    )
    (chain,) = dependencies.chains(1)
    assert names(chain) == ["first", "inner", "child"]


def test_a_component_that_was_depended_on_is_named_for_its_children() -> None:
    children = [custom("a", parent=box("box")), custom("b", parent=box("box"))]
    last = custom("last", depends_on=[urn("a"), urn("b")])
    (chain,) = Dependencies([component("box"), *children, last]).chains(1)
    assert chain.links[-1].asked_by == ("depends_on (all of box)",)


def test_some_children_of_a_component_are_not_the_component() -> None:
    children = [custom("a", parent=box("box")), custom("b", parent=box("box"))]
    last = custom("last", depends_on=[urn("a")])
    (chain,) = Dependencies([component("box"), *children, last]).chains(1)
    assert chain.links[-1].asked_by == ("depends_on",)


def test_of_components_in_each_other_the_outermost_is_named() -> None:
    resources = [component("outer"), component("inner", parent=box("outer"))]
    resources += [custom("a", parent=box("inner")), custom("b", parent=box("inner"))]
    resources += [custom("c", parent=box("outer"))]
    last = custom("last", {"x": [urn("a"), urn("b"), urn("c")]})
    (chain,) = Dependencies([*resources, last]).chains(1)
    assert chain.links[-1].asked_by == ("x (all of outer)",)


def test_a_remote_component_stands_for_itself_among_a_components_children() -> None:
    resources = [component("box"), component("remote", parent=box("box")), custom("a", parent=box("box"))]
    resources += [custom("inside", parent=box("remote"))]
    last = custom("last", depends_on=[box("remote"), urn("a")])
    dependencies = Dependencies([*resources, last])
    chain = next(it for it in dependencies.chains(5) if names(it)[-1] == "last")
    assert chain.links[-1].asked_by == ("depends_on (all of box)",)


def test_a_link_saves_what_no_other_way_takes_as_long() -> None:
    dependencies = Dependencies(
        [
            custom("a"),
            custom("b", {"x": [urn("a")]}),
            custom("c", {"x": [urn("b")]}),
            custom("other"),
            custom("d", {"x": [urn("c")], "y": [urn("other")]}),
        ]
    )
    (chain, *_) = dependencies.chains(1)
    assert [(urns.name_of(link.urn), link.saves) for link in chain.links] == [("b", 1), ("c", 2), ("d", 2)]


def test_a_link_beside_one_as_long_saves_nothing() -> None:
    last = custom("last", depends_on=[urn("a"), urn("b")])
    (chain, *_) = Dependencies([custom("a"), custom("b"), last]).chains(1)
    assert [link.saves for link in chain.links] == [0]


def test_chains_through_the_same_types_are_shown_once() -> None:
    resources = [component(f"service-{it}") for it in "xyz"]
    resources += [custom(f"pod-{it}", parent=box(f"service-{it}"), type_="kubernetes:v1:Pod") for it in "xyz"]
    (chain,) = Dependencies(resources).chains(5)
    assert names(chain) == ["service-x", "pod-x"]
    assert [urns.name_of(it) for it in chain.alike] == ["pod-y", "pod-z"]


def test_no_chain_ends_in_a_component_that_a_longer_one_goes_through() -> None:
    resources = [component("box"), custom("a", parent=box("box")), custom("b", parent=box("box"))]
    resources += [custom("far", {"x": [urn("a")]}, type_="aws:far/far:Far", parent=box("other"))]
    resources += [component("other"), component("third")]
    assert [names(it) for it in Dependencies(resources).chains(5)] == [["box", "a", "far"], ["third"]]


def test_no_more_chains_are_shown_than_asked_for() -> None:
    resources = [custom(f"r{it}", type_=f"aws:a/b:T{it}", parent=box(f"box-{it}")) for it in range(4)]
    resources += [component(f"box-{it}") for it in range(4)]
    assert len(Dependencies(resources).chains(2)) == 2
    assert len(Dependencies(resources).chains(9)) == 4


def test_resources_with_the_most_links_come_first() -> None:
    few, many = custom("few", {"x": [urn("a")]}), custom("many", {"x": [urn("a"), urn("b")]})
    dependencies = Dependencies([custom("a"), custom("b"), few, many])
    assert dependencies.most_needing(2) == [(urn("many"), 2), (urn("few"), 1)]


def test_an_empty_stack_has_no_chain() -> None:
    dependencies = Dependencies([])
    assert (dependencies.longest, dependencies.chains(3)) == (0, [])
