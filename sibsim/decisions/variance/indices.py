"""How much of a variance comes from each quantity that is uncertain: Sobol indices.

Factors are whatever is uncertain independently of everything else: quantities, those correlated or
columns of one table together; random walks; and chance and measurement as one factor each. Runs A
and B have no luck in common; for each factor, A is told again with the factor's luck from B, only
as far as the factor reaches. Estimators and errors are SALib's (`estimators.one_at_a_time`).

Sources: Sobol' 2001, "Global sensitivity indices for nonlinear mathematical models and their Monte
Carlo estimates", Mathematics and Computers in Simulation 55(1-3):271-280; Homma and Saltelli 1996,
"Importance measures in global sensitivity analysis of nonlinear models", Reliability Engineering
and System Safety 52(1):1-17, for the total index; Herman and Usher 2017, "SALib: an open-source
Python library for sensitivity analysis", Journal of Open Source Software 2(9):97.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.progress import watched
from sibsim.core.streams import LayerName, Rng, seed_from
from sibsim.core.wording import Sentence
from sibsim.decisions.showing import Answer
from sibsim.decisions.variance.estimators import Part, Share, one_at_a_time
from sibsim.decisions.variance.metric import Varying, anew, checked
from sibsim.decisions.variance.tables import long, wide
from sibsim.decisions.worlds import Luck, factors_of, metrics_of_run, worlds_of

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 4_096
"""Draws of each run, one block: errors of indices of up to two points in the Holbæk case."""

CHANCE, MEASUREMENT = (name.name.lower() for name in (LayerName.CHANCE, LayerName.MEASUREMENT))
"""Factors that are no quantities."""


@dataclass(frozen=True, eq=False, repr=False)
class SobolIndices(Answer):
    """How much of a metric's variance comes from each factor."""

    case: Case
    """The case."""

    varying: Varying
    """What varies: a metric or an event."""

    draws: int
    """Number of draws (D) of each run."""

    seed: int
    """Seed of run A."""

    factors: Mapping[str, Part]
    """What each factor brings, the largest total first: by path, several paths joined by ` + `;
    `drifts.<name>`; `chance`; `measurement`."""

    paths: Mapping[str, tuple[str, ...]]
    """Paths of the factors that are quantities or drifts."""

    sum_of_first: Share
    """Sum of all first-order indices: 1 less what factors bring only together."""

    def table(self) -> pd.DataFrame:
        """Return the indices of the factors, the largest total first.

        Returns
        -------
        DataFrame
            Rows `factor`. `first`: share of the variance that the factor brings alone, what would
            fall away on average if it became known. `total`: what it brings alone and with others,
            what would be left if all others became known. Monte Carlo standard errors beside them.
            `told_from_zero`: whether `first` is more than two of them from zero; an index below
            zero is noise, which is not clipped.
        """
        return wide(self.factors, index="factor")

    def frame(self) -> pd.DataFrame:
        """Return the indices, one a row, ready to be drawn.

        Returns
        -------
        DataFrame
            Columns `factor`, `order` (first or total), `share`, `mc_error`.
        """
        return long(self.table())

    def _said(self) -> Iterable[Sentence]:
        from sibsim.decisions.variance.words import index_sentences

        return index_sentences(self)

    def _shown(self) -> pd.DataFrame:
        return self.table().map(lambda each: each if isinstance(each, bool) else f"{each:.3g}")


def sobol_indices(
    case: Case, metric: str = "municipality_net", *, draws: int = DRAWS, rng: Rng = 0
) -> SobolIndices:
    """Return how much of a metric's variance comes from each factor, alone and with others.

    S_i = Var(E[Y | X_i]) / Var(Y) and T_i = E[Var(Y | all but X_i)] / Var(Y). Run A is
    `case.simulate(rng=rng)`. For the three layers only, with smaller errors: `variance_by_layer`.

    Parameters
    ----------
    case
        The case.
    metric
        Name of a metric that every draw has, or an event of one: `P(municipality_net < 0)`, whose
        indicator varies.
    draws
        Number of draws (D) of each run, at least 512; memory grows as 100 times as many numbers.
    rng
        Seed, a generator to take one from, or None for a fresh one.

    Raises
    ------
    ArgumentError
        If an argument is out of range, the metric is undefined in a draw or does not vary, or the
        case is not complete enough to be run.
    UnknownNameError
        If there is no such metric.
    """
    what = checked(case, metric, draws=draws, rng=rng)
    seed = seed_from(rng)
    other = anew(seed)
    names = [what.metric]

    def told(luck: Luck) -> FloatArray:
        return what.of(metrics_of_run(case, names, draws=draws, luck=luck)[what.metric])

    worlds = worlds_of(case, draws=draws, luck=Luck.of(seed))
    run = what.of(worlds.metrics(names)[what.metric])
    what.check_varies(run)
    factors = factors_of(case)
    mixed = {}
    one_by_one = watched(factors.items(), total=len(factors), what="exchanging factors")
    for name, (streams, paths) in one_by_one:
        luck = Luck(seed, seed, seed, dict.fromkeys(streams, other))
        found = worlds.otherwise(names, touched=paths, luck=luck)
        mixed[name] = what.of(found[what.metric])
    mixed[CHANCE] = told(Luck(seed, other, seed))
    mixed[MEASUREMENT] = told(Luck(seed, seed, other))
    parts, total = one_at_a_time(run, told(Luck.of(other)), mixed=mixed)
    order = sorted(parts, key=lambda name: -parts[name].total.value)
    return SobolIndices(
        case=case,
        varying=what,
        draws=draws,
        seed=seed,
        factors={name: parts[name] for name in order},
        paths={name: paths for name, (_, paths) in factors.items()},
        sum_of_first=total,
    )
