"""What an individually randomised trial reports: loss, by chance or by result, and non-compliance.

Of those lost at random the mean stays; with shares a lost of those who achieve and b of those who
do not, A (1 - a) of A (1 - a) + (N - A)(1 - b) observed achieve. No-shows, n s / (1 - s) rounded
half up, live without the intervention; a control crosses over with probability c. Adjusting for
covariates moves nothing on average. Source: docs/model.md, section 7.
"""

from __future__ import annotations

from collections.abc import Sequence

from sibsim.core.words import Words
from sibsim.evaluation.attrition import LostByResult
from sibsim.evaluation.non_compliance import NonCompliance
from sibsim.evaluation.randomised import Randomised
from sibsim.reports.workbook.formulas import Formula, whole
from sibsim.reports.workbook.measures.place import Place, Report

HALF = 0.5
"""Half a no-show counts as a whole one."""

OBSERVED = Words(da="observerede resultater", en="results observed")
SEEN = Words(da="observerede personer", en="people observed")
CONTROLS = Words(da="kontrolgruppe, pr. person", en="controls, per person")
NO_SHOWS = Words(da="tildelt, men mødte ikke op", en="allotted, but never came")
COMPLYING = Words(da="andel, der følger lodtrækningen", en="share who do as allotted")


def report_of_trial(design: Randomised, *, place: Place) -> Report:
    """Write what the trial reports.

    Parameters
    ----------
    design
        The design.
    place
        Where.
    """
    total, people = list(place.achieved), list(place.people)
    control = list(place.without)
    absent: list[Formula] = []
    rule = design.non_compliance
    if rule is not None:
        absent = _no_shows(rule, place=place)
        crossing = place.cell("non_compliance.crossovers", rule.crossovers)
        control = place.column(
            Words(da="kontrolgruppe, med overløbere", en="controls, crossovers included"),
            lambda row: crossing * place.treated[row] + (1 - crossing) * place.without[row],
        )
        if rule.estimand == "itt":
            people = [n + m for n, m in zip(people, absent, strict=True)]
            total = [x + m * p for x, m, p in zip(total, absent, place.without, strict=True)]
    known, seen = _observed(design.attrition.treated, total, people=people, place=place)
    comparison = place.column(
        CONTROLS,
        _rates(design.attrition.control, control, place=place),
        note=Words(
            da="som uden indsatsen blandt dem, der er observeret",
            en="as without the service, among those observed",
        ),
    )
    if rule is not None and rule.estimand == "cace":
        comparison = _of_compliers(rule, comparison, absent=absent, place=place)
    return Report(
        place.column(OBSERVED, known, kind="number"),
        place.column(SEEN, seen, kind="number"),
        comparison,
    )


def _no_shows(rule: NonCompliance, *, place: Place) -> list[Formula]:
    """Write how many of those allotted to the service never come."""
    share = place.cell("non_compliance.no_shows", rule.no_shows)
    return place.column(
        NO_SHOWS,
        lambda row: whole(place.people[row] * (share / (1 - share)) + HALF),
        kind="number",
        note=Words(da="n s / (1 - s), afrundet", en="n s / (1 - s), rounded"),
    )


def _observed(
    loss: float | LostByResult,
    total: Sequence[Formula],
    *,
    people: Sequence[Formula],
    place: Place,
) -> tuple[list[Formula], list[Formula]]:
    """Return observed results and observed participants."""
    if isinstance(loss, LostByResult):
        achieved, failed = _kept(loss, arm="treated", place=place)
        known = [x * achieved for x in total]
        return known, [k + (n - x) * failed for k, n, x in zip(known, people, total, strict=True)]
    if not place.states("attrition.treated"):
        return list(total), list(people)
    left = 1 - place.cell("attrition.treated", loss)
    return [x * left for x in total], [n * left for n in people]


def _rates(loss: float | LostByResult, means: Sequence[Formula], *, place: Place) -> list[Formula]:
    """Return the mean result of the controls that are observed."""
    if not isinstance(loss, LostByResult):
        return list(means)
    achieved, failed = _kept(loss, arm="control", place=place)
    return [p * achieved / (p * achieved + (1 - p) * failed) for p in means]


def _kept(loss: LostByResult, *, arm: str, place: Place) -> tuple[Formula, Formula]:
    """Return the shares observed of those who achieve and of those who do not."""
    return (
        1 - place.cell(f"attrition.{arm}.achieved", loss.achieved),
        1 - place.cell(f"attrition.{arm}.not_achieved", loss.not_achieved),
    )


def _of_compliers(
    rule: NonCompliance,
    control: Sequence[Formula],
    *,
    absent: Sequence[Formula],
    place: Place,
) -> list[Formula]:
    """Write what participants' results are set beside so that the difference is CACE.

    Y / Z = p1 - (mean of those allotted - mean of the controls) / (1 - s - c).
    """
    crossing = place.cell("non_compliance.crossovers", rule.crossovers)
    comply = place.column(
        COMPLYING,
        lambda row: place.people[row] / (place.people[row] + absent[row]) - crossing,
        kind="share",
    )
    allotted = place.column(
        Words(da="alle tildelte, pr. person", en="all allotted, per person"),
        lambda row: (
            (place.achieved[row] + absent[row] * place.without[row])
            / (place.people[row] + absent[row])
        ),
    )
    return place.column(
        Words(da="sammenligning, pr. person", en="comparison, per person"),
        lambda row: place.treated[row] - (allotted[row] - control[row]) / comply[row],
        note=Words(
            da="med indsatsen - (alle tildelte - kontrolgruppe) / andel, der følger lodtrækningen",
            en="with the service - (all allotted - controls) / share who do as allotted",
        ),
    )
