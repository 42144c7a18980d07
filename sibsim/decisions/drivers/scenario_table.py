"""Low, base and high: the table of a Danish business case, and how likely its ends are.

A scenario is the base case (every quantity at its base value, no chance) with changes. Where nobody
says what low and high are, every uncertain quantity stands at the end, p10 or p90, at which one
named metric is lower, or higher, in the base case with only this quantity moved. That all of them
are at their worse end at once is rarer than one in ten: how rare is read off the simulation, as the
share of draws in which the metric is at or below its value in the scenario.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import Estimate
from sibsim.core.streams import Rng, seed_from
from sibsim.core.wording import Sentence
from sibsim.decisions.asking import check_all, check_draws, is_number
from sibsim.decisions.conditions import MEDIAN, Figure
from sibsim.decisions.drivers.asked import DRAWS, check_for, check_metrics
from sibsim.decisions.drivers.base_ends import low_base_high, of_base
from sibsim.decisions.drivers.ends import check_mapping, check_value, uncertain
from sibsim.decisions.repricing import metric_names
from sibsim.decisions.showing import Answer
from sibsim.decisions.worlds import Luck, metrics_of_run
from sibsim.errors import ArgumentError
from sibsim.figures import NO_MEAN, is_probability

if TYPE_CHECKING:
    import pandas as pd

METRICS = (
    "participants",
    "payments_total",
    "investor_irr",
    "investor_profit",
    "municipality_net",
    "public_net",
    "break_even_year",
)
"""Metrics of the table where none are asked for, those of them that the case has."""

LOW, BASE, HIGH = "low", "base", "high"
"""Names of the three scenarios."""

QUANTILES = {"p5": 0.05, "p50": MEDIAN, "p95": 0.95}
"""Quantiles of the simulation beside the scenarios."""

MEAN = "mean"
"""Mean of the simulation; rates, and dates that may never come, have none."""

ROUNDING = 1e-9
"""In proportion, or for rates outright: values closer than this are the same, such as rates of
return that a cap holds down to the same rate."""

EXAMPLE = "{'delivery.volume': 0.8}"
"""What the changes of a scenario look like."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """The base case with changes."""

    name: str
    """`low`, `base`, `high` or a name of one's own."""

    changes: Mapping[str, object]
    """What is otherwise, by path: values of uncertain quantities, or other changes of the case."""

    is_stated: bool
    """Whether the caller stated it; else every quantity is at the end chosen for the metric."""

    metrics: Mapping[str, float]
    """Metrics in it, NaN where undefined."""

    at_or_below: Estimate
    """Share of simulated draws in which the named metric is at or below its value here."""

    at_or_above: Estimate
    """Share of simulated draws in which it is at or above it."""


@dataclass(frozen=True, eq=False, repr=False)
class Scenarios(Answer):
    """Low, base, high and further scenarios, the simulation beside them."""

    case: Case
    """The case."""

    named: str
    """The metric for which low is worse and high better, and of which shares of draws are told."""

    draws: int
    """Number of draws (D)."""

    seed: int
    """Seed of the run."""

    scenarios: Mapping[str, Scenario]
    """By name: low, base, high, then further ones."""

    simulated: Mapping[str, Mapping[str, Estimate]]
    """By metric: `mean` where it has one, `p5`, `p50` and `p95` over draws."""

    unmoved: tuple[str, ...]
    """Uncertain quantities that do not move the named metric in the base case and stand at their
    base value in scenarios that nobody stated."""

    def table(self) -> pd.DataFrame:
        """Return one row per metric.

        Returns
        -------
        DataFrame
            Index `metric`. A column per scenario, of the base case with its changes, NaN where
            undefined; `mean`, `p5`, `p50`, `p95` over draws, each with `_mc_error`; `undefined`:
            share of draws that these leave out. An indicator has a mean only, its probability;
            rates and dates that may never come have none.
        """
        import pandas as pd

        rows = {}
        for metric, found in self.simulated.items():
            row = {name: each.metrics[metric] for name, each in self.scenarios.items()}
            for name in (MEAN, *QUANTILES):
                each = found.get(name, Estimate(np.nan, mc_error=np.nan, undefined=np.nan))
                row |= {name: each.value, f"{name}_mc_error": each.mc_error}
            row["undefined"] = next(iter(found.values())).undefined
            rows[metric] = row
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("metric")

    def chances(self) -> pd.DataFrame:
        """Return how likely the named metric is to be as low, or as high, as in each scenario.

        Returns
        -------
        DataFrame
            Index `scenario`; `value`: the metric; `at_or_below`, `at_or_above`: shares of draws,
            each with `_mc_error`.
        """
        import pandas as pd

        rows = {
            name: {
                "value": each.metrics[self.named],
                "at_or_below": each.at_or_below.value,
                "at_or_below_mc_error": each.at_or_below.mc_error,
                "at_or_above": each.at_or_above.value,
                "at_or_above_mc_error": each.at_or_above.mc_error,
            }
            for name, each in self.scenarios.items()
        }
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("scenario")

    def assumptions(self) -> pd.DataFrame:
        """Return what each scenario assumes: rows (scenario, path), column `value`."""
        import pandas as pd

        rows = {
            (name, path): {"value": value}
            for name, each in self.scenarios.items()
            for path, value in each.changes.items()
        }
        index = pd.MultiIndex.from_tuples(list(rows), names=["scenario", "path"])
        return pd.DataFrame({"value": [row["value"] for row in rows.values()]}, index=index)

    def frame(self) -> pd.DataFrame:
        """Return the table ready to be drawn.

        Returns
        -------
        DataFrame
            One row per number: `metric`; `kind`, `scenario` or `simulated`; `name`, of the scenario
            or of the figure over draws; `value`; `mc_error`, NaN of a scenario, which has no luck.
        """
        import pandas as pd

        rows = []
        for metric, found in self.simulated.items():
            for name, each in self.scenarios.items():
                rows.append((metric, "scenario", name, each.metrics[metric], np.nan))
            for name, figure in found.items():
                rows.append((metric, "simulated", name, figure.value, figure.mc_error))
        return pd.DataFrame(rows, columns=["metric", "kind", "name", "value", "mc_error"])

    def _said(self) -> Iterable[Sentence]:
        from sibsim.decisions.drivers.scenario_words import sentences

        return sentences(self)

    def _shown(self) -> pd.DataFrame:
        return self.table()[[*self.scenarios, MEAN, *QUANTILES]].map(
            lambda number: f"{number:,.6g}"
        )


def scenarios(
    case: Case,
    low: Mapping[str, object] | None = None,
    high: Mapping[str, object] | None = None,
    *,
    for_: str = "municipality_net",
    metrics: Sequence[str] | None = None,
    more: Mapping[str, Mapping[str, object]] | None = None,
    draws: int = DRAWS,
    rng: Rng = 0,
) -> Scenarios:
    """Return low, base and high in the base case, and beside them what the simulation says.

    Parameters
    ----------
    case
        The case.
    low, high
        What is otherwise, by path: a number that an uncertain quantity has, the plan unchanged, or
        any change that `case.with_` takes. None: every uncertain quantity at its p10 or p90,
        whichever makes `for_` lower (of low) or higher (of high).
    for_
        The metric that this is judged by, and of which shares of draws are told.
    metrics
        Metrics of the table; None: seven usual ones, those of them that the case has.
    more
        Further scenarios by name, each like `low`.
    draws, rng
        Size, at least 2, and seed of the run.

    Raises
    ------
    ArgumentError, UnknownNameError, CaseError
        If an argument is out of range, a metric is not known, a change is not accepted, or the case
        is not complete enough to be run.
    """
    stated = {LOW: low, HIGH: high}
    check_complete(case)
    check_all(
        lambda: check_draws(draws, rng),
        lambda: check_for(case, for_),
        lambda: check_metrics(case, metrics),
        lambda: _check_names(more),
        *(
            (lambda name=name, each=each: _split(case, name, each))
            for name, each in (*stated.items(), *_items(more))
            if each is not None
        ),
    )
    has = metric_names(case)
    listed = tuple(metrics) if metrics is not None else tuple(m for m in METRICS if m in has)
    wanted = tuple(dict.fromkeys((*listed, for_)))
    ends, unmoved = _ends(case, for_) if None in stated.values() else ({}, ())
    seed = seed_from(rng)
    run = metrics_of_run(case, wanted, draws=draws, luck=Luck.of(seed))
    parts = {LOW: low, BASE: {}, HIGH: high, **dict(_items(more))}
    found = {
        name: _scenario(
            case,
            name,
            changes=ends[name] if changes is None else changes,
            is_stated=changes is not None,
            metrics=wanted,
            named=(for_, run[for_]),
        )
        for name, changes in parts.items()
    }
    return Scenarios(
        case=case,
        named=for_,
        draws=draws,
        seed=seed,
        scenarios=found,
        simulated={metric: _simulated(metric, run[metric]) for metric in listed},
        unmoved=unmoved,
    )


def _items(more: object) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield further scenarios; none where they are faulty, which is said elsewhere."""
    if isinstance(more, Mapping):
        yield from more.items()


def _check_names(more: object) -> None:
    """Refuse names of further scenarios that stand for something else in the table."""
    if more is None:
        return
    check_mapping(more, name="more", example=f"{{'recession': {EXAMPLE}}}")
    taken = {LOW, BASE, HIGH, MEAN, *QUANTILES, "undefined"}
    for name, _ in _items(more):
        if name in taken:
            message = f"more: got {name!r}, which the table has already; give it another name"
            raise ArgumentError(message)


def _split(case: Case, name: str, changes: Mapping[str, object]) -> tuple[Case, dict[str, float]]:
    """Return the case with the changes of a scenario, and the values of uncertain quantities."""
    check_mapping(changes, name=name, example=EXAMPLE)
    known = uncertain(case)
    instead = {}
    for path, value in changes.items():
        if path in known and isinstance(value, int | float) and is_number(value):
            check_value(case, path, value=value)
            instead[path] = float(value)
    rest = {path: value for path, value in changes.items() if path not in instead}
    return (case.with_(rest) if rest else case), instead


def _ends(case: Case, metric: str) -> tuple[dict[str, dict[str, float]], tuple[str, ...]]:
    """Return every quantity at the end that is worse, and better, for a metric; and the others."""
    worse: dict[str, float] = {}
    better: dict[str, float] = {}
    unmoved = []
    for path, low, _, high, at_low, at_high in low_base_high(case, metric).rows:
        if at_low < at_high:
            worse[path], better[path] = low, high
        elif at_low > at_high:
            worse[path], better[path] = high, low
        else:
            unmoved.append(path)
    return {LOW: worse, HIGH: better}, tuple(unmoved)


def _scenario(
    case: Case,
    name: str,
    *,
    changes: Mapping[str, object],
    is_stated: bool,
    metrics: tuple[str, ...],
    named: tuple[str, FloatArray],
) -> Scenario:
    other, instead = _split(case, name, changes) if changes else (case, {})
    found = of_base(other, metrics, instead=instead)
    metric, drawn = named
    slack = ROUNDING * max(abs(found[metric]), 1.0)
    below = Figure("probability", metric, at=found[metric] + slack, event="<=")
    above = Figure("probability", metric, at=found[metric] - slack, event=">=")
    return Scenario(
        name=name,
        changes=dict(changes),
        is_stated=is_stated,
        metrics=found,
        at_or_below=_share(below, drawn),
        at_or_above=_share(above, drawn),
    )


def _share(of: Figure, drawn: FloatArray) -> Estimate:
    """Return the share of draws with an event; NaN where the scenario has no value."""
    if np.isnan(of.at):
        return Estimate(np.nan, mc_error=np.nan, undefined=np.nan)
    return of.of(drawn)


def _simulated(metric: str, values: FloatArray) -> dict[str, Estimate]:
    found = {}
    if not metric.endswith(NO_MEAN):
        found[MEAN] = Figure("mean", metric).of(values)
    if not is_probability(metric):
        found |= {
            name: Figure("quantile", metric, at=at).of(values) for name, at in QUANTILES.items()
        }
    return found
