"""What was corrected, left out or is unusual in a table of studies, counted and in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from sibsim.core.distributions import shown
from sibsim.core.validation import listing_of
from sibsim.evidence.estimates import figure
from sibsim.evidence.studies import StudyScale
from sibsim.evidence.study_limits import LARGEST_LOGARITHM, interval_of_error, unevenness
from sibsim.evidence.study_rows import StudyRow


def notes_on(
    rows: Sequence[StudyRow],
    *,
    scale: StudyScale,
    correction: float,
    silent: Sequence[str],
    others: int,
) -> tuple[str, ...]:
    """Return the notes on a table of studies.

    Parameters
    ----------
    rows
        The studies read, those that show no ratio among them.
    scale
        Scale of the effects.
    correction
        What was added to all cells where one is empty.
    silent
        Names of studies that show no ratio and are left out.
    others
        Rows of other outcomes, left out.
    """
    notes: list[str] = []
    if others:
        notes.append(f"{others} rows without this outcome left out")
    if silent:
        notes.append(
            f"{_studies(silent)} left out: nobody, or everybody, of both groups has the outcome, "
            "which shows no ratio"
        )
    empty = [row.study for row in rows if row.has_empty_cell and row.study not in silent]
    if empty and correction > 0:
        notes.append(
            f"{correction:g} added to all four cells where one is empty: {_studies(empty)}"
        )
    clustered = [f"{row.study} x {row.design_effect:.4g}" for row in rows if row.design_effect > 1]
    if clustered:
        notes.append(f"variance raised for clusters: {_studies(clustered)}")
    uneven = [row.study for row in rows if unevenness(row, scale=scale).additive > 0]
    if uneven:
        notes.append(
            "limits lie unevenly around the estimate, beyond rounding, and the standard error is "
            f"taken from their distance: {_studies(uneven)}"
        )
    of_errors = list(_intervals(rows, scale=scale))
    if of_errors:
        notes.append(
            "standard_error or variance of a ratio is read as that of its logarithm: "
            f"{_studies(of_errors)}"
        )
    twins = [f"{one} and {other}" for one, other in _twins(rows)]
    if twins:
        notes.append(f"the same figures under two names; is one counted twice? {'; '.join(twins)}")
    return (*notes, *_unstated(rows), *(f"{row.study}: {row.note}" for row in rows if row.note))


def _unstated(rows: Sequence[StudyRow]) -> Iterator[str]:
    """Yield a note for each thing that some studies state and others do not."""
    with_counts = [row.study for row in rows if row.has_counts]
    if with_counts and len(with_counts) < len(rows):
        yield f"counts of {_studies(with_counts)} only; what needs counts of all cannot be used"
    undated = [row.study for row in rows if row.measured_at_months is None]
    if undated and len(undated) < len(rows):
        yield f"measured_at_months is no moderator, as it is missing for {_studies(undated)}"
    unnamed = [row.study for row in rows if row.outcome is None]
    if unnamed and len(unnamed) < len(rows):
        yield f"outcome not stated, taken to be that of the others: {_studies(unnamed)}"
    assumed = [row.study for row in rows if row.status == "assumption"]
    if assumed:
        yield f"figures that are assumptions: {_studies(assumed)}"


def _twins(rows: Sequence[StudyRow]) -> Iterator[tuple[str, str]]:
    """Yield the names of each study and the first one with the same figures."""
    first: dict[tuple[float | None, ...], str] = {}
    for row in rows:
        name = first.setdefault(row.figures, row.study)
        if name != row.study:
            yield name, row.study


def _studies(names: Sequence[str]) -> str:
    noun = "study" if len(names) == 1 else "studies"
    return f"{len(names)} {noun} ({listing_of(list(names))})"


def _intervals(rows: Sequence[StudyRow], *, scale: StudyScale) -> Iterator[str]:
    """Yield what each stated error of a ratio means, and the ratio if its logarithm was given."""
    for row in rows:
        limits = interval_of_error(row, scale=scale)
        if limits is None or row.estimate is None:
            continue
        low, high = (figure(each).en for each in limits)
        estimate = shown(row.estimate)
        said = f"{row.study}: {estimate} ({low} to {high})"
        if row.estimate <= LARGEST_LOGARITHM:
            ratio = figure(math.exp(row.estimate)).en
            said += f"; if {estimate} is a logarithm write {ratio}"
        yield said
