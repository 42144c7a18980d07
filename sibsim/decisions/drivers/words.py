"""What every sentence of these analyses says alike: values with their errors, and what is assumed.

`±` is one Monte Carlo standard error throughout.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator

from sibsim.case import Case
from sibsim.core.amounts import in_both
from sibsim.core.statistics import Estimate
from sibsim.core.wording import Sentence, decimal, listing, percent
from sibsim.core.words import Words
from sibsim.decisions.conditions import Figure
from sibsim.decisions.term_words import path_words
from sibsim.decisions.worlds import factors_of
from sibsim.figures import is_probability
from sibsim.forecast.quantity_words import quantity_words
from sibsim.metric_words import metric_words

DIGITS = 3
"""Significant digits of the value of a quantity in a sentence; the table has all."""

ALL_DIGITS = 10
"""Significant digits of a number that is stated."""

ERROR_DIGITS = 1
"""Significant digits of an error that is no money."""

EXACT = 8
"""Digits after the point from which on an error is one of rounding and no Monte Carlo error."""

PROBABILITY_DIGITS = 3
"""Digits after the point of a probability before it is written in per cent: tenths of one."""

SMALLEST_CHANCE = 0.001
"""Probabilities nearer than this to none or to certainty are said to be so near."""


def value(number: float, *, figure: Figure, case: Case) -> Words:
    """Return a value of a figure in words; `never` and `undefined` where it is no number."""
    if math.isnan(number):
        return Words(da="ikke defineret", en="undefined")
    if math.isinf(number):
        return Words(da="aldrig", en="never")
    return figure.value_words(number, currency=case.head.currency)


def with_error(estimate: Estimate, *, figure: Figure, case: Case) -> Words:
    """Return a figure with its Monte Carlo error, 1.2 ± 0.1, in words."""
    said = value(estimate.value, figure=figure, case=case)
    if not math.isfinite(estimate.mc_error):
        return said
    error = error_words(estimate.mc_error, figure=figure, case=case)
    return Words(da=f"{said.da} ± {error.da}", en=f"{said.en} ± {error.en}")


def error_words(error: float, *, figure: Figure, case: Case) -> Words:
    """Return a Monte Carlo error in the unit of its figure, in words."""
    brief = float(f"{round(error, EXACT):.{ERROR_DIGITS}g}")
    share = figure.kind == "probability" or is_probability(figure.metric)
    if share or figure.metric.endswith("irr"):
        return points(error)
    said = figure.value_words(error, currency=case.head.currency)
    return said if case.head.currency in said.in_language("en") else decimal(brief)


def amount(number: float, *, digits: int = DIGITS) -> Words:
    """Return the value of a quantity, whose unit its case states, in so many significant digits."""
    return in_both(f"{float(f'{number:.{digits}g}'):,.{ALL_DIGITS}g}")


def chance(probability: float) -> Words:
    """Return a probability in tenths of a per cent; never 0 or 100 for what is only nearly so."""
    if 0 < probability < SMALLEST_CHANCE:
        return Words(da="under 0,1 %", en="under 0.1 %")
    if 1 - SMALLEST_CHANCE < probability < 1:
        return Words(da="over 99,9 %", en="over 99.9 %")
    return percent(round(probability, PROBABILITY_DIGITS))


def points(error: float) -> Words:
    """Return the Monte Carlo error of a probability in words."""
    return percent(float(f"{round(error, EXACT):.{ERROR_DIGITS}g}"))


def per_cents(levels: tuple[float, ...]) -> tuple[str, ...]:
    """Return probabilities as they stand in p10 and p90."""
    return tuple(f"p{100 * level:.10g}" for level in levels)


def called(case: Case, path: str) -> Words:
    """Return what a quantity or a term is called; its path where it has no words."""
    if path in case.quantities:
        return quantity_words(case, path)
    return path_words(case, path)


def notes(
    case: Case, paths: Collection[str], *, figure: Figure, of: Estimate
) -> Iterator[Sentence]:
    """Yield what has to be known of a change of one quantity at a time.

    Parameters
    ----------
    case
        The case.
    paths
        The quantities that are set.
    figure
        What is looked at.
    of
        The figure of the unchanged run.
    """
    if case.drifts:
        pattern = Words(
            da="udviklinger over tid ({what}) er ingen enkelt størrelse; de er overalt som trukket",
            en="drifts over time ({what}) are no single quantity; they are as drawn throughout",
        )
        yield Sentence(pattern, {"what": listing([name.replace("_", " ") for name in case.drifts])})
    tied = [group for _, group in factors_of(case).values() if len(group) > 1]
    for group in tied:
        if not set(group) & set(paths):
            continue
        pattern = Words(
            da="disse størrelser hænger sammen i casen: {what}; når den ene sættes, er de øvrige "
            "som trukket og følger ikke med",
            en="these quantities hang together in the case: {what}; where one is set, the others "
            "are as drawn and do not follow",
        )
        yield Sentence(pattern, {"what": listing([called(case, path) for path in group])})
    if of.undefined > 0:
        pattern = Words(
            da="i {share} af trækningerne er {metric} ikke defineret; de er udeladt",
            en="in {share} of draws {metric} is undefined; they are left out",
        )
        metric = metric_words(figure.metric)
        yield Sentence(pattern, {"share": chance(of.undefined), "metric": metric})
