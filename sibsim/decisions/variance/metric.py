"""The metric whose variance is shared out, or an event, whose indicator varies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.amounts import in_both
from sibsim.core.arrays import FloatArray
from sibsim.core.streams import Layer, LayerName, Rng
from sibsim.core.validation import shown
from sibsim.core.words import Words
from sibsim.decisions.asking import Faults, check_draws
from sibsim.decisions.conditions import Figure, figure, known
from sibsim.errors import ArgumentError
from sibsim.figures import NEVER, NO_MEAN, is_probability
from sibsim.metric_words import metric_words, value_words
from sibsim.simulate import base_case

LEAST_DRAWS = 512
"""With fewer draws the error of a share, about 1 / sqrt(draws), passes 4 points."""

SAME = 1e-9
"""Values this close in proportion are the same but for the rounding of sums."""

ANEW = "variance/anew"
"""Stream that gives the seed with which luck is drawn anew."""

SEED_BITS = 32
"""Bits of a word of which a seed is made."""


@dataclass(frozen=True, slots=True)
class Varying:
    """A metric, or whether an event happens."""

    figure: Figure
    """The mean of a metric, which stands for the metric, or the probability of an event."""

    @property
    def metric(self) -> str:
        """Name of the metric that is read."""
        return self.figure.metric

    @property
    def is_event(self) -> bool:
        """Whether it is 1 where something happens and 0 where it does not."""
        return self.figure.kind == "probability" or is_probability(self.metric)

    def of(self, values: FloatArray) -> FloatArray:
        """Return what varies, one number a draw, shape as the metric's.

        Parameters
        ----------
        values
            The metric, NaN where it is undefined; a date that never comes about ranks last.

        Raises
        ------
        ArgumentError
            If it is undefined in a draw.
        """
        if self.metric.endswith(NEVER):
            values = np.where(np.isnan(values), np.inf, values)
        undefined = int(np.isnan(values).sum())
        if undefined:
            message = (
                f"got {self}, which is undefined in {undefined:,} of {values.size:,} draws; the "
                "variance of what is undefined cannot be shared out; take a metric that every "
                "draw has, such as investor_profit or municipality_net, or an event of one, such "
                "as 'P(investor_profit < 0)'"
            )
            raise ArgumentError(message)
        if self.figure.kind == "probability":
            return self.figure.happens(values)
        return values

    def check_varies(self, values: FloatArray) -> None:
        """Refuse what is the same in every draw.

        Parameters
        ----------
        values
            What varies, of any shape.

        Raises
        ------
        ArgumentError
            If it does not.
        """
        if np.ptp(values) > SAME * np.abs(values).max():
            return
        way = "state what is uncertain in the case, or take a metric that varies"
        if self.is_event:
            way = "take more draws, or the metric itself"
        message = (
            f"got {self}, which is {values.flat[0]:,.10g} in every draw; there is no variance to "
            f"share out; {way}"
        )
        raise ArgumentError(message)

    def words(self, *, currency: str) -> Words:
        """Return what varies in words: `the municipality's net`, `the event that ...`."""
        if not self.is_event:
            return metric_words(self.metric)
        event = self.figure.kind == "probability"
        chance = self.figure.words(currency=currency) if event else metric_words(self.metric)
        english = (chance.en or "").replace("the chance that", "the event that")
        return Words(
            da=(chance.da or "").replace("sandsynligheden for at", "hændelsen at"),
            en=english.replace("the probability that", "the event that"),
        )

    def deviation_words(self, deviation: float, *, currency: str) -> Words:
        """Return a standard deviation in words, in the unit of the metric."""
        if self.is_event:
            return in_both(f"{deviation:.2f}")
        return value_words(deviation, metric=self.metric, currency=currency)

    def __str__(self) -> str:
        """Return the metric or the event as it is written."""
        return str(self.figure) if self.figure.kind == "probability" else self.metric


def varying(text: object, *, metrics: Collection[str]) -> Varying:
    """Return what a text names: a metric, or `P(METRIC < NUMBER)`.

    Parameters
    ----------
    text
        The text; `mean METRIC` stands for the metric.
    metrics
        Names of the metrics that there are.

    Raises
    ------
    ArgumentError
        If it is one number of a whole run, such as a median, or a metric that has no mean.
    UnknownNameError
        If there is no such metric; the error names the nearest.
    """
    name = text.strip().removeprefix("mean ").strip() if isinstance(text, str) else ""
    is_name = name.replace(".", "_").isidentifier()
    wanted = Figure("mean", name) if is_name else figure(cast("str", text))
    known(wanted, metrics=metrics)
    metric = wanted.metric
    if wanted.kind not in ("mean", "probability"):
        message = (
            f"got {shown(text)}, one number of a whole run, which does not vary from draw to draw; "
            f"write the metric, {metric!r}, or an event, 'P({metric} < NUMBER)'"
        )
        raise ArgumentError(message)
    if wanted.kind == "mean" and metric.endswith(NO_MEAN):
        message = (
            f"got {shown(text)}; rates, and dates that may never come, have no mean and so no "
            f"variance; take investor_profit, or an event, 'P({metric} < NUMBER)'"
        )
        raise ArgumentError(message)
    return Varying(wanted)


def checked(case: Case, metric: object, *, draws: int, rng: Rng) -> Varying:
    """Return what varies; refuse all arguments that are out of range, before the first draw.

    Parameters
    ----------
    case
        The case.
    metric
        A metric or an event, as in `varying`.
    draws, rng
        Number of draws, at least 512, and what the runs are seeded with.

    Raises
    ------
    ArgumentError
        If an argument is out of range or the case is not complete enough to be run.
    UnknownNameError
        If the metric is the only fault, and not known.
    """
    check_complete(case)
    faults = Faults()
    reason = "shares of a variance have an error of about 1 / sqrt(draws)"
    faults.of(partial(check_draws, draws, rng, least=LEAST_DRAWS, reason=reason))
    found = faults.of(partial(varying, metric, metrics=base_case(case).metrics))
    faults.refuse()
    assert found is not None  # noqa: S101 - else it was refused
    return found


def anew(seed: int) -> int:
    """Return the seed with which a run of this seed has its luck drawn anew."""
    low, high = Layer(LayerName.PARAMETERS, seed=seed).words(ANEW, rows=1)[0, :2]
    return int(high) << SEED_BITS | int(low)
