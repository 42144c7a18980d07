"""A comparison of ways of paying in plain Danish and English, every word from the figures.

No way is praised by itself: what is said of it follows from its figures, and a difference is only
called one where it is more than two Monte Carlo errors on the same luck.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sibsim.case import Case
from sibsim.core.arrays import FloatArray
from sibsim.core.statistics import mc_error_of_mean
from sibsim.core.wording import Sentence, listing, percent
from sibsim.core.words import Words
from sibsim.decisions.compare_amounts import ALMOST, authority_words, chance, rounded
from sibsim.decisions.compare_figures import (
    PRICE_PARTS,
    PROBABILITIES,
    SHORTFALL,
    Way,
    difference,
    median_break_even,
    value_of,
)
from sibsim.decisions.compare_ways import ALL_OF_IT
from sibsim.metrics import ROUNDING

if TYPE_CHECKING:
    from sibsim.decisions.compare import Comparison

CLEAR = 2.0
"""Monte Carlo errors from which on a difference is one: one in twenty by luck alone."""

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

_PART_WORDS: Mapping[str, Words] = {
    "evaluation": Words(da="evaluering", en="evaluation"),
    "management_and_legal": Words(da="administration og jura", en="management and legal"),
    "premium": Words(
        da="betalinger ud over indsatsens udgifter", en="payments beyond the delivery costs"
    ),
    "value_of_time": Words(da="værdi af at betale senere", en="value of paying later"),
}
"""Parts of the price."""

_NOTHING = Words(
    da="uden indsats er der hverken udgifter eller besparelser: alle tal er 0 pr. definition, og "
    "de andre tal er forskellen til det",
    en="without the service there are neither costs nor savings: every figure is 0 by definition, "
    "and the others are the difference from it",
)
_RESULT = Words(
    da="{opening} får {party} i gennemsnit {gains} {amount} og ender under nul i {chance} af "
    "tilfældene; {tail}, det største likviditetstræk er i gennemsnit {cash}, og {even}",
    en="{opening} {party} {gains} {amount} on average and ends below zero in {chance} of cases; "
    "{tail}, the largest cash need is {cash} on average, and {even}",
)
_TRADE = Words(
    da="i forhold til egne midler går risikoen for at ende under nul fra {p_own} til "
    "{p_contract}, den værste tyvendedel fra {tail_own} til {tail_contract} i gennemsnit og det "
    "største likviditetstræk fra {cash_own} til {cash_contract} med kontrakten; {price}",
    en="against own money the contract takes the risk of ending below zero from {p_own} to "
    "{p_contract}, the worst twentieth from {tail_own} to {tail_contract} on average and the "
    "largest cash need from {cash_own} to {cash_contract}; {price}",
)
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
    "under nul i {chance} af tilfældene; {apart}",
    en="without an investor the provider has {amount} on average and must itself be able to carry "
    "that it ends below zero in {chance} of cases; {apart}",
)
_GRANT = Words(
    da="med fondsstøtte på {grant} ved siden af kontrakten, i gennemsnit {paid}, får {party} i "
    "gennemsnit {gains} {amount} og ender under nul i {chance} af tilfældene; {apart}",
    en="with a grant of {grant} beside the contract, {paid} on average, {party} {gains} {amount} "
    "on average and ends below zero in {chance} of cases; {apart}",
)
_HAS_GRANT = Words(
    da="casen har allerede et tilskud, i gennemsnit {paid}; det indgår i kontrakten og dens pris, "
    "og der lægges ikke et til",
    en="the case has a grant already, {paid} on average; it is part of the contract and of its "
    "price, and no other is added",
)
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
            da=f"halvdelen af tilfældene er i nul senest i {median:.0f}",
            en=f"half of all cases break even by {median:.0f}",
        )
    share = chance(value_of(way, "p_break_even"))
    return Words(
        da=f"kun {share.da} af tilfældene er i nul inden udgangen af {last}",
        en=f"only {share.en} of cases break even by the end of {last}",
    )


def _trade(found: Comparison) -> Sentence:
    """Return what the contract buys against own money, and its price."""
    case, currency = found.case, found.case.head.currency
    own, contract = found.run.ways["own_money"], found.run.ways["contract"]
    values: dict[str, Words | str] = {"price": _price(found)}
    for name, way in (("own", own), ("contract", contract)):
        values[f"p_{name}"] = chance(value_of(way, "p_loss"))
        values[f"tail_{name}"] = _signed(-value_of(way, SHORTFALL), currency=currency)
        values[f"cash_{name}"] = rounded(value_of(way, "peak_cash"), currency=case.head.currency)
    return Sentence(_TRADE, values)


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


def _price(found: Comparison) -> Words:
    """Return what the contract costs against own money, in present value with its parts."""
    case, run, currency = found.case, found.run, found.case.head.currency
    if case.valuation is None:
        apart, error = difference(run.ways["own_money"], run.ways["contract"], "net")
        parts = Words(da=" i gennemsnit uden diskontering", en=" on average, undiscounted")
        return _priced(apart, error=error, currency=currency, parts=parts)
    named = []
    for part in PRICE_PARTS:
        amount = rounded(float(run.price[part].mean()), currency=currency)
        words = _PART_WORDS[part]
        named.append(Words(da=f"{words.da} {amount.da}", en=f"{words.en} {amount.en}"))
    parts = Words(
        da=f" i nutidsværdi ({', '.join(each.da or '' for each in named)})",
        en=f" in present value ({', '.join(each.en or '' for each in named)})",
    )
    total: FloatArray = run.total
    return _priced(
        float(total.mean()), error=mc_error_of_mean(total), currency=currency, parts=parts
    )


def _priced(price: float, *, error: float, currency: str, parts: Words) -> Words:
    size = rounded(abs(price), currency=currency)
    if not _is_clear(price, error=error):
        return Words(
            da=f"prisen kan ikke skelnes fra nul{parts.da}",
            en=f"its price cannot be told from zero{parts.en}",
        )
    if price > 0:
        return Words(
            da=f"det koster {size.da}{parts.da}",
            en=f"that costs {size.en}{parts.en}",
        )
    return Words(
        da=f"det koster intet ekstra: kapitalen er støttet, og kontrakten er {size.da} billigere "
        f"end egne midler{parts.da}",
        en=f"that costs nothing extra: the capital is subsidised, and the contract is {size.en} "
        f"cheaper than own money{parts.en}",
    )


def _apart(found: Comparison, name: str) -> Words:
    """Return how much better or worse than the contract a way is on average."""
    ways = found.run.ways
    more, error = difference(ways[name], ways["contract"], "net")
    if not _is_clear(more, error=error):
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
    """Yield on what no other way does better, and on what none does worse."""
    names = [name for name in found.run.ways if name != "nothing"]
    if found.grant is None:
        names.remove("grant")
    for name in names:
        better, worse = [], []
        for figure, words in _FIGURE_WORDS.items():
            signs = [_sign(found, name, other, figure) for other in names if other != name]
            if min(signs) >= 0 and max(signs) > 0:
                better.append(words)
            if max(signs) <= 0 and min(signs) < 0:
                worse.append(words)
        if better or worse:
            yield Sentence(_best_and_worst(better, worse), {"way": WAY_WORDS[name]})


def _best_and_worst(better: list[Words], worse: list[Words]) -> Words:
    danish, english = [], []
    if better:
        words = listing(better)
        danish.append(f"ingen anden måde er bedre på {words.da}")
        english.append(f"no other way does better on {words.en}")
    if worse:
        words = listing(worse)
        danish.append(f"ingen er dårligere på {words.da}")
        english.append(f"none does worse on {words.en}")
    return Words(da="{way}: " + "; ".join(danish), en="{way}: " + "; ".join(english))


def _sign(found: Comparison, name: str, other: str, figure: str) -> int:
    """Return 1 where a way is clearly better on a figure than another, -1 worse, 0 neither."""
    ways = found.run.ways
    more, error = difference(ways[name], ways[other], figure)
    if not _is_clear(more, error=error, least=ALMOST if figure in PROBABILITIES else ROUNDING):
        return 0
    return 1 if (more > 0) == (figure == "net") else -1


def _is_clear(apart: float, *, error: float, least: float = ROUNDING) -> bool:
    """Return whether a difference is more than Monte Carlo error and rounding."""
    return abs(apart) > least and not abs(apart) <= CLEAR * error
