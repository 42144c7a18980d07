"""The top of a document: the answer in short, how sure it is, and what is to be decided."""

from __future__ import annotations

from collections.abc import Iterator

from sibsim.core.amounts import rounded
from sibsim.core.wording import day_words, said
from sibsim.core.words import Words
from sibsim.metric_words import METRIC_WORDS
from sibsim.metrics import ROUNDING
from sibsim.reports.document.drivers import Drivers, turning
from sibsim.reports.document.material import Material
from sibsim.reports.document.names import called_in_case
from sibsim.reports.document.parts import (
    Block,
    Bullets,
    Figure,
    Paragraph,
    Piece,
    Pieces,
    Row,
    Said,
    Table,
    headed,
)
from sibsim.reports.document.words import FRONT, RECOMMENDATION
from sibsim.reports.unit_words import unit_words

KEY_FIGURES = (
    "participants",
    "municipality_net",
    "municipality_npv",
    "break_even_year",
    "payments_total",
    "region_net",
    "state_net",
    "public_net",
    "investor_profit",
    "investor_irr",
    "investor_multiple",
    "investor_peak_capital",
)
"""Metrics of the table of key figures, in order."""

MAY_BE_NOTHING = ("region_net", "state_net")
"""Metrics that are left out where they are zero throughout."""

FEW_DRAWS = 1_000
"""Below so many draws a probability of a half is known to no better than 1.6 percentage points,
and one of 1 in 100 rests on fewer than ten draws."""

ENOUGH = 0.9
"""Probability with which the amount that is set aside suffices."""

NEARLY_SURE = 0.99
"""Probability with which it suffices where a limit cuts what is beyond."""

MOST_TURNING = 3
"""Quantities that are named as turning the sign."""


def box(material: Material) -> tuple[Block, ...]:
    """Return the answer in short, how sure it is, and the key figures."""
    answers = material.results.answers(material.lang)["answer"]
    legend = FRONT["legend" if material.is_run else "legend.base"]
    return (
        Bullets(tuple((Said(str(each)),) for each in answers)),
        Paragraph(tuple(_how_sure(material))),
        _key_figures(material),
        Paragraph(material.say(legend), is_small=True),
    )


def _how_sure(material: Material) -> Iterator[Piece]:
    found = material.case.check()
    published, assumed = len(found.published), len(found.assumed)
    counts = {
        "assumed": Figure(str(assumed), "case.check().assumed", "case"),
        "published": Figure(str(published), "case.check().published", "case"),
        "figures": Figure(str(published + assumed), "case.check()", "case"),
    }
    if not material.is_run:
        yield from material.say(FRONT["sure.base"], **counts)
        return
    metric = f"{material.payer or 'municipality'}_net"
    draws = Figure(material.number(material.results.draws), "draws", "run")
    error = material.of_run(metric, "mc_error")
    yield from material.say(FRONT["sure"], draws=draws, error=error, **counts)
    if material.results.draws < FEW_DRAWS:
        yield " "
        yield from material.say(FRONT["few draws"], draws=draws)


def _key_figures(material: Material) -> Table:
    statistics = ("mean", "p5", "p50", "p95") if material.is_run else ()
    titles = [FRONT["figure"], FRONT["base"], FRONT["mean"]][: 3 if material.is_run else 2]
    columns = [material.word(each) for each in titles]
    if material.is_run:
        columns += ["5 %", material.word(FRONT["median"]), "95 %"]
    rows = []
    for metric in KEY_FIGURES:
        values = material.results.metrics.get(metric)
        if values is None or (metric in MAY_BE_NOTHING and abs(values).max() <= ROUNDING):
            continue
        cells: list[Pieces] = [
            headed(material.word(METRIC_WORDS[metric])),
            (material.of_base(metric),),
        ]
        cells += [(material.of_run(metric, each),) for each in statistics]
        rows.append(Row(tuple(cells)))
    return Table(
        caption=material.word(FRONT["key figures"]),
        columns=headed(*columns),
        rows=tuple(rows),
        widths=(3.2, *(1.5 for _ in columns[1:])),
        numbers=range(1, len(columns)),
        note=material.word(FRONT["quantiles"]) if material.is_run else "",
        source="results.summary()",
    )


def recommendation(material: Material, drivers: Drivers | None) -> tuple[Block, ...]:
    """Return what is to be decided, as a draft, and when the figures speak for and against.

    Parameters
    ----------
    material
        The run.
    drivers
        What would change the net result; None where that is not known.
    """
    terms = material.case.contract.terms
    named = terms.committee if terms else None
    committee: Piece = named or material.word(RECOMMENDATION["the committee"])
    return (
        Paragraph(material.say(RECOMMENDATION["draft"]), is_small=True),
        Paragraph(material.say(RECOMMENDATION["start"], committee=committee)),
        Bullets(tuple(_decisions(material)), is_numbered=True),
        Paragraph(material.say(RECOMMENDATION["for and against"])),
        Bullets(tuple(_conditions(material))),
        *_turning(material, drivers),
    )


def _decisions(material: Material) -> Iterator[Pieces]:
    case, contract = material.case, material.case.contract
    capital, terms = contract.capital, contract.terms
    assert capital is not None  # noqa: S101 - a case that was run has it
    assert terms is not None  # noqa: S101 - as above
    investors = [capital.investor(name) for name in capital.tranches]
    yield material.say(
        RECOMMENDATION["contract"],
        authority=material.authority,
        investors=material.parties(investors),
        committed=material.stated(capital.committed, "capital.committed"),
        first=str(case.timeline.years[0]),
        last=str(terms.last_payment.year),
    )
    payers = dict.fromkeys(name for line in contract.payments.values() for name in _payers(line))
    values: dict[str, Piece] = {
        "payers": material.parties(payers or terms.payers),
        "date": material.word(day_words(terms.last_payment)),
    }
    cap = terms.limit.contract
    if cap is None:
        yield material.say(RECOMMENDATION["no ceiling"], **values)
    else:
        values["cap"] = material.stated(cap, "contract.limit.contract")
        yield material.say(RECOMMENDATION["ceiling"], **values)
    yield from _set_aside(material)
    yield material.say(RECOMMENDATION["savings"])
    yield material.say(RECOMMENDATION["follow"])


def _payers(line: object) -> tuple[str, ...]:
    from sibsim.payments.payers import shares_of

    payer = getattr(line, "payer", None)
    return tuple(shares_of(payer)) if payer else ()


def _set_aside(material: Material) -> Iterator[Pieces]:
    """Yield what to set aside for payments: what suffices in nine draws of ten."""
    if not material.is_run:
        yield material.say(
            RECOMMENDATION["set aside.base"], amount=material.of_base("payments_total")
        )
        return
    if material.payer is None:
        return
    memo = material.results.municipal_budget(material.payer, unit=1.0, lang=material.lang)
    amount, most = (
        float(memo.amount_to_budget(chance).iloc[0].iloc[-1]) for chance in (ENOUGH, NEARLY_SURE)
    )
    if amount <= ROUNDING:
        return
    year = material.case.head.price_year
    prices = Words(da=f"faste {year}-priser", en=f"fixed {year} prices")
    if memo.prices is None:
        prices = Words(da="løbende priser", en="current prices")
    text = material.word(rounded(amount, currency=material.currency))
    call = f"municipal_budget().amount_to_budget({ENOUGH})"
    yield material.say(
        RECOMMENDATION["set aside.sure" if most - amount <= ROUNDING else "set aside"],
        amount=Figure(text, call, "run"),
        prices=material.word(prices),
    )


def _conditions(material: Material) -> Iterator[Pieces]:
    if material.payer is None:
        return
    metric = f"{material.payer}_net"
    told = "net gain" if material.base_value(metric) >= 0 else "net loss"
    yield material.say(
        RECOMMENDATION[told], authority=material.authority, base=material.of_base(metric)
    )
    if material.is_run:
        share = float((material.results.metric(metric) >= -ROUNDING).mean())
        yield material.say(
            RECOMMENDATION["chance"],
            mean=material.of_run(metric, "mean"),
            **material.share(share, of=f"P({metric} >= 0)"),
        )


def _in_brackets(material: Material, path: str) -> str:
    """Return the unit of a quantity after its number; nothing where it has none."""
    unit = material.case.quantities[path].unit
    return f" ({said(unit_words(unit), material.lang)})" if unit else ""


def _turning(material: Material, drivers: Drivers | None) -> Iterator[Block]:
    """Yield which quantities turn the sign of the net result on their own."""
    if drivers is None:
        return
    items = [
        material.say(
            RECOMMENDATION["turns"],
            quantity=called_in_case(material.case, each.path, lang=material.lang),
            value=material.quantity(each.value, each.path),
            base=material.quantity(each.base, each.path),
            unit=_in_brackets(material, each.path),
            net=Figure(
                material.written(each.result, drivers.metric),
                f"{drivers.metric}, {each.path}",
                "base case",
            ),
        )
        for each in list(turning(drivers))[:MOST_TURNING]
    ]
    if items:
        yield Paragraph(material.say(RECOMMENDATION["turn"]))
        yield Bullets(tuple(items))
    else:
        yield Paragraph(material.say(RECOMMENDATION["nothing turns"]))
