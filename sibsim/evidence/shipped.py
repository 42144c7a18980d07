"""The studies that ship with sibsim: what was found of IPS, Housing First and others, with sources.

`data/evidence/<name>.csv` holds one row per study or per published meta-analysis, each with title,
address and year of where it was read. A row is `published` where its figures stand in that source,
`assumption` where counts were worked out from percentages, with the arithmetic in its note.

Assumption: published meta-analyses of one intervention share trials, with each other and with the
studies beside them, so that they are never put together; each is loaded by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import TYPE_CHECKING, Literal, Self, get_args

from sibsim.core import catalogue
from sibsim.core.spec import nearest
from sibsim.errors import ArgumentError, UnknownNameError
from sibsim.evidence.reading import read_studies
from sibsim.evidence.studies import Studies, StudyScale

if TYPE_CHECKING:
    import pandas as pd

FOLDER = "evidence"
"""Folder of the shipped data in which the tables lie."""

Kind = Literal["study", "meta_analysis"]
"""One study, or a published meta-analysis of several."""

COUNTS = ("events", "people", "comparison_events", "comparison_people")
"""Columns of counts: where all are given, they are used and the estimate beside them is not."""

_NUMBERS = frozenset({"estimate", "lower", "upper", "level", "standard_error", *COUNTS})

_MODERATORS = ("intervention", "country", "design", "setting")
"""What studies are told apart by."""

_OUTSIDE_ASCII = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ö": "oe"})
"""How letters are written in the name of a source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row of the shipped evidence: what one study or one published meta-analysis found."""

    study: str
    """Name of the study or meta-analysis, with its year."""

    intervention: str
    """What was done, in words."""

    outcome: str
    """What was measured, in words."""

    scale: str
    """Scale of the effect, one of `StudyScale`."""

    estimate: float | None
    """Effect as readers know it, a ratio as a ratio; None where only counts are given."""

    lower: float | None
    """Lower limit of its interval; None where none could be read."""

    upper: float | None
    """Upper limit of its interval; None where none could be read."""

    level: float | None
    """Probability that the interval covers, in (0, 1)."""

    standard_error: float | None
    """Standard error on the additive scale; None where an interval or counts are given."""

    events: float | None
    """People with the outcome among those treated."""

    people: float | None
    """People treated."""

    comparison_events: float | None
    """People with the outcome in the comparison group."""

    comparison_people: float | None
    """People in the comparison group."""

    measured_at_months: float | None
    """Months from the start at which it was measured; None where a source gives no one number."""

    country: str
    """Where it was."""

    design: str
    """`randomised`, `quasi_experimental`, or `mixed` in a meta-analysis of both."""

    setting: str
    """`research`: a trial team; `practice`: ordinary services."""

    kind: str
    """`study` or `meta_analysis`."""

    status: str
    """`published`: read in the source; `assumption`: worked out by us, `note` says how."""

    source_title: str
    """Title of what it was read in."""

    source_url: str
    """Address of what it was read in."""

    source_year: int
    """Year of what it was read in."""

    note: str
    """What a reader must know before using it."""

    @classmethod
    def of(cls, row: dict[str, str]) -> Self:
        """Return the finding in one row of a table."""
        months = row["measured_at_months"]
        numbers = {name: float(row[name]) if row[name] else None for name in _NUMBERS}
        return cls(
            **{
                **row,
                **numbers,
                "measured_at_months": float(months) if months else None,
                "source_year": int(row["source_year"]),
            }  # type: ignore[arg-type]  # the columns are the fields, which a test sees to
        )

    @property
    def has_counts(self) -> bool:
        """Whether the people and events of both groups are given."""
        return all(getattr(self, name) is not None for name in COUNTS)

    @property
    def says_how_sure(self) -> bool:
        """Whether counts, an interval or a standard error tell how well the effect is known."""
        limits = self.lower is not None and self.upper is not None
        return self.has_counts or limits or self.standard_error is not None

    @property
    def source(self) -> str:
        """Name of its source, such as `hellstroem-2017`."""
        plain = self.study.lower().translate(_OUTSIDE_ASCII)
        return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")

    @property
    def cells(self) -> dict[str, object]:
        """What `read_studies` reads of it."""
        figures = COUNTS if self.has_counts else ("estimate", "lower", "upper", "standard_error")
        names = (*_STUDY_COLUMNS, *_MODERATORS, *figures)
        stated = {name: getattr(self, name) for name in names}
        level = {} if self.has_counts or self.level is None else {"level": self.level}
        return {**stated, **level, "source": self.source}


_STUDY_COLUMNS = (
    "study",
    "scale",
    "outcome",
    "measured_at_months",
    "source_title",
    "source_url",
    "source_year",
    "status",
    "note",
)


def list_evidence(name: str | None = None) -> pd.DataFrame:
    """Return the evidence that ships with sibsim, or every row of one table of it.

    Parameters
    ----------
    name
        Name of a table, such as `ips-denmark`; None: all tables in short.

    Returns
    -------
    DataFrame
        Without a name one row per table, outcome, scale and kind: `name`, `intervention`,
        `outcome`, `scale`, `studies` (how many), `without_interval` (how many of them give an
        estimate alone, which `load_evidence` leaves out), `kind` and `sources`. With a name its
        rows as they ship.

    Raises
    ------
    UnknownNameError
        If no table has that name; names the nearest one.
    """
    import pandas as pd

    if name is not None:
        columns = [each.name for each in fields(Finding)]
        rows = [[getattr(each, column) for column in columns] for each in findings(name)]
        return pd.DataFrame(rows, columns=columns)
    groups: dict[tuple[str, str, str, str], list[Finding]] = {}
    for table in catalogue.names(FOLDER):
        for each in findings(table):
            key = (table, each.outcome, each.scale, each.kind)
            groups.setdefault(key, []).append(each)
    return pd.DataFrame(
        [
            {
                "name": table,
                "intervention": _joined(each.intervention for each in group),
                "outcome": outcome,
                "scale": scale,
                "studies": len(group),
                "without_interval": sum(not each.says_how_sure for each in group),
                "kind": kind,
                "sources": _joined(each.source_title for each in group),
            }
            for (table, outcome, scale, kind), group in groups.items()
        ]
    )


def load_evidence(
    name: str, *, kind: Kind = "study", outcome: str | None = None, study: str | None = None
) -> Studies:
    """Return studies that ship with sibsim, ready to be put together.

    Counts are used where they are given, else estimates with their intervals. What gives an
    estimate alone is left out and said.

    Parameters
    ----------
    name
        Name of a table, such as `ips-worldwide`, `ips-denmark` or `housing-first`; `list_evidence`
        shows them all.
    kind
        `study`, or `meta_analysis` for a published one, which is loaded alone: meta-analyses share
        trials, so that putting them together counts these several times.
    outcome
        Outcome in words; needed where a table has several.
    study
        Name of the one row to load; None: all of this kind and outcome.

    Returns
    -------
    Studies
        `notes` say what was left out, what was worked out by us, and what each study says.

    Raises
    ------
    UnknownNameError
        If the table, outcome or study is not known; names the nearest one.
    ArgumentError
        If the table has nothing of this kind, several outcomes or scales, several meta-analyses, or
        estimates without intervals only.
    """
    rows = findings(name)
    if kind not in get_args(Kind):
        way_out = nearest(kind, get_args(Kind)) or "; choose one of them"
        message = f"got kind = {kind!r}; known are {', '.join(get_args(Kind))}{way_out}"
        raise UnknownNameError(message)
    wanted = _of_kind(rows, name=name, kind=kind)
    wanted = _of(wanted, "outcome", asked=outcome, name=name)
    if study is not None or kind == "meta_analysis":
        wanted = _of(wanted, "study", asked=study, name=name)
    wanted = _of(wanted, "scale", asked=None, name=name)
    usable = [each for each in wanted if each.says_how_sure]
    if not usable:
        listed = ", ".join(f"{each.study} {each.estimate:g}" for each in wanted)
        message = (
            f"got {name!r}, kind = {kind!r}, which gives an estimate without an interval "
            f"({listed}); how sure it is could not be read; {_instead(rows, kind=kind)}state a "
            "spread of your own with sib.evidence.Prior.of_normal"
        )
        raise ArgumentError(message)
    scale: StudyScale = usable[0].scale  # type: ignore[assignment]  # a test sees to every row
    found = read_studies([each.cells for each in usable], scale=scale)
    return replace(found, notes=(*_left_out(rows, wanted, usable), *found.notes))


@cache
def findings(name: str) -> tuple[Finding, ...]:
    """Return the rows of one table of evidence.

    Raises
    ------
    UnknownNameError
        If no table has that name; names the nearest one.
    """
    known = catalogue.names(FOLDER)
    if name not in known:
        way_out = nearest(name, known) or f"; known are {', '.join(known)}"
        message = f"got {name!r}; no evidence of that name ships{way_out}"
        raise UnknownNameError(message)
    return tuple(Finding.of(row) for row in catalogue.rows(FOLDER, name))


def _of_kind(rows: Sequence[Finding], *, name: str, kind: Kind) -> list[Finding]:
    found = [each for each in rows if each.kind == kind]
    if not found:
        other = rows[0].kind
        listed = ", ".join(dict.fromkeys(each.study for each in rows))
        message = (
            f"got kind = {kind!r}; {name!r} has {other} only ({listed}); ask for kind = {other!r}"
        )
        raise ArgumentError(message)
    return found


def _of(rows: list[Finding], column: str, *, asked: str | None, name: str) -> list[Finding]:
    """Return the rows with one value of a column: the one asked for, or the only one."""
    known = tuple(dict.fromkeys(getattr(each, column) for each in rows))
    if asked is None and len(known) > 1:
        reason = "they are not put together"
        if column == "study":
            reason = "published meta-analyses often share trials and are loaded one at a time"
        way_out = (
            "see list_evidence() and state the outcome"
            if column == "scale"
            else f"state one, such as {column} = {known[-1]!r}"
        )
        message = f"{column}: {name!r} has {', '.join(known)}; {reason}; {way_out}"
        raise ArgumentError(message)
    if asked is not None and asked not in known:
        way_out = nearest(asked, known) or f"; known are {', '.join(known)}"
        message = f"got {column} = {asked!r}; {name!r} has none of that name{way_out}"
        raise UnknownNameError(message)
    return [each for each in rows if asked is None or getattr(each, column) == asked]


def _instead(rows: Sequence[Finding], *, kind: Kind) -> str:
    """Return what of a table can be loaded, in words, what is like it first; else nothing."""
    asked = [
        f"kind = {each.kind!r} with outcome = {each.outcome!r}"
        for each in sorted(rows, key=lambda each: each.kind != kind)
        if each.says_how_sure
    ]
    return f"ask for {' or '.join(dict.fromkeys(asked))}, or " if asked else ""


def _left_out(
    rows: Sequence[Finding], wanted: list[Finding], usable: list[Finding]
) -> tuple[str, ...]:
    """Return what was not loaded, in words."""
    kind, outcome = wanted[0].kind, wanted[0].outcome
    said = {
        "left out, as a published meta-analysis and studies are not put together": [
            each for each in rows if each.kind != kind
        ],
        "left out, of another outcome": [
            each for each in rows if each.kind == kind and each.outcome != outcome
        ],
        "left out, as an estimate is given without an interval": [
            each for each in wanted if not each.says_how_sure
        ],
        "read from counts, and the published estimate beside them not used": [
            each for each in usable if each.has_counts and each.estimate is not None
        ],
    }
    return tuple(
        f"{len(each)} of {len(rows)} rows {what}: {_joined(one.study for one in each)}"
        for what, each in said.items()
        if each
    )


def _joined(texts: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(texts))
