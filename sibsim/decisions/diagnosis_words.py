"""A diagnosis in short plain sentences, Danish and English; chances as so many courses out of ten.

Natural frequencies are understood better than probabilities (Gigerenzer and Hoffrage 1995, "How to
improve Bayesian reasoning without instruction: frequency formats", Psychological Review
102(4):684-704).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sibsim.core.wording import Sentence, money
from sibsim.core.words import Words
from sibsim.decisions.diagnosands import Figure

ALMOST = 0.005
"""A chance this close to none or to certainty is said to be almost that."""

IN_TENS = (0.1, 0.9)
"""Chances in between are said out of ten, rarer and surer ones out of a hundred."""

ROUND_TO = 1_000.0
"""Amounts from `ROUNDED_FROM` on are said in round thousands: Monte Carlo errors are as large."""

ROUNDED_FROM = 10_000.0
"""Amounts below this are said in whole units."""

_ESTIMATED = {
    True: Words(
        da="hvor målingen har en sammenligning, er skøn og sandhed effekten: deltagerne mod det, "
        "der var sket alligevel",
        en="where the design has a comparison, estimate and truth are the effect: participants "
        "against what would have come about anyway",
    ),
    False: Words(
        da="hvor målingen ingen sammenligning har, er skøn og sandhed deltagernes andel eller "
        "gennemsnit",
        en="where the design has no comparison, estimate and truth are participants' rate or mean",
    ),
}
_FOR_ALL = Words(
    da="betalingen læser ingen sammenligning: det, der betales, hvis indsatsen ikke virker, er for "
    "det, der var sket alligevel, og en anden sammenligning ændrer ikke betalingen",
    en="the payment reads no comparison: what is paid without an effect is for what would have "
    "come about anyway, and another comparison does not change what is paid",
)
_IF_NOTHING = Words(
    da="med {people} deltagere og {design}: virker indsatsen ikke, betales i gennemsnit {amount}, "
    "og {chance} betales noget",
    en="with {people} people and {design}: if the intervention does nothing, {amount} is paid on "
    "average, and something {chance}",
)
_IF_EFFECT = Words(
    da="virker den, er effekten {chance} helt ubetalt; det koster i gennemsnit {amount} af den "
    "fortjente betaling",
    en="if it works, the effect is left wholly unpaid {chance}; that costs {amount} of the "
    "deserved payment on average",
)
_OFF = Words(
    da="mod betaling efter den nøjagtige sandhed betales i gennemsnit {over} for meget og {under} "
    "for lidt",
    en="against payment on the exact truth, {over} too much and {under} too little is paid on "
    "average",
)
_REFUSED = Words(
    da="med {people} deltagere og {design} kan kontrakten ikke afregnes: {refused}",
    en="with {people} people and {design} the contract cannot be settled: {refused}",
)
_ASSUMED = Words(
    da="{design} (antaget her: {figures})",
    en="{design} (assumed here: {figures})",
)
_OWN = Words(da="sagens egen måling ({design})", en="the case's own design ({design})")


def on_what(*, compares: tuple[bool, ...], pays_for_all: bool) -> Iterator[Sentence]:
    """Yield what estimate and truth are, and what lines without a comparison pay for.

    Parameters
    ----------
    compares
        Whether designs have a comparison, each answer once.
    pays_for_all
        Whether no line reads the comparison.
    """
    for each in compares:
        yield Sentence(_ESTIMATED[each], {})
    if pays_for_all:
        yield Sentence(_FOR_ALL, {})


def design_words(words: Words, *, own: bool, assumed: str) -> Words:
    """Return what a design is called in a sentence, with the figures assumed for it.

    Parameters
    ----------
    words
        How it measures.
    own
        Whether it is the case's own design.
    assumed
        The figures of an alternative; empty where none are assumed.
    """
    if own:
        return _filled(_OWN, design=words)
    return _filled(_ASSUMED, design=words, figures=assumed) if assumed else words


def refusal(design: Words, *, people: float, refused: str) -> Sentence:
    """Return that the contract cannot be settled on a design, and why."""
    return Sentence(_REFUSED, {"people": _number(people), "design": design, "refused": refused})


def findings(
    figures: Mapping[str, Figure], *, design: Words, people: float, currency: str
) -> Iterator[Sentence]:
    """Yield what a design does to the money.

    Parameters
    ----------
    figures
        The figures by name.
    design
        What the design is called.
    people
        Participants planned.
    currency
        ISO 4217 code of the amounts.
    """

    def amount(name: str) -> Words:
        return _amount(figures[name].value, currency=currency)

    yield Sentence(
        _IF_NOTHING,
        {
            "people": _number(people),
            "design": design,
            "amount": amount("paid_for_nothing"),
            "chance": in_courses(figures["p_paid_for_nothing"].value),
        },
    )
    unpaid = figures["p_effect_unpaid"].value
    if not np.isnan(unpaid):
        chance = in_courses(unpaid)
        yield Sentence(_IF_EFFECT, {"chance": chance, "amount": amount("unpaid_effect")})
    yield Sentence(_OFF, {"over": amount("overpaid"), "under": amount("underpaid")})


def in_courses(probability: float) -> Words:
    """Return a chance as `in 7 of 10 courses`."""
    if probability < ALMOST:
        return Words(da="næsten aldrig", en="almost never")
    if probability > 1.0 - ALMOST:
        return Words(da="næsten altid", en="almost always")
    low, high = IN_TENS
    of = 10 if low <= probability <= high else 100
    number = round(probability * of)
    return Words(da=f"i {number} af {of} forløb", en=f"in {number} of {of} courses")


def _number(people: float) -> Words:
    english = f"{people:,.0f}"
    return Words(da=english.replace(",", "."), en=english)


def _amount(value: float, *, currency: str) -> Words:
    """Return an amount, large ones in round thousands."""
    unit = ROUND_TO if abs(value) >= ROUNDED_FROM else 1.0
    return money(float(round(value / unit) * unit), currency=currency)


def _filled(pattern: Words, **values: Words | str) -> Words:
    """Return a pattern filled in both languages."""
    in_both = {
        lang: pattern.in_language(lang).format(
            **{
                name: value if isinstance(value, str) else value.in_language(lang)
                for name, value in values.items()
            }
        )
        for lang in ("da", "en")
    }
    return Words(da=in_both["da"], en=in_both["en"])
