"""How sure a contract is to pay for an effect, and how often it pays where there is none.

Both curves come from simulated courses of the case's own design (`Case.diagnose`), each simulated
with and without effect on the same luck. Without a comparison nothing says what is an effect, so
that the curve shows the chance of payment at the true rate or mean. The power curve groups the
courses by what is true in them: it reaches as far as the case holds possible, and no further.

Sources: Cohen 1988, Statistical power analysis for the behavioral sciences, for a power of 80 %;
Fisher 1925, Statistical methods for research workers, for a level of 5 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.core.amounts import in_both, rounded
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import mc_error_of_probability
from sibsim.core.streams import Rng
from sibsim.core.wording import UNITS, Language, language, percent
from sibsim.decisions.diagnosing.diagnosands import SOMETHING, Courses
from sibsim.decisions.diagnosing.diagnosis import Diagnosis
from sibsim.decisions.diagnosing.words import number
from sibsim.errors import ArgumentError
from sibsim.planning.arguments import ALPHA, POWER
from sibsim.reports.plots.style import (
    DARK,
    EDGE,
    LONGEST_HEAD,
    MIDDLE,
    headed,
    legend,
    new_axes,
    number_axis,
    plain,
    rows_below,
    share_axis,
)
from sibsim.reports.plots.words import word

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DRAWS = 4_000
"""Courses of a power curve: Monte Carlo errors of a group of a tenth of them below 2.5 points."""

DRAWS_OF_A_SIZE = 1_000
"""Courses at each number of participants: Monte Carlo errors below 1.6 points."""

GROUPS = 10
"""Groups of as many courses each that a power curve is drawn through."""

FEWEST = 20
"""Fewest courses: two to a group."""

TIMES = (0.5, 1.0, 2.0)
"""Numbers of participants, as multiples of those planned, at which payment is looked at."""

ERRORS = 2.0
"""Monte Carlo standard errors to either side of a point: some 95 % of all runs."""

PER_CENT = 100.0
"""Per cents in one."""

DIGITS = 3
"""Significant digits of the ends of what a case holds possible."""


def power_curve(
    case: Case,
    measure: str | None = None,
    *,
    draws: int = DRAWS,
    rng: Rng = 0,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw the chance that the contract's test is passed, and that it pays, by what is true.

    With a comparison against the true effect, without one against the true rate or mean. Lines of
    the measure alone are settled, before limits over several lines.

    Parameters
    ----------
    case
        The case.
    measure
        Name of a measure that a payment line reads; None: the first.
    draws, rng
        Number of simulated courses, at least 20, and seed.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.

    Raises
    ------
    UnknownNameError, ArgumentError
        If no such measure is paid by, an argument is out of range, or the effect cannot be undone.
    """
    lang = language(lang)
    if draws < FEWEST:
        message = f"draws: got {draws}; a curve through {GROUPS} groups takes at least {FEWEST}"
        raise ArgumentError(message)
    kept: list[Courses] = []

    def keep(courses: Courses) -> float:
        kept.append(courses)
        return 0.0

    found = case.diagnose(measure, designs={}, draws=draws, rng=rng, diagnosands={"kept": keep})
    (row,), (courses,) = found.rows, kept
    ax = new_axes(ax)
    _curve(
        ax,
        courses,
        courses.paid > SOMETHING,
        colour=DARK,
        style="-",
        label=word("something paid", lang),
    )
    if not np.isnan(courses.significant).all():
        label = _test(case, found, key="test passed", lang=lang)
        _curve(ax, courses, courses.significant, colour=MIDDLE, style="--", label=label)
        _level(ax, POWER, key="usual power", lang=lang)
    if row.compares:
        ax.axvline(0.0, color=EDGE, linewidth=0.8)
    what = word("power" if row.compares else "power of rate", lang)
    headed(ax, plain(found.title.in_language(lang), most=LONGEST_HEAD), what)
    _chances(ax, lang)
    label = _truth_axis(ax, case, found, compares=row.compares, lang=lang)
    notes = [_range(courses, case, found, lang=lang)]
    notes += [] if row.compares else [word("no comparison", lang)]
    notes += [word("reads no comparison", lang)] if found.pays_for_all else []
    rows_below(ax, label, *notes)
    legend(ax)
    return ax


def false_payment_curve(
    case: Case,
    measure: str | None = None,
    *,
    sizes: Sequence[float] | None = None,
    draws: int = DRAWS_OF_A_SIZE,
    rng: Rng = 0,
    ax: Axes | None = None,
    lang: str = "en",
) -> Axes:
    """Draw the chance to pay where the intervention does nothing, by number of participants.

    Beside it stands how often the contract's test, or else a one-sided one at 5 %, is then passed.

    Parameters
    ----------
    case
        The case.
    measure
        Name of a measure that a payment line reads; None: the first.
    sizes
        Numbers of planned participants; None: half of, as many as and twice those of the case. The
        case's own number always stands among them.
    draws, rng
        Number of simulated courses at each size, at least 2, and seed.
    ax
        Axes to draw on; by default new ones.
    lang
        `da` or `en`.

    Raises
    ------
    UnknownNameError, ArgumentError
        If no such measure is paid by, an argument is out of range, or the effect cannot be undone.
    """
    lang, group = language(lang), case.target_group
    own = group.size.base_value if group else 0.0
    asked = [max(2.0, round(own * each)) for each in TIMES] if sizes is None else sizes
    found = case.diagnose(measure, designs={}, sizes=asked, draws=draws, rng=rng)
    ax, people = new_axes(ax), [row.people for row in found.rows]
    test = _test(case, found, key="test by luck", lang=lang)
    for name, label, colour, style in (
        ("p_paid_for_nothing", word("paid for nothing", lang), DARK, "-"),
        ("false_positive", test, MIDDLE, "--"),
    ):
        figures = [row.figures[name] for row in found.rows]
        if not np.isnan([each.value for each in figures]).all():
            _points(
                ax,
                np.array(people),
                np.array([each.value for each in figures]),
                errors=np.array([each.mc_error for each in figures]),
                colour=colour,
                style=style,
                label=label,
            )
    if len(ax.containers) > 1 and not _has_test(case, found):
        _level(ax, ALPHA, key="usual level", lang=lang)
    label = word("own number", lang, people=number(own))
    ax.axvline(own, color=EDGE, linestyle=":", linewidth=1.2, label=label)
    title = plain(found.title.in_language(lang), most=LONGEST_HEAD)
    headed(ax, title, word("false payment", lang))
    _chances(ax, lang)
    number_axis(ax.xaxis, lang=lang)
    mine = next(row for row in found.rows if row.people == own).figures["paid_for_nothing"]
    amount = rounded(mine.value, currency=found.currency)
    notes = [word("wasted", lang, amount=amount, people=number(own))]
    notes += [word("reads no comparison", lang)] if found.pays_for_all else []
    rows_below(ax, word("participants", lang), *notes)
    legend(ax)
    return ax


def _curve(
    ax: Axes,
    courses: Courses,
    happens: FloatArray | np.ndarray,
    *,
    colour: str,
    style: str,
    label: str,
) -> None:
    """Draw how often something happens in groups of courses by what is true in them."""
    known = ~np.isnan(courses.truth + happens)
    order = np.argsort(courses.truth[known], kind="stable")
    groups = [each for each in np.array_split(order, GROUPS) if len(each)]
    truth, event = courses.truth[known], np.asarray(happens, dtype=np.float64)[known]
    _points(
        ax,
        np.array([truth[each].mean() for each in groups]),
        np.array([event[each].mean() for each in groups]),
        errors=np.array([mc_error_of_probability(event[each]) for each in groups]),
        colour=colour,
        style=style,
        label=label,
    )


def _points(
    ax: Axes,
    where: FloatArray,
    chances: FloatArray,
    *,
    errors: FloatArray,
    colour: str,
    style: str,
    label: str,
) -> None:
    """Draw chances with twice their Monte Carlo errors, cut at 0 and 1."""
    reach = ERRORS * np.nan_to_num(errors)
    below, above = np.minimum(reach, chances), np.minimum(reach, 1.0 - chances)
    ax.errorbar(
        where,
        chances,
        yerr=np.maximum([below, above], 0.0),
        color=colour,
        linestyle=style,
        marker="o" if style == "-" else "s",
        capsize=2,
        label=label,
    )


def _test(case: Case, found: Diagnosis, *, key: str, lang: Language) -> str:
    """Return which test is passed: the contract's, or the usual one where it has none."""
    if _has_test(case, found):
        return word(key, lang)
    return word(f"usual {key}", lang, level=percent(ALPHA))


def _has_test(case: Case, found: Diagnosis) -> bool:
    """Return whether a line of the measure pays only where the report shows something."""
    return any(case.contract.payments[name].trigger is not None for name in found.lines)


def _level(ax: Axes, share: float, *, key: str, lang: Language) -> None:
    """Draw a level that is asked for by convention."""
    label = word(key, lang, share=percent(share))
    ax.axhline(share, color=EDGE, linestyle="-.", linewidth=0.8, label=label)


def _chances(ax: Axes, lang: Language) -> None:
    """Label the axis of chances, from none to certainty."""
    share_axis(ax.yaxis, lang=lang)
    ax.set_ylim(-0.03, 1.03)
    ax.set_ylabel(word("chance", lang))


def _truth_axis(ax: Axes, case: Case, found: Diagnosis, *, compares: bool, lang: Language) -> str:
    """Write the ticks of the axis of what is true; return what it shows."""
    outcome = case.outcomes[case.measures[found.measure].outcome]
    months = str(found.at_months)
    if outcome.is_indicator and not compares:
        share_axis(ax.xaxis, lang=lang)
        return word("true rate", lang, months=months)
    if outcome.is_indicator:
        ax.xaxis.set_major_formatter(lambda value, _: _number(value * PER_CENT, lang))
        unit = word("points", lang)
    else:
        number_axis(ax.xaxis, lang=lang)
        known = UNITS.get(outcome.counted_in)
        unit = known[1].in_language(lang) if known else plain(outcome.counted_in)
    return word("true effect" if compares else "true mean", lang, months=months, unit=unit)


def _number(value: float, lang: Language) -> str:
    return in_both(f"{value + 0.0:,.{DIGITS}g}").in_language(lang)


def _range(courses: Courses, case: Case, found: Diagnosis, *, lang: Language) -> str:
    """Return how many courses there are, and over which range of what is true."""
    outcome = case.outcomes[case.measures[found.measure].outcome]
    size = PER_CENT if outcome.is_indicator else 1.0
    unit = "" if not outcome.is_indicator else " %"
    low, high = np.nanmin(courses.truth) * size, np.nanmax(courses.truth) * size
    return word(
        "courses",
        lang,
        courses=number(found.draws),
        low=_number(low, lang),
        high=f"{_number(high, lang)}{unit}",
    )
