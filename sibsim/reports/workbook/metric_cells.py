"""Cells of metrics: how each is shown, and whether the live one is the library's own.

A live total is checked against the base case while no input is changed: `OK`, or an error that the
reader sees; after a change the two may differ, and the cell says so instead.
"""

from __future__ import annotations

import math

from sibsim.core.wording import said
from sibsim.core.words import Words
from sibsim.figures import NEVER, is_probability
from sibsim.metric_words import NUMBERS
from sibsim.reports.document.words import FRONT
from sibsim.reports.workbook.formulas import Formula, lift
from sibsim.reports.workbook.inputs import HIGH, VALUE, WRITTEN
from sibsim.reports.workbook.model import Live
from sibsim.reports.workbook.sheets import Sheet, letters_of
from sibsim.reports.workbook.styles import Kind, Style

MONEY_TOLERANCE = 0.01
"""Money may differ by less than one hundredth of the currency: what people check by."""

RATE_TOLERANCE = 1e-6
"""Rates, multiples and years may differ by less: spreadsheets find rates of return to seven
digits."""

NOTHING = 1e-9
"""Numbers closer to zero than this are rounding errors of it."""

OK = "OK"
WRONG = Words(da="AFVIGER", en="DIFFERS")
CHANGED = Words(da="ændret", en="changed")
"""What a check says: as in the library, not so although no input is changed, or an input is."""


def kind_of(metric: str) -> Kind:
    """Return how a metric is shown."""
    if metric.endswith("irr") or metric.startswith("measurement_bias.") or is_probability(metric):
        return "share"
    if metric.endswith("year"):
        return "year"
    others = ("multiple", "years", "clipped", "turned_away")
    if any(part in metric for part in (*NUMBERS, *others)):
        return "number"
    return "money"


def changed_inputs(live: Live) -> Formula:
    """Return how many rows of the input sheet are no longer what was written."""
    inputs = live.inputs
    if inputs.sheet is None or not inputs.places:
        return lift(0)
    first, last = min(inputs.places.values()) + 1, max(inputs.places.values()) + 1
    name = inputs.sheet.name

    def cells(column: int) -> str:
        letter = letters_of(column)
        return f"{name}!${letter}${first}:${letter}${last}"

    # A row counts once, whichever of value, low, base and high differ from what was written.
    differ = "+".join(
        f"({cells(column)}<>{cells(WRITTEN + column - VALUE)})" for column in range(VALUE, HIGH + 1)
    )
    return Formula(f"SUMPRODUCT(1*(({differ})>0))", 0.0)


def put_value(
    sheet: Sheet, row: int, column: int, value: float, *, metric: str, style: Style = "plain"
) -> None:
    """Write a number of a metric; `never` where it never comes about, nothing where undefined.

    Parameters
    ----------
    sheet
        The sheet.
    row, column
        Where, from zero.
    value
        The number.
    metric
        Name of the metric.
    style
        What the cell is.
    """
    if math.isnan(value) and metric.endswith(NEVER):
        value = math.inf
    if math.isfinite(value):
        value = 0.0 if abs(value) < NOTHING else value
        sheet.put(row, column, value, sheet.book.look(kind_of(metric), style))
    elif math.isinf(value):
        sheet.put(row, column, FRONT["never"], sheet.book.look("text", style))


def put_check(
    sheet: Sheet,
    row: int,
    column: int,
    *,
    metric: str,
    live: Formula,
    library: float,
    changed: Formula,
) -> str:
    """Write a difference and beside it whether a live cell is as the library; return what it says.

    Parameters
    ----------
    sheet
        The sheet.
    row, column
        Where the difference stands, from zero.
    metric
        Name of the metric.
    live
        Its live cell.
    library
        The metric of the base case.
    changed
        The cell with the number of changed inputs.
    """
    book, lang = sheet.book, sheet.book.lang
    wrong, after_change = said(WRONG, lang), said(CHANGED, lang)
    kind = kind_of(metric)
    tolerance = MONEY_TOLERANCE if kind == "money" else RATE_TOLERANCE
    if math.isnan(library):
        same, same_now = f"NOT(ISNUMBER({live.text}))", math.isnan(live.number)
    else:
        gap = f"IF(ISNUMBER({live.text}),{live.text}-{lift(library).text},{lift(1).text})"
        same = f"ABS({gap})<{tolerance!r}"
        same_now = abs(live.number - library) < tolerance
        difference = live - library
        shown: Formula = Formula(
            f'IF(ISNUMBER({live.text}),{difference.text},"")', difference.value
        )
        precise: Kind = "factor" if kind == "share" else "number"
        sheet.put(row, column, shown, book.look(precise))
    verdict = OK if same_now else wrong
    text = f'=IF({changed.text}=0,IF({same},"{OK}","{wrong}"),"{after_change}")'
    sheet.paper.write_formula(row, column + 1, text, book.look("text"), verdict)
    return verdict


def colour_checks(sheet: Sheet, *, first: int, last: int, column: int) -> None:
    """Let a check that fails be seen.

    Parameters
    ----------
    sheet
        The sheet.
    first, last
        Rows, from zero.
    column
        Column of the checks, from zero.
    """
    bad = sheet.book.file.add_format({"bold": True, "font_color": "#9C0006", "bg_color": "#FFC7CE"})
    good = sheet.book.file.add_format({"font_color": "#006100"})
    for value, look in ((said(WRONG, sheet.book.lang), bad), (OK, good)):
        sheet.paper.conditional_format(
            first,
            column,
            last,
            column,
            {"type": "cell", "criteria": "==", "value": f'"{value}"', "format": look},
        )
