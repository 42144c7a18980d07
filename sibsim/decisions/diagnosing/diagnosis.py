"""What a diagnosis found: figures by design and number of participants, as tables and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import in_both
from sibsim.core.wording import Language, language, money, said
from sibsim.core.words import Words
from sibsim.decisions.diagnosing.diagnosands import DIAGNOSANDS, MONEY, Figure
from sibsim.decisions.diagnosing.words import (
    design_words,
    findings,
    head,
    number,
    on_what,
    own_title,
    people_words,
    refusal,
    same,
    title,
)

if TYPE_CHECKING:
    import pandas as pd

OWN = "case"
"""Name of the case's own design among the designs that are compared."""

THOUSAND = 1_000
"""Unit in which large amounts are shown."""

IN_THOUSANDS_FROM = 100_000.0
"""Amounts are shown in thousands where the largest is at least this."""

RATE_DIGITS = 3
"""Decimals of rates and estimates."""

ERROR = "_mc_error"
"""End of the column that holds the Monte Carlo error of another."""


@dataclass(frozen=True)
class Row:
    """What one design at one number of participants comes to.

    Attributes
    ----------
    evaluation
        Name of the design; `case` for the case's own.
    people
        Participants planned.
    served
        Those of them who are served, the others being controls; NaN where it is refused.
    words
        How the design measures; empty where it is refused.
    assumed
        The figures of an alternative in words; empty for the case's own and for stated designs.
    compares
        Whether its report holds a comparison: estimate and truth are effects, else rates.
    figures
        The figures by name; empty where the design is refused.
    refused
        Why the contract cannot be settled on the design; empty where it can.
    """

    evaluation: str
    people: float
    served: float
    words: Words
    assumed: Words
    compares: bool
    figures: Mapping[str, Figure]
    refused: str = ""


@dataclass(frozen=True)
class Diagnosis:
    """What evaluation designs do to the money of a case.

    Attributes
    ----------
    case
        Name of the case.
    measure
        The measure whose design is varied.
    title
        Title of the outcome that is measured.
    lines
        The payment lines that read it.
    pays_for_all
        Whether none of them reads the comparison, so that they pay for what would have come about
        anyway too.
    at_months
        The follow-up of estimate and truth, in months from the start of service.
    currency
        ISO 4217 code of the amounts.
    draws
        Number of simulated courses, each with and without effect.
    seed
        Seed of all chance.
    rows
        Designs by rising number of participants, at each the case's own design first.
    """

    case: str
    measure: str
    title: Words
    lines: tuple[str, ...]
    pays_for_all: bool
    at_months: int
    currency: str
    draws: int
    seed: int
    rows: tuple[Row, ...]

    def table(self) -> pd.DataFrame:
        """Return one row per design and number of participants.

        Returns
        -------
        DataFrame
            Rows (evaluation, people). One column per figure and one, ending in `_mc_error`, with
            its Monte Carlo error; estimates in the unit of a result, money in the case's currency.
            `served`: people served of those planned. `refused`: why the contract cannot be settled
            on the design, else empty.
        """
        import pandas as pd

        names = self._names()
        rows = [
            {"served": row.served}
            | {
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

        Designs that lead to the same payment are said in one.

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
        found = list(on_what(compares=self._kinds(), pays_for_all=self.pays_for_all))
        for alike in self._alike():
            first, others = alike[0], alike[1:]
            if first.refused:
                design = Words(da=first.evaluation, en=first.evaluation)
                found.append(refusal(design, people=first.people, refused=first.refused))
                continue
            found += findings(
                first.figures,
                design=_called(first),
                people=people_words(first.people, served=(first.served,)),
                currency=self.currency,
                pays_for_all=self.pays_for_all,
            )
            if others:
                found.append(
                    same(
                        [_called(row) for row in others],
                        people=people_words(first.people, served=[row.served for row in alike]),
                        design=design_words(first.words, own=first.evaluation == OWN),
                        pays_for_all=self.pays_for_all,
                    )
                )
        return tuple(each.say(lang) for each in found)

    def _alike(self) -> Iterable[list[Row]]:
        """Return designs with the same payments at the same number of people, in order."""
        found: dict[tuple[object, ...], list[Row]] = {}
        for row in self.rows:
            # As text, in which what is not defined equals itself.
            paid = tuple(str(row.figures[name].value) for name in sorted(MONEY) if row.figures)
            found.setdefault((row.people, paid or row.evaluation), []).append(row)
        return found.values()

    def shown(self, lang: Language = "en") -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield titles and tables of text: for each number of participants, figures by design.

        Figures of one's own come in a table of their own, each in its own unit.

        Parameters
        ----------
        lang
            Language of titles and numbers, `da` or `en`; figures keep their names.
        """
        unit = self._unit()
        for people in dict.fromkeys(row.people for row in self.rows):
            here = [row for row in self.rows if row.people == people and row.figures]
            served = [row.served for row in here]
            known = [name for name in self._names() if name in DIAGNOSANDS]
            figures = {
                name: [
                    _text(row.figures[name], digits=digits, unit=scale, lang=lang) for row in here
                ]
                for name in known
                for digits, scale in [(0, unit) if name in MONEY else (RATE_DIGITS, 1)]
            }
            if len(set(served)) > 1:
                figures = {"served": [said(number(each), lang) for each in served]} | figures
            where: dict[str, Words | str] = {
                "measure": self.measure,
                "people": people_words(people, served=served),
                "months": str(self.at_months),
                "amounts": money(float(unit), currency=self.currency)
                if unit > 1
                else self.currency,
            }
            yield title(lang, **where), _frame(figures, designs=here)
            own = {
                name: [_own_text(row.figures[name], lang=lang) for row in here]
                for name in self._names()
                if name not in DIAGNOSANDS
            }
            if own:
                yield own_title(lang, **where), _frame(own, designs=here)

    def __str__(self) -> str:
        """Return the tables and the sentences."""
        parts = [f"{above}\n{table.to_string()}" for above, table in self.shown()]
        return "\n\n".join([self.head(), *parts, "\n".join(self.sentences("en"))])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [
            f"<b>{escape(above)}</b>{table.to_html(border=0)}" for above, table in self.shown()
        ]
        items = "".join(f"<li>{escape(each)}</li>" for each in self.sentences("en"))
        return f"<p>{escape(self.head())}</p>{''.join(parts)}<ul>{items}</ul>"

    def head(self, lang: Language = "en") -> str:
        """Return what was asked and how, on one line.

        Parameters
        ----------
        lang
            `da` (Danish) or `en` (English).
        """
        return head(
            lang,
            case=self.case,
            measure=self.measure,
            lines=", ".join(self.lines),
            draws=number(self.draws),
            seed=str(self.seed),
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


def _called(row: Row) -> Words:
    """Return what a design is called in a sentence."""
    return design_words(row.words, own=row.evaluation == OWN, details=True, assumed=row.assumed)


def _frame(figures: Mapping[str, list[str]], *, designs: list[Row]) -> pd.DataFrame:
    """Return texts as a table, one column per design."""
    import pandas as pd

    columns = {
        row.evaluation: [texts[place] for texts in figures.values()]
        for place, row in enumerate(designs)
    }
    return pd.DataFrame(columns, index=pd.Index(list(figures), name="figure"))


def _text(figure: Figure, *, digits: int, unit: int, lang: Language) -> str:
    """Return a figure and its error as text in a unit; `-` where not defined."""
    if np.isnan(figure.value):
        return "-"
    # Adding zero makes a rounded -0 a plain 0.
    text = f"{round(figure.value / unit, digits) + 0.0:,.{digits}f}"
    if not np.isnan(figure.mc_error):
        text = f"{text}±{figure.mc_error / unit:,.{digits}f}"
    return said(in_both(text), lang)


def _own_text(figure: Figure, *, lang: Language) -> str:
    """Return a figure of one's own as text, unscaled; large ones without decimals."""
    digits = 0 if abs(figure.value) >= THOUSAND else RATE_DIGITS
    return _text(figure, digits=digits, unit=1, lang=lang)
