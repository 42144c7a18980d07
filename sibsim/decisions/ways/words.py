"""A comparison of ways of paying in plain Danish and English, every word from the figures.

No way is praised by itself: what is said of it follows from its figures, and a difference is only
called one where it is more than two Monte Carlo errors on the same luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.core.amounts import ALMOST, chance, rounded
from sibsim.core.wording import Sentence, listing, percent
from sibsim.core.words import Words
from sibsim.decisions.authority import authority_words
from sibsim.decisions.ways.figures import (
    PROBABILITIES,
    SHORTFALL,
    Way,
    difference,
    is_clear,
    median_break_even,
    value_of,
)
from sibsim.decisions.ways.flows import ALL_OF_IT
from sibsim.decisions.ways.price_words import price_words
from sibsim.metrics import ROUNDING

if TYPE_CHECKING:
    from sibsim.decisions.ways.comparison import Comparison

WAY_WORDS: Mapping[str, Words] = {
    "nothing": Words(da="ingen indsats", en="no service"),
    "own_money": Words(da="egne midler", en="own money"),
    "contract": Words(da="resultatkontrakten", en="the contract"),
    "no_cure_no_pay": Words(da="no cure, no pay", en="no cure, no pay"),
    "grant": Words(da="fondsstøtte ved siden af kontrakten", en="a grant beside the contract"),
}
"""What the ways of paying are called."""

_OPENINGS: Mapping[str, Words] = {
    "own_money": Words(da="med egne midler", en="with own money"),
    "contract": Words(da="med resultatkontrakten", en="under the contract"),
    "no_cure_no_pay": Words(
        da="med no cure, no pay, hvor leverandøren selv finansierer indsatsen,",
        en="with no cure, no pay, where the provider finances the service itself,",
    ),
}
"""How a sentence about a way begins."""

_FIGURE_WORDS: Mapping[str, Words] = {
    "net": Words(da="det gennemsnitlige resultat", en="the mean result"),
    "p_loss": Words(da="risikoen for at ende under nul", en="the risk of ending below zero"),
    SHORTFALL: Words(da="den værste tyvendedel", en="the worst twentieth"),
    "peak_cash": Words(da="det største likviditetstræk", en="the largest cash need"),
    "peak_year": Words(da="det tungeste budgetår", en="the heaviest budget year"),
}
"""Figures that strengths and weaknesses are read from; but for the first, less is better."""

_NOTHING = Words(
    da="uden indsats er der hverken udgifter eller besparelser: alle tal er 0 pr. definition, og "
    "de andre tal er forskellen til det",
    en="without the service there are neither costs nor savings: every figure is 0 by definition, "
    "and the others are the difference from it",
)
_RESULT = Words(
    da="{opening} får {party} i gennemsnit {gains} {amount} og ender under nul i {chance} af "
    "forløbene; {tail}, det største likviditetstræk er i gennemsnit {cash}, og {even}",
    en="{opening} {party} {gains} {amount} on average and ends below zero in {chance} of "
    "simulations; {tail}, the largest cash need is {cash} on average, and {even}",
)
_TRADE = Words(
    da="kontrakten i forhold til egne midler: {changes}; {price}",
    en="the contract against own money: {changes}; {price}",
)
_CHANGES: Mapping[str, tuple[Words, Words]] = {
    "p_loss": (Words(da="falder", en="falls"), Words(da="stiger", en="rises")),
    SHORTFALL: (
        Words(da="forbedres", en="improves"),
        Words(da="forværres", en="gets worse,"),
    ),
    "peak_cash": (Words(da="falder", en="falls"), Words(da="stiger", en="rises")),
}
"""What the contract changes, and how less and more of it is said."""

_SAME: Mapping[str, str] = {
    "p_loss": "den samme",
    SHORTFALL: "den samme",
    "peak_cash": "det samme",
}
"""What is said in Danish of what does not change."""

_OTHERS_PAY = Words(
    da="andre end {party} betaler {amount} i nutidsværdi for resultater, som falder bort med egne "
    "midler",
    en="parties other than {party} pay {amount} in present value for outcomes, which falls away "
    "with own money",
)
_EARLY_END = Words(
    da="med egne midler får også de borgere indsatsen, som kontraktens tidlige ophør udelader; "
    "det er {amount} i nutidsværdi, som ikke er en del af prisen",
    en="own money also serves those whom an early end of the contract leaves: {amount} in present "
    "value, which is no part of the price",
)
_PROVIDER = Words(
    da="uden investor får leverandøren i gennemsnit {amount} og skal selv kunne bære, at den ender "
    "under nul i {chance} af forløbene; {apart}",
    en="without an investor the provider has {amount} on average and must itself be able to carry "
    "that it ends below zero in {chance} of simulations; {apart}",
)
_GRANT = Words(
    da="med fondsstøtte på {grant} ved siden af kontrakten, i gennemsnit {paid}, får {party} i "
    "gennemsnit {gains} {amount} og ender under nul i {chance} af forløbene; {apart}",
    en="with a grant of {grant} beside the contract, {paid} on average, {party} {gains} {amount} "
    "on average and ends below zero in {chance} of simulations; {apart}",
)
_HAS_GRANT = Words(
    da="casen har allerede et tilskud, i gennemsnit {paid}; det indgår i kontrakten og dens pris, "
    "og der lægges ikke et til",
    en="the case has a grant already, {paid} on average; it is part of the contract and of its "
    "price, and no other is added",
)
_STRENGTH = Words(da="{way}: {places}", en="{way}: {places}")
_PLACES: Mapping[str, Words] = {
    "best": Words(da="bedst", en="best"),
    "among best": Words(da="blandt de bedste", en="among the best"),
    "worst": Words(da="dårligst", en="worst"),
    "among worst": Words(da="blandt de dårligste", en="among the worst"),
}
"""Where a way stands on a figure against all others, or with some of them."""

_UNMARKED = Words(
    da="ingen udgiftslinje er mærket contract_cost, så evaluering, administration og jura falder "
    "ikke bort med egne midler",
    en="no cost line is marked contract_cost, so that evaluation, management and legal costs do "
    "not fall away with own money",
)


def sentences(found: Comparison) -> Iterator[Sentence]:
    """Yield what speaks for and against each way of paying.

    Parameters
    ----------
    found
        The comparison.
    """
    case, ways = found.case, found.run.ways
    yield Sentence(_NOTHING, {})
    for name in ("own_money", "contract"):
        yield _result(case, ways[name], opening=_OPENINGS[name])
    yield _trade(found)
    yield from _beside_the_price(found)
    yield _result(case, ways["no_cure_no_pay"], opening=_OPENINGS["no_cure_no_pay"])
    yield Sentence(
        _PROVIDER,
        {
            "amount": _signed(value_of(found.run.provider, "net"), currency=case.head.currency),
            "chance": chance(value_of(found.run.provider, "p_loss")),
            "apart": _apart(found, "no_cure_no_pay"),
        },
    )
    yield _with_grant(found)
    yield from _strengths(found)
    if not any(line.contract_cost for line in case.costs.values()):
        yield Sentence(_UNMARKED, {})


def _result(case: Case, way: Way, *, opening: Words) -> Sentence:
    currency = case.head.currency
    net, shortfall = value_of(way, "net"), value_of(way, SHORTFALL)
    worst = rounded(abs(shortfall), currency=currency)
    tail = Words(
        da=f"i den værste tyvendedel er tabet i gennemsnit {worst.da}",
        en=f"the loss in the worst twentieth is {worst.en} on average",
    )
    if shortfall < 0:
        tail = Words(
            da=f"selv i den værste tyvendedel er gevinsten i gennemsnit {worst.da}",
            en=f"even in the worst twentieth the gain is {worst.en} on average",
        )
    values = {
        "opening": opening,
        "tail": tail,
        "cash": rounded(value_of(way, "peak_cash"), currency=currency),
        "even": _even(case, way),
    }
    return Sentence(_RESULT, values | _gains(case, way, net=net))


def _gains(case: Case, way: Way, *, net: float) -> dict[str, Words | str]:
    """Return who gains or loses how much on average, and how often it ends below zero."""
    gains = Words(da="en gevinst på", en="gains")
    loses = Words(da="et tab på", en="loses")
    return {
        "party": authority_words(case),
        "gains": gains if net >= 0 else loses,
        "amount": rounded(abs(net), currency=case.head.currency),
        "chance": chance(value_of(way, "p_loss")),
    }


def _even(case: Case, way: Way) -> Words:
    """Return when it breaks even."""
    median, _ = median_break_even(way)
    last = case.timeline.years[-1]
    if np.isfinite(median):
        return Words(
            da=f"i halvdelen af forløbene er udgifterne tjent hjem senest i {median:.0f}",
            en=f"half of all simulations break even by {median:.0f}",
        )
    share = chance(value_of(way, "p_break_even"))
    return Words(
        da=f"kun i {share.da} af forløbene er udgifterne tjent hjem inden udgangen af {last}",
        en=f"only {share.en} of simulations break even by the end of {last}",
    )


def _trade(found: Comparison) -> Sentence:
    """Return what the contract changes against own money, and its price."""
    *changes, last = [_change(found, figure) for figure in _CHANGES]
    together = Words(
        da=f"{', '.join(each.da or '' for each in changes)}, og {last.da}",
        en=f"{', '.join(each.en or '' for each in changes)}, and {last.en}",
    )
    return Sentence(_TRADE, {"changes": together, "price": price_words(found)})


def _change(found: Comparison, figure: str) -> Words:
    """Return how a figure goes from own money to the contract; the same where that is luck."""
    own, contract = found.run.ways["own_money"], found.run.ways["contract"]
    name, currency = _FIGURE_WORDS[figure], found.case.head.currency

    def of(way: Way) -> Words:
        value = value_of(way, figure)
        if figure in PROBABILITIES:
            return chance(value)
        if figure == SHORTFALL:
            return _signed(-value, currency=currency)
        return rounded(value, currency=currency)

    before, after = of(own), of(contract)
    mean = Words(da=" i gennemsnit", en=" on average")
    if figure in PROBABILITIES:
        mean = Words(da="", en="")
    apart, error = difference(contract, own, figure)
    if not is_clear(apart, error=error, least=_least(figure)) or before == after:
        return Words(
            da=f"{name.da} er {_SAME[figure]}, {before.da}{mean.da}",
            en=f"{name.en} is about the same, {before.en}{mean.en}",
        )
    verb = _CHANGES[figure][int(apart > 0)]
    return Words(
        da=f"{name.da} {verb.da} fra {before.da} til {after.da}{mean.da}",
        en=f"{name.en} {verb.en} from {before.en} to {after.en}{mean.en}",
    )


def _beside_the_price(found: Comparison) -> Iterator[Sentence]:
    """Yield what others pay for outcomes, and what own money gains where the contract ends."""
    case, run, currency = found.case, found.run, found.case.head.currency
    if case.valuation is None:
        return
    if run.others_pay.max() > ROUNDING:
        amount = rounded(float(run.others_pay.mean()), currency=currency)
        yield Sentence(_OTHERS_PAY, {"party": authority_words(case), "amount": amount})
    if np.abs(run.early_end).max() > ROUNDING:
        amount = rounded(float(run.early_end.mean()), currency=currency)
        yield Sentence(_EARLY_END, {"amount": amount})


def _signed(gain: float, *, currency: str) -> Words:
    """Return a gain or a loss as such."""
    size = rounded(abs(gain), currency=currency)
    if gain < 0:
        return Words(da=f"et tab på {size.da}", en=f"a loss of {size.en}")
    return Words(da=f"en gevinst på {size.da}", en=f"a gain of {size.en}")


def _apart(found: Comparison, name: str) -> Words:
    """Return how much better or worse than the contract a way is on average."""
    ways = found.run.ways
    more, error = difference(ways[name], ways["contract"], "net")
    if not is_clear(more, error=error):
        return Words(
            da="det gennemsnitlige resultat er som med kontrakten",
            en="the mean result is that of the contract",
        )
    size = rounded(abs(more), currency=found.case.head.currency)
    party = authority_words(found.case)
    kind = Words(da="bedre", en="better") if more > 0 else Words(da="dårligere", en="worse")
    return Words(
        da=f"{party.da} er stillet {size.da} {kind.da} end med kontrakten",
        en=f"{party.en} is {size.en} {kind.en} off than under the contract",
    )


def _with_grant(found: Comparison) -> Sentence:
    case, way, grant = found.case, found.run.ways["grant"], found.grant
    currency = case.head.currency
    paid = rounded(float(found.run.granted.mean()), currency=currency)
    if grant is None:
        return Sentence(_HAS_GRANT, {"paid": paid})
    if grant <= ALL_OF_IT:
        share = percent(grant)
        words = Words(
            da=f"{share.da} af indsatsens udgifter", en=f"{share.en} of the delivery costs"
        )
    else:
        words = rounded(grant, currency=currency)
    if found.grant_is_assumed:
        words = Words(da=f"{words.da} (en antagelse)", en=f"{words.en} (an assumption)")
    values: dict[str, Words | str] = {
        "grant": words,
        "paid": paid,
        "apart": _apart(found, "grant"),
    }
    return Sentence(_GRANT, values | _gains(case, way, net=value_of(way, "net")))


def _strengths(found: Comparison) -> Iterator[Sentence]:
    """Yield what each way is best or worst on; a grant that nobody has offered is left out."""
    names = [name for name in found.run.ways if name != "nothing"]
    if found.grant is None or found.grant_is_assumed:
        names.remove("grant")
    for name in names:
        placed: dict[str, list[Words]] = {place: [] for place in _PLACES}
        for figure, words in _FIGURE_WORDS.items():
            signs = [_sign(found, name, other, figure) for other in names if other != name]
            place = _place(min(signs), max(signs))
            if place:
                placed[place].append(words)
        said = [_placed(place, figures) for place, figures in placed.items() if figures]
        if said:
            together = Words(
                da="; ".join(each.da or "" for each in said),
                en="; ".join(each.en or "" for each in said),
            )
            yield Sentence(_STRENGTH, {"way": WAY_WORDS[name], "places": together})


def _place(least: int, most: int) -> str:
    """Return the place of a way from the least and the most of its signs against the others."""
    if least == most == 0 or least < 0 < most:
        return ""
    if most > 0:
        return "best" if least > 0 else "among best"
    return "worst" if most < 0 else "among worst"


def _placed(place: str, figures: list[Words]) -> Words:
    words, listed = _PLACES[place], listing(figures)
    return Words(da=f"{words.da} på {listed.da}", en=f"{words.en} on {listed.en}")


def _sign(found: Comparison, name: str, other: str, figure: str) -> int:
    """Return 1 where a way is clearly better on a figure than another, -1 worse, 0 neither."""
    ways = found.run.ways
    more, error = difference(ways[name], ways[other], figure)
    if not is_clear(more, error=error, least=_least(figure)):
        return 0
    return 1 if (more > 0) == (figure == "net") else -1


def _least(figure: str) -> float:
    """Return the difference below which two ways are the same."""
    return ALMOST if figure in PROBABILITIES else ROUNDING
