"""The sheet of measures: one block for each."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.words import Words
from sibsim.evaluation.base import EvaluationDesign
from sibsim.reports.workbook.formulas import Formula
from sibsim.reports.workbook.measures.designs import COMPARISON, PEOPLE, REPORTED, write_report
from sibsim.reports.workbook.measures.place import Place, Report
from sibsim.reports.workbook.model import Delivery, Live, Measure, Outcome
from sibsim.reports.workbook.outcomes import SeenOutcome
from sibsim.reports.workbook.outcomes.totals import said_title
from sibsim.reports.workbook.sheets import Sheet

SHEET = Words(da="Målinger", en="Measures")
ABOUT = Words(da="Hvad der måles og rapporteres", en="What is measured and reported")


def write_measures(
    live: Live, delivery: Delivery, outcomes: Mapping[str, Outcome]
) -> dict[str, Measure]:
    """Write what is reported and return it by measure.

    Parameters
    ----------
    live
        The workbook.
    delivery
        Who comes; a comparison group needs no number where nothing errs by chance.
    outcomes
        What is achieved, by outcome.
    """
    del delivery
    sheet = live.book.sheet(SHEET, about=ABOUT)
    return {
        name: _measure(live, sheet, name=name, design=design, outcome=outcomes[design.outcome])
        for name, design in live.case.measures.items()
    }


def _measure(
    live: Live, sheet: Sheet, *, name: str, design: EvaluationDesign, outcome: Outcome
) -> Measure:
    """Write one measure."""
    spec = live.case.outcomes[design.outcome]
    title = said_title(spec.title or design.outcome)
    how = design.words()
    sheet.heading(
        Words(da=f"{title.da} ({name})", en=f"{title.en} ({name})"),
        note=Words(da=f"målt ved {how.da}", en=f"measured by {how.en}"),
    )
    cohorts, follow_ups = len(outcome.people), len(outcome.follow_up)
    cells = [(c, k) for c in range(cohorts) for k in range(follow_ups)]
    block = sheet.block(
        [
            Words(
                da=f"hold {c + 1}, {spec.follow_up_months[k]} mdr.",
                en=f"cohort {c + 1}, {spec.follow_up_months[k]} months",
            )
            for c, k in cells
        ],
        title="",
    )
    kind = "share" if spec.is_indicator else "number"
    shown = outcome.achieved_mean, outcome.without
    if isinstance(outcome, SeenOutcome):
        shown = outcome.seen_treated, outcome.seen_without
    people = block.column(PEOPLE_WHO_COUNT, (outcome.people[c] for c, _ in cells), kind="number")
    treated = block.column(TREATED, (shown[0][c][k] for c, k in cells), kind=kind)  # type: ignore[arg-type]  # share or number
    without = block.column(WITHOUT, (shown[1][c][k] for c, k in cells), kind=kind)  # type: ignore[arg-type]  # as above
    achieved = block.column(
        ACHIEVED,
        (people.at(row) * treated.at(row) for row in range(len(cells))),
        kind="number",
        note=Words(da="personer * resultat med", en="people * result with"),
    )
    rows = range(len(cells))
    place = Place(
        live=live,
        path=f"measures.{name}",
        block=block,
        follow_ups=follow_ups,
        people=[people.at(row) for row in rows],
        achieved=[achieved.at(row) for row in rows],
        without=[without.at(row) for row in rows],
        treated=[treated.at(row) for row in rows],
        is_indicator=spec.is_indicator,
    )
    report = write_report(design, place=place)
    if report is None:
        live.fixed[f"measures.{name}"] = FIXED
        sheet.line(FIXED)
        report = _of_the_library(live, name=name, design=design, place=place)

    def grid(found: list[Formula]) -> list[list[Formula]]:
        return [[found[c * follow_ups + k] for k in range(follow_ups)] for c in range(cohorts)]

    expected = None
    if report.comparison is not None:
        comparison = report.comparison
        expected = place.column(
            ANYWAY,
            lambda row: report.people[row] * comparison[row],
            kind="number",
            note=Words(da="personer * sammenligning", en="people * comparison"),
        )
        place.column(
            ADDITIONAL,
            lambda row: report.total[row] - expected[row],
            kind="number",
            note=Words(da="rapporteret - forventet alligevel", en="reported - expected anyway"),
        )
    return Measure(
        outcome=outcome,
        reported=grid(list(report.total)),
        people=grid(list(report.people)),
        expected=None if expected is None else grid(expected),
    )


PEOPLE_WHO_COUNT = Words(da="personer, der tæller", en="people who count")
TREATED = Words(da="med indsatsen, som målt", en="with the service, as measured")
WITHOUT = Words(da="uden indsatsen, som målt", en="without the service, as measured")
ACHIEVED = Words(da="opnået, som målt", en="achieved, as measured")
ANYWAY = Words(da="forventet alligevel", en="expected anyway")
ADDITIONAL = Words(da="ekstra, som rapporteret", en="additional, as reported")
FIXED = Words(
    da="Hvad evalueringen rapporterer, er faste tal fra programmet og følger ikke input.",
    en="What the evaluation reports are fixed numbers of the program and follow no input.",
)


def _of_the_library(live: Live, *, name: str, design: EvaluationDesign, place: Place) -> Report:
    """Write the report of the base case as fixed values."""
    worlds = live.base.worlds
    assert worlds is not None  # noqa: S101 - a base case keeps its world
    found = worlds[0].measured[name]

    def fixed(title: Words, values: FloatArray) -> list[Formula]:
        wide = np.broadcast_to(values, (*found.treated_sum.shape[:2], values.shape[-1]))
        column = place.block.fixed(title, wide[..., 0].ravel(), kind="number")
        return [column.at(row) for row in place.rows]

    comparison = None
    if design.compares:
        known = np.where(found.comparison_n > 0, found.comparison_n, 1.0)
        comparison = fixed(COMPARISON, found.comparison_sum / known)
    return Report(fixed(REPORTED, found.treated_sum), fixed(PEOPLE, found.treated_n), comparison)
