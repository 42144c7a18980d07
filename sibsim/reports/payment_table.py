"""The payment table: what is paid for, how much, by which data, on which terms.

Its columns are those of the toolbox of Den Sociale Investeringsfond (*Udvikling af betalingsmodel*,
https://socialeinvesteringer.nu/vaerktoejskasse/fase-2-design/udvikling-af-betalingsmodel/, 2026):
Betalingsmål, Betaling, Datakilde, Detaljer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sibsim.case import Case
from sibsim.core.wording import Language, designs_words, language, money, said
from sibsim.core.words import Words
from sibsim.payments.base import PaymentModel

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    Words(da="Betalingsmål", en="Payment metric"),
    Words(da="Betaling", en="Payment"),
    Words(da="Datakilde", en="Data source"),
    Words(da="Detaljer", en="Details"),
)
"""Columns of the table."""

BY_RESULT = Words(da="efter resultatet, se detaljer", en="by result, see details")
"""Payment of a line that states no price."""

NO_DATA = Words(da="ingen måling", en="no measurement")
"""Data source of a line that reads no measure."""


def payment_table(case: Case, *, lang: str = "en") -> pd.DataFrame:
    """Return what the contract pays for.

    Parameters
    ----------
    case
        The case.
    lang
        `da` or `en`.

    Returns
    -------
    DataFrame
        One row per payment line, by its name; columns payment metric, payment (the price, or the
        prices by follow-up), data source, and details, which is the rule as a sentence.

    Raises
    ------
    ArgumentError
        If the language is neither.
    """
    import pandas as pd

    spoken = language(lang)
    rules = case.describe(spoken)["rule"]
    rows = {
        name: [
            _goal(case, line, name=name, lang=spoken),
            _price(line, currency=case.head.currency, lang=spoken),
            _source(case, line, lang=spoken),
            str(rules[name]),
        ]
        for name, line in case.contract.payments.items()
    }
    columns = [column.in_language(spoken) for column in COLUMNS]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    frame.index.name = "line"
    return frame


def _measures(line: PaymentModel) -> list[str]:
    """Return the measures that a line reads."""
    return list(dict.fromkeys(reading.measure for reading in line.readings))


def _title(case: Case, measure: str) -> Words | str:
    outcome = case.measures[measure].outcome
    return case.outcomes[outcome].title or outcome


def _goal(case: Case, line: PaymentModel, *, name: str, lang: Language) -> str:
    """Return what a line pays for: its own title, else those of the outcomes that it reads."""
    if line.title is not None:
        return line.title.in_language(lang)
    titles = [said(_title(case, measure), lang) for measure in _measures(line)]
    return ", ".join(dict.fromkeys(titles)) or name.replace("_", " ")


def _price(line: PaymentModel, *, currency: str, lang: Language) -> str:
    """Return the price of a line, or its prices in order; where it has none, that it has none."""
    price = getattr(line, "price", None)
    if price is None:
        return BY_RESULT.in_language(lang)
    prices = price if isinstance(price, tuple) else (price,)
    return " / ".join(money(each, currency=currency).in_language(lang) for each in prices)


def _source(case: Case, line: PaymentModel, *, lang: Language) -> str:
    """Return how the results that a line reads are measured."""
    read = _measures(line)
    if not read:
        return NO_DATA.in_language(lang)
    compared = line.needs_comparison
    designs = [
        (_title(case, measure), case.measures[measure].words(compared=compared)) for measure in read
    ]
    return said(designs_words(designs), lang)
