"""Before and after: participants against themselves at a measurement before the service.

Whatever would have changed by itself is counted as effect: people come when things are worst, and
become better on average without any help (regression to the mean). That is the bias. Nobody sees
how large it is: it is known up to an error that is drawn once, for all cohorts and follow-ups, and
that no number of people takes away. The luck that participants had before is in the comparison;
where results before and after correlate, part of the luck after goes with it.

Assumptions: what changes by itself is the same at every follow-up, unless a share would leave
[0, 1] and is cut; the correlation is that of results as they are counted (two results of yes or no
with different shares correlate by less than 1); one measurement before.

Sources: Gardner and Heady 1973, "Some effects of within-person variability in epidemiological
studies", Journal of Chronic Diseases 26(12):781-795; Davis 1976, "The effect of regression to the
mean in epidemiologic and clinical studies", American Journal of Epidemiology 104(5):493-498.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

import numpy as np
from pydantic import BeforeValidator, Field
from scipy.special import log_ndtr

from sibsim.core.arrays import FloatArray
from sibsim.core.distributions import fault, shown
from sibsim.core.paths import OutcomePath
from sibsim.core.spec import Number, Positive
from sibsim.core.stages import Context, Measurement, Participation
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evaluation.base import (
    EvaluationDesign,
    Measurable,
    compared_with,
    design_effects,
    known_error,
    luck,
)
from sibsim.evaluation.panel import Numbers, Panel
from sibsim.evaluation.unseen_error import UnseenError

Side = Literal["below", "above"]
"""On which side of the cutoff people are selected."""

WHOLE = 1.0
"""All of the mean before is taken off the mean after."""


def _read(given: object) -> object:
    """Return the table that a plain number stands for: a mean that is known exactly."""
    if isinstance(given, int | float) and not isinstance(given, bool):
        return {"mean": given, "sd": 0.0}
    if isinstance(given, Mapping | UnseenError):
        return given
    message = (
        f"got {given!r}; what changes by itself is a number or a table {{mean, sd}}; write 0.1 "
        "where it is known exactly, or { mean = 0.1, sd = 0.05 }"
    )
    raise fault(message)


class BeforeAfter(EvaluationDesign):
    """Comparison of participants with themselves before."""

    design: Literal["before_after"]
    """Name of the design."""

    regression_to_the_mean: Annotated[UnseenError, BeforeValidator(_read)]
    """What participants' mean would have changed by itself since the measurement before, after less
    before, in the outcome's unit (0.1 is 10 percentage points of a share); counted as effect. A
    table `{mean, sd}`; a plain number is taken as known exactly, with an sd of 0."""

    correlation: Annotated[Number, Field(ge=0, lt=1)]
    """Correlation of a person's result before and after, in [0, 1)."""

    sd_before: Positive | None = None
    """Standard deviation of a person's result before, above 0, in the outcome's unit; of results
    that are numbers. For yes or no it follows from the share before."""

    @property
    def in_points(self) -> Mapping[str, float]:
        """Fields that are stated in the outcome's unit, by name."""
        change = self.regression_to_the_mean
        return {
            "regression_to_the_mean.mean": change.mean,
            "regression_to_the_mean.sd": change.sd,
        }

    def check_outcome(self, outcome: Measurable) -> Iterator[str]:
        """Yield a fault where the spread before or the change does not fit the outcome."""
        yield from super().check_outcome(outcome)
        if outcome.is_indicator and self.sd_before is not None:
            yield (
                f"got sd_before = {shown(self.sd_before)}; a result of its outcome is yes or no, "
                "whose spread follows from the share before; drop sd_before"
            )
        if not outcome.is_indicator and self.sd_before is None:
            yield (
                "got no sd_before; a result of its outcome is a number, and how much people differ "
                "before does not follow from the mean; give sd_before"
            )

    def remarks(self, path: OutcomePath) -> tuple[str, ...]:
        """Return whether nobody could have been as badly off before as the change says."""
        change = self.regression_to_the_mean.mean
        found = path.counterfactual - change
        if self.sd_before is not None or not np.any(found != np.clip(found, 0.0, 1.0)):
            return ()
        return (
            (
                f"regression_to_the_mean = {change:g} leads to a share before outside [0, 1], "
                "which is cut, so that less is counted as effect"
            ),
        )

    def measure(
        self, path: OutcomePath, *, participation: Participation, context: Context
    ) -> Measurement:
        """Return participants' results beside their own before."""
        del participation
        panel = self._panel(path)
        error = panel.error_before(luck(path), "before", context=context)
        unseen = self.regression_to_the_mean
        more = unseen.drawn("regression", context=context) - unseen.mean
        return compared_with(
            path,
            self._mean_before(path) + error - more,
            number=path.people[:, np.newaxis],
            precision=known_error(
                path, panel.variance(slope=WHOLE), luck_share=self.luck_share(path)
            ),
        )

    def standard_error(self, path: OutcomePath, *, participation: Participation) -> FloatArray:
        """Return sqrt((v1 + v0 - 2 rho s1 s0) design effect / n + sd^2), 1 after and 0 before.

        sd is that of what changes by itself.
        """
        del participation
        variance = self._panel(path).variance(slope=WHOLE) + self.regression_to_the_mean.sd**2
        return np.sqrt(np.where(path.people[:, np.newaxis] > 0, variance, 0.0))

    def bias(self, path: OutcomePath) -> FloatArray:
        """Return today's true counterfactual less the mean before: what changes on average."""
        return path.counterfactual - self._mean_before(path)

    def luck_share(self, path: OutcomePath) -> FloatArray:
        """Return 1 - rho s0 / s1: luck that lasts was there before too."""
        return WHOLE - self._panel(path).slope

    def words(self, *, compared: bool = True) -> Words:
        """Return how it is measured."""
        if not compared:
            return Words(da="opfølgning på deltagerne", en="following the participants")
        return Words(
            da="en sammenligning af deltagerne før og efter indsatsen, hvor det, der ville have "
            "ændret sig af sig selv, tælles med som effekt",
            en="following the participants from before the service to after it, what would have "
            "changed by itself being counted as effect",
        )

    def _mean_before(self, path: OutcomePath) -> FloatArray:
        """Return the expected mean before, (C, K, 1 or D); a share is cut to [0, 1]."""
        before = path.counterfactual - self.regression_to_the_mean.mean
        return np.clip(before, 0.0, 1.0) if self.sd_before is None else before

    def _panel(self, path: OutcomePath) -> Panel:
        before = self._mean_before(path)
        if self.sd_before is None:
            variance = before * (1.0 - before)
        else:
            variance = np.full_like(before, self.sd_before**2)
        return Panel(
            after=path.variance,
            before=variance,
            people=path.people[:, np.newaxis] / design_effects(path),
            correlation=self.correlation,
        )


def regression_to_the_mean(
    *, mean: Numbers, sd: Numbers, cutoff: Numbers, reliability: Numbers, side: Side
) -> FloatArray:
    """Return what the mean of people selected by a score changes by itself, in the score's unit.

    Below a cutoff c, z = (c - mean) / sd: (1 - reliability) sd phi(z) / Phi(z); above it:
    -(1 - reliability) sd phi(z) / Phi(-z). Scores are normal, and at the next measurement the part
    1 - reliability of a score's variance is drawn anew (Gardner and Heady 1973; Davis 1976).

    Parameters
    ----------
    mean, sd
        Mean and standard deviation of the score among all, sd above 0.
    cutoff
        Score below or above which people are selected.
    reliability
        Correlation of a person's scores at two measurements, in [0, 1]; arguments broadcast.
    side
        Whether those `below` or `above` the cutoff are selected.

    Raises
    ------
    ArgumentError
        If an argument is outside its range.
    """
    spread, alike = (np.asarray(each, dtype=np.float64) for each in (sd, reliability))
    if not np.all(spread > 0):
        message = f"got sd = {sd}; people's scores differ; give an sd above 0"
        raise ArgumentError(message)
    if not np.all((alike >= 0) & (alike <= 1)):
        message = f"got reliability = {reliability}; it is a share; give a number in [0, 1]"
        raise ArgumentError(message)
    if side not in {"below", "above"}:
        message = f"got side = {side!r}; people are selected on one side; give 'below' or 'above'"
        raise ArgumentError(message)
    sign = 1.0 if side == "below" else -1.0
    z = sign * (np.asarray(cutoff, dtype=np.float64) - np.asarray(mean)) / spread
    log_density = -0.5 * (z**2 + np.log(2.0 * np.pi))
    return np.asarray(sign * (1.0 - alike) * spread * np.exp(log_density - log_ndtr(z)))


Model = BeforeAfter
