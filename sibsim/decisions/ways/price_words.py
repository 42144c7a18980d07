"""The price of the contract against own money in plain Danish and English, with its cause.

Capital is called subsidised only where investors lose in expectation, at their own rate and after
costs that they bear themselves, by more than two Monte Carlo errors. Otherwise a contract that is
cheaper is so for another cause, and the largest one is named. The price is at a discount rate,
which is always said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.amounts import rounded
from sibsim.core.statistics import mc_error_of_mean
from sibsim.core.wording import listing, percent
from sibsim.core.words import Words
from sibsim.decisions.authority import authority_words
from sibsim.decisions.ways.figures import (
    PREMIUM_CAUSES,
    PRICE_PARTS,
    difference,
    is_clear,
    value_of,
)
from sibsim.metrics import ROUNDING

if TYPE_CHECKING:
    from sibsim.decisions.ways.comparison import Comparison

_PART_WORDS: Mapping[str, Words] = {
    "evaluation": Words(da="evaluering", en="evaluation"),
    "management_and_legal": Words(da="administration og jura", en="management and legal"),
    "premium": Words(da="betalinger ud over udgifterne", en="payments beyond the costs"),
    "value_of_time": Words(da="værdi af at betale senere", en="value of paying later"),
}
"""Parts of the price."""

_CAUSES: Mapping[str, Words] = {
    "repayment_and_return": Words(
        da="betalingerne før diskontering er {amount} mindre end det, som kapitalen finansierer",
        en="payments before discounting are {amount} below what capital finances",
    ),
    "overrun_borne_by_others": Words(
        da="andre bærer overskridelser på {amount} før diskontering",
        en="others bear overruns of {amount} before discounting",
    ),
    "outcomes_paid_by_others": Words(
        da="andre betaler {amount} for resultater før diskontering",
        en="others pay {amount} for outcomes before discounting",
    ),
    "grants": Words(
        da="casens tilskud på {amount} ikke betales tilbage",
        en="the grant of {amount} in the case is not repaid",
    ),
    "value_of_time": Words(
        da="{party} betaler senere, hvad der er {amount} værd ved {rate} om året",
        en="{party} pays later, which is worth {amount} at {rate} a year",
    ),
}
"""Why the contract is cheaper, by what is below zero."""

_JOINTS = (Words(da=", fordi", en=", because"), Words(da=", og fordi", en=", and because"))
"""How a first and a second reason begin."""

_SUBSIDISED = Words(
    da="investorerne i gennemsnit ikke får deres penge igen med {rate} om året under casens "
    "antagelser (støttet kapital: nutidsværdien for dem er {amount})",
    en="investors on average do not get their money back with {rate} a year under the assumptions "
    "of the case (subsidised capital: its present value to them is {amount})",
)


def price_words(found: Comparison) -> Words:
    """Return what the contract costs against own money, at which rate, and why it is cheaper.

    Parameters
    ----------
    found
        The comparison.
    """
    case, run, base = found.case, found.run, found.base
    if case.valuation is None:
        price, error = difference(run.ways["own_money"], run.ways["contract"], "net")
        of_base = value_of(base.ways["own_money"], "net") - value_of(base.ways["contract"], "net")
        where = Words(da="i gennemsnit uden diskontering", en="on average, undiscounted")
        parts = Words(da="", en="")
    else:
        price, error = float(run.total.mean()), mc_error_of_mean(run.total)
        of_base = float(base.total[0])
        rate = percent(case.valuation.discount.municipality)
        where = Words(
            da=f"i nutidsværdi ({rate.da} om året)", en=f"in present value ({rate.en} a year)"
        )
        parts = _parts(found)
    clear = is_clear(price, error=error)
    said = _apart(found, price if clear else 0.0, where=where)
    if clear and price < 0 and case.valuation is not None:
        for joint, why in zip(_JOINTS, _why(found), strict=False):
            said = Words(da=f"{said.da}{joint.da} {why.da}", en=f"{said.en}{joint.en} {why.en}")
    beside = _of_base(found, of_base, sign=np.sign(price) if clear else 0.0)
    return Words(da=f"{said.da}{parts.da}{beside.da}", en=f"{said.en}{parts.en}{beside.en}")


def _apart(found: Comparison, price: float, *, where: Words) -> Words:
    """Return how much dearer or cheaper the contract is expected to be than own money."""
    if not price:
        return Words(
            da=f"kontraktens merpris mod egne midler kan ikke skelnes fra nul {where.da}",
            en=f"its price against own money cannot be told from zero {where.en}",
        )
    size = rounded(abs(price), currency=found.case.head.currency)
    kind = _dearer(price)
    return Words(
        da=f"kontrakten er forventet {size.da} {kind.da} end egne midler {where.da}",
        en=f"the contract is expected to be {size.en} {kind.en} than own money {where.en}",
    )


def _dearer(price: float) -> Words:
    if price > 0:
        return Words(da="dyrere", en="dearer")
    return Words(da="billigere", en="cheaper")


def _of_base(found: Comparison, price: float, *, sign: float) -> Words:
    """Return the price in the base case where its sign is another one."""
    if abs(price) <= ROUNDING or np.sign(price) == sign:
        return Words(da="", en="")
    size, kind = rounded(abs(price), currency=found.case.head.currency), _dearer(price)
    return Words(
        da=f"; i casens base case er kontrakten {size.da} {kind.da}",
        en=f"; in the base case the contract is {size.en} {kind.en}",
    )


def _parts(found: Comparison) -> Words:
    """Return the four parts of the price."""
    named = []
    for part in PRICE_PARTS:
        amount = rounded(float(found.run.price[part].mean()), currency=found.case.head.currency)
        words = _PART_WORDS[part]
        named.append(Words(da=f"{words.da} {amount.da}", en=f"{words.en} {amount.en}"))
    return Words(
        da=f"; prisen består af {listing(named).da}",
        en=f"; the price consists of {listing(named).en}",
    )


def _why(found: Comparison) -> Iterator[Words]:
    """Yield why the contract is cheaper: subsidised capital, and the cause that carries most."""
    case, run, currency = found.case, found.run, found.case.head.currency
    assert case.valuation is not None  # noqa: S101 - a price has a rate
    rates, own = case.valuation.discount, float(run.investors.mean())
    subsidised = own < 0 and is_clear(own, error=mc_error_of_mean(run.investors))
    if subsidised:
        values = {
            "rate": percent(rates.investor),
            "amount": rounded(own, currency=currency),
        }
        yield _filled(_SUBSIDISED, values)
    amounts = {name: float(run.causes[name].mean()) for name in PREMIUM_CAUSES}
    amounts["value_of_time"] = float(run.price["value_of_time"].mean())
    most = min(amounts, key=lambda name: amounts[name])
    if not (subsidised and most == "repayment_and_return"):
        values = {
            "party": authority_words(case),
            "rate": percent(rates.municipality),
            "amount": rounded(-amounts[most], currency=currency),
        }
        yield _filled(_CAUSES[most], values)


def _filled(pattern: Words, values: Mapping[str, Words]) -> Words:
    danish = {name: value.da for name, value in values.items()}
    english = {name: value.en for name, value in values.items()}
    return Words(da=(pattern.da or "").format(**danish), en=(pattern.en or "").format(**english))
