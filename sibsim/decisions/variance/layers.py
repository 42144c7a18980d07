"""How much of a variance comes from parameters, from chance and from measurement.

What belongs to which layer: *parameters* are all that is not known of the truth, random walks of
what would happen anyway included; *chance* is the luck of people who are treated, and who comes and
stays; *measurement* is what the evaluator adds, luck of controls and errors of instruments
included. Between-people quantities are integrated out and belong to none.

Crossed runs: each layer as it was or with another seed, 8 runs of every draw (`estimators`). The
streams of luck have names, so a layer that keeps its seed has the same luck to the bit in all runs.

The first-order share of the parameters, and the totals of chance and measurement taken together, do
not depend on how luck is written down. How the rest is split into chance alone and interplay does:
a person's luck is here one number u, the person succeeding if u < p, so that the same people are
ahead of the others at every p. Outcomes drawn as numbers of people keep no such luck.

Switching a layer off is no decomposition: with chance off every draw gives its expectation, but a
contract is not linear, and f(E[X]) is not E[f(X)] at caps, thresholds and waterfalls, so that what
falls away is not what chance brings; nor do the parts found that way add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.core.streams import LayerName, Rng, seed_from
from sibsim.core.wording import Sentence
from sibsim.decisions.showing import Answer
from sibsim.decisions.variance.estimators import Part, Share, crossed
from sibsim.decisions.variance.metric import Varying, anew, checked
from sibsim.decisions.variance.tables import long, wide
from sibsim.decisions.worlds import Luck, metrics_of_run

if TYPE_CHECKING:
    import pandas as pd

DRAWS = 10_000
"""Draws of each of the eight runs: errors of shares about half a point."""

INTERACTION = "interaction"
"""Row of what layers bring only together."""


@dataclass(frozen=True, eq=False, repr=False)
class LayerShares(Answer):
    """How much of a metric's variance comes from which layer of uncertainty."""

    case: Case
    """The case."""

    varying: Varying
    """What varies: a metric or an event."""

    draws: int
    """Number of draws (D) of each of the eight runs."""

    seed: int
    """Seed of the run that is varied."""

    layers: Mapping[str, Part]
    """What `parameters`, `chance` and `measurement` bring."""

    interaction: Share
    """What they bring only together."""

    deviation: float
    """Standard deviation of the metric over draws, in its unit."""

    deviation_mc_error: float
    """Its Monte Carlo standard error."""

    def table(self) -> pd.DataFrame:
        """Return the shares of the layers.

        Returns
        -------
        DataFrame
            Rows `layer`: parameters, chance, measurement and interaction, whose `first` sum to 1.
            `first`: share of the variance that the layer brings alone; of `interaction`, what is
            left. `total`: what it brings alone and with others. Monte Carlo standard errors beside
            them. `told_from_zero`: whether `first` is more than two of them from zero; a share
            below zero is noise, which is not clipped.
        """
        together = Part(self.interaction, Share(np.nan, np.nan))
        return wide({**self.layers, INTERACTION: together}, index="layer")

    def frame(self) -> pd.DataFrame:
        """Return the shares, one a row, ready to be drawn.

        Returns
        -------
        DataFrame
            Columns `layer`, `order` (first or total), `share`, `mc_error`.
        """
        return long(self.table())

    def _said(self) -> Iterable[Sentence]:
        from sibsim.decisions.variance.words import layer_sentences

        return layer_sentences(self)

    def _shown(self) -> pd.DataFrame:
        return self.table().map(lambda each: each if isinstance(each, bool) else f"{each:.3g}")


def variance_by_layer(
    case: Case, metric: str = "municipality_net", *, draws: int = DRAWS, rng: Rng = 0
) -> LayerShares:
    """Return how much of a metric's variance comes from parameters, chance and measurement.

    By pick-freeze: S_u = Cov(Y, Y') / Var(Y), Y and Y' runs with the luck of layer u in common and
    the other layers redrawn; T_u = 1 - Cov(Y, Y') / Var(Y) with all but u in common. Eight runs,
    the first of which is `case.simulate(rng=rng)`. For single quantities: `sobol_indices`.

    Parameters
    ----------
    case
        The case.
    metric
        Name of a metric that every draw has, or an event of one: `P(municipality_net < 0)`, whose
        indicator varies.
    draws
        Number of draws (D) of each run, at least 512.
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
    values = np.empty((2, 2, 2, draws))
    for redrawn in product((0, 1), repeat=len(LayerName)):
        parameters, chance, measurement = (other if each else seed for each in redrawn)
        luck = Luck(parameters, chance, measurement)
        run = metrics_of_run(case, [what.metric], draws=draws, luck=luck)
        values[redrawn] = what.of(run[what.metric])
    what.check_varies(values)
    found = crossed(values)
    deviation = float(np.sqrt(found.variance.value))
    return LayerShares(
        case=case,
        varying=what,
        draws=draws,
        seed=seed,
        layers=dict(zip((name.name.lower() for name in LayerName), found.parts, strict=True)),
        interaction=found.interaction,
        deviation=deviation,
        deviation_mc_error=found.variance.mc_error / (2.0 * deviation),
    )
