"""Sentences of a break-even set, in Danish and English, in the forms that the field uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sibsim.core.amounts import chance, rounded
from sibsim.core.wording import Sentence, counted, decimal, money, party_words, percent
from sibsim.core.words import Words
from sibsim.decisions.breakeven.notes import filled
from sibsim.decisions.breakeven.result import BreakEvenSet, Driver
from sibsim.forecast.quantity_words import outcome_words, quoted

NET = "mean municipality_net"
"""The figure of which it is said that a municipality breaks even in the mean."""

SHARE_DIGITS = 3
"""Digits after the point of a share: tenths of a per cent."""

NUMBER_DIGITS = 1
"""Digits after the point of a number per person, and of months."""

_BREAKS_EVEN = Words(da="{who} går i gennemsnit i nul", en="{who} breaks even, in the mean,")
_REACHES = Words(da="{figure} er {limit} {target}", en="{figure} is {limit} {target}")
_LIMITS: Mapping[str, Words] = {
    ">=": Words(da="mindst", en="at least"),
    "<=": Words(da="højst", en="at most"),
}

_FORMS: Mapping[str, tuple[Words, Words]] = {
    "participants": (
        Words(
            da="fra {value} deltagere og opefter (planlagt {now})",
            en="from {value} participants on (planned {now})",
        ),
        Words(
            da="med højst {value} deltagere (planlagt {now})",
            en="with at most {value} participants (planned {now})",
        ),
    ),
    "effect": (
        Words(
            da="hvis effekten som helhed er mindst {value} af det antagne",
            en="if the effect as a whole is at least {value} of what is assumed",
        ),
        Words(
            da="hvis effekten som helhed er højst {value} af det antagne",
            en="if the effect as a whole is at most {value} of what is assumed",
        ),
    ),
    "success": (
        Words(
            da="hvis mindst {value} når {title}, hvor {now} ventes og {anyway} ville nå det "
            "alligevel{goal}",
            en="if at least {value} succeed in {title} where {now} are expected and {anyway} would "
            "anyway{goal}",
        ),
        Words(
            da="så længe højst {value} når {title}, hvor {now} ventes og {anyway} ville nå det "
            "alligevel{goal}",
            en="as long as at most {value} succeed in {title} where {now} are expected and "
            "{anyway} would anyway{goal}",
        ),
    ),
    "result": (
        Words(
            da="hvis {title} i gennemsnit er mindst {value} pr. person, hvor {now} ventes",
            en="if {title} is at least {value} per person on average where {now} is expected",
        ),
        Words(
            da="hvis {title} i gennemsnit er højst {value} pr. person, hvor {now} ventes",
            en="if {title} is at most {value} per person on average where {now} is expected",
        ),
    ),
    "duration": (
        Words(
            da="hvis virkningen varer mindst {value}, hvor {now} antages",
            en="if the effect lasts for at least {value} where {now} are assumed",
        ),
        Words(
            da="hvis virkningen varer højst {value}, hvor {now} antages",
            en="if the effect lasts for at most {value} where {now} are assumed",
        ),
    ),
    "price": (
        Words(
            da="hvis {title} er mindst {value} værd, hvor {now} antages",
            en="if {title} is worth at least {value} where {now} is assumed",
        ),
        Words(
            da="hvis {title} er højst {value} værd, hvor {now} antages",
            en="if {title} is worth at most {value} where {now} is assumed",
        ),
    ),
    "prices": (
        Words(
            da="hvis besparelserne er mindst {value} af det antagne værd",
            en="if savings are worth at least {value} of what is assumed",
        ),
        Words(
            da="hvis besparelserne er højst {value} af det antagne værd",
            en="if savings are worth at most {value} of what is assumed",
        ),
    ),
    "payments": (
        Words(
            da="hvis betalingerne pr. resultat er mindst {value} af de aftalte",
            en="if payments per result are at least {value} of those agreed",
        ),
        Words(
            da="så længe betalingerne pr. resultat er højst {value} af de aftalte",
            en="as long as payments per result are at most {value} of those agreed",
        ),
    ),
    "costs": (
        Words(
            da="hvis indsatsen koster mindst {value} i alt, hvor {now} ventes",
            en="if delivery costs at least {value} in all where {now} is expected",
        ),
        Words(
            da="så længe indsatsen højst koster {value} i alt, hvor {now} ventes",
            en="as long as delivery costs at most {value} in all where {now} is expected",
        ),
    ),
    "delay": (
        Words(
            da="hvis starten er mindst {value} forsinket (i dag {now})",
            en="if service starts at least {value} late (now {now})",
        ),
        Words(
            da="så længe starten højst er {value} forsinket (i dag {now})",
            en="as long as service starts at most {value} late (now {now})",
        ),
    ),
    "year": (
        Words(
            da="fra udgangen af {value} (casen slutter {now})",
            en="from the end of {value} on (the case ends in {now})",
        ),
    )
    * 2,
}
"""What is said of a driver where more than the value is enough, and where less is."""

_GOAL = Words(da=" (målet er {goal})", en=" (the goal is {goal})")

_CAVEATS: Mapping[str, Words] = {
    "participants": Words(
        da="; udgifter, der ikke regnes pr. person, er uændrede",
        en="; costs that are not counted per person stay as they are",
    ),
    "payments": Words(da="; lofterne står fast", en="; limits on payments stay"),
    "delay": Words(
        da="; hvad der skulle betales efter kontraktens sidste betalingsdag, bortfalder",
        en="; what would be paid after the last payment date of the contract lapses",
    ),
}
"""What a sentence must not leave to the note in the table."""

_NOT_INVESTORS = Words(
    da=", og hvad investorerne taber på det, tæller ikke i kommunens regnskab",
    en=", and what investors lose by it does not count in the municipality's account",
)
"""Added to `_AT_INVESTORS` where the account is the municipality's."""

_AT_INVESTORS = ("participants", "delay")
"""Drivers that leave costs to the investors which no payment covers."""

_CLAUSES = ("hvis", "så længe")
"""How a clause begins that Danish sets off with a comma."""

_GOOD_NOW = Words(
    da="sandsynligheden for det er i dag {good}", en="the chance of that, as it stands, is {good}"
)
_THERE = Words(
    da="netop dér når {there} af trækningerne målet",
    en="just there {there} of draws reach the target",
)
_BOTH = Words(da="{good}, og {there}", en="{good}, and {there}")
_ERROR = Words(
    da="Monte Carlo-fejlen på værdien er {error}; {said}",
    en="the Monte Carlo error of the value is {error}; {said}",
)
_ALWAYS = Words(
    da="{holds}, uanset {name}: det gælder fra {low} til {high}{caveat}",
    en="{holds} whatever {name}, from {low} to {high}{caveat}",
)
_NEVER = Words(
    da="{name} er ikke nok alene: ved {low} og {high} er tallet {at_low} og {at_high}, og målet er "
    "{limit} {target}",
    en="{name} is not enough by itself: at {low} and {high} the figure is {at_low} and {at_high}, "
    "and the target is {limit} {target}",
)
_UNMOVED = Words(da="{name} flytter ikke tallet", en="{name} does not move the figure")
_UNDEFINED = Words(da="ikke defineret", en="undefined")
_AGAIN = Words(
    da="for {name} krydses målet også mellem {now} og {far}, hvilket ikke er regnet ud",
    en="for {name} the target is crossed between {now} and {far} too, which is not worked out",
)
_MISSING = Words(da="{name} er ikke regnet: {why}", en="{name} is left out: {why}")
_YEARS = Words(
    da="kommunen er i nul inden udgangen af {last} med sandsynligheden {chance}; medianåret er "
    "{median}, og i base casen er det {base}",
    en="the municipality has broken even by the end of {last} with probability {chance}; the "
    "median year is {median}, in the base case it is {base}",
)
_NEVER_YEAR = Words(da="aldrig", en="never")

_NAMES: Mapping[str, Words] = {
    "participants": Words(da="antallet af deltagere", en="the number of participants"),
    "effect": Words(da="effekten som helhed", en="the effect as a whole"),
    "success": Words(da="succesraten for {title}", en="the success rate of {title}"),
    "result": Words(da="resultatet i {title}", en="the result in {title}"),
    "duration": Words(da="virkningens varighed", en="the duration of the effect"),
    "price": Words(da="værdien af {title}", en="the value of {title}"),
    "prices": Words(da="besparelsernes værdi", en="the value of savings"),
    "payments": Words(da="betalingerne pr. resultat", en="the level of payments per result"),
    "costs": Words(da="udgifterne til indsatsen", en="the cost of delivery"),
    "delay": Words(da="forsinkelsen", en="the delay"),
    "year": Words(da="regnskabets slutår", en="the year in which the account ends"),
}
"""What drivers are called."""


def said_of(found: BreakEvenSet) -> Iterator[Sentence]:
    """Yield one sentence per driver, one on the years, and one per driver that is missing.

    Parameters
    ----------
    found
        The break-even set.
    """
    for driver in found.drivers:
        yield _of_driver(found, driver)
        if driver.again:
            far = driver.high if driver.value <= driver.now else driver.low
            now, end = (_value(found, driver, each) for each in (driver.now, far.value))
            yield Sentence(_AGAIN, {"name": _name(found, driver.name), "now": now, "far": end})
    yield _of_years(found)
    for name, why in found.missing.items():
        yield Sentence(_MISSING, {"name": _name(found, name), "why": why})


def _of_driver(found: BreakEvenSet, driver: Driver) -> Sentence:
    low, high = (_value(found, driver, each.value) for each in (driver.low, driver.high))
    words: dict[str, Words | str] = {"name": _name(found, driver.name), "low": low, "high": high}
    if not driver.is_found:
        if driver.low.figure.value == driver.high.figure.value:
            return Sentence(_UNMOVED, words)
        if driver.always:
            holding = {**words, "holds": _holds(found), "caveat": _caveat(found, driver)}
            return Sentence(_ALWAYS, holding)
        at_low, at_high = (_figure(found, each.figure.value) for each in (driver.low, driver.high))
        return Sentence(_NEVER, {**words, **_target(found), "at_low": at_low, "at_high": at_high})
    kind, _, name = driver.name.partition(".")
    form = _FORMS[kind][0 if driver.good_above else 1]
    rate = found.rates.get(name)
    values: dict[str, Words | str] = {
        "value": _value(found, driver, driver.value),
        "now": _value(found, driver, driver.now),
        "title": _title(found, kind, name),
        "anyway": _share(rate.counterfactual) if rate else "",
        "goal": filled(_GOAL, goal=_share(rate.goal)) if rate and not np.isnan(rate.goal) else "",
    }
    condition, holds, beside = filled(form, **values), _holds(found), _beside(found, driver)
    comma = "," if (condition.da or "").startswith(_CLAUSES) else ""
    return Sentence(
        Words(
            da=f"{{holds}}{comma} {{condition}}; {{beside}}{{caveat}}",
            en="{holds} {condition}; {beside}{caveat}",
        ),
        {
            "holds": holds,
            "condition": condition,
            "beside": beside,
            "caveat": _caveat(found, driver),
        },
    )


def _caveat(found: BreakEvenSet, driver: Driver) -> Words | str:
    """Return what stays as it is, lapses, or falls on others as a driver moves."""
    said = _CAVEATS.get(driver.name)
    if said is None:
        return ""
    of_payer = found.wanted.figure.metric.startswith("municipality_")
    if driver.name not in _AT_INVESTORS or not of_payer or found.case.contract.capital is None:
        return said
    return Words(da=f"{said.da}{_NOT_INVESTORS.da}", en=f"{said.en}{_NOT_INVESTORS.en}")


def _figure(found: BreakEvenSet, value: float) -> Words:
    """Return a value of the figure in its unit; a median that never comes about is never."""
    if np.isnan(value):
        return _UNDEFINED
    if np.isinf(value):
        return _NEVER_YEAR
    return found.wanted.figure.value_words(value, currency=found.case.head.currency)


def _beside(found: BreakEvenSet, driver: Driver) -> Words:
    """Return the Monte Carlo error of the value and the chances that stand beside it."""
    said = filled(_THERE, there=chance(driver.p_target_there.value))
    if not np.isnan(driver.p_good_now.value):
        good = filled(_GOOD_NOW, good=chance(driver.p_good_now.value))
        said = filled(_BOTH, good=good, there=said)
    if driver.unit != "year" and driver.error > 0:
        said = filled(_ERROR, error=_value(found, driver, driver.error), said=said)
    return said


def _holds(found: BreakEvenSet) -> Words:
    """Return what holds where the target is kept."""
    problem = found.case.problem
    if str(found.wanted.figure) == NET and found.wanted.limit == 0:
        name = problem.municipality if problem else None
        return filled(_BREAKS_EVEN, who=name or party_words("municipality"))
    figure = found.wanted.figure.words(currency=found.case.head.currency)
    return filled(_REACHES, figure=figure, **_target(found))


def _target(found: BreakEvenSet) -> dict[str, Words]:
    wanted, currency = found.wanted, found.case.head.currency
    return {
        "limit": _LIMITS[wanted.direction],
        "target": wanted.figure.value_words(wanted.limit, currency=currency),
    }


def _of_years(found: BreakEvenSet) -> Sentence:
    years = found.by_year
    return Sentence(
        _YEARS,
        {
            "last": str(years.years[-1]),
            "chance": chance(years.chances[-1].value),
            "median": _year(years.median),
            "base": _year(years.base),
        },
    )


def _year(year: float) -> Words:
    return _NEVER_YEAR if np.isinf(year) else Words(da=f"{year:.0f}", en=f"{year:.0f}")


def _name(found: BreakEvenSet, driver: str) -> Words:
    kind, _, name = driver.partition(".")
    return filled(_NAMES[kind], title=_title(found, kind, name))


def _title(found: BreakEvenSet, kind: str, name: str) -> Words | str:
    """Return the title of the outcome or budget line of a driver; nothing where it has none."""
    if kind in {"success", "result"}:
        return outcome_words(found.case, name)
    if kind == "price":
        title = found.case.budget[name].title
        return quoted(title if title.da or title.en else Words(da=name, en=name))
    return ""


def _value(found: BreakEvenSet, driver: Driver, value: float) -> Words:
    """Return a value of a driver in its unit."""
    if driver.unit in {"share", "factor"}:
        return _share(value)
    if driver.unit == "year":
        return _year(value)
    if driver.name.startswith("price."):
        return money(round(value) + 0.0, currency=driver.unit)
    if driver.unit == found.case.head.currency:
        return rounded(value, currency=driver.unit)
    number = round(value, NUMBER_DIGITS) + 0.0
    return counted(number, unit="months") if driver.unit == "months" else decimal(number)


def _share(value: float) -> Words:
    return percent(round(value, SHARE_DIGITS) + 0.0)
