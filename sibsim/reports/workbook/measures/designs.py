"""What each design reports with the measurement layer off, one function per design.

With errors of sampling gone, a comparison group is exactly what would have happened to participants
without the intervention, and the systematic error of the design. Source: docs/model.md, section 7.
"""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from sibsim.core.words import Words
from sibsim.evaluation.base import EvaluationDesign
from sibsim.evaluation.before_after import BeforeAfter
from sibsim.evaluation.cluster_randomised import ClusterRandomised
from sibsim.evaluation.combined import Combined
from sibsim.evaluation.difference_in_differences import DifferenceInDifferences
from sibsim.evaluation.historical_baseline import HistoricalBaseline
from sibsim.evaluation.matched_comparison import MatchedComparison
from sibsim.evaluation.published import OneAnalysis
from sibsim.evaluation.randomised import Randomised
from sibsim.evaluation.regression_discontinuity import RegressionDiscontinuity
from sibsim.evaluation.synthetic_control import SyntheticControl
from sibsim.evaluation.verification import Verification
from sibsim.reports.workbook.formulas import Formula, added, cut, lift
from sibsim.reports.workbook.measures.place import Place, Report
from sibsim.reports.workbook.measures.trial import report_of_trial

RECOGNISED = Words(da="anerkendte resultater", en="results recognised")
REPORTED = Words(da="rapporterede resultater", en="reported results")
PEOPLE = Words(da="personer i rapporten", en="people reported")
COMPARISON = Words(da="sammenligning, pr. person", en="comparison, per person")


@singledispatch
def write_report(design: EvaluationDesign, *, place: Place) -> Report | None:
    """Write what a design reports; None: no formulas are known for it.

    Parameters
    ----------
    design
        The design.
    place
        Where.
    """
    del design, place
    return None


@write_report.register
def _verification(design: Verification, *, place: Place) -> Report:
    """Write X' = A se + (N - A)(1 - sp'), then what missing results leave of it."""
    found = list(place.achieved)
    if place.is_indicator:
        found = _recognised(design, place=place)
    people = list(place.people)
    if design.missing is None:
        return Report(
            place.column(REPORTED, found, kind="number"),
            place.column(PEOPLE, people, kind="number"),
            None,
        )
    lost = place.cell("missing.share", design.missing.share)
    known = [(1 - lost) * each for each in found]
    filled = design.missing.rule == "counts_as_achieved"
    if filled:
        known = [each + lost * n for each, n in zip(known, people, strict=True)]
    seen = [(1 - lost) * n for n in people] if design.missing.rule == "excluded" else people
    return Report(
        place.column(REPORTED, known, kind="number", note=_MISSING[design.missing.rule]),
        place.column(PEOPLE, seen, kind="number"),
        None,
    )


_MISSING = {
    "excluded": Words(
        da="(1 - andel, der mangler) * resultater; de manglende udelades",
        en="(1 - share missing) * results; what is missing is left out",
    ),
    "counts_as_achieved": Words(
        da="(1 - andel, der mangler) * resultater + andel * personer",
        en="(1 - share missing) * results + share * people",
    ),
    "counts_as_not_achieved": Words(
        da="(1 - andel, der mangler) * resultater; de manglende tæller som ikke opnået",
        en="(1 - share missing) * results; what is missing counts as not achieved",
    ),
}


def _recognised(design: Verification, *, place: Place) -> list[Formula]:
    """Return the results that are recognised or wrongly claimed; those achieved where none is."""
    stated = ("sensitivity", "specificity", "misreporting.share")
    if not any(place.states(field) for field in stated):
        return list(place.achieved)
    right = place.cell("sensitivity", design.sensitivity)
    kept = place.cell("specificity", design.specificity)
    if design.misreporting is not None:
        share = place.cell("misreporting.share", design.misreporting.share)
        audited = place.cell("misreporting.audited", design.misreporting.audited)
        kept = kept * (1 - share * (1 - audited))
    wrong = place.column(
        Words(da="fejl anerkendt som resultat", en="failures taken for results"),
        lambda row: (place.people[row] - place.achieved[row]) * (1 - kept),
        kind="number",
        note=Words(
            da="(personer - opnået) * (1 - specificitet * (1 - fejlmelding * (1 - kontrol)))",
            en="(people - achieved) * (1 - specificity * (1 - misreported * (1 - audited)))",
        ),
    )
    return place.column(
        RECOGNISED,
        lambda row: place.achieved[row] * right + wrong[row],
        kind="number",
        note=Words(da="opnået * sensitivitet + fejl", en="achieved * sensitivity + failures"),
    )


def _compared(place: Place, comparison: list[Formula], *, note: Words) -> Report:
    """Write participants' results as they are beside a comparison."""
    return Report(
        place.column(REPORTED, place.achieved, kind="number"),
        place.column(PEOPLE, place.people, kind="number"),
        place.column(COMPARISON, comparison, note=note),
    )


@write_report.register
def _baseline(design: HistoricalBaseline, *, place: Place) -> Report:
    baseline = design.baseline
    if baseline.to_be_counted:
        first = [place.without[row % place.follow_ups] for row in place.rows]
        note = Words(
            da="det første holds resultat uden indsatsen", en="the first cohort without the service"
        )
        return _compared(place, first, note=note)
    field = "mean" if baseline.rate is None else "rate"
    figure = place.cell(f"baseline.{field}", baseline.result)
    note = Words(da="kontraktens tal", en="the contract's figure")
    return _compared(place, [figure for _ in place.rows], note=note)


@write_report.register
def _before(design: BeforeAfter, *, place: Place) -> Report:
    change = place.cell("regression_to_the_mean.mean", design.regression_to_the_mean.mean)
    if not place.states("regression_to_the_mean.mean"):
        change = place.cell("regression_to_the_mean", design.regression_to_the_mean.mean)
    before = [each - change for each in place.without]
    if place.is_indicator:
        before = [cut(each, low=0, high=1) for each in before]
    note = Words(
        da="resultatet uden indsatsen - det, der ændrer sig af sig selv",
        en="result without the service - what changes by itself",
    )
    return _compared(place, before, note=note)


@write_report.register(ClusterRandomised)
@write_report.register(OneAnalysis)
def _unbiased(design: EvaluationDesign, *, place: Place) -> Report:
    del design
    note = Words(da="resultatet uden indsatsen", en="result without the service")
    return _compared(place, list(place.without), note=note)


@write_report.register(MatchedComparison)
@write_report.register(SyntheticControl)
def _residual(design: MatchedComparison | SyntheticControl, *, place: Place) -> Report:
    error = place.cell("residual_bias.mean", design.residual_bias.mean)
    note = Words(
        da="resultatet uden indsatsen - den skævhed, der er tilbage",
        en="result without the service - the bias that is left",
    )
    return _compared(place, [each - error for each in place.without], note=note)


@write_report.register
def _changes(design: DifferenceInDifferences, *, place: Place) -> Report:
    """Write p0 - gap - trend + b gap, b = 1 or rho m / (1 + (m - 1) rho)."""
    gap = place.cell("gap", design.gap)
    trend = place.cell("trend.mean", design.trend.mean)
    slope: Formula = lift(1)
    if design.analysis == "ancova":
        times = place.cell("periods_before", design.periods_before)
        alike = place.cell("correlation", design.correlation)
        slope = alike * times / (1 + (times - 1) * alike)
    note = Words(
        da="uden - afstand - trend + den del af afstanden, der trækkes fra",
        en="without - gap - trend + the part of the gap that is taken off",
    )
    return _compared(place, [each - gap - trend + slope * gap for each in place.without], note=note)


@write_report.register
def _cutoff(design: RegressionDiscontinuity, *, place: Place) -> Report:
    other = place.cell("local_difference", design.local_difference)
    note = Words(
        da="uden - forskellen mellem effekten ved grænsen og for alle",
        en="without - the effect at the cutoff less that of all",
    )
    return _compared(place, [each - other for each in place.without], note=note)


@write_report.register
def _trial(design: Randomised, *, place: Place) -> Report:
    return report_of_trial(design, place=place)


@write_report.register
def _both(design: Combined, *, place: Place) -> Report | None:
    """Write the weighted mean of two estimates; None where a power decides between them."""
    if design.switch is not None:
        return None
    estimates = []
    for name, nested in (("first", design.first), ("second", design.second)):
        report = write_report(nested, place=replace(place, path=f"{place.path}.{name}"))
        if report is None or report.comparison is None:
            return None
        estimates.append(report.estimates())
    weights = [place.cell(f"weights.{i}", weight) for i, weight in enumerate(design.weights)]
    comparison = [
        place.treated[row] - added([w * e[row] for w, e in zip(weights, estimates, strict=True)])
        for row in place.rows
    ]
    note = Words(
        da="med indsatsen - det vægtede snit af de to estimater",
        en="with the service - the weighted mean of the two estimates",
    )
    return _compared(place, comparison, note=note)
