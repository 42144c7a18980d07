"""From the plan to the re-forecast, cause by cause: a variance analysis by sequential substitution.

As in management accounting (afvigelsesanalyse), plan and outcome are set apart by putting in what
came for what was planned, one cause after the other; no statistical variance is decomposed. Each
step is the change of a metric when what has happened of one more cause is taken in: the facts
of that cause stand and the parameters of that cause are those after learning. All runs have the
same seed, so that steps are differences on the same luck, and they sum to the whole. A metric that
has a mean is followed by its mean, a rate by its median.

The parameters after learning were learned from everything at once: a step shows what the parameters
of its cause contribute, whichever report told of them. What a step comes to depends on which steps
were taken before it; the order here is that of a contract: who comes, who stays, who succeeds,
when, and what is paid for it. Between the first step and the last only some columns of the joint
rows are in, beside draws of the plan for the others, so that the dependence of the posterior is
broken there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.facts import Facts
from sibsim.core.statistics import mc_error_of_mean, mc_error_of_quantile
from sibsim.core.wording import Language, language
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.figures import NEVER, NO_MEAN, is_probability
from sibsim.forecast.learning_error import with_error_of_rows
from sibsim.results import Results
from sibsim.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd

Cause = Literal["volume", "take_up", "success", "delay", "price"]
"""Why the re-forecast differs from the plan, in the order of the steps."""

CAUSES: tuple[Cause, ...] = get_args(Cause)
"""The causes in order."""

QUANTITIES: Mapping[str, Cause] = {
    "delivery.take_up": "take_up",
    "delivery.completion": "take_up",
    "delivery.start_delay": "delay",
    "delivery.finish_delay": "delay",
    "delivery": "volume",
}
"""Cause of a quantity by the beginning of its path; all others are of success."""

PLAN, NOW = "plan", "re-forecast"
"""Rows of a table beside the causes."""

ROWS: Mapping[str, Words] = {
    PLAN: Words(da="plan", en=PLAN),
    "volume": Words(da="antal borgere", en="volume"),
    "take_up": Words(da="opstart og gennemførelse", en="take_up"),
    "success": Words(da="resultater", en="success"),
    "delay": Words(da="forsinkelse", en="delay"),
    "price": Words(da="betalingsafvigelse", en="payment difference"),
    NOW: Words(da="ny prognose", en=NOW),
}
"""What the rows of a table are called: `price` is what was paid apart from what is due."""

MEDIAN = 0.5
"""Level of the quantile that rates are followed by."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a bridge."""

    cause: Cause
    """What is taken in."""

    change: float
    """Change of the metric, in its unit."""

    mc_error: float
    """Standard error of the change, on the same luck: Monte Carlo error and learning error."""


@dataclass(frozen=True)
class Bridge:
    """A metric from the plan to the re-forecast, in steps by cause."""

    case: Case
    """The plan."""

    metric: str
    """Name of the metric."""

    draws: int
    """Draws of each run."""

    seed: int
    """Seed of every run."""

    plan: float
    """Mean of the metric in the plan, or its median if it is a rate."""

    now: float
    """The same in the re-forecast."""

    steps: tuple[Step, ...]
    """The steps in order; they sum to what the re-forecast differs by."""

    @property
    def is_median(self) -> bool:
        """Whether the metric is a rate, followed by its median."""
        return self.metric.endswith(NO_MEAN)

    @property
    def is_rate(self) -> bool:
        """Whether the metric is a rate or a probability, whose changes are percentage points."""
        return self.is_median or is_probability(self.metric)

    def table(self, lang: Language = "en") -> pd.DataFrame:
        """Return the steps.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English), of the rows.

        Returns
        -------
        DataFrame
            Rows `plan`, each cause in order (`price` is called `payment difference`),
            `re-forecast`. `change`: of the metric in its unit; `mc_error` of it: the Monte Carlo
            error on the same luck and the learning error of the rows, at most sd / sqrt(n), in
            quadrature; `level`: the metric after the step.
        """
        import pandas as pd

        lang = language(lang)
        rows = [(PLAN, np.nan, np.nan, self.plan)]
        level = self.plan
        for step in self.steps:
            level += step.change
            rows.append((step.cause, step.change, step.mc_error, level))
        rows.append((NOW, self.now - self.plan, np.nan, self.now))
        named = [(ROWS[name].in_language(lang), *figures) for name, *figures in rows]
        frame = pd.DataFrame(named, columns=["step", "change", "mc_error", "level"])
        return frame.set_index("step")

    def sentence(self, lang: Language = "en") -> str:
        """Return the bridge in one sentence, in `da` or `en`."""
        from sibsim.forecast.forecast_words import bridge_sentence

        return bridge_sentence(self).say(language(lang))

    def __repr__(self) -> str:
        """Return the steps as text."""
        return f"{self.metric} by cause\n{self.table().to_string(float_format='{:,.4g}'.format)}"

    def _repr_html_(self) -> str:
        return f"<b>{self.metric} by cause</b>{self.table().to_html(border=0)}"


def ladder(plan: Case, facts: Facts, *, draws: int, seed: int) -> tuple[Results, ...]:
    """Return a run of the plan, and one after each cause; the same run where nothing is added.

    Parameters
    ----------
    plan
        The case before anything had happened.
    facts
        What has happened, with the joint rows of what was learned.
    draws, seed
        Size and seed of every run.
    """

    def run(known: Facts | None) -> Results:
        return simulate(plan, draws=draws, rng=seed, keep="metrics", progress=False, facts=known)

    runs = [run(None)]
    before = _content(Facts.nothing(len(facts.started)))
    for cause in CAUSES:
        known = up_to(facts, cause)
        content = _content(known)
        runs.append(runs[-1] if content == before else run(known))
        before = content
    return tuple(runs)


def bridge(runs: Sequence[Results], *, metric: str, independent: float) -> Bridge:
    """Return a metric from the plan to the re-forecast in steps by cause.

    Parameters
    ----------
    runs
        A run of the plan and one after each cause, on the same seed, as `ladder` gives them.
    metric
        Name of the metric.
    independent
        Independent draws that the rows of what was learned are worth; infinity: there are none.

    Raises
    ------
    UnknownNameError, ArgumentError
        If there is no such metric, it may never come about, or it is not defined in any draw.
    """
    if metric.endswith(NEVER):
        message = (
            f"metric: got {metric!r}, which may never come about, so that differences of it do not "
            "sum; take one that always has a value, such as 'investor_profit'"
        )
        raise ArgumentError(message)
    values = [run.metric(metric) for run in runs]
    levels = [_center(each, metric=metric) for each in values]
    steps = tuple(
        Step(
            cause,
            change=levels[i + 1] - levels[i],
            mc_error=0.0
            if runs[i] is runs[i + 1]
            else _error(
                values[i],
                values[i + 1],
                metric=metric,
                independent=independent if _has_rows(runs[i + 1].facts) else np.inf,
            ),
        )
        for i, cause in enumerate(CAUSES)
    )
    first = runs[0]
    assert first.seed is not None  # noqa: S101 - a simulated run has one
    return Bridge(first.case, metric, first.draws, first.seed, levels[0], levels[-1], steps)


def cause_of(path: str) -> Cause:
    """Return the cause that a quantity belongs to."""
    found = (cause for start, cause in QUANTITIES.items() if f"{path}.".startswith(f"{start}."))
    return next(found, "success")


def up_to(facts: Facts, cause: Cause) -> Facts:
    """Return what has happened of a cause and of those before it.

    Where it is not known how many were referred, those who started tell how many came.
    """
    taken = CAUSES[: CAUSES.index(cause) + 1]
    unknown = np.full_like(facts.started, np.nan)
    arrived = np.where(np.isnan(facts.referred), facts.started, np.nan)
    return Facts(
        start=facts.start if "delay" in taken else unknown,
        referred=facts.referred,
        started=facts.started if "take_up" in taken else arrived,
        completed=facts.completed if "take_up" in taken else unknown,
        reports=facts.reports if "success" in taken else {},
        paid=facts.paid if "price" in taken else {},
        table=facts.table,
        rows={path: each for path, each in facts.rows.items() if cause_of(path) in taken},
        walks=facts.walks if "success" in taken else {},
    )


def _content(facts: Facts) -> tuple[object, ...]:
    """Return what tells whether one set of facts holds more than another."""
    counts = (facts.start, facts.referred, facts.started, facts.completed)
    known = tuple(int((~np.isnan(each)).sum()) for each in counts)
    return (*known, *facts.reports, *facts.paid, *facts.rows, *facts.walks)


def _has_rows(facts: Facts | None) -> bool:
    """Return whether a run took rows of what was learned."""
    return facts is not None and bool(facts.rows or facts.walks)


def _center(values: FloatArray, *, metric: str) -> float:
    """Return the mean of a metric, or the median of a rate, over the draws where it is defined."""
    defined = values[~np.isnan(values)]
    if not defined.size:
        message = f"metric: got {metric!r}, which is not defined in any draw; take another one"
        raise ArgumentError(message)
    return float(np.median(defined) if metric.endswith(NO_MEAN) else defined.mean())


def _error(before: FloatArray, after: FloatArray, *, metric: str, independent: float) -> float:
    """Return the standard error of the change between two runs on the same luck.

    Both runs take the same rows where they take any, so that the learning error is that of the mean
    of the change.

    Parameters
    ----------
    before, after
        Metric of two runs, NaN where undefined, (D,) each.
    metric
        Its name.
    independent
        Independent draws that the rows are worth; infinity: the runs take none.
    """
    both = int((~np.isnan(before) & ~np.isnan(after)).sum())
    error = _mc_error(before, after, metric=metric)
    return with_error_of_rows(error, draws=both, independent=independent)


def _mc_error(before: FloatArray, after: FloatArray, *, metric: str) -> float:
    """Return the Monte Carlo standard error of the change between two runs on the same luck.

    Means: that of the mean difference. Medians: the influence of a draw on a median is
    sign(x - median) times its standard error, so that e^2 = e_x^2 + e_y^2 - 2 rho e_x e_y, rho the
    correlation of the signs.
    """
    both = ~np.isnan(before) & ~np.isnan(after)
    if not metric.endswith(NO_MEAN):
        return mc_error_of_mean(np.where(both, after - before, np.nan))
    errors = [mc_error_of_quantile(each, probability=MEDIAN) for each in (before, after)]
    signs = [np.sign(each[both] - np.median(each[both])) for each in (before, after)]
    together = float((signs[0] * signs[1]).mean()) if both.any() else 0.0
    square = errors[0] ** 2 + errors[1] ** 2 - 2.0 * together * errors[0] * errors[1]
    return float(np.sqrt(max(square, 0.0)))
