"""Figures and conditions in the words in which analysts state them.

A *figure* is what is looked at of a metric over all draws: `mean municipality_net`,
`median investor_irr`, `p5 investor_profit`, `shortfall investor_profit`, `P(municipality_net < 0)`.
A *condition* is a figure with a limit: `median investor_irr >= 4 %`,
`P(municipality_net < 0) <= 0.25`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.spec import nearest
from sibsim.core.statistics import (
    Estimate,
    expected_shortfall,
    mc_error_of_mean,
    mc_error_of_probability,
    mc_error_of_quantile,
    undefined_share,
)
from sibsim.core.validation import shown
from sibsim.core.words import Words
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.figures import NEVER, NO_MEAN, is_probability
from sibsim.metric_words import metric_words, value_words

Kind = Literal["mean", "quantile", "shortfall", "probability"]
"""What is looked at of a metric."""

Event = Literal["<", "<=", ">", ">="]
"""How an event compares a metric with a number."""

Direction = Literal[">=", "<="]
"""Whether a condition wants at least or at most."""

_WHOLE = r"(?:[1-9][0-9]{{0,2}}(?:,[0-9]{{3}})+|[0-9][0-9_]*)"
_NUMBER = rf"(?P<{{name}}>[-+]?{_WHOLE}(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?)\s*(?P<{{name}}_percent>%?)"
_OTHER_COMMA = re.compile(r"[0-9],[0-9]|[0-9]\.[0-9]{3}[.,][0-9]")
_METRIC = r"(?P<metric>[A-Za-z_][\w.]*)"
_FIGURE = rf"(?:(?P<kind>mean|median|shortfall|p[0-9]{{1,2}})\s+)?{_METRIC}"
_EVENT = (
    rf"P\(\s*(?P<metric>[A-Za-z_][\w.]*)\s*(?P<event><=|>=|<|>)\s*{_NUMBER.format(name='at')}\s*\)"
)
_LIMIT = rf"\s*(?P<direction><=|>=)\s*{_NUMBER.format(name='limit')}"

_FORMS = "'mean METRIC', 'median METRIC', 'p5 METRIC', 'shortfall METRIC' or 'P(METRIC < NUMBER)'"

_POINT = "; the decimal sign is a point, as in 4.5 %, and a comma parts thousands, as in 1,000,000"
"""Said where a number has a comma, or points, that can be read in two ways."""

PER_CENT = 100.0
"""What a number with a per cent sign is divided by."""

RATE = "irr"
"""End of the metrics that are rates of return."""

MEDIAN = 0.5
"""Probability of the median."""


@dataclass(frozen=True, slots=True)
class Figure:
    """What is looked at of a metric over all draws."""

    kind: Kind
    """`mean`, `quantile`, `shortfall` (mean loss in the worst twentieth) or `probability`."""

    metric: str
    """Name of the metric."""

    at: float = 0.0
    """Probability of a quantile; the number that an event compares with."""

    event: Event = "<"
    """How the event of a probability compares the metric with `at`."""

    @property
    def is_share(self) -> bool:
        """Return whether the figure lies from 0 to 1 whatever happens."""
        if self.kind == "shortfall":
            return False
        return self.kind == "probability" or is_probability(self.metric)

    def of(self, values: FloatArray) -> Estimate:
        """Return the figure with its Monte Carlo error.

        Over the draws in which the metric is defined; a date that never comes about ranks last.

        Parameters
        ----------
        values
            The metric, NaN where it is undefined, (D,).
        """
        may_never_come = self.metric.endswith(NEVER)
        ranked = np.where(np.isnan(values), np.inf, values) if may_never_come else values
        defined = ranked[~np.isnan(ranked)]
        undefined = undefined_share(ranked)
        if not defined.size:
            return Estimate(np.nan, mc_error=np.nan, undefined=undefined)
        if self.kind == "shortfall":
            return expected_shortfall(ranked)
        if self.kind == "quantile":
            if may_never_come:
                value = float(np.quantile(defined, self.at, method="inverted_cdf"))
            else:
                value = float(np.quantile(defined, self.at))
            error = mc_error_of_quantile(values, probability=self.at)
            return Estimate(value, mc_error=error, undefined=undefined)
        if self.kind == "probability":
            happens = np.where(np.isnan(ranked), np.nan, self.happens(ranked))
            error = mc_error_of_probability(happens)
            return Estimate(float(np.nanmean(happens)), mc_error=error, undefined=undefined)
        error_of = mc_error_of_probability if is_probability(self.metric) else mc_error_of_mean
        error = error_of(values)
        return Estimate(float(defined.mean()), mc_error=error, undefined=undefined)

    def happens(self, values: FloatArray) -> FloatArray:
        """Return whether the event of a probability happens, 1 or 0, in the shape of `values`."""
        compare = {"<": np.less, "<=": np.less_equal, ">": np.greater, ">=": np.greater_equal}
        return np.asarray(compare[self.event](values, self.at), dtype=np.float64)

    def __str__(self) -> str:
        """Return the figure as it is written."""
        if self.kind == "probability":
            return f"P({self.metric} {self.event} {self.at:,.10g})"
        if self.kind == "quantile":
            return f"{'median' if self.at == MEDIAN else f'p{self.at * 100:g}'} {self.metric}"
        return f"{self.kind} {self.metric}"

    def words(self, *, currency: str) -> Words:
        """Return what the figure is called, in Danish and English."""
        metric = metric_words(self.metric)
        patterns = {
            "mean": Words(da="{metric} i gennemsnit", en="the mean of {metric}"),
            "shortfall": Words(
                da="det gennemsnitlige tab i {metric} i den værste tyvendedel",
                en="the mean loss in {metric} in the worst twentieth",
            ),
            "probability": Words(
                da="sandsynligheden for at {metric} er {event} {at}",
                en="the probability that {metric} is {event} {at}",
            ),
            "quantile": Words(
                da="{level} %-fraktilen af {metric}", en="the {level} % quantile of {metric}"
            ),
        }
        pattern = patterns[self.kind]
        if self.kind == "mean" and is_probability(self.metric):
            pattern = Words(da="{metric}", en="{metric}")
        elif self.kind == "quantile" and self.at == MEDIAN:
            pattern = Words(da="medianen af {metric}", en="the median of {metric}")
        events = {
            "<": Words(da="under", en="below"),
            "<=": Words(da="højst", en="at most"),
            ">": Words(da="over", en="above"),
            ">=": Words(da="mindst", en="at least"),
        }
        event = events[self.event]
        at = value_words(self.at, metric=self.metric, currency=currency)
        level = f"{self.at * 100:g}"
        return Words(
            da=(pattern.da or "").format(metric=metric.da, event=event.da, at=at.da, level=level),
            en=(pattern.en or "").format(metric=metric.en, event=event.en, at=at.en, level=level),
        )

    def value_words(self, value: float, *, currency: str) -> Words:
        """Return a value of the figure in words, in its unit."""
        metric = "p_" if self.kind == "probability" else self.metric
        return value_words(value, metric=metric, currency=currency)


@dataclass(frozen=True, slots=True)
class Condition:
    """A figure with a limit that it has to keep."""

    figure: Figure
    """What is looked at."""

    direction: Direction
    """Whether it has to be at least or at most the limit."""

    limit: float
    """The limit, in the unit of the figure."""

    def slack(self, value: float) -> float:
        """Return by how much a value keeps the limit, below zero where it does not."""
        return value - self.limit if self.direction == ">=" else self.limit - value

    def holds(self, values: FloatArray) -> bool:
        """Return whether the metric, (D,), meets the condition; not where it is never defined."""
        return self.slack(self.figure.of(values).value) >= 0

    def __str__(self) -> str:
        """Return the condition as it is written."""
        return f"{self.figure} {self.direction} {self.limit:,.10g}"


def figure(text: str | Figure) -> Figure:
    """Return the figure that a text states.

    Parameters
    ----------
    text
        `mean METRIC`, `median METRIC`, `p5 METRIC`, `shortfall METRIC`, `P(METRIC < NUMBER)`, or
        only the metric where it is an indicator, whose mean is a probability.

    Raises
    ------
    ArgumentError
        If the text is no figure, or asks for the mean of what has none.
    """
    if isinstance(text, Figure):
        return text
    found = _matched(text, "")
    if found is None:
        message = (
            f"got {shown(text)}; a figure is {_FORMS}, such as 'median investor_irr'{_point(text)}"
        )
        raise ArgumentError(message)
    return _figure(found, text=text)


def condition(text: str | Condition) -> Condition:
    """Return the condition that a text states.

    Parameters
    ----------
    text
        A figure, `>=` or `<=` and a number, such as `median investor_irr >= 4 %`.

    Raises
    ------
    ArgumentError
        If the text is no condition, asks for the mean of what has none, or limits a probability
        outside 0 to 1, or a rate
        of return at 100 % or beyond.
    """
    if isinstance(text, Condition):
        return text
    found = _matched(text, _LIMIT)
    if found is None:
        message = (
            f"got {shown(text)}; a condition is {_FORMS}, then >= or <= and a number, such as "
            f"'median investor_irr >= 0.04' or 'P(municipality_net < 0) <= 0.25'{_point(text)}"
        )
        raise ArgumentError(message)
    limit, wanted = _number(found, "limit"), _figure(found, text=text)
    check_limit(wanted, limit, given=shown(text))
    return Condition(wanted, cast("Direction", found["direction"]), limit)


def check_limit(wanted: Figure, limit: float, *, given: str) -> None:
    """Refuse a limit or target that is no probability, or that would be hundreds of per cent.

    Parameters
    ----------
    wanted
        The figure.
    limit
        What it is compared with, in its unit.
    given
        What was stated, for the message.

    Raises
    ------
    ArgumentError
        If a probability lies outside 0 to 1, or a rate of return at 100 % or beyond.
    """
    if wanted.is_share and not 0 <= limit <= 1:
        message = (
            f"got {given}; a probability lies from 0 to 1; write it so, such as 0.25, or "
            "with a per cent sign, such as 25 %"
        )
        raise ArgumentError(message)
    if wanted.kind == "quantile" and wanted.metric.endswith(RATE) and abs(limit) >= 1:
        message = (
            f"got {given}; a rate of return is a share a year, so that {limit:g} is "
            f"{limit * PER_CENT:g} %; write it as 0.04, or in a condition with a per cent sign, 4 %"
        )
        raise ArgumentError(message)


def known(wanted: Figure, *, metrics: Collection[str]) -> Figure:
    """Return the figure if its metric is one of `metrics`.

    Raises
    ------
    UnknownNameError
        If it is not; the error names the nearest.
    """
    if wanted.metric not in metrics:
        message = f"there is no metric {wanted.metric!r}{nearest(wanted.metric, metrics)}"
        raise UnknownNameError(message)
    return wanted


def _matched(text: object, rest: str) -> re.Match[str] | None:
    if not isinstance(text, str):
        return None
    stripped = text.strip()
    return re.fullmatch(_EVENT + rest, stripped) or re.fullmatch(_FIGURE + rest, stripped)


def _point(text: object) -> str:
    return _POINT if isinstance(text, str) and _OTHER_COMMA.search(text) else ""


def _number(found: re.Match[str], name: str) -> float:
    number = float(found[name].replace("_", "").replace(",", ""))
    return number / PER_CENT if found[f"{name}_percent"] else number


def _figure(found: re.Match[str], *, text: str) -> Figure:
    given, metric = found.groupdict(), found["metric"]
    if given.get("event"):
        return Figure(
            "probability", metric, at=_number(found, "at"), event=cast("Event", given["event"])
        )
    kind = given["kind"]
    if kind is None and is_probability(metric):
        return Figure("mean", metric)
    if kind is None:
        message = f"got {shown(text)}, which does not say what of {metric}; write {_FORMS}"
        raise ArgumentError(message)
    if kind == "shortfall":
        return Figure("shortfall", metric)
    if kind == "mean":
        if metric.endswith(NO_MEAN):
            message = (
                f"got {shown(text)}; rates, and dates that may never come, have no mean; "
                f"write 'median {metric}'"
            )
            raise ArgumentError(message)
        return Figure("mean", metric)
    level = MEDIAN if kind == "median" else int(kind[1:]) / PER_CENT
    if not 0 < level < 1:
        message = f"got {shown(text)}; a quantile is p1 to p99"
        raise ArgumentError(message)
    return Figure("quantile", metric, at=level)
