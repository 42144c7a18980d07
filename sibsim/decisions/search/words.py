"""A contract search in plain Danish and English: today's contract, trade-offs, what was tried.

Numbers found from draws stand with one Monte Carlo standard error behind a plus-minus sign.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibsim.core.amounts import in_both
from sibsim.core.statistics import Estimate
from sibsim.core.wording import Sentence, listing
from sibsim.core.words import Words
from sibsim.decisions.search.objectives import Objective
from sibsim.decisions.search.result import PRESENT, ContractSearch
from sibsim.decisions.term_words import term_words, value_of_term, with_error

_PRESENT = Words(
    da="den nuværende kontrakt giver {objectives}", en="the present contract gives {objectives}"
)

_REFUSED_BY_CONDITIONS = Words(
    da="den opfylder ikke betingelserne og er derfor ikke med i sammenligningen",
    en="it does not meet the conditions, and so is not compared",
)

_FREE = Words(
    da="ingen af de {number} afprøvede kontrakter er mindst lige så god på alle punkter og bedre "
    "på et",
    en="none of the {number} contracts tried is at least as good in every respect and better in "
    "one",
)

_BEATEN = Words(
    da="{number} af de bedste afvejninger er mindst lige så gode på alle punkter og bedre på "
    "mindst et; nr. {first} ({terms}) giver {objectives}",
    en="{number} of the best trade-offs are at least as good in every respect and better in at "
    "least one; no. {first} ({terms}) gives {objectives}",
)

_BEST = Words(
    da="den {best} værdi for {objective} er {value} i nr. {number} ({terms}), mod {present} i den "
    "nuværende kontrakt; den følges af {others}",
    en="the {best} value of {objective} is {value} in no. {number} ({terms}), against {present} "
    "today; it comes with {others}",
)

_NOTHING = Words(
    da="ingen af de {number} afprøvede kontrakter opfylder betingelserne: {conditions}",
    en="none of the {number} contracts tried meets the conditions: {conditions}",
)

_TRIED = Words(
    da="{number} kontrakter er prissat på de samme {draws} trækninger (frø {seed}) inden for "
    "{bounds}; {pareto} af dem slås ikke af nogen anden på {objectives}{left_out}",
    en="{number} contracts are priced on the same {draws} draws (seed {seed}) within {bounds}; "
    "{pareto} of them are beaten by no other in {objectives}{left_out}",
)

_BOUNDS = Words(da="{term} fra {low} til {high}", en="{term} from {low} to {high}")

_IS = Words(da="{objective} på {value}", en="{objective} of {value}")

_HIGHEST = Words(da="højeste", en="highest")

_LOWEST = Words(da="laveste", en="lowest")

_AND = Words(da="; {parts}", en="; {parts}")

_LEFT_OUT = {
    "refused": Words(
        da="casen afviser {count} (se refusal i frame())",
        en="the case refuses {count} (see refusal in frame())",
    ),
    "not_meeting": Words(
        da="{count} opfylder ikke betingelserne ({conditions})",
        en="{count} do not meet the conditions ({conditions})",
    ),
    "undefined": Words(
        da="{count} har et punkt, der ikke er defineret i nogen trækning",
        en="{count} have an objective that is undefined in every draw",
    ),
}


def sentences(found: ContractSearch) -> Iterator[Sentence]:
    """Yield the sentences of a search.

    Parameters
    ----------
    found
        The search.
    """
    number = _count(len(found.tried))
    yield Sentence(_PRESENT, {"objectives": _all_of(found, PRESENT)})
    if not found.meets(PRESENT):
        yield Sentence(_REFUSED_BY_CONDITIONS, {})
    elif found.dominating_present:
        first = found.dominating_present[0]
        yield Sentence(
            _BEATEN,
            {
                "number": _count(len(found.dominating_present)),
                "first": str(first),
                "terms": _terms(found, first),
                "objectives": _all_of(found, first),
            },
        )
    elif PRESENT in found.pareto:
        yield Sentence(_FREE, {"number": number})
    if not found.pareto:
        yield Sentence(_NOTHING, {"number": number, "conditions": _conditions(found)})
    for position in range(len(found.question.objectives) if found.pareto else 0):
        yield _best(found, position)
    yield _tried(found, number=number)


def _best(found: ContractSearch, position: int) -> Sentence:
    """Say which contract is best in one respect and what it costs in the others."""
    objective = found.question.objectives[position]
    best = list(found.pareto)
    number = best[int(np.argmin(found.costs[best, position]))]
    others = [each for each in range(len(found.question.objectives)) if each != position]
    return Sentence(
        _BEST,
        {
            "best": _HIGHEST if objective.best == "highest" else _LOWEST,
            "objective": objective.words(currency=_currency(found)),
            "value": _value(found, number, position),
            "number": str(number),
            "terms": _terms(found, number),
            "present": _value(found, PRESENT, position),
            "others": listing([_is(found, number, each) for each in others]),
        },
    )


def _tried(found: ContractSearch, *, number: Words) -> Sentence:
    """Say how many contracts were tried, within which bounds, and what was left out."""
    question, currency = found.question, _currency(found)
    bounds = []
    for term, low, high in zip(question.terms, question.low, question.high, strict=True):
        ends = [value_of_term(each, term=term, currency=currency) for each in (low, high)]
        bounds.append(
            _filled(_BOUNDS, term=term_words(found.present, term), low=ends[0], high=ends[1])
        )
    conditions = _conditions(found)
    parts = [
        _filled(words, count=_count(count), conditions=conditions)
        for name, words in _LEFT_OUT.items()
        if (count := getattr(found, name))
    ]
    left_out = _filled(_AND, parts=listing(parts)) if parts else ""
    objectives = listing([each.words(currency=currency) for each in question.objectives])
    return Sentence(
        _TRIED,
        {
            "number": number,
            "draws": _count(question.draws),
            "seed": str(question.seed),
            "bounds": listing(bounds),
            "pareto": _count(len(found.pareto)),
            "objectives": objectives,
            "left_out": left_out,
        },
    )


def _all_of(found: ContractSearch, number: int) -> Words:
    positions = range(len(found.question.objectives))
    return listing([_is(found, number, position) for position in positions])


def _is(found: ContractSearch, number: int, position: int) -> Words:
    objective = found.question.objectives[position]
    words = objective.words(currency=_currency(found))
    return _filled(_IS, objective=words, value=_value(found, number, position))


def _value(found: ContractSearch, number: int, position: int) -> Words:
    return _estimate(
        found.tried[number].objectives[position],
        objective=found.question.objectives[position],
        currency=_currency(found),
    )


def _estimate(found: Estimate, *, objective: Objective, currency: str) -> Words:
    value, error = (
        None if np.isnan(each) else objective.figure.value_words(each, currency=currency)
        for each in (found.value, found.mc_error)
    )
    return with_error(value or Words(da="intet", en="nothing"), error=error)


def _terms(found: ContractSearch, number: int) -> Words:
    return listing(
        [
            _filled(
                _IS,
                objective=term_words(found.present, term),
                value=value_of_term(value, term=term, currency=_currency(found)),
            )
            for term, value in zip(found.question.terms, found.tried[number].values, strict=True)
        ]
    )


def _conditions(found: ContractSearch) -> Words:
    items = [str(each) for each in found.question.conditions]
    return listing(items) if items else Words(da="", en="")


def _filled(pattern: Words, **values: Words) -> Words:
    danish, english = (
        pattern.in_language(lang).format(
            **{name: each.in_language(lang) for name, each in values.items()}
        )
        for lang in ("da", "en")
    )
    return Words(da=danish, en=english)


def _count(number: int) -> Words:
    return in_both(f"{number:,}")


def _currency(found: ContractSearch) -> str:
    return found.present.head.currency
