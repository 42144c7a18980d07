"""Formulas of a workbook that know their own value: written as arithmetic, read as a cell.

A `Formula` is a text that Excel and LibreOffice understand together with the number it comes to,
so that a calculation is written once, in Python's operators: `price * people` has the text `C4*D4`
and the value of the product. What is written into a workbook thus shows its number in every
program, also in those that do not calculate, and can be checked without one.

A range is a formula whose value is an array; operators work on it cell by cell, as they do inside
`SUMPRODUCT`, and only there. Dates are Excel's day numbers. Division by zero gives what NumPy
gives, so that the branch of `where` that is not taken does no harm. Source for operators and
precedence: ECMA-376, *Office Open XML*, part 1, section 18.17. Excel reads `-a^b` as `(-a)^b` and
`a^b^c` from the left, so both are written with brackets.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr

from sibsim.core.arrays import FloatArray
from sibsim.core.cashflow import irr as solved_irr

COMPARISON, SUM, PRODUCT, POWER, ATOM = range(1, 6)
"""How tightly a text holds together, by its outermost operator."""


@dataclass(frozen=True, slots=True, eq=False)
class Formula:
    """A text that a spreadsheet can calculate, and what it comes to."""

    text: str
    """The formula without its equals sign."""

    value: float | FloatArray
    """What it comes to: a number, or an array for a range."""

    binding: int = ATOM
    """How tightly the text holds together, by its outermost operator."""

    def __add__(self, other: Operand) -> Formula:
        """Return the sum."""
        return _operated(self, "+", other, np.add, binding=SUM)

    def __radd__(self, other: Operand) -> Formula:
        """Return the sum."""
        return lift(other) + self

    def __sub__(self, other: Operand) -> Formula:
        """Return the difference."""
        return _operated(self, "-", other, np.subtract, binding=SUM)

    def __rsub__(self, other: Operand) -> Formula:
        """Return the difference."""
        return lift(other) - self

    def __mul__(self, other: Operand) -> Formula:
        """Return the product."""
        return _operated(self, "*", other, np.multiply, binding=PRODUCT)

    def __rmul__(self, other: Operand) -> Formula:
        """Return the product."""
        return lift(other) * self

    def __truediv__(self, other: Operand) -> Formula:
        """Return the quotient."""
        return _operated(self, "/", other, np.divide, binding=PRODUCT)

    def __rtruediv__(self, other: Operand) -> Formula:
        """Return the quotient."""
        return lift(other) / self

    def __pow__(self, other: Operand) -> Formula:
        """Return the power."""
        return _operated(self, "^", other, np.power, binding=POWER)

    def __rpow__(self, other: Operand) -> Formula:
        """Return the power."""
        return lift(other) ** self

    def __neg__(self) -> Formula:
        """Return the negative."""
        return Formula(f"-{_held(self, ATOM)}", _number(-np.asarray(self.value)), SUM)

    def __lt__(self, other: Operand) -> Formula:
        """Return 1 where it is less than the other, else 0."""
        return _compared(self, "<", other, np.less)

    def __le__(self, other: Operand) -> Formula:
        """Return 1 where it is at most the other, else 0."""
        return _compared(self, "<=", other, np.less_equal)

    def __gt__(self, other: Operand) -> Formula:
        """Return 1 where it is more than the other, else 0."""
        return _compared(self, ">", other, np.greater)

    def __ge__(self, other: Operand) -> Formula:
        """Return 1 where it is at least the other, else 0."""
        return _compared(self, ">=", other, np.greater_equal)

    def equals(self, other: Operand) -> Formula:
        """Return 1 where it equals the other, else 0.

        Parameters
        ----------
        other
            What it is compared with.
        """
        return _compared(self, "=", other, np.equal)

    @property
    def number(self) -> float:
        """The value of a formula that is one number."""
        return float(self.value)

    @property
    def array(self) -> FloatArray:
        """The values of a range."""
        return np.asarray(self.value, dtype=np.float64)


Operand = Formula | float | int
"""What stands beside an operator."""


def lift(given: Operand) -> Formula:
    """Return a formula as it is, and a number as the formula that is only this number."""
    if isinstance(given, Formula):
        return given
    number = float(given)
    text = str(int(number)) if number.is_integer() else repr(number).upper()
    return Formula(text, number, SUM if number < 0 else ATOM)


def total(*parts: Operand) -> Formula:
    """Return `SUM`: of numbers, and of all cells of ranges."""
    lifted = [lift(part) for part in parts]
    return call("SUM", lifted, math.fsum(float(np.sum(part.value)) for part in lifted))


def added(parts: list[Formula]) -> Formula:
    """Return a sum written with plus signs; 0 where there is nothing to add."""
    if not parts:
        return lift(0)
    found = parts[0]
    for part in parts[1:]:
        found = found + part
    return found


def sum_product(part: Formula, *others: Formula) -> Formula:
    """Return `SUMPRODUCT`: the sum over cells of the product of ranges of one size."""
    product = np.asarray(part.value)
    for other in others:
        product = product * np.asarray(other.value)
    return call("SUMPRODUCT", [part, *others], float(np.sum(product)))


def sum_where(values: Formula, *, keys: Formula, key: Operand) -> Formula:
    """Return `SUMIF`: the sum of the values whose key is `key`, a whole number.

    Parameters
    ----------
    values, keys
        Ranges of one size.
    key
        The key that is looked for.
    """
    wanted = lift(key)
    chosen = values.array[keys.array == wanted.number]
    return call("SUMIF", [keys, wanted, values], float(chosen.sum()))


def smallest(*parts: Operand) -> Formula:
    """Return `MIN`: of numbers, and of all cells of ranges."""
    lifted = [lift(part) for part in parts]
    return call("MIN", lifted, min(float(np.min(part.value)) for part in lifted))


def largest(*parts: Operand) -> Formula:
    """Return `MAX`: of numbers, and of all cells of ranges."""
    lifted = [lift(part) for part in parts]
    return call("MAX", lifted, max(float(np.max(part.value)) for part in lifted))


def cut(value: Operand, *, low: Operand, high: Operand) -> Formula:
    """Return a number cut to an interval.

    Parameters
    ----------
    value
        The number.
    low, high
        The ends of the interval.
    """
    return largest(low, smallest(high, value))


def where(condition: Formula, then: Operand, otherwise: Operand) -> Formula:
    """Return `IF`: one of two numbers."""
    chosen, other = lift(then), lift(otherwise)
    value = chosen.value if condition.number else other.value
    return call("IF", [condition, chosen, other], value)


def either(*conditions: Formula) -> Formula:
    """Return `OR`: 1 where one of the conditions holds."""
    return call("OR", list(conditions), float(any(each.number for each in conditions)))


def both(*conditions: Formula) -> Formula:
    """Return `AND`: 1 where all conditions hold."""
    return call("AND", list(conditions), float(all(each.number for each in conditions)))


def lower_of(values: Formula, bound: Operand) -> Formula:
    """Return the smaller of each cell of a range and a number, for use in `sum_product`."""
    limit = lift(bound)
    return (values < limit) * values + (values >= limit) * limit


def above_zero(values: Formula) -> Formula:
    """Return what each cell of a range has above zero, for use in `sum_product`."""
    return (values > 0) * values


def power_of_e(value: Operand) -> Formula:
    """Return `EXP`."""
    return _elementwise("EXP", lift(value), np.exp)


def logarithm(value: Operand) -> Formula:
    """Return `LN`, the natural logarithm."""
    return _elementwise("LN", lift(value), np.log)


def absolute(value: Operand) -> Formula:
    """Return `ABS`."""
    return _elementwise("ABS", lift(value), np.abs)


def root(value: Operand) -> Formula:
    """Return `SQRT`."""
    return _elementwise("SQRT", lift(value), np.sqrt)


def whole(value: Operand) -> Formula:
    """Return `INT`: the largest whole number that is not above it."""
    return _elementwise("INT", lift(value), np.floor)


def rounded(value: Operand, *, digits: int) -> Formula:
    """Return `ROUND` to a number of decimals, halves away from zero.

    Parameters
    ----------
    value
        The number.
    digits
        Decimals that are kept.
    """
    lifted = lift(value)
    scaled = abs(lifted.number) * 10**digits
    found = math.copysign(math.floor(scaled + 0.5) / 10**digits, lifted.number)
    return call("ROUND", [lifted, lift(digits)], found)


def normal(value: Operand) -> Formula:
    """Return the standard normal distribution function."""
    lifted = lift(value)
    return Formula(f"NORM.S.DIST({lifted.text},TRUE)", _number(ndtr(lifted.value)))


def at(values: Formula, position: Operand) -> Formula:
    """Return `INDEX`: the cell of a range at a position, the first being 1."""
    place = lift(position)
    cells = values.array.ravel()
    row = int(place.number) - 1
    return call("INDEX", [values, place], float(cells[row]) if 0 <= row < len(cells) else math.nan)


def cells_up_to(values: Formula, bound: Operand) -> Formula:
    """Return the position of the last cell of a rising range that is at most `bound` (`MATCH`)."""
    limit = lift(bound)
    found = int(np.searchsorted(values.array.ravel(), limit.number, side="right"))
    return call("MATCH", [limit, values, lift(1)], float(found) if found else math.nan)


def if_defined(value: Formula) -> Formula:
    """Return `IFERROR`: a number, or an empty cell where there is none."""
    found = value.number if math.isfinite(value.number) else math.nan
    return Formula(f'IFERROR({value.text},"")', found)


def rate_of_return(flows: Formula, *, guess: Operand = 0.0) -> Formula:
    """Return `IRR` per period of flows one period apart; an empty cell where there is none.

    Parameters
    ----------
    flows
        The flows, a range.
    guess
        Where the program begins to look.
    """
    found = solved_irr(flows.array.ravel())
    return Formula(f'IFERROR(IRR({flows.text},{lift(guess).text}),"")', float(found))


def call(name: str, parts: list[Formula], value: float | FloatArray) -> Formula:
    """Return a call of a function of spreadsheets.

    Parameters
    ----------
    name
        Its English name, as files store it.
    parts
        Its arguments.
    value
        What it comes to.
    """
    return Formula(f"{name}({','.join(part.text for part in parts)})", value)


def _elementwise(name: str, part: Formula, function: np.ufunc) -> Formula:
    with np.errstate(all="ignore"):
        return call(name, [part], _number(function(part.value)))


def _operated(
    left: Formula, sign: str, right: Operand, function: np.ufunc, *, binding: int
) -> Formula:
    other = lift(right)
    first = _held(left, binding + (binding in {COMPARISON, POWER}))
    text = f"{first}{sign}{_held(other, binding + 1)}"
    with np.errstate(all="ignore"):
        return Formula(text, _number(function(left.value, other.value)), binding)


def _compared(left: Formula, sign: str, right: Operand, function: np.ufunc) -> Formula:
    found = _operated(left, sign, right, function, binding=COMPARISON)
    return Formula(found.text, _number(np.asarray(found.value, dtype=np.float64)), COMPARISON)


def _held(part: Formula, binding: int) -> str:
    """Return the text of a part, in brackets where an operator would tear it apart."""
    return part.text if part.binding >= binding else f"({part.text})"


def _number(value: object) -> float | FloatArray:
    found = np.asarray(value, dtype=np.float64)
    return float(found) if found.ndim == 0 else found
