"""The problem and the solution: whom it is about, what is done, what is paid for."""

from __future__ import annotations

import numpy as np

from sibsim.core.amounts import rounded
from sibsim.core.wording import day_words, party_words, percent, said
from sibsim.core.words import Words
from sibsim.reports.cash import kept_postings
from sibsim.reports.document.material import Material
from sibsim.reports.document.parts import (
    Block,
    Bullets,
    Figure,
    Paragraph,
    Pieces,
    Row,
    Said,
    Table,
    headed,
)
from sibsim.reports.document.words import CONTENT
from sibsim.reports.payment_table import payment_table
from sibsim.reports.unit_words import unit_words

PEOPLE = "people"
"""Unit of a size that is counted in persons."""


def problem(material: Material) -> tuple[Block, ...]:
    """Return the problem, the target group and its size."""
    case = material.case
    stated, group = case.problem, case.target_group
    assert stated is not None  # noqa: S101 - a case that was run has one
    assert group is not None  # noqa: S101 - as above
    story = case.head.story
    lines = [each for each in (material.word(story).splitlines() if story else ()) if each.strip()]
    size = Figure(material.number(group.size.base_value), "target_group.size", "case")
    unit = group.size.unit or PEOPLE
    count: Pieces = (size, " ", Said(said(unit_words(unit), material.lang)))
    if unit == PEOPLE:
        count = material.say(CONTENT["people"], size=size)
    before, after = material.word(CONTENT["size"]).split("{size}")
    return (
        Bullets(tuple((Said(each.strip()),) for each in lines))
        if lines
        else Paragraph((Said(material.word(stated.text)),)),
        Paragraph(
            (
                *material.say(CONTENT["group"], group=_no_stop(material.word(group.description))),
                " ",
                before,
                *count,
                after,
            )
        ),
    )


def solution(material: Material) -> tuple[Block, ...]:
    """Return the intervention, its cohorts, what is paid for and the rest of the contract."""
    case = material.case
    delivery, stated = case.delivery, case.problem
    assert delivery is not None  # noqa: S101 - a case that was run has one
    assert stated is not None  # noqa: S101 - as above
    months = Figure(str(delivery.programme_months), "delivery.programme_months", "case")
    first = (
        material.say(CONTENT["intervention"], name=_no_stop(material.word(delivery.intervention)))
        if delivery.intervention
        else ()
    )
    blank = (" ",) if first else ()
    delivered = material.say(
        CONTENT["delivered"], months=months, provider=material.party(stated.provider)
    )
    rules = case.describe(material.lang)["rule"]
    others = [str(rule) for part, rule in rules.items() if part not in case.contract.payments]
    return (
        Paragraph((*first, *blank, *delivered)),
        _cohorts(material),
        _costs(material),
        _payments(material),
        Paragraph(material.say(CONTENT["contract"])),
        Bullets(tuple((Said(each),) for each in others)),
    )


def _no_stop(text: str) -> str:
    """Return a text without the full stop that the sentence around it has."""
    return text.strip().removesuffix(".")


def _cohorts(material: Material) -> Table:
    case = material.case
    assert case.delivery is not None  # noqa: S101 - a case that was run has one
    planned = case.delivery.planned(case.served_size)
    rows = []
    for position, (cohort, people) in enumerate(zip(case.delivery.cohorts, planned, strict=True)):
        path = f"delivery.cohorts.{position}"
        rows.append(
            Row(
                (
                    (str(position + 1),),
                    (Figure(material.word(day_words(cohort.start)), f"{path}.start", "case"),),
                    (Figure(material.word(percent(cohort.share)), f"{path}.share", "case"),),
                    (Figure(_people(material, float(people)), f"{path}, planned", "case"),),
                )
            )
        )
    titles = ("cohort", "start", "share", "planned")
    return Table(
        caption=material.word(CONTENT["cohorts"]),
        columns=headed(*(material.word(CONTENT[each]) for each in titles)),
        rows=tuple(rows),
        widths=(1.0, 3.0, 1.5, 2.5),
        numbers=range(2, len(titles)),
    )


def _people(material: Material, people: float) -> str:
    """Return a number of people, in whole where it is whole."""
    return material.number(people, digits=0 if people == round(people) else 1)


def _costs(material: Material) -> Table:
    """Return what each cost line comes to over the case, who pays it, and the total per person."""
    totals: dict[str, float] = {}
    for each in kept_postings(material.results):
        section, _, name = each.line.partition(".")
        if section == "costs" and each.kind == "use":
            shape = (material.case.timeline.periods, material.results.draws)
            amount = float(np.broadcast_to(each.amount, shape).sum(axis=0).mean())
            totals[name] = totals.get(name, 0.0) + amount

    def shown(amount: float, of: str) -> Pieces:
        text = material.word(rounded(amount, currency=material.currency))
        return (Figure(text, of, material.results_basis),)

    rows = []
    for name, amount in totals.items():
        line = material.case.costs[name]
        payer = material.word(CONTENT["the capital"])
        rows.append(
            Row(
                (
                    (Said(*headed(said(line.title or party_words(name), material.lang))),),
                    (material.party(line.payer) if line.payer else payer,),
                    shown(amount, f"costs.{name}, mean"),
                )
            )
        )
    whole, people = sum(totals.values()), float(material.results.metric("participants").mean())
    ends = {"total": whole} | ({"per participant": whole / people} if people > 0 else {})
    for key, amount in ends.items():
        title = headed(material.word(CONTENT[key]))
        rows.append(Row((title, (), shown(amount, f"costs, {key}")), kind="total"))
    draws = material.number(material.results.draws)
    priced = material.word(CONTENT["priced" if material.is_run else "priced.base"])
    return Table(
        caption=material.word(CONTENT["costs"]).format(priced=priced.format(draws=draws)),
        columns=headed(*(material.word(CONTENT[each]) for each in ("cost", "paid by", "amount"))),
        rows=tuple(rows),
        widths=(4.0, 3.0, 2.5),
        numbers=range(2, 3),
        source="results.postings, lines costs.*",
    )


def _payments(material: Material) -> Table:
    frame = payment_table(material.case, lang=material.lang)
    title: Words = CONTENT["payments"]
    return Table(
        caption=material.word(title),
        columns=tuple(str(each) for each in frame.columns),
        rows=tuple(
            Row(tuple((Said(str(cell)),) for cell in row))
            for row in frame.itertuples(index=False, name=None)
        ),
        widths=(3.0, 2.6, 3.4, 7.0),
        numbers=range(0),
        source="payment_table(case)",
    )
