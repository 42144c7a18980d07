"""One study as it stands in a table: what may be said of it, what is wrong with it, its effect.

A study gives counts of two groups, or an estimate as readers know it (a ratio as a ratio) with one
of standard error, variance or limits. Standard error and variance are on the additive scale of the
effect: the natural logarithm for a ratio. Limits are expected to lie evenly around the estimate on
that scale, within the rounding of their printed digits; where they do not, they may belong to a
logarithm, to another estimate, or hold a misprint.

Source for limits: Higgins and others (eds.) 2019, "Cochrane Handbook for Systematic Reviews of
Interventions" 6, section 6.3.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Literal, get_args

import numpy as np
from pydantic import Field

from sibsim.core.distributions import shown
from sibsim.core.effect_sizes import CountScale, EffectSize, effect_of_counts, shows_no_ratio
from sibsim.core.spec import Number, Positive, Spec, as_share
from sibsim.core.standard_errors import LEVEL, design_effect, standard_error_of_limits
from sibsim.errors import Fault
from sibsim.evidence.studies import RATIOS, StudyScale
from sibsim.evidence.study_limits import (
    LARGEST_LOGARITHM,
    LARGEST_UNEVENNESS,
    additive_of,
    unevenness,
)

COUNTS = ("events", "people", "comparison_events", "comparison_people")
"""Columns of counts, in the order of a two-by-two table."""

COMPARED = "comparison_"
"""Beginning of the columns of the comparison group."""

Count = Annotated[Number, Field(ge=0)]
"""A number of people, at least 0; whole, unless it was corrected for clusters already."""


class StudyRow(Spec):
    """One study of a table of studies."""

    study: Annotated[str, Field(min_length=1)]
    """Name of the study, once in the table, such as `Aronson 1948`."""

    events: Count | None = None
    """People with the outcome among those treated."""

    people: Positive | None = None
    """People treated."""

    comparison_events: Count | None = None
    """People with the outcome in the comparison group."""

    comparison_people: Positive | None = None
    """People in the comparison group."""

    estimate: Number | None = None
    """Estimate as readers know it: a ratio as a ratio, above zero, and not its logarithm."""

    standard_error: Positive | None = None
    """Standard error of the estimate on the additive scale: of the logarithm of a ratio."""

    variance: Positive | None = None
    """Variance of the estimate on the additive scale."""

    lower: Number | None = None
    """Lower confidence limit, as readers know it."""

    upper: Number | None = None
    """Upper confidence limit, as readers know it."""

    level: Annotated[Number, Field(gt=0, lt=1)] = LEVEL
    """Level of the limits, in (0, 1)."""

    scale: StudyScale | None = None
    """Scale of the effect; one for the whole table."""

    outcome: str | None = None
    """What was measured, such as `in work`."""

    measured_at_months: Count | None = None
    """Months from the start of service at which it was measured; a moderator if all studies say."""

    icc: Annotated[Number, Field(ge=0, lt=1)] | None = None
    """Intraclass correlation of a trial in clusters whose figures ignore them, in [0, 1)."""

    cluster_size: Annotated[Number, Field(ge=1)] | None = None
    """Mean people per cluster of such a trial."""

    source: str | None = None
    """Key of where it was read."""

    source_title: str | None = None
    """Title of the source."""

    source_url: str | None = None
    """Address of the source."""

    source_year: Annotated[int, Field(strict=True)] | None = None
    """Year of the source."""

    status: Literal["published", "assumption"] | None = None
    """`published`: read in the source; `assumption`: ours, `note` says why."""

    note: str | None = None
    """What a reader must know."""

    @property
    def cells(self) -> tuple[float | None, ...]:
        """Events and people of both groups, as given."""
        return tuple(getattr(self, name) for name in COUNTS)

    @property
    def has_counts(self) -> bool:
        """Whether all four counts are given."""
        return None not in self.cells

    @property
    def has_empty_cell(self) -> bool:
        """Whether all or nobody of a group has the outcome."""
        a, n, c, m = self.cells
        return self.has_counts and (a in {0, n} or c in {0, m})

    @property
    def design_effect(self) -> float:
        """How much clusters raise the variance; 1 without clusters."""
        if self.icc is None or self.cluster_size is None:
            return 1.0
        return float(design_effect(cluster_size=self.cluster_size, icc=self.icc))

    @property
    def independent_counts(self) -> tuple[float, ...]:
        """Counts of as many independent people: divided by the design effect."""
        return tuple(each / self.design_effect for each in self.cells if each is not None)

    @property
    def figures(self) -> tuple[float | None, ...]:
        """What it found, by which two studies are compared."""
        return (*self.cells, self.estimate, self.standard_error, self.variance, *self.limits)

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Lower and upper limit, as given."""
        return self.lower, self.upper


def effect_of(row: StudyRow, *, scale: StudyScale, correction: float) -> EffectSize | None:
    """Return the effect of one study on the additive scale; None where it shows no ratio.

    Clusters multiply the variance by their design effect, or divide the counts by it.

    Parameters
    ----------
    row
        The study, without `faults_of`.
    scale
        Scale that is wanted.
    correction
        Added to all cells where one is empty.

    Raises
    ------
    ArgumentError
        If an empty cell leaves no estimate without a correction.
    """
    if row.has_counts:
        cells = dict(zip(COUNTS, row.independent_counts, strict=True))
        if scale in RATIOS and bool(shows_no_ratio(**cells)):
            return None
        return effect_of_counts(**cells, scale=_count_scale(scale), correction=correction)
    additive = additive_of(scale)
    error = row.standard_error
    if row.variance is not None:
        error = math.sqrt(row.variance)
    if row.lower is not None and row.upper is not None:
        lower, upper = additive(row.lower), additive(row.upper)
        error = float(standard_error_of_limits(lower=lower, upper=upper, level=row.level))
    assert row.estimate is not None and error is not None  # noqa: S101, PT018 - `faults_of` saw to it
    return EffectSize(np.asarray(additive(row.estimate)), np.asarray(row.design_effect * error**2))


def faults_of(row: StudyRow, *, scale: StudyScale, path: str) -> Iterator[Fault]:
    """Yield what is wrong with one study, beyond the range of each figure.

    Parameters
    ----------
    row
        The study.
    scale
        Scale that is wanted.
    path
        Where it stands, such as `row 3 (Aronson 1948)`.
    """
    if row.scale is not None and row.scale != scale:
        problem = (
            f"got {row.scale}; the table is read as {scale}, and scales cannot be mixed; convert "
            "it at a stated baseline risk first, or read it alone"
        )
        yield Fault(f"{path}.scale", problem)
    if any(each is not None for each in row.cells):
        yield from _faults_of_counts(row, scale=scale, path=path)
    elif row.estimate is None:
        yield Fault(
            path,
            f"has no figures; give {', '.join(COUNTS)}, or estimate with standard_error, variance "
            "or lower and upper",
        )
    else:
        yield from _faults_of_estimate(row, scale=scale, path=path)
    if (row.icc is None) != (row.cluster_size is None):
        given = "icc" if row.cluster_size is None else "cluster_size"
        problem = f"gives {given} alone; clusters need icc and cluster_size; give both or none"
        yield Fault(path, problem)
    if row.status == "published" and row.source is None and row.source_title is None:
        problem = "got published without a source; give source or source_title"
        yield Fault(f"{path}.status", problem)


def _faults_of_counts(row: StudyRow, *, scale: StudyScale, path: str) -> Iterator[Fault]:
    missing = [name for name, each in zip(COUNTS, row.cells, strict=True) if each is None]
    if missing:
        yield Fault(path, f"gives counts without {', '.join(missing)}; give all four")
    if row.estimate is not None:
        yield Fault(path, "gives counts and an estimate; keep the ones to be used")
    if scale not in get_args(CountScale):
        known = ", ".join(get_args(CountScale))
        problem = f"gives counts, of which no {scale} follows; give its estimate, or read {known}"
        yield Fault(path, problem)
    groups = (
        (row.events, row.people, ""),
        (row.comparison_events, row.comparison_people, COMPARED),
    )
    for events, people, group in groups:
        if events is not None and people is not None and events > people:
            problem = (
                f"got {shown(events)} of {shown(people)} people; events are people, at most as "
                "many; swap the two or count people instead of cases"
            )
            yield Fault(f"{path}.{group}events", problem)


def _faults_of_estimate(row: StudyRow, *, scale: StudyScale, path: str) -> Iterator[Fault]:
    given = {"standard_error": row.standard_error, "variance": row.variance}
    ways = [name for name, each in given.items() if each is not None]
    ways += ["lower and upper"] if any(each is not None for each in row.limits) else []
    if len(ways) != 1:
        got = " and ".join(ways) or "none"
        problem = (
            f"gives an estimate and, of how sure it is, {got}; give one of standard_error, "
            "variance, or lower and upper"
        )
        yield Fault(path, problem)
    if (row.lower is None) != (row.upper is None):
        yield Fault(path, "gives one limit alone; give lower and upper")
    unusable = list(_off_scale(row, scale=scale, path=path))
    yield from unusable
    if None in row.limits or unusable:
        return
    yield from _faults_of_limits(row, scale=scale, path=path)


def _off_scale(row: StudyRow, *, scale: StudyScale, path: str) -> Iterator[Fault]:
    """Yield a fault for each figure that cannot be on the scale."""
    figures = {"estimate": row.estimate, "lower": row.lower, "upper": row.upper}
    for name, value in figures.items():
        if value is None:
            continue
        if scale in RATIOS and value <= 0:
            problem = (
                f"got {shown(value)}; a ratio is above zero, so this may be its logarithm; write "
                f"the ratio, such as {math.exp(value):.3g}"
            )
            yield Fault(f"{path}.{name}", problem)
        elif scale == "risk_difference" and name == "estimate" and abs(value) > 1:
            problem = f"got {shown(value)}; a difference of shares lies in [-1, 1]{as_share(value)}"
            yield Fault(f"{path}.{name}", problem)


def _faults_of_limits(row: StudyRow, *, scale: StudyScale, path: str) -> Iterator[Fault]:
    estimate, lower, upper = row.estimate, row.lower, row.upper
    assert estimate is not None and lower is not None and upper is not None  # noqa: S101, PT018 - the caller saw to it
    three = f"{shown(estimate)} ({shown(lower)} to {shown(upper)})"
    if not lower <= estimate <= upper or lower == upper:
        yield Fault(path, f"got {three}; the estimate lies between its limits; check all three")
        return
    uneven = unevenness(row, scale=scale)
    if scale in RATIOS and uneven.is_of_a_logarithm and upper <= LARGEST_LOGARITHM:
        problem = (
            f"got {three}; limits of a ratio lie evenly around its logarithm, and these lie evenly "
            "around the figure itself, or nearly so, as those of a logarithm do; if it is one, "
            f"write the ratios {math.exp(estimate):.3g} ({math.exp(lower):.3g} to "
            f"{math.exp(upper):.3g}); if not, give standard_error of the logarithm instead of "
            "limits"
        )
        yield Fault(path, problem)
    elif uneven.additive > LARGEST_UNEVENNESS:
        problem = (
            f"got {three}; the limits lie far more to one side than limits of an estimate do; "
            "check all three and the scale, or give standard_error instead of limits"
        )
        yield Fault(path, problem)


def _count_scale(scale: StudyScale) -> CountScale:
    assert scale in get_args(CountScale)  # noqa: S101 - `faults_of` saw to it
    return scale  # type: ignore[return-value]  # narrowed by the line above
