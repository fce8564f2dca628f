"""Report of dependency chains on the console: each chain with who asks for its links, and where links are many."""

from __future__ import annotations

from typing import Final

from rich.markup import escape

from rehearsal.commands.report import Report, new_table, short
from rehearsal.engine import urns
from rehearsal.engine.dependency_chains import Chain, Dependencies

_MOST_LINKS: Final = 10  # resources shown with how many links they have


class ChainReport:
    """Report of chains, on the console of a report."""

    def __init__(self, report: Report) -> None:
        self._print = report.console.print

    def stack(self, stack: str, dependencies: Dependencies, count: int) -> None:
        """Shows the longest chains of a stack, and the resources with the most links."""
        self._print()
        self._print(
            f"[bold]{stack}[/]  {dependencies.resource_count} resources, {dependencies.link_count} links, "
            f"{dependencies.longest} resources in the longest chain"
        )
        chains = dependencies.chains(count)
        for number, chain in enumerate(chains, 1):
            self._chain(number, chain, chains[: number - 1])
        most = new_table("resource", "links")
        for urn, links in dependencies.most_needing(_MOST_LINKS):
            most.add_row(short(urn), str(links))
        self._print()
        self._print(most)

    def _chain(self, number: int, chain: Chain, before: list[Chain]) -> None:
        """Shows one chain; what it has in common with one before it is named by that chain's number alone."""
        shown, in_common = max(
            ((its_number, _in_common(chain, other)) for its_number, other in enumerate(before, 1)),
            key=lambda it: it[1],
            default=(0, 0),
        )
        alike = ", ".join(map(urns.name_of, chain.alike))
        self._print(f"\n[bold]chain {number}[/]  {len(chain.urns)} resources{escape(_also(alike))}")
        table = new_table("resource", "asked by", "saves")
        first = max(in_common - 1, 0)
        table.add_row(short(chain.urns[first]), f"as in chain {shown}" if first else "", "")
        for link in chain.links[first:]:
            table.add_row(short(link.urn), escape(", ".join(link.asked_by)), str(link.saves or ""))
        self._print(table)


def _in_common(chain: Chain, other: Chain) -> int:
    """Number of resources with which both chains begin."""
    same = (one == another for one, another in zip(chain.urns, other.urns, strict=False))
    return next((number for number, it in enumerate(same) if not it), min(len(chain.urns), len(other.urns)))


def _also(alike: str) -> str:
    return f"; alike: {alike}" if alike else ""
