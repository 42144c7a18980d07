"""Published figures against what settling the published contract comes to.

A figure is *missed* when the settlement differs by more than its tolerance. Only forward and
boundary figures graded A (or A for the part that is public) count against a contract: an inverse
figure was itself entered, or used to infer an outcome, and what is graded B or C has a gap. A
figure that cannot be reproduced is shown as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from sibsim.deals.deal import Deal
from sibsim.deals.file import load_deal, shipped_deals
from sibsim.deals.spec import Grade, Kind

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["reproduced", "missed", "not reproducible", "proves nothing"]
"""What a comparison comes to; an inverse figure proves nothing, whatever it comes to."""

BINDING_GRADES: tuple[Grade, ...] = ("A", "A-part")
"""Grades of figures that a settlement has to meet."""

ROUNDING = 1e-9
"""Share of a published figure by which rounding of sums may pass the tolerance."""


@dataclass(frozen=True)
class Row:
    """One published figure and what a settlement comes to."""

    deal: str
    """Name of the deal."""

    figure: str
    """What the figure is."""

    kind: Kind
    """What it tests: forward, boundary or inverse."""

    published: float
    """The figure as published."""

    computed: float | None
    """What the settlement comes to; None: it cannot be reproduced."""

    tolerance: float
    """Largest accepted difference."""

    grade: Grade
    """How good the figure is."""

    source: str
    """Title of the source."""

    note: str
    """Anything a reader must know."""

    @property
    def difference(self) -> float | None:
        """Computed less published; None where it cannot be reproduced."""
        return None if self.computed is None else self.computed - self.published

    @property
    def verdict(self) -> Verdict:
        """What the comparison comes to."""
        if self.difference is None:
            return "not reproducible"
        if self.kind == "inverse":
            return "proves nothing"
        accepted = self.tolerance + ROUNDING * abs(self.published)
        return "reproduced" if abs(self.difference) <= accepted else "missed"

    @property
    def fails(self) -> bool:
        """Whether the library misses a figure that it has to meet."""
        return self.verdict == "missed" and self.grade in BINDING_GRADES


def replicate(deals: Iterable[str] = ()) -> tuple[Row, ...]:
    """Settle published contracts and compare with every figure that was published.

    Parameters
    ----------
    deals
        Names of shipped deals or paths to files; without any, all that ship.
    """
    return tuple(row for name in tuple(deals) or shipped_deals() for row in _rows(load_deal(name)))


def as_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as a frame: contract, figure, kind, published, computed and so on."""
    import pandas as pd

    columns = {
        "contract": "deal",
        "figure": "figure",
        "kind": "kind",
        "published": "published",
        "computed": "computed",
        "difference": "difference",
        "tolerance": "tolerance",
        "grade": "grade",
        "verdict": "verdict",
        "source": "source",
        "note": "note",
    }
    return pd.DataFrame(
        [{title: getattr(row, field) for title, field in columns.items()} for row in rows],
        columns=list(columns),
    )


def _rows(deal: Deal) -> Iterator[Row]:
    settled = {name: deal.settle(name) for name in deal.runs}
    for figure in deal.published:
        computed = None
        if figure.run is not None and figure.metric is not None:
            computed = settled[figure.run].metric(figure.metric)
        yield Row(
            deal=deal.name,
            figure=figure.title,
            kind=figure.kind,
            published=figure.value,
            computed=computed,
            tolerance=figure.tolerance,
            grade=figure.grade,
            source=deal.sources[figure.source].title,
            note=figure.note or "",
        )
