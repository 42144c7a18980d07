"""At which value of one quantity the answer switches, all others as uncertain as they are.

The switching value of public appraisal (HM Treasury 2022, "The Green Book", section on sensitivity
analysis): what an input would have to be for the recommendation to become another one. It is looked
for where the case holds the quantity possible, from its p0.1 to its p99.9, on the luck of one run.
The figure is looked at with the quantity at p0.1, p10, p50, p90 and p99.9, and between two
of them that lie on different sides of the target the bracket is closed; a figure that crosses and
comes back between two of them is not seen. Beyond the ends it is taken to stay on the side that it
is on. The chance to switch is the probability, by the distribution that the case states, that the
quantity lies where the figure is on the other side of the target than in the unchanged run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Literal

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.parameters import Quantity
from sibsim.core.statistics import Estimate
from sibsim.core.streams import Rng, seed_from
from sibsim.core.validation import shown
from sibsim.core.wording import Sentence
from sibsim.decisions.asking import asked_figure, check_all, check_draws, is_number
from sibsim.decisions.conditions import Figure, check_limit
from sibsim.decisions.crossing import crossing
from sibsim.decisions.drivers.asked import DRAWS
from sibsim.decisions.drivers.ends import HIGH, LOW, chosen, ends_of
from sibsim.decisions.showing import Answer
from sibsim.decisions.worlds import Luck, Worlds, worlds_of
from sibsim.errors import ArgumentError
from sibsim.figures import NEVER

if TYPE_CHECKING:
    import pandas as pd

LOOKED_AT = (0.001, LOW, 0.5, HIGH, 0.999)
"""Probabilities at which a figure is looked at: the ends are what the case holds barely possible,
one chance in a thousand on either side."""

TOLERANCE = 1e-4
"""A bracket is closed when it is this small in proportion: far below the Monte Carlo error that
10,000 draws leave."""

STEP = 0.05
"""The slope of a figure is taken this part of the distance from p10 to p90 to either side: near
enough to be that of the place, far enough to be more than the luck of single draws."""

Kind = Literal["at", "nowhere", "everywhere"]
"""Whether there is a value at which the answer switches; if none, whether the figure stays on its
side of the target, or is on the other one, wherever the quantity is known to be."""


@dataclass(frozen=True, slots=True)
class Switch:
    """Where one quantity switches the answer."""

    path: str
    """Path of the quantity."""

    base: float
    """Its base value."""

    kind: Kind
    """Whether there is such a value."""

    value: float
    """The value, of several the one nearest to the base value; NaN: there is none."""

    mc_error: float
    """Monte Carlo standard error of the value: that of the figure there over its slope there."""

    others: tuple[float, ...]
    """Further values at which it switches."""

    p_switch: float
    """Probability that the quantity lies where the figure is across the target."""

    p_switch_mc_error: float
    """Monte Carlo standard error of that: what it moves by with the errors of the values."""

    distance: float
    """Value less base value, in units of the distance from p10 to p90; NaN: there is none."""

    ends: tuple[float, float]
    """The quantity at p0.1 and p99.9."""

    at_ends: tuple[Estimate, Estimate]
    """The figure there."""

    below: bool
    """Whether the figure is across the target below the lowest of these values."""


@dataclass(frozen=True, eq=False, repr=False)
class SwitchingValues(Answer):
    """At which value of each quantity a figure crosses its target, the likeliest first."""

    case: Case
    """The case."""

    figure: Figure
    """What is looked at."""

    target: float
    """The target, in the unit of the figure."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the run."""

    reference: Estimate
    """The figure of the unchanged run."""

    switches: tuple[Switch, ...]
    """One per quantity: the highest chance to switch first, then the nearest value."""

    def table(self) -> pd.DataFrame:
        """Return one row per quantity, the highest chance to switch first.

        Returns
        -------
        DataFrame
            Index `quantity`, its path. `base`; `kind`: `at`, `nowhere` or `everywhere`;
            `switching_value` with `mc_error`, NaN where there is none; `crossings`: how many there
            are; `across`: the figure is across the target `below` or `above` the value, or
            `between` several; `p_switch` with `p_switch_mc_error`; `distance` from the base value
            in units of the distance from p10 to p90; `low`, `high`: the quantity at p0.1 and p99.9;
            `at_low`, `at_high`: the figure there, with `_mc_error`.
        """
        import pandas as pd

        rows = {each.path: _row(each) for each in self.switches}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("quantity")

    def frame(self) -> pd.DataFrame:
        """Return the table ready to be drawn: `order` from 0, `quantity`, then as in `table`."""
        table = self.table().reset_index()
        table.insert(0, "order", range(len(table)))
        return table

    def _said(self) -> Iterable[Sentence]:
        from sibsim.decisions.drivers.switching_words import sentences

        return sentences(self)

    def _shown(self) -> pd.DataFrame:
        columns = ["base", "switching_value", "mc_error", "across", "p_switch", "at_low", "at_high"]
        return self.table()[columns].map(
            lambda each: each if isinstance(each, str) else f"{each:,.6g}"
        )


@dataclass(eq=False)
class _Sight:
    """A figure wherever one quantity was looked at, each value once."""

    worlds: Worlds
    path: str
    figure: Figure
    target: float
    seen: dict[float, Estimate] = field(default_factory=dict)

    def at(self, value: float) -> Estimate:
        """Return the figure with the quantity at a value."""
        if value not in self.seen:
            metric, path = self.figure.metric, self.path
            found = self.worlds.otherwise((metric,), touched=(path,), instead={path: value})
            self.seen[value] = self.figure.of(found[metric])
        return self.seen[value]

    def gap(self, value: float) -> float:
        """Return the figure less the target."""
        return self.at(value).value - self.target


def switching_values(
    case: Case,
    figure: str | Figure = "mean municipality_net",
    *,
    target: float = 0.0,
    quantities: Collection[str] | None = None,
    draws: int = DRAWS,
    rng: Rng = 0,
) -> SwitchingValues:
    """Return at which value of each uncertain quantity a figure crosses a target, on the same luck.

    Parameters
    ----------
    case
        The case.
    figure
        What is looked at, such as `mean municipality_net`.
    target
        What it has to cross, in its unit: money, a rate as 0.04, a probability as 0.25.
    quantities
        Paths of the quantities; None: all that are uncertain.
    draws, rng
        Size, at least 2, and seed of the run.

    Raises
    ------
    ArgumentError, UnknownNameError
        If an argument is out of range, a quantity or a metric is not known, a quantity is fixed,
        the figure is a date or undefined, or the case is not complete enough to be run.
    """
    check_complete(case)
    check_all(
        lambda: check_draws(draws, rng),
        lambda: _check_no_date(asked_figure(case, figure)),
        lambda: chosen(case, quantities),
        lambda: _check_target(target),
    )
    wanted, seed = asked_figure(case, figure), seed_from(rng)
    check_limit(wanted, target, given=f"target = {shown(target)}")
    worlds = worlds_of(case, draws=draws, luck=Luck.of(seed))
    reference = wanted.of(worlds.metrics((wanted.metric,))[wanted.metric])
    if np.isnan(reference.value):
        message = f"{wanted} is undefined in every draw, so that it crosses nothing"
        raise ArgumentError(message)
    found = [
        _switch(quantity, _Sight(worlds, path, wanted, target), reference=reference.value)
        for path, quantity in chosen(case, quantities).items()
    ]
    found.sort(key=lambda each: (-each.p_switch, np.nan_to_num(abs(each.distance), nan=np.inf)))
    return SwitchingValues(
        case=case,
        figure=wanted,
        target=float(target),
        draws=draws,
        seed=seed,
        reference=reference,
        switches=tuple(found),
    )


def _check_no_date(wanted: Figure) -> None:
    """Refuse a quantile of dates, which jumps from year to year and may never come."""
    if wanted.kind == "quantile" and wanted.metric.endswith(NEVER):
        message = (
            f"got {str(wanted)!r}, which jumps from year to year and may never come; ask for its "
            f"probability, such as 'P({wanted.metric} <= 2030)' with a target such as 0.5"
        )
        raise ArgumentError(message)


def _check_target(target: object) -> None:
    if not is_number(target):
        message = f"target: got {shown(target)}; it is a number in the unit of the figure"
        raise ArgumentError(message)


def _switch(quantity: Quantity, sight: _Sight, *, reference: float) -> Switch:
    """Return where one quantity switches the answer.

    Parameters
    ----------
    quantity
        The quantity.
    sight
        The figure wherever it is looked at.
    reference
        The figure of the unchanged run.
    """
    _, tenth, _, ninetieth, _ = looks = ends_of(quantity, LOOKED_AT)
    defined = [value for value in dict.fromkeys(looks) if not np.isnan(sight.gap(value))]
    kept = reference - sight.target >= 0
    across = [(sight.gap(value) >= 0) != kept for value in defined]
    spread = ninetieth - tenth
    values = [_closed(sight, low, high) for low, high in _brackets(defined, across)]
    found = [(value, _error(sight, value, step=STEP * spread, within=looks)) for value in values]
    kind: Kind = "at" if found else "everywhere" if any(across) else "nowhere"
    base = quantity.base_value
    near = min(found, key=lambda each: abs(each[0] - base), default=(np.nan, np.nan))
    chance, error = _chance(quantity, found, begins_across=any(across[:1]))
    return Switch(
        path=sight.path,
        base=base,
        kind=kind,
        value=near[0],
        mc_error=near[1],
        others=tuple(value for value, _ in found if value != near[0]),
        p_switch=chance,
        p_switch_mc_error=error,
        distance=(near[0] - base) / spread if spread else np.nan,
        ends=(looks[0], looks[-1]),
        at_ends=(sight.at(looks[0]), sight.at(looks[-1])),
        below=any(across[:1]),
    )


def _brackets(values: list[float], across: list[bool]) -> Iterator[tuple[float, float]]:
    """Yield neighbours that are on different sides of the target."""
    sides = list(zip(values, across, strict=True))
    for (low, side), (high, other) in pairwise(sides):
        if side != other:
            yield low, high


def _closed(sight: _Sight, low: float, high: float) -> float:
    """Return where the figure crosses between two values on different sides of the target."""
    return crossing(sight.gap, low=low, high=high, tolerance=TOLERANCE)


def _error(sight: _Sight, value: float, *, step: float, within: tuple[float, ...]) -> float:
    """Return the Monte Carlo error of a value: that of the figure there over its slope."""
    low, high = max(value - step, within[0]), min(value + step, within[-1])
    rise = sight.gap(high) - sight.gap(low)
    return abs(sight.at(value).mc_error * (high - low) / rise) if rise else np.inf


def _chance(
    quantity: Quantity, found: list[tuple[float, float]], *, begins_across: bool
) -> tuple[float, float]:
    """Return the probability to lie across the target, and its Monte Carlo error.

    Parameters
    ----------
    quantity
        The quantity.
    found
        Values at which the answer switches, rising, with their errors.
    begins_across
        Whether the figure is across the target below the first of them.
    """
    edges = [0.0, *(quantity.prob_below(value) for value, _ in found), 1.0]
    parts = [high - low for low, high in pairwise(edges)]
    error = sum(
        (quantity.prob_below(value + apart) - quantity.prob_below(value - apart)) / 2
        for value, apart in found
    )
    return float(sum(parts[0 if begins_across else 1 :: 2])), float(error)


def _row(each: Switch) -> dict[str, object]:
    across = ""
    if each.kind == "at":
        across = "between" if each.others else "below" if each.below else "above"
    low, high = each.at_ends
    return {
        "base": each.base,
        "kind": each.kind,
        "switching_value": each.value,
        "mc_error": each.mc_error,
        "crossings": len(each.others) + (each.kind == "at"),
        "across": across,
        "p_switch": each.p_switch,
        "p_switch_mc_error": each.p_switch_mc_error,
        "distance": each.distance,
        "low": each.ends[0],
        "high": each.ends[1],
        "at_low": low.value,
        "at_low_mc_error": low.mc_error,
        "at_high": high.value,
        "at_high_mc_error": high.mc_error,
    }
