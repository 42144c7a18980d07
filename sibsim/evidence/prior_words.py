"""What a prior says, in sentences that a reader can check against what they know.

A probability is said as `1 in 10`, since readers judge natural frequencies better than
probabilities: Gigerenzer and Hoffrage 1995, How to improve Bayesian reasoning without instruction:
frequency formats, Psychological Review 102(4). It is doubt about one place, not a share of all
municipalities: were the mean over places known to be lower, all of them would see less.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, cast, get_args

import numpy as np

from sibsim.core.arrays import FloatArray
from sibsim.core.effects import Scale, apply
from sibsim.core.wording import Sentence, decimal, language
from sibsim.core.words import Words
from sibsim.errors import ArgumentError
from sibsim.evidence.estimates import SCALE_WORDS

if TYPE_CHECKING:
    from sibsim.evidence.prior import Prior

OUT_OF = (10, 20, 100, 1_000)
"""Numbers that a probability may be said out of, the smallest that is near enough."""

NEAR_ENOUGH = 0.15
"""Relative rounding of a probability that no reader would mind."""

DIGITS = 3
"""Significant digits of an effect in a sentence."""

PEOPLE = 100
"""People of whom shares are said: `52 of 100`."""

LOW, MIDDLE, HIGH = 0.25, 0.5, 0.75
"""Quartiles: between the outer ones it lies with a probability of one half."""

ONE_IN_TEN = 0.1
"""Probability of what is said of people in the bad tail."""

_VOWELS = "aeiou"
"""First letters of scales before which English says `an`."""


def _named(scale: Words) -> Words:
    """Return what a value of a scale is called: `en oddsratio` and `an odds ratio`."""
    english = scale.in_language("en")
    article = "an" if english[0] in _VOWELS else "a"
    return Words(da=f"en {scale.da}", en=f"{article} {english}")


_SCALES: Mapping[str | None, Words] = {
    **{scale: _named(words) for scale, words in SCALE_WORDS.items()},
    "standardised_difference_cox": _named(SCALE_WORDS["standardised_difference"]),
    "success_rate": Words(da="en succesrate", en="a success rate"),
    None: Words(da="en værdi", en="a value"),
}
"""What a value of each scale is called."""

_HARM = {
    True: Words(
        da="risikoen for skade, et dårligere resultat end uden indsatsen, er {chance} (som hvis "
        "det gik sådan i {chance} kommuner)",
        en="the chance that it sees harm, a worse result than without the intervention, is "
        "{chance} (as if {places} saw it)",
    ),
    False: Words(
        da="risikoen for, at indsatsen i gennemsnit over steder skader, er {chance}; det enkelte "
        "sted kan ligge længere ude",
        en="the chance that the intervention harms on average over places is {chance}; a single "
        "place may lie further out",
    ),
}
"""How likely harm is, by whether the prior is predictive."""

_SPREAD = {
    True: Words(
        da="for den næste kommune er der 50 % sandsynlighed for {scale} mellem {low} og {high}",
        en="for the next municipality there is a 50 % chance of {scale} between {low} and {high}",
    ),
    False: Words(
        da="for gennemsnittet over steder er der 50 % sandsynlighed for {scale} mellem {low} og "
        "{high}",
        en="for the mean over places there is a 50 % chance of {scale} between {low} and {high}",
    ),
}
"""Where the middle half lies."""

_PEOPLE = Words(
    da="af 100 mennesker når {without} målet uden indsatsen og {middle} med den; med en "
    "sandsynlighed på 1 ud af 10 {than} {tail}",
    en="of 100 people {without} achieve it without the intervention and {middle} with it; with a "
    "chance of 1 in 10 {than} {tail}",
)
"""What it means for people at a baseline."""

_THAN = {
    "higher": Words(da="færre end", en="fewer than"),
    "lower": Words(da="flere end", en="more than"),
}
"""Which side of a tail is bad."""

_BACK = {
    "higher": Words(
        da="du siger: i det lange løb lykkes det for {middle} af hver {of} borgere; med en "
        "sandsynlighed på 1 ud af 10 er det færre end {tail} af hver {of}",
        en="you say: in the long run {middle} of every {of} citizens succeed; with a chance of 1 "
        "in 10 it is fewer than {tail} of every {of}",
    ),
    "lower": Words(
        da="du siger: i det lange løb sker det for {middle} af hver {of} borgere; med en "
        "sandsynlighed på 1 ud af 10 er det flere end {tail} af hver {of}",
        en="you say: in the long run it happens to {middle} of every {of} citizens; with a chance "
        "of 1 in 10 it is more than {tail} of every {of}",
    ),
}
"""What is said back of citizens, by what is better."""


def sentences_on(prior: Prior, *, lang: str, baseline: float | None) -> tuple[str, ...]:
    """Return what a prior says of harm, of most places and of people.

    Parameters
    ----------
    prior
        The prior.
    lang
        `da` or `en`.
    baseline
        Share of people who succeed without the intervention, in (0, 1); None: not said.
    """
    said = language(lang)
    found = [_on_spread(prior)]
    harm = prior.p_harm
    if baseline is not None:
        found.append(_on_people(prior, baseline=baseline))
        harm = prior.p_worse(baseline) if harm is None else harm
    if harm is not None:
        found.append(_on_harm(harm, predictive=prior.predictive))
    return tuple(each.say(said) for each in found)


def said_back(
    prior: Prior, *, lang: str = "en", of: int = 20, counterfactual: float | None = None
) -> tuple[str, ...]:
    """Return what an expert has said of a share, as numbers of citizens in the long run.

    Parameters
    ----------
    prior
        A share: elicited with `beta`, or a pool of such.
    lang
        `da` or `en`.
    of
        Citizens to count out of.
    counterfactual
        Share who succeed without the intervention, in (0, 1); None: harm is not spoken of.
    """
    said = language(lang)
    if prior.scale not in (None, "success_rate") or prior.quantity.distribution.support[1] > 1:
        message = (
            f"prior: got {prior.scale or 'an amount'}; only a share is counted in citizens; use "
            "prior.sentences()"
        )
        raise ArgumentError(message)
    bad = ONE_IN_TEN if prior.better == "higher" else 1.0 - ONE_IN_TEN
    middle, tail = (of * value for value in prior.quantiles((MIDDLE, bad)).values())
    counts = {"middle": f"{middle:.0f}", "tail": f"{tail:.0f}", "of": f"{of}"}
    found = [Sentence(_BACK[prior.better], counts)]
    if counterfactual is not None:
        _check_share("counterfactual", counterfactual)
        found.append(_on_harm(prior.p_worse(counterfactual), predictive=True))
    return tuple(each.say(said) for each in found)


def out_of(probability: float) -> Words:
    """Return a probability as `1 in 10`, by the smallest number that is near enough."""
    for number in OUT_OF:
        many = round(probability * number)
        if abs(many / number - probability) <= NEAR_ENOUGH * probability and many > 0:
            return _ratio(many, number)
    if probability * OUT_OF[-1] < 1:
        below = Words(da="færre end {n}", en="fewer than {n}")
        return _filled(below, _ratio(1, OUT_OF[-1]))
    return _ratio(round(probability * OUT_OF[-1]), OUT_OF[-1])


def _ratio(many: int, number: int) -> Words:
    grouped = f"{number:,}"
    return Words(da=f"{many} ud af {grouped.replace(',', '.')}", en=f"{many} in {grouped}")


def _filled(pattern: Words, value: Words) -> Words:
    return Words(
        da=pattern.in_language("da").format(n=value.da),
        en=pattern.in_language("en").format(n=value.en),
    )


def _on_harm(probability: float, *, predictive: bool) -> Sentence:
    chance = out_of(probability)
    places = f"{chance.in_language('en').replace(' in ', ' of ')} such municipalities"
    return Sentence(_HARM[predictive], {"chance": chance, "places": places})


def _value(prior: Prior, value: float) -> Words:
    """Return a value in the way its scale is read: shares in per cent, differences in points."""
    if prior.scale == "risk_difference":
        points = decimal(_rounded(100 * value))
        return _filled(Words(da="{n} procentpoint", en="{n} percentage points"), points)
    if prior.scale == "success_rate":
        return _filled(Words(da="{n} %", en="{n} %"), decimal(_rounded(100 * value)))
    return decimal(_rounded(value))


def _rounded(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _on_spread(prior: Prior) -> Sentence:
    quantiles = prior.quantiles((LOW, HIGH))
    low, high = (_value(prior, quantiles[level]) for level in (LOW, HIGH))
    values = {"scale": _SCALES[prior.scale], "low": low, "high": high}
    return Sentence(_SPREAD[prior.predictive], values)


def _on_people(prior: Prior, *, baseline: float) -> Sentence:
    _check_share("baseline", baseline)
    bad = ONE_IN_TEN if prior.better == "higher" else 1.0 - ONE_IN_TEN
    values = np.array([*prior.quantiles((MIDDLE, bad)).values()])
    if prior.scale is not None:
        values = _with_intervention(prior, values, baseline=baseline)
    middle, tail = (f"{PEOPLE * share:.0f}" for share in values)
    filled = {"without": f"{PEOPLE * baseline:.0f}", "middle": middle, "tail": tail}
    return Sentence(_PEOPLE, {**filled, "than": _THAN[prior.better]})


def _with_intervention(prior: Prior, values: FloatArray, *, baseline: float) -> FloatArray:
    if prior.scale not in get_args(Scale):
        message = (
            f"baseline: got {baseline:g} for an effect on a mean ({prior.scale}), which changes no "
            "share; drop it"
        )
        raise ArgumentError(message)
    with_it, _ = apply(np.array([baseline]), values, scale=cast("Scale", prior.scale))
    return with_it


def _check_share(name: str, share: float) -> None:
    if not 0 < share < 1:
        message = (
            f"{name}: got {share:g}; it is a share strictly between 0 and 1; write 0.4 for 40 of "
            "100"
        )
        raise ArgumentError(message)
