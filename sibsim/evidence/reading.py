"""From a table of studies to `Studies`: every fault at once, everything corrected said.

One row per study, with the columns of `StudyRow`; every other column is a moderator, numbers or
words. Nothing is left out, corrected or counted twice in silence: see `Studies.notes`.

Sources: Higgins and Green (eds.) 2011, "Cochrane Handbook for Systematic Reviews of Interventions"
5.1, sections 9.2.2.2 (empty cells, studies that show no ratio) and 16.3.4 (clusters).
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress
from math import isfinite
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import numpy as np

from sibsim.core.effect_checks import finite, refuse_where
from sibsim.core.effect_sizes import ZERO_CELL_CORRECTION, EffectSize
from sibsim.core.spec import nearest
from sibsim.core.validation import shown, validated
from sibsim.errors import ArgumentError, CaseError, Fault, FileError, UnknownNameError
from sibsim.evidence.reading_notes import notes_on
from sibsim.evidence.studies import Counts, Studies, StudyScale
from sibsim.evidence.study_rows import StudyRow, effect_of, faults_of

if TYPE_CHECKING:
    import pandas as pd

WORDS = frozenset(
    {"study", "scale", "outcome", "source", "source_title", "source_url", "status", "note"}
)
"""Columns whose cells are words, even where they look like numbers."""

AT_MONTHS = "measured_at_months"
"""The column that is a moderator where every study states it."""

Cells = dict[str, object]
"""What is stated of one study, by column."""


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
    scale: StudyScale,
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
        A frame, the path of a CSV file (commas between cells, points in numbers), or a list with
        one mapping per study.
    scale
        Scale of the effects.
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
        If there is no study, or none that shows a ratio, or `correction` is below 0.
    UnknownNameError
        If the scale or the outcome is not known.
    FileError
        If the file cannot be read.
    """
    known = get_args(StudyScale)
    if scale not in known:
        way_out = nearest(str(scale), known) or "; choose one of them"
        message = f"got scale = {scale!r}; known are {', '.join(known)}{way_out}"
        raise UnknownNameError(message)
    added = finite("correction", correction)
    refuse_where(added < 0, "correction", added, rule="it is added to people: give 0 or more")
    where, table = _table(given)
    rows = _of_outcome(table, outcome=outcome, where=where)
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
    faults += _doubles(rows)
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
            others=len(table) - len(rows),
        ),
    )


def _table(given: object) -> tuple[str, list[Cells]]:
    """Return what is read, for messages, and its rows without what is missing."""
    if isinstance(given, str | PathLike):
        return str(given), _of_file(Path(given))
    columns = getattr(given, "to_dict", None)
    rows = columns("records") if columns is not None and not isinstance(given, Mapping) else given
    if isinstance(rows, Mapping | bytes) or not isinstance(rows, Iterable):
        message = (
            f"got {shown(given)}; studies are a frame, the path of a CSV file, or a list with one "
            "mapping per study"
        )
        raise ArgumentError(message)
    table: list[Cells] = []
    for row in rows:
        if not isinstance(row, Mapping):
            message = f"got {shown(row)} as a study; a study is a mapping of columns to figures"
            raise ArgumentError(message)
        table.append(
            {str(name): _plain(str(name), cell) for name, cell in row.items() if _is_given(cell)}
        )
    return "studies", table


def _of_file(path: Path) -> list[Cells]:
    """Return the rows of a CSV file, numbers as numbers."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            rows = list(reader)
            columns = list(reader.fieldnames or [])
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"got {path}, which cannot be read as CSV: {error}; check the path and the file"
        raise FileError(message) from error
    if len(columns) <= 1 and any(";" in each for each in columns):
        message = (
            f"got {path} with semicolons between its cells; write commas between cells and points "
            "in numbers, or read it with pandas.read_csv(..., sep=';', decimal=',')"
        )
        raise FileError(message)
    wide = [number for number, row in enumerate(rows, start=1) if None in row]
    if wide:
        message = (
            f"got {path} with more cells in row {wide[0]} than columns; put words with a comma in "
            "quotes"
        )
        raise FileError(message)
    return [
        {name: _number_in(name, cell) for name, cell in row.items() if cell and cell.strip()}
        for row in rows
    ]


def _number_in(name: str, cell: str) -> object:
    """Return the number that a cell holds, or its words."""
    text = cell.strip()
    if name in WORDS:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return _plain(name, number)


def _is_given(cell: object) -> bool:
    """Return whether a cell is not empty: not None, NaN or a missing value of a frame."""
    return not (cell is None or cell == "" or type(cell).__name__ in {"NAType", "NaTType"}) and (
        not isinstance(cell, float | np.floating) or not np.isnan(cell)
    )


def _plain(name: str, cell: object) -> object:
    """Return a cell as Python's own kind: no numpy number, a whole year, a name in words."""
    value = cell.item() if isinstance(cell, np.generic) else cell
    if name == "study" and isinstance(value, int | float):
        return f"{value:g}"
    if name == "source_year" and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _of_outcome(table: list[Cells], *, outcome: str | None, where: str) -> dict[str, Cells]:
    """Return the rows of an outcome, by path; of all, where none is asked for and one is stated."""
    paths = [
        f"row {number} ({cells['study']})" if "study" in cells else f"row {number}"
        for number, cells in enumerate(table, start=1)
    ]
    stated = {str(cells["outcome"]): None for cells in table if "outcome" in cells}
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
        raise CaseError((Fault("outcome", problem),), where=where)
    return {
        path: cells
        for path, cells in zip(paths, table, strict=True)
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
    for name, times in Counter(names).items():
        if times > 1:
            problem = (
                f"stands {times} times; a study counts once; keep one row, or name two samples of "
                "it apart"
            )
            yield Fault(f"study {name}", problem)


def _counts(kept: list[_Read]) -> Counts | None:
    """Return the counts of independent people, where every study has them."""
    if not all(each.row.has_counts for each in kept):
        return None
    return Counts(*np.array([each.row.independent_counts for each in kept], dtype=np.float64).T)
