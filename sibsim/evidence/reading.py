"""From a table of studies to `Studies`: every fault at once, everything corrected said.

One row per study, with the columns of `StudyRow`; every other column is a moderator, numbers or
words. Nothing is left out, corrected or counted twice in silence: see `Studies.notes`.

Sources: Higgins and Green (eds.) 2011, "Cochrane Handbook for Systematic Reviews of Interventions"
5.1, sections 9.2.2.2 (empty cells, studies that show no ratio) and 16.3.4 (clusters).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress
from math import isfinite
from os import PathLike
from typing import TYPE_CHECKING, get_args

import numpy as np

from sibsim.core.effect_checks import finite, refuse_where
from sibsim.core.effect_conversions import check_scale
from sibsim.core.effect_sizes import ZERO_CELL_CORRECTION, EffectSize
from sibsim.core.spec import nearest
from sibsim.core.tables import Cells, Columns, Table, table_of
from sibsim.core.validation import shown, validated
from sibsim.errors import ArgumentError, CaseError, Fault, UnknownNameError
from sibsim.evidence.reading_notes import notes_on
from sibsim.evidence.studies import Counts, Studies, StudyScale
from sibsim.evidence.study_limits import FLOAT_NOISE
from sibsim.evidence.study_rows import StudyRow, effect_of, faults_of

if TYPE_CHECKING:
    import pandas as pd

WORDS = frozenset(
    {"study", "scale", "outcome", "source", "source_title", "source_url", "status", "note"}
)
"""Columns whose cells are words, even where they look like numbers."""

FEWEST_WITH_A_TOTAL = 3
"""Rows of counts from which one may be a total: of two, a total is the other one again."""

AT_MONTHS = "measured_at_months"
"""The column that is a moderator where every study states it."""

COLUMNS = Columns(words=WORDS, numbers=frozenset(StudyRow.model_fields) - WORDS)
"""The columns of a table of studies that are no moderators."""


@dataclass(frozen=True, slots=True)
class _Read:
    """One row that was read without a fault."""

    row: StudyRow
    """What it states."""

    effect: EffectSize | None
    """Its effect on the additive scale; None where it shows no ratio."""

    others: Cells
    """Its other columns."""


def read_studies(
    given: pd.DataFrame | str | PathLike[str] | Iterable[Mapping[str, object]],
    *,
    scale: StudyScale | None = None,
    correction: float = ZERO_CELL_CORRECTION,
    outcome: str | None = None,
) -> Studies:
    """Read what studies found, on one scale.

    Columns: `study`; then `events`, `people`, `comparison_events`, `comparison_people`, or
    `estimate` with `standard_error`, `variance` or `lower` and `upper` (and `level`); optional
    `scale`, `outcome`, `measured_at_months`, `icc` with `cluster_size`, `source`, `source_title`,
    `source_url`, `source_year`, `status`, `note`. Every other column is a moderator. Estimates and
    limits are as readers know them, a ratio as a ratio; standard errors and variances are on the
    additive scale, that of the logarithm for a ratio. An empty cell or NaN is missing.

    Parameters
    ----------
    given
        A frame, the path of a CSV file in UTF-8 (with semicolons and decimal commas, as Danish
        spreadsheets write it, or with commas and points), or a list with one mapping per study.
        Headings may be in any case; text that is a number is one.
    scale
        Scale of the effects; always to be stated.
    correction
        Added to all four cells of studies that have an empty one, at least 0.
    outcome
        The outcome to read, where the table has several.

    Returns
    -------
    Studies
        One study or more; `notes` say what was corrected, left out or is unusual.

    Raises
    ------
    CaseError
        If rows are faulty; holds every fault.
    ArgumentError
        If there is no study, no scale, no study that shows a ratio, or `correction` is below 0.
    UnknownNameError
        If the scale or the outcome is not known.
    FileError
        If the file cannot be read.
    """
    check_scale(scale, known=get_args(StudyScale))
    assert scale is not None  # noqa: S101 - the line above saw to it
    added = finite("correction", correction)
    refuse_where(added < 0, "correction", added, rule="it is added to people: give 0 or more")
    where, stated = table_of(given, what="studies", columns=COLUMNS)
    table = Table(where, [(path, _named(cells)) for path, cells in stated])
    rows = _of_outcome(table, outcome=outcome)
    if not rows:
        message = f"got no studies in {where}; give one row for each study, one or more"
        raise ArgumentError(message)
    faults: list[Fault] = []
    read = [
        found
        for path, cells in rows.items()
        if (found := _read(cells, scale=scale, correction=correction, path=path, faults=faults))
    ]
    faults += _misspelt(rows) if faults else ()
    moderators = _moderators(rows, faults)
    sources = _sources(read, faults)
    faults += [*_doubles(rows), *_totals(read)]
    if faults:
        raise CaseError(tuple(faults), where=where)
    kept = [each for each in read if each.effect is not None]
    if not kept:
        message = (
            f"got {len(read)} studies in {where} in which nobody, or everybody, of both groups has "
            "the outcome; none shows a ratio; read them with scale = 'risk_difference'"
        )
        raise ArgumentError(message)
    shows = [each.effect is not None for each in read]
    return Studies(
        scale=scale,
        names=tuple(each.row.study for each in kept),
        estimate=np.array([each.effect.estimate for each in kept if each.effect], dtype=np.float64),
        variance=np.array([each.effect.variance for each in kept if each.effect], dtype=np.float64),
        counts=_counts(kept),
        moderators={name: tuple(compress(values, shows)) for name, values in moderators.items()},
        outcome=outcome or next((each.row.outcome for each in kept if each.row.outcome), None),
        sources=sources,
        notes=notes_on(
            [each.row for each in read],
            scale=scale,
            correction=correction,
            silent=[each.row.study for each in read if each.effect is None],
            others=len(table.rows) - len(rows),
        ),
    )


def _named(cells: Cells) -> Cells:
    """Return the cells of a row with its name in words and its year a whole number."""
    name, year = cells.get("study"), cells.get("source_year")
    if isinstance(name, float) and name.is_integer():
        name = int(name)
    if isinstance(name, int | float):
        cells = {**cells, "study": str(name)}
    if isinstance(year, float) and year.is_integer():
        cells = {**cells, "source_year": int(year)}
    return cells


def _of_outcome(table: Table, *, outcome: str | None) -> dict[str, Cells]:
    """Return the rows of an outcome, by path; of all, where none is asked for and one is stated."""
    rows = {
        f"{path} ({cells['study']})" if "study" in cells else path: cells
        for path, cells in table.rows
    }
    stated = {str(cells["outcome"]): None for cells in rows.values() if "outcome" in cells}
    if outcome is not None and outcome not in stated:
        way_out = nearest(outcome, stated) or "; choose one of them"
        listed = ", ".join(stated) or "none"
        message = f"got outcome = {outcome!r}; the table has {listed}{way_out}"
        raise UnknownNameError(message)
    if outcome is None and len(stated) > 1:
        problem = (
            f"got {', '.join(stated)}; several outcomes cannot be put together; read one "
            f"of them, such as outcome = {next(iter(stated))!r}"
        )
        raise CaseError((Fault("outcome", problem),), where=table.where)
    return {
        path: cells
        for path, cells in rows.items()
        if outcome is None or cells.get("outcome") == outcome
    }


def _read(
    cells: Cells, *, scale: StudyScale, correction: float, path: str, faults: list[Fault]
) -> _Read | None:
    """Return one row with its effect, or None with its faults added."""
    stated = {name: cell for name, cell in cells.items() if name in StudyRow.model_fields}
    others = {name: cell for name, cell in cells.items() if name not in stated}
    row, found = validated(stated, StudyRow, path=path)
    if row is not None:
        found = list(faults_of(row, scale=scale, path=path))
    if found:
        faults += found
        return None
    try:
        effect = effect_of(row, scale=scale, correction=correction)
    except ArgumentError as error:
        faults.append(Fault(path, str(error)))
        return None
    return _Read(row=row, effect=effect, others=others)


def _misspelt(rows: Mapping[str, Cells]) -> Iterator[Fault]:
    """Yield a hint for each moderator that is nearly called like a column of figures."""
    names = dict.fromkeys(name for cells in rows.values() for name in cells)
    for name in names:
        near = nearest(name, StudyRow.model_fields)
        if near and name not in StudyRow.model_fields:
            yield Fault(f"column {name}", f"is read as a moderator{near}")


def _moderators(
    rows: Mapping[str, Cells], faults: list[Fault]
) -> dict[str, tuple[float | str, ...]]:
    """Return every other column, numbers or words, one value per row."""
    own = frozenset(StudyRow.model_fields)
    names = dict.fromkeys(name for cells in rows.values() for name in cells if name not in own)
    found: dict[str, tuple[float | str, ...]] = {}
    if all(AT_MONTHS in cells for cells in rows.values()):
        names = {AT_MONTHS: None, **names}
    for name in names:
        missing = [path for path, cells in rows.items() if name not in cells]
        faults += [
            Fault(
                f"{path}.{name}",
                "is missing; a moderator is known of every study; fill it in or drop the column",
            )
            for path in missing
        ]
        values = {path: cells[name] for path, cells in rows.items() if name in cells}
        words = {path: value for path, value in values.items() if not _is_number(value)}
        if words and len(words) < len(values):
            faults += [
                Fault(
                    f"{path}.{name}",
                    f"got {shown(value)} where other studies have a number; "
                    "write numbers for all of them, or words",
                )
                for path, value in words.items()
            ]
        elif not missing:
            found[name] = tuple(
                float(value) if isinstance(value, int | float) else str(value)
                for value in values.values()
            )
    return found


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and isfinite(value)


def _sources(read: list[_Read], faults: list[Fault]) -> dict[str, dict[str, str | int]]:
    """Return where each study was read, by key of the source; of those without, by the study."""
    found: dict[str, dict[str, str | int]] = {}
    for each in read:
        row = each.row
        parts = {"title": row.source_title, "url": row.source_url, "year": row.source_year}
        stated = {name: part for name, part in parts.items() if part is not None}
        key = row.source or (row.study if stated else None)
        if key is None:
            continue
        known = found.setdefault(key, {})
        differing = [name for name, part in stated.items() if known.get(name, part) != part]
        if differing:
            problem = (
                f"got {', '.join(differing)} that differ between rows; one source has one title, "
                "address and year; name two sources"
            )
            faults.append(Fault(f"source {key}", problem))
        known.update(stated)
    return found


def _doubles(rows: Mapping[str, Cells]) -> Iterator[Fault]:
    """Yield a fault for each name that stands more than once."""
    names = [str(cells["study"]) for cells in rows.values() if "study" in cells]
    first = {_compared(name): name for name in reversed(names)}
    for key, times in Counter(map(_compared, names)).items():
        name = first[key]
        if times > 1:
            problem = (
                f"stands {times} times; a study counts once; keep one row, or name two samples of "
                "it apart"
            )
            yield Fault(f"study {name}", problem)


def _compared(name: str) -> str:
    """Return a name without case and spare blanks."""
    return " ".join(name.split()).casefold()


def _totals(read: list[_Read]) -> Iterator[Fault]:
    """Yield a fault for a row whose counts are the sum of all others."""
    counted = [each.row for each in read if each.row.has_counts]
    if len(counted) < FEWEST_WITH_A_TOTAL:
        return
    cells = np.array([row.cells for row in counted], dtype=np.float64)
    is_total = np.isclose(2.0 * cells, cells.sum(axis=0), rtol=FLOAT_NOISE, atol=0.0).all(axis=1)
    for row, total in zip(counted, is_total, strict=True):
        if total:
            problem = "has the sum of all others as its counts; a total is no study; drop the row"
            yield Fault(f"study {row.study}", problem)


def _counts(kept: list[_Read]) -> Counts | None:
    """Return the counts of independent people, where every study has them."""
    if not all(each.row.has_counts for each in kept):
        return None
    return Counts(*np.array([each.row.independent_counts for each in kept], dtype=np.float64).T)
