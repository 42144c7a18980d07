"""What a diagnosis found: figures by design and number of participants, as tables and sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.wording import Language, language
from sibsim.core.words import Words
from sibsim.decisions.diagnosands import MONEY, Figure
from sibsim.decisions.diagnosis_words import design_words, findings, on_what, refusal

if TYPE_CHECKING:
    import pandas as pd

OWN = "case"
"""Name of the case's own design among the designs that are compared."""

THOUSAND = 1_000
"""Unit in which large amounts are shown."""

IN_THOUSANDS_FROM = 100_000.0
"""Amounts are shown in thousands where the largest is at least this."""

ERROR = "_mc_error"
"""End of the column that holds the Monte Carlo error of another."""


@dataclass(frozen=True)
class Row:
    """What one design at one number of participants comes to."""

    evaluation: str
    """Name of the design; `case` for the case's own."""

    people: float
    """Participants planned."""

    words: Words
    """How the design measures; empty where it is refused."""

    assumed: str
    """The figures of an alternative, as a case file writes them; empty for the case's own."""

    compares: bool
    """Whether its report holds a comparison: estimate and truth are effects, else rates."""

    figures: Mapping[str, Figure]
    """The figures by name; empty where the design is refused."""

    refused: str = ""
    """Why the contract cannot be settled on the design; empty where it can."""


@dataclass(frozen=True)
class Diagnosis:
    """What evaluation designs do to the money of a case."""

    case: str
    """Name of the case."""

    measure: str
    """The measure whose design is varied."""

    title: Words
    """Title of the outcome that is measured."""

    lines: tuple[str, ...]
    """The payment lines that read it."""

    pays_for_all: bool
    """Whether none of them reads the comparison, so that they pay for what would have come about
    anyway too."""

    at_months: int
    """The follow-up of estimate and truth, in months from the start of service."""

    currency: str
    """ISO 4217 code of the amounts."""

    draws: int
    """Number of simulated courses, each with and without effect."""

    seed: int
    """Seed of all chance."""

    rows: tuple[Row, ...]
    """Designs by numbers of participants, the case's own design first."""

    def table(self) -> pd.DataFrame:
        """Return one row per design and number of participants.

        Returns
        -------
        DataFrame
            Rows (evaluation, people). One column per figure and one, ending in `_mc_error`, with
            its Monte Carlo error; estimates in the unit of a result, money in the case's currency.
            `refused`: why the contract cannot be settled on the design, else empty.
        """
        import pandas as pd

        names = self._names()
        rows = [
            {
                column: value
                for name in names
                for column, value in (
                    (name, row.figures[name].value if row.figures else np.nan),
                    (f"{name}{ERROR}", row.figures[name].mc_error if row.figures else np.nan),
                )
            }
            | {"refused": row.refused}
            for row in self.rows
        ]
        index = pd.MultiIndex.from_tuples(
            [(row.evaluation, row.people) for row in self.rows], names=["evaluation", "people"]
        )
        return pd.DataFrame(rows, index=index)

    def frame(self) -> pd.DataFrame:
        """Return one row per design, number of participants and figure, ready to be plotted.

        Returns
        -------
        DataFrame
            Columns `evaluation`, `people`, `diagnosand`, `value`, `mc_error`; refused designs are
            left out, as they have no figures.
        """
        import pandas as pd

        rows = [
            (row.evaluation, row.people, name, each.value, each.mc_error)
            for row in self.rows
            for name, each in row.figures.items()
        ]
        columns = ["evaluation", "people", "diagnosand", "value", "mc_error"]
        return pd.DataFrame(rows, columns=columns)

    def sentences(self, lang: Language = "en") -> tuple[str, ...]:
        """Return what was found in short plain sentences, at most three per design and number.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).

        Raises
        ------
        ArgumentError
            If the language is neither.
        """
        lang = language(lang)
        said = list(on_what(compares=self._kinds(), pays_for_all=self.pays_for_all))
        for row in self.rows:
            words = row.words if row.words.en else Words(da=row.evaluation, en=row.evaluation)
            design = design_words(words, own=row.evaluation == OWN, assumed=row.assumed)
            if row.refused:
                said.append(refusal(design, people=row.people, refused=row.refused))
            else:
                said += findings(
                    row.figures, design=design, people=row.people, currency=self.currency
                )
        return tuple(each.say(lang) for each in said)

    def shown(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield a title and a table of text for each number of participants: figures by design."""
        import pandas as pd

        unit = self._unit()
        amounts = self.currency if unit == 1 else f"{self.currency} {unit:,}"
        for people in dict.fromkeys(row.people for row in self.rows):
            here = [row for row in self.rows if row.people == people and row.figures]
            columns = {
                row.evaluation: [
                    _text(row.figures[name], unit=unit if name in MONEY else None)
                    for name in self._names()
                ]
                for row in here
            }
            where = f"{self.measure}, {people:,.0f} people, at {self.at_months} months"
            yield (
                f"{where}; money in {amounts}",
                pd.DataFrame(columns, index=pd.Index(self._names(), name="figure")),
            )

    def __str__(self) -> str:
        """Return the tables and the sentences."""
        parts = [f"{title}\n{table.to_string()}" for title, table in self.shown()]
        return "\n\n".join([self.head(), *parts, "\n".join(self.sentences("en"))])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [
            f"<b>{escape(title)}</b>{table.to_html(border=0)}" for title, table in self.shown()
        ]
        said = "".join(f"<li>{escape(each)}</li>" for each in self.sentences("en"))
        return f"<p>{escape(self.head())}</p>{''.join(parts)}<ul>{said}</ul>"

    def head(self) -> str:
        """Return what was asked and how, on one line."""
        lines = ", ".join(self.lines)
        return (
            f"{self.case}: payment lines that read {self.measure}: {lines}; {self.draws:,} courses "
            f"with and without effect, seed {self.seed}; ± is the Monte Carlo error"
        )

    def _unit(self) -> int:
        """Return the unit that amounts are shown in: 1, or 1,000 where they are large."""
        large = any(
            row.figures[name].value >= IN_THOUSANDS_FROM
            for row in self.rows
            for name in MONEY
            if name in row.figures
        )
        return THOUSAND if large else 1

    def _names(self) -> tuple[str, ...]:
        return next((tuple(row.figures) for row in self.rows if row.figures), ())

    def _kinds(self) -> tuple[bool, ...]:
        """Return whether designs compare, each answer once."""
        return tuple(dict.fromkeys(row.compares for row in self.rows if row.figures))


def _text(figure: Figure, *, unit: int | None) -> str:
    """Return a figure and its error as text, an amount in its unit; `-` where not defined."""
    if np.isnan(figure.value):
        return "-"
    digits, scale = (3, 1) if unit is None else (0, unit)
    # Adding zero makes a rounded -0 a plain 0.
    value = f"{round(figure.value / scale, digits) + 0.0:,.{digits}f}"
    if np.isnan(figure.mc_error):
        return value
    return f"{value}±{figure.mc_error / scale:,.{digits}f}"
