"""The table of replicated figures: what was published, and what settling the contract comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from docs._ext.markdown import plain, table
from sibsim.deals.replication import BINDING_GRADES, Row, Verdict, replicate

_VERDICTS: Mapping[Verdict, str] = {
    "reproduced": "reproduced",
    "missed": "missed",
    "not reproducible": "not reproducible",
    "proves nothing": "that prove nothing",
}
"""Verdicts as several figures have them, in the order in which they are counted."""

_MONEY = 1_000
"""From here on figures are amounts of money, which are written in full."""


def replication_table() -> str:
    """Return the count of verdicts and the table as Markdown."""
    rows = replicate()
    verdicts = Counter(row.verdict for row in rows)
    counted = ", ".join(f"{verdicts[verdict]} {words}" for verdict, words in _VERDICTS.items())
    binding = [row for row in rows if row.kind != "inverse" and row.grade in BINDING_GRADES]
    missed = sum(row.fails for row in rows)
    shown = table(
        ("Contract and figure", "Published", "sibsim", "Tolerance", "Verdict", "Grade"),
        [_cells(row) for row in rows],
    )
    return (
        f"{len(rows)} published figures of {len({row.deal for row in rows})} contracts: {counted}. "
        f"Of the {len(binding)} that must be met, {missed} {'is' if missed == 1 else 'are'} "
        f"missed.\n\n{shown}"
    )


def _cells(row: Row) -> tuple[str, ...]:
    computed = "-" if row.computed is None else _number(row.computed)
    told = (plain(row.figure), plain(row.note), f"*{plain(row.source)}*")
    return (
        f"`{row.deal}`: {'. '.join(part for part in told if part)}",
        _number(row.published),
        computed,
        _number(row.tolerance),
        row.verdict,
        row.grade,
    )


def _number(value: float) -> str:
    """Return an amount to the cent, or any other figure to six digits."""
    if abs(value) >= _MONEY:
        return f"{value:,.2f}".removesuffix(".00")
    return f"{value:.6g}"
