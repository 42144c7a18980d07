"""Numbers of a case that a slider moves: terms of the contract and quantities.

A term is moved between its half and its double, as far as the case accepts that, and several in
proportion; a quantity between the values that it exceeds, and falls short of, once in a hundred
draws.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from sibsim.case import Case
from sibsim.core.wording import Language, said
from sibsim.core.words import Words
from sibsim.decisions.drivers.ends import stated
from sibsim.decisions.term_words import in_proportion, term_words, value_of_term
from sibsim.decisions.terms import Term, reach, term_of
from sibsim.errors import ArgumentError, CaseError
from sibsim.reports.parameter_words import parameter_words

OUTERMOST = (0.01, 0.99)
"""Ends of the slider of an uncertain quantity: what one draw in a hundred is beyond."""

WIDER = 2.0
"""A number that is no uncertain quantity moves from its half to its double, where the case accepts
that."""

EFFECTS = ("success_rate", "effect", "uplift", "with_intervention", "effects.0")
"""Where an outcome says what the intervention does, any one of them. Of effects on moves between
states only the first is moved: what raises one move may lower another."""

VOLUME = "delivery.volume"
"""Path of the number of people who come, against the plan."""

CAP = "contract.limit.contract"
"""Path of the cap on all payments."""


@dataclass(frozen=True, eq=False)
class Knob:
    """One number that a slider moves: a term of the contract or a quantity."""

    case: Case
    """The case as it stands."""

    path: str
    """Where it stands in the case file; of several that move in proportion the first."""

    words: Words
    """What it is called."""

    value: float
    """What it is in the case."""

    ends: tuple[float, float]
    """The lowest and the highest that the slider gives."""

    term: Term | None
    """The term of the contract; None for a quantity."""

    beside: tuple[str, ...] = ()
    """Other quantities, which move in proportion with it."""

    def changes(self, value: float) -> dict[str, Any]:
        """Return what changes in the case where it is moved to a value."""
        if self.term is not None:
            return dict(self.term.changes(value))
        quantities = {path: self.case.quantities[path] for path in (self.path, *self.beside)}
        return {
            path: stated(each, value=value * each.base_value / self.value if self.beside else value)
            for path, each in quantities.items()
        }

    def shown(self, value: float, lang: Language) -> str:
        """Return a value of it in words.

        Parameters
        ----------
        value
            The value.
        lang
            `da` or `en`.
        """
        like = self.term or Term((self.path,), (self.value,))
        return said(value_of_term(value, term=like, currency=self.case.head.currency), lang)


def knobs_of(
    case: Case, moving: str | Sequence[str | Sequence[str]] | None = None
) -> tuple[Knob, ...]:
    """Return what can be moved.

    Parameters
    ----------
    case, moving
        As in `explore`.
    """
    if isinstance(moving, str):
        moving = [moving]
    return tuple(_knob(case, each) for each in (_usual(case) if moving is None else moving))


def _usual(case: Case) -> list[str | Sequence[str]]:
    """Return what is moved unless something else is asked for."""
    found: list[str | Sequence[str]] = []
    read = case.read.get("payments", {})
    prices = [f"payments.{name}.price" for name, line in read.items() if "price" in line]
    if prices:
        found.append(prices)
    measures = [
        reading.measure for line in case.contract.payments.values() for reading in line.readings
    ]
    for measure in measures[:1]:
        outcome = case.measures[measure].outcome
        found += [_effect(case, outcome)] if _effect(case, outcome) else []
    found += [VOLUME] if VOLUME in case.quantities else []
    limit = case.read.get("contract", {}).get("limit", {})
    return [*found, *([CAP] if "contract" in limit else [])]


def _effect(case: Case, outcome: str) -> list[str]:
    """Return what an outcome says of the intervention: one quantity, or one for each follow-up."""
    for name in EFFECTS:
        path = f"outcomes.{outcome}.{name}"
        found = [each for each in case.quantities if each == path or _listed(each, path)]
        if found:
            return found
    return []


def _listed(path: str, whole: str) -> bool:
    """Return whether a path is a quantity of a list, such as `uplift.0` of `uplift`."""
    return path.startswith(f"{whole}.") and path.removeprefix(f"{whole}.").isdigit()


def _knob(case: Case, path: str | Sequence[str]) -> Knob:
    quantities = [path] if isinstance(path, str) else list(path)
    if quantities and all(each in case.quantities for each in quantities):
        return _knob_of_quantities(case, *quantities)
    term = term_of(case, path)
    low, high = (reach(case, term, up=up) for up in (False, True))
    ends = (term.value * max(low, 1 / WIDER), term.value * min(high, WIDER))
    return Knob(case, term.paths[0], term_words(case, term), term.value, ends, term)


def _knob_of_quantities(case: Case, path: str, *beside: str) -> Knob:
    words, base = parameter_words(case, path), case.quantities[path].base_value
    if beside and base == 0:
        message = f"{path}: is 0, so that nothing moves in proportion with it; move it alone"
        raise ArgumentError(message)
    words = in_proportion(words, others=len(beside))
    return Knob(case, path, words, base, _ends_of_quantity(case, path), None, beside)


def _ends_of_quantity(case: Case, path: str) -> tuple[float, float]:
    quantity = case.quantities[path]
    base = quantity.base_value
    low, high = (float(each) for each in quantity.ppf(np.array(OUTERMOST)))
    if low < high:
        return min(low, base), max(high, base)
    ends = []
    for wanted in (base / WIDER, base * WIDER):
        try:
            case.with_({path: stated(quantity, value=wanted)})
        except CaseError:
            ends.append(base)
        else:
            ends.append(wanted)
    if ends[0] == ends[1]:
        message = f"{path}: got {base:g}, which the case accepts neither halved nor doubled"
        raise ArgumentError(message)
    return min(ends), max(ends)
