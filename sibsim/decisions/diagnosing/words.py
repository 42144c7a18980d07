"""A diagnosis in plain Danish and English: titles and sentences.

Chances are so many simulations out of ten, with the percentage.

Natural frequencies are understood better than probabilities (Gigerenzer and Hoffrage 1995, "How to
improve Bayesian reasoning without instruction: frequency formats", Psychological Review
102(4):684-704).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import get_args

import numpy as np

from sibsim.core.amounts import in_both
from sibsim.core.wording import Language, Sentence, money, said
from sibsim.core.words import Words
from sibsim.decisions.diagnosing.diagnosands import Figure

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
        da="hvor evalueringen har en sammenligning, er estimat og sandhed effekten: deltagerne mod "
        "det, der var sket alligevel",
        en="where the design has a comparison, estimate and truth are the effect: participants "
        "against what would have come about anyway",
    ),
    False: Words(
        da="hvor evalueringen ingen sammenligning har, er estimat og sandhed deltagernes andel "
        "eller gennemsnit",
        en="where the design has no comparison, estimate and truth are participants' rate or mean",
    ),
}
_FOR_ALL = Words(
    da="betalingen læser ingen sammenligning: det, der betales, hvis indsatsen ikke virker, er for "
    "det, der var sket alligevel, og en anden sammenligning ændrer ikke betalingen",
    en="the payment reads no comparison: what is paid without an effect is for what would have "
    "come about anyway, and another comparison does not change what is paid",
)
_TRUTH = {
    True: Words(da="det sande resultat", en="the true result"),
    False: Words(da="den sande effekt", en="the true effect"),
}
"""What payment aims at, by whether it pays for everything that is achieved."""

_IF_NOTHING = Words(
    da="med {design} og {people}: virker indsatsen ikke, betales i gennemsnit {amount}, og "
    "{chance} betales noget",
    en="with {design} and {people}: if the intervention does nothing, {amount} is paid on "
    "average, and something {chance}",
)
_UNPAID = Words(
    da="hvor {truth} ville udløse betaling, betales der {chance} intet; i gennemsnit over alle "
    "forløb, hvor indsatsen virker, mangler der {amount} af den betaling, {truth} berettiger til",
    en="where {truth} would have been paid for, nothing is paid {chance}; averaged over all "
    "simulations in which the intervention works, that leaves {amount} unpaid",
)
_HARDLY_UNPAID = Words(
    da="hvor {truth} ville udløse betaling, betales der næsten altid noget",
    en="where {truth} would have been paid for, something is almost always paid",
)
_NEVER_DUE = Words(
    da="{truth} ville ikke udløse betaling i noget forløb",
    en="{truth} would not have been paid for in any simulation",
)
_OFF = Words(
    da="sammenlignet med betaling efter {truth} betales i gennemsnit {over} for meget og {under} "
    "for lidt",
    en="compared with payment by {truth}, {over} too much and {under} too little is paid on "
    "average",
)
_REFUSED = Words(
    da="med {design} og {people} kan kontrakten ikke afregnes: {refused}",
    en="with {design} and {people} the contract cannot be settled: {refused}",
)
_SAME = Words(
    da="disse designs giver samme betaling som {design} med {people}{as_long}: {others}",
    en="these designs lead to the same payment as {design} with {people}{as_long}: {others}",
)
_AS_LONG = Words(
    da=", så længe betalingslinjen ikke læser sammenligningen (det gør den med pays_for = "
    '"additional" eller of = "effect")',
    en=", as long as the payment line does not read the comparison (with pays_for = "
    '"additional" or of = "effect" it does)',
)
_ASSUMED = Words(
    da="{design} (antaget her: {figures})",
    en="{design} (assumed here: {figures})",
)
_OWN = Words(da="casens eget evalueringsdesign", en="the case's own design")
_OWN_IN_FULL = Words(da="{own} ({design})", en="{own} ({design})")
_PLANNED = Words(da="{people} deltagere", en="{people} people")
_SOME_SERVED = Words(
    da="{people} personer, hvoraf {served} får indsatsen",
    en="{people} people, of whom {served} are served",
)
_FROM_TO = Words(da="{least} til {most}", en="{least} to {most}")
_HEAD = Words(
    da="{case}: betalingslinjer, der læser {measure}: {lines}; {draws} forløb med og uden effekt, "
    "seed {seed}; ± er Monte Carlo-fejlen",
    en="{case}: payment lines that read {measure}: {lines}; {draws} simulations with and without "
    "effect, seed {seed}; ± is the Monte Carlo error",
)
_TITLE = Words(
    da="{measure}, {people}, efter {months} måneder; beløb i {amounts}",
    en="{measure}, {people}, at {months} months; money in {amounts}",
)
_OWN_TITLE = Words(
    da="{measure}, {people}, efter {months} måneder; egne nøgletal, hvert i sin egen enhed",
    en="{measure}, {people}, at {months} months; own figures, each in its own unit",
)


def head(lang: Language, **values: Words | str) -> str:
    """Return what was asked and how: `case`, `measure`, `lines`, `draws`, `seed`."""
    return said(_filled(_HEAD, **values), lang)


def title(lang: Language, **values: Words | str) -> str:
    """Return the title of a table: `measure`, `people`, `months`, `amounts`."""
    return said(_filled(_TITLE, **values), lang)


def own_title(lang: Language, **values: Words | str) -> str:
    """Return the title of a table of figures of one's own: `measure`, `people`, `months`."""
    return said(_filled(_OWN_TITLE, **values), lang)


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


def design_words(
    words: Words, *, own: bool, details: bool = False, assumed: Words | None = None
) -> Words:
    """Return what a design is called in a sentence.

    Parameters
    ----------
    words
        How it measures.
    own
        Whether it is the case's own design.
    details
        Whether to say how the case's own measures, and the figures assumed for an alternative.
    assumed
        The figures of an alternative; empty where none are assumed.
    """
    if own:
        return _filled(_OWN_IN_FULL, own=_OWN, design=words) if details else _OWN
    if details and assumed is not None and assumed.en:
        return _filled(_ASSUMED, design=words, figures=assumed)
    return words


def people_words(people: float, *, served: Sequence[float]) -> Words:
    """Return `180 people`, or `180 people, of whom 90 are served` where some become controls.

    Parameters
    ----------
    people
        Participants planned.
    served
        How many of them each design serves.
    """
    least, most = min(served, default=people), max(served, default=people)
    if least >= people:
        return _filled(_PLANNED, people=number(people))
    some = number(least)
    if most > least:
        some = _filled(_FROM_TO, least=some, most=number(most))
    return _filled(_SOME_SERVED, people=number(people), served=some)


def refusal(design: Words, *, people: float, refused: str) -> Sentence:
    """Return that the contract cannot be settled on a design, and why."""
    planned = people_words(people, served=())
    return Sentence(_REFUSED, {"people": planned, "design": design, "refused": refused})


def same(others: Sequence[Words], *, people: Words, design: Words, pays_for_all: bool) -> Sentence:
    """Return in one sentence that other designs lead to the same payment as a design.

    Parameters
    ----------
    others
        What the others are called, at least one.
    people
        With how many people.
    design
        What the design is called.
    pays_for_all
        Whether no line reads the comparison; then what would let it.
    """
    return Sentence(
        _SAME,
        {
            "people": people,
            "design": design,
            "as_long": _AS_LONG if pays_for_all else "",
            "others": Words(
                da="; ".join(said(each, "da") for each in others),
                en="; ".join(said(each, "en") for each in others),
            ),
        },
    )


def findings(
    figures: Mapping[str, Figure],
    *,
    design: Words,
    people: Words,
    currency: str,
    pays_for_all: bool,
) -> Iterator[Sentence]:
    """Yield what a design does to the money.

    Parameters
    ----------
    figures
        The figures by name.
    design
        What the design is called.
    people
        With how many people.
    currency
        ISO 4217 code of the amounts.
    pays_for_all
        Whether the truth that is paid for is the result and not the effect.
    """
    truth = _TRUTH[pays_for_all]

    def amount(name: str) -> Words:
        return _amount(figures[name].value, currency=currency)

    yield Sentence(
        _IF_NOTHING,
        {
            "people": people,
            "design": design,
            "amount": amount("paid_for_nothing"),
            "chance": in_courses(figures["p_paid_for_nothing"].value),
        },
    )
    unpaid = figures["p_deserved_unpaid"].value
    if np.isnan(unpaid):
        yield Sentence(_NEVER_DUE, {"truth": truth})
    elif unpaid < ALMOST:
        yield Sentence(_HARDLY_UNPAID, {"truth": truth})
    else:
        values = {"truth": truth, "chance": in_courses(unpaid), "amount": amount("unpaid_effect")}
        yield Sentence(_UNPAID, values)
    over, under = amount("overpaid"), amount("underpaid")
    yield Sentence(_OFF, {"truth": truth, "over": over, "under": under})


def in_courses(probability: float) -> Words:
    """Return a chance as `in 7 of 10 simulations (68 %)`."""
    if probability < ALMOST:
        return Words(da="næsten aldrig", en="almost never")
    if probability > 1.0 - ALMOST:
        return Words(da="næsten altid", en="almost always")
    low, high = IN_TENS
    percentage = min(max(round(probability * 100), 1), 99)
    if low <= probability <= high:
        tens = f"{round(probability * 10)}"
        return Words(
            da=f"i {tens} af 10 forløb ({percentage} %)",
            en=f"in {tens} of 10 simulations ({percentage} %)",
        )
    return Words(da=f"i {percentage} af 100 forløb", en=f"in {percentage} of 100 simulations")


def number(value: float) -> Words:
    """Return a whole number as 1.000 and 1,000."""
    return in_both(f"{value:,.0f}")


def _amount(value: float, *, currency: str) -> Words:
    """Return an amount, large ones in round thousands."""
    unit = ROUND_TO if abs(value) >= ROUNDED_FROM else 1.0
    return money(float(round(value / unit) * unit), currency=currency)


def _filled(pattern: Words, **values: Words | str) -> Words:
    """Return a pattern filled in both languages."""
    filled = {
        lang: pattern.in_language(lang).format(
            **{name: said(value, lang) for name, value in values.items()}
        )
        for lang in get_args(Language)
    }
    return Words(da=filled["da"], en=filled["en"])
