"""Generator of stories: a small program, edits of it, and the operations that are run between them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from hypothesis import strategies as st

from tests.engine.duel.programs import COMPONENT, PROVIDERS, SLOTS, Node, Program, kind, logical_name

Draw = Callable[[st.SearchStrategy[Any]], Any]
Strategies = dict[str, st.SearchStrategy[Any]]

# The first of each is the simplest: hypothesis begins with it, and shrinks to it.
_OPERATIONS: Final = (*("update",) * 4, "preview", "refresh", "destroy", "preview of destroy")
_EDITS: Final = ("export", *("change",) * 8, "add", *("remove", "rename", "move") * 2, "provider")
_CHANGES: Final = ("easy", "option", *("fixed", "option", "uses") * 2, "named", "secret", "tags")

_PATHS: Final = {  # of properties, by the letter of a slot
    "c": ("x",),
    "v": ("tags", "tags.easy", 'tags["easy"]', "tags.*", "cidrBlock", "*"),
    "q": ("tags", "tags.of", "tags.*", "visibilityTimeoutSeconds", "fifoQueue", "name", "*"),
    "t": ("tags", "tags.of", "tags.*", "displayName", "fifoTopic", "name", "*"),
    "g": ("tags", "tags.easy", "tags.*", "description", "vpcId", "*"),
}
_OUTPUTS: Final = {
    "c": ("x",),
    "v": ("arn", "cidrBlock"),
    "q": ("arn", "url"),
    "t": ("arn",),
    "g": ("arn", "ownerId"),
}


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One operation, on the program as it is then; `refused` are verbs with logical names."""

    operation: str
    program: Program
    refused: tuple[str, ...] = ()


Story = tuple[Chapter, ...]


@st.composite
def stories(draw: Draw) -> Story:
    """A first update, and some operations after edits."""
    program = draw(_programs())
    story = [Chapter(operation="update", program=program)]
    for _ in range(draw(st.integers(1, 5))):
        operation = draw(st.sampled_from(_OPERATIONS))
        if operation in ("update", "preview"):
            for _ in range(draw(st.integers(1, 4))):
                program = draw(_edits(program)[draw(st.sampled_from(_EDITS))])
        refused = draw(_refused(program)) if operation in ("update", "destroy") else ()
        story.append(Chapter(operation=operation, program=program, refused=refused))
    return tuple(story)


@st.composite
def _refused(draw: Draw, program: Program) -> tuple[str, ...]:
    nodes = program.by_slot
    if not nodes or draw(st.integers(0, 4)) < 4:
        return ()
    slot = draw(st.sampled_from(tuple(nodes)))
    verb = draw(st.sampled_from(("create", "update", "delete")))
    return (f"{verb} {logical_name(slot, nodes[slot])}",)


# ---- programs


@st.composite
def _programs(draw: Draw) -> Program:
    slots = draw(st.lists(st.sampled_from(SLOTS), min_size=2, max_size=6, unique=True))
    providers = draw(st.lists(st.sampled_from(PROVIDERS), max_size=2, unique=True))
    return Program(
        nodes=tuple((slot, draw(_nodes(slot))) for slot in sorted(slots, key=SLOTS.index)),
        providers=tuple((name, 0) for name in sorted(providers)),
        exports=draw(_some(SLOTS)),
    )


@st.composite
def _nodes(draw: Draw, slot: str) -> Node:
    node = Node()
    for _ in range(draw(st.integers(0, 4))):
        node = draw(_changed(slot, node))
    return node


def _with(program: Program, slot: str, node: Node | None) -> Program:
    nodes = {**dict(program.nodes), slot: node}
    return replace(
        program, nodes=tuple((each, there) for each in SLOTS if (there := nodes.get(each)) is not None)
    )


# ---- edits


def _edits(program: Program) -> Strategies:
    """Edited programs by the kind of the edit. Where there is no resource to edit, one is added."""
    added = st.sampled_from(SLOTS).flatmap(
        lambda slot: _nodes(slot).map(lambda node: _with(program, slot, node))
    )
    others: Strategies = {
        "add": added,
        "export": _some(SLOTS).map(lambda slots: replace(program, exports=slots)),
        "provider": st.sampled_from(PROVIDERS).flatmap(lambda name: _provider_edit(program, name)),
    }
    if not program.nodes:
        return {edit: others.get(edit, added) for edit in _EDITS}

    def edited(change: Callable[[str, Node], st.SearchStrategy[Node | None]]) -> st.SearchStrategy[Program]:
        return st.sampled_from(tuple(program.by_slot.items())).flatmap(
            lambda item: change(*item).map(lambda node: _with(program, item[0], node))
        )

    return {
        **others,
        "change": edited(_changed),
        "remove": edited(lambda *_: st.none()),
        "rename": edited(_renamed),
        "move": edited(_moved),
    }


def _provider_edit(program: Program, name: str) -> st.SearchStrategy[Program]:
    """The explicit provider of a name added, changed, or taken out."""
    now = dict(program.providers)
    changed = {**now, name: 1 - now.get(name, 1)}
    without = {each: setting for each, setting in now.items() if each != name}
    results = (changed, without) if name in now else (changed,)
    return st.sampled_from([replace(program, providers=tuple(sorted(each.items()))) for each in results])


def _renamed(slot: str, node: Node) -> st.SearchStrategy[Node]:
    new = replace(node, name=1 - node.name)
    return st.sampled_from((new, _aliased(new, (("name", logical_name(slot, node)),))))


@st.composite
def _moved(draw: Draw, slot: str, node: Node) -> Node:
    new = _optioned(node, parent=draw(st.sampled_from(("", "c1", "c2"))))
    return _aliased(new, (("parent", node.options.parent),)) if draw(st.booleans()) else new


def _aliased(node: Node, alias: tuple[tuple[str, str], ...]) -> Node:
    return _optioned(node, aliases=(*node.options.aliases, alias))


def _optioned(node: Node, **options: Any) -> Node:
    return replace(node, options=replace(node.options, **options))


# ---- a change of one resource


@st.composite
def _changed(draw: Draw, slot: str, node: Node) -> Node:
    """A node with another value in one field, or of one option."""
    changes = _changes(slot, node)
    return draw(changes[draw(st.sampled_from([change for change in _CHANGES if change in changes]))])


def _changes(slot: str, node: Node) -> Strategies:
    """Changed nodes by what changes."""
    changes: Strategies = {
        "easy": st.integers(1, 2).map(lambda more: replace(node, easy=(node.easy + more) % 3)),
        "option": _option(slot, node),
    }
    if kind(slot) == COMPONENT:
        return changes
    tags = st.dictionaries(st.sampled_from(("a", "b")), st.integers(0, 1), max_size=2)
    return {
        **changes,
        "fixed": st.just(replace(node, fixed=1 - node.fixed)),
        "named": st.just(replace(node, named=not node.named)),
        "secret": st.just(replace(node, secret=not node.secret)),
        "tags": tags.map(lambda given: replace(node, tags=tuple(sorted(given.items())))),
        "uses": st.sampled_from(("", *_earlier(slot))).map(lambda used: replace(node, uses=used)),
    }


@st.composite
def _option(draw: Draw, slot: str, node: Node) -> Node:
    values = _option_values(slot)
    name = draw(st.sampled_from(tuple(values)))
    now = getattr(node.options, name)
    return _optioned(node, **{name: draw(values[name].filter(lambda value: value != now))})


def _option_values(slot: str) -> Strategies:
    """Values of each option that the resource in a slot can have."""
    letter, earlier = slot[0], _earlier(slot)
    switch = st.sampled_from((None, True, False))
    aliases = [(("name", f"{slot}{end}"),) for end in "ab"] + [(("parent", one),) for one in ("", "c1", "c2")]
    values: Strategies = {
        "provider": st.sampled_from(("", *PROVIDERS)),
        "ignore_changes": _some(_PATHS[letter]),
        "replace_on_changes": _some(_PATHS[letter]),
        "aliases": _some(tuple(aliases)),
        "protect": switch,
    }
    if kind(slot) != COMPONENT:
        values["additional_secret_outputs"] = _some(_OUTPUTS[letter])
        values["delete_before_replace"] = values["retain_on_delete"] = switch
    if earlier:
        values["depends_on"] = _some(earlier)
        values["deleted_with"] = st.sampled_from(("", *earlier))
        values["parent"] = st.sampled_from(("", *(each for each in earlier if kind(each) == COMPONENT), "c1"))
    return values


def _earlier(slot: str) -> tuple[str, ...]:
    return SLOTS[: SLOTS.index(slot)]


def _some(values: tuple[Any, ...]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)
