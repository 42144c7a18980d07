"""Where the risk of a fund sits: concentration, contributions to the shortfall, diversification.

The expected shortfall of a fund is the sum of what each deal loses on average in the fund's worst
twentieth (Euler's rule; Tasche 2000, "Conditional expectation as quantile derivative", arXiv
math/0104190; McNeil, Frey and Embrechts 2015, "Quantitative Risk Management", 2nd ed., section
8.5). Concentration is Herfindahl's sum of squared shares.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.arrays import FloatArray, IntArray
from sibsim.core.statistics import TAIL, Estimate
from sibsim.core.streams import BLOCK_DRAWS, Layer, LayerName

if TYPE_CHECKING:
    import pandas as pd

SUBSETS = 50
"""Groups of deals of one size that the curve is averaged over, where there are more of that size:
enough that which of them are taken moves the curve less than the draws do."""


def tail_weights(profit: FloatArray, *, tail: float = TAIL) -> FloatArray:
    """Return the weight of each draw in the expected shortfall, (D,), summing to 1.

    1 / (n s) below the boundary draw; draws at the boundary share alike in what is left, so that
    the order of draws does not matter.

    Parameters
    ----------
    profit
        Profit of the fund per draw, (D,).
    tail
        Share of worst draws (s), in (0, 1).
    """
    count = tail * profit.size
    boundary = np.sort(profit)[min(int(count), profit.size - 1)]
    below, there = profit < boundary, profit == boundary
    left = (count - below.sum()) / there.sum()
    weights: FloatArray = np.where(there, left, below.astype(np.float64)) / count
    return weights


def contributions(profits: FloatArray, *, tail: float = TAIL) -> tuple[Estimate, ...]:
    """Return what each deal contributes to the expected shortfall of the sum of all.

    C_k = -sum_d w_d x_kd; they sum to the fund's expected shortfall. Influence of a draw:
    (m_k - x_kd) 1{X_d <= q} / s, q the boundary, m_k the mean of x_k where X is at q, read from the
    ceil(sqrt(n s)) draws on either side of it by rank; the influences sum to the fund's own.

    Parameters
    ----------
    profits
        Profit per deal and draw, (K, D).
    tail
        Share of worst draws (s), in (0, 1).
    """
    total = profits.sum(axis=0)
    weights = tail_weights(total, tail=tail)
    order = np.argsort(total, kind="stable")
    last, near = int(tail * total.size), math.ceil(math.sqrt(tail * total.size))
    beside = order[max(last - near, 0) : last + near + 1]
    at_boundary = profits[:, beside].mean(axis=1)
    worst = total <= total[order[min(last, total.size - 1)]]
    found = []
    for profit, level in zip(profits, at_boundary, strict=True):
        influence = np.where(worst, level - profit, 0.0) / tail
        found.append(Estimate(-float(weights @ profit), mc_error=_error(influence), undefined=0.0))
    return tuple(found)


def _shortfalls(profits: FloatArray, *, tail: float = TAIL) -> tuple[FloatArray, FloatArray]:
    """Return the expected shortfall of several profits at once, (G,), and influences, (G, D).

    That of `sibsim.core.statistics.expected_shortfall`, row by row.
    """
    draws = profits.shape[1]
    place = min(int(tail * draws), draws - 1)
    boundary = np.partition(profits, place, axis=1)[:, place, np.newaxis]
    influence: FloatArray = np.maximum(boundary - profits, 0.0) / tail
    return influence.mean(axis=1) - boundary[:, 0], influence


def benefit(profits: FloatArray) -> Estimate:
    """Return by how much the shortfall of all deals together is below the sum of each alone.

    Parameters
    ----------
    profits
        Profit per deal and draw, (K, D).
    """
    alone, each = _shortfalls(profits)
    together, joint = _shortfalls(profits.sum(axis=0, keepdims=True))
    error = _error(each.sum(axis=0) - joint[0])
    return Estimate(float(alone.sum() - together[0]), mc_error=error, undefined=0.0)


def _error(influence: FloatArray) -> float:
    """Return the Monte Carlo error of an estimate from the influence of its draws."""
    return float(influence.std(ddof=1) / np.sqrt(influence.size))


@dataclass(frozen=True, slots=True)
class Point:
    """One point of the diversification curve: the mean over groups of one size."""

    deals: int
    """Number of deals in a group."""

    groups: int
    """Number of groups the point is a mean over."""

    sd: Estimate
    """Standard deviation of the profit per unit of money committed."""

    shortfall: Estimate
    """Expected shortfall per unit of money committed."""

    independent_sd: Estimate
    """The same standard deviation if the deals were independent."""

    independent_shortfall: Estimate
    """The same expected shortfall if the deals were independent."""


def curve(profits: FloatArray, *, commitments: FloatArray, seed: int) -> tuple[Point, ...]:
    """Return how risk per unit of money falls with the number of deals, from 1 to all.

    Of every group S: sd = sqrt(sum_(k, l in S) cov(x_k, x_l)) / sum_(k in S) commitment_k, and the
    same without the terms k != l as if independent; the expected shortfall from the draws, and as
    if independent with the draws of each deal in an order of their own.

    Parameters
    ----------
    profits
        Profit per deal and draw, (K, D), D of at least 2.
    commitments
        What each deal commits, (K,).
    seed
        Seed of the groups and of the orders.
    """
    number, draws = profits.shape
    shuffled = np.stack(
        [each[_order(draws, seed=seed, position=k)] for k, each in enumerate(profits)]
    )
    centred = profits - profits.mean(axis=1, keepdims=True)
    covariance = np.atleast_2d(centred @ centred.T / (draws - 1))
    sequences = _sequences(number, seed=seed)
    return tuple(
        _point(
            _groups(sequences, size=size),
            profits=(profits, shuffled),
            covariance=covariance,
            commitments=commitments,
        )
        for size in range(1, number + 1)
    )


def _order(draws: int, *, seed: int, position: int) -> IntArray:
    """Return the numbers of the draws in a random order."""
    name = f"fund/order/{position}"
    blocks = range(math.ceil(draws / BLOCK_DRAWS))
    keys = [
        Layer(LayerName.PARAMETERS, seed=seed, block=block).uniforms(name, rows=1)[0]
        for block in blocks
    ]
    return np.argsort(np.concatenate(keys)[:draws], kind="stable")


def _sequences(number: int, *, seed: int) -> IntArray:
    """Return random orders of the deals, (K, SUBSETS): the first n of each are a group of n."""
    layer = Layer(LayerName.PARAMETERS, seed=seed)
    keys = layer.uniforms("fund/groups", rows=number)[:, :SUBSETS]
    return np.argsort(keys, axis=0, kind="stable")


def _groups(sequences: IntArray, *, size: int) -> FloatArray:
    """Return groups of deals as rows of ones and zeros, (G, K): all, or a sample of them."""
    number = len(sequences)
    if math.comb(number, size) <= max(SUBSETS, number):
        chosen = np.array(list(combinations(range(number), size)))
    else:
        chosen = sequences[:size].T
    groups = np.zeros((len(chosen), number))
    np.put_along_axis(groups, chosen, 1.0, axis=1)
    return groups


def _point(
    groups: FloatArray,
    *,
    profits: tuple[FloatArray, FloatArray],
    covariance: FloatArray,
    commitments: FloatArray,
) -> Point:
    size = groups @ commitments
    found = []
    for each, cov in zip(profits, (covariance, np.diag(np.diag(covariance))), strict=True):
        sd = np.sqrt(np.maximum(np.einsum("gk,kl,gl->g", groups, cov, groups), 0.0))
        totals = groups @ each
        away = totals - totals.mean(axis=1, keepdims=True)
        spread = np.where(sd > 0, sd, 1.0)[:, np.newaxis]
        of_sd = (away**2 / spread - spread) * (sd > 0)[:, np.newaxis] / 2.0
        shortfalls, of_shortfall = _shortfalls(totals)
        for values, influence in ((sd, of_sd), (shortfalls, of_shortfall)):
            error = _error((influence / size[:, np.newaxis]).mean(axis=0))
            found.append(Estimate(float((values / size).mean()), mc_error=error, undefined=0.0))
    return Point(int(groups[0].sum()), len(groups), *found)


@dataclass(frozen=True)
class Diversification:
    """How risk per unit of money committed falls as more deals are held together."""

    points: tuple[Point, ...]
    """One point per number of deals, from 1 to all."""

    draws: int
    """Number of draws (D)."""

    def table(self) -> pd.DataFrame:
        """Return the curve, one row per number of deals.

        Returns
        -------
        DataFrame
            Index `deals`. `sd`, `shortfall`: standard deviation and expected shortfall (mean loss
            in the worst twentieth) of the profit per unit of money committed, mean over `groups`
            of so many deals, as simulated; `independent_sd`, `independent_shortfall`: if the deals
            were independent. Each with its Monte Carlo error.
        """
        import pandas as pd

        rows = {}
        for point in self.points:
            row: dict[str, float] = {"groups": point.groups}
            for name in _CURVES:
                estimate = getattr(point, name)
                row |= {name: estimate.value, f"{name}_mc_error": estimate.mc_error}
            rows[point.deals] = row
        frame = pd.DataFrame.from_dict(rows, orient="index").astype({"groups": int})
        frame.index.name = "deals"
        return frame

    def frame(self) -> pd.DataFrame:
        """Return the curves ready to be drawn.

        Returns
        -------
        DataFrame
            One row per number of deals and curve: `deals`, `dependence` (`as_simulated` or
            `independent`), `figure` (`sd` or `shortfall`), `value`, `mc_error`, `groups`.
        """
        import pandas as pd

        rows = []
        for point in self.points:
            for name, (dependence, figure) in _CURVES.items():
                estimate = getattr(point, name)
                rows.append(
                    {
                        "deals": point.deals,
                        "dependence": dependence,
                        "figure": figure,
                        "value": estimate.value,
                        "mc_error": estimate.mc_error,
                        "groups": point.groups,
                    }
                )
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        """Return the table as text."""
        return f"{self._head()}\n{self.table().to_string(float_format='{:,.4f}'.format)}"

    def _repr_html_(self) -> str:
        table = self.table().to_html(border=0, float_format="{:,.4f}".format)
        return f"<b>{self._head()}</b>{table}"

    def _head(self) -> str:
        return (
            f"Risk per unit of money committed by number of deals, {self.draws:,} draws; sizes "
            f"with more than {SUBSETS} groups are sampled"
        )


_CURVES = {
    "sd": ("as_simulated", "sd"),
    "shortfall": ("as_simulated", "shortfall"),
    "independent_sd": ("independent", "sd"),
    "independent_shortfall": ("independent", "shortfall"),
}
"""The curves by the name each has in the table: dependence and figure."""
