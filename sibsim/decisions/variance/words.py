"""What the variance comes from, in sentences in Danish and English.

`±` is one Monte Carlo standard error throughout, which the first sentence says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sibsim.core.amounts import in_both
from sibsim.core.spec import PER_CENT
from sibsim.core.wording import Sentence, decimal, listing, percent
from sibsim.core.words import Words
from sibsim.decisions.variance.estimators import CLEAR, Share
from sibsim.forecast.quantity_words import quantity_words, quoted

if TYPE_CHECKING:
    from sibsim.case import Case
    from sibsim.decisions.variance.indices import SobolIndices
    from sibsim.decisions.variance.layers import LayerShares

LARGEST = 3
"""Factors that the first sentence names; the table has all."""

DIGITS = 1
"""Digits after the point of a share in per cent."""

LEAST_ERROR = 0.1
"""No smaller error is written, in points, so that none is said to be zero."""

SMALL = 0.001
"""A share that stays below this with two standard errors is said to be under 0.1 %."""

TOO_WIDE = 0.05
"""An error above this, of five points, leaves open which of two factors matters more."""

LAYERS = {
    "parameters": Words(da="usikkerhed om parametrene", en="uncertainty about the parameters"),
    "chance": Words(
        da="tilfældigheder hos deltagerne", en="chance in what happens to participants"
    ),
    "measurement": Words(da="evaluators målefejl", en="the evaluator's errors of measurement"),
}
"""What layers are called."""


def layer_sentences(shares: LayerShares) -> list[Sentence]:
    """Return the sentences on the layers: the shares, then what has to be known of them."""
    currency = shares.case.head.currency
    values: dict[str, Words | str] = {
        "what": shares.varying.words(currency=currency),
        "sd": shares.varying.deviation_words(shares.deviation, currency=currency),
        "parts": listing(
            [_from(share_words(part.first), LAYERS[name]) for name, part in shares.layers.items()]
        ),
        "rest": share_words(shares.interaction),
    }
    pattern = Words(
        da="af variansen i {what} (standardafvigelse {sd}) kommer, taget hver for sig, {parts}; "
        "kun af deres samspil kommer {rest}; ± er én Monte Carlo-standardfejl",
        en="of the variance of {what} (standard deviation {sd}), each source taken alone, "
        "there comes {parts}; only from their interplay comes {rest}; ± is one Monte Carlo "
        "standard error",
    )
    none = [LAYERS[name] for name, part in shares.layers.items() if part.total == Share(0.0, 0.0)]
    errors = [part.first.mc_error for part in shares.layers.values()]
    return [
        Sentence(pattern, values),
        *_notes(shares.case, draws=shares.draws, none=none, error=max(errors)),
    ]


def index_sentences(indices: SobolIndices) -> list[Sentence]:
    """Return the sentences on the factors: the largest, the sum, what has to be known of them."""
    names = list(indices.factors)[:LARGEST]
    values: dict[str, Words | str] = {
        "what": indices.varying.words(currency=indices.case.head.currency),
        "parts": listing([_both(indices, name) for name in names]),
        "sum": share_words(indices.sum_of_first),
    }
    first = Words(
        da="af variansen i {what} kommer, taget hver for sig, {parts}; ± er én "
        "Monte Carlo-standardfejl",
        en="of the variance of {what}, each source taken alone, there comes {parts}; ± is one "
        "Monte Carlo standard error",
    )
    total = Words(
        da="hver for sig bringer faktorerne tilsammen {sum}; resten kommer kun af deres samspil",
        en="each alone, the factors bring {sum} together; the rest comes only from their interplay",
    )
    if indices.sum_of_first.value + CLEAR * indices.sum_of_first.mc_error >= 1.0:
        total = Words(
            da="hver for sig bringer faktorerne tilsammen {sum}; samspil kan ikke skelnes fra støj",
            en="each alone, the factors bring {sum} together; interplay cannot be told from noise",
        )
    none = [
        factor_words(indices, name)
        for name, part in indices.factors.items()
        if part.total == Share(0.0, 0.0)
    ]
    parts = indices.factors.values()
    errors = [each.mc_error for part in parts for each in (part.first, part.total)]
    return [
        Sentence(first, values),
        Sentence(total, values),
        *_notes(indices.case, draws=indices.draws, none=none, error=max(errors)),
    ]


def factor_words(indices: SobolIndices, name: str) -> Words:
    """Return what a factor is called; quantities that go together are listed."""
    if name in LAYERS:
        return LAYERS[name]
    return listing([quantity_words(indices.case, path) for path in indices.paths[name]])


def share_words(share: Share) -> Words:
    """Return a share with its error, and whether it is told from zero."""
    if share.value == 0 and share.mc_error == 0:
        return Words(da="intet", en="nothing")
    if abs(share.value) + CLEAR * share.mc_error < SMALL:
        return Words(da="under 0,1 %", en="under 0.1 %")
    value = decimal(round(PER_CENT * share.value, DIGITS) + 0.0)
    error = decimal(max(round(PER_CENT * share.mc_error, DIGITS), LEAST_ERROR))
    da, en = f"{value.da} ± {error.da} %", f"{value.en} ± {error.en} %"
    if not share.told_from_zero:
        return Words(da=f"{da} (ikke til at skelne fra nul)", en=f"{en} (not told from zero)")
    return Words(da=da, en=en)


def _from(said: Words, source: Words) -> Words:
    return Words(da=f"{said.da} fra {source.da}", en=f"{said.en} from {source.en}")


def _both(indices: SobolIndices, name: str) -> Words:
    """Return what a factor brings alone and with others."""
    part = indices.factors[name]
    alone = _from(share_words(part.first), factor_words(indices, name))
    total = share_words(part.total)
    return Words(
        da=f"{alone.da} (med samspil {total.da})", en=f"{alone.en} (with interplay {total.en})"
    )


def _notes(case: Case, *, draws: int, none: list[Words], error: float) -> Iterator[Sentence]:
    """Yield what has to be known of the shares."""
    number = in_both(f"{draws:,}")
    if none:
        pattern = Words(
            da="intet ændrede sig i nogen af {draws} trækninger, når dette blev trukket om: "
            "{what}; sjældnere virkninger kan så få trækninger ikke vise",
            en="nothing changed in any of {draws} draws when this was drawn anew: {what}; rarer "
            "effects so few draws cannot show",
        )
        yield Sentence(pattern, {"draws": number, "what": listing(none)})
    if error > TOO_WIDE:
        pattern = Words(
            da="den største standardfejl er {error}, så {draws} trækninger er for få til at sige, "
            "hvad der betyder mest; fire gange så mange halverer den",
            en="the largest standard error is {error}, so {draws} draws are too few to say what "
            "matters most; four times as many halve it",
        )
        yield Sentence(pattern, {"error": percent(round(error, 2)), "draws": number})
    in_numbers = [name for name, outcome in case.outcomes.items() if not outcome.by_person]
    if in_numbers:
        pattern = Words(
            da="{what} trækkes som antal og ikke person for person, så den samme person beholder "
            "ikke sin tilfældighed, og noget af tilfældighedernes egen andel tæller som samspil",
            en="{what} is drawn as numbers and not person by person, so the same person does not "
            "keep their luck and part of what chance brings alone counts as interplay",
        )
        titles = [quoted(case.outcomes[n].title or Words(da=n, en=n)) for n in in_numbers]
        yield Sentence(pattern, {"what": listing(titles)})
