"""Two views beyond one budget: all public budgets together, and society as a whole.

*Fiscal*: what municipality, region and state gain and can realise. *Societal*: resources set free
less resources used; transfers cancel out. Public money buys at factor prices, and a consumer pays
market prices, with indirect taxes; the net tax factor (nettoafgiftsfaktor) takes the one to the
other. It is no distortion by taxes: that is a factor of its own on what public budgets bear, which
adds nothing where it is 1 (Finansministeriet, *Vejledning i samfundsøkonomiske
konsekvensvurderinger*, 2023,
https://fm.dk/nyheder/nyhedsarkiv/2023/juni/ny-vejledning-i-samfundsoekonomiske-konsekvensvurderinger/).

Both are in fixed prices and discounted by the social discount rate, a real rate in bands:

    PV = sum_y a_y prod_k (1 + r_k)^(-years of y in band k),

y the calendar years since the first of the case. The rate that begins in year n after now holds for
the year that ends there, so that its band begins at n - 1.

Assumptions: each year of a band is discounted by its own rate, whatever comes after. What is not in
the ledger is in neither view: wellbeing, and what people in work produce beyond what lines say.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from sibsim.core.cashflow import RateSteps, discount_factors
from sibsim.core.rules import rule
from sibsim.core.wording import decimal, said
from sibsim.errors import ArgumentError
from sibsim.reports.municipal_money import Flow, Row, row_of
from sibsim.reports.municipal_parties import resources, without_work
from sibsim.reports.municipal_presentation import TAILS, Presentation, is_number

if TYPE_CHECKING:
    import pandas as pd

STILL_IN_FORCE = date.max
"""Day on which only those rules hold whose source names no last day."""

BANDS = (1, 2, 3)
"""Numbers of the bands of the social discount rate."""

NET_TAX_FACTOR, DISTORTION = "dk-net-tax-factor", "dk-tax-distortion"
"""Names of the rules."""


def views_table(
    shown: Presentation,
    *,
    rates: RateSteps | None,
    net_tax_factor: float | None,
    tax_distortion: float | None,
    on: date | str | None,
) -> pd.DataFrame:
    """Return the fiscal and the societal view by year, with present values.

    Parameters
    ----------
    shown
        Whose money, and how it is shown; gains are positive whatever the sign.
    rates
        Real discount rate in bands, (from year, rate); None: the rule's.
    net_tax_factor, tax_distortion
        Factors, at least 1; None: the rules'.
    on
        Day on which rules hold; None: those still in force.

    Raises
    ------
    ArgumentError
        If tables are in current prices, a factor is below 1, or a rule does not cover the day.
    """
    if shown.prices is None:
        message = (
            "got tables in current prices; a present value at a real rate needs fixed prices; "
            "give prices = the name of an index, or state it in the case as [valuation] prices"
        )
        raise ArgumentError(message)
    shown = shown.with_sign("saving_positive")
    day = STILL_IN_FORCE if on is None else on
    steps = social_rates(day) if rates is None else rates
    factor = _factor("net_tax_factor", net_tax_factor, name=NET_TAX_FACTOR, day=day)
    distortion = _factor("tax_distortion", tax_distortion, name=DISTORTION, day=day)
    rows = _fiscal(shown)
    (*_, public) = rows.values()
    rows |= _societal(shown, public=public, factor=factor, distortion=distortion)
    table = _discounted(shown, rows, rates=steps)
    first = shown.results.case.timeline.years[0]
    bands = ", ".join(
        f"{said(decimal(100 * rate), shown.lang)} % {shown.word('from year')} {start:g}"
        for start, rate in steps
    )
    table.columns.name = (
        f"{shown.caption}, {shown.word('discounted to')} {first}: {bands}; "
        f"{shown.word('net tax factor')} {said(decimal(factor), shown.lang)}"
    )
    table.attrs |= {
        "caption": table.columns.name,
        "rates": steps,
        "base_year": first,
        "net_tax_factor": factor,
        "tax_distortion": distortion,
    }
    return table


def social_rates(day: date | str) -> RateSteps:
    """Return the bands of the social discount rate that hold on a day.

    Returns
    -------
    rates
        (from year, rate): the rate of the flows of year n on begins at n - 1.
    """
    return tuple(
        (max(rule(f"dk-discount.from-year-{k}", on=day).value - 1, 0.0), rate)
        for k in BANDS
        for rate in [rule(f"dk-discount.rate-{k}", on=day).value]
    )


def _factor(argument: str, given: float | None, *, name: str, day: date | str) -> float:
    """Return a factor as given, or that of the rule."""
    value = rule(name, on=day).value if given is None else given
    if not (is_number(value) and 1 <= value < np.inf):
        message = (
            f"{argument}: got {value!r}; a factor on money is at least 1, which changes nothing"
        )
        raise ArgumentError(message)
    return value


def _fiscal(shown: Presentation) -> dict[tuple[str, ...], Row]:
    """Return what each public party gains and can realise, and all of them; the last is all."""
    items = {party: shown.items_of(party) for party in shown.public_parties}
    rows: dict[tuple[str, ...], Row] = {
        (shown.word("fiscal"), shown.party_title(party)): row_of(own)
        for party, own in items.items()
    }
    whole = row_of((item for own in items.values() for item in own), chance=True)
    return {**rows, (shown.word("fiscal"), shown.word("public")): whole}


def _societal(
    shown: Presentation, *, public: Row, factor: float, distortion: float
) -> dict[tuple[str, ...], Row]:
    """Return resources set free and used, and what they are worth to society."""
    view = shown.word("societal")
    free, used = resources(shown, "production"), resources(shown, "use")
    gain: tuple[Flow, ...] = (shown.flow(factor * shown.sum_of((*free, *used))),)
    rows: dict[tuple[str, ...], Row] = {
        (view, shown.word("production")): Row(free),
        (view, shown.word("use")): Row(used),
        (view, shown.word("net resources")): Row((*free, *used)),
        (view, f"{shown.word('market prices')} {said(decimal(factor), shown.lang)}"): Row(gain),
    }
    if distortion != 1:
        saved = shown.flow((distortion - 1) * shown.sum_of(public.flows))
        title = f"{shown.word('distortion')} {said(decimal(distortion), shown.lang)}"
        rows[view, title] = Row((saved,))
        gain = (*gain, saved)
    rows[view, without_work(shown, "net gain")] = Row(gain, chance=True)
    return rows


def _discounted(
    shown: Presentation, rows: Mapping[tuple[str, ...], Row], *, rates: RateSteps
) -> pd.DataFrame:
    """Return the rows by year with their present values; chances are those of present values."""
    table = shown.frame({key: Row(row.flows) for key, row in rows.items()}, names=("view", "item"))
    years = np.arange(len(shown.deflator), dtype=np.float64)
    weight = discount_factors(years, rate=rates) * shown.columns.weight
    means = np.stack([shown.mean_of(row.flows) for row in rows.values()], axis=-1)
    table[shown.word("present value")] = shown.turned(Flow(means, weight).total)
    beside = [f"{name} {shown.word('of present value')}" for name in TAILS]
    table[[*beside, shown.word("present below")]] = [
        shown.chances(Flow(shown.sum_of(row.flows), weight).total)
        if row.chance
        else [np.nan] * (len(TAILS) + 1)
        for row in rows.values()
    ]
    return table
