"""A figure over a grid of two numbers: quantities, contract terms or numbers of the plan.

Every cell has the luck of one run. An uncertain quantity is set in every draw, all others as
uncertain as they are; a term of the contract is re-priced on the same worlds; any other number is
that of a changed case, simulated with the same seed, in which every stream of chance that is still
there is the same. Levels that nobody states are p10, p30, p50, p70 and p90 of an uncertain
quantity, and 0.5, 0.75, 1, 1.25 and 1.5 times any other number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.amounts import in_both
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import Estimate
from sibsim.core.streams import Rng, seed_from
from sibsim.core.wording import Sentence
from sibsim.core.words import Words
from sibsim.decisions.asking import asked_figure, check_all, check_draws
from sibsim.decisions.conditions import Figure
from sibsim.decisions.drivers import words
from sibsim.decisions.drivers.asked import DRAWS
from sibsim.decisions.drivers.axis import Axis, axis_of, check_axes
from sibsim.decisions.drivers.paired import difference
from sibsim.decisions.showing import Answer
from sibsim.decisions.worlds import Luck, Worlds, worlds_of

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure at one level of both numbers."""

    x: float
    """The first number."""

    y: float
    """The second number."""

    figure: Estimate
    """The figure there."""

    change: Estimate
    """The figure there less the reference, with the error of that difference on the same luck."""


@dataclass(frozen=True, eq=False, repr=False)
class TwoWay(Answer):
    """A figure over a grid of two numbers, on the same luck."""

    case: Case
    """The case."""

    figure: Figure
    """What is looked at."""

    x: Axis
    """The first number and its levels, the rows."""

    y: Axis
    """The second number and its levels, the columns."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the run."""

    reference: Estimate
    """The figure of the unchanged run."""

    cells: tuple[Cell, ...]
    """One per pair of levels, row by row."""

    def table(self) -> pd.DataFrame:
        """Return the figure, one row per level of `x` and one column per level of `y`.

        Index and columns bear the paths; Monte Carlo errors stand in `frame`.
        """
        return self._pivot("value")

    def errors(self) -> pd.DataFrame:
        """Return the Monte Carlo error of each figure in the shape of `table`."""
        return self._pivot("mc_error")

    def _pivot(self, column: str) -> pd.DataFrame:
        import pandas as pd

        values = self.frame()[column].to_numpy().reshape(len(self.x.levels), len(self.y.levels))
        index = pd.Index(self.x.levels, name=self.x.path)
        return pd.DataFrame(values, index=index, columns=pd.Index(self.y.levels, name=self.y.path))

    def frame(self) -> pd.DataFrame:
        """Return one row per cell, row by row, ready to be drawn.

        Returns
        -------
        DataFrame
            `x`, `y`: the levels; `value`, `mc_error`: the figure; `change`, `change_mc_error`: its
            difference to the unchanged run on the same luck; `undefined`: share of draws left out.
        """
        import pandas as pd

        rows = [
            {
                "x": cell.x,
                "y": cell.y,
                "value": cell.figure.value,
                "mc_error": cell.figure.mc_error,
                "change": cell.change.value,
                "change_mc_error": cell.change.mc_error,
                "undefined": cell.figure.undefined,
            }
            for cell in self.cells
        ]
        return pd.DataFrame(rows)

    def _said(self) -> Iterable[Sentence]:
        return _sentences(self)

    def _shown(self) -> pd.DataFrame:
        return self.table().map(lambda number: f"{number:,.6g}")


@dataclass(frozen=True, slots=True)
class _Place:
    """What has to be told for one cell."""

    row: int
    """Position of the level of the first number."""

    column: int
    """Position of the level of the second number."""

    told: Case
    """Case whose worlds are told."""

    key: tuple[object, ...]
    """What tells these worlds from others."""

    priced: Case
    """Case that is priced on them."""

    instead: Mapping[str, float]
    """Values of uncertain quantities."""


def two_way(
    case: Case,
    x: str,
    y: str,
    figure: str | Figure = "mean municipality_net",
    *,
    at: Mapping[str, Sequence[float]] | None = None,
    draws: int = DRAWS,
    rng: Rng = 0,
) -> TwoWay:
    """Return a figure over a grid of two numbers, on the same luck in every cell.

    Parameters
    ----------
    case
        The case.
    x, y
        Paths of two uncertain quantities, contract terms (a list of prices is scaled and named by
        its first) or other numbers of the case.
    figure
        What is looked at, such as `mean municipality_net`.
    at
        Levels by path; None, or a path that is not named: five levels, which the result says.
    draws, rng
        Size, at least 2, and seed of the run.

    Raises
    ------
    ArgumentError, UnknownNameError, CaseError
        If an argument is out of range, a path or a metric is not known, the case accepts no such
        level, or is not complete enough to be run.
    """
    check_complete(case)
    check_all(
        lambda: check_draws(draws, rng),
        lambda: asked_figure(case, figure),
        lambda: check_axes(case, x, y, at=at),
    )
    wanted, seed = asked_figure(case, figure), seed_from(rng)
    given = at or {}
    axes = axis_of(case, x, given=given.get(x)), axis_of(case, y, given=given.get(y))
    places = list(_places(case, axes))
    worlds = worlds_of(case, draws=draws, luck=Luck.of(seed))
    unchanged = worlds.metrics((wanted.metric,))[wanted.metric]
    cells = {}
    key: tuple[object, ...] = ()
    for place in sorted(places, key=lambda each: [str(part) for part in each.key]):
        if place.key != key:
            worlds, key = worlds_of(place.told, draws=draws, luck=Luck.of(seed)), place.key
        values = _values(worlds, place, metric=wanted.metric)
        cells[place.row, place.column] = Cell(
            axes[0].levels[place.row],
            axes[1].levels[place.column],
            wanted.of(values),
            difference(wanted, values, unchanged),
        )
    return TwoWay(
        case=case,
        figure=wanted,
        x=axes[0],
        y=axes[1],
        draws=draws,
        seed=seed,
        reference=wanted.of(unchanged),
        cells=tuple(cells[place.row, place.column] for place in places),
    )


def _places(case: Case, axes: tuple[Axis, Axis]) -> Iterator[_Place]:
    """Yield what has to be told, row by row, every case made before anything is drawn."""
    for i, one in enumerate(axes[0].levels):
        for j, two in enumerate(axes[1].levels):
            levels = list(zip(axes, (one, two), strict=True))
            told, priced = case, case
            of_world: dict[str, object] = {}
            of_contract: dict[str, object] = {}
            for axis, level in levels:
                if axis.kind == "world":
                    of_world |= axis.changes(level)
                elif axis.kind == "contract":
                    of_contract |= axis.changes(level)
            if of_world:
                told = priced = case.with_(of_world)
            if of_contract:
                priced = case.with_(of_world | of_contract)
            yield _Place(
                row=i,
                column=j,
                told=told,
                key=tuple(level for axis, level in levels if axis.kind == "world"),
                priced=priced,
                instead={axis.path: level for axis, level in levels if axis.kind == "quantity"},
            )


def _values(worlds: Worlds, place: _Place, *, metric: str) -> FloatArray:
    here = replace(worlds, case=place.priced)
    if not place.instead:
        return here.metrics((metric,))[metric]
    found = here.otherwise((metric,), touched=tuple(place.instead), instead=place.instead)
    return found[metric]


def _sentences(found: TwoWay) -> Iterator[Sentence]:
    case, figure = found.case, found.figure
    defined = [cell for cell in found.cells if not np.isnan(cell.figure.value)]
    what = figure.words(currency=case.head.currency)
    reference = words.with_error(found.reference, figure=figure, case=case)
    if not defined:
        pattern = Words(
            da="{what} er ikke defineret noget sted i gitteret",
            en="{what} is defined nowhere in the grid",
        )
        yield Sentence(pattern, {"what": what})
        return
    least, most = (pick(defined, key=lambda cell: cell.figure.value) for pick in (min, max))
    pattern = Words(
        da="{what} ligger mellem {least} ({x}: {least_x}; {y}: {least_y}) og {most} "
        "({x}: {most_x}; {y}: {most_y}); som casen står, er det {reference}",
        en="{what} lies between {least} ({x}: {least_x}; {y}: {least_y}) and {most} "
        "({x}: {most_x}; {y}: {most_y}); as the case stands it is {reference}",
    )
    values: dict[str, Words | str] = {
        "what": what,
        "x": words.called(case, found.x.path),
        "y": words.called(case, found.y.path),
        "reference": reference,
    }
    for name, cell in (("least", least), ("most", most)):
        values |= {
            name: words.with_error(cell.figure, figure=figure, case=case),
            f"{name}_x": words.amount(cell.x, digits=found.x.digits),
            f"{name}_y": words.amount(cell.y, digits=found.y.digits),
        }
    yield Sentence(pattern, values)
    yield from (each.sentence(case) for each in (found.x, found.y))
    pattern = Words(
        da="alle felter har samme tilfældigheder i {draws} trækninger; ± er én "
        "Monte Carlo-standardfejl",
        en="all cells have the same luck in {draws} draws; ± is one Monte Carlo standard error",
    )
    yield Sentence(pattern, {"draws": in_both(f"{found.draws:,}")})
    paths = [each.path for each in (found.x, found.y) if each.kind == "quantity"]
    yield from words.notes(case, paths, figure=figure, of=found.reference)
