"""Changes that open a zone in plain Danish and English."""

from __future__ import annotations

from sibsim.core.wording import Sentence, listing, percent
from sibsim.core.words import Words
from sibsim.decisions.corridor.opening import FACTORS
from sibsim.decisions.corridor.openings import Opening, Openings
from sibsim.decisions.term_words import (
    error_of_term,
    term_words,
    value_of_term,
    with_error,
)
from sibsim.metric_words import RATE_DIGITS

_NOTHING = Words(
    da="der er allerede en zone, så der er intet at åbne",
    en="there is a zone already, so that there is nothing to open",
)

_NONE = Words(
    da="ingen enkelt ændring, der er prøvet, åbner en zone",
    en="no single change that was tried opens a zone",
)

_TERM = Words(
    da="en zone åbner, hvis {name} ændres fra {present} til {needed} ({change}), med {term} på "
    "{at}",
    en="a zone opens if {name} goes from {present} to {needed} ({change}), with {term} at {at}",
)

_LIMIT = Words(
    da="en zone åbner, hvis grænsen for {name} lempes fra {present} til {needed}, med {term} på "
    "{at}",
    en="a zone opens if the limit on {name} is relaxed from {present} to {needed}, with {term} at "
    "{at}",
)

_VAIN = Words(
    da="hver for sig åbner de ingen zone op til {most} gange op og ned: {names}",
    en="by themselves these open none up to {most} times either way: {names}",
)

_VAIN_LIMIT = Words(
    da="at lempe grænsen for {names} åbner i sig selv ingen",
    en="to relax the limit on {names} opens none by itself",
)

_REFUSED = Words(
    da="casen afviser de ændringer, der er prøvet, af: {names}",
    en="the case refuses the changes that were tried of: {names}",
)


def sentences(found: Openings) -> list[Sentence]:
    """Return each change that opens a zone, then what was tried in vain and what is refused.

    Parameters
    ----------
    found
        The changes.
    """
    if found.found.is_zone:
        return [Sentence(_NOTHING, {})]
    said = [_opening(found, each) for each in found.opening] or [Sentence(_NONE, {})]
    for outcome, of_term, pattern in (
        ("does not open", False, _VAIN_LIMIT),
        ("does not open", True, _VAIN),
        ("refused", True, _REFUSED),
    ):
        rows = [each for each in found.rows if (each.kind == "term") == of_term]
        names = [_name(found, each) for each in rows if each.outcome == outcome]
        if names:
            values: dict[str, Words | str] = {"names": listing(names), "most": f"{FACTORS[-1]:g}"}
            said.append(Sentence(pattern, values))
    return said


def _opening(found: Openings, each: Opening) -> Sentence:
    currency = found.found.case.head.currency
    values: dict[str, Words | str] = {
        "name": _name(found, each),
        "term": term_words(found.found.case, found.found.question.term),
        "at": value_of_term(each.at, term=found.found.question.term, currency=currency),
    }
    error: Words | None = None
    if each.condition is not None:
        figure = each.condition.figure
        needed = figure.value_words(each.needed, currency=currency)
        error = figure.value_words(each.mc_error, currency=currency)
        values["present"] = figure.value_words(each.present, currency=currency)
    else:
        assert each.term is not None  # noqa: S101 - it is a limit or a term
        needed = value_of_term(each.needed, term=each.term, currency=currency)
        error = error_of_term(each.mc_error, term=each.term, currency=currency)
        values["present"] = value_of_term(each.present, term=each.term, currency=currency)
        change = percent(round(each.in_proportion, RATE_DIGITS))
        sign = "+" if each.in_proportion > 0 else ""
        values["change"] = Words(da=f"{sign}{change.da}", en=f"{sign}{change.en}")
    values["needed"] = with_error(needed, error=error)
    return Sentence(_TERM if each.condition is None else _LIMIT, values)


def _name(found: Openings, each: Opening) -> Words:
    case = found.found.case
    if each.condition is not None:
        return each.condition.figure.words(currency=case.head.currency)
    assert each.term is not None  # noqa: S101 - it is a limit or a term
    return term_words(case, each.term)
