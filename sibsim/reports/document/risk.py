"""The risk: what can go wrong and how often, and what would change the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibsim.core.amounts import rounded
from sibsim.metric_words import METRIC_WORDS
from sibsim.metrics import PUBLIC_PARTIES, ROUNDING
from sibsim.reports import plots
from sibsim.reports.document.drivers import Drivers
from sibsim.reports.document.economy import LONGEST_ALT
from sibsim.reports.document.material import Material
from sibsim.reports.document.more_words import RISK
from sibsim.reports.document.names import called_in_case
from sibsim.reports.document.parts import (
    Block,
    Bullets,
    Figure,
    Paragraph,
    Picture,
    Pieces,
    Row,
    Said,
    Table,
    headed,
    plain,
)
from sibsim.reports.document.text import shortened
from sibsim.reports.document.words import FRONT
from sibsim.results import INVESTOR

WIDEST = 6
"""Quantities that are shown as changing the answer."""

ENDINGS = ("p_investor_loss", "p_total_loss", "p_irr_undefined")
"""Endings nobody wants that every contract may have."""

SHORTFALL = "expected_shortfall"
"""Column of the table of risk: the mean loss in the worst twentieth."""


def risk(material: Material, drivers: Mapping[str, Drivers]) -> tuple[Block, ...]:
    """Return what can go wrong, the pictures of it, and what would change the answer.

    Parameters
    ----------
    material
        The run.
    drivers
        What would change each metric; empty where that is not known.
    """
    return tuple(_risk(material, drivers))


def _risk(material: Material, drivers: Mapping[str, Drivers]) -> Iterator[Block]:
    wrong: tuple[Pieces, ...] = ()
    if material.is_run:
        wrong = (*_endings(material), *_goals(material), *_worst(material))
        yield Paragraph(material.say(RISK["wrong"]))
        yield Bullets(wrong)
    else:
        yield Paragraph(material.say(RISK["no chance"]))
    told = " ".join(plain(each) for each in wrong)
    yield from _pictures(material, told=told)
    if not drivers:
        yield Paragraph(material.say(RISK["no drivers"]))
    for metric, found in drivers.items():
        if found.rows:
            yield _drivers_table(material, metric, found)


def _endings(material: Material) -> Iterator[Pieces]:
    results, terms = material.results, material.case.contract.terms
    if material.payer is not None:
        net = results.metric(f"{material.payer}_net")
        yield material.say(
            RISK["p_payer"],
            party=material.authority,
            **material.share(float((net < -ROUNDING).mean()), of=f"P({material.payer}_net < 0)"),
        )
    endings = [*ENDINGS, *(["p_terminated"] if terms and terms.termination else [])]
    for metric in endings:
        share = float(results.metric(metric).mean())
        if share > 0:
            yield material.say(RISK[metric], **material.share(share, of=f"{metric}, mean"))
    if "limit_bound.contract" in results.metrics:
        share = float(results.metric("limit_bound.contract").mean())
        yield material.say(RISK["limit"], **material.share(share, of="limit_bound.contract, mean"))


def _goals(material: Material) -> Iterator[Pieces]:
    for name, outcome in material.case.outcomes.items():
        metric = f"p_goal.{name}"
        if metric in material.results.metrics:
            share = 1.0 - float(material.results.metric(metric).mean())
            title = material.word(outcome.title) if outcome.title else name
            yield material.say(
                RISK["goal"], title=title, **material.share(share, of=f"1 - {metric}, mean")
            )


def _worst(material: Material) -> Iterator[Pieces]:
    """Yield the mean of the worst twentieth, a loss below zero."""
    losses = material.results.risk()[SHORTFALL]

    def ending(name: str) -> Figure:
        amount = rounded(-float(losses[name]), currency=material.currency)
        return Figure(material.word(amount), f"risk(), {name}, {SHORTFALL}", "run")

    profit = ending("investor_profit")
    if material.payer == PUBLIC_PARTIES[0]:
        yield material.say(
            RISK["worst"],
            party=material.authority,
            amount=ending("municipality_net"),
            profit=profit,
        )
    else:
        yield material.say(RISK["worst investor"], profit=profit)


def _pictures(material: Material, *, told: str) -> Iterator[Picture]:
    results, lang = material.results, material.lang
    if material.is_run and material.payer is not None:
        metric = f"{material.payer}_net"
        caption = material.word(RISK["s_curve"]).format(party=material.authority)
        yield Picture(
            name="s_curve",
            caption=caption,
            alt=shortened(f"{caption}. {told}", LONGEST_ALT),
            draw=lambda ax: plots.s_curve(results, metric, ax=ax, lang=lang),
        )
    for party in (material.payer, INVESTOR):
        if party is not None:
            yield _fan(material, party)


def _fan(material: Material, party: str) -> Picture:
    named = material.word(RISK["investors"]) if party == INVESTOR else material.authority
    caption = material.word(RISK["fan"]).format(party=named)
    metric = "investor_profit" if party == INVESTOR else f"{party}_net"
    base = material.word(FRONT["base"])
    end = f"{material.word(METRIC_WORDS[metric])}: {material.of_base(metric).text} ({base})"
    return Picture(
        name=f"cumulative_cash.{party}",
        caption=caption,
        alt=shortened(f"{caption}. {end}", LONGEST_ALT),
        draw=lambda ax: plots.cumulative_cash(material.results, party, ax=ax, lang=material.lang),
    )


def _drivers_table(material: Material, metric: str, found: Drivers) -> Table:
    def value(amount: float, path: str) -> Pieces:
        return (Figure(material.written(amount, metric), f"{metric}, {path}", "base case"),)

    rows = [
        Row(
            (
                (Said(*headed(called_in_case(material.case, path, lang=material.lang))),),
                (material.quantity(low, path),),
                (material.quantity(base, path),),
                (material.quantity(high, path),),
                value(at_low, path),
                value(at_high, path),
            )
        )
        for path, low, base, high, at_low, at_high in found.rows[:WIDEST]
        if abs(at_high - at_low) > 0
    ]
    titles = ("quantity", "low", "base", "high", "at low", "at high")
    caption = material.word(RISK["drivers of"]).format(
        metric=material.word(METRIC_WORDS[metric]), base=material.written(found.base, metric)
    )
    return Table(
        caption=caption,
        columns=headed(*(material.word(RISK[each]) for each in titles)),
        rows=tuple(rows),
        widths=(5.2, 1.5, 1.5, 1.5, 2.4, 2.4),
        numbers=range(1, len(titles)),
        note=material.word(RISK["drivers note"]).format(number=len(rows)),
        source=f"case.low_base_high('{metric}')",
    )
