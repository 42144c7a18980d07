"""Terms of a contract that a search moves: one number, or several in fixed proportion.

A term is a positive number, or a list of them, at a dotted path of the case file in payments,
contract or capital. What moves is the scale of all its numbers; the first one names it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sibsim.case import Case
from sibsim.core.spec import nearest
from sibsim.core.validation import shown
from sibsim.decisions.asking import is_number
from sibsim.errors import ArgumentError, CaseError
from sibsim.simulate import WORLD_SECTIONS

SECTIONS = ("payments", "contract", "capital")
"""Parts of a case that say what is paid, and to whom, and nothing of what happens."""

WIDEN = 16.0
"""Without bounds a search looks from the value / 16 to the value x 16, or to the largest half,
quarter and so on of that which the case accepts: a rate or a share ends at 1."""


@dataclass(frozen=True)
class Term:
    """A term of a contract, or several that move together in fixed proportion."""

    paths: tuple[str, ...]
    """Dotted paths in the case file, at least one."""

    start: tuple[float | list[float], ...]
    """What stands at each path; positive."""

    @property
    def value(self) -> float:
        """Return the present value: the first number, by which the term is named."""
        first = self.start[0]
        return first[0] if isinstance(first, list) else first

    def changes(self, value: float) -> dict[str, float | list[float]]:
        """Return what stands at each path where the first number is `value`."""
        changes: dict[str, float | list[float]] = {}
        for path, start in zip(self.paths, self.start, strict=True):
            if isinstance(start, list):
                changes[path] = [_moved(each, first=self.value, to=value) for each in start]
            else:
                changes[path] = _moved(start, first=self.value, to=value)
        return changes

    def __str__(self) -> str:
        """Return the paths."""
        return " + ".join(self.paths)


def term_of(case: Case, wanted: str | Sequence[str]) -> Term:
    """Return the term at a path, or at several paths that move in fixed proportion.

    Parameters
    ----------
    case
        The case.
    wanted
        Dotted path or paths in payments, contract or capital.

    Raises
    ------
    ArgumentError
        If a path is not there, leads to no positive number, changes what happens and not only what
        is paid, or overlaps another one; names every fault.
    """
    given: object = wanted
    listed = [given]
    if isinstance(given, Iterable) and not isinstance(given, str):
        listed = list(given)
    paths = tuple(path for path in listed if isinstance(path, str))
    if not paths or len(paths) < len(listed):
        message = (
            f"term: got {shown(wanted)}; it is a path such as 'payments.job.price', or several "
            "that move in proportion, such as ['payments.job.price', 'payments.fit_for_work.price']"
        )
        raise ArgumentError(message)
    faults, start = [], []
    for number, path in enumerate(paths):
        try:
            _check_section(path)
            start.append(value_at(case, path))
        except ArgumentError as fault:
            faults.append(str(fault))
        if any(overlap(path, other) for other in paths[:number]):
            faults.append(f"{path}: it is named twice; a number moves once")
    if faults:
        raise ArgumentError("\n  ".join(faults))
    return Term(paths, tuple(start))


def overlap(path: str, other: str) -> bool:
    """Return whether two paths are the same or one lies inside the other."""
    return f"{path}.".startswith(f"{other}.") or f"{other}.".startswith(f"{path}.")


def _check_section(path: str) -> None:
    section = path.partition(".")[0]
    if section in SECTIONS:
        return
    why = (
        "changes what happens and not only what is paid"
        if section in WORLD_SECTIONS
        else "is no term of a contract"
    )
    message = (
        f"{path}: got a path in {section!r}, which {why}; a term stands in "
        f"{', '.join(SECTIONS)}, such as 'payments.job.price'"
    )
    raise ArgumentError(message)


def value_at(case: Case, path: str) -> float | list[float]:
    """Return the positive number, or the list of them, at a dotted path of the case file.

    Parameters
    ----------
    case
        The case.
    path
        Dotted path; positions in lists count from zero.

    Raises
    ------
    ArgumentError
        If nothing stands there, which names the nearest path, or no positive number.
    """
    here: object = case.read
    for step in path.split("."):
        if isinstance(here, dict) and step in here:
            here = here[step]
        elif isinstance(here, list) and step.isdigit() and int(step) < len(here):
            here = here[int(step)]
        else:
            known = dict(numbers_in(case.read))
            message = f"the case has no {path!r}{nearest(path, known)}"
            raise ArgumentError(message)
    if isinstance(here, dict) and "value" in here:
        message = f"{path} is a table with its source; take {path}.value"
        raise ArgumentError(message)
    numbers = [_positive(each, path=path) for each in (here if isinstance(here, list) else [here])]
    if not numbers:
        message = f"{path}: got an empty list; a term is a positive number or a list of them"
        raise ArgumentError(message)
    return numbers if isinstance(here, list) else numbers[0]


def numbers_in(read: object, *, path: str = "") -> Iterator[tuple[str, float | list[float]]]:
    """Yield every number, and every list of nothing but numbers, with its dotted path.

    Parameters
    ----------
    read
        What a case file holds, or a part of it.
    path
        Path of that part.
    """
    inner: list[tuple[str, Any]]
    if is_number(read):
        yield path, float(read)
        return
    if isinstance(read, list) and read and all(map(is_number, read)):
        yield path, [float(each) for each in read]
        return
    if isinstance(read, dict):
        inner = list(read.items())
    elif isinstance(read, list):
        inner = [(str(index), each) for index, each in enumerate(read)]
    else:
        return
    for name, each in inner:
        yield from numbers_in(each, path=f"{path}.{name}" if path else str(name))


def scaled(start: float | list[float], value: float) -> float | list[float]:
    """Return a number at `value`, or a list in its proportions whose first number is `value`."""
    return (
        [_moved(each, first=start[0], to=value) for each in start]
        if isinstance(start, list)
        else value
    )


def widest(case: Case, *, path: str, start: float | list[float]) -> float:
    """Return the largest of 16, 8, 4 and 2 times the start that the case accepts, else 1.

    Parameters
    ----------
    case
        The case.
    path
        Dotted path of the term.
    start
        What stands there.
    """
    return reach(case, Term((path,), (start,)), up=True)


def reach(case: Case, term: Term, *, up: bool) -> float:
    """Return the factor farthest from 1 that the case accepts: 16, 8, 4 or 2, or their inverse.

    Parameters
    ----------
    case
        The case.
    term
        The term.
    up
        Whether to look above the present value; else below it.
    """
    factor = WIDEN
    while factor > 1:
        tried = factor if up else 1 / factor
        try:
            case.with_(term.changes(term.value * tried))
        except CaseError:
            factor /= 2
        else:
            return tried
    return 1.0


def _moved(number: float, *, first: float, to: float) -> float:
    return to if number == first else number * to / first


def _positive(value: object, *, path: str) -> float:
    if not is_number(value) or not value > 0:
        message = f"{path}: got {shown(value)}; a term is a positive number or a list of them"
        raise ArgumentError(message)
    return float(value)
