"""Formulas that know their own value."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sibsim.core.words import Words
from sibsim.reports.workbook import days as d
from sibsim.reports.workbook import formulas as f
from sibsim.reports.workbook.formulas import Formula, lift
from sibsim.reports.workbook.sheets import Book
from tests.office import recalculated

ROUNDING = 1e-9
"""Both programs count in the same 64 bits; functions differ in the last ones."""


def _tree(depth: int) -> st.SearchStrategy[Formula]:
    """Return formulas of numbers and operators, nested."""
    numbers = st.sampled_from([-3.0, -0.5, 0.25, 1.0, 2.0, 7.0]).map(lift)
    if not depth:
        return numbers
    inner = _tree(depth - 1)
    return st.one_of(
        numbers,
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a - b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, b: a / b, inner, st.sampled_from([2.0, -4.0]).map(lift)),
        st.builds(lambda a, b: abs(a.number) ** b, inner, st.sampled_from([0.0, 1.0, 2.0])),
        st.builds(lambda a: -a, inner),
        st.builds(lambda a, b: a < b, inner, inner),
        st.builds(lambda a, b: a.equals(b), inner, inner),
        st.builds(lambda a, b: (a >= b) * a, inner, inner),
    ).map(lift)


def _as_python(text: str) -> float:
    """Return what a formula of numbers and operators comes to, read as Excel reads it.

    Excel's unary minus binds tighter than its power, Python's does not; no formula here writes one
    next to the other without brackets.
    """
    python = text.replace("^", "**").replace("<=", "≤").replace(">=", "≥").replace("=", "==")
    return float(eval(python.replace("≤", "<=").replace("≥", ">=")))  # noqa: S307 - numbers only, made above


@given(_tree(4))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_the_text_comes_to_the_value(formula: Formula) -> None:
    """Brackets stand where an operator would tear a part asunder, however deep it is."""
    assert math.isclose(
        _as_python(formula.text), formula.number, rel_tol=ROUNDING, abs_tol=ROUNDING
    )


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (lift(2) - (lift(3) - 4), "2-(3-4)"),
        (lift(2) - 3 - 4, "2-3-4"),
        (-(lift(2) ** 2), "-(2^2)"),
        ((-lift(2)) ** 2, "(-2)^2"),
        (lift(2) ** (lift(3) ** 2), "2^(3^2)"),
        ((lift(2) ** 3) ** 2, "(2^3)^2"),
        (lift(1) / (lift(2) * 3), "1/(2*3)"),
        ((lift(1) < 2) * 3, "(1<2)*3"),
        (1 - (lift(1) + 2), "1-(1+2)"),
        (lift(1e-9) * 2, "1E-09*2"),
    ],
)
def test_brackets_are_those_that_excel_needs(formula: Formula, text: str) -> None:
    """Excel reads -2^2 as 4 and 2^3^2 as 64: where that is not meant brackets say so."""
    assert formula.text == text


def test_functions_have_the_values_that_excel_gives() -> None:
    """Closed forms and Excel's own documentation of INT, ROUND, EDATE and SUMIF."""
    cells = Formula("A1:A3", np.array([1.0, 2.0, 2.0]))
    assert f.whole(-2.5).number == -3
    assert f.rounded(2.5, digits=0).number == 3
    assert f.rounded(-2.5, digits=0).number == -3
    end_of_january = d.day_number(date(2024, 1, 31))
    assert d.months_later(end_of_january, 1).number == d.day_number(date(2024, 2, 29))
    assert d.day_number(date(2024, 1, 1)) == 45_292
    assert f.sum_where(Formula("B1:B3", np.array([5.0, 6.0, 7.0])), keys=cells, key=2).number == 13
    assert f.normal(1.0).number == pytest.approx(0.8413447460685429, abs=ROUNDING)
    assert f.sum_product(f.lower_of(cells, 1.5)).number == 4
    assert f.at(cells, 2).number == 2
    assert f.cells_up_to(cells, 1.5).number == 1
    assert f.where(lift(1) < 2, 3, lift(1) / 0).number == 3


def test_a_rate_of_return_is_that_of_the_library() -> None:
    """-100, 60, 60 earns 13.066 % a period; where there is no rate there is no number."""
    flows = Formula("A1:A3", np.array([-100.0, 60.0, 60.0]))
    assert f.rate_of_return(flows).number == pytest.approx((0.6 + math.sqrt(0.36 + 2.4)) / 2 - 1)
    assert math.isnan(f.rate_of_return(Formula("A1:A2", np.array([1.0, 1.0]))).number)


@pytest.mark.office
def test_libreoffice_finds_every_value(soffice: str, tmp_path: Path) -> None:
    """Each function, written to a file without its value, comes to what Python found."""
    book = Book(tmp_path / "functions.xlsx", "en")
    sheet = book.sheet(Words(da="Prøve", en="Trial"))
    block = sheet.block([str(row) for row in range(4)], title="row")
    column = block.column("numbers", [-1.5, 0.25, 2.0, 3.0], kind="factor")
    flows = block.column("flows", [-100.0, 20.0, 0.0, 40.0], kind="factor")
    days = block.column(
        "days", [date(2024, 1, 31), date(2023, 2, 1), date(2024, 2, 29), date(2026, 12, 31)]
    )
    tried: list[Callable[[int], f.Operand]] = [
        lambda row: f.total(column.up_to(row), 1.5),
        lambda row: f.sum_product((column.all > column.at(row)) * column.all, flows.all),
        lambda _: f.sum_where(flows.all, keys=column.all, key=3),
        lambda row: (
            f.smallest(column.all, row) + f.largest(column.at(row), 0) - f.cut(row, low=1, high=2)
        ),
        lambda row: f.where(f.both(column.at(row) > 0, lift(row) < 3), 1 / column.at(row), -1),
        lambda row: f.where(f.either(column.at(row) > 2, lift(row) < 1), 7, -(column.at(row) ** 2)),
        lambda row: (
            f.sum_product(f.lower_of(column.all, row)) + f.sum_product(f.above_zero(flows.all))
        ),
        lambda row: (
            f.power_of_e(column.at(row))
            + f.logarithm(row + 1)
            + f.root(row)
            + f.absolute(column.at(row))
        ),
        lambda row: f.whole(column.at(row)) + f.rounded(column.at(row), digits=1),
        lambda row: f.normal(column.at(row)),
        lambda row: f.at(column.all, row + 1) * f.cells_up_to(column.all, row),
        lambda _: f.rate_of_return(flows.all, guess=-0.1),
        lambda row: d.months_later(days.at(row), row + 1) + d.days_in_month(days.at(row)),
        lambda row: d.year_of(days.at(row)) + d.month_of(days.at(row)) + d.day_of(days.at(row)),
        lambda row: -(column.at(row) ** 2) + (-column.at(row)) ** 2 + lift(2) ** (lift(3) ** 2),
        lambda row: column.at(row).equals(0.25) + (column.at(row) <= 2) * 10 + column.before(row),
    ]
    columns = [block.column(str(number), each, kind="factor") for number, each in enumerate(tried)]
    book.file.close()
    found = recalculated(soffice, tmp_path / "functions.xlsx", folder=tmp_path)["Trial"]
    for each in columns:
        for row in range(4):
            cell = found.cell(row=row + 2, column=each.place + 1).value
            assert cell == pytest.approx(each.at(row).number, rel=ROUNDING, abs=ROUNDING), (
                each.place,
                row,
            )
