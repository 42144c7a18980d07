"""The price corridor in plain Danish and English: the zone, each side, what is short, what to know.

Numbers found from draws stand with one Monte Carlo standard error behind a plus-minus sign.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sibsim.core.wording import Sentence, listing, percent, percentage_points
from sibsim.core.words import Words
from sibsim.decisions.authority import authority_words
from sibsim.decisions.conditions import Condition, condition
from sibsim.decisions.corridor.asked import PAYER
from sibsim.decisions.corridor.result import Corridor, End, Side
from sibsim.decisions.corridor.shortfall import Shortfall
from sibsim.decisions.term_words import (
    error_of_term,
    term_words,
    value_of_term,
    with_error,
)
from sibsim.figures import is_probability
from sibsim.metric_words import RATE_DIGITS

_ZONE = Words(
    da="begge parters betingelser holder for {term} fra {low} til {high}; den nuværende værdi, "
    "{present}, ligger {place}",
    en="both sides' conditions hold for {term} from {low} to {high}; today's {present} lies "
    "{place}",
)

_PLACE: Mapping[str, Words] = {
    "inside": Words(da="inden for", en="inside"),
    "below": Words(da="under", en="below"),
    "above": Words(da="over", en="above"),
}
"""Where today's value lies."""

_BOUND = Words(da=" (så langt der er set)", en=" (as far as was looked)")

_NO_ZONE: Mapping[str, Words] = {
    "apart": Words(
        da="for {term} er der ingen værdi mellem {low} og {high}, hvor begge parters betingelser "
        "holder: grænserne ligger {gap} fra hinanden",
        en="there is no value of {term} between {low} and {high} at which both sides' conditions "
        "hold: their ends are {gap} apart",
    ),
    "never": Words(
        da="for {term} er der ingen værdi mellem {low} og {high}, hvor begge parters betingelser "
        "holder: {side} får aldrig sine opfyldt",
        en="there is no value of {term} between {low} and {high} at which both sides' conditions "
        "hold: those of {side} never do",
    ),
    "neither": Words(
        da="for {term} er der ingen værdi mellem {low} og {high}, hvor begge parters betingelser "
        "holder: hverken investorens eller de betingelser, som {payer} stiller, bliver opfyldt",
        en="there is no value of {term} between {low} and {high} at which both sides' conditions "
        "hold: neither those of the investor nor those of {payer} ever do",
    ),
}

_SIDE: Mapping[str, Words] = {
    "everywhere": Words(
        da="{side} kræver, {asked}; det holder ved alle værdier, der er set på",
        en="{side} asks for {asked}; this holds at every value looked at",
    ),
    "nowhere": Words(
        da="{side} kræver, {asked}; det holder ikke ved nogen værdi, der er set på",
        en="{side} asks for {asked}; this holds at no value looked at",
    ),
    "from": Words(
        da="{side} kræver, {asked}; det holder fra {low} og op",
        en="{side} asks for {asked}; this holds from {low} up",
    ),
    "to": Words(
        da="{side} kræver, {asked}; det holder op til {high}",
        en="{side} asks for {asked}; this holds up to {high}",
    ),
    "between": Words(
        da="{side} kræver, {asked}; det holder fra {low} til {high}",
        en="{side} asks for {asked}; this holds from {low} to {high}",
    ),
}
"""Where a side's conditions hold."""

_BINDING = Words(
    da="{sentence}, hvor {binding} er den betingelse, der brister",
    en="{sentence}, where {binding} is the condition that gives way",
)

_SHORT = Words(
    da="ved {at}, {which}, er {figure} {value} ± {error}, {short} fra grænsen på {limit}",
    en="at {at}, {which}, {figure} is {value} ± {error}, {short} short of {limit}",
)

_WHICH: Mapping[str, Words] = {
    "highest": Words(
        da="den højeste værdi, som {side} accepterer", en="the highest value that {side} accepts"
    ),
    "lowest": Words(
        da="den laveste værdi, som {side} accepterer", en="the lowest value that {side} accepts"
    ),
    "best": Words(
        da="hvor {side} kommer nærmest, mens den anden part er med",
        en="where {side} comes nearest while the other side holds",
    ),
    "best alone": Words(da="hvor {side} kommer nærmest", en="where {side} comes nearest"),
}

_UNDEFINED = Words(
    da="ved {at}, {which}, er {figure} ikke defineret i noget udfald",
    en="at {at}, {which}, {figure} is defined in no draw",
)

_DEFAULT = Words(
    da="betalerens betingelse er standardbetingelsen, som gælder, når ingen anden er angivet",
    en="the payer's condition is the default, which holds where no other is stated",
)

_INVESTOR = Words(da="investoren", en="the investor")

_LEAST = Words(da="at {figure} er mindst {limit}", en="{figure} of at least {limit}")

_MOST = Words(da="at {figure} er højst {limit}", en="{figure} of at most {limit}")

_BASIS = Words(
    da="der er set på {low} til {high}{why} i {draws} udfald, hver parts grænse med én Monte "
    "Carlo-standardfejl efter ±",
    en="looked at were {low} to {high}{why} in {draws} draws; ends stand with one Monte Carlo "
    "standard error after ±",
)

_UNSTATED = Words(
    da=", det bredeste op til 16 gange op og ned, som casen accepterer,",
    en=", as wide as the case accepts up to 16 times either way,",
)

_SEVERAL_STRETCHES = Words(
    da="betingelserne fra {side} holder på {number} adskilte stykker; her står det, der rummer "
    "zonen eller ellers den nuværende værdi eller ligger den nærmest",
    en="the conditions of {side} hold on {number} separate stretches; given is the one with the "
    "zone, else the one that holds today's value or is nearest to it",
)

_SEVERAL_ZONES = Words(
    da="der er {number} adskilte zoner; her står den, der rummer den nuværende værdi eller ligger "
    "den nærmest",
    en="there are {number} separate zones; given is the one that holds today's value or is nearest "
    "to it",
)

_LEAVES_OUT = Words(
    da="ved grænsen {at} er {figure} kun defineret i {share} af udfaldene",
    en="at the end {at}, {figure} is defined in {share} of the draws only",
)

_FLAT = Words(
    da="ved grænsen {at} springer eller står {figure} stille, så grænsens fejl kan ikke opgøres",
    en="at the end {at}, {figure} jumps or stands still, so that the error of the end is not known",
)


def sentences(found: Corridor) -> list[Sentence]:
    """Return the zone, each side, what is short without a zone, and what to know.

    Parameters
    ----------
    found
        The corridor.
    """
    return [
        _zone(found),
        *(_of_side(found, side) for side in found.sides),
        *(_short(found, each) for each in found.shortfalls),
        *notes(found),
    ]


def notes(found: Corridor) -> Iterator[Sentence]:
    """Yield what was looked at, what was assumed, and what is unusual.

    Parameters
    ----------
    found
        The corridor.
    """
    low, high = found.between
    yield Sentence(
        _BASIS,
        {
            "low": _value(found, low),
            "high": _value(found, high),
            "why": "" if found.question.bounds_stated else _UNSTATED,
            "draws": Words(
                da=f"{found.pricing.run.draws:,}".replace(",", "."),
                en=f"{found.pricing.run.draws:,}",
            ),
        },
    )
    if found.question.payer == (condition(PAYER),):
        yield Sentence(_DEFAULT, {})
    if found.zones > 1:
        yield Sentence(_SEVERAL_ZONES, {"number": str(found.zones)})
    for side in found.sides:
        if side.stretches > 1:
            values: dict[str, Words | str] = {
                "side": side_words(found, side),
                "number": str(side.stretches),
            }
            yield Sentence(_SEVERAL_STRETCHES, values)
        for end in (side.low_end, side.high_end):
            yield from _of_end(found, end) if end is not None else ()


def _of_end(found: Corridor, end: End) -> Iterator[Sentence]:
    values: dict[str, Words | str] = {
        "at": _value(found, end.value),
        "figure": end.condition.figure.words(currency=found.case.head.currency),
    }
    if end.figure.undefined:
        share = percent(round(1 - end.figure.undefined, RATE_DIGITS))
        yield Sentence(_LEAVES_OUT, {**values, "share": share})
    if np.isnan(end.mc_error):
        yield Sentence(_FLAT, values)


def _zone(found: Corridor) -> Sentence:
    low, high = found.between
    values: dict[str, Words | str] = {"term": term_words(found.case, found.question.term)}
    if found.is_zone:
        place = "inside"
        if not found.lowest <= found.present <= found.highest:
            place = "below" if found.present < found.lowest else "above"
        values |= {
            "low": _with_error(found, found.lowest, found.end_at(found.lowest)),
            "high": _with_error(found, found.highest, found.end_at(found.highest)),
            "present": _value(found, found.present),
            "place": _PLACE[place],
        }
        return Sentence(_ZONE, values)
    values["low"], values["high"] = _value(found, low), _value(found, high)
    never = [side for side in found.sides if side.holds == "nowhere"]
    if len(never) == len(found.sides):
        return Sentence(_NO_ZONE["neither"], {**values, "payer": authority_words(found.case)})
    if never:
        return Sentence(_NO_ZONE["never"], {**values, "side": side_words(found, never[0])})
    return Sentence(_NO_ZONE["apart"], {**values, "gap": _value(found, -found.headroom)})


def _of_side(found: Corridor, side: Side) -> Sentence:
    """Return where a side's conditions hold, and which of several gives way."""
    kind: str = side.holds
    if kind == "within":
        kind = {(True, False): "from", (False, True): "to", (True, True): "between"}[
            side.low_end is not None, side.high_end is not None
        ]
    asked = listing(
        [condition_words(each, currency=found.case.head.currency) for each in side.conditions]
    )
    values: dict[str, Words | str] = {
        "side": side_words(found, side),
        "asked": asked,
        "low": _with_error(found, side.lowest, side.low_end),
        "high": _with_error(found, side.highest, side.high_end),
    }
    if side.end is None or len(side.conditions) == 1:
        return Sentence(_SIDE[kind], values)
    pattern = _SIDE[kind]
    binding = side.end.condition.figure.words(currency=found.case.head.currency)
    return Sentence(
        Words(
            da=_BINDING.in_language("da").format(sentence=pattern.da, binding="{binding}"),
            en=_BINDING.in_language("en").format(sentence=pattern.en, binding="{binding}"),
        ),
        values | {"binding": binding},
    )


def _short(found: Corridor, short: Shortfall) -> Sentence:
    """Return by how much a side is short."""
    other = next(each for each in found.sides if each is not short.side)
    of = side_words(found, other if short.where in {"highest", "lowest"} else short.side)
    each, currency = short.condition, found.case.head.currency
    values: dict[str, Words | str] = {
        "at": _value(found, short.at),
        "which": Words(
            da=_WHICH[short.where].in_language("da").format(side=of.da),
            en=_WHICH[short.where].in_language("en").format(side=of.en),
        ),
        "figure": each.figure.words(currency=currency),
    }
    if np.isnan(short.figure.value):
        return Sentence(_UNDEFINED, values)
    values |= {
        "value": each.figure.value_words(short.figure.value, currency=currency),
        "error": each.figure.value_words(short.figure.mc_error, currency=currency),
        "short": difference_words(short.by, of=each, currency=currency),
        "limit": each.figure.value_words(each.limit, currency=currency),
    }
    return Sentence(_SHORT, values)


def condition_words(asked: Condition, *, currency: str) -> Words:
    """Return a condition in words: a figure of at least or at most its limit.

    Parameters
    ----------
    asked
        The condition.
    currency
        ISO 4217 code of the case's currency.
    """
    figure = asked.figure.words(currency=currency)
    limit = asked.figure.value_words(asked.limit, currency=currency)
    how = _LEAST if asked.direction == ">=" else _MOST
    return Words(
        da=how.in_language("da").format(figure=figure.da, limit=limit.da),
        en=how.in_language("en").format(figure=figure.en, limit=limit.en),
    )


def difference_words(difference: float, *, of: Condition, currency: str) -> Words:
    """Return a difference of a condition's figure in words: percentage points, or its unit.

    Parameters
    ----------
    difference
        The difference.
    of
        The condition.
    currency
        ISO 4217 code of the case's currency.
    """
    figure = of.figure
    if figure.kind == "probability" or figure.metric.endswith("irr"):
        return percentage_points(round(difference, RATE_DIGITS))
    if is_probability(figure.metric):
        return percentage_points(round(difference, RATE_DIGITS))
    return figure.value_words(difference, currency=currency)


def side_words(found: Corridor, side: Side) -> Words:
    """Return what a side is called.

    Parameters
    ----------
    found
        The corridor.
    side
        The side.
    """
    return _INVESTOR if side.name == "investor" else authority_words(found.case)


def _value(found: Corridor, value: float) -> Words:
    return value_of_term(value, term=found.question.term, currency=found.case.head.currency)


def _with_error(found: Corridor, value: float, end: End | None) -> Words:
    """Return an end with its Monte Carlo error, a bound of the search without."""
    said = _value(found, value)
    if end is None:
        return Words(da=f"{said.da}{_BOUND.da}", en=f"{said.en}{_BOUND.en}")
    error = error_of_term(end.mc_error, term=found.question.term, currency=found.case.head.currency)
    return with_error(said, error=error)
