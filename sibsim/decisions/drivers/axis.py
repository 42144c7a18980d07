"""One side of a grid: which number is moved, how, and over which levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from sibsim.case import Case
from sibsim.core.spec import nearest
from sibsim.core.validation import shown
from sibsim.core.wording import Sentence, listing
from sibsim.core.words import Words
from sibsim.decisions.asking import check_all, is_number
from sibsim.decisions.drivers import words
from sibsim.decisions.drivers.ends import check_value, ends_of, stated, uncertain
from sibsim.decisions.terms import numbers_in, overlap, scaled
from sibsim.errors import ArgumentError, CaseError, UnknownNameError
from sibsim.simulate import WORLD_SECTIONS

Kind = Literal["quantity", "contract", "world"]
"""An uncertain quantity that is set, a term that is re-priced, or a number of a changed case."""

LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)
"""Probabilities of the levels of an uncertain quantity: from p10 to p90 in equal steps."""

FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5)
"""Factors of the levels of any other number: half less to half more, an assumption."""


@dataclass(frozen=True)
class Axis:
    """A number and its levels."""

    path: str
    """Dotted path."""

    kind: Kind
    """How it is moved."""

    levels: tuple[float, ...]
    """Its levels in the order given; the first number of a list."""

    is_stated: bool
    """Whether the caller stated the levels."""

    start: float | list[float] | dict[str, object] | None
    """What stands there: a number, a list, the form of a fixed quantity; None: an uncertain one, or
    nothing yet."""

    @property
    def digits(self) -> int:
        """Return how many significant digits of a level are said: few only of a quantile."""
        is_quantile = self.kind == "quantity" and not self.is_stated
        return words.DIGITS if is_quantile else words.ALL_DIGITS

    def changes(self, level: float) -> dict[str, object]:
        """Return the change of the case file at a level."""
        if isinstance(self.start, dict):
            return {self.path: self.start | {"value": level}}
        return {self.path: scaled(self.start, level) if isinstance(self.start, list) else level}

    def sentence(self, case: Case) -> Sentence:
        """Return what is moved, how and over which levels."""
        what = {
            "quantity": Words(
                da="{name}: sat i alle trækninger, alt andet så usikkert, som det er",
                en="{name}: set in every draw, all else as uncertain as it is",
            ),
            "contract": Words(
                da="{name}: et vilkår, så kontrakten er gjort op igen på de samme forløb",
                en="{name}: a term, so that the contract is settled again on the same courses",
            ),
            "world": Words(
                da="{name}: ændret i casen, som er simuleret igen med samme frø",
                en="{name}: changed in the case, which is simulated again with the same seed",
            ),
        }[self.kind]
        levels = Words(da="", en="")
        if not self.is_stated and self.kind == "quantity":
            listed = listing(words.per_cents(LEVELS))
            levels = Words(
                da=f"; niveauerne er {listed.da}, da ingen er angivet",
                en=f"; the levels are {listed.en}, as none are stated",
            )
        elif not self.is_stated:
            levels = Words(
                da="; niveauerne er 0,5 til 1,5 gange det, der står i casen, da ingen er angivet",
                en="; the levels are 0.5 to 1.5 times what the case states, as none are stated",
            )
        pattern = Words(da=f"{what.da}{levels.da}", en=f"{what.en}{levels.en}")
        name = words.called(case, self.path)
        return Sentence(pattern, {"name": name}, capital=name.en != self.path)


def check_axes(case: Case, x: str, y: str, *, at: Mapping[str, Sequence[float]] | None) -> None:
    """Refuse paths and levels that make no grid; all faults at once.

    Parameters
    ----------
    case
        The case.
    x, y
        The two paths.
    at
        Levels by path.

    Raises
    ------
    ArgumentError, UnknownNameError, CaseError
        If they do not.
    """
    paths: tuple[object, object] = x, y
    if not all(isinstance(path, str) for path in paths) or overlap(x, y):
        message = f"x, y: got {shown(x)} and {shown(y)}; they are paths of two different numbers"
        raise ArgumentError(message)
    given: object = {} if at is None else at
    if not isinstance(given, Mapping) or set(given) - {x, y}:
        message = f"at: got {shown(at)}; it is a table of levels by path, for {x} and {y}"
        raise ArgumentError(message)
    check_all(*(partial(_check, case, path, given=given.get(path)) for path in (x, y)))


def axis_of(case: Case, path: str, *, given: Sequence[float] | None) -> Axis:
    """Return one side of a grid, whose levels the case may still refuse.

    Parameters
    ----------
    case
        The case.
    path
        Dotted path.
    given
        Its levels; None: five.

    Raises
    ------
    ArgumentError, UnknownNameError
        If there is no such number, or its levels are no numbers.
    """
    quantities, numbers = uncertain(case), dict(numbers_in(case.read))
    kind: Kind = "world" if path.partition(".")[0] in WORLD_SECTIONS else "contract"
    number = numbers.get(path)
    start: float | list[float] | dict[str, object] | None = number
    if path in quantities:
        kind, start = "quantity", None
        levels = ends_of(quantities[path], LEVELS) if given is None else _checked(path, given)
    elif path in case.quantities:
        value = case.quantities[path].base_value
        table = stated(case.quantities[path], value=value)
        start = table if isinstance(table, dict) else start
        levels = _times(path, value) if given is None else _checked(path, given)
    elif given is not None:
        levels = _checked(path, given)
    elif number is None:
        near = nearest(path, {*numbers, *case.quantities})
        message = f"the case has no number {path!r}{near}"
        raise UnknownNameError(message)
    else:
        levels = _times(path, number[0] if isinstance(number, list) else number)
    return Axis(path, kind, levels, given is not None, start)


def _check(case: Case, path: str, *, given: Sequence[float] | None) -> None:
    axis = axis_of(case, path, given=given)
    for level in axis.levels:
        _check_level(case, axis, level)


def _check_level(case: Case, axis: Axis, level: float) -> None:
    """Refuse a level that the case does not accept."""
    try:
        if axis.kind == "quantity":
            check_value(case, axis.path, value=level)
        else:
            case.with_(axis.changes(level))
    except CaseError as fault:
        if axis.is_stated or axis.kind == "quantity":
            raise
        message = (
            f"{axis.path}: got no levels, and {level:,.6g}, one of 0.5 to 1.5 times what is "
            f"stated, is refused ({fault.faults[0]}); state them, at={{{axis.path!r}: [...]}}"
        )
        raise ArgumentError(message) from None


def _checked(path: str, given: object) -> tuple[float, ...]:
    listed: list[Any] = []
    if isinstance(given, Iterable) and not isinstance(given, str | Mapping):
        listed = list(given)
    if not listed or not all(map(is_number, listed)) or len(set(listed)) < len(listed):
        message = f"at: got {shown(given)} for {path}; it is a list of different numbers, not empty"
        raise ArgumentError(message)
    return tuple(listed)


def _times(path: str, value: float) -> tuple[float, ...]:
    if not value:
        message = f"{path} is 0, and so is any part of it; state levels, at={{{path!r}: [...]}}"
        raise ArgumentError(message)
    return tuple(value * factor for factor in FACTORS)
