"""What metrics are called and how their values are said, in Danish and English."""

from __future__ import annotations

from collections.abc import Mapping

from sibsim.core.amounts import in_both, rounded
from sibsim.core.wording import KRONER, percent
from sibsim.core.words import Words
from sibsim.figures import is_probability

METRIC_WORDS: Mapping[str, Words] = {
    "participants": Words(da="antallet af deltagere", en="the number of participants"),
    "municipality_net": Words(da="kommunens nettoresultat", en="the municipality's net"),
    "municipality_npv": Words(
        da="kommunens nettoresultat i nutidsværdi", en="the municipality's net in present value"
    ),
    "p_municipality_loss": Words(
        da="sandsynligheden for at kommunen taber", en="the chance that the municipality loses"
    ),
    "break_even_year": Words(
        da="det år, hvor kommunen har tjent pengene hjem",
        en="the year in which the municipality breaks even",
    ),
    "municipality_realisable": Words(
        da="kommunens realiserbare besparelser", en="the municipality's realisable savings"
    ),
    "municipality_beyond_horizon": Words(
        da="det kommunen sparer efter casens slutning",
        en="what the municipality saves after the end of the case",
    ),
    "ceiling_room": Words(
        da="ændringen i råderummet under serviceloftet i det værste år",
        en="the change of room under the service ceiling in the worst year",
    ),
    "region_net": Words(da="regionens nettoresultat", en="the region's net"),
    "state_net": Words(da="statens nettoresultat", en="the state's net"),
    "public_net": Words(da="det offentliges nettoresultat", en="the public sector's net"),
    "payments_total": Words(da="de samlede betalinger", en="payments in all"),
    "payments_due": Words(da="betalinger før lofter", en="payments before limits"),
    "payments_lapsed": Words(
        da="betalinger, der bortfalder efter sidste betalingsdag",
        en="payments that lapse after the last payment date",
    ),
    "overrun": Words(da="udgifter ud over tilsagnene", en="costs beyond the commitments"),
    "costs_beyond_horizon": Words(
        da="udgifter efter casens slutning", en="costs after the end of the case"
    ),
    "surplus": Words(da="overskud ud over afkastloftet", en="surplus beyond the cap on the return"),
    "investor_profit": Words(da="investorens overskud", en="the investor's profit"),
    "investor_profit_after_costs": Words(
        da="investorens overskud efter egne omkostninger",
        en="the investor's profit after its own costs",
    ),
    "investor_irr": Words(da="investorens interne rente", en="the investor's rate of return"),
    "investor_multiple": Words(
        da="investorens udbetalinger i forhold til indskud", en="the investor's multiple"
    ),
    "investor_npv": Words(da="investorens nutidsværdi", en="the investor's present value"),
    "investor_payback_years": Words(
        da="år, til investoren har pengene tilbage", en="years until the investor has it back"
    ),
    "investor_peak_capital": Words(
        da="investorens største udestående", en="the most that the investor has out"
    ),
    "p_investor_loss": Words(
        da="sandsynligheden for at investoren taber", en="the chance that the investor loses"
    ),
    "p_total_loss": Words(
        da="sandsynligheden for at investoren taber alt",
        en="the chance that the investor loses everything",
    ),
    "p_irr_undefined": Words(
        da="sandsynligheden for at den interne rente ikke kan beregnes",
        en="the chance that there is no rate of return",
    ),
    "p_irr_several": Words(
        da="sandsynligheden for at der er flere interne renter",
        en="the chance of several rates of return",
    ),
    "p_terminated": Words(
        da="sandsynligheden for at kontrakten ophører før tid",
        en="the chance that the contract ends early",
    ),
}
"""What metrics are called, in the order of tables: the authority, other public parties, payments,
investors; others by their parts, or by their name."""

OF_PARTS: Mapping[str, Words] = {
    "achieved": Words(da="opnået", en="achieved"),
    "additional": Words(da="ekstra i forhold til basisalternativet", en="additional"),
    "budget_guarantee": Words(da="budgetgarantien tager", en="the budget guarantee takes"),
    "clipped": Words(da="sandsynligheder skåret til", en="probabilities cut"),
    "equalisation": Words(da="udligningen tager", en="equalisation takes"),
    "limit_bound": Words(
        da="sandsynligheden for at loftet binder", en="the chance that the limit binds"
    ),
    "measured": Words(da="målt", en="measured"),
    "measurement_bias": Words(da="skævhed i målingen", en="bias of the measurement"),
    "p_goal": Words(da="sandsynligheden for at målet nås", en="the chance that the goal is met"),
    "paid_by": Words(da="betalt af", en="paid by"),
    "payments": Words(da="betalt for", en="paid for"),
    "people": Words(da="personer, der tæller", en="people who count"),
    "tranche": Words(da="kapital", en="tranche"),
}
"""What the part of a metric before the first point is called; what follows is a name of the case,
or of a tranche one of the investor's metrics."""

_UNITS: Mapping[str, Words] = {
    "irr": Words(da="om året", en="a year"),
    "multiple": Words(da="gange det indskudte", en="times what was put in"),
    "participants": Words(da="personer", en="people"),
    "years": Words(da="år", en="years"),
    "year": Words(da="kalenderår", en="calendar year"),
}
"""What metrics that are no money are counted in, by how their names end."""

NUMBERS = ("achieved", "additional", "measured", "participants", "people", "multiple", "missed")
"""Parts of the names of metrics that are numbers and no money."""

RATE_DIGITS = 3
"""Digits after the point of a rate or share before it is written in per cent: tenths of one."""

NUMBER_DIGITS = 1
"""Digits after the point of a number of people."""

WHOLE_FROM = 100
"""Numbers of people from here on are written in whole."""

MULTIPLE_DIGITS = 2
"""Digits after the point of a multiple."""


def metric_words(metric: str) -> Words:
    """Return what a metric is called; its name where it has no words."""
    if metric in METRIC_WORDS:
        return METRIC_WORDS[metric]
    kind, _, name = metric.partition(".")
    if not name or kind not in OF_PARTS:
        return Words(da=metric, en=metric)
    shown = name.replace("_", " ")
    return Words(da=f"{OF_PARTS[kind].da}: {shown}", en=f"{OF_PARTS[kind].en}: {shown}")


def value_words(value: float, *, metric: str, currency: str) -> Words:
    """Return a value of a metric as sentences say it: a rate, a number, a year or money.

    Parameters
    ----------
    value
        The value, or a mean, a quantile or another figure in the metric's unit.
    metric
        Name of the metric.
    currency
        ISO 4217 code of the case's currency.
    """
    if metric.endswith("irr") or is_probability(metric):
        return percent(round(value, RATE_DIGITS) + 0.0)
    if metric.endswith("year"):
        year = f"{value:.0f}"
        return Words(da=year, en=year)
    if metric.endswith("multiple"):
        return in_both(f"{round(value, MULTIPLE_DIGITS) + 0.0:.{MULTIPLE_DIGITS}f}")
    if any(part in metric for part in (*NUMBERS, "years")):
        whole = abs(value) >= WHOLE_FROM or round(value, NUMBER_DIGITS) == round(value)
        return in_both(f"{round(value, NUMBER_DIGITS) + 0.0:,.{0 if whole else NUMBER_DIGITS}f}")
    return rounded(value, currency=currency)


def rate_words(rate: float) -> Words:
    """Return a rate of return as tables have it, always with tenths: 5,0 % and 5.0 %."""
    shown = in_both(f"{100 * rate + 0.0:.{RATE_DIGITS - 2}f}")
    return Words(da=f"{shown.da} %", en=f"{shown.en} %")


def metric_unit(metric: str, *, currency: str) -> Words:
    """Return what the values of a metric that has words are counted in, with the price level.

    Parameters
    ----------
    metric
        Name of the metric.
    currency
        ISO 4217 code of the case's currency.
    """
    for ending, unit in _UNITS.items():
        if metric.endswith(ending):
            return unit
    kroner = "kr." if currency == KRONER else currency
    if metric.endswith("npv"):
        return Words(da=f"{kroner}, nutidsværdi", en=f"{currency}, present value")
    return Words(da=f"{kroner}, løbende priser", en=f"{currency}, current prices")
