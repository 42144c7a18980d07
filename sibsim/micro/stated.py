"""What is stated of an evaluation that is to be simulated, read with every fault at once.

An argument that belongs to one kind of result is refused beside another kind, where it would change
nothing, as `sibsim.planning` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from numbers import Integral, Real
from typing import Annotated, get_args

import numpy as np

from sibsim.core.clusters import Clusters
from sibsim.core.spec import family
from sibsim.core.validation import shown, validated
from sibsim.errors import Fault
from sibsim.evaluation.base import EvaluationDesign
from sibsim.micro.truth import Kind, Truth

FEWEST_PEOPLE = 2
"""One person has no spread."""

LEAST_REPLICATES = 2
"""Fewer have no spread."""

NAME = "outcome"
"""What the outcome of a design that names none is called."""

KIND_OF = {
    "sd": "continuous",
    "dispersion": "count",
    "enrolment_ends": "time_to_event",
    "follow_up_ends": "time_to_event",
}
"""Arguments that belong to one kind of result only, with that kind."""

NEEDED = {
    "sd": "how much a number varies between people does not follow from its mean; write the "
    "standard deviation of a person's result",
    "follow_up_ends": "how many events are seen depends on when follow-up ends; write the month",
}
"""Of these the arguments that a result of the kind cannot do without, with rule and way out."""

UNSTATED = {
    "sd": np.nan,
    "dispersion": np.inf,
    "enrolment_ends": 0.0,
    "follow_up_ends": np.inf,
}
"""What stands for them where they are left out: no sd, Poisson, everybody enters at once."""

_DESIGN = Annotated[EvaluationDesign, family("sibsim.evaluation", key="design")]
"""A design, or its table."""

Rule = tuple[tuple[str, ...], bool, str]
"""The argument and those it is judged by, whether the rule holds, the rule and the way out."""


def design_of(given: object) -> tuple[EvaluationDesign | None, list[Fault]]:
    """Return a design from itself or its table, or its faults.

    Parameters
    ----------
    given
        What was given as the design; a table may leave out the outcome.
    """
    if isinstance(given, EvaluationDesign):
        return given, []
    if isinstance(given, Mapping):
        return validated({"outcome": NAME, **given}, _DESIGN, path="design")
    problem = (
        f"got {shown(given)}; people are made for a design whose fields are stated; write its "
        "table, such as {'design': 'randomised', 'controls_per_participant': 1}, or an evaluation "
        "design"
    )
    return None, [Fault("design", problem)]


def truth_of(
    *, kind: object, clusters: object, **numbers: object
) -> tuple[Truth | None, list[Fault]]:
    """Return what truly happens, or its faults.

    Parameters
    ----------
    kind, clusters, **numbers
        As given to `simulate_evaluation`.
    """
    faults = []
    known = isinstance(kind, str) and kind in get_args(Kind)
    if not known:
        kinds = ", ".join(get_args(Kind))
        faults.append(Fault("kind", f"got {shown(kind)}; a result is one of {kinds}; choose one"))
    else:
        faults += _misplaced(str(kind), numbers)
    read: dict[str, float] = {}
    for name, given in numbers.items():
        unstated = given is None and name in UNSTATED
        number = UNSTATED[name] if unstated else _number(given)
        if number is None:
            faults.append(_no_number(name, given))
        elif not unstated:
            read[name] = number
    if clusters is not None:
        clusters, more = validated(clusters, Clusters, path="clusters")
        faults += more
    for (name, *others), holds, rule in _rules(str(kind) if known else None, read):
        if not holds and all(each in read for each in (name, *others)):
            faults.append(Fault(name, f"got {shown(numbers[name])}; {rule}"))
    if faults:
        return None, faults
    whole = {**UNSTATED, **read, "people": int(read["people"])}
    return Truth(kind=kind, clusters=clusters, **whole), []  # type: ignore[arg-type]  # as checked


def faults_of_run(
    *, rng: object, replicates: object, estimator: object, alpha: object
) -> list[Fault]:
    """Return the faults of how an evaluation is carried out.

    Parameters
    ----------
    rng, replicates, estimator, alpha
        As given to `simulate_evaluation`.
    """
    whole, level = _number(replicates), _number(alpha)
    seed = _number(rng) if isinstance(rng, Integral) else None
    rules = [
        (
            "replicates",
            whole is not None and whole.is_integer() and whole >= LEAST_REPLICATES,
            replicates,
            "their spread cannot be told from fewer than 2; give a larger whole number",
        ),
        (
            "rng",
            rng is None or isinstance(rng, np.random.Generator) or (seed is not None and seed >= 0),
            rng,
            (
                "a seed is a whole number of at least 0; give one such as 1 or a generator of "
                "NumPy, or leave it out for a fresh seed"
            ),
        ),
        (
            "estimator",
            estimator is None or callable(estimator),
            estimator,
            (
                "an estimator is a function of the people of one replicate; give one, or leave it "
                "out for the usual analysis of the design"
            ),
        ),
        (
            "alpha",
            level is not None and 0 < level < 1,
            alpha,
            "the level of a test is a probability between 0 and 1; give one such as 0.05",
        ),
    ]
    return [
        Fault(name, f"got {shown(given)}; {rule}")
        for name, holds, given, rule in rules
        if not holds
    ]


def _number(given: object) -> float | None:
    """Return what is a number as one, None for anything else and for NaN."""
    if isinstance(given, bool) or not isinstance(given, Real):
        return None
    try:
        number = float(given)
    except OverflowError:  # a whole number beyond any float
        return np.inf
    return None if np.isnan(number) else number


def _no_number(name: str, given: object) -> Fault:
    return Fault(name, f"got {shown(given)}; it must be a number; give one, without quotes")


def _misplaced(kind: str, numbers: Mapping[str, object]) -> Iterator[Fault]:
    """Yield what belongs to another kind of result, and what this kind cannot do without."""
    for name, belongs_to in KIND_OF.items():
        given = numbers[name]
        if given is not None and kind != belongs_to:
            yield Fault(
                name,
                f"got {shown(given)}; it belongs to a {belongs_to} result, and this one is {kind}; "
                f"leave it out, or write kind='{belongs_to}'",
            )
        if given is None and kind == belongs_to and name in NEEDED:
            yield Fault(name, f"got None; {NEEDED[name]}")


def _rules(kind: str | None, read: Mapping[str, float]) -> Iterator[Rule]:
    """Yield the rules of the numbers that were read; one that is not a number is NaN here."""
    number = dict.fromkeys(("people", "confounding", "counterfactual", "effect", *UNSTATED), np.nan)
    number |= read
    yield (
        ("people",),
        number["people"] >= FEWEST_PEOPLE and float(number["people"]).is_integer(),
        "how much people differ cannot be told from fewer than 2; give a whole number of them",
    )
    yield ("sd",), 0 < number["sd"] < np.inf, "people differ; give a number above 0"
    yield (
        ("dispersion",),
        number["dispersion"] > 0,
        "it divides the squared mean; give a number above 0, or leave it out for Poisson",
    )
    yield (
        ("confounding",),
        0 <= number["confounding"] < 1,
        "it is a share of the variance in [0, 1); give such a number",
    )
    if kind == "time_to_event":
        yield from _rules_of_times(number)
    elif kind is not None:
        yield from _rules_of_means(kind, number)


def _rules_of_means(kind: str, number: Mapping[str, float]) -> Iterator[Rule]:
    least = -np.inf if kind == "continuous" else 0.0
    most = 1.0 if kind == "binary" else np.inf
    rule = {
        "binary": "a share lies in [0, 1]",
        "count": "a mean lies at 0 or above and is finite",
    }.get(kind, "a mean is finite")
    without = number["counterfactual"]
    expected = without + number["effect"]
    yield (
        ("counterfactual",),
        bool(np.isfinite(without)) and least <= without <= most,
        f"{rule}; give such a number",
    )
    yield (
        ("effect", "counterfactual"),
        bool(np.isfinite(expected)) and least <= expected <= most,
        (
            f"with the counterfactual it makes {expected:.6g}, and {rule}; give an effect that "
            "leads there"
        ),
    )


def _rules_of_times(number: Mapping[str, float]) -> Iterator[Rule]:
    entry = 0.0 if np.isnan(number["enrolment_ends"]) else number["enrolment_ends"]
    yield (
        ("counterfactual",),
        0 < number["counterfactual"] < np.inf,
        "it is the hazard, events a month; give a number above 0",
    )
    yield (
        ("effect",),
        bool(np.isfinite(number["effect"])),
        "it is the logarithm of the hazard ratio, which is finite; give such a number",
    )
    yield (
        ("enrolment_ends",),
        0 <= number["enrolment_ends"] < np.inf,
        "people enter from month 0; give 0 or more",
    )
    yield (
        ("follow_up_ends",),
        entry < number["follow_up_ends"] < np.inf,
        f"follow-up ends after the last person has entered, at month {entry:g}; give a later month",
    )
