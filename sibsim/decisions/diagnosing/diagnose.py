"""Diagnosis inside the contract: what an evaluation design does to the money of a case.

The case's own design is compared with others at the same number of participants, on the same luck
as far as designs share it. What is simulated stands in `courses`, what is asked in `diagnosands`,
the other designs in `alternatives`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import product

from sibsim.blocks import check_complete
from sibsim.case import Case
from sibsim.core.progress import watched
from sibsim.core.spec import nearest
from sibsim.core.streams import Rng, fault_of, seed_from
from sibsim.core.validation import shown
from sibsim.core.words import Words
from sibsim.decisions.asking import is_number
from sibsim.decisions.diagnosing.alternatives import Table, alternatives, figures_of, with_design
from sibsim.decisions.diagnosing.courses import Asked, asked_of, courses_of
from sibsim.decisions.diagnosing.diagnosands import DIAGNOSANDS, Diagnosand, figure
from sibsim.decisions.diagnosing.diagnosis import OWN, Diagnosis, Row
from sibsim.errors import ArgumentError, CaseError, Fault, UnknownNameError
from sibsim.simulate import check_arguments
from sibsim.world import layers_of, outcomes_in, setting

LEVEL = 0.05
"""Level of tests that the contract does not state, the usual one."""

DRAWS = 10_000
"""Courses of a diagnosis: Monte Carlo errors of probabilities below half a point."""

FEWEST = 2
"""Fewest participants, and fewest courses: one alone has no spread."""


def measures_paid(case: Case) -> tuple[str, ...]:
    """Return the names of the measures that payment lines pay by, in the order of the lines."""
    lines = case.contract.payments.values()
    return tuple(dict.fromkeys(each.measure for line in lines for each in line.readings))


def diagnose(
    case: Case,
    measure: str | None = None,
    *,
    designs: Mapping[str, Table] | None = None,
    sizes: Sequence[float] | None = None,
    draws: int = DRAWS,
    rng: Rng = 0,
    diagnosands: Mapping[str, Diagnosand] | None = None,
    alpha: float = LEVEL,
    at_months: int | None = None,
) -> Diagnosis:
    """Return how often and how much a contract pays for nothing or leaves an effect unpaid.

    Parameters
    ----------
    case
        The case.
    measure
        Name of the measure whose design is varied; None: the first that a payment line reads.
    designs
        Other designs by a name of one's own, each the table that a case file writes, without
        `outcome`; None: three that differ from the case's own. The case's own always comes first.
    sizes
        Other numbers of planned participants, each at least 2, beside the case's own.
    draws, rng
        Number of simulated courses, at least 2, each with and without effect, and seed.
    diagnosands
        Figures of one's own by name: functions of `Courses` that return one number per course,
        whose mean is the figure, or one number.
    alpha
        Level of tests where the contract states none, in (0, 1).
    at_months
        The follow-up of estimate and truth; None: the last one that is paid.

    Returns
    -------
    Diagnosis
        `table()`, `frame()` and `sentences(lang)`; by rising number of participants, the case's own
        design first. A design on which the contract cannot be settled says why.

    Raises
    ------
    UnknownNameError
        If there is no such measure; names the nearest one.
    ArgumentError
        If an argument is of the wrong kind or out of range, no payment line reads the measure, the
        effect cannot be undone, or the case is not complete enough to be run.
    CaseError
        If a design is unknown, has faulty fields or cannot measure the outcome; holds every fault.
    """
    check_complete(case)
    check_arguments(draws=draws, rng=None, sampling="random", keep="metrics")
    _check(
        measure=measure,
        designs=designs,
        sizes=sizes,
        draws=draws,
        rng=rng,
        diagnosands=diagnosands,
        alpha=alpha,
    )
    measure = _named(case, measure)
    asked = asked_of(case, measure, at_months=at_months, alpha=alpha)
    _check_designs(case, measure, designs=designs or {})
    seed = seed_from(rng)
    tables: dict[str, Table | None] = {OWN: None}
    tables |= designs if designs is not None else _others(case, measure)
    asked_for = {**DIAGNOSANDS, **(diagnosands or {})}
    several = list(product(sorted({_own_size(case), *map(float, sizes or ())}), tables.items()))
    rows = [
        _row(
            case,
            asked,
            name=name,
            table=table,
            people=people,
            draws=draws,
            seed=seed,
            diagnosands=asked_for,
            assumed=designs is None,
        )
        for people, (name, table) in watched(several, total=len(several), what="evaluating")
    ]
    outcome = case.measures[measure].outcome
    return Diagnosis(
        case=case.name,
        measure=measure,
        title=case.outcomes[outcome].title or Words(da=outcome, en=outcome),
        lines=tuple(asked.lines),
        pays_for_all=not any(line.needs_comparison for line in asked.lines.values()),
        at_months=asked.at_months,
        currency=case.head.currency,
        draws=draws,
        seed=seed,
        rows=tuple(rows),
    )


def _row(
    case: Case,
    asked: Asked,
    *,
    name: str,
    table: Table | None,
    people: float,
    draws: int,
    seed: int,
    diagnosands: Mapping[str, Diagnosand],
    assumed: bool,
) -> Row:
    """Return what one design at one number of participants comes to, or why it cannot."""
    figures = figures_of(table) if table is not None and assumed else Words()
    size = None if people == _own_size(case) else people
    try:
        changed = with_design(case, asked.measure, table=table, people=size)
        courses = courses_of(changed, asked, draws=draws, seed=seed)
    except (ArgumentError, CaseError) as error:
        if table is None:
            raise
        return Row(
            name,
            people,
            served=math.nan,
            words=Words(),
            assumed=figures,
            compares=False,
            figures={},
            refused=_why(error),
        )
    design = changed.measures[asked.measure]
    return Row(
        name,
        people,
        served=changed.served_size,
        words=design.words(),
        assumed=figures,
        compares=design.compares,
        figures={
            each: figure(each, function, courses=courses) for each, function in diagnosands.items()
        },
    )


def _why(error: ArgumentError | CaseError) -> str:
    """Return on one line why a design is refused."""
    if isinstance(error, CaseError):
        return "; ".join(str(each) for each in error.faults)
    return str(error)


def _others(case: Case, measure: str) -> dict[str, Table]:
    """Return the alternatives that a case is compared with when none are named."""
    outcome = case.measures[measure].outcome
    base = setting(case, layers_of(seed=0, block=0, on=frozenset()))
    path = outcomes_in(case, base, only=[outcome])[outcome]
    return alternatives(case, measure, path=path)


def _own_size(case: Case) -> float:
    assert case.target_group is not None  # noqa: S101 - a case that runs has one
    return case.target_group.size.base_value


def _named(case: Case, measure: str | None) -> str:
    """Return the measure that is asked for, or the first that is paid by."""
    if measure is None:
        paid = measures_paid(case)
        if not paid:
            message = (
                f"measure: no payment line of {case.name} reads a measure; nothing to diagnose"
            )
            raise ArgumentError(message)
        return paid[0]
    if measure not in case.measures:
        message = (
            f"there is no measure {measure!r}{nearest(measure, case.measures)}; the case has "
            f"{', '.join(case.measures)}"
        )
        raise UnknownNameError(message)
    return measure


def _check_designs(case: Case, measure: str, *, designs: Mapping[str, Table]) -> None:
    """Refuse designs that no line could read; one that only this contract cannot read is a row."""
    own, faults = f"measures.{measure}", []
    for name, table in designs.items():
        try:
            with_design(case, measure, table=table)
        except CaseError as error:
            faults += [
                Fault(f"designs.{name}{each.path.removeprefix(own)}", each.problem)
                for each in error.faults
                if each.path == own or each.path.startswith(f"{own}.")
            ]
    if faults:
        raise CaseError(tuple(faults), where=f"designs for {measure}")


def _check(
    *,
    measure: object,
    designs: object,
    sizes: object,
    draws: int,
    rng: object,
    diagnosands: object,
    alpha: object,
) -> None:
    """Refuse arguments of the wrong kind or out of range; all of them at once."""
    faults = []
    if measure is not None and not isinstance(measure, str):
        faults.append(
            f"measure: got {shown(measure)}; it is the name of a measure, such as 'job', or None "
            "for the first that is paid by"
        )
    if not is_number(alpha) or not 0.0 < alpha < 1.0:
        faults.append(f"alpha: got {shown(alpha)}; a level lies between 0 and 1, such as 0.05")
    if draws < FEWEST:
        faults.append(f"draws: got {draws}; one course has no spread; take at least {FEWEST}")
    fault = fault_of(rng)
    if fault is not None:
        faults.append(fault)
    faults += [*_of_sizes(sizes), *_of_designs(designs), *_of_diagnosands(diagnosands)]
    if faults:
        raise ArgumentError("\n  ".join(faults))


def _of_sizes(sizes: object) -> Iterator[str]:
    """Yield what is wrong with other numbers of participants."""
    if sizes is None:
        return
    if not isinstance(sizes, Sequence) or isinstance(sizes, str):
        yield f"sizes: got {shown(sizes)}; numbers of participants come as a list, such as [100]"
        return
    yield from (
        f"sizes: got {shown(size)}; an evaluation of one person cannot tell luck from effect; "
        f"take a number of at least {FEWEST}"
        for size in sizes
        if not is_number(size) or not FEWEST <= size < math.inf
    )


def _of_designs(designs: object) -> Iterator[str]:
    """Yield what is wrong with other designs before they are read as designs."""
    if designs is None:
        return
    if not isinstance(designs, Mapping):
        yield (
            f"designs: got {shown(designs)}; designs are tables by a name of one's own; write "
            "{'trial': {'design': 'randomised', 'controls_per_participant': 1}}"
        )
        return
    for name, table in designs.items():
        if not isinstance(table, Mapping) or "design" not in table:
            yield (
                f"designs.{name}: got {shown(table)}; a design is the table of a measure, such as "
                "{'design': 'randomised', 'controls_per_participant': 1}"
            )
        elif name == OWN:
            yield f"designs.{name}: {OWN!r} is the case's own design; name yours otherwise"


def _of_diagnosands(diagnosands: object) -> Iterator[str]:
    """Yield what is wrong with figures of one's own."""
    if diagnosands is None:
        return
    if not isinstance(diagnosands, Mapping):
        yield (
            f"diagnosands: got {shown(diagnosands)}; figures are functions by a name of one's own; "
            "write {'mine': function}"
        )
        return
    for name, function in diagnosands.items():
        if not callable(function):
            yield f"diagnosands.{name}: got {shown(function)}; it is a function of Courses"
        elif name in DIAGNOSANDS:
            yield f"diagnosands.{name}: a figure of this name is given already; rename it"
